//! What a person or a script is told when something is refused.
//!
//! A [`Problem`] is decided where the refusal happens and drawn by [`super::frame`], which knows whether HTML or JSON was
//! asked for and which correlation id the attempt has. What the outside reads (`message`) and what the log keeps
//! (`internal`) are different fields, and no source error ever becomes a message.

use std::borrow::Cow;
use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use policy::model::CorrelationId;
use serde::Serialize;

/// A refusal on its way out.
#[derive(Clone, Debug)]
pub struct Problem {
    /// HTTP status.
    pub status: StatusCode,
    /// Stable code, snake case.
    pub code: &'static str,
    /// Under which name the catalogues of other languages have the sentence: the code, or that of several codes.
    pub said: &'static str,
    /// The sentence for the user in English: what happened and what to do.
    pub message: Cow<'static, str>,
    /// What the organisation adds in its own words.
    pub detail: Option<String>,
    /// The sentence for the log and the administrator; never sent.
    pub internal: Cow<'static, str>,
    /// What the browser should tell the passkey provider.
    pub signal: Option<Signal>,
    /// Seconds for `Retry-After`.
    pub retry_after: Option<i64>,
    /// A way on: where and what the link says.
    pub way_on: Option<WayOn>,
    /// Where a page (not a script) is led instead of being shown the problem.
    pub leads_to: Option<String>,
}

/// A link on a problem page.
#[derive(Clone, Debug, Serialize)]
pub struct WayOn {
    /// A path of ours.
    pub href: String,
    /// What the link says.
    pub text: Cow<'static, str>,
}

/// A call of the WebAuthn Signal API (Level 3, section 5.1.10) the page should make.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Signal {
    /// The credential is not known here (any more): the provider may forget it.
    #[serde(rename_all = "camelCase")]
    UnknownCredential {
        /// The relying party id.
        rp_id: String,
        /// base64url.
        credential_id: String,
    },
}

/// Everything a page template needs to draw a problem.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProblemView<'a> {
    /// HTTP status as a number.
    pub status: u16,
    /// Stable code.
    pub code: &'a str,
    /// Under which name other languages have the sentence.
    #[serde(skip)]
    pub said: &'a str,
    /// The sentence for the user.
    pub message: &'a str,
    /// What the organisation adds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<&'a str>,
    /// Finds the log record.
    pub correlation_id: String,
    /// A way on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub way_on: Option<&'a WayOn>,
    /// What to tell the passkey provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<&'a Signal>,
}

impl Problem {
    /// A problem with a status, a stable code and the sentence for the user.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            status,
            code,
            said: code,
            message: message.into(),
            detail: None,
            internal: Cow::Borrowed(""),
            signal: None,
            retry_after: None,
            way_on: None,
            leads_to: None,
        }
    }

    /// The same, said in other languages as `refusal-…` with this name.
    #[must_use]
    pub const fn said(mut self, name: &'static str) -> Self {
        self.said = name;
        self
    }

    /// The same with the sentence for the log.
    #[must_use]
    pub fn logged(mut self, internal: impl Into<Cow<'static, str>>) -> Self {
        self.internal = internal.into();
        self
    }

    /// The same with a link that leads on.
    #[must_use]
    pub fn way_on(mut self, href: impl Into<String>, text: impl Into<Cow<'static, str>>) -> Self {
        self.way_on = Some(WayOn {
            href: href.into(),
            text: text.into(),
        });
        self
    }

    /// The same, leading a reader of pages straight to `path`, a path of ours.
    #[must_use]
    pub fn leads_to(mut self, path: impl Into<String>) -> Self {
        self.leads_to = Some(path.into());
        self
    }

    /// The same with a call for the Signal API.
    #[must_use]
    pub fn signal(mut self, signal: Signal) -> Self {
        self.signal = Some(signal);
        self
    }

    /// Our own fault; `internal` goes to the log only.
    pub fn internal(internal: impl Into<Cow<'static, str>>) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on our side. Please try again.",
        )
        .logged(internal)
    }

    /// No such page or object.
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "There is nothing at this address.",
        )
    }

    /// A request that cannot be read.
    pub fn malformed(internal: impl Into<Cow<'static, str>>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "malformed_request",
            "The request could not be understood. Please go back and try again.",
        )
        .logged(internal)
    }

    /// A body or header that was rejected before anybody read it.
    pub fn rejected(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::not_found(),
            StatusCode::PAYLOAD_TOO_LARGE => {
                Self::new(status, "too_large", "The request is larger than it may be.")
            }
            StatusCode::METHOD_NOT_ALLOWED => Self::new(
                status,
                "method_not_allowed",
                "This address does not answer that kind of request.",
            ),
            StatusCode::REQUEST_TIMEOUT => Self::new(
                status,
                "timeout",
                "The request took too long. Please try again.",
            ),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::unsupported_type(),
            status if status.is_server_error() => Self {
                status,
                ..Self::internal("answered with a server error")
            },
            status => Self {
                status,
                ..Self::malformed("rejected before it was read")
            },
        }
    }

    /// A body of another type than the address takes.
    pub fn unsupported_type() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_type",
            "This address does not take that kind of content.",
        )
    }

    /// The CSRF token is missing, stale or another browser's.
    pub fn csrf() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "csrf_token_invalid",
            "This page has become too old, or cookies are blocked. Please reload it and try again.",
        )
    }

    /// The request was made by a page of another site.
    pub fn foreign_origin() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "foreign_origin",
            "The request came from another site and was refused.",
        )
    }

    /// Too many requests.
    pub fn too_many(retry_after_seconds: i64) -> Self {
        Self {
            retry_after: Some(retry_after_seconds.max(1)),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_requests",
                "Too many requests. Please wait a moment and try again.",
            )
        }
    }

    /// What the outside may read.
    pub fn view(&self, correlation: CorrelationId) -> ProblemView<'_> {
        ProblemView {
            status: self.status.as_u16(),
            code: self.code,
            said: self.said,
            message: &self.message,
            detail: self.detail.as_deref(),
            correlation_id: correlation.to_string(),
            way_on: self.way_on.as_ref(),
            signal: self.signal.as_ref(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}
