//! The public key of a new passkey. What is accepted survives the way into the store and back.
#![no_main]

use ceremony::StoredKey;
use keyward_fuzz::{attested, client_data, register, unattested_object};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(made) = register(
        client_data("webauthn.create"),
        unattested_object(attested(data)),
    ) {
        let key = &made.facts().key;
        assert_eq!(StoredKey::from_bytes(&key.to_bytes()).as_ref(), Ok(key));
    }
    let _stored = StoredKey::from_bytes(data);
});
