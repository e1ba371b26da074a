use crate::model::authenticator::{CertificationLevel, ModelStatus, UserVerification};
use crate::model::scope::is_false;
use crate::model::{PasskeyType, ProfileId, Scope};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Who may use passkeys, and which (`fido2AuthenticationMethodConfiguration`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasskeyMethod {
    /// Passkeys can be used at all (`state`).
    pub enabled: bool,
    /// Users register by themselves (`isSelfServiceRegistrationAllowed`), unless a profile says otherwise.
    pub self_service: bool,
    /// Beyond Entra: a passkey that somebody else registers waits until its owner activates it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub owner_activates: bool,
    /// Whom the method is for, and with which profiles. A person collects the profiles of every target they are in.
    pub include: Vec<PasskeyTarget>,
    /// Whom it is barred from entirely, registration and sign-in.
    #[serde(default, skip_serializing_if = "Scope::is_empty")]
    pub exclude: Scope,
    /// The profiles that targets name.
    pub profiles: Vec<PasskeyProfile>,
}

/// Some people and the profiles that are open to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasskeyTarget {
    /// Who.
    pub who: Scope,
    /// Beyond Entra: except for whom; they may still fall under another target.
    #[serde(default, skip_serializing_if = "Scope::is_empty")]
    pub except: Scope,
    /// `isRegistrationRequired`, kept for programs that write it; nothing is decided by it, as in Entra.
    #[serde(default, skip_serializing_if = "is_false")]
    pub registration_required: bool,
    /// Ids of profiles. One that is fully satisfied is enough.
    pub profiles: Vec<ProfileId>,
}

/// What a passkey has to be like (`passkeyProfile`). Everything said here has to hold together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasskeyProfile {
    /// Its id; the default profile is [`PasskeyProfile::DEFAULT`].
    pub id: ProfileId,
    /// Shown to administrators.
    pub name: String,
    /// Types that pass.
    pub types: Vec<PasskeyType>,
    /// Whether the maker has to vouch for the model.
    pub attestation: AttestationRule,
    /// Single models that pass or do not.
    #[serde(default)]
    pub restrictions: KeyRestrictions,
    /// Beyond Entra: models by what the metadata says about them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub models: Option<ModelQuery>,
    /// Beyond Entra: SHA-256 of the root certificates that may vouch; empty is every trusted root.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roots: Vec<Sha256>,
    /// Beyond Entra: only keys whose algorithm withstands a quantum computer (ML-DSA).
    #[serde(default, skip_serializing_if = "is_false")]
    pub post_quantum_only: bool,
    /// Beyond Entra: days after registration at which a passkey no longer passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_age_days: Option<u32>,
    /// Beyond Entra: days without use after which it no longer passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_days: Option<u32>,
    /// Beyond Entra: days before an end at which the owner is warned.
    #[serde(default = "warning_days")]
    pub warning_days: u32,
    /// Beyond Entra: days after an end in which it still signs in, to be replaced at once.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub grace_days: u32,
    /// Beyond Entra: passkeys a person may have under this profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_per_user: Option<u32>,
    /// Beyond Entra: overrides [`PasskeyMethod::self_service`] for passkeys of this profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub self_service: Option<bool>,
    /// Beyond Entra: guests may use it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub guests: bool,
    /// Beyond Entra: what happens to a registered key when its model falls from grace.
    #[serde(default)]
    pub on_compromise: CompromiseRule,
    /// Beyond Entra: whether a passkey that another device holds is taken (hybrid transport). Entra never takes one where
    /// attestation is enforced.
    #[serde(default, skip_serializing_if = "CrossDeviceRule::is_open")]
    pub cross_device: CrossDeviceRule,
}

impl PasskeyProfile {
    /// Entra's id of the default profile.
    pub const DEFAULT: ProfileId =
        ProfileId::from_bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

    /// Everything passes.
    #[must_use]
    pub fn open(id: ProfileId, name: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            types: vec![PasskeyType::DeviceBound, PasskeyType::Synced],
            attestation: AttestationRule::Disabled,
            restrictions: KeyRestrictions::default(),
            models: None,
            roots: Vec::new(),
            post_quantum_only: false,
            maximum_age_days: None,
            idle_days: None,
            warning_days: warning_days(),
            grace_days: 0,
            maximum_per_user: None,
            self_service: None,
            guests: false,
            on_compromise: CompromiseRule::default(),
            cross_device: CrossDeviceRule::default(),
        }
    }
}

/// What becomes of passkeys that another device holds than the one that asks (CTAP 2.2, section 11.5).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CrossDeviceRule {
    /// When they are registered.
    pub registration: CrossDevice,
    /// When they sign in.
    pub sign_in: CrossDevice,
}

impl CrossDeviceRule {
    /// Whether nothing is refused.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(
            (self.registration, self.sign_in),
            (CrossDevice::Allowed, CrossDevice::Allowed)
        )
    }
}

/// Whether a passkey of another device is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CrossDevice {
    /// Yes, with attestation as without.
    #[default]
    Allowed,
    /// Not where the profile asks for attestation, as in Entra.
    NotWithAttestation,
    /// No.
    Blocked,
}

impl CrossDevice {
    /// Every value.
    pub const ALL: &'static [Self] = &[Self::Allowed, Self::NotWithAttestation, Self::Blocked];

    /// The stored form, and that of Graph.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::NotWithAttestation => "notWithAttestation",
            Self::Blocked => "blocked",
        }
    }

    /// Whether it takes a passkey of another device, under a profile with this rule of attestation.
    #[must_use]
    pub fn takes(self, attestation: AttestationRule) -> bool {
        match self {
            Self::Allowed => true,
            Self::NotWithAttestation => attestation == AttestationRule::Disabled,
            Self::Blocked => false,
        }
    }
}

/// `attestationEnforcement`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AttestationRule {
    /// Not asked.
    Disabled,
    /// Asked when a passkey is registered, never afterwards.
    RegistrationOnly,
    /// Beyond Entra: asked at every sign-in too, of what was kept from the registration.
    Always,
}

/// `keyRestrictions`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeyRestrictions {
    /// Whether the list counts (`isEnforced`).
    pub enforced: bool,
    /// What the list is (`enforcementType`).
    pub kind: RestrictionKind,
    /// Models.
    pub aaguids: Vec<Uuid>,
}

/// `enforcementType`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RestrictionKind {
    /// Only these.
    #[default]
    Allow,
    /// All but these.
    Block,
}

/// Models by their properties. Everything said has to hold; what is unknown about a model does not hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ModelQuery {
    /// The maker is one of these, compared without regard to case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vendors: Vec<String>,
    /// FIDO certification of at least this level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_certification: Option<CertificationLevel>,
    /// The metadata's newest word on the model is none of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without_status: Vec<ModelStatus>,
    /// Speaks at least one of these (`usb`, `nfc`, `ble`, `internal`, `hybrid`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub transports: Vec<String>,
    /// Verifies its user in at least one of these ways.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub user_verification: Vec<UserVerification>,
    /// Of a synced-passkey provider: setting it up takes a second factor.
    #[serde(skip_serializing_if = "is_false")]
    pub second_factor_set_up: bool,
    /// Of a synced-passkey provider: the device has to have a screen lock.
    #[serde(skip_serializing_if = "is_false")]
    pub device_lock: bool,
    /// Of a synced-passkey provider: it cannot read the keys itself.
    #[serde(skip_serializing_if = "is_false")]
    pub end_to_end_encrypted: bool,
}

/// What happens to registered keys of a model that the metadata calls revoked or compromised, the strictest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CompromiseRule {
    /// They are put in quarantine: refused until the metadata heals, or an administrator releases or deletes them.
    #[default]
    Quarantine,
    /// They count as one factor; a second method has to be shown.
    StepUp,
    /// They are only reported.
    Report,
}

/// A SHA-256 digest, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// A digest.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Display for Sha256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sha256({self})")
    }
}

impl From<Sha256> for String {
    fn from(digest: Sha256) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for Sha256 {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const WRONG: &str = "a SHA-256 digest is 64 hexadecimal digits";
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(WRONG);
        }
        let mut bytes = [0; 32];
        for (to, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| WRONG)?;
            if !pair.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return Err(WRONG);
            }
            *to = u8::from_str_radix(pair, 16).map_err(|_| WRONG)?;
        }
        Ok(Self(bytes))
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
const fn is_zero(days: &u32) -> bool {
    *days == 0
}

const fn warning_days() -> u32 {
    30
}
