//! The JSON form of a sign-in, and what is inside it.
#![no_main]

use ceremony::AuthenticationResponse;
use keyward_fuzz::verify_assertion;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(response) = AuthenticationResponse::from_json(data) {
        let _challenge = response.claimed_challenge();
        let _verdict = verify_assertion(&response);
    }
});
