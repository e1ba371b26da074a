//! A user's own password and one-time codes.

use axum::http::StatusCode;

use super::context::OpenContext;
use super::refusal::Refused;
use super::{Caller, SecretText, Step};
use crate::app::AppState;
use crate::web::{CurrentAttempt, CurrentSession, Problem};

/// Why a change was refused.
#[derive(Clone, Debug)]
pub enum CredentialRefusal {
    /// The current password is not right.
    WrongPassword,
    /// The new password is shorter than 8 or longer than 256 characters, or too easily guessed.
    PasswordTooWeak,
    /// The code does not belong to the secret.
    WrongCode,
    /// The sealed enrolment is too old or not ours.
    EnrolmentExpired,
    /// The sign-in is not fresh enough for this.
    NotFresh,
    /// Too many wrong answers.
    TooManyFailures {
        /// Seconds to wait.
        retry_after: i64,
    },
    /// Something else changed the account at the same moment.
    Contended,
    /// Our own fault.
    Internal(String),
}

impl Refused for CredentialRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::WrongPassword => "wrong_credentials",
            Self::PasswordTooWeak => "password_too_weak",
            Self::WrongCode => "wrong_code",
            Self::EnrolmentExpired => "enrolment_expired",
            Self::NotFresh => "mfa_not_fresh",
            Self::TooManyFailures { .. } => "too_many_failures",
            Self::Contended => "contended",
            Self::Internal(_) => "internal",
        }
    }

    fn user_sentence(&self) -> String {
        match self {
            Self::WrongPassword => "The current password is not right.",
            Self::PasswordTooWeak => {
                "Choose a password of 8 to 256 characters that is not easily guessed."
            }
            Self::WrongCode => {
                "The code is not right. Check the clock of your device and try the next code."
            }
            Self::EnrolmentExpired => "This took too long. Please start again.",
            Self::NotFresh => "Please sign in again to do this.",
            Self::TooManyFailures { .. } => "Too many wrong answers. Please wait a while.",
            Self::Contended => {
                "Your account was being changed at the same moment. Please try again."
            }
            Self::Internal(_) => "Something went wrong on our side. Please try again.",
        }
        .to_owned()
    }

    fn admin_sentence(&self) -> String {
        match self {
            Self::Internal(why) => why.clone(),
            other => other.user_sentence(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::WrongPassword | Self::PasswordTooWeak | Self::WrongCode => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::EnrolmentExpired => StatusCode::BAD_REQUEST,
            Self::NotFresh => StatusCode::FORBIDDEN,
            Self::TooManyFailures { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Contended => StatusCode::CONFLICT,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn retry_after(&self) -> Option<i64> {
        match self {
            Self::TooManyFailures { retry_after } => Some(*retry_after),
            _ => None,
        }
    }
}

impl From<CredentialRefusal> for Problem {
    fn from(refusal: CredentialRefusal) -> Self {
        refusal.problem()
    }
}

/// A one-time code secret on its way into the user's application.
#[derive(Clone, Debug)]
pub struct TotpOffer {
    /// `otpauth://totp/…`, for the QR code.
    pub uri: SecretText,
    /// The secret in base32, for typing.
    pub secret: SecretText,
    /// The sealed offer, to be posted back with the first code.
    pub sealed: String,
}

/// Changes the signed-in user's password. Other sessions end.
pub async fn change_password(
    app: &AppState,
    caller: &Caller,
    session: &CurrentSession,
    current: SecretText,
    new: SecretText,
) -> Result<(), CredentialRefusal> {
    let _ = (app, caller, session, current, new);
    Err(CredentialRefusal::Internal("not built yet".to_owned()))
}

/// Sets the new password that a sign-in demanded, and goes on.
pub async fn replace_password(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    attempt: &CurrentAttempt,
    new: SecretText,
) -> Result<Step, Problem> {
    let _ = (app, caller, context, attempt, new);
    Err(CredentialRefusal::Internal("not built yet".to_owned()).into())
}

/// A fresh secret to scan; nothing is stored until a code proves that it arrived.
pub fn offer_totp(
    app: &AppState,
    session: &CurrentSession,
) -> Result<TotpOffer, CredentialRefusal> {
    let _ = (app, session);
    Err(CredentialRefusal::Internal("not built yet".to_owned()))
}

/// The offer that was sealed for this session, to be shown again after a wrong code.
pub fn reopen_totp(
    app: &AppState,
    session: &CurrentSession,
    sealed: &str,
) -> Result<TotpOffer, CredentialRefusal> {
    let _ = (app, session, sealed);
    Err(CredentialRefusal::Internal("not built yet".to_owned()))
}

/// Stores an offered secret once its first code is right.
pub async fn enrol_totp(
    app: &AppState,
    caller: &Caller,
    session: &CurrentSession,
    sealed: &str,
    code: SecretText,
) -> Result<(), CredentialRefusal> {
    let _ = (app, caller, session, sealed, code);
    Err(CredentialRefusal::Internal("not built yet".to_owned()))
}

/// Removes the signed-in user's one-time code generator.
pub async fn remove_totp(
    app: &AppState,
    caller: &Caller,
    session: &CurrentSession,
) -> Result<(), CredentialRefusal> {
    let _ = (app, caller, session);
    Err(CredentialRefusal::Internal("not built yet".to_owned()))
}
