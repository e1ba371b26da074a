//! `GET /{tenant}/v2.0/.well-known/openid-configuration`, the twin without `/v2.0`, `GET /{tenant}/discovery/v2.0/keys`,
//! `GET /common/discovery/instance`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use super::keyring::KeyringFault;
use super::metadata::{self, Door};
use crate::app::AppState;
use crate::web::{Path, Problem};

/// A key is published a day before it is used, so an hour in a cache loses nothing.
const CACHE: &str = "public, max-age=3600";

/// The discovery document.
pub async fn configuration(
    State(app): State<AppState>,
    Path(segment): Path<String>,
) -> Result<Response, Problem> {
    let door = Door::open(&app, &segment).ok_or_else(Problem::not_found)?;
    document(app.keyring.discovery(&app, door).await)
}

/// The twin without `/v2.0`, which MSAL's generic mode and some administration scripts ask for. Those scripts learn the tenant's id
/// from the address of userinfo, where Entra's first version has it.
pub async fn first_version(
    State(app): State<AppState>,
    Path(segment): Path<String>,
) -> Result<Response, Problem> {
    let door = Door::open(&app, &segment).ok_or_else(Problem::not_found)?;
    document(app.keyring.first_discovery(&app, door).await)
}

/// The JWK set.
pub async fn keys(
    State(app): State<AppState>,
    Path(segment): Path<String>,
) -> Result<Response, Problem> {
    let door = Door::open(&app, &segment).ok_or_else(Problem::not_found)?;
    document(app.keyring.jwks(&app, door).await)
}

/// Which cloud an authority belongs to: this one.
pub async fn instance(State(app): State<AppState>) -> Json<serde_json::Value> {
    Json(metadata::instance(app.config.origin(), app.config.host()))
}

fn document(written: Result<Bytes, KeyringFault>) -> Result<Response, Problem> {
    let bytes = written.map_err(|fault| Problem::internal(format!("signing keys: {fault}")))?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, CACHE),
    ];
    Ok((headers, bytes).into_response())
}
