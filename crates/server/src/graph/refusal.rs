//! Everything this interface says no with, and how it is written.

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use policy::Denial;
use policy::model::{ApprovalId, CorrelationId, Timestamp};
use serde_json::json;
use store::StoreError;

use super::odata::QueryRefusal;
use super::values::date;
use crate::app::AppState;
use crate::flow::refusal::Refused;
use crate::oidc::bearer::BearerRefusal;
use crate::web::Problem;

/// The code of what waits for a second person.
const PENDING: &str = "approval_pending";

/// Why a request was refused. One variant per rule, except for what flows refuse, which comes with its own code.
#[derive(Debug)]
pub enum GraphRefusal {
    /// No token, or none that opens anything here.
    Token(BearerRefusal),
    /// The sign-in behind the token was revoked at or before this moment (continuous access evaluation).
    Revoked(Timestamp),
    /// The application is disabled or gone.
    ApplicationDisabled,
    /// No scope of the token permits this, or no role of the person.
    Denied(Denial),
    /// `/me` without a person.
    NobodyIsMe,
    /// No such object.
    NotFound,
    /// No such address; the part that leads nowhere.
    Segment(String),
    /// The address takes these verbs only.
    Verb(Vec<axum::http::Method>),
    /// The request cannot be read; a sentence.
    Malformed(Cow<'static, str>),
    /// A member or parameter has no valid value; its name and what is wrong.
    Property(Cow<'static, str>, Cow<'static, str>),
    /// The body is not JSON.
    MediaType,
    /// The body is longer than it may be.
    TooLarge,
    /// It was changed since the version that `If-Match` names.
    Precondition,
    /// It exists already, or stands in the way.
    Conflict(&'static str, Cow<'static, str>),
    /// Nothing was changed yet: it waits for a second person, as these requests. The sentence that says so.
    Waiting(Vec<ApprovalId>, String),
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
    /// Our own fault.
    Internal(String),
}

impl GraphRefusal {
    /// The request cannot be read.
    pub fn malformed(sentence: impl Into<Cow<'static, str>>) -> Self {
        Self::Malformed(sentence.into())
    }

    /// A member or parameter has no valid value.
    pub fn property(
        name: impl Into<Cow<'static, str>>,
        what: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::Property(name.into(), what.into())
    }

    /// What a flow refused. Graph knows no 422: what cannot be taken is a bad request.
    pub fn flow(refusal: &impl Refused) -> Self {
        if let Some(id) = refusal.waits() {
            return Self::Waiting(vec![id], refusal.user_sentence());
        }
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

    /// HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Token(BearerRefusal::Internal(_)) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Token(_) | Self::Revoked(_) | Self::ApplicationDisabled => {
                StatusCode::UNAUTHORIZED
            }
            Self::Denied(_) => StatusCode::FORBIDDEN,
            Self::NotFound | Self::Segment(_) => StatusCode::NOT_FOUND,
            Self::Verb(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::NobodyIsMe | Self::Malformed(_) | Self::Property(..) => StatusCode::BAD_REQUEST,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Precondition => StatusCode::PRECONDITION_FAILED,
            Self::Conflict(..) => StatusCode::CONFLICT,
            Self::Waiting(..) => StatusCode::ACCEPTED,
            Self::Flow { status, .. } => *status,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Our stable code, in `innerError`; the same as in the logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Token(refusal) => refusal.code(),
            Self::Revoked(_) => "grant_revoked",
            Self::ApplicationDisabled => "application_disabled",
            Self::Denied(denial) => denial.code(),
            Self::NobodyIsMe => "token_without_user",
            Self::NotFound => "not_found",
            Self::Segment(_) => "segment_unknown",
            Self::Verb(_) => "method_not_allowed",
            Self::Malformed(_) => "malformed_request",
            Self::Property(..) => "field_invalid",
            Self::MediaType => "unsupported_type",
            Self::TooLarge => "too_large",
            Self::Precondition => "precondition_failed",
            Self::Waiting(..) => PENDING,
            Self::Conflict(code, _) | Self::Flow { code, .. } => code,
            Self::Internal(_) => "internal",
        }
    }

    /// Graph's code, on which its clients decide.
    fn graph_code(&self) -> &'static str {
        match self.status() {
            StatusCode::BAD_REQUEST => "Request_BadRequest",
            StatusCode::UNAUTHORIZED => "InvalidAuthenticationToken",
            StatusCode::FORBIDDEN => "Authorization_RequestDenied",
            StatusCode::NOT_FOUND => "Request_ResourceNotFound",
            StatusCode::METHOD_NOT_ALLOWED => "Request_MethodNotAllowed",
            StatusCode::CONFLICT => "Request_Conflict",
            StatusCode::PRECONDITION_FAILED => "PreconditionFailed",
            StatusCode::PAYLOAD_TOO_LARGE => "Request_EntityTooLarge",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "Request_UnsupportedMediaType",
            StatusCode::TOO_MANY_REQUESTS => "TooManyRequests",
            StatusCode::SERVICE_UNAVAILABLE => "ServiceUnavailable",
            status if status.is_server_error() => "InternalServerError",
            _ => "Request_BadRequest",
        }
    }

    /// What the outside reads.
    fn message(&self) -> Cow<'_, str> {
        match self {
            Self::Token(BearerRefusal::Missing) => "Access token is empty.".into(),
            Self::Token(BearerRefusal::Expired) => {
                "Lifetime validation failed, the token is expired.".into()
            }
            Self::Token(BearerRefusal::OtherAudience) => {
                "Access token validation failure. Invalid audience.".into()
            }
            Self::Token(BearerRefusal::Internal(_)) => "The token could not be checked now.".into(),
            Self::Token(_) => "Access token validation failure.".into(),
            Self::Revoked(_) => {
                "The sign-in behind this token was revoked. Sign in again to get a new token.".into()
            }
            Self::ApplicationDisabled => "The application is disabled.".into(),
            Self::Denied(denial) => {
                format!("Insufficient privileges to complete the operation. {}", denial.user_sentence()).into()
            }
            Self::NobodyIsMe => "/me request is only valid with delegated authentication flow.".into(),
            Self::NotFound => "The resource does not exist, or one of its queried reference-property objects is not present.".into(),
            Self::Segment(segment) => {
                format!("Resource not found for the segment '{segment}'.").into()
            }
            Self::Verb(_) => "This address does not answer that kind of request.".into(),
            Self::Malformed(sentence) => Cow::Borrowed(sentence),
            Self::Property(name, what) => format!("The value of '{name}' {what}.").into(),
            Self::MediaType => "The body has to be JSON (application/json), without a content encoding.".into(),
            Self::TooLarge => "The request is larger than it may be.".into(),
            Self::Precondition => "The object was changed since the version that If-Match names.".into(),
            Self::Conflict(_, sentence) => Cow::Borrowed(sentence),
            Self::Waiting(_, message) | Self::Flow { message, .. } => Cow::Borrowed(message),
            Self::Internal(_) => "Something went wrong on our side. Please try again.".into(),
        }
    }

    /// What the log keeps.
    pub fn internal(&self) -> Cow<'_, str> {
        match self {
            Self::Token(BearerRefusal::Internal(why)) | Self::Internal(why) => Cow::Borrowed(why),
            Self::Denied(denial) => Cow::Borrowed(denial.admin_sentence()),
            Self::Flow { internal, .. } => Cow::Borrowed(internal),
            other => other.message(),
        }
    }

    /// `{"error": {"code", "message", "innerError"}}`; of what waits, the requests by which it is found.
    pub fn body(&self, ids: &Ids) -> serde_json::Value {
        if let Self::Waiting(requests, message) = self {
            return json!({
                "id": requests.first(),
                "ids": requests,
                "status": "pending",
                "code": self.code(),
                "message": message,
            });
        }
        json!({"error": {
            "code": self.graph_code(),
            "message": self.message(),
            "innerError": {
                "code": self.code(),
                "date": ids.date(),
                "request-id": ids.request.to_string(),
                "client-request-id": ids.client,
            }
        }})
    }

    /// Where to look, of what waits.
    pub fn location(&self) -> Option<String> {
        match self {
            Self::Waiting(requests, _) => {
                let first = requests.first()?;
                Some(format!("/beta/keyward/approvals/{first}"))
            }
            _ => None,
        }
    }

    /// The answer. `authority` is where a token can be had.
    pub fn respond(&self, ids: &Ids, authority: &str) -> Response {
        let mut response = (self.status(), axum::Json(self.body(ids))).into_response();
        let headers = response.headers_mut();
        if let Some(challenge) = self.challenge(authority)
            && let Ok(value) = HeaderValue::from_str(&challenge)
        {
            headers.insert(header::WWW_AUTHENTICATE, value);
        }
        if let Some(place) = self.location()
            && let Ok(value) = HeaderValue::from_str(&place)
        {
            headers.insert(header::LOCATION, value);
        }
        if let Self::Verb(allowed) = self {
            let names: Vec<_> = allowed.iter().map(axum::http::Method::as_str).collect();
            if let Ok(value) = HeaderValue::from_str(&names.join(", ")) {
                headers.insert(header::ALLOW, value);
            }
        }
        if let Self::Flow {
            retry_after: Some(seconds),
            ..
        } = self
        {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
        }
        response
    }

    /// `WWW-Authenticate` of a 401 (RFC 6750 section 3; the claims challenge as Entra's clients read it).
    fn challenge(&self, authority: &str) -> Option<String> {
        let place = format!(
            "Bearer realm=\"\", authorization_uri=\"{authority}\", client_id=\"00000003-0000-0000-c000-000000000000\""
        );
        match self {
            Self::Revoked(at) => {
                let claims = json!({"access_token": {"nbf": {
                    "essential": true,
                    "value": at.as_seconds().to_string(),
                }}});
                let claims = STANDARD.encode(claims.to_string());
                Some(format!(
                    "{place}, error=\"insufficient_claims\", claims=\"{claims}\""
                ))
            }
            Self::Token(BearerRefusal::Internal(_)) => None,
            Self::Token(BearerRefusal::Missing) => Some(place),
            Self::Token(refusal) => {
                let (scheme, error) = refusal.challenge();
                let place = place.replacen("Bearer", scheme, 1);
                Some(format!("{place}, error=\"{error}\""))
            }
            Self::ApplicationDisabled => Some(format!("{place}, error=\"invalid_token\"")),
            _ => None,
        }
    }
}

/// A problem that was decided outside this interface (a flood, a time limit, a panic), in its form.
pub fn of_problem(app: &AppState, correlation: CorrelationId, problem: &Problem) -> Response {
    let refusal = GraphRefusal::Flow {
        status: problem.status,
        code: problem.code,
        message: problem.message.to_string(),
        internal: problem.internal.to_string(),
        retry_after: problem.retry_after,
    };
    refusal.respond(&Ids::new(correlation, None, app.clock.now()), "")
}

impl From<Denial> for GraphRefusal {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl From<BearerRefusal> for GraphRefusal {
    fn from(refusal: BearerRefusal) -> Self {
        Self::Token(refusal)
    }
}

impl From<QueryRefusal> for GraphRefusal {
    fn from(refusal: QueryRefusal) -> Self {
        Self::Flow {
            status: StatusCode::BAD_REQUEST,
            code: refusal.code(),
            message: refusal.to_string(),
            internal: refusal.to_string(),
            retry_after: None,
        }
    }
}

impl From<StoreError> for GraphRefusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Overtaken => Self::Conflict(
                "contended",
                "It was being changed at the same moment. Please try again.".into(),
            ),
            error => Self::Internal(format!("store: {error}")),
        }
    }
}

/// By what a request is found again.
#[derive(Clone, Debug)]
pub struct Ids {
    /// Ours; the correlation id of all records.
    pub request: CorrelationId,
    /// The client's own, or ours where it sent none.
    pub client: String,
    at: Timestamp,
}

impl Ids {
    /// Of a request at this moment. A client's id is taken if it is short and printable.
    pub fn new(request: CorrelationId, sent: Option<&HeaderValue>, at: Timestamp) -> Self {
        let fits = |text: &&str| {
            (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let client = sent.and_then(|value| value.to_str().ok()).filter(fits);
        Self {
            request,
            client: client.map_or_else(|| request.to_string(), str::to_owned),
            at,
        }
    }

    /// Without zone, as Graph writes it here.
    fn date(&self) -> String {
        let date = date(Timestamp::from_seconds(self.at.as_seconds()));
        let text = date.as_str().unwrap_or_default();
        text.trim_end_matches('Z').to_owned()
    }
}
