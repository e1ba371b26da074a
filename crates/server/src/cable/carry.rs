//! One end of a tunnel: takes what its socket says to the other end, and the other way round.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket};
use hybrid::relay::RelayRefusal;
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::desk::{Desk, End};
use super::refusal::close_frame;
use crate::app::AppState;

/// A connection on which nothing moves is closed after a minute (`tls.rs`), and a person may think for longer.
const PING: Duration = Duration::from_secs(20);
/// Messages that wait for an end that is slow, or not there yet. Question and answer take turns, so few ever do.
const WAITING: usize = 8;
/// By which a linked client learns that the authenticator has connected.
const CONNECTED: Bytes = Bytes::from_static(&[0]);

/// What one end holds of a tunnel.
#[derive(Debug)]
pub struct Line {
    to_other: mpsc::Sender<Bytes>,
    from_other: mpsc::Receiver<Bytes>,
    /// Whether the other end wants to be told when this one connects.
    signal: bool,
}

impl Line {
    /// Both ends of a tunnel: the opener's, and the one for whoever joins. With `signal`, the opener is told of that.
    pub fn pair(signal: bool) -> (Self, Self) {
        let (to_second, from_first) = mpsc::channel(WAITING);
        let (to_first, from_second) = mpsc::channel(WAITING);
        let end = |to_other, from_other, signal| Self {
            to_other,
            from_other,
            signal,
        };
        (
            end(to_second, from_second, false),
            end(to_first, from_first, signal),
        )
    }
}

/// Runs until either end is gone or breaks a rule.
pub async fn carry(app: AppState, end: End, mut line: Line, mut socket: WebSocket) {
    let Some(desk) = &app.relay else { return };
    if line.signal && line.to_other.try_send(CONNECTED).is_err() {
        return;
    }
    let close = loop {
        let step = tokio::select! {
            message = socket.recv() => hear(desk, &end, &line, message),
            message = line.from_other.recv() => tell(&mut socket, message).await,
            () = sleep(PING) => ping(desk, &end, &mut socket).await,
            () = desk.stopped() => Step::Over(Some(RelayRefusal::NoTunnel)),
        };
        match step {
            Step::On => {}
            Step::Over(refusal) => break refusal,
        }
    };
    // The other end first: it must not wait for a peer that does not read its close frame.
    drop((end, line));
    let farewell = Message::Close(close.map(close_frame));
    let _ = tokio::time::timeout(PING, socket.send(farewell)).await;
}

enum Step {
    On,
    /// The end, and what rule was broken, if one was.
    Over(Option<RelayRefusal>),
}

fn hear(
    desk: &Desk,
    end: &End,
    line: &Line,
    message: Option<Result<Message, axum::Error>>,
) -> Step {
    let bytes = match message {
        Some(Ok(Message::Binary(bytes))) => bytes,
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Step::On,
        Some(Ok(Message::Text(_))) => return Step::Over(Some(RelayRefusal::Text)),
        Some(Ok(Message::Close(_)) | Err(_)) | None => return Step::Over(None),
    };
    if let Err(refusal) = desk.pass(&end.ticket, bytes.len()) {
        return Step::Over(Some(refusal));
    }
    match line.to_other.try_send(bytes) {
        Ok(()) => Step::On,
        Err(mpsc::error::TrySendError::Full(_)) => Step::Over(Some(RelayRefusal::Spent)),
        Err(mpsc::error::TrySendError::Closed(_)) => Step::Over(Some(RelayRefusal::NoTunnel)),
    }
}

async fn tell(socket: &mut WebSocket, message: Option<Bytes>) -> Step {
    let Some(bytes) = message else {
        return Step::Over(Some(RelayRefusal::NoTunnel));
    };
    send(socket, Message::Binary(bytes)).await
}

async fn ping(desk: &Desk, end: &End, socket: &mut WebSocket) -> Step {
    match desk.is_over(&end.ticket) {
        Ok(()) => send(socket, Message::Ping(Bytes::new())).await,
        Err(refusal) => Step::Over(Some(refusal)),
    }
}

// Who does not read is not waited for.
async fn send(socket: &mut WebSocket, message: Message) -> Step {
    match tokio::time::timeout(PING, socket.send(message)).await {
        Ok(Ok(())) => Step::On,
        _ => Step::Over(None),
    }
}
