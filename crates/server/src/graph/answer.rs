//! What is answered: one object, a list with its next page, or nothing.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value};

use super::Request;

/// A success on its way out.
#[derive(Clone, Debug)]
pub struct Answer {
    status: StatusCode,
    body: Option<Value>,
    headers: Vec<(HeaderName, String)>,
}

impl Answer {
    /// 204.
    pub const fn nothing() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            body: None,
            headers: Vec::new(),
        }
    }

    /// 200 with one object, described by `context` (what stands behind `$metadata#`).
    pub fn object(request: &Request, context: &str, object: Map<String, Value>) -> Self {
        let mut body = Map::new();
        body.insert("@odata.context".to_owned(), described(request, context));
        body.extend(object);
        Self::of(StatusCode::OK, Value::Object(body))
    }

    /// 201 with the new object and where it is.
    pub fn created(
        request: &Request,
        context: &str,
        object: Map<String, Value>,
        path: &str,
    ) -> Self {
        let made = Self {
            status: StatusCode::CREATED,
            ..Self::object(request, context, object)
        };
        made.with(header::LOCATION, request.address(path))
    }

    /// 200 with a list, its length if that was asked for, and the address of the next page.
    pub fn list(
        request: &Request,
        context: &str,
        rows: Vec<Map<String, Value>>,
        count: Option<u64>,
        next: Option<String>,
    ) -> Self {
        let mut body = Map::new();
        body.insert("@odata.context".to_owned(), described(request, context));
        if let Some(count) = count {
            body.insert("@odata.count".to_owned(), count.into());
        }
        if let Some(next) = next {
            body.insert("@odata.nextLink".to_owned(), next.into());
        }
        let rows = rows.into_iter().map(Value::Object).collect();
        body.insert("value".to_owned(), Value::Array(rows));
        Self::of(StatusCode::OK, Value::Object(body))
    }

    /// 200 with a body that is described otherwise or not at all.
    pub const fn plain(body: Value) -> Self {
        Self::of(StatusCode::OK, body)
    }

    /// The same with the entity's version, in header and body.
    #[must_use]
    pub fn tagged(mut self, etag: &str) -> Self {
        if let Some(Value::Object(body)) = &mut self.body {
            body.insert("@odata.etag".to_owned(), etag.into());
        }
        self.with(header::ETAG, etag.to_owned())
    }

    /// The same with a header.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Without the body, where the client prefers that (`Prefer: return=minimal`, RFC 7240 section 4.2) and has written something.
    #[must_use]
    pub fn as_preferred(self, request: &Request) -> Self {
        if request.method == axum::http::Method::GET || !request.prefers("return=minimal") {
            return self;
        }
        Self {
            status: StatusCode::NO_CONTENT,
            body: None,
            ..self.with(
                HeaderName::from_static("preference-applied"),
                "return=minimal".to_owned(),
            )
        }
    }

    /// Status, headers and body, for an answer that stands in a batch.
    pub fn into_parts(self) -> (StatusCode, Vec<(HeaderName, String)>, Option<Value>) {
        (self.status, self.headers, self.body)
    }

    /// The answer itself.
    pub fn respond(self) -> Response {
        let mut response = match self.body {
            Some(body) => (self.status, axum::Json(body)).into_response(),
            None => self.status.into_response(),
        };
        let headers = response.headers_mut();
        if headers.contains_key(header::CONTENT_TYPE) {
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static(
                    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8",
                ),
            );
        }
        headers.insert(
            HeaderName::from_static("odata-version"),
            HeaderValue::from_static("4.0"),
        );
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        response
    }

    const fn of(status: StatusCode, body: Value) -> Self {
        Self {
            status,
            body: Some(body),
            headers: Vec::new(),
        }
    }
}

fn described(request: &Request, context: &str) -> Value {
    Value::String(request.address(&format!("$metadata#{context}")))
}
