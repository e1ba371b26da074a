//! A certificate: as a trust anchor, and as the leaf of a packed statement.
#![no_main]

use authenticator::cbor::Value;
use ceremony::Anchor;
use keyward_fuzz::{client_data, object_with_statement, register};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _anchor = Anchor::from_der(data);
    let leaf = Value::Array(vec![
        Value::Bytes(data.to_vec()),
        Value::Bytes(data.to_vec()),
    ]);
    let members = [
        ("alg", Value::Integer(-7)),
        ("sig", Value::Bytes(vec![0x30, 6, 2, 1, 1, 2, 1, 1])),
        ("x5c", leaf),
    ];
    let statement = Value::map(members).encode();
    let _verdict = register(
        client_data("webauthn.create"),
        object_with_statement("packed", &statement),
    );
});
