//! R11: a camera sees many codes. Those of hybrid transport get the right question, the others a plain answer.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed setup is a failed test"
)]

use hybrid::qr::encode_digits;
use hybrid::scan::{Hint, NotACode, Scanned, TOLERANCE};
use hybrid::session::QrClient;
use hybrid::{Flow, SecretKey};
use serde_json::Value;
use std::collections::BTreeSet;

const NOW: u64 = 1_800_000_000;

fn client() -> QrClient {
    QrClient::new(SecretKey::from_random(&[1; 64]).unwrap(), [2; 16]).unwrap()
}

fn read(text: &str) -> Result<Hint, NotACode> {
    Scanned::read(text, NOW).map(|scanned| scanned.hint())
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors/hybrid.json")).unwrap()
}

#[test]
fn codes_of_real_browsers_get_the_right_question() {
    let vectors = vectors();
    let items = vectors["qr_urls"]["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    for case in items {
        let made_at = case["map"]["3"].as_u64().unwrap();
        let scanned = Scanned::read(case["url"].as_str().unwrap(), made_at + 5).unwrap();
        assert_eq!(scanned.hint(), Hint::Register);
        // The same picture, kept.
        let later = Scanned::read(case["url"].as_str().unwrap(), NOW);
        assert_eq!(later, Err(NotACode::ClocksDiffer));
    }
    let sign_in = client().code(Flow::GetAssertion, NOW).to_url();
    assert_eq!(read(&sign_in), Ok(Hint::SignIn));
    let register = client().code(Flow::MakeCredential, NOW).to_url();
    assert_eq!(read(&register), Ok(Hint::Register));
}

#[test]
fn other_codes_are_told_apart() {
    for (text, reason) in [
        ("otpauth://totp/anna?secret=ABC", NotACode::OneTimePassword),
        (
            "OTPAUTH-MIGRATION://offline?data=x",
            NotACode::OneTimePassword,
        ),
        ("http://example.com", NotACode::WebAddress),
        ("HTTPS://example.com/FIDO:/123", NotACode::WebAddress),
        ("", NotACode::SomethingElse),
        ("BEGIN:VCARD", NotACode::SomethingElse),
        ("WIFI:S:net;P:secret;;", NotACode::SomethingElse),
        ("fido", NotACode::SomethingElse),
        ("javascript:alert(1)", NotACode::SomethingElse),
    ] {
        assert_eq!(read(text), Err(reason), "{text}");
    }
    let long = "1".repeat(5000);
    for (scheme, reason) in [
        ("FIDO:/", NotACode::TooLong),
        ("otpauth://", NotACode::OneTimePassword),
        ("https://", NotACode::WebAddress),
        ("x:", NotACode::SomethingElse),
    ] {
        assert_eq!(read(&format!("{scheme}{long}")), Err(reason));
    }
}

#[test]
fn damaged_codes_are_told_from_foreign_contents() {
    let vectors = vectors();
    for case in vectors["digit_encoding"]["bad"].as_array().unwrap() {
        let url = format!("FIDO:/{}", case["digits"].as_str().unwrap());
        assert_eq!(read(&url), Err(NotACode::Digits), "{url}");
    }
    for bytes in [&[][..], &[0xa0, 0], &[0x01], &[0xff], &[0xa1, 0]] {
        let url = format!("FIDO:/{}", encode_digits(bytes));
        assert_eq!(read(&url), Err(NotACode::Contents), "{url}");
    }
}

/// The bytes of a code whose members are as they should be, but for what `change` does.
fn changed(change: impl FnOnce(&mut Vec<u8>)) -> Result<Hint, NotACode> {
    let url = client().code(Flow::GetAssertion, NOW).to_url();
    let digits = url.strip_prefix("FIDO:/").unwrap();
    let mut bytes = hybrid::qr::decode_digits(digits).unwrap();
    change(&mut bytes);
    read(&format!("FIDO:/{}", encode_digits(&bytes)))
}

#[test]
fn a_key_that_is_none_is_named() {
    // a6 00 58 21 then the key: its form first, then the coordinate.
    assert_eq!(changed(|_| ()), Ok(Hint::SignIn));
    // An uncompressed form, one of no curve, and a coordinate beyond the field.
    assert_eq!(changed(|bytes| bytes[4] = 4), Err(NotACode::Key));
    assert_eq!(changed(|bytes| bytes[4] = 5), Err(NotACode::Key));
    assert_eq!(changed(|bytes| bytes[5..37].fill(0xff)), Err(NotACode::Key));
    // 48 bytes, as of another curve.
    let longer = |bytes: &mut Vec<u8>| {
        bytes[3] = 49;
        bytes.splice(37..37, [0; 16]);
    };
    assert_eq!(changed(longer), Err(NotACode::Key));
}

#[test]
fn a_code_of_another_time_is_not_answered() {
    let at = |made_at| read(&client().code(Flow::GetAssertion, made_at).to_url());
    for made_at in [NOW - TOLERANCE, NOW, NOW + TOLERANCE] {
        assert_eq!(at(made_at), Ok(Hint::SignIn));
    }
    for made_at in [0, NOW - TOLERANCE - 1, NOW + TOLERANCE + 1] {
        assert_eq!(at(made_at), Err(NotACode::ClocksDiffer));
    }
    let mut timeless = client().code(Flow::GetAssertion, NOW);
    timeless.made_at = None;
    assert_eq!(read(&timeless.to_url()), Ok(Hint::SignIn));
}

#[test]
fn codes_and_texts_are_distinct() {
    let codes: BTreeSet<&str> = NotACode::ALL.map(NotACode::code).into();
    let texts: BTreeSet<&str> = NotACode::ALL.map(NotACode::text).into();
    assert_eq!(
        (codes.len(), texts.len()),
        (NotACode::ALL.len(), codes.len())
    );
    assert_ne!(Hint::Register.code(), Hint::SignIn.code());
    assert_ne!(Hint::Register.text(), Hint::SignIn.text());
    assert_eq!(NotACode::Key.to_string(), NotACode::Key.text());
}
