//! From an attestation certificate to a trust anchor that the caller supplied, at a time that the caller
//! supplied (L3 section 7.1, "assess the attestation trustworthiness"; RFC 5280 section 6).
//!
//! The path check is our own because attestation asks for what TLS verifiers refuse: version 1 certificates,
//! a leaf that is itself the anchor, roots that were reissued under the same key, verdicts about the past.
//! What it refuses all the same: an issuer that is no certificate authority, a path longer than its
//! certificates allow, a critical extension that nobody here understands, SHA-1 unless asked for, and any
//! input that wants more than a bounded amount of work.
//!
//! ```text
//!  leaf ── issued by ──▶ intermediate ──▶ … ──▶ anchor        (anchors match by name and key)
//!   └────── the same bytes as ────────────────▶ anchor        (metadata may list the leaf itself)
//! ```

mod certificate;
#[cfg(test)]
pub(crate) mod forge;
mod revocation;
mod signature;

use std::borrow::Borrow;

use x509_parser::der_parser::asn1_rs::{Oid, oid};
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;

pub use certificate::{
    BasicConstraints, Certificate, Extension, MAX_CERTIFICATE_BYTES, NameAttribute,
};
pub use revocation::{RevocationList, RevocationMode, Revocations};
pub use signature::{KeyKind, Legacy, Scheme};

use crate::{Refusal, UnixTime};

/// More certificates than this in one statement are not looked at.
pub const MAX_INTERMEDIATES: usize = 12;
/// The longest path from leaf to anchor, counted in signatures.
const MAX_DEPTH: usize = 8;
/// Signature checks spent on one leaf, whatever certificates the peer sends.
const MAX_SIGNATURE_CHECKS: u32 = 24;

/// Why there is no path. One variant per rule; [`Refusal::from`] gives the code that the ceremonies report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PathFault {
    /// No anchor issued any certificate of the path.
    NoAnchor,
    /// The issuer's name fits and its key did not make the signature.
    BadSignature,
    /// The algorithm inside the signed part differs from the one outside.
    AlgorithmMismatch,
    /// Signature algorithm, key type or curve is unknown, too weak, or does not fit the key.
    UnsupportedAlgorithm,
    /// More certificates or more signature checks than this check is willing to do.
    TooMuchWork,
    /// A certificate is not DER, too large, has bytes behind it or repeats an extension.
    Malformed,
    /// A certificate of the path (or the only fitting anchor) has expired.
    Expired,
    /// A certificate of the path (or the only fitting anchor) is not valid yet.
    NotYetValid,
    /// The issuer is not a certificate authority.
    NotAuthority,
    /// The issuer's keyUsage does not include signing certificates.
    KeyUsage,
    /// More authorities follow below the issuer than its path length allows.
    PathTooLong,
    /// A critical extension (or a name constraint) that this check does not evaluate.
    UnknownCriticalExtension,
    /// A certificate of the path has been revoked.
    Revoked,
    /// No valid revocation list covers a certificate and the caller requires one.
    RevocationUnknown,
}

impl PathFault {
    /// Every fault there is.
    pub const ALL: [Self; 14] = [
        Self::NoAnchor,
        Self::BadSignature,
        Self::AlgorithmMismatch,
        Self::UnsupportedAlgorithm,
        Self::TooMuchWork,
        Self::Malformed,
        Self::Expired,
        Self::NotYetValid,
        Self::NotAuthority,
        Self::KeyUsage,
        Self::PathTooLong,
        Self::UnknownCriticalExtension,
        Self::Revoked,
        Self::RevocationUnknown,
    ];

    /// A stable word for logs; finer than the refusal code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoAnchor => "path_no_anchor",
            Self::BadSignature => "path_bad_signature",
            Self::AlgorithmMismatch => "path_algorithm_mismatch",
            Self::UnsupportedAlgorithm => "path_unsupported_algorithm",
            Self::TooMuchWork => "path_too_much_work",
            Self::Malformed => "path_malformed",
            Self::Expired => "path_expired",
            Self::NotYetValid => "path_not_yet_valid",
            Self::NotAuthority => "path_not_authority",
            Self::KeyUsage => "path_key_usage",
            Self::PathTooLong => "path_too_long",
            Self::UnknownCriticalExtension => "path_unknown_critical_extension",
            Self::Revoked => "path_revoked",
            Self::RevocationUnknown => "path_revocation_unknown",
        }
    }
}

impl std::fmt::Display for PathFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for PathFault {}

impl From<PathFault> for Refusal {
    fn from(fault: PathFault) -> Self {
        match fault {
            PathFault::Malformed => Self::AttstmtMalformedX5c,
            PathFault::Expired => Self::CertExpired,
            PathFault::NotYetValid => Self::CertNotYetValid,
            PathFault::NotAuthority => Self::CertBasicConstraints,
            PathFault::Revoked => Self::CertRevoked,
            PathFault::NoAnchor
            | PathFault::BadSignature
            | PathFault::AlgorithmMismatch
            | PathFault::UnsupportedAlgorithm
            | PathFault::TooMuchWork
            | PathFault::KeyUsage
            | PathFault::PathTooLong
            | PathFault::UnknownCriticalExtension
            | PathFault::RevocationUnknown => Self::UntrustedChain,
        }
    }
}

/// A certificate that the caller trusts: a root, an intermediate authority, or one attestation certificate.
///
/// As an issuer an anchor is its name and its key; reissues of one root are one anchor. What the certificate
/// restricts (validity, path length, use of its key) holds for the anchor too.
#[derive(Clone, PartialEq, Eq)]
pub struct Anchor {
    der: Vec<u8>,
    subject: Vec<u8>,
    spki: Vec<u8>,
    not_before: UnixTime,
    not_after: UnixTime,
    path_len: Option<u32>,
    may_issue: bool,
    may_sign_lists: bool,
}

impl Anchor {
    /// Reads the DER certificate of an anchor.
    ///
    /// # Errors
    /// [`PathFault::Malformed`] if it is not exactly one certificate.
    pub fn from_der(der: &[u8]) -> Result<Self, PathFault> {
        let certificate = Certificate::parse(der)?;
        let constraints = certificate.basic_constraints();
        let usage = certificate.signing_usage();
        // A root without basicConstraints (version 1, or carelessly made) is an authority because the caller
        // says so; a certificate that somebody else issued is one only if it says so itself: metadata lists
        // attestation certificates as anchors, and their keys must not be able to issue more of them.
        let authority = match constraints {
            Some(constraints) => constraints.ca,
            None => certificate.is_self_issued() && !certificate.mentions_basic_constraints(),
        };
        Ok(Self {
            der: der.to_vec(),
            subject: certificate.subject_raw().to_vec(),
            spki: certificate.spki().to_vec(),
            not_before: certificate.not_before(),
            not_after: certificate.not_after(),
            path_len: constraints.and_then(|constraints| constraints.path_len),
            may_issue: authority && usage.is_none_or(|(certificates, _)| certificates),
            may_sign_lists: authority && usage.is_none_or(|(_, lists)| lists),
        })
    }

    /// The certificate as it was given.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whether it may issue certificates; what may not vouches for itself only.
    #[must_use]
    pub const fn is_authority(&self) -> bool {
        self.may_issue
    }

    /// From when it is valid.
    #[must_use]
    pub const fn not_before(&self) -> UnixTime {
        self.not_before
    }

    /// Until when it is valid.
    #[must_use]
    pub const fn not_after(&self) -> UnixTime {
        self.not_after
    }

    /// Whether paths can end at its key under the usual rules: a key type of the table, RSA of 2,048 bits or more.
    #[must_use]
    pub fn has_usable_key(&self) -> bool {
        Certificate::parse(&self.der).is_ok_and(|certificate| match certificate.key_kind() {
            // An RSAPublicKey holds the modulus whole.
            Ok(KeyKind::Rsa) => certificate.public_key_bytes().len() > 256,
            Ok(_) => true,
            Err(_) => false,
        })
    }

    /// Common name and organization of its subject, as far as it has them: for people, never to be compared.
    #[must_use]
    pub fn name(&self) -> String {
        let Ok(certificate) = Certificate::parse(&self.der) else {
            return String::new();
        };
        let parts = [certificate.common_name(), certificate.organization()];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        let plain = |one: &char| !one.is_control();
        parts.join(", ").chars().filter(plain).take(200).collect()
    }
}

impl std::fmt::Debug for Anchor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = Certificate::parse(&self.der)
            .ok()
            .and_then(|certificate| certificate.common_name().map(str::to_owned));
        f.debug_struct("Anchor")
            .field("common_name", &name)
            .finish_non_exhaustive()
    }
}

/// What the caller decides about a path.
#[derive(Clone, Copy, Debug)]
pub struct PathRules<'a> {
    /// The time at which every certificate must be valid.
    pub at: UnixTime,
    /// Whether SHA-1 and short RSA keys may still carry trust.
    pub legacy: Legacy,
    /// Revocation lists; `None` skips revocation.
    pub revocations: Option<&'a Revocations>,
}

impl PathRules<'_> {
    /// The usual rules at a time: no legacy algorithms, no revocation lists.
    #[must_use]
    pub const fn at(at: UnixTime) -> Self {
        Self {
            at,
            legacy: Legacy::Refuse,
            revocations: None,
        }
    }
}

/// The path that was found. Only [`verify_path`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedPath {
    anchor: usize,
    intermediates: Vec<usize>,
}

impl TrustedPath {
    /// Which of the given anchors the path ends in (its index).
    #[must_use]
    pub const fn anchor(&self) -> usize {
        self.anchor
    }

    /// Which of the given intermediates the path uses (their indices), from the leaf upwards.
    #[must_use]
    pub fn intermediates(&self) -> &[usize] {
        &self.intermediates
    }
}

/// Finds a path from `leaf` over some of `intermediates` (any order, superfluous ones do no harm) to one of
/// `anchors`, all of it valid at `rules.at`.
///
/// Whether the leaf may be an authority itself is the rule of its attestation format, not of the path.
///
/// # Errors
/// The fault of the most promising path that failed.
pub fn verify_path<I, A>(
    leaf: &[u8],
    intermediates: &[I],
    anchors: &[A],
    rules: &PathRules<'_>,
) -> Result<TrustedPath, PathFault>
where
    I: AsRef<[u8]>,
    A: Borrow<Anchor>,
{
    if intermediates.len() > MAX_INTERMEDIATES {
        return Err(PathFault::TooMuchWork);
    }
    let leaf = Certificate::parse(leaf)?;
    check_certificate(&leaf, rules.at)?;
    if rules
        .revocations
        .is_some_and(|revocations| revocations.distrusts(&leaf))
    {
        return Err(PathFault::Revoked);
    }
    if let Some(anchor) = anchors
        .iter()
        .position(|anchor| anchor.borrow().der == leaf.der())
    {
        return Ok(TrustedPath {
            anchor,
            intermediates: Vec::new(),
        });
    }
    let intermediates = intermediates
        .iter()
        .map(|der| Certificate::parse(der.as_ref()))
        .collect::<Result<Vec<_>, _>>()?;
    let anchors: Vec<&Anchor> = anchors.iter().map(Borrow::borrow).collect();
    let mut search = Search {
        anchors: &anchors,
        intermediates: &intermediates,
        rules,
        path: Vec::new(),
        checks_left: MAX_SIGNATURE_CHECKS,
        fault: PathFault::NoAnchor,
    };
    match search.climb(&leaf, 0) {
        Some(anchor) => Ok(TrustedPath {
            anchor,
            intermediates: search.path,
        }),
        None => Err(search.fault),
    }
}

/// A depth-first search from the leaf upwards.
struct Search<'a, 's> {
    anchors: &'s [&'s Anchor],
    intermediates: &'s [Certificate<'a>],
    rules: &'s PathRules<'s>,
    /// Indices of the intermediates below the certificate that is being looked at.
    path: Vec<usize>,
    checks_left: u32,
    /// The best explanation so far; later variants explain more.
    fault: PathFault,
}

impl<'a> Search<'a, '_> {
    /// Looks for an issuer of `certificate`, anchors first; `below` counts the authorities below it that
    /// were not self-issued (RFC 5280 section 4.2.1.9).
    fn climb(&mut self, certificate: &Certificate<'a>, below: u32) -> Option<usize> {
        if let Some(anchor) = self.find_anchor(certificate, below) {
            return Some(anchor);
        }
        if self.path.len() + 1 >= MAX_DEPTH {
            self.note(PathFault::TooMuchWork);
            return None;
        }
        for (index, issuer) in self.intermediates.iter().enumerate() {
            if self.path.contains(&index) || issuer.subject_raw() != certificate.issuer_raw() {
                continue;
            }
            if let Err(fault) = self.check_issued(certificate, issuer, below) {
                self.note(fault);
                continue;
            }
            self.path.push(index);
            let counted = u32::from(!issuer.is_self_issued());
            if let Some(anchor) = self.climb(issuer, below + counted) {
                return Some(anchor);
            }
            self.path.pop();
        }
        None
    }

    fn find_anchor(&mut self, certificate: &Certificate<'a>, below: u32) -> Option<usize> {
        for (index, anchor) in self.anchors.iter().enumerate() {
            if anchor.subject != certificate.issuer_raw() {
                continue;
            }
            match self.check_anchored(certificate, anchor, below) {
                Ok(()) => return Some(index),
                Err(fault) => self.note(fault),
            }
        }
        None
    }

    fn check_anchored(
        &mut self,
        certificate: &Certificate<'a>,
        anchor: &Anchor,
        below: u32,
    ) -> Result<(), PathFault> {
        self.check_signature(certificate, &anchor.spki)?;
        check_anchor(anchor, self.rules.at, below)?;
        self.check_revocation(certificate, &anchor.spki, anchor.may_sign_lists)
    }

    fn check_issued(
        &mut self,
        certificate: &Certificate<'a>,
        issuer: &Certificate<'a>,
        below: u32,
    ) -> Result<(), PathFault> {
        // The signature comes first: a certificate that only borrows the name has nothing to explain.
        self.check_signature(certificate, issuer.spki())?;
        check_certificate(issuer, self.rules.at)?;
        check_authority(issuer, below)?;
        let may_sign_lists = issuer.signing_usage().is_none_or(|(_, lists)| lists);
        self.check_revocation(certificate, issuer.spki(), may_sign_lists)
    }

    fn check_signature(
        &mut self,
        certificate: &Certificate<'a>,
        spki: &[u8],
    ) -> Result<(), PathFault> {
        self.checks_left = self
            .checks_left
            .checked_sub(1)
            .ok_or(PathFault::TooMuchWork)?;
        let (_, key) = SubjectPublicKeyInfo::from_der(spki).map_err(|_| PathFault::Malformed)?;
        certificate.verify_signed_by(&key, self.rules.legacy)
    }

    fn check_revocation(
        &self,
        certificate: &Certificate<'a>,
        issuer_spki: &[u8],
        may_sign_lists: bool,
    ) -> Result<(), PathFault> {
        let Some(revocations) = self.rules.revocations else {
            return Ok(());
        };
        let issuer_key = may_sign_lists.then_some(issuer_spki);
        revocations.check(certificate, issuer_key, self.rules.at)
    }

    /// Remembers why one way failed.
    fn note(&mut self, fault: PathFault) {
        self.fault = self.fault.max(fault);
    }
}

fn check_anchor(anchor: &Anchor, at: UnixTime, below: u32) -> Result<(), PathFault> {
    check_validity(anchor.not_before, anchor.not_after, at)?;
    if !anchor.may_issue {
        return Err(PathFault::NotAuthority);
    }
    check_path_len(anchor.path_len, below)
}

/// What holds for every certificate below the anchor.
fn check_certificate(certificate: &Certificate<'_>, at: UnixTime) -> Result<(), PathFault> {
    check_validity(certificate.not_before(), certificate.not_after(), at)?;
    let unknown = certificate
        .extensions()
        .iter()
        .any(|extension| extension.critical && !UNDERSTOOD.contains(&extension.oid));
    if unknown {
        return Err(PathFault::UnknownCriticalExtension);
    }
    Ok(())
}

/// What holds for every intermediate (RFC 5280 section 6.1.4 k to n). `below` are the authorities under it.
fn check_authority(issuer: &Certificate<'_>, below: u32) -> Result<(), PathFault> {
    let constraints = issuer.basic_constraints().ok_or(PathFault::NotAuthority)?;
    if issuer.version() != 3 || !constraints.ca {
        return Err(PathFault::NotAuthority);
    }
    if issuer
        .signing_usage()
        .is_some_and(|(certificates, _)| !certificates)
    {
        return Err(PathFault::KeyUsage);
    }
    // Names are not compared with constraints here, so an authority that is limited to some is not followed.
    if issuer.extension(&NAME_CONSTRAINTS).is_some() {
        return Err(PathFault::UnknownCriticalExtension);
    }
    check_path_len(constraints.path_len, below)
}

fn check_path_len(path_len: Option<u32>, below: u32) -> Result<(), PathFault> {
    match path_len {
        Some(limit) if below > limit => Err(PathFault::PathTooLong),
        _ => Ok(()),
    }
}

fn check_validity(
    not_before: UnixTime,
    not_after: UnixTime,
    at: UnixTime,
) -> Result<(), PathFault> {
    if at > not_after {
        return Err(PathFault::Expired);
    }
    if at < not_before {
        return Err(PathFault::NotYetValid);
    }
    Ok(())
}

const NAME_CONSTRAINTS: Oid<'static> = oid!(2.5.29.30);

/// Critical extensions that somebody here evaluates, or that say nothing about whether a path is good:
/// keyUsage, subjectAltName, basicConstraints, certificatePolicies, cRLDistributionPoints, extendedKeyUsage,
/// and the two key identifiers.
const UNDERSTOOD: [Oid<'static>; 8] = [
    oid!(2.5.29.15),
    oid!(2.5.29.17),
    oid!(2.5.29.19),
    oid!(2.5.29.32),
    oid!(2.5.29.31),
    oid!(2.5.29.37),
    oid!(2.5.29.35),
    oid!(2.5.29.14),
];

#[cfg(test)]
mod tests;
