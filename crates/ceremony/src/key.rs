//! The public key of a passkey, ready to verify.

use crate::{Algorithm, Refusal, ed448};
use aws_lc_rs::signature::{self, ParsedPublicKey, VerificationAlgorithm};

/// A credential public key that was validated once, at registration, and is kept in the form that verifies cheapest.
///
/// [`Self::to_bytes`] and [`Self::from_bytes`] carry it through a store: one byte for the algorithm, then the raw key (the uncompressed
/// point for ECDSA, RFC 8017 `RSAPublicKey` for RSA, the raw public key for EdDSA and ML-DSA).
#[derive(Clone)]
pub struct StoredKey {
    algorithm: Algorithm,
    key: Key,
}

/// Parsed by the signature library, except for the one curve that it does not have.
#[derive(Clone)]
enum Key {
    Library(ParsedPublicKey),
    Ed448([u8; ed448::PUBLIC_KEY]),
}

impl StoredKey {
    /// Takes a raw public key. The library checks that a point is on its curve and that lengths fit.
    pub(crate) fn from_raw(algorithm: Algorithm, raw: &[u8]) -> Result<Self, Refusal> {
        let key = match verifier(algorithm, raw) {
            Some(verifier) => Key::Library(
                ParsedPublicKey::new(verifier, raw).map_err(|_| Refusal::MalformedCoseKey)?,
            ),
            None if ed448::is_public_key(raw) => {
                Key::Ed448(raw.try_into().map_err(|_| Refusal::MalformedCoseKey)?)
            }
            None => return Err(Refusal::MalformedCoseKey),
        };
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
        let raw = self.raw();
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
        match &self.key {
            Key::Library(key) => key.as_ref(),
            Key::Ed448(key) => key,
        }
    }

    /// One signature check; the hash of the message is inside it.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.key {
            Key::Library(key) => key.verify_sig(message, signature).is_ok(),
            Key::Ed448(key) => ed448::verify(key, message, signature),
        }
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

/// An `RSAPublicKey` shorter than this has a modulus below 2048 bits; only statements of old are judged with such keys.
const RSA_2048: usize = 256;

/// The library's verification algorithm; `None` for Ed448. Signatures: ASN.1 DER for ECDSA, raw for all others (L3 section 6.5.5).
fn verifier(algorithm: Algorithm, raw: &[u8]) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match algorithm {
        Algorithm::Es256 | Algorithm::Esp256 => &signature::ECDSA_P256_SHA256_ASN1,
        Algorithm::Es384 | Algorithm::Esp384 => &signature::ECDSA_P384_SHA384_ASN1,
        Algorithm::Es512 | Algorithm::Esp512 => &signature::ECDSA_P521_SHA512_ASN1,
        Algorithm::Es256k => &signature::ECDSA_P256K1_SHA256_ASN1,
        Algorithm::EdDsa | Algorithm::Ed25519 => &signature::ED25519,
        Algorithm::Rs256 if raw.len() < RSA_2048 => {
            &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY
        }
        Algorithm::Rs1 if raw.len() < RSA_2048 => {
            &signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY
        }
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
        Algorithm::Ed448 => return None,
    })
}
