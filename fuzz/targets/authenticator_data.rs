//! Authenticator data after the hash of the relying party, in both ceremonies.
#![no_main]

use keyward_fuzz::{
    assertion, authenticator_data, client_data, register, unattested_object, verify_assertion,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _verdict = register(
        client_data("webauthn.create"),
        unattested_object(authenticator_data(data)),
    );
    let _verdict = verify_assertion(&assertion(
        client_data("webauthn.get"),
        authenticator_data(data),
    ));
});
