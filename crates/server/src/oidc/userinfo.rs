//! `GET` and `POST /oidc/userinfo` (OpenID Connect Core section 5.3): what is true about the user now. The token names the tenant; an
//! address with a tenant in it is the same one.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

use super::bearer::{self, BearerRefusal, Delegated, Presented};
use super::parameters::Parameters;
use super::possession::Sender;
use crate::app::AppState;

#[derive(Serialize)]
struct Userinfo {
    sub: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preferred_username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

/// With the token in the header.
pub async fn show(State(app): State<AppState>, sender: Sender) -> Response {
    let asking = sender.asking();
    let token = bearer::in_header(asking.headers);
    respond(bearer::delegated(&app, &asking, token, "openid").await)
}

/// With the token in the header or in the form (RFC 6750 section 2.2), not in both.
pub async fn submit(State(app): State<AppState>, sender: Sender, body: Bytes) -> Response {
    let asking = sender.asking();
    let kind = asking
        .headers
        .get(header::CONTENT_TYPE)
        .map(HeaderValue::as_bytes)
        .unwrap_or_default();
    let form = if kind.starts_with(b"application/x-www-form-urlencoded") {
        Parameters::parse(&body)
    } else {
        Parameters::default()
    };
    let token = match (bearer::in_header(asking.headers), form.get("access_token")) {
        (Some(_), Some(_)) => None,
        (header, body) => header.or(body.map(Presented::bare)),
    };
    respond(bearer::delegated(&app, &asking, token, "openid").await)
}

fn respond(checked: Result<Delegated, BearerRefusal>) -> Response {
    match checked {
        Ok(Delegated { claims, user }) => {
            let profile = claims.has_scope("profile");
            let email = user.mail.filter(|_| claims.has_scope("email"));
            Json(Userinfo {
                sub: claims.sub,
                name: profile.then_some(user.display_name),
                preferred_username: profile.then_some(user.user_principal_name),
                email,
            })
            .into_response()
        }
        Err(refusal) => refusal.into_response(),
    }
}
