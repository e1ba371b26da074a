//! Hybrid transport (CTAP 2.2, section 11.5): a phone signs in for a computer. Without any input or output of its own.
//!
//! It refuses a QR code that is not exactly one handshake, an advert whose tag does not fit, and a tunnel domain that
//! nobody has assigned. So far it holds what both sides compute before they talk:
//!
//! ```text
//!   QR code ──digits──► handshake (client key, secret) ──HKDF──► EID key ──► advert (nonce, routing id, domain id)
//!                                                      └──HKDF──► tunnel id ──► wss://domain/cable/…
//!                                                      └──HKDF, salt = EID──► pre-shared key of the Noise handshake
//! ```

pub mod advert;
mod cbor;
pub mod keys;
pub mod qr;
pub mod tunnel;

pub use advert::{Advert, AdvertError};
pub use cbor::CborError;
pub use keys::{EidKey, KeyError, PreSharedKey, TunnelId};
pub use qr::{Flow, Handshake, QrError};
pub use tunnel::{DomainError, TunnelDomain};
