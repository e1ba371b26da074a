//! QR codes and names.

use authenticator_ffi::*;
use hybrid::session::QrClient;
use hybrid::{Flow, SecretKey};
use std::collections::BTreeSet;

pub const NOW: u64 = 1_790_000_000;

pub fn client() -> QrClient {
    let key = SecretKey::from_random(&[3; 64]).unwrap();
    QrClient::new(key, [4; 16]).unwrap()
}

#[test]
fn a_code_is_read_if_it_is_shown_just_now() {
    for (flow, purpose) in [
        (Flow::MakeCredential, CodePurpose::Register),
        (Flow::GetAssertion, CodePurpose::SignIn),
    ] {
        let text = client().code(flow, NOW).to_url();
        assert_eq!(ScannedCode::read(&text, NOW).unwrap().purpose(), purpose);
        assert!(ScannedCode::read(&text, NOW + 600).is_ok());
        for late in [NOW + 601, NOW - 601] {
            let refused = ScannedCode::read(&text, late).unwrap_err();
            assert_eq!(refused, CodeFault::Outdated);
        }
    }
}

#[test]
fn what_is_no_code_is_refused_with_its_reason() {
    let long = format!("FIDO:/{}", "1".repeat(3000));
    for (text, fault) in [
        ("otpauth://totp/ada", CodeFault::OtherScheme),
        ("", CodeFault::OtherScheme),
        (long.as_str(), CodeFault::TooLong),
        ("FIDO:/12a", CodeFault::Digits),
        ("FIDO:/12", CodeFault::Digits),
        ("FIDO:/99999999999999999", CodeFault::Digits),
        ("FIDO:/", CodeFault::Contents),
        ("FIDO:/000", CodeFault::Contents),
    ] {
        assert_eq!(ScannedCode::read(text, NOW).unwrap_err(), fault, "{text}");
    }
}

#[test]
fn a_code_prints_nothing_of_its_secret() {
    let text = client().code(Flow::GetAssertion, NOW).to_url();
    let printed = format!("{:?}", ScannedCode::read(&text, NOW).unwrap());
    assert_eq!(printed, "ScannedCode");
}

#[test]
fn refusals_have_codes_of_their_own() {
    let codes = refusal_codes();
    let distinct: BTreeSet<&String> = codes.iter().collect();
    assert_eq!(distinct.len(), codes.len());
    assert!(codes.iter().any(|code| code == "no_secure_hardware"));
}

#[test]
fn hosts_are_those_of_the_rules() {
    assert_eq!(required_hosts(ShellKind::Android, None), ["cable.ua5v.com"]);
    assert_eq!(required_hosts(ShellKind::Ios, None).len(), 3);
    assert_eq!(tunnel_host(0).as_deref(), Some("cable.ua5v.com"));
    assert_eq!(tunnel_host(2), None);
    assert_eq!(advert_service_uuid(), 0xfff9);
}
