//! QR codes and names.

use authenticator_ffi::*;
use hybrid::session::QrClient;
use hybrid::{Flow, SecretKey};
use std::collections::{BTreeMap, BTreeSet};

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
        let scanned = ScannedCode::read(&text, NOW).unwrap();
        assert_eq!(scanned.purpose(), purpose);
        assert_eq!(scanned.question(), question(purpose));
        assert!(ScannedCode::read(&text, NOW + 600).is_ok());
        for late in [NOW + 601, NOW - 601] {
            assert_eq!(reason(&text, late), "clocks_differ");
        }
        // The shell learns when it was made all the same: another clock may say whose is wrong.
        assert_eq!(code_made_at(&text), Some(NOW));
    }
    assert_eq!(code_made_at("FIDO:/12"), None);
}

fn question(purpose: CodePurpose) -> Sentence {
    let (code, text) = match purpose {
        CodePurpose::Register => (
            "scanned_register",
            "Make a passkey on this device for the other device?",
        ),
        CodePurpose::SignIn => (
            "scanned_sign_in",
            "Sign in on the other device with a passkey of this device?",
        ),
    };
    Sentence {
        code: code.to_owned(),
        text: text.to_owned(),
    }
}

/// The code of a refusal whose sentence is the one for translations.
fn reason(text: &str, now: u64) -> String {
    let fault = ScannedCode::read(text, now).unwrap_err();
    let printed = fault.to_string();
    let CodeFault::NotACode { code, text } = fault;
    assert_eq!(printed, text);
    assert!(sentences().contains(&Sentence {
        code: code.clone(),
        text
    }));
    code
}

#[test]
fn what_is_no_code_is_refused_with_its_reason() {
    let long = format!("FIDO:/{}", "1".repeat(3000));
    for (text, code) in [
        ("otpauth://totp/ada", "code_one_time_password"),
        ("https://login.contoso.com/", "code_web_address"),
        ("", "code_something_else"),
        (long.as_str(), "code_too_long"),
        ("FIDO:/12a", "code_digits"),
        ("FIDO:/12", "code_digits"),
        ("FIDO:/99999999999999999", "code_digits"),
        ("FIDO:/", "code_contents"),
        ("FIDO:/000", "code_contents"),
    ] {
        assert_eq!(reason(text, NOW), code, "{text}");
    }
    let mut no_key = client().code(Flow::GetAssertion, NOW);
    no_key.client_key = [0; 33];
    assert_eq!(reason(&no_key.to_url(), NOW), "code_key");
}

#[test]
fn every_code_has_one_sentence() {
    let all = sentences();
    let by_code: BTreeMap<&str, &str> = all
        .iter()
        .map(|one| (one.code.as_str(), one.text.as_str()))
        .collect();
    assert_eq!(by_code.len(), all.len());
    assert_eq!(by_code["could_not_connect"], "Device couldn't connect");
    assert!(by_code["tunnel_blocked"].ends_with("{hosts}."));
    assert!(by_code["clocks_differ"].contains("clock of this device"));
    assert!(by_code.values().all(|text| !text.is_empty()));
}

#[test]
fn refusals_of_the_connection_have_a_sentence() {
    let told = refusal_codes()
        .into_iter()
        .filter(|code| refusal_text(code).is_some());
    assert_eq!(told.count(), 6);
    let off = refusal_text("bluetooth_off").unwrap();
    assert!(off.starts_with("Bluetooth is off"));
    assert_eq!(refusal_text("look_alike"), None);
    assert_eq!(refusal_text("newer_than_this_one"), None);
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
