//! What the metadata says about every authenticator model, ready to be searched and to vouch for models.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use x509_parser::der_parser::asn1_rs::{Oid, oid};

use super::status::{Individual, RawReport, certification, judge, newest};
use super::{Certification, Date, Status, StatusReport, Verdict};
use crate::attestation::AttestationFormat;
use crate::attestation::chain::Certificate;
use crate::trust::{Anchor, AttestationSubject, Lookup, TrustAnchors};
use crate::{Aaguid, Refusal, UnixTime, base64url};

/// `id-fido-gen-ce-fw-version`: the firmware version, an INTEGER.
const FIRMWARE_VERSION: Oid<'static> = oid!(1.3.6.1.4.1.45724.1.1.5);

/// Every model of one BLOB. Immutable; a new BLOB makes a new catalogue.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    entries: Vec<Entry>,
    by_aaguid: BTreeMap<Aaguid, Vec<usize>>,
    by_key_identifier: BTreeMap<[u8; 20], Vec<usize>>,
}

/// One authenticator model.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// FIDO2 models.
    pub aaguid: Option<Aaguid>,
    /// UAF models, `V#M`.
    pub aaid: Option<String>,
    /// U2F models: SHA-1 of their attestation keys.
    pub key_identifiers: Vec<[u8; 20]>,
    /// The vendor's name for the model, in English.
    pub description: String,
    /// Names for people, by language tag.
    pub friendly_names: BTreeMap<String, String>,
    /// `fido2`, `u2f` or `uaf`.
    pub protocol_family: String,
    /// Earliest firmware version the statement is about.
    pub authenticator_version: Option<u64>,
    /// `basic_full`, `basic_surrogate`, `attca`, `anonca`, `none`, `ecdaa`.
    pub attestation_types: Vec<String>,
    /// `secp256r1_ecdsa_sha256_raw` and so on (FIDO registry of predefined values).
    pub authentication_algorithms: Vec<String>,
    /// Each inner list names methods that are needed together.
    pub user_verification: Vec<Vec<UserVerificationMethod>>,
    /// `hardware`, `secure_element`, `tee`, `software`, `remote_handle`.
    pub key_protection: Vec<String>,
    /// `software`, `tee`, `on_chip`.
    pub matcher_protection: Vec<String>,
    /// `internal`, `external`, `wired`, `wireless`, `nfc`, `bluetooth`, `network`.
    pub attachment_hint: Vec<String>,
    /// Transports of `authenticatorGetInfo`.
    pub transports: Vec<String>,
    /// Protocol versions of `authenticatorGetInfo`, for example `FIDO_2_1`.
    pub versions: Vec<String>,
    /// Roots of the model's attestation, or its attestation certificates themselves.
    pub anchors: Vec<Anchor>,
    /// Certificates of the statement that could not be read.
    pub unreadable_anchors: usize,
    /// The history, oldest first.
    pub status_reports: Vec<StatusReport>,
    /// When the history last changed.
    pub last_status_change: Option<Date>,
}

/// One way to verify the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserVerificationMethod {
    /// `fingerprint_internal`, `passcode_external`, `presence_internal`, `none` and so on.
    pub name: String,
}

impl Catalogue {
    /// Builds the indices.
    pub(super) fn new(entries: Vec<Entry>) -> Self {
        let mut catalogue = Self::default();
        for (index, entry) in entries.iter().enumerate() {
            if let Some(aaguid) = entry.aaguid {
                catalogue.by_aaguid.entry(aaguid).or_default().push(index);
            }
            for identifier in &entry.key_identifiers {
                catalogue
                    .by_key_identifier
                    .entry(*identifier)
                    .or_default()
                    .push(index);
            }
        }
        catalogue.entries = entries;
        catalogue
    }

    /// Every model, in the order of the BLOB.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The FIDO2 model with this AAGUID.
    #[must_use]
    pub fn by_aaguid(&self, aaguid: Aaguid) -> Option<&Entry> {
        self.of_aaguid(aaguid).next()
    }

    /// The U2F model whose attestation key has this SHA-1 identifier.
    #[must_use]
    pub fn by_key_identifier(&self, identifier: &[u8; 20]) -> Option<&Entry> {
        self.of_key_identifier(identifier).next()
    }

    /// Models whose names or AAGUID contain `text`, letters compared without case; all for the empty text.
    pub fn search<'a>(&'a self, text: &str) -> impl Iterator<Item = &'a Entry> {
        let text = text.trim().to_lowercase();
        self.entries
            .iter()
            .filter(move |entry| entry.mentions(&text))
    }

    /// The catalogue as a source of trust at a time.
    #[must_use]
    pub const fn at(&self, at: UnixTime) -> CatalogueAt<'_> {
        CatalogueAt {
            catalogue: self,
            at,
        }
    }

    fn of_aaguid(&self, aaguid: Aaguid) -> impl Iterator<Item = &Entry> {
        self.pick(self.by_aaguid.get(&aaguid))
    }

    fn of_key_identifier(&self, identifier: &[u8; 20]) -> impl Iterator<Item = &Entry> {
        self.pick(self.by_key_identifier.get(identifier))
    }

    fn pick(&self, indices: Option<&Vec<usize>>) -> impl Iterator<Item = &Entry> {
        indices
            .cloned()
            .unwrap_or_default()
            .into_iter()
            .filter_map(|index| self.entries.get(index))
    }
}

impl Entry {
    /// The first word of the description: as close to a vendor as the metadata comes.
    #[must_use]
    pub fn vendor(&self) -> &str {
        self.description
            .split_whitespace()
            .next()
            .unwrap_or_default()
    }

    /// A name for people: the English friendly name, else the description.
    #[must_use]
    pub fn name(&self) -> &str {
        self.friendly_names
            .iter()
            .find_map(|(language, name)| {
                language
                    .to_ascii_lowercase()
                    .starts_with("en")
                    .then_some(name)
            })
            .unwrap_or(&self.description)
    }

    /// The highest certification in force at the time.
    #[must_use]
    pub fn certification(&self, at: UnixTime) -> Certification {
        certification(&self.status_reports, at)
    }

    /// The newest status in force at the time, whatever it says.
    #[must_use]
    pub fn status(&self, at: UnixTime) -> Option<&Status> {
        newest(&self.status_reports, at)
    }

    /// The verdict about the model at the time, for an authenticator that tells neither firmware nor certificate.
    #[must_use]
    pub fn verdict(&self, at: UnixTime) -> Verdict {
        judge(&self.status_reports, &Individual::default(), at)
    }

    /// Does the model make self attestations?
    #[must_use]
    pub fn makes_self_attestations(&self) -> bool {
        self.attestation_types
            .iter()
            .any(|kind| kind == "basic_surrogate")
    }

    fn mentions(&self, lower_case: &str) -> bool {
        self.description.to_lowercase().contains(lower_case)
            || self
                .friendly_names
                .values()
                .any(|name| name.to_lowercase().contains(lower_case))
            || self
                .aaguid
                .is_some_and(|aaguid| aaguid.to_string().contains(lower_case))
    }
}

/// A catalogue at a time: vouches for the models it knows and refuses the undesired ones.
#[derive(Clone, Copy, Debug)]
pub struct CatalogueAt<'a> {
    catalogue: &'a Catalogue,
    at: UnixTime,
}

impl TrustAnchors for CatalogueAt<'_> {
    fn look_up<'a>(&'a self, subject: &AttestationSubject<'_>) -> Lookup<'a> {
        let entries = self.entries_of(subject);
        if entries.is_empty() {
            return Lookup::Unknown;
        }
        let individual = Individual {
            x5c: subject.x5c,
            firmware: firmware_of(subject.x5c),
        };
        let undesired = entries
            .iter()
            .any(|entry| judge(&entry.status_reports, &individual, self.at) != Verdict::Acceptable);
        if undesired {
            return Lookup::Refuse(Refusal::AuthenticatorCompromised);
        }
        // A model that always attests with its own certificates has no reason to sign with the new key:
        // whoever does so claims to be that model without being able to prove it.
        let is_self = subject.x5c.is_empty() && subject.format != AttestationFormat::None;
        if is_self && !entries.iter().any(|entry| entry.makes_self_attestations()) {
            return Lookup::Refuse(Refusal::SelfAttestationSuspect);
        }
        Lookup::Anchors(
            entries
                .into_iter()
                .flat_map(|entry| &entry.anchors)
                .collect(),
        )
    }
}

impl<'c> CatalogueAt<'c> {
    /// U2F authenticators are known by their attestation keys, all others by their AAGUID.
    fn entries_of(&self, subject: &AttestationSubject<'_>) -> Vec<&'c Entry> {
        if !subject.aaguid.is_zero() {
            return self.catalogue.of_aaguid(subject.aaguid).collect();
        }
        subject
            .x5c
            .iter()
            .filter_map(|der| Some(Certificate::parse(der).ok()?.key_identifier()))
            .flat_map(|identifier| {
                self.catalogue
                    .of_key_identifier(&identifier)
                    .collect::<Vec<_>>()
            })
            .collect()
    }
}

fn firmware_of(x5c: &[Vec<u8>]) -> Option<u64> {
    let leaf = Certificate::parse(x5c.first()?).ok()?;
    let [2, length, digits @ ..] = leaf.extension(&FIRMWARE_VERSION)?.value else {
        return None;
    };
    if usize::from(*length) != digits.len() || digits.first()? & 0x80 != 0 || digits.len() > 9 {
        return None;
    }
    digits.iter().try_fold(0u64, |version, digit| {
        Some(version.checked_mul(256)? + u64::from(*digit))
    })
}

/// An entry as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawEntry {
    aaguid: Option<String>,
    aaid: Option<String>,
    #[serde(default)]
    attestation_certificate_key_identifiers: Vec<String>,
    #[serde(default)]
    metadata_statement: RawStatement,
    status_reports: Vec<RawReport>,
    #[serde(default, deserialize_with = "lenient")]
    time_of_last_status_change: Option<String>,
}

/// The members of a metadata statement that are used here. What is only for people to read may be wrong
/// without losing the entry, and with it the entry's status reports.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawStatement {
    #[serde(default, deserialize_with = "lenient")]
    description: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    friendly_names: Option<BTreeMap<String, String>>,
    #[serde(default, deserialize_with = "lenient")]
    protocol_family: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    authenticator_version: Option<u64>,
    #[serde(default)]
    attestation_types: Vec<String>,
    #[serde(default)]
    attestation_root_certificates: Vec<String>,
    #[serde(default, deserialize_with = "lenient")]
    authentication_algorithms: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient")]
    user_verification_details: Option<Vec<Vec<RawMethod>>>,
    #[serde(default, deserialize_with = "lenient")]
    key_protection: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient")]
    matcher_protection: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient")]
    attachment_hint: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient")]
    authenticator_get_info: Option<RawInfo>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawMethod {
    user_verification_method: String,
}

#[derive(Default, Deserialize)]
struct RawInfo {
    #[serde(default)]
    versions: Vec<String>,
    #[serde(default)]
    transports: Vec<String>,
}

/// Reads one entry of the BLOB.
///
/// # Errors
/// What is wrong with it, for the log.
pub(super) fn read_entry(json: &str) -> Result<Entry, String> {
    let raw: RawEntry = serde_json::from_str(json).map_err(|error| error.to_string())?;
    let aaguid = match &raw.aaguid {
        Some(text) => Some(Aaguid::parse(text).ok_or("aaguid")?),
        None => None,
    };
    let key_identifiers = raw
        .attestation_certificate_key_identifiers
        .iter()
        .map(|text| hex(text).ok_or("attestationCertificateKeyIdentifiers"))
        .collect::<Result<Vec<_>, _>>()?;
    if aaguid.is_none() && raw.aaid.is_none() && key_identifiers.is_empty() {
        return Err("no identifier".to_owned());
    }
    let statement = raw.metadata_statement;
    let anchors: Vec<Anchor> = statement
        .attestation_root_certificates
        .iter()
        .filter_map(|text| anchor(text))
        .collect();
    let info = statement.authenticator_get_info.unwrap_or_default();
    Ok(Entry {
        aaguid,
        aaid: raw.aaid,
        key_identifiers,
        description: statement.description.unwrap_or_default(),
        friendly_names: statement.friendly_names.unwrap_or_default(),
        protocol_family: statement.protocol_family.unwrap_or_default(),
        authenticator_version: statement.authenticator_version,
        attestation_types: statement.attestation_types,
        authentication_algorithms: statement.authentication_algorithms.unwrap_or_default(),
        user_verification: methods(statement.user_verification_details.unwrap_or_default()),
        key_protection: statement.key_protection.unwrap_or_default(),
        matcher_protection: statement.matcher_protection.unwrap_or_default(),
        attachment_hint: statement.attachment_hint.unwrap_or_default(),
        transports: info.transports,
        versions: info.versions,
        unreadable_anchors: statement.attestation_root_certificates.len() - anchors.len(),
        anchors,
        status_reports: raw.status_reports.into_iter().map(Into::into).collect(),
        last_status_change: raw
            .time_of_last_status_change
            .as_deref()
            .and_then(Date::parse),
    })
}

/// A member whose wrong type counts as absent.
pub(super) fn lenient<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).ok())
}

fn methods(raw: Vec<Vec<RawMethod>>) -> Vec<Vec<UserVerificationMethod>> {
    let method = |raw: RawMethod| UserVerificationMethod {
        name: raw.user_verification_method,
    };
    raw.into_iter()
        .map(|together| together.into_iter().map(method).collect())
        .collect()
}

/// Some statements wrap their base64 over lines.
fn anchor(text: &str) -> Option<Anchor> {
    let packed: String = text.split_ascii_whitespace().collect();
    Anchor::from_der(&base64url::decode(&packed)?).ok()
}

fn hex(text: &str) -> Option<[u8; 20]> {
    let mut bytes = [0; 20];
    if text.len() != 40 || !text.is_ascii() {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}
