//! Attestation objects and statements (L3 sections 6.5 and 8).
//!
//! A statement is verified by the rules of its format, over the authenticator data byte for byte as received; only then is anybody
//! asked whether its certificates are trusted. A statement that holds says *what signed*, a path to an anchor says *who that is*.

mod android_key;
mod apple;
pub mod chain;
mod compound;
mod der;
mod fido_u2f;
mod key_store;
mod none;
mod object;
mod packed;
mod safetynet;
mod short_pss;
mod statement;
mod tpm;
mod trust;

use crate::authenticator_data::{AttestedCredential, AuthenticatorData};
use crate::cbor::Value;
use crate::cose::CredentialKey;
use crate::{Aaguid, Refusal, TrustAnchors, UnixTime};

pub use key_store::{KeyStore, key_store};
pub use object::{AttestationObject, leaf_thumbprint};
use statement::Statement;

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

    /// The format with this identifier; case matters (L3 section 7.1 step 21).
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

/// How much the relying party insists on attestation (L3 section 7.1 steps 23-24).
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
    /// Accepts SHA-1 signatures and short RSA keys in statements and certificate paths. Windows Hello on early TPMs signs with SHA-1.
    pub accept_legacy: bool,
    /// Refuses `fido-u2f` statements with an AAGUID other than zero. FIDO practice; Level 3 does not ask for it.
    pub u2f_aaguid_must_be_zero: bool,
    /// Android keys must be generated and confined to signing by hardware; otherwise what software enforces counts too.
    pub android_key_hardware_only: bool,
    /// When `android-safetynet` is accepted.
    pub safetynet: Safetynet,
    /// How many statements of a compound must hold.
    pub compound: CompoundRule,
    /// The models that are accepted; `None` accepts all.
    pub allowed_aaguids: Option<Vec<Aaguid>>,
    /// TPM manufacturer ids beside those of the TCG registry (`id:` and eight hexadecimal digits), for tests and simulators.
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
    /// SHA-256 of the anchor that the path ends in; only if [`TrustOutcome::Trusted`].
    pub anchor: Option<[u8; 32]>,
    /// The certificates of the statement in DER, leaf first. For `compound`: those of the strongest statement.
    pub x5c: Vec<Vec<u8>>,
    /// For `compound`: what each statement told, in order.
    pub parts: Vec<AttestationFacts>,
}

/// What a statement is about: the same for every statement of a compound.
#[derive(Clone, Copy)]
pub(crate) struct Attested<'a> {
    pub(crate) data: &'a AuthenticatorData<'a>,
    pub(crate) credential: &'a AttestedCredential<'a>,
    pub(crate) key: &'a CredentialKey,
    pub(crate) client_data_hash: &'a [u8],
    pub(crate) policy: &'a AttestationPolicy,
    pub(crate) now: UnixTime,
}

impl Attested<'_> {
    /// What most formats sign or hash: the authenticator data as received, then the client data hash.
    fn signed(&self) -> Vec<u8> {
        [self.data.bytes, self.client_data_hash].concat()
    }
}

/// What a format says about its statement once it holds.
struct Verdict {
    kind: AttestationType,
    x5c: Vec<Vec<u8>>,
}

/// Judges a stored attestation again, for instance after the metadata changed: L3 section 7.1 steps 13 and 20 to 24 without the
/// parts that need the client data. `client_data_hash` is the SHA-256 of the stored client data.
///
/// # Errors
/// The [`Refusal`] of the first rule that is broken.
pub fn verify_attestation(
    attestation_object: &[u8],
    client_data_hash: &[u8],
    policy: &AttestationPolicy,
    anchors: &dyn TrustAnchors,
    now: UnixTime,
) -> Result<AttestationFacts, Refusal> {
    let object = AttestationObject::parse(attestation_object)?;
    let data = AuthenticatorData::parse_attested(object.authenticator_data)?;
    let credential = data.attested.as_ref().ok_or(Refusal::AtFlagMissing)?;
    let format = object.format()?;
    let algorithm = credential.key.algorithm()?;
    check_coordinates(credential, format)?;
    let key = match policy.accept_legacy {
        true => credential.key.validate_legacy(algorithm)?,
        false => credential.key.validate(algorithm)?,
    };
    let attested = Attested {
        data: &data,
        credential,
        key: &key,
        client_data_hash,
        policy,
        now,
    };
    verify_statement(format, &object.statement, &attested, anchors)
}

/// U2F has its own word for coordinates of a wrong length, so it looks before the key is validated.
pub(crate) fn check_coordinates(
    credential: &AttestedCredential<'_>,
    format: AttestationFormat,
) -> Result<(), Refusal> {
    match format {
        AttestationFormat::FidoU2f => fido_u2f::check_coordinates(&credential.key),
        _ => Ok(()),
    }
}

/// L3 section 7.1 steps 22 to 24: the statement holds, and its certificates are trusted as far as the policy asks.
pub(crate) fn verify_statement(
    format: AttestationFormat,
    statement: &Value<'_>,
    attested: &Attested<'_>,
    anchors: &dyn TrustAnchors,
) -> Result<AttestationFacts, Refusal> {
    trust::check_model(attested)?;
    if format == AttestationFormat::Compound {
        return compound::verify(statement, attested, anchors);
    }
    let map = statement.as_map().ok_or(Refusal::AttstmtNotAMap)?;
    let verdict = verify_simple(format, Statement::new(map), attested)?;
    trust::assess(format, verdict, attested, anchors)
}

fn verify_simple(
    format: AttestationFormat,
    statement: Statement<'_>,
    attested: &Attested<'_>,
) -> Result<Verdict, Refusal> {
    match format {
        AttestationFormat::None => none::verify(statement),
        AttestationFormat::Packed => packed::verify(statement, attested),
        AttestationFormat::Tpm => tpm::verify(statement, attested),
        AttestationFormat::AndroidKey => android_key::verify(statement, attested),
        AttestationFormat::AndroidSafetynet => safetynet::verify(statement, attested),
        AttestationFormat::FidoU2f => fido_u2f::verify(statement, attested),
        AttestationFormat::Apple => apple::verify(statement, attested),
        AttestationFormat::Compound => Err(Refusal::CompoundNested),
    }
}
