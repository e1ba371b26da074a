//! What the ends of a tunnel have in common before they are sockets: a relay that is there, the subprotocol, bounded frames.

use axum::extract::ws::WebSocketUpgrade;
use axum::http::HeaderName;
use axum::http::request::Parts;
use hybrid::MAX_MESSAGE;
use hybrid::relay::RelayRefusal;

use super::desk::{Desk, Origin};
use super::refusal::problem;
use crate::app::AppState;
use crate::web::{Problem, caller};

const SUBPROTOCOL: &str = "fido.cable";
/// Bytes that are read at a time. The socket keeps room for so many while it is idle, which most are most of the time; a longer message
/// is read in several goes.
const READ: usize = 512;
/// Longer messages are not read at all. Between this and the longest of the transport a message is read, counted as a broken rule, and the
/// peer told which.
const TOO_MUCH: usize = 2 * MAX_MESSAGE;
/// Tells the authenticator which machine has its tunnel.
pub const ROUTING_ID: HeaderName = HeaderName::from_static("x-cable-routing-id");
/// Carries what a linked client says to the authenticator.
pub const CLIENT_PAYLOAD: HeaderName = HeaderName::from_static("x-cable-client-payload");
/// Asks for the signal that the authenticator has connected; announces it when it comes back.
pub const SIGNAL: HeaderName = HeaderName::from_static("x-cable-signal-connection");
/// By what an authenticator listens for calls.
pub const CONTACT_SECRET: HeaderName = HeaderName::from_static("x-keyward-contact-secret");

/// The relay of this deployment, if it has one; else there is nothing at this address.
pub fn desk(app: &AppState) -> Result<&Desk, Problem> {
    app.relay.as_ref().ok_or_else(Problem::not_found)
}

/// By what the caller is counted.
pub fn origin(desk: &Desk, app: &AppState, parts: &Parts) -> Origin {
    desk.origin(caller::address(parts, app))
}

/// A header as text; empty if it is not there or no text.
pub fn header<'a>(parts: &'a Parts, name: &HeaderName) -> &'a str {
    parts
        .headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// Checks the subprotocol and bounds what the socket will take.
pub fn prepare(upgrade: WebSocketUpgrade) -> Result<WebSocketUpgrade, Problem> {
    let upgrade = upgrade
        .protocols([SUBPROTOCOL])
        .max_message_size(TOO_MUCH)
        .max_frame_size(TOO_MUCH)
        .read_buffer_size(READ)
        .write_buffer_size(0)
        .max_write_buffer_size(2 * MAX_MESSAGE);
    match upgrade.selected_protocol() {
        Some(_) => Ok(upgrade),
        None => Err(problem(RelayRefusal::Subprotocol)),
    }
}
