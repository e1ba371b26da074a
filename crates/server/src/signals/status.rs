//! `/ssf/status`: whether a stream flows (SSF section 8.1.2).

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use policy::model::{Stream, StreamStatus};
use serde::Deserialize;
use serde_json::json;

use super::access::{Right, json as parse, receiver};
use super::streams::{Which, answer, stream_id};
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::signals::{self, SignalsRefusal};
use crate::oidc::possession::Sender;
use crate::web::Query;

#[derive(Deserialize)]
struct Sent {
    stream_id: String,
    status: String,
    reason: Option<String>,
}

/// `GET`.
pub async fn show(
    State(app): State<AppState>,
    sender: Sender,
    Query(which): Query<Which>,
) -> Result<Response, SignalsRefusal> {
    let receiver = receiver(&app, &sender.asking(), Right::Read).await?;
    let stream = signals::find(&app, &receiver, which.must()?).await?;
    Ok(respond(&stream))
}

/// `POST`.
pub async fn change(
    State(app): State<AppState>,
    caller: Caller,
    sender: Sender,
    body: Bytes,
) -> Result<Response, SignalsRefusal> {
    let receiver = receiver(&app, &sender.asking(), Right::Manage).await?;
    let sent: Sent = parse(sender.asking().headers, &body)?;
    let id = stream_id(&sent.stream_id)?;
    let status = StreamStatus::from_name(&sent.status).ok_or(SignalsRefusal::Invalid("status"))?;
    let reason = sent.reason.unwrap_or_default();
    if reason.len() > 256 || reason.chars().any(char::is_control) {
        return Err(SignalsRefusal::Invalid("reason"));
    }
    let stream = signals::set_status(&app, &caller, &receiver, id, status, reason).await?;
    Ok(respond(&stream))
}

fn respond(stream: &Stream) -> Response {
    let mut body = json!({
        "stream_id": stream.id.to_string(),
        "status": stream.status.as_str(),
    });
    if !stream.reason.is_empty()
        && let Some(members) = body.as_object_mut()
    {
        members.insert("reason".to_owned(), stream.reason.as_str().into());
    }
    answer(StatusCode::OK, &body)
}
