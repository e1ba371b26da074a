//! The attestation object: CBOR, authenticator data, every statement.
#![no_main]

use keyward_fuzz::{client_data, register};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _verdict = register(client_data("webauthn.create"), data.to_vec());
});
