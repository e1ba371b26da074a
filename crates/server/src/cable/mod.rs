//! The tunnel service of hybrid transport (CTAP 2.2, section 11.5): carries encrypted messages between a computer that shows
//! a QR code and the phone that signs in for it, when the two only share the internet.
//!
//! Refuses to do: look into a message, keep one, write anything down, or tell an operator more than counts. Whom a tunnel
//! belongs to is not known here; there is no account in it.
//!
//! ```text
//!   phone ── /cable/new/{tunnel} ──►┐
//!                                   ├─ two ends, bounded channels between their tasks
//!   computer ── /cable/connect/… ──►┘                              bookkeeping: hybrid::relay
//!
//!   linked computer ── /cable/contact/{contact} ──call──► /cable/listen ◄── authenticator
//! ```

mod carry;
mod connect;
mod contact;
mod desk;
mod listen;
mod new;
mod refusal;
mod upgrade;

use axum::Router;
use axum::routing::any;

use crate::app::AppState;

pub use desk::Desk;

/// Routes of both ends. `any`, because a WebSocket over HTTP/2 begins with CONNECT.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/cable/new/{tunnel}", any(new::open))
        .route("/cable/connect/{routing}/{tunnel}", any(connect::join))
        .route("/cable/contact/{contact}", any(contact::call))
        .route("/cable/listen", any(listen::listen))
}
