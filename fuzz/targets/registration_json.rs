//! The JSON form of a registration, and what is inside it.
#![no_main]

use ceremony::RegistrationResponse;
use keyward_fuzz::verify_registration;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(response) = RegistrationResponse::from_json(data) {
        let _challenge = response.claimed_challenge();
        let _verdict = verify_registration(&response);
    }
});
