//! What is answered: a resource with its version, a list, or nothing.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// RFC 7644 section 8.1.
pub const fn media_type() -> HeaderValue {
    HeaderValue::from_static("application/scim+json")
}

/// A success on its way out.
#[derive(Clone, Debug)]
pub struct Answer {
    status: StatusCode,
    body: Option<Value>,
    version: Option<String>,
    location: Option<String>,
}

impl Answer {
    /// 200 with something that has no version.
    pub const fn plain(body: Value) -> Self {
        Self {
            status: StatusCode::OK,
            body: Some(body),
            version: None,
            location: None,
        }
    }

    /// 200 with a resource, whose version and address are written into the headers as well.
    pub fn resource(shown: Value, whole: &Value) -> Self {
        let meta = |name: &str| {
            let meta = whole.get("meta").and_then(|meta| meta.get(name));
            meta.and_then(Value::as_str).map(str::to_owned)
        };
        Self {
            version: meta("version"),
            location: meta("location"),
            ..Self::plain(shown)
        }
    }

    /// The same as 201.
    #[must_use]
    pub const fn created(mut self) -> Self {
        self.status = StatusCode::CREATED;
        self
    }

    /// 204.
    pub const fn nothing() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            body: None,
            version: None,
            location: None,
        }
    }

    /// 304: the client has it already.
    pub fn unchanged(version: String) -> Self {
        Self {
            status: StatusCode::NOT_MODIFIED,
            version: Some(version),
            ..Self::nothing()
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = match self.body {
            Some(body) => (self.status, axum::Json(body)).into_response(),
            None => self.status.into_response(),
        };
        let headers = response.headers_mut();
        if headers.contains_key(header::CONTENT_TYPE) {
            headers.insert(header::CONTENT_TYPE, media_type());
        }
        let created = self.status == StatusCode::CREATED;
        let location = self.location.filter(|_| created);
        for (name, value) in [(header::ETAG, self.version), (header::LOCATION, location)] {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
                headers.insert(name, value);
            }
        }
        response
    }
}
