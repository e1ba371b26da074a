//! The FIDO Metadata Service, version 3: what is publicly known about authenticator models, and which of
//! them must not be accepted any more.
//!
//! ```text
//!   BLOB text ──▶ verify_blob ──▶ Blob { number, next update, catalogue, skipped entries }
//!                   │ certificate path to an anchor, at the caller's time
//!                   │ host name of the signer, revocation, signature
//!                   │ never older than the one the caller has
//!                   ▼
//!               Catalogue ── at(time) ──▶ TrustAnchors for the ceremonies
//! ```
//!
//! Nothing here fetches anything: the caller brings the text, the anchors and the time.

mod blob;
mod catalogue;
mod date;
mod status;

use crate::trust::Anchor;

pub use blob::{
    Blob, BlobRefusal, BlobRules, Freshness, MAX_BLOB_BYTES, Signer, SkippedEntry, read_kept_blob,
    verify_blob,
};
pub use catalogue::{Catalogue, CatalogueAt, Entry, UserVerificationMethod};
pub use date::Date;
pub use status::{Certification, Status, StatusReport, Verdict};

/// The host name in the certificate that signs the published BLOB.
pub const FIDO_SIGNER_HOST: &str = "mds.fidoalliance.org";

/// The roots under which the FIDO Alliance has signed its BLOB: GlobalSign R3 and R46.
#[must_use]
pub fn default_anchors() -> Vec<Anchor> {
    [
        include_bytes!("roots/globalsign-root-r3.der").as_slice(),
        include_bytes!("roots/globalsign-root-r46.der"),
    ]
    .into_iter()
    .filter_map(|der| Anchor::from_der(der).ok())
    .collect()
}

#[cfg(test)]
mod tests;
