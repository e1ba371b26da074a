//! Client data, in both ceremonies.
#![no_main]

use keyward_fuzz::{
    assertion, attested, authenticator_data, register, unattested_object, verify_assertion,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _verdict = register(data.to_vec(), unattested_object(attested(&[])));
    let response = assertion(data.to_vec(), authenticator_data(&[5, 0, 0, 0, 0]));
    let _challenge = response.claimed_challenge();
    let _verdict = verify_assertion(&response);
});
