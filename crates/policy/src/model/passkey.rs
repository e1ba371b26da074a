use crate::model::{PasskeyId, Sha256, TenantId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Whether a passkey can leave its authenticator. Decided by the backup-eligible flag (BE) at
/// registration, which never changes afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PasskeyType {
    /// BE clear.
    DeviceBound,
    /// BE set.
    Synced,
}

impl PasskeyType {
    /// The stored and Graph form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DeviceBound => "deviceBound",
            Self::Synced => "synced",
        }
    }
}

/// Whether the maker of the authenticator vouched for it (`attestationLevel`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AttestationLevel {
    /// A statement whose chain ends at a trusted anchor.
    Attested,
    /// None, self attestation, or a chain to nowhere we trust.
    NotAttested,
}

impl AttestationLevel {
    /// The stored and Graph form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Attested => "attested",
            Self::NotAttested => "notAttested",
        }
    }
}

/// Who had the passkey registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Provenance {
    /// The user, on the security info page.
    SelfService,
    /// The user, in an interrupt of a sign-in.
    SignInInterrupt,
    /// An administrator or script, on behalf of the user.
    Provisioned,
    /// The browser, silently after a password sign-in (conditional create).
    ConditionalCreate,
}

impl Provenance {
    /// The stored form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SelfService => "selfService",
            Self::SignInInterrupt => "signInInterrupt",
            Self::Provisioned => "provisioned",
            Self::ConditionalCreate => "conditionalCreate",
        }
    }
}

/// A registered passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// The tenant it belongs to.
    pub tenant: TenantId,
    /// Our name for it.
    pub id: PasskeyId,
    /// Whose it is.
    pub user: UserId,
    /// The authenticator's name for it; unique in the tenant.
    pub credential_id: Vec<u8>,
    /// `ceremony::StoredKey::to_bytes`: the public key, validated at registration.
    pub stored_key: Vec<u8>,
    /// COSE algorithm identifier (-7 ES256, -8 EdDSA, -48 ML-DSA-44 …).
    pub algorithm: i64,
    /// The authenticator's model; all zero when it does not say.
    pub aaguid: Uuid,
    /// What the user calls it.
    pub display_name: String,
    /// When it was registered.
    pub created: Timestamp,
    /// The last successful sign-in with it.
    pub last_used: Option<Timestamp>,
    /// The newest signature counter seen.
    pub sign_count: u32,
    /// Device-bound or synced (the BE flag).
    pub passkey_type: PasskeyType,
    /// The BS flag as last seen: a copy exists elsewhere now.
    pub backed_up: bool,
    /// Transports as the browser reported them, in its order.
    pub transports: Vec<String>,
    /// Whether the browser said that the key is discoverable (credProps.rk).
    pub discoverable: Option<bool>,
    /// Attestation statement format (`none`, `packed`, …).
    pub attestation_format: String,
    /// Whether the statement led to a trusted anchor.
    pub attestation_level: AttestationLevel,
    /// SHA-256 of the anchor that it led to.
    pub attestation_root: Option<Sha256>,
    /// The attestation object as received, kept for later judgement under new rules.
    pub attestation_object: Vec<u8>,
    /// The client data as received at registration; the statement's signature covers its hash.
    pub client_data: Vec<u8>,
    /// Whether its owner has verified themselves to it: when they registered it, or (where the browser
    /// made it silently) in a sign-in since.
    pub user_verified: bool,
    /// A counter stepped back at this moment: perhaps a copy of the key exists.
    pub suspected_clone: Option<Timestamp>,
    /// A disabled key is refused at sign-in.
    pub enabled: bool,
    /// Who had it registered.
    pub provenance: Provenance,
}

impl Passkey {
    /// Whether it is a way in that its owner can be expected to have. A disabled one is none, and one
    /// that the browser made silently is none before its first use: perhaps nobody knows of it.
    #[must_use]
    pub const fn counts(&self) -> bool {
        self.enabled && self.user_verified
    }
}
