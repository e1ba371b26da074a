//! `/cable/listen`: an authenticator without a push service keeps this connection open and is called over it. The header
//! `X-Keyward-Contact-Secret` proves that the contact is its own. Not part of any specification: others push.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::request::Parts;
use axum::response::Response;
use hybrid::TunnelId;
use hybrid::relay::{ContactSecret, RelayRefusal, Verdict};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

use super::desk::{Listening, Ring};
use super::refusal::{close_frame, problem};
use super::upgrade::{CONTACT_SECRET, desk, header, origin, prepare};
use crate::app::AppState;
use crate::web::Problem;

/// As for tunnels (`carry.rs`).
const PING: Duration = Duration::from_secs(20);
/// Calls that wait for a verdict at a time. Every linked client may call; the authenticator serves one after the other.
const CALLS: usize = 8;

/// Listens.
pub async fn listen(
    State(app): State<AppState>,
    parts: Parts,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let desk = desk(&app)?;
    let upgrade = prepare(upgrade)?;
    let secret = ContactSecret::from_hex(header(&parts, &CONTACT_SECRET))
        .ok_or_else(|| problem(RelayRefusal::Identifier))?;
    let (calls, ringing) = mpsc::channel(CALLS);
    let from = origin(desk, &app, &parts);
    let listening = Listening::begin(&app, &secret, from, calls).map_err(problem)?;
    let state = app.clone();
    Ok(upgrade.on_upgrade(move |socket| wait(state, listening, ringing, socket)))
}

async fn wait(
    app: AppState,
    listening: Listening,
    mut ringing: mpsc::Receiver<Ring>,
    mut socket: WebSocket,
) {
    let Some(desk) = &app.relay else { return };
    let mut pending = Pending::default();
    let close = loop {
        let step = tokio::select! {
            // Nothing comes any more when a newer connection of the same authenticator has taken over.
            ring = ringing.recv() => match ring {
                Some(ring) => pending.ring(ring),
                None => break Some(RelayRefusal::NotListening),
            },
            message = socket.recv() => match pending.hear(message) {
                Ok(()) => None,
                Err(refusal) => break refusal,
            },
            () = sleep(PING) => Some(Message::Ping(Bytes::new())),
            () = desk.stopped() => break Some(RelayRefusal::NotListening),
        };
        if let Some(message) = step {
            let sent = timeout(PING, socket.send(message)).await;
            if !matches!(sent, Ok(Ok(()))) {
                break None;
            }
        }
    };
    drop((listening, pending));
    let farewell = Message::Close(close.map(close_frame));
    let _ = timeout(PING, socket.send(farewell)).await;
}

/// Calls without a verdict.
#[derive(Default)]
struct Pending(Vec<(TunnelId, oneshot::Sender<Verdict>)>);

impl Pending {
    /// The message for the authenticator, unless too many calls wait; a call that is dropped is answered as if nobody listened.
    fn ring(&mut self, ring: Ring) -> Option<Message> {
        self.0.retain(|(_, verdict)| !verdict.is_closed());
        if self.0.len() >= CALLS {
            return None;
        }
        let message = ring.call.to_bytes();
        self.0.push((ring.call.tunnel, ring.verdict));
        Some(Message::Binary(message.into()))
    }

    /// A verdict. One about a call that is over is nothing.
    fn hear(
        &mut self,
        message: Option<Result<Message, axum::Error>>,
    ) -> Result<(), Option<RelayRefusal>> {
        let bytes = match message {
            Some(Ok(Message::Binary(bytes))) => bytes,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Text(_))) => return Err(Some(RelayRefusal::Text)),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(None),
        };
        let (tunnel, verdict) =
            Verdict::from_bytes(&bytes).map_err(|_| Some(RelayRefusal::MessageLength))?;
        let place = self.0.iter().position(|(known, _)| *known == tunnel);
        if let Some(place) = place {
            let (_, sender) = self.0.swap_remove(place);
            // The client may have gone meanwhile.
            let _ = sender.send(verdict);
        }
        Ok(())
    }
}
