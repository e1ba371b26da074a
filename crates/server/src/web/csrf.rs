//! Posted bodies, checked before a handler sees them.
//!
//! Three checks, each enough against most forgeries: the `Origin` header (or `Sec-Fetch-Site`) names our own origin; the
//! request carries a token that only a page of ours could have been given; and the cookies are `SameSite=Lax`.

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;

use super::cookies::{self, Token};
use super::problem::Problem;
use crate::app::AppState;

const LABEL: &[u8] = b"csrf";
/// The header that carries the token on JSON posts.
pub const HEADER: &str = "x-csrf-token";
/// The form field that carries it.
pub const FIELD: &str = "csrf";

/// A token for one browser or session, to be put into its forms and pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsrfToken(String);

impl CsrfToken {
    pub(super) fn make(app: &AppState, bound_to: &Token) -> Self {
        // Without a seal key nothing is served, so the empty token is never handed out in practice; it matches nothing.
        let tag = app
            .seal
            .tag(LABEL, bound_to.as_bytes())
            .map(|tag| URL_SAFE_NO_PAD.encode(tag));
        Self(tag.unwrap_or_default())
    }

    /// The text for the hidden field `csrf` or the header `x-csrf-token`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for CsrfToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A posted form whose origin and CSRF token were checked. The field `csrf` is not part of `T`.
#[derive(Debug)]
pub struct CheckedForm<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for CheckedForm<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        check_origin(app, &headers)?;
        expect_type(&headers, "application/x-www-form-urlencoded")?;
        let body = body(request, app).await?;
        let fields: Vec<(String, String)> =
            url::form_urlencoded::parse(&body).into_owned().collect();
        let mut tokens = fields
            .iter()
            .filter(|(name, _)| name == FIELD)
            .map(|(_, value)| value.as_str());
        let token = tokens.next().filter(|_| tokens.next().is_none());
        check_token(app, &headers, token)?;
        let text: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields.iter().filter(|(name, _)| name != FIELD))
            .finish();
        axum::Form::<T>::from_request(
            Request::post("/")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(axum::body::Body::from(text))
                .map_err(|_| Problem::malformed("the form cannot be read"))?,
            app,
        )
        .await
        .map(|axum::Form(value)| Self(value))
        .map_err(|rejection| Problem::malformed(rejection.body_text()))
    }
}

/// A posted JSON value whose origin and CSRF token were checked.
#[derive(Debug)]
pub struct CheckedJson<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for CheckedJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Problem> {
        check_origin(app, request.headers())?;
        // A cross-site form cannot send this type, so the check is a CSRF defence of its own.
        expect_type(request.headers(), "application/json")?;
        let token = request
            .headers()
            .get(HEADER)
            .and_then(|value| value.to_str().ok());
        check_token(app, request.headers(), token)?;
        let body = body(request, app).await?;
        serde_json::from_slice(&body)
            .map(Self)
            .map_err(|error| Problem::malformed(error.to_string()))
    }
}

async fn body(request: Request, app: &AppState) -> Result<axum::body::Bytes, Problem> {
    axum::body::Bytes::from_request(request, app)
        .await
        .map_err(|rejection| Problem::rejected(rejection.status()))
}

fn expect_type(headers: &HeaderMap, wanted: &str) -> Result<(), Problem> {
    let sent = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = sent.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(wanted) {
        Ok(())
    } else {
        Err(Problem::unsupported_type())
    }
}

/// Refuses a request that a page of another site made. Clients that send neither header are no browsers; for them the
/// token remains.
fn check_origin(app: &AppState, headers: &HeaderMap) -> Result<(), Problem> {
    if let Some(origin) = headers.get(header::ORIGIN) {
        return if origin.as_bytes() == app.config.origin().as_bytes() {
            Ok(())
        } else {
            Err(Problem::foreign_origin())
        };
    }
    match headers.get("sec-fetch-site").map(|value| value.as_bytes()) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => Err(Problem::foreign_origin()),
    }
}

/// The token has to belong to the browser cookie or to a session cookie of this request.
fn check_token(app: &AppState, headers: &HeaderMap, token: Option<&str>) -> Result<(), Problem> {
    let token = token
        .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
        .ok_or_else(Problem::csrf)?;
    let browser = cookies::read(headers, cookies::BROWSER);
    let sessions = cookies::sessions(headers)
        .into_iter()
        .map(|(_, value)| value);
    let belongs = browser
        .into_iter()
        .chain(sessions)
        .any(|held| app.seal.tag_matches(LABEL, held.as_bytes(), &token));
    if belongs {
        Ok(())
    } else {
        Err(Problem::csrf())
    }
}
