//! Health, readiness, metrics, and what browsers ask about related origins.

use axum::Json;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use subtle::ConstantTimeEq as _;

use crate::app::AppState;
use crate::web::Problem;
use crate::web::caller;

/// `GET /healthz`: the process answers.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers too.
pub async fn readyz(State(app): State<AppState>) -> (StatusCode, &'static str) {
    let reached = app
        .store
        .read(|tx| Box::pin(store::versions::all(tx)))
        .await;
    match reached {
        Ok(_) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::error!(code = error.code(), "not ready");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database does not answer\n",
            )
        }
    }
}

/// `GET /metrics` in Prometheus' text form, for this machine or whoever has the token; others find nothing here.
pub async fn metrics(State(app): State<AppState>, parts: Parts) -> Result<Response, Problem> {
    let allowed = is_this_machine(&app, &parts) || has_token(&app, &parts);
    let metrics = app
        .metrics
        .as_ref()
        .filter(|_| allowed)
        .ok_or_else(Problem::not_found)?;
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], metrics.render()).into_response())
}

/// A proxy on this machine speaks for others, so a forwarded request is never from here.
fn is_this_machine(app: &AppState, parts: &Parts) -> bool {
    let forwarded = parts.headers.contains_key("x-forwarded-for")
        || parts.headers.contains_key(header::FORWARDED);
    !forwarded && caller::address(parts, app).is_loopback()
}

fn has_token(app: &AppState, parts: &Parts) -> bool {
    let sent = parts
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    match (&app.config.metrics_token, sent) {
        (Some(token), Some(sent)) => token.expose().as_bytes().ct_eq(sent).into(),
        _ => false,
    }
}

#[derive(Serialize)]
struct RelatedOrigins {
    origins: Vec<String>,
}

/// `GET /.well-known/webauthn` (WebAuthn Level 3, section 5.11.1): where else our passkeys may be used.
pub async fn related_origins(State(app): State<AppState>) -> Response {
    let origins = app
        .config
        .relying_party
        .origins
        .iter()
        .map(|origin| origin.as_str().to_owned())
        .collect();
    Json(RelatedOrigins { origins }).into_response()
}
