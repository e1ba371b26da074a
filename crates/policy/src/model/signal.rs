use crate::model::{
    ApplicationId, CompromiseReason, CorrelationId, EndReason, Notice, NoticeActor, NoticeKind,
    NoticeSubject, PasskeyType, SessionId, StreamId, TenantId, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A kind of security event that other systems are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignalKind {
    /// CAEP: sessions ended before their time.
    SessionRevoked,
    /// CAEP: a way to sign in was added, changed or taken away.
    CredentialChange,
    /// CAEP: a way to sign in is worth more or less than it was.
    AssuranceLevelChange,
    /// RISC: an account was disabled.
    AccountDisabled,
    /// RISC: an account was enabled.
    AccountEnabled,
    /// RISC: an account was deleted.
    AccountPurged,
    /// RISC: bad news about a way to sign in.
    CredentialCompromise,
    /// SSF: proves that a stream works.
    Verification,
    /// SSF: the transmitter changed the status of a stream.
    StreamUpdated,
}

impl SignalKind {
    /// What a receiver can ask for, in the order in which it is listed.
    pub const OFFERED: [Self; 7] = [
        Self::SessionRevoked,
        Self::CredentialChange,
        Self::AssuranceLevelChange,
        Self::AccountDisabled,
        Self::AccountEnabled,
        Self::AccountPurged,
        Self::CredentialCompromise,
    ];

    /// The event type URI.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::SessionRevoked => {
                "https://schemas.openid.net/secevent/caep/event-type/session-revoked"
            }
            Self::CredentialChange => {
                "https://schemas.openid.net/secevent/caep/event-type/credential-change"
            }
            Self::AssuranceLevelChange => {
                "https://schemas.openid.net/secevent/caep/event-type/assurance-level-change"
            }
            Self::AccountDisabled => {
                "https://schemas.openid.net/secevent/risc/event-type/account-disabled"
            }
            Self::AccountEnabled => {
                "https://schemas.openid.net/secevent/risc/event-type/account-enabled"
            }
            Self::AccountPurged => {
                "https://schemas.openid.net/secevent/risc/event-type/account-purged"
            }
            Self::CredentialCompromise => {
                "https://schemas.openid.net/secevent/risc/event-type/credential-compromise"
            }
            Self::Verification => "https://schemas.openid.net/secevent/ssf/event-type/verification",
            Self::StreamUpdated => {
                "https://schemas.openid.net/secevent/ssf/event-type/stream-updated"
            }
        }
    }

    /// The kind that a receiver asks for with this URI.
    #[must_use]
    pub fn offered(uri: &str) -> Option<Self> {
        Self::OFFERED.into_iter().find(|kind| kind.uri() == uri)
    }
}

/// Who made it happen (CAEP `initiating_entity`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Initiator {
    /// An administrator, or a program with an administrator's rights.
    Admin,
    /// The person.
    User,
    /// A rule.
    Policy,
    /// The server.
    System,
}

/// What became of a way to sign in (CAEP `change_type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CredentialChange {
    /// It was added.
    Create,
    /// It is refused from now on.
    Revoke,
    /// It was changed, or counts again.
    Update,
    /// It was removed.
    Delete,
}

/// A way to sign in, as CAEP calls it (`credential_type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CredentialType {
    /// A password.
    #[serde(rename = "password")]
    Password,
    /// A generator of one-time codes.
    #[serde(rename = "app")]
    App,
    /// A passkey that a provider keeps and copies to the person's devices.
    #[serde(rename = "fido2-platform")]
    Fido2Platform,
    /// A passkey that stays in one authenticator.
    #[serde(rename = "fido2-roaming")]
    Fido2Roaming,
}

/// The way to sign in that a signal is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalCredential {
    /// Which kind.
    #[serde(rename = "type")]
    pub kind: CredentialType,
    /// The model of an authenticator that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aaguid: Option<Uuid>,
    /// What its owner calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// The status of a stream (SSF section 8.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StreamStatus {
    /// Events are delivered.
    Enabled,
    /// Events are kept for later.
    Paused,
    /// Events are dropped.
    Disabled,
}

impl StreamStatus {
    /// The stored form, which is the one of the specification.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Paused => "paused",
            Self::Disabled => "disabled",
        }
    }

    /// The status with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Enabled, Self::Paused, Self::Disabled]
            .into_iter()
            .find(|status| status.as_str() == name)
    }
}

/// How a receiver wants people to be named (RFC 9493).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectFormat {
    /// Issuer and the `sub` of the receiver's own ID tokens.
    IssSub,
    /// Our id of the person (`oid`).
    Opaque,
    /// Their mail address, else their user principal name.
    Email,
}

impl SubjectFormat {
    /// The stored form, which is the one of the specification.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IssSub => "iss_sub",
            Self::Opaque => "opaque",
            Self::Email => "email",
        }
    }

    /// The format with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::IssSub, Self::Opaque, Self::Email]
            .into_iter()
            .find(|format| format.as_str() == name)
    }
}

/// A stream as its receiver configured it, without the secret it may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    /// The tenant whose events it carries.
    pub tenant: TenantId,
    /// Its id.
    pub id: StreamId,
    /// The receiver: the application that made it, and the audience of what it gets.
    pub application: ApplicationId,
    /// Where events are pushed to; without it they are polled for.
    pub endpoint: Option<String>,
    /// What was asked for, known here or not.
    pub requested: Vec<String>,
    /// How people are named.
    pub format: SubjectFormat,
    /// What the receiver calls it.
    pub description: Option<String>,
    /// Whether it flows.
    pub status: StreamStatus,
    /// Why it does not.
    pub reason: String,
    /// When it was made.
    pub created: Timestamp,
}

impl Stream {
    /// Whether a signal of this kind belongs on it. What is about the stream itself always does.
    #[must_use]
    pub fn carries(&self, kind: SignalKind) -> bool {
        matches!(kind, SignalKind::Verification | SignalKind::StreamUpdated)
            || self.requested.iter().any(|uri| uri == kind.uri())
    }

    /// What was asked for and is known here.
    #[must_use]
    pub fn delivered(&self) -> Vec<SignalKind> {
        let mut kinds: Vec<_> = self
            .requested
            .iter()
            .filter_map(|uri| SignalKind::offered(uri))
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }
}

/// What happened, as it is kept until it was delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Signal {
    /// A session ended before its time; without `session`, all of the person's.
    SessionRevoked {
        /// Which one: the `sid` of tokens.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session: Option<SessionId>,
        /// Why.
        reason: EndReason,
    },
    /// A way to sign in was added, changed or taken away.
    CredentialChange {
        /// What became of it.
        change: CredentialChange,
        /// Which one.
        credential: SignalCredential,
        /// Who did it.
        by: Initiator,
    },
    /// A passkey counts as one factor from now on (`to` 1), or again for what it is.
    AssuranceLevelChange {
        /// NIST authenticator assurance level before.
        from: u8,
        /// And now.
        to: u8,
        /// Who did it.
        by: Initiator,
    },
    /// Bad news about a way to sign in.
    CredentialCompromise {
        /// Which one.
        credential: SignalCredential,
        /// The news, where they are known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<CompromiseReason>,
    },
    /// The account was disabled.
    AccountDisabled,
    /// The account was enabled.
    AccountEnabled,
    /// The account was deleted.
    AccountPurged,
    /// A test that the receiver asked for.
    Verification {
        /// What it sent to recognise it by.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        state: Option<String>,
    },
    /// We changed the status of the stream.
    StreamUpdated {
        /// What it is now.
        status: StreamStatus,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
}

impl Signal {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> SignalKind {
        match self {
            Self::SessionRevoked { .. } => SignalKind::SessionRevoked,
            Self::CredentialChange { .. } => SignalKind::CredentialChange,
            Self::AssuranceLevelChange { .. } => SignalKind::AssuranceLevelChange,
            Self::CredentialCompromise { .. } => SignalKind::CredentialCompromise,
            Self::AccountDisabled => SignalKind::AccountDisabled,
            Self::AccountEnabled => SignalKind::AccountEnabled,
            Self::AccountPurged => SignalKind::AccountPurged,
            Self::Verification { .. } => SignalKind::Verification,
            Self::StreamUpdated { .. } => SignalKind::StreamUpdated,
        }
    }

    /// What other systems should know of a change that its owner is told of. Ended sessions are not here: they have
    /// signals of their own, from where they are ended.
    #[must_use]
    pub fn of_notice(notice: &Notice) -> Vec<Self> {
        let by = initiator(notice);
        let change = |change, credential| Self::CredentialChange {
            change,
            credential,
            by,
        };
        let passkey = |what| passkey_of(notice).map(|key| change(what, key));
        let password = |what| Some(change(what, plain(CredentialType::Password)));
        let codes = |what| Some(change(what, plain(CredentialType::App)));
        let compromised = passkey_of(notice).map(|credential| Self::CredentialCompromise {
            credential,
            reason: None,
        });
        let level = |from, to| Some(Self::AssuranceLevelChange { from, to, by });
        let whole = whole_level(notice);
        let told = match notice.kind {
            // One that waits for its owner opens nothing yet.
            NoticeKind::PasskeyAdded | NoticeKind::PasskeyActivated => {
                [passkey(CredentialChange::Create), None]
            }
            NoticeKind::PasskeyRenamed => [passkey(CredentialChange::Update), None],
            NoticeKind::PasskeyDeleted => [passkey(CredentialChange::Delete), None],
            NoticeKind::PasskeyRevoked => [passkey(CredentialChange::Revoke), None],
            NoticeKind::PasskeyQuarantined => [passkey(CredentialChange::Revoke), compromised],
            NoticeKind::PasskeyRefused | NoticeKind::PasskeyEnded => {
                [passkey(CredentialChange::Revoke), None]
            }
            NoticeKind::PasskeyReleased => [passkey(CredentialChange::Update), None],
            NoticeKind::PasskeyStepUpRequired | NoticeKind::PasskeyQuarantineDeferred => {
                [level(whole, 1), compromised]
            }
            NoticeKind::PasswordChanged | NoticeKind::PasswordReset => {
                [password(CredentialChange::Update), None]
            }
            NoticeKind::PasswordRemoved => [password(CredentialChange::Delete), None],
            NoticeKind::TotpEnrolled => [codes(CredentialChange::Create), None],
            NoticeKind::TotpRemoved => [codes(CredentialChange::Delete), None],
            NoticeKind::AccountDisabled => [Some(Self::AccountDisabled), None],
            NoticeKind::AccountEnabled => [Some(Self::AccountEnabled), None],
            // Nothing changed yet, it is nobody's business, or it has a signal of its own.
            NoticeKind::PasskeyWaiting
            | NoticeKind::PasskeyEnding
            | NoticeKind::PasskeyGoingIdle
            | NoticeKind::PasskeyNewPlace
            | NoticeKind::PassIssued
            | NoticeKind::PassUsed
            | NoticeKind::PassDeleted
            | NoticeKind::SessionsRevoked
            | NoticeKind::SuspiciousActivityReported => [None, None],
        };
        told.into_iter().flatten().collect()
    }
}

/// A signal on its way along one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedSignal {
    /// The stream.
    pub stream: StreamId,
    /// Its place in the stream: 1 and up, without gaps.
    pub number: i64,
    /// Whom it is about; nobody where it is about the stream.
    pub user: Option<UserId>,
    /// Their address, where the stream names people by it.
    pub address: Option<String>,
    /// When it happened.
    pub at: Timestamp,
    /// Finds the records, where it came with one.
    pub correlation: Option<CorrelationId>,
    /// What happened.
    pub signal: Signal,
}

fn initiator(notice: &Notice) -> Initiator {
    match notice.actor {
        NoticeActor::Oneself => Initiator::User,
        NoticeActor::Administrator(_) | NoticeActor::Application { .. } => Initiator::Admin,
        NoticeActor::Server { .. } => match notice.kind {
            NoticeKind::PasskeyQuarantined
            | NoticeKind::PasskeyStepUpRequired
            | NoticeKind::PasskeyQuarantineDeferred
            | NoticeKind::PasskeyRefused
            | NoticeKind::PasskeyReleased
            | NoticeKind::PasskeyEnded => Initiator::Policy,
            _ => Initiator::System,
        },
    }
}

const fn plain(kind: CredentialType) -> SignalCredential {
    SignalCredential {
        kind,
        aaguid: None,
        name: None,
    }
}

fn passkey_of(notice: &Notice) -> Option<SignalCredential> {
    match &notice.subject {
        Some(NoticeSubject::Passkey {
            display_name,
            aaguid,
            passkey_type,
            ..
        }) => Some(SignalCredential {
            kind: match passkey_type {
                PasskeyType::Synced => CredentialType::Fido2Platform,
                PasskeyType::DeviceBound => CredentialType::Fido2Roaming,
            },
            aaguid: Some(*aaguid).filter(|aaguid| !aaguid.is_nil()),
            name: Some(display_name.clone()),
        }),
        _ => None,
    }
}

/// The assurance level of the passkey when nothing is wrong with it (NIST SP 800-63B-4: a key that can be copied reaches
/// level 2).
fn whole_level(notice: &Notice) -> u8 {
    match &notice.subject {
        Some(NoticeSubject::Passkey {
            passkey_type: PasskeyType::DeviceBound,
            ..
        }) => 3,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;
    use crate::model::{NoticeId, NoticePerson};
    use crate::samples;

    fn notice(kind: NoticeKind) -> Notice {
        let user = samples::user();
        Notice {
            tenant: user.tenant,
            id: NoticeId::from_bytes([7; 16]),
            kind,
            at: samples::NOW,
            user: NoticePerson::of(&user),
            actor: NoticeActor::Server {
                name: "passkey lifecycle".to_owned(),
            },
            subject: Some(NoticeSubject::passkey(&samples::passkey())),
            place: None,
            language: None,
            correlation: CorrelationId::from_bytes([8; 16]),
        }
    }

    #[test]
    fn what_ends_a_way_in_is_told_to_others() {
        for (kind, told) in [
            (NoticeKind::PasskeyAdded, CredentialChange::Create),
            (NoticeKind::PasskeyDeleted, CredentialChange::Delete),
            (NoticeKind::PasskeyRevoked, CredentialChange::Revoke),
            (NoticeKind::PasskeyQuarantined, CredentialChange::Revoke),
            (NoticeKind::PasskeyEnded, CredentialChange::Revoke),
            (NoticeKind::PasswordReset, CredentialChange::Update),
            (NoticeKind::TotpRemoved, CredentialChange::Delete),
        ] {
            let signals = Signal::of_notice(&notice(kind));
            let Some(Signal::CredentialChange { change, .. }) = signals.first() else {
                unreachable!("{kind:?}: {signals:?}");
            };
            assert_eq!(*change, told, "{kind:?}");
        }
        let worth_less = Signal::of_notice(&notice(NoticeKind::PasskeyStepUpRequired));
        assert_eq!(worth_less.len(), 2);
        assert!(matches!(
            worth_less.first(),
            Some(Signal::AssuranceLevelChange {
                to: 1,
                by: Initiator::Policy,
                ..
            })
        ));
    }

    #[test]
    fn a_signal_survives_its_way_through_the_database() {
        for kind in NoticeKind::ALL {
            for signal in Signal::of_notice(&notice(kind)) {
                let text = serde_json::to_string(&signal).unwrap();
                assert_eq!(serde_json::from_str::<Signal>(&text).unwrap(), signal);
            }
        }
    }

    #[test]
    fn a_stream_carries_what_was_asked_for_and_what_is_about_itself() {
        let stream = Stream {
            tenant: samples::user().tenant,
            id: StreamId::from_bytes([1; 16]),
            application: ApplicationId::from_bytes([2; 16]),
            endpoint: None,
            requested: vec![
                SignalKind::SessionRevoked.uri().to_owned(),
                "https://example.com/unknown".to_owned(),
            ],
            format: SubjectFormat::IssSub,
            description: None,
            status: StreamStatus::Enabled,
            reason: String::new(),
            created: samples::NOW,
        };
        assert!(stream.carries(SignalKind::SessionRevoked));
        assert!(stream.carries(SignalKind::Verification));
        assert!(!stream.carries(SignalKind::CredentialChange));
        assert_eq!(stream.delivered(), [SignalKind::SessionRevoked]);
    }
}
