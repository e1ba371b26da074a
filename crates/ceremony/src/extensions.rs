//! Extension outputs as typed facts (L3 sections 9 and 10, CTAP 2.2 section 12).
//!
//! Outputs are hints of the client or of the authenticator. Unsolicited, missing or ill-typed ones never fail a ceremony (L3 section 7.1
//! step 28, 7.2 step 23); what is not understood is only named. Secrets that a client should not have sent (`prf` results, blobs) are not kept.

use crate::cbor::{self, Key, Map};
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

/// Who may use a passkey without user verification (`credProtect`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CredentialProtection {
    /// `userVerificationOptional` (1).
    Optional,
    /// `userVerificationOptionalWithCredentialIDList` (2).
    OptionalWithCredentialIdList,
    /// `userVerificationRequired` (3).
    Required,
}

/// Outputs inside the authenticator data: signed by the authenticator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthenticatorOutputs {
    /// `credProtect`: the protection that was applied.
    pub credential_protection: Option<CredentialProtection>,
    /// `minPinLength`: the smallest PIN the authenticator takes, in code points.
    pub min_pin_length: Option<u64>,
    /// `hmac-secret`: true if the passkey can derive secrets (registration).
    pub hmac_secret: Option<bool>,
    /// `credBlob`: true if the blob was stored (registration).
    pub cred_blob_stored: Option<bool>,
    /// `thirdPartyPayment`.
    pub third_party_payment: Option<bool>,
    /// Names of outputs that are not listed here.
    pub unknown: Vec<String>,
}

/// Outputs of the client (`clientExtensionResults`): not signed by anybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientOutputs {
    /// `credProps.rk`: the passkey is discoverable. `None` is unknown, not false.
    pub discoverable: Option<bool>,
    /// `prf.enabled` (registration).
    pub prf_enabled: Option<bool>,
    /// `prf.results` came along; its values are dropped here.
    pub prf_results_present: bool,
    /// `largeBlob.supported` (registration).
    pub large_blob_supported: Option<bool>,
    /// `largeBlob.written` (authentication).
    pub large_blob_written: Option<bool>,
    /// `largeBlob.blob` came along (authentication); its value is dropped here.
    pub large_blob_present: bool,
    /// `appid`: the assertion was made for the AppID (authentication).
    pub appid: Option<bool>,
    /// `appidExclude`: the client acted on it (registration).
    pub appid_exclude: Option<bool>,
    /// `hmacCreateSecret` (registration).
    pub hmac_create_secret: Option<bool>,
}

impl<'de> Deserialize<'de> for ClientOutputs {
    /// Never fails for what JSON there is: an output of another type, or no object at all, says nothing.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OutputsVisitor)
    }
}

struct OutputsVisitor;

impl<'de> Visitor<'de> for OutputsVisitor {
    type Value = ClientOutputs;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("client extension outputs")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut outputs = ClientOutputs::default();
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            outputs.take(&name, map.next_value()?);
        }
        Ok(outputs)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(ClientOutputs::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(ClientOutputs::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(ClientOutputs::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(ClientOutputs::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(ClientOutputs::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(ClientOutputs::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(ClientOutputs::default())
    }
}

impl ClientOutputs {
    fn take(&mut self, name: &str, output: Value) {
        match name {
            "credProps" => self.discoverable = flag(&output, "rk"),
            "prf" => {
                self.prf_enabled = flag(&output, "enabled");
                self.prf_results_present = output.get("results").is_some();
            }
            "largeBlob" => {
                self.large_blob_supported = flag(&output, "supported");
                self.large_blob_written = flag(&output, "written");
                self.large_blob_present = output.get("blob").is_some();
            }
            "appid" => self.appid = output.as_bool(),
            "appidExclude" => self.appid_exclude = output.as_bool(),
            "hmacCreateSecret" => self.hmac_create_secret = output.as_bool(),
            _ => {}
        }
    }
}

fn flag(value: &Value, member: &str) -> Option<bool> {
    value.get(member)?.as_bool()
}

impl AuthenticatorOutputs {
    pub(crate) fn from_map(map: &Map<'_>) -> Self {
        let mut out = Self::default();
        for (key, value) in map.entries() {
            match key {
                Key::Text("credProtect") => {
                    out.credential_protection = CredentialProtection::from_level(value)
                }
                Key::Text("minPinLength") => {
                    out.min_pin_length =
                        value.as_i64().and_then(|length| u64::try_from(length).ok())
                }
                Key::Text("hmac-secret") => out.hmac_secret = value.as_bool(),
                Key::Text("credBlob") => out.cred_blob_stored = value.as_bool(),
                Key::Text("thirdPartyPayment") => out.third_party_payment = value.as_bool(),
                Key::Text(name) => out.unknown.push((*name).to_owned()),
                Key::Unsigned(_) | Key::Negative(_) => {}
            }
        }
        out
    }
}

impl CredentialProtection {
    fn from_level(value: &cbor::Value<'_>) -> Option<Self> {
        match value.as_i64()? {
            1 => Some(Self::Optional),
            2 => Some(Self::OptionalWithCredentialIdList),
            3 => Some(Self::Required),
            _ => None,
        }
    }
}
