use crate::model::{
    Actor, ApplicationId, CorrelationId, NoticeId, PassId, Passkey, PasskeyId, PasskeyType, Place,
    TemporaryAccessPass, TenantId, Timestamp, User, UserId,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a notice tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NoticeKind {
    /// A passkey was registered.
    PasskeyAdded,
    /// Somebody else registered a passkey, and it waits for its owner.
    PasskeyWaiting,
    /// The owner activated a passkey that waited.
    PasskeyActivated,
    /// A passkey got another name.
    PasskeyRenamed,
    /// The owner deleted a passkey.
    PasskeyDeleted,
    /// Somebody else took a passkey away.
    PasskeyRevoked,
    /// A passkey was disabled by rule, because its model is no longer trusted.
    PasskeyQuarantined,
    /// A passkey counts as one factor, because its model is no longer trusted.
    PasskeyStepUpRequired,
    /// The same for the last way in: it is disabled as soon as there is another.
    PasskeyQuarantineDeferred,
    /// A passkey is refused, because no trusted maker vouches for it any more.
    PasskeyRefused,
    /// A passkey is again what it was.
    PasskeyReleased,
    /// A passkey reaches its greatest age soon.
    PasskeyEnding,
    /// A passkey that is not used ends soon.
    PasskeyGoingIdle,
    /// A passkey has reached its end.
    PasskeyEnded,
    /// A passkey was used in a place where it was never used.
    PasskeyNewPlace,
    /// The owner changed the password.
    PasswordChanged,
    /// Somebody else set another password.
    PasswordReset,
    /// The password was removed.
    PasswordRemoved,
    /// One-time codes were set up.
    TotpEnrolled,
    /// One-time codes were removed.
    TotpRemoved,
    /// A Temporary Access Pass was issued.
    PassIssued,
    /// Somebody signed in with the pass.
    PassUsed,
    /// The pass was taken back.
    PassDeleted,
    /// All sessions were ended.
    SessionsRevoked,
    /// The account was disabled.
    AccountDisabled,
    /// The account was enabled.
    AccountEnabled,
    /// The owner said of one of these that it was not them.
    SuspiciousActivityReported,
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: [Self; 27] = [
        Self::PasskeyAdded,
        Self::PasskeyWaiting,
        Self::PasskeyActivated,
        Self::PasskeyRenamed,
        Self::PasskeyDeleted,
        Self::PasskeyRevoked,
        Self::PasskeyQuarantined,
        Self::PasskeyStepUpRequired,
        Self::PasskeyQuarantineDeferred,
        Self::PasskeyRefused,
        Self::PasskeyReleased,
        Self::PasskeyEnding,
        Self::PasskeyGoingIdle,
        Self::PasskeyEnded,
        Self::PasskeyNewPlace,
        Self::PasswordChanged,
        Self::PasswordReset,
        Self::PasswordRemoved,
        Self::TotpEnrolled,
        Self::TotpRemoved,
        Self::PassIssued,
        Self::PassUsed,
        Self::PassDeleted,
        Self::SessionsRevoked,
        Self::AccountDisabled,
        Self::AccountEnabled,
        Self::SuspiciousActivityReported,
    ];

    /// Whether the person it tells about can answer "this wasn't me". Where nothing is left to take
    /// back, or the server itself acted, there is nothing to answer.
    #[must_use]
    pub const fn can_be_disowned(self) -> bool {
        !matches!(
            self,
            Self::PasskeyQuarantined
                | Self::PasskeyStepUpRequired
                | Self::PasskeyQuarantineDeferred
                | Self::PasskeyRefused
                | Self::PasskeyReleased
                | Self::PasskeyEnding
                | Self::PasskeyGoingIdle
                | Self::PasskeyEnded
                | Self::AccountDisabled
                | Self::SuspiciousActivityReported
        )
    }
}

/// Something that a person, or those who look after them, should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// The tenant.
    pub tenant: TenantId,
    /// Its id; the same in every copy.
    pub id: NoticeId,
    /// What happened.
    pub kind: NoticeKind,
    /// When.
    pub at: Timestamp,
    /// To whose account.
    pub user: NoticePerson,
    /// Who did it.
    pub actor: NoticeActor,
    /// What it is about, where it is about one thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<NoticeSubject>,
    /// Where the owner did it from; of others it is nobody's business.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<NoticePlace>,
    /// The language of the owner's browser, if the owner did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Finds the records.
    pub correlation: CorrelationId,
}

/// A person as a notice names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NoticePerson {
    /// The account.
    pub id: UserId,
    /// As it was then.
    pub user_principal_name: String,
    /// As it was then.
    pub display_name: String,
}

/// Who did what a notice tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum NoticeActor {
    /// The owner of the account, or whoever was signed in as them.
    Oneself,
    /// Another person.
    Administrator(NoticePerson),
    /// A program with its own token.
    #[serde(rename_all = "camelCase")]
    Application {
        /// The application.
        id: ApplicationId,
        /// As it was then.
        display_name: String,
    },
    /// The server itself, or an operator at its command line.
    Server {
        /// Which part.
        name: String,
    },
}

/// What a notice is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum NoticeSubject {
    /// A passkey.
    #[serde(rename_all = "camelCase")]
    Passkey {
        /// Which one.
        id: PasskeyId,
        /// As it was then.
        display_name: String,
        /// Its model; all zero when it does not say.
        aaguid: Uuid,
        /// Device-bound or synced.
        passkey_type: PasskeyType,
        /// When it ends, or ended; where the notice is about that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ends: Option<Timestamp>,
        /// Until when it still signs in to be replaced, where that is later.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaced_until: Option<Timestamp>,
    },
    /// A Temporary Access Pass.
    #[serde(rename_all = "camelCase")]
    Pass {
        /// Which one.
        id: PassId,
        /// When it ends, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ends: Option<Timestamp>,
    },
    /// What the owner disowned.
    Notice {
        /// What it had told.
        what: NoticeKind,
    },
}

/// Where something was done from. The device is what the browser says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NoticePlace {
    /// `Firefox, Linux`; unverified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The /24 or /48 of the address.
    pub network: String,
}

impl NoticePerson {
    /// A user as they are now.
    #[must_use]
    pub fn of(user: &User) -> Self {
        Self {
            id: user.id,
            user_principal_name: user.user_principal_name.clone(),
            display_name: user.display_name.clone(),
        }
    }
}

impl NoticeActor {
    /// The actor of a record, as the owner `user` sees them.
    #[must_use]
    pub fn of(actor: &Actor, user: UserId) -> Self {
        match actor {
            Actor::User { id, .. } if *id == user => Self::Oneself,
            Actor::User {
                id,
                display_name,
                user_principal_name,
                ..
            } => Self::Administrator(NoticePerson {
                id: *id,
                user_principal_name: user_principal_name.clone(),
                display_name: display_name.clone(),
            }),
            Actor::App { id, display_name } => Self::Application {
                id: *id,
                display_name: display_name.clone(),
            },
            Actor::Service { name } => Self::Server { name: name.clone() },
        }
    }
}

impl NoticeSubject {
    /// This passkey.
    #[must_use]
    pub fn passkey(passkey: &Passkey) -> Self {
        Self::Passkey {
            id: passkey.id,
            display_name: passkey.display_name.clone(),
            aaguid: passkey.aaguid,
            passkey_type: passkey.passkey_type,
            ends: None,
            replaced_until: None,
        }
    }

    /// This passkey and its end, after which it may still sign in to be replaced.
    #[must_use]
    pub fn ending(passkey: &Passkey, ends: Timestamp, replaced_until: Timestamp) -> Self {
        Self::Passkey {
            id: passkey.id,
            display_name: passkey.display_name.clone(),
            aaguid: passkey.aaguid,
            passkey_type: passkey.passkey_type,
            ends: Some(ends),
            replaced_until: Some(replaced_until).filter(|until| *until > ends),
        }
    }

    /// This pass.
    #[must_use]
    pub const fn pass(pass: &TemporaryAccessPass) -> Self {
        Self::Pass {
            id: pass.id,
            ends: Some(pass.ends()),
        }
    }
}

impl From<&Place> for NoticePlace {
    fn from(place: &Place) -> Self {
        Self {
            device: place.device(),
            network: place.network.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;
    use crate::samples;

    #[test]
    fn a_notice_survives_its_way_through_the_database() {
        let user = samples::user();
        let notice = Notice {
            tenant: user.tenant,
            id: NoticeId::from_bytes([7; 16]),
            kind: NoticeKind::PasskeyAdded,
            at: samples::NOW,
            user: NoticePerson::of(&user),
            actor: NoticeActor::Administrator(NoticePerson::of(&user)),
            subject: Some(NoticeSubject::passkey(&samples::passkey())),
            place: Some(NoticePlace {
                device: None,
                network: "192.0.2.0/24".to_owned(),
            }),
            language: Some("de".to_owned()),
            correlation: CorrelationId::from_bytes([8; 16]),
        };
        let text = serde_json::to_string(&notice).unwrap();
        assert_eq!(serde_json::from_str::<Notice>(&text).unwrap(), notice);
    }

    #[test]
    fn whoever_acts_on_their_own_account_is_themselves() {
        let user = samples::user();
        let actor = |id| Actor::User {
            id,
            display_name: "Grace".to_owned(),
            user_principal_name: "grace@example.org".to_owned(),
            ip_address: "192.0.2.1".to_owned(),
        };
        assert_eq!(
            NoticeActor::of(&actor(user.id), user.id),
            NoticeActor::Oneself
        );
        let other = NoticeActor::of(&actor(UserId::from_bytes([9; 16])), user.id);
        assert!(matches!(other, NoticeActor::Administrator(who) if who.display_name == "Grace"));
    }

    #[test]
    fn what_the_server_did_or_undid_is_not_disowned() {
        let not: Vec<_> = NoticeKind::ALL
            .into_iter()
            .filter(|kind| !kind.can_be_disowned())
            .collect();
        assert_eq!(
            not,
            [
                NoticeKind::PasskeyQuarantined,
                NoticeKind::PasskeyStepUpRequired,
                NoticeKind::PasskeyQuarantineDeferred,
                NoticeKind::PasskeyRefused,
                NoticeKind::PasskeyReleased,
                NoticeKind::PasskeyEnding,
                NoticeKind::PasskeyGoingIdle,
                NoticeKind::PasskeyEnded,
                NoticeKind::AccountDisabled,
                NoticeKind::SuspiciousActivityReported
            ]
        );
    }
}
