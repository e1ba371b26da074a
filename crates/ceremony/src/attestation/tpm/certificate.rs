//! The certificate of an attestation identity key (L3 section 8.3.1).

use crate::Refusal;
use crate::attestation::Attested;
use crate::attestation::chain::{Certificate, NameAttribute};
use crate::attestation::statement::{verify_aaguid, verify_not_authority, verify_version};
use x509_parser::der_parser::asn1_rs::{Oid, oid};

const SUBJECT_ALT_NAME: Oid<'static> = oid!(2.5.29.17);
/// tcg-at-tpmManufacturer, -tpmModel, -tpmVersion.
const MANUFACTURER: Oid<'static> = oid!(2.23.133.2.1);
const MODEL: Oid<'static> = oid!(2.23.133.2.2);
const VERSION: Oid<'static> = oid!(2.23.133.2.3);
/// tcg-kp-AIKCertificate.
const AIK_CERTIFICATE: Oid<'static> = oid!(2.23.133.8.3);

/// Manufacturers of the TCG vendor id registry: four characters, shorter names filled up with zeros or spaces.
const MANUFACTURERS: &[&[u8; 4]] = &[
    b"AMD\0", b"ANT\0", b"ATML", b"BRCM", b"CSCO", b"FLYS", b"ROCC", b"GOOG", b"HPI\0", b"HPE\0",
    b"HISI", b"IBM\0", b"IFX\0", b"INTC", b"LEN\0", b"MSFT", b"NSM ", b"NTZ\0", b"NSG\0", b"NTC\0",
    b"QCOM", b"SMSC", b"SMSN", b"SNS\0", b"SEAL", b"SIMU", b"STM ", b"TXN\0", b"WEC\0",
];

pub(super) fn verify(leaf: &Certificate<'_>, attested: &Attested<'_>) -> Result<(), Refusal> {
    verify_version(leaf)?;
    if !leaf.subject_is_empty() {
        return Err(Refusal::TpmAikSubjectNotEmpty);
    }
    if !names_a_tpm(leaf, &attested.policy.extra_tpm_manufacturers) {
        return Err(Refusal::TpmAikSan);
    }
    if leaf.has_extended_key_usage(&AIK_CERTIFICATE) != Some(true) {
        return Err(Refusal::TpmAikEku);
    }
    verify_not_authority(leaf)?;
    verify_aaguid(leaf, attested.credential.aaguid)
}

/// A critical alternative name (RFC 5280 section 4.2.1.6: the subject is empty) with manufacturer, model and version.
fn names_a_tpm(leaf: &Certificate<'_>, extra: &[String]) -> bool {
    let critical = leaf
        .extension(&SUBJECT_ALT_NAME)
        .is_some_and(|extension| extension.critical);
    let names = leaf.alternative_directory_names().unwrap_or_default();
    critical
        && attribute(&names, &MANUFACTURER).is_some_and(|id| is_manufacturer(id, extra))
        && attribute(&names, &MODEL).is_some_and(|model| !model.is_empty())
        && attribute(&names, &VERSION).is_some_and(|version| !version.is_empty())
}

fn attribute<'n>(names: &'n [NameAttribute], oid: &Oid<'_>) -> Option<&'n str> {
    names
        .iter()
        .find(|name| name.oid == *oid)
        .map(|name| name.value.as_str())
}

/// `id:` and the four characters in hexadecimal, any case.
fn is_manufacturer(id: &str, extra: &[String]) -> bool {
    let known = MANUFACTURERS.iter().any(|name| {
        let digits: String = name.iter().map(|byte| format!("{byte:02X}")).collect();
        id.strip_prefix("id:")
            .is_some_and(|id| id.eq_ignore_ascii_case(&digits))
    });
    known || extra.iter().any(|extra| extra.eq_ignore_ascii_case(id))
}
