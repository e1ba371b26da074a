//! `/ssf/subjects/add` and `/ssf/subjects/remove` (SSF section 8.1.3). Everybody is on a stream until they are taken off it.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use policy::model::Application;
use serde::Deserialize;

use super::access::{Right, json as parse, receiver};
use super::streams::stream_id;
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::signals::{self, SignalsRefusal, Subject};
use crate::oidc::metadata::issuer;
use crate::oidc::possession::Sender;

#[derive(Deserialize)]
struct Sent {
    stream_id: String,
    subject: SentSubject,
}

#[derive(Deserialize)]
#[serde(tag = "format", rename_all = "snake_case")]
enum SentSubject {
    IssSub {
        iss: String,
        sub: String,
    },
    Opaque {
        id: String,
    },
    Email {
        email: String,
    },
    #[serde(other)]
    Other,
}

/// `POST`: this person is on the stream.
pub async fn add(
    State(app): State<AppState>,
    caller: Caller,
    sender: Sender,
    body: Bytes,
) -> Result<StatusCode, SignalsRefusal> {
    let receiver = receiver(&app, &sender.asking(), Right::Manage).await?;
    change(
        &app,
        &caller,
        &receiver,
        parse(sender.asking().headers, &body)?,
        true,
    )
    .await?;
    Ok(StatusCode::OK)
}

/// `POST`: this person is not.
pub async fn remove(
    State(app): State<AppState>,
    caller: Caller,
    sender: Sender,
    body: Bytes,
) -> Result<StatusCode, SignalsRefusal> {
    let receiver = receiver(&app, &sender.asking(), Right::Manage).await?;
    change(
        &app,
        &caller,
        &receiver,
        parse(sender.asking().headers, &body)?,
        false,
    )
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn change(
    app: &AppState,
    caller: &Caller,
    receiver: &Application,
    sent: Sent,
    on: bool,
) -> Result<(), SignalsRefusal> {
    let id = stream_id(&sent.stream_id)?;
    let subject = match sent.subject {
        SentSubject::IssSub { iss, sub } => {
            if iss != issuer(app.config.origin(), receiver.tenant) {
                return Err(SignalsRefusal::NotFound);
            }
            Subject::Sub(sub)
        }
        SentSubject::Opaque { id } => Subject::Id(id),
        SentSubject::Email { email } => Subject::Name(email),
        SentSubject::Other => return Err(SignalsRefusal::Invalid("subject.format")),
    };
    signals::set_subject(app, caller, receiver, id, subject, on).await
}
