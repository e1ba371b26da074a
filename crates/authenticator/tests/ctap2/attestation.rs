//! Statements made from the evidence of a key store.

use crate::world::{HASH, World, bytes, make_credential, send, with, world};
use authenticator::cbor::{Map, Value};
use authenticator::{
    Algorithm, AttestationStyle, Authenticator, CertifiedSignature, Evidence, TpmEvidence,
};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};

fn register(style: AttestationStyle, evidence: Evidence) -> (Authenticator<World>, Map, Map) {
    let mut world = world();
    world.profile.attestation = style;
    world.evidence = Some(evidence);
    let mut authenticator = Authenticator::new(world);
    let made = send(&mut authenticator, 0x01, Some(make_credential())).unwrap();
    let Value::Map(statement) = made[&3.into()].clone() else {
        panic!("no statement")
    };
    (authenticator, made, statement)
}

fn chain() -> Value {
    Value::Array(vec![vec![2].into(), vec![3].into()])
}

#[test]
fn what_a_tpm_certified_is_a_tpm_statement() {
    let evidence = Evidence::Tpm(TpmEvidence {
        algorithm: Algorithm::Es256,
        x5c: vec![vec![2], vec![3]],
        signature: vec![4],
        cert_info: vec![5],
        pub_area: vec![6],
    });
    let (_, made, statement) = register(AttestationStyle::Tpm, evidence);
    assert_eq!(made[&1.into()], "tpm".into());
    let expected = Value::map([
        ("ver", Value::from("2.0")),
        ("alg", (-7).into()),
        ("x5c", chain()),
        ("sig", vec![4].into()),
        ("certInfo", vec![5].into()),
        ("pubArea", vec![6].into()),
    ]);
    assert_eq!(Value::Map(statement), expected);
}

#[test]
fn an_android_statement_is_signed_by_the_attested_key() {
    let evidence = Evidence::AndroidKey {
        x5c: vec![vec![2], vec![3]],
    };
    let (authenticator, made, statement) = register(AttestationStyle::AndroidKey, evidence);
    assert_eq!(made[&1.into()], "android-key".into());
    assert_eq!(statement[&"x5c".into()], chain());
    let Value::Bytes(signature) = &statement[&"sig".into()] else {
        panic!("no signature")
    };
    let signed = [bytes(&made, 2).as_slice(), &HASH].concat();
    UnparsedPublicKey::new(&ED25519, authenticator.env().public_key(0))
        .verify(&signed, signature)
        .unwrap();
}

#[test]
fn a_certified_statement_is_what_an_authority_made_of_the_evidence() {
    let evidence = Evidence::Certified(CertifiedSignature {
        algorithm: Algorithm::Es256,
        signature: vec![4],
        x5c: vec![vec![2], vec![3]],
    });
    let (_, made, statement) = register(AttestationStyle::Certified, evidence);
    assert_eq!(made[&1.into()], "packed".into());
    assert_eq!(statement[&"x5c".into()], chain());
}

#[test]
fn a_store_that_has_no_evidence_after_all_attests_nothing() {
    let (_, made, statement) = register(AttestationStyle::Tpm, Evidence::None);
    assert_eq!(made[&1.into()], "none".into());
    assert!(statement.is_empty());
}

#[test]
fn get_info_and_preference_know_every_format() {
    for (style, format) in [
        (AttestationStyle::Tpm, "tpm"),
        (AttestationStyle::AndroidKey, "android-key"),
    ] {
        let mut world = world();
        world.profile.attestation = style;
        let mut authenticator = Authenticator::new(world);
        let info = send(&mut authenticator, 0x04, None).unwrap();
        assert_eq!(
            info[&0x16.into()],
            Value::Array(vec![format.into(), "none".into()])
        );
        let list = Value::Array(vec!["none".into(), format.into()]);
        let request = with(make_credential(), 0x0b, list);
        let made = send(&mut authenticator, 0x01, Some(request)).unwrap();
        assert_eq!(made[&1.into()], "none".into());
    }
}
