//! What the sample application shows.

use askama::Template;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use serde_json::Value;

use super::visits::SignedIn;

const CSP: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' https:";
const STYLE: &str = include_str!("../../../../templates/sample_app/sample.css");

/// The way in.
#[derive(Template)]
#[template(path = "sample_app/home.html")]
pub struct Home;

/// What the application learned about the user.
#[derive(Template)]
#[template(path = "sample_app/account.html")]
pub struct Account {
    name: String,
    claims: Vec<(String, String)>,
    userinfo: Vec<(String, String)>,
    scope: String,
    expires_in: i64,
    refreshed: u32,
}

/// Something was not acceptable.
#[derive(Template)]
#[template(path = "sample_app/failed.html")]
pub struct Failed {
    pub reason: String,
}

impl Account {
    pub fn new(user: &SignedIn) -> Self {
        let name = user
            .claims
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or("somebody");
        Self {
            name: name.to_owned(),
            claims: rows(&user.claims),
            userinfo: rows(&user.userinfo),
            scope: user.scope.clone(),
            expires_in: user.expires_in,
            refreshed: user.refreshed,
        }
    }
}

/// Draws a page.
pub fn page(status: StatusCode, template: &impl Template) -> Response {
    let Ok(html) = template.render() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let headers = [
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(CSP),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
        (
            HeaderName::from_static("x-content-type-options"),
            HeaderValue::from_static("nosniff"),
        ),
    ];
    (status, headers, Html(html)).into_response()
}

/// The one stylesheet.
pub async fn stylesheet() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

fn rows(object: &Value) -> Vec<(String, String)> {
    let shown = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    object
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), shown(value)))
        .collect()
}
