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
//! Built in: all commands of CTAP 2.2 but biometric enrolment, which is the system's; both PIN/UV auth protocols; discoverable
//! credentials; the extensions credProtect, credBlob, hmac-secret (also at registration), largeBlobKey and minPinLength;
//! attestation `none`, `packed`, `tpm` and `android-key`, from evidence that the key store brings; ES256, EdDSA and ML-DSA.
//! What a world does not offer (see [`Capabilities`]) getInfo does not claim, and its commands are unknown.

mod attestation;
mod authenticator;
mod authenticator_data;
pub mod cbor;
mod commands;
pub mod device;
mod env;
mod extensions;
mod pin;
mod public_key;
pub mod rules;
mod session;
mod status;

pub use authenticator::Authenticator;
pub use commands::get_info::MAX_MESSAGE;
pub use env::{
    Answer, Approval, AttestationStyle, Backup, Capabilities, CertifiedSignature, CreatedKey,
    Credential, CredentialId, Enterprise, Env, EnvError, Evidence, EvidenceRequest, Intent,
    KeyHandle, KeySpec, Milliseconds, PinDigest, Profile, Protection, Purpose, Question, Record,
    Secret, TpmEvidence, User, UserVerification,
};
pub use pin::token::permissions;
pub use public_key::{Algorithm, PublicKey};
pub use status::Status;
