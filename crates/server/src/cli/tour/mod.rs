//! The tour: the whole story of a passkey, played against a real server by software authenticators.

pub mod attestation_authority;
pub mod client;
pub mod key_store;

pub use attestation_authority::AttestationAuthority;
pub use client::{ClientError, SoftwareAuthenticator};
pub use key_store::{Attestation, KeyStore, Kind};
