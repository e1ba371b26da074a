//! `/cable/contact/{contact}`: a linked client calls its authenticator, without a QR code.
//!
//! The client's payload goes to the authenticator as it came. 410 is answered only if the authenticator itself says that it
//! knows no such link: a client that reads it forgets the link, and one that is merely out of reach must not be forgotten.

use std::time::Duration;

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::request::Parts;
use axum::response::Response;
use hybrid::TunnelId;
use hybrid::relay::{Call, RelayRefusal, Verdict, client_payload, contact_id};
use tokio::sync::{mpsc, oneshot};

use super::carry::{Line, carry};
use super::desk::{End, Ring};
use super::refusal::problem;
use super::upgrade::{CLIENT_PAYLOAD, SIGNAL, desk, header, origin, prepare};
use crate::app::AppState;
use crate::web::Problem;

/// How long an authenticator may take to say whether it comes; no person is asked for that.
const VERDICT: Duration = Duration::from_secs(15);
const YES: HeaderValue = HeaderValue::from_static("true");

/// Opens a tunnel, calls the authenticator, and waits for it in the tunnel.
pub async fn call(
    State(app): State<AppState>,
    Path(contact): Path<String>,
    parts: Parts,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let desk = desk(&app)?;
    let upgrade = prepare(upgrade)?;
    let contact = contact_id(&contact).map_err(problem)?;
    let payload = client_payload(header(&parts, &CLIENT_PAYLOAD)).map_err(problem)?;
    let signal = header(&parts, &SIGNAL) == "true";
    let listener = desk.listener(&contact).map_err(problem)?;

    let call = Call {
        tunnel: TunnelId(app.random.bytes()),
        routing: desk.routing(),
        payload,
    };
    let (near, far) = Line::pair(signal);
    let from = origin(desk, &app, &parts);
    // Before the call: an authenticator that comes at once must find the tunnel.
    let end = End::open(&app, call.tunnel, from, far).map_err(problem)?;
    ring(&listener, call).await.map_err(problem)?;

    let state = app.clone();
    let mut response = upgrade.on_upgrade(move |socket| carry(state, end, near, socket));
    if signal {
        response.headers_mut().insert(SIGNAL, YES);
    }
    Ok(response)
}

async fn ring(listener: &mpsc::Sender<Ring>, call: Call) -> Result<(), RelayRefusal> {
    let (verdict, answer) = oneshot::channel();
    listener
        .try_send(Ring { call, verdict })
        .map_err(|_| RelayRefusal::NotListening)?;
    match tokio::time::timeout(VERDICT, answer).await {
        Ok(Ok(Verdict::Comes)) => Ok(()),
        Ok(Ok(Verdict::Forgotten)) => Err(RelayRefusal::Forgotten),
        Ok(Err(_)) | Err(_) => Err(RelayRefusal::NotListening),
    }
}
