//! Shared signals: the transmitter of OpenID SSF 1.0, which tells other systems of ended sessions, changed ways to sign in
//! and disabled accounts (CAEP, RISC).
//!
//! And its receiver: other systems push their events here, and what they say ends sessions or asks for two factors again, by
//! the administrators' rules ([`crate::flow::received`]).
//!
//! Refuses to do: tell anybody but the application that made the stream; push to an address inside the network, unless the
//! operator allows it; follow redirects; send the second event of a stream before the first was taken.
//!
//! ```text
//!   flow ──(one write: change, record, events)──▶ signals ──┬─▶ courier ── push (RFC 8935) ──▶ receiver
//!          wakes both ──────────────────────────────▲       └─▶ poll (RFC 8936) ◀── receiver
//! ```
//!
//! What is worth an event is decided where the change is written (`store::signals`). Here a stored event becomes a signed
//! token when it goes out, so that a rotated key never leaves an old signature behind.

mod access;
mod courier;
mod metadata;
mod outbound;
mod poll;
mod receive;
mod set;
mod status;
mod streams;
mod subjects;
mod verify;

use axum::Router;
use axum::routing::{get, post};

use crate::app::AppState;

pub use courier::{Round, deliver, run};
pub use outbound::{BadAddress, Outbound, check_address};
pub use set::token_id;

/// Routes that receivers call.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/.well-known/ssf-configuration", get(metadata::of_default))
        .route(
            "/.well-known/ssf-configuration/{tenant}/v2.0",
            get(metadata::of_tenant),
        )
        .route(
            "/{tenant}/v2.0/.well-known/ssf-configuration",
            get(metadata::of_tenant),
        )
        .route(
            "/ssf/streams",
            get(streams::show)
                .post(streams::create)
                .patch(streams::update)
                .put(streams::replace)
                .delete(streams::delete),
        )
        .route("/ssf/status", get(status::show).post(status::change))
        .route("/ssf/subjects/add", post(subjects::add))
        .route("/ssf/subjects/remove", post(subjects::remove))
        .route("/ssf/verify", post(verify::ask))
        .route("/ssf/poll/{stream}", post(poll::ask))
        .route("/ssf/receive/{tenant}/{source}", post(receive::take))
}
