//! What stands before every handler: flood control, a time limit, and a net under panics.

use std::any::Any;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::caller;
use super::problem::Problem;
use crate::app::AppState;

/// Longest time for one request, its body included.
const TIME: Duration = Duration::from_secs(30);

/// Turns away networks that send too many requests.
pub async fn not_too_often(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match app.limits.admit(caller::address(&parts, &app)) {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(seconds) => Problem::too_many(seconds).into_response(),
    }
}

/// Ends a request that takes too long.
pub async fn in_time(request: Request, next: Next) -> Response {
    tokio::time::timeout(TIME, next.run(request))
        .await
        .unwrap_or_else(|_| Problem::rejected(StatusCode::REQUEST_TIMEOUT).into_response())
}

/// A panic is a mistake of ours: it is logged and answered like any other, and never shown.
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let said = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    metrics::counter!("keyward_panics_total").increment(1);
    let said = said.unwrap_or_default();
    Problem::internal(format!("a handler panicked: {said}")).into_response()
}
