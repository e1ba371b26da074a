//! The CBOR reader of the authenticator: canonical means that there is one encoding, so reading and writing give the same bytes.
#![no_main]

use authenticator::cbor::Value;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(value) = Value::decode(data) {
        assert_eq!(value.encode(), data);
    }
});
