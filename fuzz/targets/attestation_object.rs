//! The attestation object: CBOR, authenticator data, every statement.
#![no_main]

use libfuzzer_sys::fuzz_target;
use keyward_fuzz::{client_data, register};

fuzz_target!(|data: &[u8]| {
    let _verdict = register(client_data("webauthn.create"), data.to_vec());
});
