//! Corners that `cargo xtask mutate` found unguarded: each test here turns red when one rule is taken away.

use super::workbench::{Assertion, Registration};
use crate::response::MAX_RESPONSE;
use crate::{AuthenticationResponse, Refusal, RegistrationResponse};

#[test]
fn a_response_is_not_read_beyond_its_limit() {
    // White space behind a good answer: only its length speaks against it.
    let padded = |json: String| json + &" ".repeat(MAX_RESPONSE);
    let registration = padded(Registration::new().json().to_string());
    let assertion = padded(Assertion::new().json().to_string());
    assert_eq!(
        RegistrationResponse::from_json(registration.as_bytes()).err(),
        Some(Refusal::MalformedResponse)
    );
    assert_eq!(
        AuthenticationResponse::from_json(assertion.as_bytes()).err(),
        Some(Refusal::MalformedResponse)
    );
}

#[test]
fn a_registration_without_the_attested_flag_is_named_so_even_if_the_credential_is_there() {
    let mut registration = Registration::new();
    registration.data.flags &= !0x40;
    assert_eq!(registration.verify().err(), Some(Refusal::AtFlagMissing));
}
