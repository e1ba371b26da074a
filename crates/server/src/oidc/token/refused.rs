use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use policy::model::Timestamp;
use serde_json::json;
use store::StoreError;

use crate::app::AppState;
use crate::flow::Caller;
use crate::jose::KeyFault;
use crate::oidc::keyring::KeyringFault;
use crate::oidc::refusal::{AuthorizeRefusal, Facts, TokenRefusal};

/// A refused token request on its way out, with what only the log may know.
#[derive(Debug)]
pub struct Refused {
    facts: Facts,
    status: u16,
    by_header: bool,
    internal: String,
}

impl Refused {
    /// The same, for a client that authenticated in the header: RFC 6749 section 5.2 wants the scheme named.
    pub fn by_header(mut self, by_header: bool) -> Self {
        self.by_header = by_header;
        self
    }

    /// A refused authorization request, told to the client that pushed it.
    pub fn of_request(refusal: AuthorizeRefusal) -> Self {
        Self {
            facts: refusal.facts(),
            status: 400,
            by_header: false,
            internal: String::new(),
        }
    }

    /// Our own trouble, with what only the log may know.
    pub fn unavailable(internal: String) -> Self {
        Self {
            internal,
            ..TokenRefusal::Unavailable.into()
        }
    }

    /// The answer, in the shape Entra's clients parse.
    pub fn respond(&self, app: &AppState, caller: &Caller) -> Response {
        let facts = self.facts;
        let correlation = caller.correlation.to_string();
        tracing::info!(%correlation, code = facts.code, internal = self.internal, "refused a token request");
        let timestamp = stamp(app.clock.now());
        let description = format!(
            "AADSTS{}: {} Trace ID: {correlation} Correlation ID: {correlation} Timestamp: {timestamp}",
            facts.number, facts.sentence
        );
        let body = json!({
            "error": facts.error,
            "error_description": description,
            "error_codes": [facts.number],
            "timestamp": timestamp,
            "trace_id": correlation,
            "correlation_id": correlation,
            "error_subcode": facts.code,
        });
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = (status, Json(body)).into_response();
        if status == StatusCode::UNAUTHORIZED && self.by_header {
            let scheme = HeaderValue::from_static("Basic realm=\"token endpoint\"");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, scheme);
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

impl From<TokenRefusal> for Refused {
    fn from(refusal: TokenRefusal) -> Self {
        Self {
            facts: refusal.facts(),
            status: refusal.status(),
            by_header: false,
            internal: String::new(),
        }
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self {
            internal: error.to_string(),
            ..TokenRefusal::Unavailable.into()
        }
    }
}

impl From<KeyringFault> for Refused {
    fn from(fault: KeyringFault) -> Self {
        Self {
            internal: fault.to_string(),
            ..TokenRefusal::Unavailable.into()
        }
    }
}

impl From<KeyFault> for Refused {
    fn from(fault: KeyFault) -> Self {
        Self {
            internal: fault.to_string(),
            ..TokenRefusal::Unavailable.into()
        }
    }
}

/// `2026-11-22 12:00:00Z`.
fn stamp(now: Timestamp) -> String {
    jiff::Timestamp::from_second(now.as_seconds())
        .map(|at| at.strftime("%Y-%m-%d %H:%M:%SZ").to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_written_as_clients_read_it() {
        assert_eq!(
            stamp(Timestamp::from_seconds(1_795_348_800)),
            "2026-11-22 12:00:00Z"
        );
    }
}
