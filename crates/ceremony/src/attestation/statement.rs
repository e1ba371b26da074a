//! What the statements of several formats have in common: their members, and the leaf certificate that signs.

use super::Attested;
use super::chain::{Certificate, KeyKind, Legacy, PathFault, Scheme};
use super::{der, short_pss};
use crate::cbor::{Map, Value};
use crate::{Aaguid, Algorithm, Refusal};
use aws_lc_rs::digest;
use x509_parser::der_parser::asn1_rs::{Oid, oid};

/// id-fido-gen-ce-aaguid.
const FIDO_AAGUID: Oid<'static> = oid!(1.3.6.1.4.1.45724.1.1.4);
const BASIC_CONSTRAINTS: Oid<'static> = oid!(2.5.29.19);

/// More certificates than this in one `x5c` are not read.
const MAX_X5C: usize = 10;

/// A member of a statement, and the refusal if it is missing.
pub(super) type Member = (&'static str, Refusal);
pub(super) const ALG: Member = ("alg", Refusal::AttstmtMissingAlg);
pub(super) const SIG: Member = ("sig", Refusal::AttstmtMissingSig);
pub(super) const X5C: Member = ("x5c", Refusal::AttstmtMissingX5c);
pub(super) const VER: Member = ("ver", Refusal::AttstmtMissingVer);
pub(super) const CERT_INFO: Member = ("certInfo", Refusal::AttstmtMissingCertinfo);
pub(super) const PUB_AREA: Member = ("pubArea", Refusal::AttstmtMissingPubarea);
pub(super) const RESPONSE: Member = ("response", Refusal::AttstmtMissingResponse);

/// The map of one attestation statement.
#[derive(Clone, Copy)]
pub(super) struct Statement<'a> {
    map: &'a Map<'a>,
}

impl<'a> Statement<'a> {
    pub(super) const fn new(map: &'a Map<'a>) -> Self {
        Self { map }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.map.get(name).is_some()
    }

    /// Refuses a statement without one of these members, in this order, before any of them is looked at.
    pub(super) fn require(&self, members: &[Member]) -> Result<(), Refusal> {
        match members.iter().find(|(name, _)| !self.has(name)) {
            Some((_, refusal)) => Err(*refusal),
            None => Ok(()),
        }
    }

    /// The number in `alg`.
    pub(super) fn alg(&self) -> Result<i64, Refusal> {
        let value = self.map.get("alg").ok_or(ALG.1)?;
        value.as_i64().ok_or(Refusal::AttstmtMalformed)
    }

    /// `alg` as an algorithm that may sign here.
    pub(super) fn algorithm(&self, attested: &Attested<'_>) -> Result<Algorithm, Refusal> {
        let algorithm =
            Algorithm::from_cose_id(self.alg()?).ok_or(Refusal::AttstmtUnsupportedAlg)?;
        if algorithm.is_insecure() && !attested.policy.accept_legacy {
            return Err(Refusal::InsecureKeyOrAlg);
        }
        Ok(algorithm)
    }

    pub(super) fn sig(&self) -> Result<&'a [u8], Refusal> {
        self.bytes(SIG)
    }

    pub(super) fn bytes(&self, (name, missing): Member) -> Result<&'a [u8], Refusal> {
        self.map
            .get(name)
            .ok_or(missing)?
            .as_bytes()
            .ok_or(Refusal::AttstmtMalformed)
    }

    pub(super) fn text(&self, (name, missing): Member) -> Result<&'a str, Refusal> {
        self.map
            .get(name)
            .ok_or(missing)?
            .as_text()
            .ok_or(Refusal::AttstmtMalformed)
    }

    /// How many items `x5c` has, whatever they are.
    pub(super) fn x5c_len(&self) -> Option<usize> {
        self.map.get("x5c")?.as_array().map(<[_]>::len)
    }

    /// A byte string that some clients write as text.
    pub(super) fn bytes_or_text(&self, (name, missing): Member) -> Result<&'a [u8], Refusal> {
        let value = self.map.get(name).ok_or(missing)?;
        let text = value.as_text().map(str::as_bytes);
        value.as_bytes().or(text).ok_or(Refusal::AttstmtMalformed)
    }

    /// The certificates of `x5c`, leaf first; at least one.
    pub(super) fn x5c(&self) -> Result<Vec<Vec<u8>>, Refusal> {
        let value = self.map.get("x5c").ok_or(X5C.1)?;
        let items = value.as_array().ok_or(Refusal::AttstmtMalformedX5c)?;
        if items.is_empty() || items.len() > MAX_X5C {
            return Err(Refusal::AttstmtMalformedX5c);
        }
        let certificates: Option<Vec<_>> = items
            .iter()
            .map(|item| Value::as_bytes(item).map(<[u8]>::to_vec))
            .collect();
        certificates.ok_or(Refusal::AttstmtMalformedX5c)
    }
}

/// The first certificate of a list, in which every certificate must be one.
pub(super) fn leaf(x5c: &[Vec<u8>]) -> Result<Certificate<'_>, Refusal> {
    let parsed: Result<Vec<_>, _> = x5c.iter().map(|der| Certificate::parse(der)).collect();
    let first = parsed
        .ok()
        .and_then(|certificates| certificates.into_iter().next());
    first.ok_or(Refusal::AttstmtMalformedX5c)
}

/// Checks a statement's signature with the key of its leaf certificate. `alg` must be the one of that key: else the key could be
/// talked into an operation that it was not made for.
pub(super) fn verify_signature(
    leaf: &Certificate<'_>,
    algorithm: Algorithm,
    attested: &Attested<'_>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), Refusal> {
    let (scheme, kind) = scheme(algorithm).ok_or(Refusal::AttstmtUnsupportedAlg)?;
    let have = leaf
        .key_kind()
        .map_err(|_| Refusal::AttstmtUnsupportedAlg)?;
    if have != kind {
        let same_family = is_nist_curve(have) && is_nist_curve(kind);
        return Err(if same_family {
            Refusal::AttstmtUnsupportedAlg
        } else {
            Refusal::AttstmtAlgMismatch
        });
    }
    if let Some(hash) = short_pss_hash(leaf, algorithm, attested) {
        let valid = short_pss::verify(hash, leaf.public_key_bytes(), message, signature);
        return if valid {
            Ok(())
        } else {
            Err(Refusal::BadAttestationSignature)
        };
    }
    leaf.verify(scheme, legacy(attested), message, signature)
        .map_err(|fault| match fault {
            PathFault::UnsupportedAlgorithm => Refusal::AttstmtUnsupportedAlg,
            _ => Refusal::BadAttestationSignature,
        })
}

/// The hash, if this is RSASSA-PSS with a key too short for the library and the relying party tolerates that.
fn short_pss_hash(
    leaf: &Certificate<'_>,
    algorithm: Algorithm,
    attested: &Attested<'_>,
) -> Option<&'static digest::Algorithm> {
    let short = attested.policy.accept_legacy && leaf.public_key_bytes().len() < 256;
    match algorithm {
        Algorithm::Ps256 if short => Some(&digest::SHA256),
        Algorithm::Ps384 if short => Some(&digest::SHA384),
        Algorithm::Ps512 if short => Some(&digest::SHA512),
        _ => None,
    }
}

const fn is_nist_curve(kind: KeyKind) -> bool {
    matches!(kind, KeyKind::P256 | KeyKind::P384 | KeyKind::P521)
}

pub(super) const fn legacy(attested: &Attested<'_>) -> Legacy {
    if attested.policy.accept_legacy {
        Legacy::Accept
    } else {
        Legacy::Refuse
    }
}

const fn scheme(algorithm: Algorithm) -> Option<(Scheme, KeyKind)> {
    match algorithm {
        Algorithm::Es256 | Algorithm::Esp256 => Some((Scheme::EcdsaSha256, KeyKind::P256)),
        Algorithm::Es384 | Algorithm::Esp384 => Some((Scheme::EcdsaSha384, KeyKind::P384)),
        Algorithm::Es512 | Algorithm::Esp512 => Some((Scheme::EcdsaSha512, KeyKind::P521)),
        Algorithm::EdDsa | Algorithm::Ed25519 => Some((Scheme::Ed25519, KeyKind::Ed25519)),
        Algorithm::Rs1 => Some((Scheme::RsaPkcs1Sha1, KeyKind::Rsa)),
        Algorithm::Rs256 => Some((Scheme::RsaPkcs1Sha256, KeyKind::Rsa)),
        Algorithm::Rs384 => Some((Scheme::RsaPkcs1Sha384, KeyKind::Rsa)),
        Algorithm::Rs512 => Some((Scheme::RsaPkcs1Sha512, KeyKind::Rsa)),
        Algorithm::Ps256 => Some((Scheme::RsaPssSha256, KeyKind::Rsa)),
        Algorithm::Ps384 => Some((Scheme::RsaPssSha384, KeyKind::Rsa)),
        Algorithm::Ps512 => Some((Scheme::RsaPssSha512, KeyKind::Rsa)),
        Algorithm::MlDsa44 => Some((Scheme::MlDsa44, KeyKind::MlDsa44)),
        Algorithm::MlDsa65 => Some((Scheme::MlDsa65, KeyKind::MlDsa65)),
        Algorithm::MlDsa87 => Some((Scheme::MlDsa87, KeyKind::MlDsa87)),
        Algorithm::Es256k | Algorithm::Ed448 => None,
    }
}

/// The key of the leaf is the credential key itself.
pub(super) fn verify_same_key(
    leaf: &Certificate<'_>,
    attested: &Attested<'_>,
) -> Result<(), Refusal> {
    let kind = scheme(attested.key.stored.algorithm()).map(|(_, kind)| kind);
    if leaf.key_kind().ok() != kind || leaf.public_key_bytes() != attested.key.stored.raw() {
        return Err(Refusal::AttestationKeyMismatch);
    }
    Ok(())
}

/// Sections 8.2.1 and 8.3.1: version 3.
pub(super) fn verify_version(leaf: &Certificate<'_>) -> Result<(), Refusal> {
    if leaf.version() != 3 {
        return Err(Refusal::CertVersion);
    }
    Ok(())
}

/// Sections 8.2.1 and 8.3.1: not a certificate authority. The extension may be missing, which means the same (RFC 5280 section
/// 4.2.1.9) and occurs in the field; what is there must be readable and say no.
pub(super) fn verify_not_authority(leaf: &Certificate<'_>) -> Result<(), Refusal> {
    let present = leaf.extension(&BASIC_CONSTRAINTS).is_some();
    match leaf.basic_constraints() {
        Some(constraints) if constraints.ca => Err(Refusal::CertBasicConstraints),
        None if present => Err(Refusal::CertBasicConstraints),
        _ => Ok(()),
    }
}

/// If the certificate names a model, it must be the attested one, and the extension must not be critical (section 8.2.1).
pub(super) fn verify_aaguid(leaf: &Certificate<'_>, aaguid: Aaguid) -> Result<(), Refusal> {
    let Some(extension) = leaf.extension(&FIDO_AAGUID) else {
        return Ok(());
    };
    let named = der::read_all(extension.value, der::OCTET_STRING);
    if extension.critical || named != Some(aaguid.as_bytes().as_slice()) {
        return Err(Refusal::X5cAaguidExtensionMismatch);
    }
    Ok(())
}
