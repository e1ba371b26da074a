//! Hybrid transport (CTAP 2.2, section 11.5): a phone signs in for a computer. Without any input or output of its own.
//!
//! It refuses a QR code that is not exactly one handshake, an advert whose tag does not fit, a tunnel domain that nobody has
//! assigned, a peer that did not see the code and hear the advert, and every message that is not the next one of that peer.
//! Time and randomness are arguments; nothing a peer sends is taken without a bound.
//!
//! ```text
//!   QR code ──digits──► handshake (client key, secret) ──HKDF──► EID key ──► advert (nonce, routing id, domain id)
//!                                                      └──HKDF──► tunnel id ──► wss://domain/cable/…
//!                                                      └──HKDF, salt = EID──► pre-shared key of the Noise handshake
//!
//!   session   advert heard ──Noise──► encrypted channel ──► greeting ──► requests and answers ──► shutdown
//!   relay     new ┐
//!   contact ──────┼──► a tunnel with two ends ◄── connect        it knows addresses, counts and times, no contents
//! ```

pub mod advert;
mod cbor;
pub mod connection;
pub mod ec;
pub mod keys;
pub mod link;
mod message;
mod noise;
mod primitives;
pub mod qr;
pub mod relay;
pub mod scan;
pub mod session;
pub mod tunnel;

pub use advert::{Advert, AdvertError};
pub use cbor::CborError;
pub use ec::{NotAKey, PublicKey, SecretKey};
pub use keys::{EidKey, KeyError, LinkRoot, LinkSecret, PreSharedKey, TunnelId};
pub use link::{ContactPayload, Link, LinkError, Offer, PayloadError};
pub use message::{FrameError, GreetingError};
pub use noise::{ChannelError, HANDSHAKE_MESSAGE, MAX_MESSAGE, MAX_PLAIN};
pub use qr::{Flow, Handshake, QrError};
pub use session::{Limits, SessionError};
pub use tunnel::{DomainError, TunnelDomain};
