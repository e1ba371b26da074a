use crate::model::{Actor, ApplicationId, PasskeyId, Sha256, TenantId, Timestamp, UserId};
use ceremony::attestation::KeyStore;
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

/// Whose hand added a passkey to somebody's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Registrar {
    /// The owner's own, or that of a browser of theirs.
    Owner,
    /// An administrator's, through whatever program.
    Administrator {
        /// The account. Its name is not kept: it can change, and be erased.
        id: UserId,
    },
    /// An application's, by itself.
    #[serde(rename_all = "camelCase")]
    Application {
        /// The application.
        id: ApplicationId,
        /// As it was then.
        display_name: String,
    },
    /// Not known: it was provisioned before this was written down.
    Unknown,
}

impl Registrar {
    /// Of a passkey with this provenance, when `actor` registered it.
    #[must_use]
    pub fn of(provenance: Provenance, actor: &Actor) -> Self {
        match (provenance, actor) {
            (Provenance::Provisioned, Actor::User { id, .. }) => Self::Administrator { id: *id },
            (Provenance::Provisioned, Actor::App { id, display_name }) => Self::Application {
                id: *id,
                display_name: display_name.clone(),
            },
            (provenance, _) => Self::unwritten(provenance),
        }
    }

    /// Of a passkey of which nothing was written down but its provenance.
    #[must_use]
    pub const fn unwritten(provenance: Provenance) -> Self {
        match provenance {
            Provenance::Provisioned => Self::Unknown,
            Provenance::SelfService
            | Provenance::SignInInterrupt
            | Provenance::ConditionalCreate => Self::Owner,
        }
    }

    /// The word for it in Graph and in exports.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Administrator { .. } => "administrator",
            Self::Application { .. } => "application",
            Self::Unknown => "unknown",
        }
    }
}

/// Bad news about a registered passkey, and what follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compromise {
    /// Since when.
    pub since: Timestamp,
    /// The news.
    pub reason: CompromiseReason,
    /// What follows.
    pub measure: Measure,
}

/// Why a registered passkey is no longer what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CompromiseReason {
    /// The metadata calls its model revoked.
    ModelRevoked,
    /// The metadata says that user verification can be bypassed, or that keys can be had.
    ModelCompromised,
    /// No trusted anchor vouches for it any more, and its profile asks for that always.
    AttestationLost,
}

impl CompromiseReason {
    /// Every reason.
    pub const ALL: &'static [Self] = &[
        Self::ModelRevoked,
        Self::ModelCompromised,
        Self::AttestationLost,
    ];

    /// The stored form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ModelRevoked => "modelRevoked",
            Self::ModelCompromised => "modelCompromised",
            Self::AttestationLost => "attestationLost",
        }
    }
}

/// What follows from bad news about a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Measure {
    /// It is refused.
    Quarantine,
    /// It counts as one factor.
    StepUp,
    /// It is only reported.
    Report,
    /// It is the last way in: it counts as one factor until there is a pass or another way, and is dealt with then.
    PassFirst,
    /// An administrator let it go on in spite of the news.
    Released,
}

impl Measure {
    /// Every measure.
    pub const ALL: &'static [Self] = &[
        Self::Quarantine,
        Self::StepUp,
        Self::Report,
        Self::PassFirst,
        Self::Released,
    ];

    /// The stored form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quarantine => "quarantine",
            Self::StepUp => "stepUp",
            Self::Report => "report",
            Self::PassFirst => "passFirst",
            Self::Released => "released",
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
    /// What the statement says keeps the key.
    pub key_store: Option<KeyStore>,
    /// Thumbprint (SHA-1, hexadecimal) of the certificate that the statement names first.
    pub attestation_certificate: Option<String>,
    /// The attestation object as received, kept for later judgement under new rules.
    pub attestation_object: Vec<u8>,
    /// The client data as received at registration; the statement's signature covers its hash.
    pub client_data: Vec<u8>,
    /// Whether its owner has verified themselves to it: when they registered it, or (where the browser
    /// made it silently) in a sign-in since.
    pub user_verified: bool,
    /// A counter stepped back at this moment: perhaps a copy of the key exists.
    pub suspected_clone: Option<Timestamp>,
    /// What followed from bad news about its model or its attestation.
    pub compromise: Option<Compromise>,
    /// The end of its life of which its owner was warned.
    pub warned: Option<Timestamp>,
    /// The end of its life of which its owner was told that it has come.
    pub ended: Option<Timestamp>,
    /// A disabled key is refused at sign-in.
    pub enabled: bool,
    /// Somebody else registered it, and it is disabled until its owner has activated it
    /// ([`crate::activation`]).
    pub waiting: bool,
    /// Who had it registered.
    pub provenance: Provenance,
    /// Whose hand did it.
    pub registrar: Registrar,
}

impl Passkey {
    /// Whether it is a way in that its owner can be expected to have. One that cannot be used is none, and one
    /// that the browser made silently is none before its first use: perhaps nobody knows of it.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.is_usable() && self.user_verified
    }

    /// What follows from bad news about it, if there is any.
    #[must_use]
    pub const fn measure(&self) -> Option<Measure> {
        match self.compromise {
            Some(compromise) => Some(compromise.measure),
            None => None,
        }
    }

    /// Neither disabled, nor in quarantine, nor suspected to have a copy. Whether policy allows it is another question.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        let quarantined = self.measure() == Some(Measure::Quarantine);
        self.enabled && !quarantined && self.suspected_clone.is_none()
    }
}
