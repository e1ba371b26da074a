//! Which signature algorithms a certificate, a revocation list or an attestation statement may carry, and
//! the check itself.
//!
//! The algorithm is always the pair of what the signature *says* (its object identifier) and what the key
//! *is* (its type and curve); a pair that is not in the table below is refused, so a signature cannot talk a
//! key into an operation that the key was not made for.

use aws_lc_rs::signature::{self as lc, UnparsedPublicKey, VerificationAlgorithm};
use x509_parser::der_parser::asn1_rs::{Oid, oid};
use x509_parser::signature_algorithm::RsaSsaPssParams;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use super::PathFault;

/// A signature algorithm with its hash, independent of the key that is to check it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// ECDSA (DER encoded signature) with SHA-1; only with [`Legacy::Accept`].
    EcdsaSha1,
    /// ECDSA (DER encoded signature) with SHA-256.
    EcdsaSha256,
    /// ECDSA (DER encoded signature) with SHA-384.
    EcdsaSha384,
    /// ECDSA (DER encoded signature) with SHA-512.
    EcdsaSha512,
    /// RSASSA-PKCS1-v1_5 with SHA-1; only with [`Legacy::Accept`].
    RsaPkcs1Sha1,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RsaPkcs1Sha256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RsaPkcs1Sha384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RsaPkcs1Sha512,
    /// RSASSA-PSS with SHA-256, MGF1 with the same hash, salt as long as the hash.
    RsaPssSha256,
    /// RSASSA-PSS with SHA-384, MGF1 with the same hash, salt as long as the hash.
    RsaPssSha384,
    /// RSASSA-PSS with SHA-512, MGF1 with the same hash, salt as long as the hash.
    RsaPssSha512,
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// ML-DSA-44, pure, empty context (FIPS 204).
    MlDsa44,
    /// ML-DSA-65, pure, empty context (FIPS 204).
    MlDsa65,
    /// ML-DSA-87, pure, empty context (FIPS 204).
    MlDsa87,
}

/// Whether SHA-1 signatures and RSA keys of 1024 to 2047 bits may still carry trust. Attestation chains of
/// the first TPM and Android generations need it; nothing made today does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Legacy {
    /// SHA-1 and short RSA keys are refused.
    #[default]
    Refuse,
    /// SHA-1 and RSA keys from 1024 bits are accepted.
    Accept,
}

/// What a public key is, as far as choosing an algorithm needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA of any size.
    Rsa,
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
    /// Ed25519.
    Ed25519,
    /// ML-DSA-44.
    MlDsa44,
    /// ML-DSA-65.
    MlDsa65,
    /// ML-DSA-87.
    MlDsa87,
}

const RSA_ENCRYPTION: Oid<'static> = oid!(1.2.840.113549.1.1.1);
const RSA_SHA1: Oid<'static> = oid!(1.2.840.113549.1.1.5);
const RSA_PSS: Oid<'static> = oid!(1.2.840.113549.1.1.10);
const RSA_SHA256: Oid<'static> = oid!(1.2.840.113549.1.1.11);
const RSA_SHA384: Oid<'static> = oid!(1.2.840.113549.1.1.12);
const RSA_SHA512: Oid<'static> = oid!(1.2.840.113549.1.1.13);
const MGF1: Oid<'static> = oid!(1.2.840.113549.1.1.8);
const SHA256: Oid<'static> = oid!(2.16.840.1.101.3.4.2.1);
const SHA384: Oid<'static> = oid!(2.16.840.1.101.3.4.2.2);
const SHA512: Oid<'static> = oid!(2.16.840.1.101.3.4.2.3);
const EC_PUBLIC_KEY: Oid<'static> = oid!(1.2.840.10045.2.1);
const P256: Oid<'static> = oid!(1.2.840.10045.3.1.7);
const P384: Oid<'static> = oid!(1.3.132.0.34);
const P521: Oid<'static> = oid!(1.3.132.0.35);
const ECDSA_SHA1: Oid<'static> = oid!(1.2.840.10045.4.1);
const ECDSA_SHA256: Oid<'static> = oid!(1.2.840.10045.4.3.2);
const ECDSA_SHA384: Oid<'static> = oid!(1.2.840.10045.4.3.3);
const ECDSA_SHA512: Oid<'static> = oid!(1.2.840.10045.4.3.4);
const ED25519: Oid<'static> = oid!(1.3.101.112);
const ML_DSA_44: Oid<'static> = oid!(2.16.840.1.101.3.4.3.17);
const ML_DSA_65: Oid<'static> = oid!(2.16.840.1.101.3.4.3.18);
const ML_DSA_87: Oid<'static> = oid!(2.16.840.1.101.3.4.3.19);

impl Scheme {
    /// Reads the algorithm identifier of a certificate or revocation list.
    ///
    /// # Errors
    /// [`PathFault::UnsupportedAlgorithm`] for everything outside the table, including RSASSA-PSS with a
    /// mask or salt other than the usual one.
    pub(super) fn of(identifier: &AlgorithmIdentifier<'_>) -> Result<Self, PathFault> {
        let table = [
            (ECDSA_SHA256, Self::EcdsaSha256),
            (RSA_SHA256, Self::RsaPkcs1Sha256),
            (ECDSA_SHA384, Self::EcdsaSha384),
            (ECDSA_SHA512, Self::EcdsaSha512),
            (RSA_SHA384, Self::RsaPkcs1Sha384),
            (RSA_SHA512, Self::RsaPkcs1Sha512),
            (ED25519, Self::Ed25519),
            (ML_DSA_44, Self::MlDsa44),
            (ML_DSA_65, Self::MlDsa65),
            (ML_DSA_87, Self::MlDsa87),
            (RSA_SHA1, Self::RsaPkcs1Sha1),
            (ECDSA_SHA1, Self::EcdsaSha1),
        ];
        if identifier.algorithm == RSA_PSS {
            return Self::of_pss(identifier);
        }
        table
            .into_iter()
            .find_map(|(oid, scheme)| (oid == identifier.algorithm).then_some(scheme))
            .ok_or(PathFault::UnsupportedAlgorithm)
    }

    fn of_pss(identifier: &AlgorithmIdentifier<'_>) -> Result<Self, PathFault> {
        let unsupported = PathFault::UnsupportedAlgorithm;
        let parameters = identifier.parameters.as_ref().ok_or(unsupported)?;
        let pss = RsaSsaPssParams::try_from(parameters).map_err(|_| unsupported)?;
        let mask = pss.mask_gen_algorithm().map_err(|_| unsupported)?;
        let hash = pss.hash_algorithm_oid();
        let (scheme, salt) = match () {
            () if *hash == SHA256 => (Self::RsaPssSha256, 32),
            () if *hash == SHA384 => (Self::RsaPssSha384, 48),
            () if *hash == SHA512 => (Self::RsaPssSha512, 64),
            () => return Err(unsupported),
        };
        let usual = mask.mgf == MGF1
            && mask.hash == *hash
            && pss.salt_length() == salt
            && pss.trailer_field() == 1;
        if usual { Ok(scheme) } else { Err(unsupported) }
    }
}

impl KeyKind {
    /// Reads the kind of a subject public key.
    ///
    /// # Errors
    /// [`PathFault::UnsupportedAlgorithm`] for every other key type or curve.
    pub(super) fn of(spki: &SubjectPublicKeyInfo<'_>) -> Result<Self, PathFault> {
        let algorithm = &spki.algorithm.algorithm;
        if *algorithm == EC_PUBLIC_KEY {
            return Self::of_curve(spki);
        }
        let table = [
            (RSA_ENCRYPTION, Self::Rsa),
            (ED25519, Self::Ed25519),
            (ML_DSA_44, Self::MlDsa44),
            (ML_DSA_65, Self::MlDsa65),
            (ML_DSA_87, Self::MlDsa87),
        ];
        table
            .into_iter()
            .find_map(|(oid, kind)| (oid == *algorithm).then_some(kind))
            .ok_or(PathFault::UnsupportedAlgorithm)
    }

    fn of_curve(spki: &SubjectPublicKeyInfo<'_>) -> Result<Self, PathFault> {
        let curve = spki
            .algorithm
            .parameters
            .as_ref()
            .and_then(|any| any.as_oid().ok())
            .ok_or(PathFault::UnsupportedAlgorithm)?;
        [(P256, Self::P256), (P384, Self::P384), (P521, Self::P521)]
            .into_iter()
            .find_map(|(oid, kind)| (oid == curve).then_some(kind))
            .ok_or(PathFault::UnsupportedAlgorithm)
    }
}

/// Checks `signature` over `message` with the key of `spki`.
///
/// # Errors
/// [`PathFault::UnsupportedAlgorithm`] when scheme and key do not fit or the pair needs [`Legacy::Accept`];
/// [`PathFault::BadSignature`] when the signature is not of this key over this message.
pub(super) fn verify(
    spki: &SubjectPublicKeyInfo<'_>,
    scheme: Scheme,
    legacy: Legacy,
    message: &[u8],
    signature: &[u8],
) -> Result<(), PathFault> {
    let algorithm = operation(KeyKind::of(spki)?, scheme, legacy)?;
    UnparsedPublicKey::new(algorithm, &spki.subject_public_key.data)
        .verify(message, signature)
        .map_err(|_| PathFault::BadSignature)
}

/// The table key × scheme; everything outside is refused.
fn operation(
    key: KeyKind,
    scheme: Scheme,
    legacy: Legacy,
) -> Result<&'static dyn VerificationAlgorithm, PathFault> {
    if legacy == Legacy::Accept
        && let Some(old) = legacy_operation(key, scheme)
    {
        return Ok(old);
    }
    Ok(match (key, scheme) {
        (KeyKind::P256, Scheme::EcdsaSha256) => &lc::ECDSA_P256_SHA256_ASN1,
        (KeyKind::P256, Scheme::EcdsaSha384) => &lc::ECDSA_P256_SHA384_ASN1,
        (KeyKind::P256, Scheme::EcdsaSha512) => &lc::ECDSA_P256_SHA512_ASN1,
        (KeyKind::P384, Scheme::EcdsaSha256) => &lc::ECDSA_P384_SHA256_ASN1,
        (KeyKind::P384, Scheme::EcdsaSha384) => &lc::ECDSA_P384_SHA384_ASN1,
        (KeyKind::P384, Scheme::EcdsaSha512) => &lc::ECDSA_P384_SHA512_ASN1,
        (KeyKind::P521, Scheme::EcdsaSha256) => &lc::ECDSA_P521_SHA256_ASN1,
        (KeyKind::P521, Scheme::EcdsaSha384) => &lc::ECDSA_P521_SHA384_ASN1,
        (KeyKind::P521, Scheme::EcdsaSha512) => &lc::ECDSA_P521_SHA512_ASN1,
        (KeyKind::Rsa, Scheme::RsaPkcs1Sha256) => &lc::RSA_PKCS1_2048_8192_SHA256,
        (KeyKind::Rsa, Scheme::RsaPkcs1Sha384) => &lc::RSA_PKCS1_2048_8192_SHA384,
        (KeyKind::Rsa, Scheme::RsaPkcs1Sha512) => &lc::RSA_PKCS1_2048_8192_SHA512,
        (KeyKind::Rsa, Scheme::RsaPssSha256) => &lc::RSA_PSS_2048_8192_SHA256,
        (KeyKind::Rsa, Scheme::RsaPssSha384) => &lc::RSA_PSS_2048_8192_SHA384,
        (KeyKind::Rsa, Scheme::RsaPssSha512) => &lc::RSA_PSS_2048_8192_SHA512,
        (KeyKind::Ed25519, Scheme::Ed25519) => &lc::ED25519,
        (KeyKind::MlDsa44, Scheme::MlDsa44) => &lc::ML_DSA_44,
        (KeyKind::MlDsa65, Scheme::MlDsa65) => &lc::ML_DSA_65,
        (KeyKind::MlDsa87, Scheme::MlDsa87) => &lc::ML_DSA_87,
        _ => return Err(PathFault::UnsupportedAlgorithm),
    })
}

fn legacy_operation(key: KeyKind, scheme: Scheme) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (key, scheme) {
        (KeyKind::P256, Scheme::EcdsaSha1) => &lc::ECDSA_P256_SHA1_ASN1,
        (KeyKind::P521, Scheme::EcdsaSha1) => &lc::ECDSA_P521_SHA1_ASN1,
        (KeyKind::Rsa, Scheme::RsaPkcs1Sha1) => &lc::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        (KeyKind::Rsa, Scheme::RsaPkcs1Sha256) => {
            &lc::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY
        }
        (KeyKind::Rsa, Scheme::RsaPkcs1Sha512) => {
            &lc::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY
        }
        _ => return None,
    })
}
