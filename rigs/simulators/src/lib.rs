//! Simulated devices for the tests of the passkey app: an Android device, an iPhone and a desktop with a TPM, as far as an app
//! can see them.
//!
//! Test-only. Its "hardware" is the memory of the test, which is what a shipped authenticator refuses to use; no shipped crate
//! depends on it. What a real phone would do on its own (a lock removed, a finger added, five failed fingers, a restored backup)
//! is a method that the test calls.

mod authority;
mod der;
mod files;
mod hardware;
mod person;
mod phone;
mod security_key;
mod tpm;

pub use authority::Authority;
pub use files::Files;
pub use hardware::{Chip, Hardware};
pub use person::{Finger, Person};
pub use phone::{Model, Phone};
pub use security_key::SecurityKey;
