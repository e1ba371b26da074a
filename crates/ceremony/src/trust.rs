//! Who vouches for an authenticator: trust anchors, supplied by the caller.

use crate::attestation::AttestationFormat;
use crate::{Aaguid, Refusal};
use x509_parser::prelude::{FromDer, X509Certificate};

/// A certificate that ends a path: a root, an intermediate, or the attestation certificate itself (metadata lists such too).
///
/// Paths are matched by subject and public key, not by the bytes of the certificate, since vendors reissue roots with the same key.
#[derive(Clone, PartialEq, Eq)]
pub struct Anchor {
    der: Vec<u8>,
    subject: Vec<u8>,
    spki: Vec<u8>,
}

impl Anchor {
    /// From a DER certificate. Its own validity is not judged: an anchor is trusted because the caller says so.
    ///
    /// # Errors
    /// [`Refusal::UntrustedChain`] if it does not parse.
    pub fn from_der(der: &[u8]) -> Result<Self, Refusal> {
        let (_, certificate) =
            X509Certificate::from_der(der).map_err(|_| Refusal::UntrustedChain)?;
        Ok(Self {
            der: der.to_vec(),
            subject: certificate.subject().as_raw().to_vec(),
            spki: certificate.public_key().raw.to_vec(),
        })
    }

    /// The certificate in DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The subject name in DER.
    #[must_use]
    pub fn subject(&self) -> &[u8] {
        &self.subject
    }

    /// The SubjectPublicKeyInfo in DER.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }
}

impl std::fmt::Debug for Anchor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Anchor({} bytes)", self.der.len())
    }
}

/// What the verifier asks about when it looks for anchors (L3 section 7.1 step 22).
#[derive(Clone, Copy, Debug)]
pub struct AttestationSubject<'a> {
    /// The format of the statement (of the inner statement for `compound`).
    pub format: AttestationFormat,
    /// The authenticator model as attested; zero for U2F.
    pub aaguid: Aaguid,
    /// The certificates of the statement in DER, leaf first; empty for a self attestation.
    pub x5c: &'a [Vec<u8>],
}

/// The answer of [`TrustAnchors::look_up`].
#[derive(Clone, Debug)]
pub enum Lookup<'a> {
    /// Nothing is known about this authenticator model or format.
    Unknown,
    /// These anchors vouch for it.
    Anchors(Vec<&'a Anchor>),
    /// The model is known and must not be accepted, whatever the path says.
    Refuse(Refusal),
}

/// A source of trust anchors: the FIDO metadata catalogue, roots chosen by an administrator, or both.
pub trait TrustAnchors {
    /// The anchors for this authenticator. Must not look at a clock: build the source for the time it is used at.
    fn look_up<'a>(&'a self, subject: &AttestationSubject<'_>) -> Lookup<'a>;
}

/// Knows no anchors: for relying parties that do not ask for attestation.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoAnchors;

impl TrustAnchors for NoAnchors {
    fn look_up<'a>(&'a self, _: &AttestationSubject<'_>) -> Lookup<'a> {
        Lookup::Unknown
    }
}

/// The same anchors for every authenticator.
#[derive(Clone, Debug, Default)]
pub struct FixedAnchors(pub Vec<Anchor>);

impl TrustAnchors for FixedAnchors {
    fn look_up<'a>(&'a self, _: &AttestationSubject<'_>) -> Lookup<'a> {
        Lookup::Anchors(self.0.iter().collect())
    }
}
