//! The status reports of an authenticator model: a history, and the verdict it leads to.

use serde::Deserialize;

use super::Date;
use crate::base64url;

/// `AuthenticatorStatus` of the metadata service.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(from = "String")]
pub enum Status {
    /// Not certified.
    NotFidoCertified,
    /// The vendor says it passed the tests.
    SelfAssertionSubmitted,
    /// Certified at the level.
    Certified(Certification),
    /// User verification can be skipped.
    UserVerificationBypass,
    /// An attestation key is known to others.
    AttestationKeyCompromise,
    /// User keys can be taken from afar.
    UserKeyRemoteCompromise,
    /// User keys can be taken by somebody who holds the authenticator.
    UserKeyPhysicalCompromise,
    /// A newer firmware exists.
    UpdateAvailable,
    /// The FIDO Alliance withdrew the model.
    Revoked,
    /// The vendor no longer supports the model.
    Retired,
    /// A status this version does not know, FIPS certifications among them: information, never a reason to refuse.
    Other(String),
}

/// How far a model is certified; higher is stricter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Certification {
    /// Nothing is certified.
    #[default]
    None,
    /// FIDO certified without a level.
    Certified,
    /// Level 1.
    L1,
    /// Level 1+.
    L1Plus,
    /// Level 2.
    L2,
    /// Level 2+.
    L2Plus,
    /// Level 3.
    L3,
    /// Level 3+.
    L3Plus,
}

/// One report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusReport {
    /// What is reported.
    pub status: Status,
    /// Since when it holds; without a date it holds already.
    pub effective: Option<Date>,
    /// The firmware version the report is about.
    pub authenticator_version: Option<u64>,
    /// The only attestation certificate or batch (DER) that the report is about.
    pub certificate: Option<Vec<u8>>,
    /// Where to read more.
    pub url: Option<String>,
}

/// What a history says about one authenticator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing in force speaks against it.
    Acceptable,
    /// A report in force says that it must not be accepted.
    Undesired {
        /// The report's status.
        status: Status,
        /// The report's date.
        since: Option<Date>,
    },
}

impl Status {
    /// The name on the wire.
    #[must_use]
    pub fn name(&self) -> &str {
        if let Self::Other(name) = self {
            return name;
        }
        NAMES
            .iter()
            .find_map(|(name, status)| (status == self).then_some(*name))
            .unwrap_or_default()
    }

    /// Does this status, while it is in force, rule an authenticator out (MDS section "Status")?
    #[must_use]
    pub const fn is_undesired(&self) -> bool {
        matches!(
            self,
            Self::Revoked
                | Self::UserVerificationBypass
                | Self::AttestationKeyCompromise
                | Self::UserKeyRemoteCompromise
                | Self::UserKeyPhysicalCompromise
        )
    }
}

const NAMES: [(&str, Status); 17] = [
    ("NOT_FIDO_CERTIFIED", Status::NotFidoCertified),
    ("SELF_ASSERTION_SUBMITTED", Status::SelfAssertionSubmitted),
    (
        "FIDO_CERTIFIED",
        Status::Certified(Certification::Certified),
    ),
    ("FIDO_CERTIFIED_L1", Status::Certified(Certification::L1)),
    (
        "FIDO_CERTIFIED_L1plus",
        Status::Certified(Certification::L1Plus),
    ),
    ("FIDO_CERTIFIED_L2", Status::Certified(Certification::L2)),
    (
        "FIDO_CERTIFIED_L2plus",
        Status::Certified(Certification::L2Plus),
    ),
    ("FIDO_CERTIFIED_L3", Status::Certified(Certification::L3)),
    (
        "FIDO_CERTIFIED_L3plus",
        Status::Certified(Certification::L3Plus),
    ),
    ("USER_VERIFICATION_BYPASS", Status::UserVerificationBypass),
    (
        "ATTESTATION_KEY_COMPROMISE",
        Status::AttestationKeyCompromise,
    ),
    (
        "USER_KEY_REMOTE_COMPROMISE",
        Status::UserKeyRemoteCompromise,
    ),
    (
        "USER_KEY_PHYSICAL_COMPROMISE",
        Status::UserKeyPhysicalCompromise,
    ),
    ("UPDATE_AVAILABLE", Status::UpdateAvailable),
    ("REVOKED", Status::Revoked),
    ("RETIRED", Status::Retired),
    // an older spelling of the specification
    (
        "FIDO_CERTIFIED_L1Plus",
        Status::Certified(Certification::L1Plus),
    ),
];

impl From<String> for Status {
    fn from(name: String) -> Self {
        NAMES
            .iter()
            .find_map(|(known, status)| (*known == name).then(|| status.clone()))
            .unwrap_or(Self::Other(name))
    }
}

/// What is known about the one authenticator that asks to be accepted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Individual<'a> {
    /// Its attestation certificates (DER), leaf first.
    pub x5c: &'a [Vec<u8>],
    /// Its firmware version, if the attestation certificate tells it.
    pub firmware: Option<u64>,
}

/// The verdict of a history at a time.
pub(super) fn judge(
    reports: &[StatusReport],
    individual: &Individual<'_>,
    at: crate::UnixTime,
) -> Verdict {
    let in_force: Vec<&StatusReport> = reports
        .iter()
        .filter(|report| report.is_in_force(at))
        .collect();
    // Revocation first: nothing that follows can heal it.
    let mut against: Vec<_> = in_force
        .iter()
        .enumerate()
        .filter(|(_, report)| report.status.is_undesired() && report.is_about(individual))
        .collect();
    against.sort_by_key(|(_, report)| report.status != Status::Revoked);
    for (index, report) in against {
        let later = in_force.get(index + 1..).unwrap_or_default();
        if !report.is_healed_by(later, individual.firmware) {
            return Verdict::Undesired {
                status: report.status.clone(),
                since: report.effective,
            };
        }
    }
    Verdict::Acceptable
}

/// The highest certification in force.
pub(super) fn certification(reports: &[StatusReport], at: crate::UnixTime) -> Certification {
    reports
        .iter()
        .filter(|report| report.is_in_force(at))
        .filter_map(|report| match report.status {
            Status::Certified(level) => Some(level),
            _ => None,
        })
        .max()
        .unwrap_or_default()
}

/// The newest status in force. Where dates do not tell, the order of the history does: the newest stands last.
pub(super) fn newest(reports: &[StatusReport], at: crate::UnixTime) -> Option<&Status> {
    reports
        .iter()
        .filter(|report| report.is_in_force(at))
        .max_by_key(|report| report.effective.map(Date::start))
        .map(|report| &report.status)
}

impl StatusReport {
    fn is_in_force(&self, at: crate::UnixTime) -> bool {
        self.effective.is_none_or(|date| date.start() <= at)
    }

    /// A compromised attestation key that the report names concerns only its own certificates.
    fn is_about(&self, individual: &Individual<'_>) -> bool {
        match &self.certificate {
            Some(certificate) if self.status == Status::AttestationKeyCompromise => {
                individual.x5c.contains(certificate)
            }
            _ => true,
        }
    }

    /// An update heals what came before it, for an authenticator that proves it has the update. One that
    /// does not tell its firmware stays under suspicion.
    fn is_healed_by(&self, later: &[&Self], firmware: Option<u64>) -> bool {
        if self.status == Status::Revoked {
            return false;
        }
        later.iter().any(|report| {
            report.status == Status::UpdateAvailable
                && report
                    .authenticator_version
                    .zip(firmware)
                    .is_some_and(|(fixed, installed)| installed >= fixed)
        })
    }
}

/// A report as it is written; cosmetic members that are wrong do not hide the status.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawReport {
    status: Status,
    #[serde(default, deserialize_with = "super::catalogue::lenient")]
    effective_date: Option<String>,
    #[serde(default, deserialize_with = "super::catalogue::lenient")]
    authenticator_version: Option<u64>,
    #[serde(default, deserialize_with = "super::catalogue::lenient")]
    certificate: Option<String>,
    #[serde(default, deserialize_with = "super::catalogue::lenient")]
    batch_certificate: Option<String>,
    #[serde(default, deserialize_with = "super::catalogue::lenient")]
    url: Option<String>,
}

impl From<RawReport> for StatusReport {
    fn from(raw: RawReport) -> Self {
        Self {
            status: raw.status,
            effective: raw.effective_date.as_deref().and_then(Date::parse),
            authenticator_version: raw.authenticator_version,
            certificate: raw
                .certificate
                .or(raw.batch_certificate)
                .map(|text| base64url::decode(&text).unwrap_or_default())
                // A certificate that cannot be read must not narrow the report to nobody.
                .filter(|der| !der.is_empty()),
            url: raw.url,
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

    use super::{Certification, Individual, StatusReport, Verdict, certification, judge};
    use crate::UnixTime;

    const NOW: UnixTime = UnixTime::from_seconds(1_735_689_600);

    fn reports(json: &str) -> Vec<StatusReport> {
        let raw: Vec<super::RawReport> = serde_json::from_str(json).unwrap();
        raw.into_iter().map(Into::into).collect()
    }

    fn is_undesired(json: &str, individual: &Individual<'_>) -> bool {
        matches!(
            judge(&reports(json), individual, NOW),
            Verdict::Undesired { .. }
        )
    }

    #[test]
    fn each_undesired_status_rules_the_model_out_and_no_other_does() {
        for (name, status) in super::NAMES {
            let json = format!(r#"[{{"status":"{name}","effectiveDate":"2020-01-01"}}]"#);
            assert_eq!(
                is_undesired(&json, &Individual::default()),
                status.is_undesired(),
                "{name}"
            );
        }
        let undesired = super::NAMES
            .iter()
            .filter(|(_, status)| status.is_undesired())
            .count();
        assert_eq!(undesired, 5);
    }

    #[test]
    fn unknown_statuses_are_information() {
        let json =
            r#"[{"status":"FIPS140_CERTIFIED_L3"},{"status":"SOMETHING_NEW","effectiveDate":7}]"#;
        assert!(!is_undesired(json, &Individual::default()));
        assert_eq!(
            reports(json).first().unwrap().status.name(),
            "FIPS140_CERTIFIED_L3"
        );
    }

    #[test]
    fn a_report_holds_from_its_date_on() {
        let report = |date: &str| format!(r#"[{{"status":"REVOKED","effectiveDate":"{date}"}}]"#);
        assert!(is_undesired(&report("2025-01-01"), &Individual::default()));
        assert!(!is_undesired(&report("2025-01-02"), &Individual::default()));
        // a date that cannot be read does not postpone anything
        assert!(is_undesired(&report("soon"), &Individual::default()));
    }

    #[test]
    fn a_later_certification_does_not_heal_a_compromise() {
        let json = r#"[{"status":"USER_KEY_REMOTE_COMPROMISE","effectiveDate":"2020-01-01"},
            {"status":"FIDO_CERTIFIED_L2","effectiveDate":"2021-01-01","authenticatorVersion":5}]"#;
        for firmware in [None, Some(5), Some(9)] {
            let individual = Individual {
                firmware,
                ..Individual::default()
            };
            assert!(is_undesired(json, &individual), "{firmware:?}");
        }
    }

    #[test]
    fn an_update_heals_a_compromise_for_the_firmware_that_has_it() {
        let json = r#"[{"status":"USER_VERIFICATION_BYPASS","effectiveDate":"2020-01-01"},
            {"status":"UPDATE_AVAILABLE","effectiveDate":"2020-02-01","authenticatorVersion":5}]"#;
        let firmware = |version| Individual {
            firmware: version,
            ..Individual::default()
        };
        assert!(!is_undesired(json, &firmware(Some(5))));
        assert!(is_undesired(json, &firmware(Some(4))));
        assert!(is_undesired(json, &firmware(None)));
        // an update that came before the compromise heals nothing
        let before = r#"[{"status":"UPDATE_AVAILABLE","authenticatorVersion":5},{"status":"USER_VERIFICATION_BYPASS"}]"#;
        assert!(is_undesired(before, &firmware(Some(5))));
        // nor one that does not say which version has it
        let vague = r#"[{"status":"USER_VERIFICATION_BYPASS"},{"status":"UPDATE_AVAILABLE"}]"#;
        assert!(is_undesired(vague, &firmware(Some(5))));
    }

    #[test]
    fn no_update_heals_a_revocation() {
        let json =
            r#"[{"status":"REVOKED"},{"status":"UPDATE_AVAILABLE","authenticatorVersion":5}]"#;
        assert!(is_undesired(
            json,
            &Individual {
                firmware: Some(9),
                ..Individual::default()
            }
        ));
    }

    #[test]
    fn a_compromised_attestation_key_that_is_named_concerns_only_its_certificate() {
        let json = r#"[{"status":"ATTESTATION_KEY_COMPROMISE","certificate":"AQID"}]"#;
        let (named, other) = ([vec![1, 2, 3]], [vec![1, 2, 4]]);
        assert!(is_undesired(
            json,
            &Individual {
                x5c: &named,
                firmware: None
            }
        ));
        assert!(!is_undesired(
            json,
            &Individual {
                x5c: &other,
                firmware: None
            }
        ));
        // a name that cannot be read concerns everybody
        let unreadable = r#"[{"status":"ATTESTATION_KEY_COMPROMISE","certificate":"?"}]"#;
        assert!(is_undesired(
            unreadable,
            &Individual {
                x5c: &other,
                firmware: None
            }
        ));
        // and other compromises concern the model, whatever certificate they mention
        let model = r#"[{"status":"USER_KEY_REMOTE_COMPROMISE","certificate":"AQID"}]"#;
        assert!(is_undesired(
            model,
            &Individual {
                x5c: &other,
                firmware: None
            }
        ));
    }

    #[test]
    fn the_highest_certification_counts() {
        let json = r#"[{"status":"FIDO_CERTIFIED_L1"},{"status":"FIDO_CERTIFIED"},
            {"status":"FIDO_CERTIFIED_L3","effectiveDate":"2030-01-01"}]"#;
        assert_eq!(certification(&reports(json), NOW), Certification::L1);
        assert_eq!(certification(&[], NOW), Certification::None);
    }
}
