//! Attestation objects and statements (L3 sections 6.5 and 8).

pub mod chain;

use crate::{Aaguid, Refusal};

/// An attestation statement format that this crate verifies (L3 section 8; IANA WebAuthn registry).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AttestationFormat {
    /// `none`: nobody vouches for the authenticator.
    None,
    /// `packed`.
    Packed,
    /// `tpm`.
    Tpm,
    /// `android-key`.
    AndroidKey,
    /// `android-safetynet`, deprecated.
    AndroidSafetynet,
    /// `fido-u2f`.
    FidoU2f,
    /// `apple`.
    Apple,
    /// `compound`.
    Compound,
}

impl AttestationFormat {
    /// Every supported format.
    pub const ALL: &'static [Self] = &[
        Self::None,
        Self::Packed,
        Self::Tpm,
        Self::AndroidKey,
        Self::AndroidSafetynet,
        Self::FidoU2f,
        Self::Apple,
        Self::Compound,
    ];

    /// The registered identifier.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Packed => "packed",
            Self::Tpm => "tpm",
            Self::AndroidKey => "android-key",
            Self::AndroidSafetynet => "android-safetynet",
            Self::FidoU2f => "fido-u2f",
            Self::Apple => "apple",
            Self::Compound => "compound",
        }
    }

    /// The format with this identifier; case matters (L3 section 7.1 step 20).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|format| format.name() == name)
    }
}

impl serde::Serialize for AttestationFormat {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What kind of voucher an attestation is (L3 section 6.5.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttestationType {
    /// None.
    None,
    /// Signed with the credential key itself: proves nothing about the model.
    SelfAttestation,
    /// Signed with a key whose certificate the vendor issued (basic, or by an attestation CA: the statement alone cannot tell).
    Certified,
    /// Certificate made for this one passkey by an anonymization CA.
    AnonymizationCa,
}

/// What came of looking for a path to a trust anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrustOutcome {
    /// Nobody asked, or there was nothing to ask about (no certificates).
    NotEvaluated,
    /// A path leads to an anchor of the caller.
    Trusted,
    /// No valid path, for this reason. Only seen under [`TrustRequirement::Report`].
    Untrusted(Refusal),
}

/// How much the relying party insists on attestation (L3 section 7.1 steps 22-23).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum TrustRequirement {
    /// Verify the statement, do not look for a path.
    #[default]
    Ignore,
    /// Look for a path and report what came of it; do not refuse for it.
    Report,
    /// Refuse what no anchor vouches for, also `none` and self attestations.
    Require,
}

/// When `android-safetynet` statements are accepted. Level 3 deprecates the format and its service is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Safetynet {
    /// Never: for new passkeys.
    #[default]
    Refuse,
    /// For judging again a passkey that was registered while the service existed, at the time of its registration.
    StoredOnly,
}

/// How many statements of a compound statement must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum CompoundRule {
    /// All of them.
    #[default]
    All,
    /// At least one; the others may be of unknown formats or fail.
    Any,
}

/// What the relying party decides about attestation before it sees any. The default is strict about form and asks for no trust.
#[derive(Clone, Debug, Default)]
pub struct AttestationPolicy {
    /// Whether a path to an anchor is looked for and insisted on.
    pub trust: TrustRequirement,
    /// Refuses SHA-1 in statements and certificates. Old TPMs still sign with it, so the default tolerates it in statements only.
    pub refuse_insecure: bool,
    /// Refuses `fido-u2f` statements with an AAGUID other than zero. FIDO practice; Level 3 does not ask for it.
    pub u2f_aaguid_must_be_zero: bool,
    /// Android keys must be generated and used in hardware; otherwise the software list counts too.
    pub android_key_hardware_only: bool,
    /// When `android-safetynet` is accepted.
    pub safetynet: Safetynet,
    /// How many statements of a compound must hold.
    pub compound: CompoundRule,
    /// The models that are accepted; `None` accepts all.
    pub allowed_aaguids: Option<Vec<Aaguid>>,
    /// Further TPM manufacturer ids beside those of the TCG registry (`id:` and eight hexadecimal digits), for tests and simulators.
    pub extra_tpm_manufacturers: Vec<String>,
}

/// What an attestation told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttestationFacts {
    /// The format of the statement.
    pub format: AttestationFormat,
    /// What kind of voucher it is. For `compound`: that of its strongest statement.
    pub kind: AttestationType,
    /// What came of looking for a path to an anchor.
    pub trust: TrustOutcome,
    /// The certificates of the statement in DER, leaf first. For `compound`: those of the strongest statement.
    pub x5c: Vec<Vec<u8>>,
    /// For `compound`: what each statement told, in order.
    pub parts: Vec<AttestationFacts>,
}
