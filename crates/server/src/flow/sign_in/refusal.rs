//! Why a sign-in went no further.

use axum::http::StatusCode;
use policy::Denial;
use policy::model::Method;
use store::StoreError;

use crate::flow::challenge::ChallengeRefusal;
use crate::flow::records::Trace;
use crate::flow::refusal::Refused;
use crate::web::Problem;
use crate::web::problem::Signal;

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
    /// There is no sign-in to go on with, or it is too old.
    AttemptExpired,
    /// There are no passkeys in this tenant's cloud, for this reason.
    Unavailable(String),
    /// Policy says no.
    Denied(Denial),
    /// Conditional access says no, with every policy's word for the record.
    NotGranted(Denial, Box<Trace>),
    /// A password alone is not enough for this account or application.
    MfaRequired,
    /// The prompt of a campaign cannot be put off any more.
    SkipNotAllowed,
    /// The sign-in does not wait at the prompt of a campaign.
    NotPrompted,
    /// Something else changed the account at the same moment, twice.
    Contended,
    /// Too many passwords are being checked.
    Busy,
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
            Self::Ceremony(refusal) => refusal.code(),
            Self::WrongCredentials(_) => "wrong_credentials",
            Self::CodeReplayed => "code_replayed",
            Self::TooManyFailures { .. } => "too_many_failures",
            Self::AttemptExpired => "attempt_expired",
            Self::Unavailable(_) => Denial::PasskeysUnavailable.code(),
            Self::Denied(denial) | Self::NotGranted(denial, _) => denial.code(),
            Self::MfaRequired => "mfa_required",
            Self::SkipNotAllowed => "skip_not_allowed",
            Self::NotPrompted => "not_prompted",
            Self::Contended => "contended",
            Self::Busy => "busy",
            Self::Internal(_) => "internal",
        }
    }

    fn said(&self) -> &'static str {
        match self {
            Self::Challenge(_) => "challenge_spent",
            Self::Ceremony(_) => "passkey_not_verified",
            Self::WrongCredentials(Method::TemporaryAccessPass) => "wrong_pass",
            Self::WrongCredentials(Method::Totp) => "wrong_code",
            Self::NotPrompted => "attempt_expired",
            other => other.code(),
        }
    }

    fn user_sentence(&self) -> String {
        match self {
            Self::ContextInvalid => "This sign-in link is not valid. Go back to the application and start again.",
            Self::ContextExpired | Self::AttemptExpired | Self::NotPrompted => "This sign-in took too long. Please start again.",
            Self::Challenge(_) | Self::ChallengeSpent => "This sign-in request was already used or is too old. Please try again.",
            Self::UnknownCredential { .. } => {
                "This passkey is not registered here any more. Use another way to sign in, and remove it from your device."
            }
            Self::Ceremony(_) => "Your passkey could not be verified. Please try again or use another way to sign in.",
            Self::WrongCredentials(Method::TemporaryAccessPass) => "The name or the pass is not right, or the pass has ended.",
            Self::WrongCredentials(Method::Totp) => "The code is not right. Wait for the next one and try again.",
            Self::WrongCredentials(_) => "The name or the password is not right.",
            Self::CodeReplayed => "This code was used already. Wait for the next one and try again.",
            Self::TooManyFailures { .. } => "Too many wrong answers. Wait a while, or sign in with a passkey.",
            Self::Unavailable(_) => Denial::PasskeysUnavailable.user_sentence(),
            Self::Denied(denial) | Self::NotGranted(denial, _) => denial.user_sentence(),
            Self::MfaRequired => {
                "A password alone is not enough for your account. Sign in with a passkey, or ask for a Temporary Access Pass."
            }
            Self::SkipNotAllowed => "Your organisation requires a passkey. Please set one up to go on.",
            Self::Contended => "Your account was being changed at the same moment. Please try again.",
            Self::Busy => "Many people are signing in right now. Please try again in a moment.",
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
            Self::Unavailable(_) => Denial::PasskeysUnavailable.admin_sentence().to_owned(),
            Self::Denied(denial) => denial.admin_sentence().to_owned(),
            Self::NotGranted(denial, trace) => trace.explained(*denial),
            Self::MfaRequired => {
                "A single factor was shown; the account holds a directory role or the request asks for two.".to_owned()
            }
            Self::NotPrompted => {
                "An answer to the prompt of a campaign that this sign-in was not shown.".to_owned()
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
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Ceremony(_)
            | Self::WrongCredentials(_)
            | Self::CodeReplayed
            | Self::AttemptExpired
            | Self::NotPrompted => StatusCode::UNAUTHORIZED,
            Self::UnknownCredential { .. } => StatusCode::UNAUTHORIZED,
            Self::Unavailable(_)
            | Self::Denied(_)
            | Self::NotGranted(..)
            | Self::MfaRequired
            | Self::SkipNotAllowed => StatusCode::FORBIDDEN,
        }
    }

    fn retry_after(&self) -> Option<i64> {
        match self {
            Self::TooManyFailures { retry_after } => Some(*retry_after),
            Self::Busy => Some(2),
            _ => None,
        }
    }

    fn detail(&self) -> Option<&str> {
        match self {
            Self::Unavailable(reason) => Some(reason),
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

impl SignInRefusal {
    /// The number Entra's sign-in log has for it, for scripts that look for one.
    pub const fn error_code(&self) -> i64 {
        match self {
            Self::ContextInvalid
            | Self::ContextExpired
            | Self::AttemptExpired
            | Self::NotPrompted => 50_089,
            Self::Challenge(_) | Self::ChallengeSpent => 140_000,
            Self::UnknownCredential { .. } => 135_010,
            Self::Ceremony(_) => 130_005,
            Self::WrongCredentials(_) => 50_126,
            Self::CodeReplayed => 50_074,
            Self::TooManyFailures { .. } => 50_053,
            Self::Unavailable(_) => Denial::PasskeysUnavailable.error_code(),
            Self::Denied(denial) | Self::NotGranted(denial, _) => denial.error_code(),
            Self::MfaRequired => 50_076,
            Self::SkipNotAllowed => 50_072,
            Self::Contended | Self::Busy | Self::Internal(_) => 90_033,
        }
    }
}

impl From<SignInRefusal> for Problem {
    fn from(refusal: SignInRefusal) -> Self {
        refusal.problem()
    }
}

/// What a person typed wrong keeps its own variants, because a form says it beside the field.
impl From<Denial> for SignInRefusal {
    fn from(denial: Denial) -> Self {
        match denial {
            Denial::CredentialsWrong => Self::WrongCredentials(Method::Password),
            Denial::TotpWrong => Self::WrongCredentials(Method::Totp),
            Denial::PassWrong => Self::WrongCredentials(Method::TemporaryAccessPass),
            Denial::TotpReplayed => Self::CodeReplayed,
            Denial::AttemptOver => Self::AttemptExpired,
            other => Self::Denied(other),
        }
    }
}

impl From<StoreError> for SignInRefusal {
    fn from(error: StoreError) -> Self {
        Self::Internal(format!("store: {error}"))
    }
}

impl From<ChallengeRefusal> for SignInRefusal {
    fn from(refusal: ChallengeRefusal) -> Self {
        Self::Challenge(refusal)
    }
}
