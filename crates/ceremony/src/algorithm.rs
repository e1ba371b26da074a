//! The signature algorithms a relying party can offer (L3 section 5.8.5, RFC 9053, RFC 9964).

/// A COSE signature algorithm that this crate verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256 (-7).
    Es256 = 1,
    /// ECDSA on P-384 with SHA-384 (-35).
    Es384 = 2,
    /// ECDSA on P-521 with SHA-512 (-36).
    Es512 = 3,
    /// ECDSA on secp256k1 with SHA-256 (-47).
    Es256k = 4,
    /// Ed25519 under its old polymorphic name (-8).
    EdDsa = 5,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (-257).
    Rs256 = 6,
    /// RSASSA-PKCS1-v1_5 with SHA-384 (-258).
    Rs384 = 7,
    /// RSASSA-PKCS1-v1_5 with SHA-512 (-259).
    Rs512 = 8,
    /// RSASSA-PSS with SHA-256 (-37).
    Ps256 = 9,
    /// RSASSA-PSS with SHA-384 (-38).
    Ps384 = 10,
    /// RSASSA-PSS with SHA-512 (-39).
    Ps512 = 11,
    /// ML-DSA-44 (-48).
    MlDsa44 = 12,
    /// ML-DSA-65 (-49).
    MlDsa65 = 13,
    /// ML-DSA-87 (-50).
    MlDsa87 = 14,
    /// RSASSA-PKCS1-v1_5 with SHA-1 (-65535): attestation statements of old TPMs and old credentials only, never offered.
    Rs1 = 15,
    /// ECDSA on P-256 with SHA-256, fully specified (-9).
    Esp256 = 16,
    /// ECDSA on P-384 with SHA-384, fully specified (-51).
    Esp384 = 17,
    /// ECDSA on P-521 with SHA-512, fully specified (-52).
    Esp512 = 18,
    /// Ed25519, fully specified (-19).
    Ed25519 = 19,
    /// Ed448 (-53): slow here, for keys that exist already.
    Ed448 = 20,
}

impl Algorithm {
    /// Every algorithm this crate verifies.
    pub const ALL: &'static [Self] = &[
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::Es256k,
        Self::EdDsa,
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::MlDsa44,
        Self::MlDsa65,
        Self::MlDsa87,
        Self::Rs1,
        Self::Esp256,
        Self::Esp384,
        Self::Esp512,
        Self::Ed25519,
        Self::Ed448,
    ];

    /// What a relying party offers when nobody chose otherwise, best first. Authenticators take the first they know, so the
    /// post-quantum algorithms lead; the fully specified twins are left out as Level 3 recommends.
    pub const OFFERED: &'static [Self] = &[
        Self::MlDsa65,
        Self::MlDsa44,
        Self::MlDsa87,
        Self::EdDsa,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::Rs256,
    ];

    /// The number of the IANA COSE algorithms registry.
    #[must_use]
    pub const fn cose_id(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::Es384 => -35,
            Self::Es512 => -36,
            Self::Es256k => -47,
            Self::EdDsa => -8,
            Self::Rs256 => -257,
            Self::Rs384 => -258,
            Self::Rs512 => -259,
            Self::Ps256 => -37,
            Self::Ps384 => -38,
            Self::Ps512 => -39,
            Self::MlDsa44 => -48,
            Self::MlDsa65 => -49,
            Self::MlDsa87 => -50,
            Self::Rs1 => -65535,
            Self::Esp256 => -9,
            Self::Esp384 => -51,
            Self::Esp512 => -52,
            Self::Ed25519 => -19,
            Self::Ed448 => -53,
        }
    }

    /// The algorithm with this COSE number, if this crate verifies it.
    #[must_use]
    pub fn from_cose_id(id: i64) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|algorithm| algorithm.cose_id() == id)
    }

    /// The registered name, such as `ES256`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::Es256k => "ES256K",
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::MlDsa44 => "ML-DSA-44",
            Self::MlDsa65 => "ML-DSA-65",
            Self::MlDsa87 => "ML-DSA-87",
            Self::Rs1 => "RS1",
            Self::Esp256 => "ESP256",
            Self::Esp384 => "ESP384",
            Self::Esp512 => "ESP512",
            Self::Ed25519 => "Ed25519",
            Self::Ed448 => "Ed448",
        }
    }

    /// True for algorithms that rest on SHA-1.
    #[must_use]
    pub const fn is_insecure(self) -> bool {
        matches!(self, Self::Rs1)
    }

    /// The byte that stands for the algorithm in [`crate::StoredKey::to_bytes`].
    pub(crate) const fn tag(self) -> u8 {
        self as u8
    }

    pub(crate) fn from_tag(tag: u8) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|algorithm| algorithm.tag() == tag)
    }
}

impl serde::Serialize for Algorithm {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.cose_id())
    }
}

impl<'de> serde::Deserialize<'de> for Algorithm {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = i64::deserialize(deserializer)?;
        Self::from_cose_id(id)
            .ok_or_else(|| serde::de::Error::custom("not a supported COSE algorithm"))
    }
}

#[cfg(test)]
mod tests {
    use super::Algorithm;

    #[test]
    fn every_algorithm_comes_back_from_its_number_and_its_tag() {
        for algorithm in Algorithm::ALL {
            assert_eq!(
                Algorithm::from_cose_id(algorithm.cose_id()),
                Some(*algorithm)
            );
            assert_eq!(Algorithm::from_tag(algorithm.tag()), Some(*algorithm));
        }
    }

    #[test]
    fn sha1_is_never_offered() {
        assert!(
            Algorithm::OFFERED
                .iter()
                .all(|algorithm| !algorithm.is_insecure())
        );
    }
}
