//! No bytes of a peer make the crate panic, and none of them pass for something they are not.

#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use ceremony::attestation::AttestationObject;
use ceremony::authenticator_data::AuthenticatorData;
use ceremony::cases::Case;
use ceremony::client_data::ClientData;
use ceremony::{
    AttestationPolicy, AuthenticationResponse, CompoundRule, NoAnchors, RegistrationResponse,
    Safetynet, StoredKey, UnixTime, base64url, cose, verify_attestation,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn vectors() -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/spec-l3.json");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    file.get("vectors")
        .and_then(Value::as_array)
        .unwrap()
        .clone()
}

fn member(vector: &Value, name: &str) -> Option<Vec<u8>> {
    base64url::decode(vector.get(name)?.as_str()?)
}

fn everything_reads(bytes: &[u8]) {
    let policy = AttestationPolicy {
        accept_legacy: true,
        safetynet: Safetynet::StoredOnly,
        compound: CompoundRule::Any,
        ..AttestationPolicy::default()
    };
    let _ = RegistrationResponse::from_json(bytes).is_ok();
    let _ = AuthenticationResponse::from_json(bytes).is_ok();
    let _ = ClientData::parse(bytes).is_ok();
    let _ = AuthenticatorData::parse(bytes)
        .map(|data| data.outputs())
        .is_ok();
    let _ = AttestationObject::parse(bytes).is_ok();
    let _ = verify_attestation(
        bytes,
        &[0; 32],
        &policy,
        &NoAnchors,
        UnixTime::from_seconds(0),
    )
    .is_ok();
    let _ = cose::read(bytes).is_ok();
    let _ = StoredKey::from_bytes(bytes).is_ok();
}

proptest! {
    #[test]
    fn noise_is_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        everything_reads(&bytes);
        prop_assert!(RegistrationResponse::from_json(&bytes).is_err());
        prop_assert!(AuthenticationResponse::from_json(&bytes).is_err());
    }

    #[test]
    fn text_is_refused(text in "[\\[\\]{}\":,a-zA-Z0-9.\\\\ -]{0,200}") {
        everything_reads(text.as_bytes());
    }

    /// Real structures with bytes changed, cut off, repeated or inserted.
    #[test]
    fn spoiled_vectors_do_not_panic(which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), change in 0u8..5, byte: u8) {
        let vectors = vectors();
        let vector = which.get(&vectors);
        for name in ["attestationObject", "authenticatorData", "credential_public_key", "clientDataJSON"] {
            let Some(mut bytes) = member(vector, name) else {
                continue;
            };
            let at = at.index(bytes.len());
            match change {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, byte),
                2 => drop(bytes.remove(at)),
                3 => bytes.extend_from_within(at..),
                _ => bytes.iter_mut().skip(at).take(1).for_each(|spoiled| *spoiled = byte),
            }
            everything_reads(&bytes);
        }
    }
}

/// Whatever single byte of a signed ceremony is changed, it is refused.
#[test]
fn every_changed_byte_of_an_assertion_is_noticed() {
    for vector in vectors() {
        if vector.get("ceremony") != Some(&json!("authentication"))
            || vector.get("alg") == Some(&json!(-53))
        {
            continue;
        }
        for name in ["authenticatorData", "signature"] {
            let bytes = member(&vector, name).unwrap();
            for at in (0..bytes.len()).step_by(7) {
                let mut spoiled = bytes.clone();
                spoiled
                    .iter_mut()
                    .skip(at)
                    .take(1)
                    .for_each(|byte| *byte ^= 0x20);
                let mut changed = vector.clone();
                changed
                    .as_object_mut()
                    .unwrap()
                    .insert(name.to_owned(), json!(base64url::encode(&spoiled)));
                let case: Case = serde_json::from_value(changed).unwrap();
                assert!(!case.run().ok, "{}: {name} byte {at}", case.name);
            }
        }
    }
}

#[test]
fn nothing_larger_than_its_bound_is_read() {
    let padding = "x".repeat(200 * 1024);
    let json = json!({ "id": "AA", "rawId": "AA", "type": "public-key", "response": {}, "padding": padding }).to_string();
    assert!(RegistrationResponse::from_json(json.as_bytes()).is_err());
    assert!(
        ClientData::parse(
            format!("{{\"type\":\"\",\"challenge\":\"\",\"origin\":\"{padding}\"}}").as_bytes()
        )
        .is_err()
    );
    let nested = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    assert!(RegistrationResponse::from_json(nested.as_bytes()).is_err());
    assert!(AttestationObject::parse(&vec![0x81; 60_000]).is_err());
}
