//! Pages under `/signin`.

use axum::Router;

use crate::app::AppState;
use crate::web::ProblemView;

/// The routes of these pages.
pub fn routes() -> Router<AppState> {
    Router::new()
}

/// The page that shows a problem.
pub fn problem_page(_app: &AppState, problem: &ProblemView<'_>) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><title>{code}</title><h1>{code}</h1><p>{message}</p><p>{id}</p></html>",
        code = problem.code,
        message = problem.message,
        id = problem.correlation_id
    )
}
