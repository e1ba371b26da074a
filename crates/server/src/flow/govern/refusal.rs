use axum::http::StatusCode;
use policy::Denial;
use policy::model::ApprovalId;
use policy::validate::Fault;
use store::StoreError;

use crate::flow::approvals::HeldBack;
use crate::flow::refusal::Refused;
use crate::web::Problem;

/// Why a change of policies or groups was refused. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GovernRefusal {
    /// Policy says no.
    Denied(Denial),
    /// Members of the document break rules.
    Invalid(Vec<Fault>),
    /// Somebody changed it since it was read; the version that is there.
    Stale(i64),
    /// No Global Administrator could get to the administration pages any more.
    LocksEverybodyOut,
    /// A second person is needed.
    HeldBack(HeldBack),
    /// No such document or group.
    NotFound,
    /// Policies name the group; their names.
    GroupInUse(Vec<String>),
    /// A field of a group is not valid; names the field.
    FieldInvalid(&'static str),
    /// Others changed policies again and again in the same moment.
    Contended,
    /// Our own fault.
    Internal(String),
}

impl Refused for GovernRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Denied(denial) => denial.code(),
            Self::Invalid(_) => "policy_invalid",
            Self::Stale(_) => "policy_stale",
            Self::LocksEverybodyOut => "locks_everybody_out",
            Self::HeldBack(held) => held.code(),
            Self::NotFound => "not_found",
            Self::GroupInUse(_) => "group_in_use",
            Self::FieldInvalid(_) => "field_invalid",
            Self::Contended => "contended",
            Self::Internal(_) => "internal",
        }
    }

    fn said(&self) -> &'static str {
        match self {
            Self::Contended => "policy_contended",
            Self::HeldBack(held) => held.said(),
            other => other.code(),
        }
    }

    fn user_sentence(&self) -> String {
        match self {
            Self::Denied(denial) => denial.user_sentence().to_owned(),
            Self::Invalid(_) => "The policy was not saved. Look at the marked fields.".to_owned(),
            Self::Stale(_) => {
                "Somebody changed it while you were editing. Look at the newest version and make your change there."
                    .to_owned()
            }
            Self::LocksEverybodyOut => {
                "After this change no Global Administrator could sign in to administer. Leave one of them out of it, or \
                 keep an emergency account."
                    .to_owned()
            }
            Self::HeldBack(held) => held.user_sentence(),
            Self::NotFound => "There is nothing at this address.".to_owned(),
            Self::GroupInUse(_) => {
                "Policies name this group. Take it out of them first.".to_owned()
            }
            Self::FieldInvalid(field) => format!("Please check the field “{field}”."),
            Self::Contended => {
                "Policies were changed in the same moment. Please try again.".to_owned()
            }
            Self::Internal(_) => "Something went wrong on our side. Please try again.".to_owned(),
        }
    }

    fn admin_sentence(&self) -> String {
        match self {
            Self::Denied(denial) => denial.admin_sentence().to_owned(),
            Self::Invalid(faults) => {
                let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
                faults.join("; ")
            }
            Self::Stale(version) => format!("The document is at version {version} now."),
            Self::GroupInUse(policies) => format!("Named by: {}", policies.join("; ")),
            Self::HeldBack(held) => held.admin_sentence(),
            Self::Internal(why) => why.clone(),
            other => other.user_sentence(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Denied(_) => StatusCode::FORBIDDEN,
            Self::HeldBack(held) => held.status(),
            Self::Invalid(_) | Self::FieldInvalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Stale(_) | Self::GroupInUse(_) | Self::LocksEverybodyOut | Self::Contended => {
                StatusCode::CONFLICT
            }
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn waits(&self) -> Option<ApprovalId> {
        match self {
            Self::HeldBack(held) => held.waits(),
            _ => None,
        }
    }
}

impl From<Denial> for GovernRefusal {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl From<Vec<Fault>> for GovernRefusal {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Invalid(faults)
    }
}

impl From<StoreError> for GovernRefusal {
    fn from(error: StoreError) -> Self {
        match error {
            // Two changes waited for each other and the database gave up this one: nothing is wrong, and trying again helps.
            StoreError::Overtaken => Self::Contended,
            error => Self::Internal(format!("store: {error}")),
        }
    }
}

impl From<GovernRefusal> for Problem {
    fn from(refusal: GovernRefusal) -> Self {
        refusal.problem()
    }
}
