//! Why a registration was refused.

use axum::http::StatusCode;
use policy::Denial;
use store::StoreError;

use crate::flow::approvals::HeldBack;
use crate::flow::challenge::ChallengeRefusal;
use crate::flow::refusal::Refused;
use crate::flow::sign_in::SignInRefusal;
use crate::web::Problem;
use crate::web::problem::Signal;

/// Why a registration was refused.
#[derive(Clone, Debug)]
pub enum RegisterRefusal {
    /// The challenge is not one that may be used here.
    Challenge(ChallengeRefusal),
    /// The challenge was used before.
    ChallengeSpent,
    /// The attestation was refused.
    Ceremony(ceremony::Refusal),
    /// There are no passkeys in this tenant's cloud, for this reason.
    Unavailable(String),
    /// Policy says no.
    Denied(Denial),
    /// A second person would be needed.
    HeldBack(HeldBack),
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
            Self::Unavailable(_) => Denial::PasskeysUnavailable.code(),
            Self::Denied(denial) => denial.code(),
            Self::HeldBack(held) => held.code(),
            Self::AlreadyRegistered => "already_registered",
            Self::NameInvalid => "name_invalid",
            Self::NotFound => "not_found",
            Self::Contended => "contended",
            Self::Internal(_) => "internal",
        }
    }

    fn said(&self) -> &'static str {
        match self {
            Self::Challenge(_) => "challenge_spent",
            Self::Ceremony(_) => "passkey_not_added",
            Self::HeldBack(held) => held.said(),
            other => other.code(),
        }
    }

    fn user_sentence(&self) -> String {
        match self {
            Self::Challenge(_) | Self::ChallengeSpent => "This request was already used or is too old. Please try again.".to_owned(),
            Self::Ceremony(_) => "Your passkey could not be verified, so it was not added. Please try again or use another device.".to_owned(),
            Self::Unavailable(_) => Denial::PasskeysUnavailable.user_sentence().to_owned(),
            Self::Denied(denial) => denial.user_sentence().to_owned(),
            Self::HeldBack(held) => held.user_sentence(),
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
            Self::Unavailable(_) => Denial::PasskeysUnavailable.admin_sentence().to_owned(),
            Self::Denied(denial) => denial.admin_sentence().to_owned(),
            Self::Internal(why) => why.clone(),
            other => other.user_sentence(),
        }
    }

    fn detail(&self) -> Option<&str> {
        match self {
            Self::Unavailable(reason) => Some(reason),
            _ => None,
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Unavailable(_) | Self::Denied(_) => StatusCode::FORBIDDEN,
            Self::HeldBack(held) => held.status(),
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

/// A refused registration, with what to tell the provider of the passkey that was made for it.
#[derive(Clone, Debug)]
pub struct NotRegistered {
    /// Why.
    pub refusal: RegisterRefusal,
    /// The passkey that nobody will ever accept.
    pub orphan: Option<Signal>,
}

impl From<NotRegistered> for Problem {
    fn from(refused: NotRegistered) -> Self {
        let problem = refused.refusal.problem();
        match refused.orphan {
            Some(orphan) => problem.signal(orphan),
            None => problem,
        }
    }
}

impl From<Denial> for RegisterRefusal {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl From<HeldBack> for RegisterRefusal {
    fn from(held: HeldBack) -> Self {
        Self::HeldBack(held)
    }
}

impl From<StoreError> for RegisterRefusal {
    fn from(error: StoreError) -> Self {
        match error {
            // Two changes waited for each other and the database gave up this one: nothing is wrong, and trying again helps.
            StoreError::Overtaken => Self::Contended,
            error => Self::Internal(format!("store: {error}")),
        }
    }
}

impl From<ChallengeRefusal> for RegisterRefusal {
    fn from(refusal: ChallengeRefusal) -> Self {
        Self::Challenge(refusal)
    }
}

/// The rest of the sign-in that an interrupt stands in.
impl From<SignInRefusal> for RegisterRefusal {
    fn from(refusal: SignInRefusal) -> Self {
        match refusal {
            SignInRefusal::Denied(denial) | SignInRefusal::NotGranted(denial, _) => {
                Self::Denied(denial)
            }
            SignInRefusal::AttemptExpired => Self::Denied(Denial::AttemptOver),
            other => Self::Internal(format!("the sign-in could not go on: {}", other.code())),
        }
    }
}
