use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What is known of one authenticator model or passkey provider: FIDO metadata and the provider table, merged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelFacts {
    /// Its name.
    pub name: String,
    /// Its maker; empty when unknown.
    pub vendor: String,
    /// FIDO certification, as of the metadata in use.
    pub certification: Option<CertificationLevel>,
    /// The metadata's newest word; `None` when there is no metadata about it.
    pub status: Option<ModelStatus>,
    /// `usb`, `nfc`, `ble`, `internal`, `hybrid`; empty when unknown.
    pub transports: Vec<String>,
    /// Ways in which it verifies its user; empty when unknown.
    pub user_verification: Vec<UserVerification>,
    /// What keeps its keys, in the words of the metadata (`secure_element`, `tee`, `hardware`, `software`, `remote_handle`); empty when
    /// unknown.
    pub key_protection: Vec<String>,
    /// Of a synced-passkey provider; `None` when it is none or unknown.
    pub protections: Option<Protections>,
}

/// How a synced-passkey provider protects its keys, from the dated table; `None` is unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Protections {
    /// Setting it up on a new device takes a second factor.
    pub second_factor_set_up: Option<bool>,
    /// The device has to have a screen lock.
    pub device_lock: Option<bool>,
    /// The provider cannot read the keys.
    pub end_to_end_encrypted: Option<bool>,
}

/// FIDO authenticator certification, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CertificationLevel {
    /// Certified without a level, as in the first years.
    Fido,
    /// L1.
    L1,
    /// L1+.
    #[serde(rename = "L1+")]
    L1Plus,
    /// L2.
    L2,
    /// L2+.
    #[serde(rename = "L2+")]
    L2Plus,
    /// L3.
    L3,
    /// L3+.
    #[serde(rename = "L3+")]
    L3Plus,
}

/// The metadata's newest word on a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ModelStatus {
    /// Nothing against it.
    Good,
    /// A better firmware exists.
    UpdateAvailable,
    /// Its certification was taken back.
    Revoked,
    /// User verification can be bypassed, or keys can be had.
    Compromised,
}

/// How an authenticator verifies its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UserVerification {
    /// Fingerprint.
    Fingerprint,
    /// Face.
    Face,
    /// Eye.
    Eye,
    /// Voice.
    Voice,
    /// A PIN or pass phrase typed on the device or the client.
    Passcode,
    /// A pattern.
    Pattern,
}

/// The catalogue of models as policy sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Models {
    models: BTreeMap<Uuid, ModelFacts>,
}

impl Models {
    /// A catalogue of these models.
    #[must_use]
    pub const fn new(models: BTreeMap<Uuid, ModelFacts>) -> Self {
        Self { models }
    }

    /// What is known of the model with this AAGUID. Nothing is known of the all-zero one.
    #[must_use]
    pub fn get(&self, aaguid: Uuid) -> Option<&ModelFacts> {
        self.models.get(&aaguid).filter(|_| !aaguid.is_nil())
    }

    /// All of them, by AAGUID.
    pub fn iter(&self) -> impl Iterator<Item = (Uuid, &ModelFacts)> {
        self.models.iter().map(|(aaguid, facts)| (*aaguid, facts))
    }
}
