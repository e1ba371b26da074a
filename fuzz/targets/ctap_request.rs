//! A request to an authenticator that holds a passkey. Every request has an answer, and every answer is a known status with
//! canonical CBOR behind it.
#![no_main]

use std::sync::LazyLock;

use authenticator::Authenticator;
use authenticator::cbor::Value;
use keyward::cli::tour::{KeyStore, Kind};
use libfuzzer_sys::fuzz_target;

const REGISTER: &[u8] = include_bytes!("../seeds/ctap_request/make_credential");

static PREPARED: LazyLock<KeyStore> = LazyLock::new(|| {
    let mut authenticator = Authenticator::new(KeyStore::new(Kind::synced()));
    assert_eq!(
        authenticator.handle(REGISTER).first(),
        Some(&0),
        "the seed registers a passkey"
    );
    authenticator.env().clone()
});

fuzz_target!(|request: &[u8]| {
    let answer = Authenticator::new(PREPARED.clone()).handle(request);
    match answer.split_first() {
        Some((0, [])) => {}
        Some((0, body)) => assert!(Value::decode(body).is_ok()),
        Some((_, body)) => assert!(body.is_empty()),
        None => panic!("no answer"),
    }
});
