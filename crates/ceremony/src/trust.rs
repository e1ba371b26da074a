//! Who vouches for an authenticator: trust anchors, supplied by the caller.

pub use crate::attestation::chain::Anchor;

use crate::attestation::AttestationFormat;
use crate::{Aaguid, Refusal};

/// SHA-256 of a certificate, by which [`crate::AttestationFacts::anchor`] names the anchor.
#[must_use]
pub fn fingerprint(der: &[u8]) -> [u8; 32] {
    crate::identifiers::sha256(der)
}

/// What the verifier asks about when it looks for anchors (L3 section 7.1 step 23).
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

/// What one source knows, and further anchors that vouch beside it. What the source refuses stays refused: a root of
/// one's own makes no model sound of which there is bad news.
#[derive(Clone, Copy)]
pub struct Beside<'s> {
    /// The source.
    pub source: &'s dyn TrustAnchors,
    /// The further anchors.
    pub further: &'s [FurtherAnchor],
}

/// An anchor, and the models that it vouches for.
#[derive(Clone, Debug)]
pub struct FurtherAnchor {
    /// The anchor.
    pub anchor: Anchor,
    /// Empty is every model.
    pub models: Vec<Aaguid>,
}

impl FurtherAnchor {
    fn is_for(&self, model: Aaguid) -> bool {
        self.models.is_empty() || self.models.contains(&model)
    }
}

impl std::fmt::Debug for Beside<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let further = self.further;
        f.debug_struct("Beside")
            .field("further", &further)
            .finish_non_exhaustive()
    }
}

impl TrustAnchors for Beside<'_> {
    fn look_up<'a>(&'a self, subject: &AttestationSubject<'_>) -> Lookup<'a> {
        let further = self.further.iter().filter(|one| one.is_for(subject.aaguid));
        let mut further = further.map(|one| &one.anchor).peekable();
        match self.source.look_up(subject) {
            Lookup::Anchors(mut anchors) => {
                anchors.extend(further);
                Lookup::Anchors(anchors)
            }
            Lookup::Unknown if further.peek().is_some() => Lookup::Anchors(further.collect()),
            other => other,
        }
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
