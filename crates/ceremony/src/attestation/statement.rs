//! What the statements of several formats have in common: their members, and the leaf certificate that signs.

use super::Attested;
use super::chain::{Certificate, KeyKind, Legacy, PathFault, Scheme};
use super::der;
use crate::cbor::{Map, Value};
use crate::{Aaguid, Algorithm, Refusal};
use x509_parser::der_parser::asn1_rs::{Oid, oid};

/// id-fido-gen-ce-aaguid.
const FIDO_AAGUID: Oid<'static> = oid!(1.3.6.1.4.1.45724.1.1.4);
const BASIC_CONSTRAINTS: Oid<'static> = oid!(2.5.29.19);

/// More certificates than this in one `x5c` are not read.
const MAX_X5C: usize = 10;

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

    /// The number in `alg`.
    pub(super) fn alg(&self) -> Result<i64, Refusal> {
        let value = self.map.get("alg").ok_or(Refusal::AttstmtMissingAlg)?;
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
        self.bytes("sig", Refusal::AttstmtMissingSig)
    }

    pub(super) fn bytes(&self, name: &str, missing: Refusal) -> Result<&'a [u8], Refusal> {
        self.map
            .get(name)
            .ok_or(missing)?
            .as_bytes()
            .ok_or(Refusal::AttstmtMalformed)
    }

    pub(super) fn text(&self, name: &str, missing: Refusal) -> Result<&'a str, Refusal> {
        self.map
            .get(name)
            .ok_or(missing)?
            .as_text()
            .ok_or(Refusal::AttstmtMalformed)
    }

    /// The certificates of `x5c`, leaf first; at least one.
    pub(super) fn x5c(&self) -> Result<Vec<Vec<u8>>, Refusal> {
        let value = self.map.get("x5c").ok_or(Refusal::AttstmtMissingX5c)?;
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

/// The first certificate of a list.
pub(super) fn leaf(x5c: &[Vec<u8>]) -> Result<Certificate<'_>, Refusal> {
    let der = x5c.first().ok_or(Refusal::AttstmtMalformedX5c)?;
    Certificate::parse(der).map_err(|_| Refusal::AttstmtMalformedX5c)
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
    if leaf.key_kind().ok() != Some(kind) {
        return Err(Refusal::AttstmtUnsupportedAlg);
    }
    leaf.verify(scheme, legacy(attested), message, signature)
        .map_err(|fault| match fault {
            PathFault::UnsupportedAlgorithm => Refusal::AttstmtUnsupportedAlg,
            _ => Refusal::BadAttestationSignature,
        })
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
        Algorithm::Es256k => None,
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
