//! Base64 as clients send it: URL-safe or standard, padded or not. What is read means the same when written again.
#![no_main]

use ceremony::base64url;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    if let Some(bytes) = base64url::decode(data) {
        assert_eq!(base64url::decode(&base64url::encode(&bytes)), Some(bytes));
    }
});
