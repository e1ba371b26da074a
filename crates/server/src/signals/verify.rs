//! `POST /ssf/verify`: a test event (SSF section 8.1.4).

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use super::access::{Right, json as parse, receiver};
use super::streams::stream_id;
use crate::app::AppState;
use crate::flow::signals::{self, SignalsRefusal};
use crate::oidc::possession::Sender;

#[derive(Deserialize)]
struct Sent {
    stream_id: String,
    state: Option<String>,
}

/// Sends a test along the stream.
pub async fn ask(
    State(app): State<AppState>,
    sender: Sender,
    body: Bytes,
) -> Result<StatusCode, SignalsRefusal> {
    let receiver = receiver(&app, &sender.asking(), Right::Read).await?;
    let sent: Sent = parse(sender.asking().headers, &body)?;
    if sent.state.as_ref().is_some_and(|state| state.len() > 1024) {
        return Err(SignalsRefusal::Invalid("state"));
    }
    let id = stream_id(&sent.stream_id)?;
    signals::verify(&app, &receiver, id, sent.state).await?;
    Ok(StatusCode::NO_CONTENT)
}
