//! Why a change was held back, and why a request was not settled.

use axum::http::StatusCode;
use policy::Denial;
use policy::approvals::Objection;
use policy::model::ApprovalId;
use store::StoreError;

use crate::flow::administer::AdministerRefusal;
use crate::flow::govern::GovernRefusal;
use crate::flow::refusal::Refused;
use crate::web::Problem;

/// Why a change was not carried out where a second person is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldBack {
    /// It is kept and waits for a second person.
    Waiting(ApprovalId),
    /// A program asks for it by itself, so there is no first person.
    NoPerson,
    /// Whoever asks has too many open requests.
    TooManyOpen,
    /// Too few people could allow what would wait from now on.
    TooFewPeople,
    /// A password cannot be kept for a second person; the server chooses one.
    PasswordGiven,
    /// A passkey cannot be kept for a second person; a pass leads to one.
    PassInstead,
    /// What it was asked on has changed since.
    Outdated,
    /// Somebody settled the request in the same moment.
    Settled,
    /// Something that it rests on changed in the same moment.
    Contended,
}

impl Refused for HeldBack {
    fn code(&self) -> &'static str {
        match self {
            Self::Waiting(_) => "approval_pending",
            Self::NoPerson => "approval_needs_person",
            Self::TooManyOpen => "approval_too_many_open",
            Self::TooFewPeople => "approval_too_few_people",
            Self::PasswordGiven => "approval_password_given",
            Self::PassInstead => "approval_pass_instead",
            Self::Outdated => "approval_outdated",
            Self::Settled => Objection::Settled.code(),
            Self::Contended => "contended",
        }
    }

    fn said(&self) -> &'static str {
        match self {
            Self::Contended => "approval_contended",
            other => other.code(),
        }
    }

    fn user_sentence(&self) -> String {
        match self {
            Self::Waiting(_) => {
                "Nothing was changed yet: this change waits for a second person, who has to approve it."
            }
            Self::NoPerson => {
                "This change needs two people, and a program asked for it by itself. Have a person ask for it."
            }
            Self::TooManyOpen => {
                "You have too many requests that wait for a second person. Withdraw some of them first."
            }
            Self::TooFewPeople => {
                "Fewer than two people could make each of these changes, so nobody could approve the other's. Give somebody else the roles first."
            }
            Self::PasswordGiven => {
                "This change waits for a second person, and no password is kept until then. Ask without one; a random one is shown to whoever approves."
            }
            Self::PassInstead => {
                "A passkey for somebody with an administrative role needs two people. Ask for a Temporary Access Pass, with which they register it themselves."
            }
            Self::Outdated => {
                "What this change was asked on has changed since. It was not carried out; ask for it again."
            }
            Self::Settled => settled(),
            Self::Contended => {
                "Something was changed in the same moment. Please try again."
            }
        }
        .to_owned()
    }

    fn admin_sentence(&self) -> String {
        match self {
            Self::Waiting(id) => format!("The change waits for a second person as request {id}."),
            other => other.user_sentence(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Waiting(_) => StatusCode::ACCEPTED,
            Self::NoPerson | Self::PassInstead => StatusCode::FORBIDDEN,
            Self::PasswordGiven => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyOpen
            | Self::TooFewPeople
            | Self::Outdated
            | Self::Settled
            | Self::Contended => StatusCode::CONFLICT,
        }
    }

    fn waits(&self) -> Option<ApprovalId> {
        match self {
            Self::Waiting(id) => Some(*id),
            _ => None,
        }
    }
}

impl From<HeldBack> for GovernRefusal {
    fn from(held: HeldBack) -> Self {
        match held {
            HeldBack::Contended => Self::Contended,
            held => Self::HeldBack(held),
        }
    }
}

impl From<HeldBack> for AdministerRefusal {
    fn from(held: HeldBack) -> Self {
        match held {
            HeldBack::Contended => Self::Contended,
            held => Self::HeldBack(held),
        }
    }
}

/// Why a request was not settled as somebody wished, or not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApprovalRefusal {
    /// No such request, or none that they may see.
    NotFound,
    /// Policy says no.
    Denied(Denial),
    /// They are not the person, or it is not the time.
    Objection(Objection),
    /// A program has no second thoughts.
    NoPerson,
    /// The reason is missing or too long.
    ReasonInvalid,
    /// What it was asked on has changed since; the request is over.
    Outdated,
    /// The change cannot be made as policies are now. The request stays open.
    Govern(GovernRefusal),
    /// The change cannot be made to this person as things are now. The request stays open.
    Administer(AdministerRefusal),
    /// Our own fault.
    Internal(String),
}

impl Refused for ApprovalRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Denied(denial) => denial.code(),
            Self::Objection(objection) => objection.code(),
            Self::NoPerson => HeldBack::NoPerson.code(),
            Self::ReasonInvalid => "approval_reason_invalid",
            Self::Outdated => HeldBack::Outdated.code(),
            Self::Govern(refusal) => refusal.code(),
            Self::Administer(refusal) => refusal.code(),
            Self::Internal(_) => "internal",
        }
    }

    fn said(&self) -> &'static str {
        match self {
            Self::Govern(refusal) => refusal.said(),
            Self::Administer(refusal) => refusal.said(),
            other => other.code(),
        }
    }

    fn user_sentence(&self) -> String {
        match self {
            Self::NotFound => "There is nothing at this address.".to_owned(),
            Self::Denied(denial) => denial.user_sentence().to_owned(),
            Self::Objection(objection) => sentence(*objection).to_owned(),
            Self::NoPerson => HeldBack::NoPerson.user_sentence(),
            Self::ReasonInvalid => "A reason has 1 to 1,000 characters.".to_owned(),
            Self::Outdated => HeldBack::Outdated.user_sentence(),
            Self::Govern(refusal) => refusal.user_sentence(),
            Self::Administer(refusal) => refusal.user_sentence(),
            Self::Internal(_) => "Something went wrong on our side. Please try again.".to_owned(),
        }
    }

    fn admin_sentence(&self) -> String {
        match self {
            Self::Denied(denial) | Self::Objection(Objection::Denied(denial)) => {
                denial.admin_sentence().to_owned()
            }
            Self::Govern(refusal) => refusal.admin_sentence(),
            Self::Administer(refusal) => refusal.admin_sentence(),
            Self::Internal(why) => why.clone(),
            other => other.user_sentence(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Denied(_) | Self::NoPerson => StatusCode::FORBIDDEN,
            Self::Objection(objection) => match objection {
                Objection::Settled | Objection::Expired | Objection::RequesterGone => {
                    StatusCode::CONFLICT
                }
                Objection::OwnRequest
                | Objection::NotOwnRequest
                | Objection::Denied(_)
                | Objection::Concerned => StatusCode::FORBIDDEN,
            },
            Self::ReasonInvalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Outdated => StatusCode::CONFLICT,
            Self::Govern(refusal) => refusal.status(),
            Self::Administer(refusal) => refusal.status(),
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

const fn sentence(objection: Objection) -> &'static str {
    match objection {
        Objection::Settled => settled(),
        Objection::Expired => "The time of this request is over. It has to be asked for again.",
        Objection::OwnRequest => {
            "You asked for this change, so somebody else has to decide about it. You can withdraw it."
        }
        Objection::NotOwnRequest => "Only whoever asked for it can withdraw it.",
        Objection::Denied(denial) => denial.user_sentence(),
        Objection::Concerned => {
            "This change is about your own account, so somebody else has to approve it."
        }
        Objection::RequesterGone => {
            "Whoever asked for this change could not make it any more, so one person would be left for it."
        }
    }
}

const fn settled() -> &'static str {
    "This request is settled already."
}

impl From<Denial> for ApprovalRefusal {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl From<Objection> for ApprovalRefusal {
    fn from(objection: Objection) -> Self {
        Self::Objection(objection)
    }
}

impl From<GovernRefusal> for ApprovalRefusal {
    fn from(refusal: GovernRefusal) -> Self {
        match refusal {
            // The version is the one that was there when it was asked; so is what would be taken away.
            GovernRefusal::Stale(_)
            | GovernRefusal::NotFound
            | GovernRefusal::HeldBack(HeldBack::Outdated) => Self::Outdated,
            GovernRefusal::HeldBack(HeldBack::Settled) => Self::Objection(Objection::Settled),
            other => Self::Govern(other),
        }
    }
}

impl From<AdministerRefusal> for ApprovalRefusal {
    fn from(refusal: AdministerRefusal) -> Self {
        match refusal {
            AdministerRefusal::NotFound | AdministerRefusal::HeldBack(HeldBack::Outdated) => {
                Self::Outdated
            }
            AdministerRefusal::HeldBack(HeldBack::Settled) => Self::Objection(Objection::Settled),
            other => Self::Administer(other),
        }
    }
}

impl From<StoreError> for ApprovalRefusal {
    fn from(error: StoreError) -> Self {
        match error {
            // Two changes waited for each other and the database gave up this one: nothing is wrong, and trying again helps.
            StoreError::Overtaken => Self::Govern(GovernRefusal::Contended),
            error => Self::Internal(format!("store: {error}")),
        }
    }
}

impl From<ApprovalRefusal> for Problem {
    fn from(refusal: ApprovalRefusal) -> Self {
        refusal.problem()
    }
}
