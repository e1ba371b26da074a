//! Everything this interface says no with, and how it is written (RFC 7644 section 3.12).

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use policy::Denial;
use policy::model::CorrelationId;
use serde_json::json;

use super::answer::media_type;
use super::filter::FilterRefusal;
use crate::flow::administer::AdministerRefusal;
use crate::flow::govern::GovernRefusal;
use crate::flow::refusal::Refused;
use crate::graph::GraphRefusal;
use crate::oidc::bearer::BearerRefusal;
use crate::web::Problem;

/// Why a request was refused. One variant per rule, except for what flows refuse, which comes with its own code.
#[derive(Debug)]
pub enum ScimRefusal {
    /// No token, or none that opens anything here: what the check of tokens said.
    Door(GraphRefusal),
    /// A token of a person. Directories are synchronized by programs.
    Person,
    /// No permission of the application allows this.
    Denied(Denial),
    /// No such resource.
    NotFound,
    /// A filter that cannot be answered.
    Filter(FilterRefusal),
    /// A path of a change that leads nowhere.
    Path(FilterRefusal),
    /// The request cannot be read; a sentence.
    Syntax(&'static str),
    /// An attribute has no valid value; its name and what is wrong.
    Value(&'static str, &'static str),
    /// An attribute that only we may change, or that has to stay.
    ReadOnly(&'static str),
    /// A change at a place that is not there.
    NoTarget,
    /// More than one request may ask for; of what.
    TooMany(&'static str),
    /// It was changed since the version that `If-Match` names.
    Precondition,
    /// The body is not JSON.
    MediaType,
    /// The body is longer than it may be.
    TooLarge,
    /// The RFC knows it and this server does not.
    Unsupported(&'static str),
    /// A flow said no.
    Flow {
        /// HTTP status.
        status: StatusCode,
        /// Stable code.
        code: &'static str,
        /// For the one who asked.
        message: String,
        /// For the log.
        internal: String,
        /// Seconds to wait.
        retry_after: Option<i64>,
    },
}

impl ScimRefusal {
    /// What a flow refused. What cannot be taken is a bad request here.
    pub fn flow(refusal: &impl Refused) -> Self {
        let status = match refusal.status() {
            StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
            other => other,
        };
        Self::Flow {
            status,
            code: refusal.code(),
            message: refusal.user_sentence(),
            internal: refusal.admin_sentence(),
            retry_after: refusal.retry_after(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Door(refusal) => refusal.status(),
            Self::Person => StatusCode::UNAUTHORIZED,
            Self::Denied(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Filter(_)
            | Self::Path(_)
            | Self::Syntax(_)
            | Self::Value(..)
            | Self::ReadOnly(_)
            | Self::NoTarget
            | Self::TooMany(_) => StatusCode::BAD_REQUEST,
            Self::Precondition => StatusCode::PRECONDITION_FAILED,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unsupported(_) => StatusCode::NOT_IMPLEMENTED,
            Self::Flow { status, .. } => *status,
        }
    }

    /// Our stable code; the same as in the logs.
    fn code(&self) -> &'static str {
        match self {
            Self::Door(refusal) => refusal.code(),
            Self::Person => BearerRefusal::NotAppOnly.code(),
            Self::Denied(denial) => denial.code(),
            Self::NotFound => "not_found",
            Self::Filter(refusal) => refusal.code(),
            Self::Path(_) => "path_invalid",
            Self::Syntax(_) => "malformed_request",
            Self::Value(..) => "field_invalid",
            Self::ReadOnly(_) => "attribute_read_only",
            Self::NoTarget => "no_target",
            Self::TooMany(_) => "too_many",
            Self::Precondition => "precondition_failed",
            Self::MediaType => "unsupported_type",
            Self::TooLarge => "too_large",
            Self::Unsupported(_) => "not_supported",
            Self::Flow { code, .. } => code,
        }
    }

    /// What the outside reads.
    fn message(&self) -> Cow<'static, str> {
        match self {
            Self::Door(_) => "The access token opens nothing here.".into(),
            Self::Person => "This takes a token of an application by itself (client credentials).".into(),
            Self::Denied(denial) => denial.user_sentence().into(),
            Self::NotFound => "There is no such resource.".into(),
            Self::Filter(refusal) | Self::Path(refusal) => refusal.to_string().into(),
            Self::Syntax(sentence) => (*sentence).into(),
            Self::Value(name, what) => format!("The value of '{name}' {what}.").into(),
            Self::ReadOnly(name) => format!("The attribute '{name}' cannot be changed in this way.").into(),
            Self::NoTarget => "There is nothing at the path to change.".into(),
            Self::TooMany(what) => format!("That would be too many {what} for one request.").into(),
            Self::Precondition => "It was changed since the version that If-Match names.".into(),
            Self::MediaType => "The body has to be application/scim+json or application/json, without a content encoding.".into(),
            Self::TooLarge => "The request is larger than it may be.".into(),
            Self::Unsupported(what) => format!("{what} is not supported.").into(),
            Self::Flow { message, .. } => message.clone().into(),
        }
    }

    fn internal(&self) -> Cow<'static, str> {
        match self {
            Self::Door(refusal) => refusal.internal().into_owned().into(),
            Self::Denied(denial) => denial.admin_sentence().into(),
            Self::Flow { internal, .. } => internal.clone().into(),
            other => other.message(),
        }
    }
}

impl IntoResponse for ScimRefusal {
    /// The frame around every request writes it down and draws it, because it knows the correlation id.
    fn into_response(self) -> Response {
        let mut problem =
            Problem::new(self.status(), self.code(), self.message()).logged(self.internal());
        if let Self::Flow { retry_after, .. } = self {
            problem.retry_after = retry_after;
        }
        problem.into_response()
    }
}

impl From<Denial> for ScimRefusal {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl From<GraphRefusal> for ScimRefusal {
    fn from(refusal: GraphRefusal) -> Self {
        Self::Door(refusal)
    }
}

impl From<FilterRefusal> for ScimRefusal {
    fn from(refusal: FilterRefusal) -> Self {
        Self::Filter(refusal)
    }
}

impl From<AdministerRefusal> for ScimRefusal {
    fn from(refusal: AdministerRefusal) -> Self {
        match refusal {
            AdministerRefusal::FieldInvalid(field) => Self::Value(
                match field {
                    "userPrincipalName" => "userName",
                    "mail" => "emails",
                    other => other,
                },
                "is not valid here",
            ),
            AdministerRefusal::Stale => Self::Precondition,
            other => Self::flow(&other),
        }
    }
}

impl From<GovernRefusal> for ScimRefusal {
    fn from(refusal: GovernRefusal) -> Self {
        match refusal {
            GovernRefusal::FieldInvalid("display_name") => {
                Self::Value("displayName", "is not valid here")
            }
            GovernRefusal::FieldInvalid(field) => Self::Value(field, "is not valid here"),
            other => Self::flow(&other),
        }
    }
}

/// Any refusal on a path of this interface, in its form. The scheme has no place for our code and the correlation id but the sentence.
pub fn of_problem(correlation: CorrelationId, problem: &Problem) -> Response {
    let status = problem.status;
    let mut body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": status.as_u16().to_string(),
        "detail": format!("{} ({}; correlation id {correlation})", problem.message, problem.code),
    });
    let kind = scim_type(status, problem.code);
    if let (Some(kind), Some(members)) = (kind, body.as_object_mut()) {
        members.insert("scimType".to_owned(), kind.into());
    }
    let mut response = (status, axum::Json(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, media_type());
    if status == StatusCode::UNAUTHORIZED {
        let challenge = match problem.code {
            "token_missing" => "Bearer",
            _ => "Bearer error=\"invalid_token\"",
        };
        headers.insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static(challenge),
        );
    }
    response
}

/// The RFC's own words for what is wrong (table 9).
fn scim_type(status: StatusCode, code: &str) -> Option<&'static str> {
    Some(match code {
        code if code.starts_with("filter_") => "invalidFilter",
        "path_invalid" => "invalidPath",
        "malformed_request" if status == StatusCode::BAD_REQUEST => "invalidSyntax",
        "field_invalid" => "invalidValue",
        "attribute_read_only" => "mutability",
        "no_target" => "noTarget",
        "too_many" => "tooMany",
        "name_taken" => "uniqueness",
        _ => return None,
    })
}
