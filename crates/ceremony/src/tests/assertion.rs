//! What a good assertion tells, and the choices that section 7.2 leaves to the relying party.

#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use super::workbench::Assertion;
use crate::attestation::chain::forge::Key;
use crate::*;
use serde_json::json;

fn refusal(assertion: &Assertion) -> Option<Refusal> {
    assertion.verify().err()
}

#[test]
fn every_kind_of_key_signs_in() {
    for key in [Key::p256(), Key::ed25519(), Key::ml_dsa_44()] {
        let facts = Assertion::with_key(key).verify().unwrap().into_facts();
        assert_eq!(facts.credential_id.as_bytes(), [9; 20]);
        assert_eq!(facts.user_handle.as_bytes(), [5; 33]);
        assert_eq!((facts.user_present, facts.user_verified), (true, true));
        assert_eq!((facts.backup_eligible, facts.backed_up), (true, true));
        assert_eq!(
            (facts.sign_count, facts.counter),
            (4, CounterOutcome::Advanced)
        );
        assert!(!facts.for_appid);
    }
}

#[test]
fn the_backup_state_may_change_and_the_eligibility_may_not() {
    let mut assertion = Assertion::new();
    assertion.data.flags = 0x0d;
    assert!(!assertion.verify().unwrap().facts().backed_up);
    assertion.data.flags = 0x05;
    assert_eq!(refusal(&assertion), Some(Refusal::BeChanged));
    assertion.stored_eligible = Some(false);
    assert_eq!(refusal(&assertion), None);
    assertion.data.flags = 0x0d;
    assert_eq!(refusal(&assertion), Some(Refusal::BeChanged));
}

#[test]
fn records_older_than_the_backup_flags_are_not_judged_by_them() {
    let mut assertion = Assertion::new();
    assertion.data.flags = 0x15;
    assert_eq!(refusal(&assertion), Some(Refusal::BsWithoutBe));
    assertion.stored_eligible = None;
    assert_eq!(refusal(&assertion), None);
}

#[test]
fn counters_are_compared_unless_both_are_zero() {
    let outcomes = [
        (0, 0, Ok(CounterOutcome::NotCounted)),
        (0, 1, Ok(CounterOutcome::Advanced)),
        (7, 8, Ok(CounterOutcome::Advanced)),
        (0x7fff_ffff, 0x8000_0000, Ok(CounterOutcome::Advanced)),
        (7, 7, Err(Refusal::CounterRegress)),
        (7, 6, Err(Refusal::CounterRegress)),
        (7, 0, Err(Refusal::CounterRegress)),
    ];
    for (stored, received, expected) in outcomes {
        let mut assertion = Assertion::new();
        (assertion.stored_count, assertion.data.count) = (stored, received);
        let outcome = assertion
            .verify()
            .map(|signed_in| signed_in.facts().counter);
        assert_eq!(outcome, expected, "{stored} then {received}");
    }
}

#[test]
fn a_regressed_counter_can_be_a_report() {
    let mut assertion = Assertion::new();
    assertion.data.count = 2;
    assertion.counter = CounterPolicy::Report;
    let facts = assertion.verify().unwrap().into_facts();
    assert_eq!(
        (facts.counter, facts.sign_count),
        (CounterOutcome::Regressed, 2)
    );
}

#[test]
fn a_forged_counter_is_a_bad_signature_first() {
    let mut assertion = Assertion::new();
    assertion.data.count = 2;
    assertion.signature = Some(vec![0; 70]);
    assert_eq!(refusal(&assertion), Some(Refusal::BadSignature));
}

#[test]
fn the_user_is_known_beforehand_or_named_by_the_passkey() {
    let mut assertion = Assertion::new();
    assertion.user_handle = json!(null);
    assert_eq!(refusal(&assertion), Some(Refusal::UserHandleMissing));
    assertion.known_user = Some(vec![5; 33]);
    assert_eq!(
        refusal(&assertion),
        None,
        "keys that are not discoverable name nobody"
    );
    assertion.known_user = Some(vec![6; 33]);
    assert_eq!(
        refusal(&assertion),
        Some(Refusal::UserHandleMismatch),
        "another account's"
    );
    assertion.known_user = Some(vec![5; 33]);
    assertion.user_handle = json!(base64url::encode([6; 33]));
    assert_eq!(refusal(&assertion), Some(Refusal::UserHandleMismatch));
}

#[test]
fn only_listed_credentials_answer() {
    let mut assertion = Assertion::new();
    assertion.allowed = vec![
        CredentialId::new([8; 20]).unwrap(),
        CredentialId::new([9; 20]).unwrap(),
    ];
    assert_eq!(refusal(&assertion), None);
    assertion.allowed.truncate(1);
    assert_eq!(refusal(&assertion), Some(Refusal::CredentialIdMismatch));
}

#[test]
fn the_record_must_be_the_one_of_the_id() {
    let mut assertion = Assertion::new();
    assertion.stored_id = vec![8; 20];
    assert_eq!(refusal(&assertion), Some(Refusal::CredentialIdMismatch));
}

#[test]
fn the_appid_counts_only_when_asked_for_and_claimed() {
    let appid = "https://login.example/appid.json";
    let mut assertion = Assertion::new();
    assertion.data.rp_id = appid.to_owned();
    assertion.appid = Some(appid);
    assertion.outputs = json!({ "appid": true });
    assert!(assertion.verify().unwrap().facts().for_appid);
    assertion.outputs = json!({ "appid": false });
    assert_eq!(refusal(&assertion), Some(Refusal::RpIdHashMismatch));
    assertion.outputs = json!({ "appid": true });
    assertion.appid = None;
    assert_eq!(refusal(&assertion), Some(Refusal::RpIdHashMismatch));
    let mut claimed = Assertion::new();
    claimed.appid = Some(appid);
    claimed.outputs = json!({ "appid": true });
    assert_eq!(
        refusal(&claimed),
        Some(Refusal::RpIdHashMismatch),
        "instead of the RP ID, not beside it"
    );
}

#[test]
fn presence_is_required_of_every_sign_in() {
    let mut assertion = Assertion::new();
    assertion.data.flags = 0x1c;
    assert_eq!(refusal(&assertion), Some(Refusal::UpNotSet));
    assertion.data.flags = 0x19;
    assert_eq!(refusal(&assertion), Some(Refusal::UvRequiredNotSet));
    assertion.user_verification_required = false;
    assert!(!assertion.verify().unwrap().facts().user_verified);
}

#[test]
fn every_changed_byte_is_noticed() {
    let mut assertion = Assertion::new();
    let good = assertion.json().get("response").cloned().unwrap();
    for member in ["authenticatorData", "clientDataJSON", "signature"] {
        let text = good
            .get(member)
            .and_then(serde_json::Value::as_str)
            .unwrap();
        let bytes = base64url::decode(text).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            *changed.get_mut(at).unwrap() ^= 1;
            let mut response = good.clone();
            response
                .as_object_mut()
                .unwrap()
                .insert(member.to_owned(), json!(base64url::encode(changed)));
            assertion.outer = json!({ "response": response });
            assert!(assertion.verify().is_err(), "{member} byte {at}");
        }
    }
}

#[test]
fn another_ceremony_of_the_same_key_is_not_this_one() {
    let mut assertion = Assertion::new();
    assertion.client_data.set("type", json!("webauthn.create"));
    assert_eq!(refusal(&assertion), Some(Refusal::TypeMismatch));
    let mut assertion = Assertion::new();
    assertion
        .client_data
        .set("challenge", json!(base64url::encode([8; 33])));
    assert_eq!(refusal(&assertion), Some(Refusal::ChallengeMismatch));
}
