//! WebAuthn Level 3, relying-party side.
//!
//! This crate refuses to open a socket, a file or a clock, to make randomness, to keep state, and to say "probably": every rule it
//! checks has a name ([`Refusal`]), and what passed is a value that only this crate can make ([`Registered`], [`SignedIn`]).
//!
//! ```text
//!   options ──────────────► browser ──────────────► authenticator
//!   (CreationOptions,          │
//!    RequestOptions)           ▼ JSON
//!                    RegistrationResponse / AuthenticationResponse      decode: bounded, tolerant base64
//!                              │
//!        expectations ───────► verify_registration / verify_assertion   decide: sections 7.1 and 7.2
//!        stored passkey ─────► │  client data · authenticator data
//!        trust anchors ──────► │  COSE key · attestation · certificates
//!        the time ───────────► │
//!                              ▼
//!                   Registered / SignedIn   or   Refusal
//!                     .facts() ──► policy ──► store
//! ```
//!
//! # What it does not do
//! It does not remember which challenges were used, which credential ids are taken, or who may sign in: the first two belong into the
//! write that follows (one transaction, conditional), the third to policy. It does not talk to metadata services; it reads what the
//! caller fetched. It does not accept what it does not understand, except for the extension outputs that the specification says to ignore.
//!
//! # A proof cannot be made up
//! ```compile_fail,E0451
//! // error[E0451]: field `facts` of struct `ceremony::SignedIn` is private
//! fn forge(facts: ceremony::AssertionFacts) -> ceremony::SignedIn {
//!     ceremony::SignedIn { facts }
//! }
//! ```
//! ```compile_fail,E0451
//! // error[E0451]: field `facts` of struct `ceremony::Registered` is private
//! fn forge(facts: ceremony::RegistrationFacts) -> ceremony::Registered {
//!     ceremony::Registered { facts }
//! }
//! ```
//! The facts themselves are plain data, so that policy can be asked about people who are not there (previews, replays):
//! ```
//! fn counter(signed_in: &ceremony::SignedIn) -> u32 {
//!     signed_in.facts().sign_count
//! }
//! ```
//!
//! # Where bytes of the peer come in
//! Each of these takes arbitrary bytes, never panics, and does a bounded amount of work; the fuzz targets enter here:
//!
//! | entry | input |
//! | --- | --- |
//! | [`RegistrationResponse::from_json`], [`AuthenticationResponse::from_json`] | the JSON of the browser |
//! | [`client_data::ClientData::parse`] | `clientDataJSON` |
//! | [`authenticator_data::AuthenticatorData::parse`] | authenticator data |
//! | [`attestation::AttestationObject::parse`], [`verify_attestation`] | attestation objects, with statements and certificates |
//! | [`cose::read`] | credential public keys |
//! | [`cbor::decode`], [`cbor::decode_first`] | CBOR |
//! | [`base64url::decode`] | base64 |
//! | [`StoredKey::from_bytes`] | keys from a store |
//! | [`attestation::chain::Certificate::parse`], [`metadata`] | certificates, metadata BLOBs |

mod algorithm;
mod assertion;
mod challenge;
mod ed448;
mod expectations;
mod identifiers;
mod key;
mod options;
mod refusal;
mod registration;
#[cfg(test)]
mod tests;

pub mod attestation;
pub mod authenticator_data;
pub mod base64url;
pub mod cases;
pub mod cbor;
pub mod client_data;
pub mod cose;
pub mod extensions;
pub mod metadata;
pub mod response;
pub mod trust;

pub use algorithm::Algorithm;
pub use assertion::{
    AssertionExpectations, AssertionFacts, CounterOutcome, CounterPolicy, ExpectedUser, SignedIn,
    StoredPasskey, verify_assertion,
};
pub use attestation::{
    AttestationFacts, AttestationFormat, AttestationPolicy, AttestationType, CompoundRule,
    Safetynet, TrustOutcome, TrustRequirement, key_store, leaf_thumbprint, verify_attestation,
};
pub use challenge::Challenge;
pub use expectations::{Framing, UserPresence};
pub use extensions::{AuthenticatorOutputs, ClientOutputs, CredentialProtection};
pub use identifiers::{Aaguid, CredentialId, Origin, RelyingParty, RpId, UnixTime, UserHandle};
pub use key::StoredKey;
pub use options::{
    Conveyance, CreationExtensions, CreationOptions, CredentialDescriptor,
    CredentialProtectionPolicy, DEFAULT_TIMEOUT_MS, Hint, LargeBlobCreation, LargeBlobRequest,
    LargeBlobSupport, PrfInput, PrfValues, RequestExtensions, RequestOptions, ResidentKey,
    UserEntity, UserVerification,
};
pub use refusal::Refusal;
pub use registration::{
    Registered, RegistrationExpectations, RegistrationFacts, verify_registration,
};
pub use response::{Attachment, AuthenticationResponse, RegistrationResponse, Transport};
pub use trust::{
    Anchor, AttestationSubject, Beside, FixedAnchors, FurtherAnchor, Lookup, NoAnchors,
    TrustAnchors, fingerprint,
};
