//! What clients sign: assertions about themselves, against a key of theirs, and proofs that carry their own key. Nobody can guess a
//! signature by a key that is not in the input, and a proof that is taken was signed by the key that is in it.
#![no_main]

use std::sync::LazyLock;

use keyward::jose::{KeySet, SigningAlgorithm, SigningKey, possession};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

static KEYS: LazyLock<KeySet> = LazyLock::new(|| {
    let key = SigningKey::generate(SigningAlgorithm::Es256, "one").expect("a key can be made");
    let mut certificate = key.jwk().clone();
    if let Some(members) = certificate.as_object_mut() {
        members.remove("alg");
        members.insert("x5t".to_owned(), json!("AAAA"));
        members.insert("nbf".to_owned(), json!(0));
        members.insert("exp".to_owned(), json!(10));
    }
    KeySet::of_client(&[key.jwk().clone(), certificate], 5)
});

fuzz_target!(|data: &str| {
    assert!(KEYS.verify_assertion::<Value>(data).is_err());
    let changed = format!("{data}AAAA");
    if possession::<Value>(data).is_ok() {
        assert!(possession::<Value>(&changed).is_err());
    }
});
