//! The core of a CTAP2 authenticator, without any input or output of its own.
//!
//! It refuses to hold a private key, to read a clock, to make a random number, or to believe that somebody is there:
//! all of that is asked from the world through one trait, [`Env`]. It shares no code with the relying party's
//! verifier, so that a test of both proves more than two equal mistakes.
//!
//! ```text
//!   request bytes ─► decode ─► decide ─► encode ─► response bytes
//!                                │
//!                               Env: clock · randomness · the person · keys and counters
//! ```
//!
//! Built in: authenticatorGetInfo, authenticatorMakeCredential, authenticatorGetAssertion and
//! authenticatorGetNextAssertion; discoverable credentials; attestation `none` and `packed` (self and certified);
//! ES256, EdDSA and ML-DSA. Not built in, and not claimed by getInfo: PIN/UV auth protocols, credential management,
//! extensions.

mod attestation;
mod authenticator;
mod authenticator_data;
pub mod cbor;
mod commands;
mod env;
mod public_key;
mod status;

pub use authenticator::Authenticator;
pub use commands::get_info::MAX_MESSAGE;
pub use env::{
    Answer, Approval, AttestationStyle, Backup, CertifiedSignature, CreatedKey, Credential,
    CredentialId, Env, EnvError, KeyHandle, Milliseconds, Profile, Purpose, Question, User,
    UserVerification,
};
pub use public_key::{Algorithm, PublicKey};
pub use status::Status;
