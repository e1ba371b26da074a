//! Sizes, counts and shapes that nobody honest reaches.

#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use super::statements::{compound, packed};
use super::workbench::{
    Assertion, Members, Registration, array, bytes, coordinates, cose, cose_map, int, map, text,
};
use crate::attestation::chain::forge::Key;
use crate::*;
use serde_json::json;

fn refusal(registration: &Registration) -> Option<Refusal> {
    registration.verify().err()
}

fn with_key(key: Vec<u8>) -> Option<Refusal> {
    let mut registration = Registration::new();
    registration.data.attested = Some((vec![9; 20], key));
    refusal(&registration)
}

#[test]
fn a_large_response_is_not_read() {
    let mut registration = Registration::new();
    registration.outer = json!({ "padding": "x".repeat(100 * 1024) });
    assert_eq!(refusal(&registration), None);
    registration.outer = json!({ "padding": "x".repeat(128 * 1024) });
    assert_eq!(refusal(&registration), Some(Refusal::MalformedResponse));
}

#[test]
fn a_large_attestation_object_is_not_read() {
    let mut registration = Registration::new();
    let padded = |registration: &Registration, padding: usize| {
        map(&[
            ("fmt", text("none")),
            ("attStmt", map(&[])),
            ("authData", bytes(&registration.data.bytes())),
            ("padding", bytes(&vec![0; padding])),
        ])
    };
    registration.object = Some(padded(&registration, 60_000));
    assert_eq!(refusal(&registration), None);
    registration.object = Some(padded(&registration, 66_000));
    assert_eq!(
        refusal(&registration),
        Some(Refusal::MalformedAttestationObject)
    );
}

#[test]
fn a_chain_longer_than_any_is_not_looked_at() {
    for (length, expected) in [(10, None), (11, Some(Refusal::AttstmtMalformedX5c))] {
        let mut registration = packed();
        let leaf = bytes(
            &registration
                .certified
                .leaf
                .sign(&registration.certified.root),
        );
        let chain = array(&vec![leaf; length]);
        registration.certified.edit = Box::new(move |members: &mut Members| {
            members.retain(|(name, _)| *name != "x5c");
            members.push(("x5c", chain.clone()));
        });
        assert_eq!(refusal(&registration), expected, "{length} certificates");
    }
}

#[test]
fn a_compound_of_many_statements_is_refused() {
    let none = map(&[("fmt", text("none")), ("attStmt", map(&[]))]);
    let fill = move |parts: &mut Vec<Vec<u8>>, length: usize| parts.resize(length, none.clone());
    let fill_more = fill.clone();
    assert_eq!(refusal(&compound(move |parts| fill(parts, 8))), None);
    let many = compound(move |parts| fill_more(parts, 9));
    assert_eq!(refusal(&many), Some(Refusal::AttstmtMalformed));
}

#[test]
fn a_compound_of_which_one_must_hold_needs_that_one_and_no_nesting() {
    let unheard = map(&[("fmt", text("unheard-of")), ("attStmt", map(&[]))]);
    let nested = map(&[("fmt", text("compound")), ("attStmt", array(&[]))]);
    let mut none_holds = compound(move |parts| *parts = vec![unheard.clone(), unheard.clone()]);
    none_holds.policy.compound = CompoundRule::Any;
    assert_eq!(
        refusal(&none_holds),
        Some(Refusal::CompoundSubstatementUnknownFormat)
    );
    let mut nests = compound(move |parts| parts.push(nested.clone()));
    nests.policy.compound = CompoundRule::Any;
    assert_eq!(refusal(&nests), Some(Refusal::CompoundNested));
}

#[test]
fn an_ec_key_that_is_right_in_all_but_one_thing_is_refused() {
    let key = |kty, curve, x: &[u8], y: &[u8]| {
        cose_map(&[
            (1, int(kty)),
            (3, int(-7)),
            (-1, int(curve)),
            (-2, bytes(x)),
            (-3, bytes(y)),
        ])
    };
    let (x, y) = coordinates(&Key::p256());
    assert_eq!(with_key(key(2, 1, &x, &y)), None);
    assert_eq!(with_key(key(1, 1, &x, &y)), Some(Refusal::MalformedCoseKey));
    assert_eq!(with_key(key(2, 2, &x, &y)), Some(Refusal::MalformedCoseKey));
    assert_eq!(with_key(key(2, 8, &x, &y)), Some(Refusal::MalformedCoseKey));
    // The same 64 bytes, divided elsewhere.
    let (last, shorter) = x.split_last().unwrap();
    let longer = [&[*last], y.as_slice()].concat();
    assert_eq!(
        with_key(key(2, 1, shorter, &longer)),
        Some(Refusal::MalformedCoseKey)
    );
}

#[test]
fn keys_in_another_encoding_that_the_library_knows_are_refused() {
    let ed25519 = Key::ed25519();
    let x = bytes(cose(&ed25519).get(10..).unwrap());
    let okp = |curve, x: Vec<u8>| cose_map(&[(1, int(1)), (3, int(-8)), (-1, int(curve)), (-2, x)]);
    assert_eq!(with_key(okp(6, x.clone())), None);
    assert_eq!(with_key(okp(7, x)), Some(Refusal::MalformedCoseKey));
    assert_eq!(
        with_key(okp(6, bytes(&ed25519.spki()))),
        Some(Refusal::MalformedCoseKey)
    );
    let public = bytes(&Key::ml_dsa_44().spki());
    let akp = cose_map(&[(1, int(7)), (3, int(-48)), (-1, public)]);
    assert_eq!(with_key(akp), Some(Refusal::MalformedCoseKey));
}

#[test]
fn a_key_with_a_private_part_is_refused() {
    let canonical = cose(&Key::ml_dsa_44());
    let public = canonical.get(canonical.len() - 1312..).unwrap();
    let mut labels = vec![(1, int(7)), (3, int(-48)), (-1, bytes(public))];
    assert_eq!(with_key(cose_map(&labels)), None);
    labels.push((-2, bytes(&[7; 32])));
    assert_eq!(with_key(cose_map(&labels)), Some(Refusal::MalformedCoseKey));
}

#[test]
fn a_key_is_written_with_shortest_integers_and_alone() {
    let canonical = cose(&Key::p256());
    let rest = canonical.get(2..).unwrap();
    let longer = [&[0xa5, 0x18, 0x01], rest].concat();
    assert_eq!(with_key(longer), Some(Refusal::MalformedCoseKey));
    let indefinite = [&[0xbf], canonical.get(1..).unwrap(), &[0xff]].concat();
    assert_eq!(with_key(indefinite), Some(Refusal::MalformedCoseKey));
    assert!(crate::cose::read(&canonical).is_ok());
    let followed = [canonical.as_slice(), &[0]].concat();
    assert_eq!(
        crate::cose::read(&followed).map(|_| ()),
        Err(Refusal::MalformedCoseKey)
    );
}

#[test]
fn the_appid_must_be_claimed_in_so_many_words() {
    let appid = "https://login.example/appid.json";
    let mut assertion = Assertion::new();
    assertion.data.rp_id = appid.to_owned();
    assertion.appid = Some(appid);
    for outputs in [
        json!({}),
        json!(null),
        json!({ "appid": "true" }),
        json!({ "appid": 1 }),
    ] {
        assertion.outputs = outputs;
        assert_eq!(assertion.verify().err(), Some(Refusal::RpIdHashMismatch));
    }
}
