//! A sealed value from outside. Nobody can guess a seal, so none ever opens.
#![no_main]

use std::sync::LazyLock;

use keyward::seal::{Purpose, SealKey, Sealer};
use libfuzzer_sys::fuzz_target;
use policy::model::{KeyId, TenantId};

static SEALER: LazyLock<Sealer> =
    LazyLock::new(|| Sealer::new(vec![SealKey::new(KeyId::from_bytes([0; 16]), &[5; 32])]));

fuzz_target!(|data: &[u8]| {
    // With the key's number in front, so that the search for the key does not stop every input.
    let sealed = [&[0; 4], data].concat();
    assert!(
        SEALER
            .open(Purpose::Challenge, TenantId::from_bytes([1; 16]), &sealed)
            .is_err()
    );
    if let Ok(text) = std::str::from_utf8(data) {
        assert!(
            SEALER
                .open_json::<serde_json::Value>(
                    Purpose::Challenge,
                    TenantId::from_bytes([1; 16]),
                    text
                )
                .is_err()
        );
    }
});
