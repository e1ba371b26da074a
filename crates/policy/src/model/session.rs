use crate::model::{
    CorrelationId, Mode, PassId, PasskeyId, Prompt, Proof, SessionId, TenantId, Timestamp,
    TokenHash, UserId,
};
use serde::{Deserialize, Serialize};

/// A way to prove who one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Method {
    /// A passkey with user verification: both factors at once.
    Passkey,
    /// A password.
    Password,
    /// A software one-time code (RFC 6238).
    Totp,
    /// A Temporary Access Pass.
    TemporaryAccessPass,
}

impl Method {
    /// The stored form; the names of the Graph enum `authenticationMethodModes`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passkey => "fido2",
            Self::Password => "password",
            Self::Totp => "softwareOath",
            Self::TemporaryAccessPass => "temporaryAccessPass",
        }
    }

    /// The method with this stored form.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Passkey,
            Self::Password,
            Self::Totp,
            Self::TemporaryAccessPass,
        ]
        .into_iter()
        .find(|method| method.as_str() == name)
    }

    /// The method of a mode that this server performs.
    #[must_use]
    pub const fn of_mode(mode: Mode) -> Option<Self> {
        match mode {
            Mode::Fido2 => Some(Self::Passkey),
            Mode::Password => Some(Self::Password),
            Mode::SoftwareOath => Some(Self::Totp),
            Mode::TemporaryAccessPassOneTime | Mode::TemporaryAccessPassMultiUse => {
                Some(Self::TemporaryAccessPass)
            }
            _ => None,
        }
    }

    /// The methods of these proofs, in order.
    #[must_use]
    pub fn of_proofs(proofs: &[Proof]) -> Vec<Self> {
        proofs
            .iter()
            .filter_map(|proof| Self::of_mode(proof.mode))
            .collect()
    }

    /// What the sign-in log calls it.
    #[must_use]
    pub const fn display_name(self) -> &'static str {
        match self {
            Self::Passkey => "Passkey",
            Self::Password => "Password",
            Self::Totp => "Software OATH",
            Self::TemporaryAccessPass => "Temporary Access Pass",
        }
    }
}

/// Why a session or grant ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EndReason {
    /// The user signed out here.
    SignedOut,
    /// The user or an administrator ended all sessions.
    SessionsRevoked,
    /// The passkey that opened it was removed.
    PasskeyRevoked,
    /// The passkey that opened it was put in quarantine, or counts as one factor now.
    PasskeyQuarantined,
    /// The pass that opened it was deleted or replaced.
    PassEnded,
    /// The account was disabled.
    UserDisabled,
    /// The password was changed.
    PasswordChanged,
    /// A later sign-in in the same browser took its place.
    Replaced,
}

impl EndReason {
    /// The stored form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signedOut",
            Self::SessionsRevoked => "sessionsRevoked",
            Self::PasskeyRevoked => "passkeyRevoked",
            Self::PasskeyQuarantined => "passkeyQuarantined",
            Self::PassEnded => "passEnded",
            Self::UserDisabled => "userDisabled",
            Self::PasswordChanged => "passwordChanged",
            Self::Replaced => "replaced",
        }
    }

    /// The reason with this stored form.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::SignedOut,
            Self::SessionsRevoked,
            Self::PasskeyRevoked,
            Self::PasskeyQuarantined,
            Self::PassEnded,
            Self::UserDisabled,
            Self::PasswordChanged,
            Self::Replaced,
        ]
        .into_iter()
        .find(|reason| reason.as_str() == name)
    }
}

/// A browser session. It knows what opened it, so that revoking a key ends exactly what it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The tenant it belongs to.
    pub tenant: TenantId,
    /// Its public name (`sid`).
    pub id: SessionId,
    /// SHA-256 of the cookie value.
    pub token: TokenHash,
    /// Whose it is.
    pub user: UserId,
    /// The passkey that opened it.
    pub passkey: Option<PasskeyId>,
    /// The pass that opened it.
    pub pass: Option<PassId>,
    /// Everything proved in it, in order.
    pub proofs: Vec<Proof>,
    /// The last interactive authentication (`auth_time`).
    pub authenticated: Timestamp,
    /// The last moment at which two factors (or a passkey) were proved.
    pub mfa: Option<Timestamp>,
    /// When it was opened.
    pub created: Timestamp,
    /// The last request seen (kept to the minute, so that reading does not always write).
    pub last_seen: Timestamp,
    /// The first moment at which it is dead whatever happens.
    pub expires: Timestamp,
    /// "Stay signed in": no idle limit.
    pub keep_signed_in: bool,
    /// As sent; unverified.
    pub user_agent: String,
    /// Where it was opened from.
    pub ip_address: String,
    /// When and why it was ended early.
    pub ended: Option<(Timestamp, EndReason)>,
}

impl Session {
    /// The methods shown in it, in order.
    #[must_use]
    pub fn methods(&self) -> Vec<Method> {
        Method::of_proofs(&self.proofs)
    }
}

impl SignInAttempt {
    /// The methods shown so far, in order.
    #[must_use]
    pub fn methods(&self) -> Vec<Method> {
        Method::of_proofs(&self.proofs)
    }
}

/// A sign-in between its first and its second factor. A row, because it carries what was proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInAttempt {
    /// The tenant it belongs to.
    pub tenant: TenantId,
    /// SHA-256 of the attempt's cookie value.
    pub token: TokenHash,
    /// Who is signing in.
    pub user: UserId,
    /// What was proved so far, in order.
    pub proofs: Vec<Proof>,
    /// The pass that was used.
    pub pass: Option<PassId>,
    /// The user's version when the attempt began; a change since then ends it.
    pub user_version: i64,
    /// The person wishes to stay signed in.
    pub keep_signed_in: bool,
    /// The prompt of a campaign at which it waits.
    pub prompt: Option<Prompt>,
    /// The attempt as the log knows it.
    pub correlation: CorrelationId,
    /// When it began.
    pub created: Timestamp,
    /// When it is too old to go on.
    pub expires: Timestamp,
}

/// Wrong answers of one source for one user and method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Failures {
    /// Wrong answers in the running window.
    pub count: i64,
    /// When the running window began.
    pub since: Option<Timestamp>,
    /// The last wrong answer.
    pub last: Option<Timestamp>,
}
