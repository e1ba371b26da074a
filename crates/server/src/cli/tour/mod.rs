//! The tour: the whole story of a passkey, played against a real server by software authenticators.

pub mod attestation_authority;
pub mod browser;
pub mod client;
pub mod journal;
pub mod key_store;
pub mod page;
pub mod person;
pub mod story;
#[cfg(test)]
mod verification_tests;

pub use attestation_authority::AttestationAuthority;
pub use browser::Browser;
pub use client::{ClientError, SoftwareAuthenticator};
pub use journal::Journal;
pub use key_store::{Attestation, KeyStore, Kind};
