//! `POST /{tenant}/oauth2/v2.0/par` (RFC 9126).

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use policy::lifetimes::PUSHED_REQUEST;
use serde_json::{Value, json};

use super::refused::Refused;
use super::{authenticated, no_store};
use crate::app::AppState;
use crate::flow::Caller;
use crate::oidc::possession::Sender;
use crate::oidc::pushed;
use crate::web::Path;

/// A client pushes what it wants.
pub async fn submit(
    State(app): State<AppState>,
    Path(segment): Path<String>,
    caller: Caller,
    sender: Sender,
    body: Bytes,
) -> Response {
    let pushed = async {
        let asking = sender.asking();
        let asked = authenticated(&app, &segment, &caller, asking.headers, &body).await?;
        let asked = asked.proving(&asking).await?;
        let reference = pushed::push(&app, &asked.application, &body, asked.held)
            .map_err(|_| Refused::unavailable("a request could not be sealed".to_owned()))?;
        let reference = reference.map_err(Refused::of_request)?;
        Ok::<Value, Refused>(json!({
            "request_uri": reference,
            "expires_in": PUSHED_REQUEST.as_seconds(),
        }))
    };
    no_store(match pushed.await {
        Ok(reference) => (StatusCode::CREATED, Json(reference)).into_response(),
        Err(refused) => refused.respond(&app, &caller),
    })
}
