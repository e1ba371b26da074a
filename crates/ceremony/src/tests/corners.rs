//! Corners that `cargo xtask mutate` found unguarded: each test here turns red when one rule is taken away.

#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use super::workbench::{Assertion, Registration, bytes, coordinates, cose, cose_map, int};
use crate::attestation::chain::forge::Key;
use crate::response::MAX_RESPONSE;
use crate::{AuthenticationResponse, Refusal, RegistrationResponse};

#[test]
fn a_response_is_not_read_beyond_its_limit() {
    // White space behind a good answer: only its length speaks against it.
    let padded = |json: String| json + &" ".repeat(MAX_RESPONSE);
    let registration = padded(Registration::new().json().to_string());
    let assertion = padded(Assertion::new().json().to_string());
    assert_eq!(
        RegistrationResponse::from_json(registration.as_bytes()).err(),
        Some(Refusal::MalformedResponse)
    );
    assert_eq!(
        AuthenticationResponse::from_json(assertion.as_bytes()).err(),
        Some(Refusal::MalformedResponse)
    );
}

#[test]
fn a_registration_without_the_attested_flag_is_named_so_even_if_the_credential_is_there() {
    let mut registration = Registration::new();
    registration.data.flags &= !0x40;
    assert_eq!(registration.verify().err(), Some(Refusal::AtFlagMissing));
}

#[test]
fn an_appid_that_the_client_says_nothing_about_does_not_count() {
    let appid = "https://login.example/appid.json";
    let mut assertion = Assertion::new();
    assertion.appid = Some(appid);
    assert!(!assertion.verify().unwrap().facts().for_appid);
    assertion.data.rp_id = appid.to_owned();
    assert_eq!(assertion.verify().err(), Some(Refusal::RpIdHashMismatch));
}

#[test]
fn a_key_names_the_curve_that_its_algorithm_has() {
    // The point is good for P-256, and the bytes of the coordinates add up: only the label or the border is wrong.
    let key = Key::p256();
    let (x, y) = coordinates(&key);
    let ec = |curve, x: &[u8], y: &[u8]| {
        let entries = [
            (1, int(2)),
            (3, int(-7)),
            (-1, int(curve)),
            (-2, bytes(x)),
            (-3, bytes(y)),
        ];
        refused_key(&cose_map(&entries))
    };
    assert_eq!(ec(1, &x, &y), None);
    assert_eq!(ec(2, &x, &y), Some(Refusal::MalformedCoseKey));
    let both = [x, y].concat();
    let (short, long) = both.split_at(31);
    assert_eq!(ec(1, short, long), Some(Refusal::MalformedCoseKey));
    let okp = |curve, x: &[u8]| {
        let entries = [(1, int(1)), (3, int(-8)), (-1, int(curve)), (-2, bytes(x))];
        refused_key(&cose_map(&entries))
    };
    let spki = Key::ed25519().spki();
    let raw = spki.get(spki.len() - 32..).unwrap();
    assert_eq!(okp(6, raw), None);
    for curve in [4, 5, 7] {
        assert_eq!(okp(curve, raw), Some(Refusal::MalformedCoseKey), "{curve}");
    }
}

fn refused_key(cose: &[u8]) -> Option<Refusal> {
    crate::cose::read(cose).err()
}

#[test]
fn rsa_keys_with_an_even_number_in_them_are_no_keys() {
    let rsa = |n: &[u8], e: &[u8]| {
        let entries = [(1, int(3)), (3, int(-257)), (-1, bytes(n)), (-2, bytes(e))];
        refused_key(&cose_map(&entries))
    };
    let odd = [0xc5; 256];
    let mut even = odd;
    *even.last_mut().unwrap() = 0xc4;
    assert_eq!(rsa(&odd, &[1, 0, 1]), None);
    assert_eq!(rsa(&even, &[1, 0, 1]), Some(Refusal::MalformedCoseKey));
    assert_eq!(rsa(&odd, &[1, 0, 2]), Some(Refusal::MalformedCoseKey));
    assert_eq!(
        rsa(&odd[..255], &[1, 0, 1]),
        Some(Refusal::InsecureKeyOrAlg)
    );
    assert_eq!(rsa(&odd, &[1]), Some(Refusal::InsecureKeyOrAlg));
}

#[test]
fn a_key_has_one_spelling_and_ends_where_it_ends() {
    let good = cose(&Key::p256());
    let (head, rest) = good.split_at(2);
    let (_, entries) = good.split_at(1);
    assert_eq!(refused_key(&good), None);
    // kty 2 in two bytes, the map without its length, a byte behind it
    let (_, behind_kty) = rest.split_at(1);
    let long = [head, &[0x18, 2], behind_kty].concat();
    let indefinite = [&[0xbf], entries, &[0xff]].concat();
    let followed = [good.as_slice(), &[0]].concat();
    for spelling in [long, indefinite, followed] {
        assert_eq!(refused_key(&spelling), Some(Refusal::MalformedCoseKey));
    }
}
