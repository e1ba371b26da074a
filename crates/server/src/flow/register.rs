//! Registering a passkey: on the security info page, or in the interrupt of a sign-in. One flow for both.

use axum::http::StatusCode;
use ceremony::CreationOptions;
use policy::model::{Passkey, PasskeyId, User};

use super::challenge::ChallengeRefusal;
use super::context::OpenContext;
use super::refusal::Refused;
use super::{Caller, Step};
use crate::app::AppState;
use crate::web::{CurrentAttempt, CurrentSession, Problem};

/// On whose authority a passkey is registered.
#[derive(Clone, Copy, Debug)]
pub enum Registrant<'a> {
    /// A signed-in user, on the security info page.
    Session(&'a CurrentSession),
    /// A user between the factors of a sign-in.
    Attempt(&'a CurrentAttempt, &'a OpenContext),
}

impl Registrant<'_> {
    /// Whose passkey it will be.
    pub fn user(&self) -> &User {
        match self {
            Self::Session(session) => &session.user,
            Self::Attempt(attempt, _) => &attempt.user,
        }
    }
}

/// Why a registration was refused.
#[derive(Clone, Debug)]
pub enum RegisterRefusal {
    /// The challenge is not one that may be used here.
    Challenge(ChallengeRefusal),
    /// The challenge was used before.
    ChallengeSpent,
    /// The attestation was refused.
    Ceremony(ceremony::Refusal),
    /// Policy says no.
    Denied {
        /// Stable code.
        code: &'static str,
        /// For the user.
        user: String,
        /// For the administrator.
        admin: String,
    },
    /// The passkey is registered already, for this or another account.
    AlreadyRegistered,
    /// The name is empty or longer than 64 characters.
    NameInvalid,
    /// No such passkey of this user.
    NotFound,
    /// Something else changed the account at the same moment, twice.
    Contended,
    /// Our own fault.
    Internal(String),
}

impl Refused for RegisterRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Challenge(refusal) => refusal.code(),
            Self::ChallengeSpent => "challenge_spent",
            Self::Ceremony(refusal) => refusal.code(),
            Self::Denied { code, .. } => code,
            Self::AlreadyRegistered => "already_registered",
            Self::NameInvalid => "name_invalid",
            Self::NotFound => "not_found",
            Self::Contended => "contended",
            Self::Internal(_) => "internal",
        }
    }

    fn user_sentence(&self) -> String {
        match self {
            Self::Challenge(_) | Self::ChallengeSpent => "This request was already used or is too old. Please try again.".to_owned(),
            Self::Ceremony(_) => "Your passkey could not be verified, so it was not added. Please try again or use another device.".to_owned(),
            Self::Denied { user, .. } => user.clone(),
            Self::AlreadyRegistered => "This passkey is registered already.".to_owned(),
            Self::NameInvalid => "A name has 1 to 64 characters.".to_owned(),
            Self::NotFound => "There is no such passkey.".to_owned(),
            Self::Contended => "Your account was being changed at the same moment. Please try again.".to_owned(),
            Self::Internal(_) => "Something went wrong on our side. Please try again.".to_owned(),
        }
    }

    fn admin_sentence(&self) -> String {
        match self {
            Self::Challenge(refusal) => format!("The challenge was refused: {}.", refusal.code()),
            Self::Ceremony(refusal) => format!("The registration was refused: {}.", refusal.code()),
            Self::Denied { admin, .. } => admin.clone(),
            Self::Internal(why) => why.clone(),
            other => other.user_sentence(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Denied { .. } => StatusCode::FORBIDDEN,
            Self::AlreadyRegistered | Self::Contended => StatusCode::CONFLICT,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Challenge(_) | Self::ChallengeSpent | Self::Ceremony(_) | Self::NameInvalid => {
                StatusCode::BAD_REQUEST
            }
        }
    }
}

impl From<RegisterRefusal> for Problem {
    fn from(refusal: RegisterRefusal) -> Self {
        refusal.problem()
    }
}

impl From<ChallengeRefusal> for RegisterRefusal {
    fn from(refusal: ChallengeRefusal) -> Self {
        Self::Challenge(refusal)
    }
}

/// A registered passkey and, in an interrupt, how the sign-in goes on.
#[derive(Clone, Debug)]
pub struct RegisteredPasskey {
    /// As stored.
    pub passkey: Passkey,
    /// The rest of the sign-in; `None` on the security info page.
    pub step: Option<Step>,
}

/// What will be refused, said before the user touches the key.
pub async fn preflight(app: &AppState, registrant: Registrant<'_>) -> Result<(), RegisterRefusal> {
    let _ = (app, registrant);
    Err(RegisterRefusal::Internal("not built yet".to_owned()))
}

/// Options for `navigator.credentials.create`.
pub async fn begin(
    app: &AppState,
    caller: &Caller,
    registrant: Registrant<'_>,
) -> Result<CreationOptions, RegisterRefusal> {
    let _ = (app, caller, registrant);
    Err(RegisterRefusal::Internal("not built yet".to_owned()))
}

/// Finishes a registration: `response` is the JSON of `PublicKeyCredential.toJSON()`. Without a name the passkey is named
/// after its kind.
pub async fn finish(
    app: &AppState,
    caller: &Caller,
    registrant: Registrant<'_>,
    response: &[u8],
    name: Option<&str>,
) -> Result<RegisteredPasskey, RegisterRefusal> {
    let _ = (app, caller, registrant, response, name);
    Err(RegisterRefusal::Internal("not built yet".to_owned()))
}

/// Renames a passkey of the signed-in user.
pub async fn rename(
    app: &AppState,
    caller: &Caller,
    session: &CurrentSession,
    passkey: PasskeyId,
    name: &str,
) -> Result<(), RegisterRefusal> {
    let _ = (app, caller, session, passkey, name);
    Err(RegisterRefusal::Internal("not built yet".to_owned()))
}
