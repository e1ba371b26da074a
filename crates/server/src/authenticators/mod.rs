//! What authenticators that belong to the organisation ask, apart from anything that somebody signs in with: how things stand here,
//! and what went wrong.

mod configuration;
mod feedback;

use axum::Router;
use axum::routing::{get, post};

use crate::app::AppState;

/// Routes that apps call.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route(
            "/{tenant}/v2.0/.well-known/authenticator-configuration",
            get(configuration::show),
        )
        .route("/{tenant}/authenticator/feedback", post(feedback::take))
}
