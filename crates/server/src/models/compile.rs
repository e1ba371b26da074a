//! The catalogue in the words of policy: FIDO metadata and the provider table, merged.

use std::collections::BTreeMap;

use ceremony::UnixTime;
use ceremony::metadata::{Catalogue, Certification, Entry, Status, Verdict};
use policy::model::{CertificationLevel, ModelFacts, ModelStatus, Models, UserVerification};
use uuid::Uuid;

use super::providers::Table;

/// Everything that is known of models at this moment.
pub fn compile(catalogue: Option<&Catalogue>, table: &Table, at: UnixTime) -> Models {
    let mut models = BTreeMap::new();
    for provider in &table.providers {
        for aaguid in &provider.aaguids {
            models.insert(*aaguid, provider.facts());
        }
    }
    let entries = catalogue.map(Catalogue::entries).unwrap_or_default();
    for entry in entries {
        if let Some(aaguid) = entry.aaguid {
            let aaguid = Uuid::from_bytes(*aaguid.as_bytes());
            let known = models.remove(&aaguid);
            models.insert(aaguid, merged(entry, known, table, at));
        }
    }
    Models::new(models)
}

/// The metadata is about the model itself, the table about who is behind it.
fn merged(entry: &Entry, known: Option<ModelFacts>, table: &Table, at: UnixTime) -> ModelFacts {
    let known = known.unwrap_or_default();
    let or = |theirs: Vec<String>, ours: Vec<String>| if theirs.is_empty() { ours } else { theirs };
    ModelFacts {
        name: entry.name().to_owned(),
        vendor: match known.vendor.is_empty() {
            true => table.maker(&entry.description),
            false => known.vendor,
        },
        certification: level(entry.certification(at)),
        status: Some(status(entry, at)),
        transports: or(transports(entry), known.transports),
        user_verification: ways(entry),
        key_protection: entry.key_protection.clone(),
        protections: known.protections,
    }
}

fn status(entry: &Entry, at: UnixTime) -> ModelStatus {
    match entry.verdict(at) {
        Verdict::Undesired {
            status: Status::Revoked,
            ..
        } => ModelStatus::Revoked,
        Verdict::Undesired { .. } => ModelStatus::Compromised,
        Verdict::Acceptable => {
            let update = |status: &Status| *status == Status::UpdateAvailable;
            match entry.status(at).is_some_and(update) {
                true => ModelStatus::UpdateAvailable,
                false => ModelStatus::Good,
            }
        }
    }
}

const fn level(certification: Certification) -> Option<CertificationLevel> {
    Some(match certification {
        Certification::None => return None,
        Certification::Certified => CertificationLevel::Fido,
        Certification::L1 => CertificationLevel::L1,
        Certification::L1Plus => CertificationLevel::L1Plus,
        Certification::L2 => CertificationLevel::L2,
        Certification::L2Plus => CertificationLevel::L2Plus,
        Certification::L3 => CertificationLevel::L3,
        Certification::L3Plus => CertificationLevel::L3Plus,
    })
}

/// What the authenticator says of itself, else what its maker hints at.
fn transports(entry: &Entry) -> Vec<String> {
    let said = entry.transports.iter().filter_map(|name| transport(name));
    let hinted = entry.attachment_hint.iter().filter_map(|hint| {
        Some(match hint.as_str() {
            "internal" => "internal",
            "wired" => "usb",
            "nfc" => "nfc",
            "bluetooth" => "ble",
            _ => return None,
        })
    });
    let mut names: Vec<_> = match entry.transports.is_empty() {
        true => hinted.map(str::to_owned).collect(),
        false => said.map(str::to_owned).collect(),
    };
    names.dedup();
    names
}

fn transport(name: &str) -> Option<&'static str> {
    ["usb", "nfc", "ble", "internal", "hybrid", "smart-card"]
        .into_iter()
        .find(|known| *known == name)
}

fn ways(entry: &Entry) -> Vec<UserVerification> {
    let mut ways = Vec::new();
    for method in entry.user_verification.iter().flatten() {
        let way = match method.name.split('_').next().unwrap_or_default() {
            "fingerprint" => UserVerification::Fingerprint,
            "faceprint" => UserVerification::Face,
            "eyeprint" => UserVerification::Eye,
            "voiceprint" => UserVerification::Voice,
            "passcode" => UserVerification::Passcode,
            "pattern" => UserVerification::Pattern,
            _ => continue,
        };
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    ways
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

    use super::*;
    use ceremony::base64url;
    use ceremony::metadata::read_kept_blob;
    use serde_json::{Value, json};

    const MODEL: &str = "01020304-0506-0708-0102-030405060708";
    const HELLO: &str = "08987058-cadc-4b81-b6e1-30de50dcbe96";
    const NOW: UnixTime = UnixTime::from_seconds(1_796_126_400);

    fn facts(aaguid: &str, entries: Value) -> Option<ModelFacts> {
        let payload = json!({ "no": 1, "nextUpdate": "2030-01-01", "entries": entries });
        let text = format!("e30.{}.e30", base64url::encode(payload.to_string()));
        let blob = read_kept_blob(&text).unwrap();
        let models = compile(Some(blob.catalogue()), &Table::shipped(), NOW);
        models.get(aaguid.parse().unwrap()).cloned()
    }

    fn of_reports(reports: Value) -> ModelFacts {
        facts(MODEL, json!([{ "aaguid": MODEL, "statusReports": reports, "metadataStatement": {
            "description": "YubiKey 5 Series with NFC",
            "attachmentHint": ["external", "wired", "nfc"],
            "userVerificationDetails": [
                [{ "userVerificationMethod": "none" }],
                [{ "userVerificationMethod": "passcode_external" }],
                [{ "userVerificationMethod": "fingerprint_internal" }, { "userVerificationMethod": "passcode_external" }]
            ]
        }}])).unwrap()
    }

    #[test]
    fn metadata_becomes_facts() {
        let facts = of_reports(json!([{ "status": "FIDO_CERTIFIED_L1plus" }]));
        assert_eq!(facts.name, "YubiKey 5 Series with NFC");
        assert_eq!(facts.vendor, "Yubico");
        assert_eq!(facts.certification, Some(CertificationLevel::L1Plus));
        assert_eq!(facts.status, Some(ModelStatus::Good));
        assert_eq!(facts.transports, ["usb", "nfc"]);
        let ways = [UserVerification::Passcode, UserVerification::Fingerprint];
        assert_eq!(facts.user_verification, ways);
        assert_eq!(facts.protections, None);
    }

    #[test]
    fn the_newest_word_decides_the_status() {
        let status = |reports| of_reports(reports).status;
        let at = |status: &str, date: &str| json!({ "status": status, "effectiveDate": date });
        let certified = at("FIDO_CERTIFIED", "2020-01-01");
        let revoked = at("REVOKED", "2021-01-01");
        assert_eq!(
            status(json!([revoked, certified])),
            Some(ModelStatus::Revoked)
        );
        let taken = at("USER_KEY_REMOTE_COMPROMISE", "2021-01-01");
        assert_eq!(status(json!([taken])), Some(ModelStatus::Compromised));
        let later = at("REVOKED", "2029-01-01");
        assert_eq!(status(json!([certified, later])), Some(ModelStatus::Good));
        let update = at("UPDATE_AVAILABLE", "2022-01-01");
        assert_eq!(
            status(json!([certified, update])),
            Some(ModelStatus::UpdateAvailable)
        );
        let again = at("FIDO_CERTIFIED", "2023-01-01");
        assert_eq!(status(json!([update, again])), Some(ModelStatus::Good));
    }

    #[test]
    fn the_table_stands_where_the_metadata_is_silent() {
        let table = Table::shipped();
        let alone = compile(None, &table, NOW);
        let hello = alone.get(HELLO.parse().unwrap()).unwrap();
        assert_eq!((hello.vendor.as_str(), hello.status), ("Microsoft", None));
        let google = alone.get("ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4".parse().unwrap());
        let protections = google.unwrap().protections.unwrap();
        assert_eq!(protections.end_to_end_encrypted, Some(true));
        assert_eq!(protections.device_lock, None);
        let both = facts(
            HELLO,
            json!([{ "aaguid": HELLO, "statusReports": [{ "status": "FIDO_CERTIFIED" }],
            "metadataStatement": { "description": "Windows Hello Hardware Authenticator" } }]),
        )
        .unwrap();
        assert_eq!(both.name, "Windows Hello Hardware Authenticator");
        assert_eq!(both.vendor, "Microsoft");
        assert_eq!(both.transports, ["internal"]);
        assert_eq!(both.certification, Some(CertificationLevel::Fido));
    }
}
