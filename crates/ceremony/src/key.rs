//! The public key of a passkey, ready to verify.

use crate::{Algorithm, Refusal};
use aws_lc_rs::signature::{self, ParsedPublicKey, VerificationAlgorithm};

/// A credential public key that was validated once, at registration, and is kept in the form that verifies cheapest.
///
/// [`Self::to_bytes`] and [`Self::from_bytes`] carry it through a store: one byte for the algorithm, then the raw key (the uncompressed
/// point for ECDSA, RFC 8017 `RSAPublicKey` for RSA, the raw public key for Ed25519 and ML-DSA).
#[derive(Clone)]
pub struct StoredKey {
    algorithm: Algorithm,
    key: ParsedPublicKey,
}

impl StoredKey {
    /// Takes a raw public key in the form the library wants. The library checks that a point is on its curve and that lengths fit.
    pub(crate) fn from_raw(algorithm: Algorithm, raw: &[u8]) -> Result<Self, Refusal> {
        let key = ParsedPublicKey::new(verifier(algorithm), raw)
            .map_err(|_| Refusal::MalformedCoseKey)?;
        Ok(Self { algorithm, key })
    }

    /// Reads what [`Self::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`Refusal::MalformedCoseKey`] if it is anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Refusal> {
        let (tag, raw) = bytes.split_first().ok_or(Refusal::MalformedCoseKey)?;
        Self::from_raw(
            Algorithm::from_tag(*tag).ok_or(Refusal::MalformedCoseKey)?,
            raw,
        )
    }

    /// The compact form for a store.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let raw = self.key.as_ref();
        let mut out = Vec::with_capacity(1 + raw.len());
        out.push(self.algorithm.tag());
        out.extend_from_slice(raw);
        out
    }

    /// The algorithm of the key.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn raw(&self) -> &[u8] {
        self.key.as_ref()
    }

    /// One signature check; the hash of the message is inside it.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verify_sig(message, signature).is_ok()
    }
}

impl PartialEq for StoredKey {
    fn eq(&self, other: &Self) -> bool {
        self.algorithm == other.algorithm && self.raw() == other.raw()
    }
}

impl Eq for StoredKey {}

impl std::fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoredKey({})", self.algorithm.name())
    }
}

/// The library's verification algorithm. Signatures: ASN.1 DER for ECDSA, raw for all others (L3 section 6.5.5).
pub(crate) fn verifier(algorithm: Algorithm) -> &'static dyn VerificationAlgorithm {
    match algorithm {
        Algorithm::Es256 | Algorithm::Esp256 => &signature::ECDSA_P256_SHA256_ASN1,
        Algorithm::Es384 | Algorithm::Esp384 => &signature::ECDSA_P384_SHA384_ASN1,
        Algorithm::Es512 | Algorithm::Esp512 => &signature::ECDSA_P521_SHA512_ASN1,
        Algorithm::Es256k => &signature::ECDSA_P256K1_SHA256_ASN1,
        Algorithm::EdDsa | Algorithm::Ed25519 => &signature::ED25519,
        Algorithm::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
        Algorithm::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
        Algorithm::Rs1 => &signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        Algorithm::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
        Algorithm::Ps384 => &signature::RSA_PSS_2048_8192_SHA384,
        Algorithm::Ps512 => &signature::RSA_PSS_2048_8192_SHA512,
        Algorithm::MlDsa44 => &signature::ML_DSA_44,
        Algorithm::MlDsa65 => &signature::ML_DSA_65,
        Algorithm::MlDsa87 => &signature::ML_DSA_87,
    }
}
