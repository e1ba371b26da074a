//! Pages under `/admin`.

use axum::Router;

use crate::app::AppState;

/// The routes of these pages.
pub fn routes() -> Router<AppState> {
    Router::new()
}
