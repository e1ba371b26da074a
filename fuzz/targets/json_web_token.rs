//! A token against a key of each kind. Nobody can guess a signature, so none is ever accepted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

use keyward::jose::{KeySet, SigningAlgorithm, SigningKey, TokenType};

static KEYS: LazyLock<KeySet> = LazyLock::new(|| {
    let algorithms = [
        ("es256", SigningAlgorithm::Es256),
        ("eddsa", SigningAlgorithm::EdDsa),
    ];
    let keys = algorithms.map(|(id, algorithm)| {
        let key = SigningKey::generate(algorithm, id).expect("a key can be made");
        key.verifying_key().expect("a key has a public half")
    });
    KeySet::new(Vec::from(keys))
});

fuzz_target!(|data: &str| {
    let _key = keyward::jose::key_id(data);
    assert!(
        KEYS.verify::<serde_json::Value>(TokenType::AccessToken, data)
            .is_err()
    );
});
