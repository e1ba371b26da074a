//! What the relay's refusals look like: a status before the upgrade, a close code after it.

use axum::extract::ws::{CloseCode, CloseFrame, close_code};
use axum::http::StatusCode;
use hybrid::relay::RelayRefusal;

use crate::web::Problem;

/// Seconds after which a full relay may be asked again.
const RETRY: i64 = 10;

/// Before the upgrade. 410 has a meaning of its own to linked clients: they forget the link.
pub fn problem(refusal: RelayRefusal) -> Problem {
    count(refusal);
    let (status, code, message) = match refusal {
        RelayRefusal::Identifier | RelayRefusal::Payload | RelayRefusal::Subprotocol => (
            StatusCode::BAD_REQUEST,
            "relay_request",
            "This is not how hybrid transport calls its tunnel service.",
        ),
        RelayRefusal::Taken => (
            StatusCode::CONFLICT,
            "relay_taken",
            "This tunnel has both its ends.",
        ),
        RelayRefusal::Forgotten => (
            StatusCode::GONE,
            "relay_forgotten",
            "The authenticator does not know this link any more.",
        ),
        RelayRefusal::Full => (
            StatusCode::SERVICE_UNAVAILABLE,
            "relay_full",
            "The tunnel service is full.",
        ),
        RelayRefusal::FullForAddress => (
            StatusCode::TOO_MANY_REQUESTS,
            "relay_full_for_address",
            "Too many tunnels from this network address.",
        ),
        RelayRefusal::NoTunnel
        | RelayRefusal::OtherMachine
        | RelayRefusal::NotListening
        | RelayRefusal::MessageLength
        | RelayRefusal::Text
        | RelayRefusal::Spent
        | RelayRefusal::Late => (
            StatusCode::NOT_FOUND,
            "relay_nobody",
            "There is nobody at the other end.",
        ),
    };
    let mut problem = Problem::new(status, code, message).logged(refusal.code());
    if matches!(refusal, RelayRefusal::Full | RelayRefusal::FullForAddress) {
        problem.retry_after = Some(RETRY);
    }
    problem
}

/// After the upgrade (RFC 6455, section 7.4.1).
pub fn close_frame(refusal: RelayRefusal) -> CloseFrame {
    count(refusal);
    // The rule and nothing else: whose tunnel it was is not written down. That an other end has gone is no broken rule.
    if !matches!(refusal, RelayRefusal::NoTunnel) {
        tracing::info!(code = refusal.code(), "closed a tunnel");
    }
    let code: CloseCode = match refusal {
        RelayRefusal::Text => close_code::UNSUPPORTED,
        RelayRefusal::MessageLength => close_code::SIZE,
        RelayRefusal::NoTunnel => close_code::AWAY,
        _ => close_code::POLICY,
    };
    CloseFrame {
        code,
        reason: refusal.code().into(),
    }
}

fn count(refusal: RelayRefusal) {
    metrics::counter!("keyward_relay_refusals_total", "code" => refusal.code()).increment(1);
}
