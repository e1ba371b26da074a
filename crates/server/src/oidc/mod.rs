//! OpenID Connect: the endpoints applications talk to.

pub mod answer;
pub mod claims;
pub mod metadata;
pub mod parameters;
mod pkce;
mod redirect;
pub mod refusal;
pub mod request;
mod scopes;

use axum::Router;

use crate::app::AppState;

/// Routes that a person's browser visits (authorize, logout).
pub fn browser_routes() -> Router<AppState> {
    Router::new()
}

/// Routes that programs call (discovery, keys, token, userinfo).
pub fn routes() -> Router<AppState> {
    Router::new()
}
