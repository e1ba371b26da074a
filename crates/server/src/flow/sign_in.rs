//! Signing in: passkey, password and one-time code, Temporary Access Pass.

use axum::http::StatusCode;
use ceremony::RequestOptions;
use policy::model::{Method, Passkey};

use super::challenge::ChallengeRefusal;
use super::context::OpenContext;
use super::refusal::Refused;
use super::{Caller, Next, SecretText, Step};
use crate::app::AppState;
use crate::web::problem::Signal;
use crate::web::{CurrentAttempt, CurrentSession, Problem};

/// Why a sign-in went no further.
#[derive(Clone, Debug)]
pub enum SignInRefusal {
    /// The sealed context was changed, cut or made elsewhere.
    ContextInvalid,
    /// The sign-in page was open for too long.
    ContextExpired,
    /// The challenge is not one that may be used here.
    Challenge(ChallengeRefusal),
    /// The challenge was used before.
    ChallengeSpent,
    /// No passkey with this id is registered in the tenant.
    UnknownCredential {
        /// The relying party id.
        rp_id: String,
        /// base64url of what was presented.
        credential_id: String,
    },
    /// The passkey was disabled by an administrator.
    PasskeyDisabled,
    /// The assertion was refused.
    Ceremony(ceremony::Refusal),
    /// Name, password, code or pass do not fit; deliberately not said which.
    WrongCredentials(Method),
    /// The one-time code was used before.
    CodeReplayed,
    /// Too many wrong answers from this network for this account.
    TooManyFailures {
        /// Seconds to wait.
        retry_after: i64,
    },
    /// The account is disabled.
    UserDisabled,
    /// There is no sign-in to go on with, or it is too old.
    AttemptExpired,
    /// Skipping the registration is not allowed.
    SkipNotAllowed,
    /// Something else changed the account at the same moment, twice.
    Contended,
    /// Our own fault.
    Internal(String),
}

impl Refused for SignInRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::ContextInvalid => "sign_in_context_invalid",
            Self::ContextExpired => "sign_in_expired",
            Self::Challenge(refusal) => refusal.code(),
            Self::ChallengeSpent => "challenge_spent",
            Self::UnknownCredential { .. } => "unknown_credential",
            Self::PasskeyDisabled => "passkey_disabled",
            Self::Ceremony(refusal) => refusal.code(),
            Self::WrongCredentials(_) => "wrong_credentials",
            Self::CodeReplayed => "code_replayed",
            Self::TooManyFailures { .. } => "too_many_failures",
            Self::UserDisabled => "user_disabled",
            Self::AttemptExpired => "attempt_expired",
            Self::SkipNotAllowed => "skip_not_allowed",
            Self::Contended => "contended",
            Self::Internal(_) => "internal",
        }
    }

    fn user_sentence(&self) -> String {
        match self {
            Self::ContextInvalid => "This sign-in link is not valid. Go back to the application and start again.",
            Self::ContextExpired | Self::AttemptExpired => "This sign-in took too long. Please start again.",
            Self::Challenge(_) | Self::ChallengeSpent => "This sign-in request was already used or is too old. Please try again.",
            Self::UnknownCredential { .. } => {
                "This passkey is not registered here any more. Use another way to sign in, and remove it from your device."
            }
            Self::PasskeyDisabled => "This passkey has been disabled. Use another way to sign in or ask your administrator.",
            Self::Ceremony(_) => "Your passkey could not be verified. Please try again or use another way to sign in.",
            Self::WrongCredentials(Method::TemporaryAccessPass) => "The name or the pass is not right, or the pass has ended.",
            Self::WrongCredentials(Method::Totp) => "The code is not right. Wait for the next one and try again.",
            Self::WrongCredentials(_) => "The name or the password is not right.",
            Self::CodeReplayed => "This code was used already. Wait for the next one and try again.",
            Self::TooManyFailures { .. } => "Too many wrong answers. Wait a while, or sign in with a passkey.",
            Self::UserDisabled => "Your account is disabled. Ask your administrator.",
            Self::SkipNotAllowed => "Your organisation requires a passkey. Please set one up to go on.",
            Self::Contended => "Your account was being changed at the same moment. Please try again.",
            Self::Internal(_) => "Something went wrong on our side. Please try again.",
        }
        .to_owned()
    }

    fn admin_sentence(&self) -> String {
        match self {
            Self::Challenge(refusal) => format!("The challenge was refused: {}.", refusal.code()),
            Self::ChallengeSpent => {
                "The challenge had been used before: a repeated or replayed request.".to_owned()
            }
            Self::UnknownCredential { credential_id, .. } => {
                format!(
                    "No passkey with credential id {credential_id} is registered: removed, or never ours."
                )
            }
            Self::Ceremony(refusal) => format!("The assertion was refused: {}.", refusal.code()),
            Self::WrongCredentials(method) => format!("Wrong name or {}.", method.display_name()),
            Self::TooManyFailures { retry_after } => {
                format!("Throttled after wrong answers; {retry_after} s to wait.")
            }
            Self::Internal(why) => why.clone(),
            other => other.user_sentence(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::ContextInvalid
            | Self::ContextExpired
            | Self::Challenge(_)
            | Self::ChallengeSpent => StatusCode::BAD_REQUEST,
            Self::TooManyFailures { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Contended => StatusCode::CONFLICT,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Ceremony(_)
            | Self::WrongCredentials(_)
            | Self::CodeReplayed
            | Self::AttemptExpired => StatusCode::UNAUTHORIZED,
            Self::UnknownCredential { .. } => StatusCode::UNAUTHORIZED,
            Self::PasskeyDisabled | Self::UserDisabled | Self::SkipNotAllowed => {
                StatusCode::FORBIDDEN
            }
        }
    }

    fn retry_after(&self) -> Option<i64> {
        match self {
            Self::TooManyFailures { retry_after } => Some(*retry_after),
            _ => None,
        }
    }

    fn signal(&self) -> Option<Signal> {
        match self {
            Self::UnknownCredential {
                rp_id,
                credential_id,
            } => Some(Signal::UnknownCredential {
                rp_id: rp_id.clone(),
                credential_id: credential_id.clone(),
            }),
            _ => None,
        }
    }
}

impl From<SignInRefusal> for Problem {
    fn from(refusal: SignInRefusal) -> Self {
        refusal.problem()
    }
}

impl From<ChallengeRefusal> for SignInRefusal {
    fn from(refusal: ChallengeRefusal) -> Self {
        Self::Challenge(refusal)
    }
}

/// Options for `navigator.credentials.get`. The same for every name, known or not: passkeys here are discoverable, so
/// nothing has to be listed and nothing is given away.
pub async fn begin_passkey(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
) -> Result<RequestOptions, SignInRefusal> {
    let _ = (app, caller, context);
    Err(SignInRefusal::Internal("not built yet".to_owned()))
}

/// Finishes a passkey sign-in: `response` is the JSON of `PublicKeyCredential.toJSON()`.
pub async fn finish_passkey(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    response: &[u8],
) -> Result<Step, SignInRefusal> {
    let _ = (app, caller, context, response);
    Err(SignInRefusal::Internal("not built yet".to_owned()))
}

/// Checks a password. Costs the same for unknown names.
pub async fn password(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    name: &str,
    password: SecretText,
) -> Result<Step, SignInRefusal> {
    let _ = (app, caller, context, name, password);
    Err(SignInRefusal::Internal("not built yet".to_owned()))
}

/// Checks the one-time code of an attempt whose password was right.
pub async fn totp(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    attempt: &CurrentAttempt,
    code: SecretText,
) -> Result<Step, SignInRefusal> {
    let _ = (app, caller, context, attempt, code);
    Err(SignInRefusal::Internal("not built yet".to_owned()))
}

/// Checks a Temporary Access Pass.
pub async fn pass(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    name: &str,
    pass: SecretText,
) -> Result<Step, SignInRefusal> {
    let _ = (app, caller, context, name, pass);
    Err(SignInRefusal::Internal("not built yet".to_owned()))
}

/// Goes on without registering, where that is allowed.
pub async fn skip_registration(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    attempt: &CurrentAttempt,
) -> Result<Step, SignInRefusal> {
    let _ = (app, caller, context, attempt);
    Err(SignInRefusal::Internal("not built yet".to_owned()))
}

/// Issues a code (or just leads on) in a session that is there already: single sign-on.
pub async fn single_sign_on(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    session: &CurrentSession,
) -> Result<Next, SignInRefusal> {
    let _ = (app, caller, context, session);
    Err(SignInRefusal::Internal("not built yet".to_owned()))
}

/// What a finished registration in an interrupt leads to.
pub(super) async fn after_registration(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    attempt: &CurrentAttempt,
    passkey: &Passkey,
) -> Result<Step, SignInRefusal> {
    let _ = (app, caller, context, attempt, passkey);
    Err(SignInRefusal::Internal("not built yet".to_owned()))
}
