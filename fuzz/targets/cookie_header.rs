//! The cookie header of a request. A token that is read is the one that was sent.
#![no_main]

use axum::http::{HeaderMap, HeaderValue, header};
use keyward::web::cookies;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(value) = HeaderValue::from_bytes(data) else {
        return;
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, value);
    let _browser = cookies::read(&headers, cookies::BROWSER);
    assert!(cookies::sessions(&headers).len() <= 8);
});
