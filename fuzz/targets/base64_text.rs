//! Base64 as clients send it: URL-safe or standard, padded or not. What is read means the same when written again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ceremony::base64url;

fuzz_target!(|data: &str| {
    if let Some(bytes) = base64url::decode(data) {
        assert_eq!(base64url::decode(&base64url::encode(&bytes)), Some(bytes));
    }
});
