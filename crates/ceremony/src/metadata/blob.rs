//! The signed BLOB: from its text to a catalogue (MDS section "Metadata BLOB object processing rules").

use aws_lc_rs::signature::{self as lc, UnparsedPublicKey, VerificationAlgorithm};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::catalogue::read_entry;
use super::{Catalogue, Date, FIDO_SIGNER_HOST};
use crate::attestation::chain::{
    Certificate, KeyKind, Legacy, PathFault, PathRules, Revocations, verify_path,
};
use crate::trust::Anchor;
use crate::{UnixTime, base64url};

/// Longer texts are not read. The BLOB of 2023 had 2.8 MB.
pub const MAX_BLOB_BYTES: usize = 16 * 1024 * 1024;
/// The header holds a few certificates.
const MAX_HEADER_BYTES: usize = 256 * 1024;

/// Why a BLOB was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlobRefusal {
    /// The text is longer than [`MAX_BLOB_BYTES`].
    TooLarge,
    /// The text is not a compact JWS, or its header or payload is not what the specification says.
    Malformed,
    /// The header's algorithm is not RS256 or ES256, or not that of the signer's key.
    Algorithm,
    /// The signer's certificate does not chain to an anchor, for this reason.
    Chain(PathFault),
    /// The signer's certificate, or one above it, has been revoked.
    SignerRevoked,
    /// The signer's certificate is for another host.
    SignerHost,
    /// The signature does not verify.
    Signature,
    /// The number is lower than that of the BLOB the caller has.
    Rollback,
}

impl BlobRefusal {
    /// A stable code for logs and screens.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "blob_too_large",
            Self::Malformed => "blob_malformed",
            Self::Algorithm => "blob_algorithm",
            Self::Chain(_) => "blob_chain",
            Self::SignerRevoked => "blob_signer_revoked",
            Self::SignerHost => "blob_signer_host",
            Self::Signature => "blob_signature",
            Self::Rollback => "blob_rollback",
        }
    }
}

impl std::fmt::Display for BlobRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Chain(fault) => write!(f, "{} ({fault})", self.code()),
            _ => f.write_str(self.code()),
        }
    }
}

impl std::error::Error for BlobRefusal {}

impl From<PathFault> for BlobRefusal {
    fn from(fault: PathFault) -> Self {
        match fault {
            PathFault::Revoked => Self::SignerRevoked,
            fault => Self::Chain(fault),
        }
    }
}

/// Who may sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signer<'a> {
    /// Only a certificate for this host.
    Host(&'a str),
    /// Any certificate under the anchors: for anchors that sign nothing else.
    AnyUnderAnchors,
}

/// What the caller expects of a BLOB.
#[derive(Clone, Copy, Debug)]
pub struct BlobRules<'a> {
    /// The time at which the signer's certificates must be valid.
    pub at: UnixTime,
    /// Who may sign.
    pub signer: Signer<'a>,
    /// The number of the BLOB the caller has; a lower one is refused.
    pub cached_no: Option<u64>,
    /// Revocation lists for the signer's certificates.
    pub revocations: Option<&'a Revocations>,
}

impl BlobRules<'_> {
    /// The rules for the published BLOB at a time, with nothing cached and no revocation lists.
    #[must_use]
    pub const fn at(at: UnixTime) -> Self {
        Self {
            at,
            signer: Signer::Host(FIDO_SIGNER_HOST),
            cached_no: None,
            revocations: None,
        }
    }
}

/// A verified BLOB.
#[derive(Clone, Debug)]
pub struct Blob {
    no: u64,
    next_update: Date,
    catalogue: Catalogue,
    skipped: Vec<SkippedEntry>,
}

/// An entry that could not be read. One bad entry does not cost the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedEntry {
    /// Its place in the list, from zero.
    pub index: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// Is a newer BLOB due?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// The day of the next update has not ended.
    Fresh,
    /// A newer one has been due for this many days. The old one is still the best there is; how long that
    /// is good enough is the caller's policy.
    Stale {
        /// Whole days since the end of the announced day, at least one.
        days: u32,
    },
}

impl Blob {
    /// The serial number of the BLOB.
    #[must_use]
    pub const fn no(&self) -> u64 {
        self.no
    }

    /// When the next one is announced.
    #[must_use]
    pub const fn next_update(&self) -> Date {
        self.next_update
    }

    /// The models.
    #[must_use]
    pub const fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Consumes the BLOB for its models.
    #[must_use]
    pub fn into_catalogue(self) -> Catalogue {
        self.catalogue
    }

    /// Entries that could not be read, for the log.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedEntry] {
        &self.skipped
    }

    /// Is a newer one due?
    #[must_use]
    pub fn freshness(&self, at: UnixTime) -> Freshness {
        match self.next_update.days_past(at) {
            0 => Freshness::Fresh,
            days => Freshness::Stale { days },
        }
    }
}

/// Verifies the text of a BLOB and reads it.
///
/// The signature is checked before one byte of the payload is looked at.
///
/// # Errors
/// The first rule that is broken, in the order of [`BlobRefusal`]'s variants.
pub fn verify_blob(
    text: &str,
    anchors: &[Anchor],
    rules: &BlobRules<'_>,
) -> Result<Blob, BlobRefusal> {
    let jws = Jws::split(text.trim_ascii())?;
    jws.verify(anchors, rules)?;
    let payload = base64url::decode(jws.payload).ok_or(BlobRefusal::Malformed)?;
    let payload = Payload::parse(&payload)?;
    if rules.cached_no.is_some_and(|cached| payload.no < cached) {
        return Err(BlobRefusal::Rollback);
    }
    payload.read()
}

/// Reads a BLOB that [`verify_blob`] accepted before and that was kept where only the caller can write: the
/// signer's certificate may have expired since, which takes nothing from what it signed in time.
///
/// # Errors
/// [`BlobRefusal::TooLarge`] and [`BlobRefusal::Malformed`].
pub fn read_kept_blob(text: &str) -> Result<Blob, BlobRefusal> {
    let jws = Jws::split(text.trim_ascii())?;
    let payload = base64url::decode(jws.payload).ok_or(BlobRefusal::Malformed)?;
    Payload::parse(&payload)?.read()
}

/// The three parts of a compact JWS (RFC 7515 section 3.1).
struct Jws<'a> {
    signing_input: &'a str,
    header: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> Jws<'a> {
    fn split(text: &'a str) -> Result<Self, BlobRefusal> {
        if text.len() > MAX_BLOB_BYTES {
            return Err(BlobRefusal::TooLarge);
        }
        let (signing_input, signature) = text.rsplit_once('.').ok_or(BlobRefusal::Malformed)?;
        let (header, payload) = signing_input
            .split_once('.')
            .ok_or(BlobRefusal::Malformed)?;
        if header.len() > MAX_HEADER_BYTES {
            return Err(BlobRefusal::Malformed);
        }
        Ok(Self {
            signing_input,
            header,
            payload,
            signature,
        })
    }

    fn verify(&self, anchors: &[Anchor], rules: &BlobRules<'_>) -> Result<(), BlobRefusal> {
        let header = base64url::decode(self.header).ok_or(BlobRefusal::Malformed)?;
        let header: Header = serde_json::from_slice(&header).map_err(|_| BlobRefusal::Malformed)?;
        // RFC 7515 section 4.1.11: whoever does not understand what is critical must refuse.
        if header.crit.is_some() {
            return Err(BlobRefusal::Malformed);
        }
        let chain = header.certificates()?;
        let (leaf, intermediates) = chain.split_first().ok_or(BlobRefusal::Malformed)?;
        let signer = Certificate::parse(leaf)?;
        let algorithm = header.algorithm(&signer)?;
        let path = PathRules {
            at: rules.at,
            legacy: Legacy::Refuse,
            revocations: rules.revocations,
        };
        verify_path(leaf, intermediates, anchors, &path)?;
        if let Signer::Host(host) = rules.signer
            && !signer.is_for_host(host)
        {
            return Err(BlobRefusal::SignerHost);
        }
        let signature = base64url::decode(self.signature).ok_or(BlobRefusal::Malformed)?;
        UnparsedPublicKey::new(algorithm, signer.public_key_bytes())
            .verify(self.signing_input.as_bytes(), &signature)
            .map_err(|_| BlobRefusal::Signature)
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    x5c: Vec<String>,
    crit: Option<serde_json::Value>,
}

impl Header {
    fn certificates(&self) -> Result<Vec<Vec<u8>>, BlobRefusal> {
        self.x5c
            .iter()
            .map(|text| base64url::decode(text).ok_or(BlobRefusal::Malformed))
            .collect()
    }

    /// The key decides the algorithm; the header may only agree.
    fn algorithm(
        &self,
        signer: &Certificate<'_>,
    ) -> Result<&'static dyn VerificationAlgorithm, BlobRefusal> {
        match (signer.key_kind(), self.alg.as_str()) {
            (Ok(KeyKind::Rsa), "RS256") => Ok(&lc::RSA_PKCS1_2048_8192_SHA256),
            (Ok(KeyKind::P256), "ES256") => Ok(&lc::ECDSA_P256_SHA256_FIXED),
            _ => Err(BlobRefusal::Algorithm),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    no: u64,
    next_update: String,
    #[serde(borrow)]
    entries: Vec<&'a RawValue>,
}

impl<'a> Payload<'a> {
    fn parse(json: &'a [u8]) -> Result<Self, BlobRefusal> {
        serde_json::from_slice(json).map_err(|_| BlobRefusal::Malformed)
    }

    fn read(&self) -> Result<Blob, BlobRefusal> {
        let mut entries = Vec::with_capacity(self.entries.len());
        let mut skipped = Vec::new();
        for (index, raw) in self.entries.iter().enumerate() {
            match read_entry(raw.get()) {
                Ok(entry) => entries.push(entry),
                Err(reason) => skipped.push(SkippedEntry { index, reason }),
            }
        }
        Ok(Blob {
            no: self.no,
            next_update: Date::parse(&self.next_update).ok_or(BlobRefusal::Malformed)?,
            catalogue: Catalogue::new(entries),
            skipped,
        })
    }
}
