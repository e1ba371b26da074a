//! A whole conversation, for either side: bytes in, bytes and events out. A state is a value, and each step takes it away;
//! what broke the rules leaves nothing behind to go on with.
//!
//! ```text
//!   authenticator   Advertised ──handshake──► Serving ──request──► Answering ──answer──► Serving ──shutdown──► Closed
//!
//!   client          Calling ──answer──► Shaken ──greeting──► Ready ──request──► Asking ──reply──► Ready ──shutdown──► Leaving
//! ```
//!
//! Time is an argument, as a duration since a moment of the caller's choosing. Every state has a deadline; what arrives after
//! it is refused, and a caller whose connection is silent asks [`deadline`](Serving::deadline) when to hang up.

mod authenticator;
mod client;
#[cfg(test)]
mod tests;

pub use authenticator::{Advertised, Answering, Closed, Heard, Serving};
pub use client::{Asking, Calling, Leaving, QrClient, Ready, Reply, Shaken, connect_signal};

use crate::ec::NotAKey;
use crate::keys::KeyError;
use crate::link::LinkError;
use crate::message::{FrameError, GreetingError};
use crate::noise::ChannelError;
use std::time::Duration;

/// How long each side waits for the other, and for how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the advert to the handshake: a computer has to hear it, and to reach the tunnel service.
    pub handshake: Duration,
    /// From one message to the other side's next one, a person's decision included.
    pub silence: Duration,
    /// From the answer to the shutdown, or from the shutdown to the close.
    pub shutdown: Duration,
    /// Requests in one session. Browsers send one; registration with an existing passkey may ask twice.
    pub requests: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(90),
            silence: Duration::from_secs(180),
            shutdown: Duration::from_secs(60),
            requests: 8,
        }
    }
}

/// Why a session ended before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The encrypted channel was broken.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// A plaintext was no frame.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The authenticator's greeting was none.
    #[error(transparent)]
    Greeting(#[from] GreetingError),
    /// The authenticator's link was none.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// A key could not be derived.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The client's key in the QR code is not on the curve.
    #[error("the QR code carries a key that is none")]
    ClientKey,
    /// The other side took too long.
    #[error("the other side took too long")]
    Late,
    /// A frame that only the other role sends, or that this implementation never asks for.
    #[error("a frame that does not belong here")]
    UnexpectedFrame,
    /// Only clients send shutdown; an authenticator that does is broken.
    #[error("the authenticator sent a shutdown, which only clients do")]
    ShutdownFromAuthenticator,
    /// An answer to nothing.
    #[error("the authenticator answered without having been asked")]
    Unsolicited,
    /// More requests than a session may have.
    #[error("too many requests in one session")]
    TooManyRequests,
    /// The signal that the authenticator has connected is one zero byte.
    #[error("the tunnel service's signal is broken")]
    ConnectSignal,
    /// The client did not offer to be linked, or this is already a session over a link.
    #[error("this client is not to be linked")]
    NotLinkable,
}

impl From<NotAKey> for SessionError {
    fn from(_: NotAKey) -> Self {
        Self::ClientKey
    }
}

/// When a state ends.
#[derive(Clone, Copy, Debug)]
struct Deadline(Duration);

impl Deadline {
    const fn after(now: Duration, limit: Duration) -> Self {
        Self(now.saturating_add(limit))
    }

    fn check(self, now: Duration) -> Result<(), SessionError> {
        if now > self.0 {
            Err(SessionError::Late)
        } else {
            Ok(())
        }
    }
}
