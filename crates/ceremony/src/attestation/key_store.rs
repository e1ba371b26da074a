//! Where a key is kept, as far as the statement of its format says it.

use super::chain::Certificate;
use super::{AttestationFormat, AttestationObject, android_key};

/// What keeps a private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyStore {
    /// Software.
    Software,
    /// The trusted execution environment of an Android device.
    TrustedEnvironment,
    /// The secure element of an Android device.
    StrongBox,
    /// The Secure Enclave of an Apple device.
    SecureEnclave,
    /// A Trusted Platform Module.
    Tpm,
}

impl KeyStore {
    /// Every key store.
    pub const ALL: &'static [Self] = &[
        Self::Software,
        Self::TrustedEnvironment,
        Self::StrongBox,
        Self::SecureEnclave,
        Self::Tpm,
    ];

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Software => "software",
            Self::TrustedEnvironment => "trustedEnvironment",
            Self::StrongBox => "strongBox",
            Self::SecureEnclave => "secureEnclave",
            Self::Tpm => "tpm",
        }
    }
}

/// What a stored attestation object says of where the key is: the security level of `android-key` (L3 section 8.4), and the formats that
/// only one kind of hardware makes. `None` if it does not say: most formats name a model, and its metadata knows.
///
/// Nothing is verified here; that was done at the registration. Without an anchor that vouches for it, it is a claim.
#[must_use]
pub fn key_store(attestation_object: &[u8]) -> Option<KeyStore> {
    let object = AttestationObject::parse(attestation_object).ok()?;
    match object.format().ok()? {
        AttestationFormat::AndroidKey => {
            let leaf = object.leaf_certificate()?;
            android_key::key_store(&Certificate::parse(&leaf).ok()?)
        }
        AttestationFormat::Tpm => Some(KeyStore::Tpm),
        AttestationFormat::Apple => Some(KeyStore::SecureEnclave),
        AttestationFormat::None
        | AttestationFormat::Packed
        | AttestationFormat::AndroidSafetynet
        | AttestationFormat::FidoU2f
        | AttestationFormat::Compound => None,
    }
}
