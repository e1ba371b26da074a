//! A feedback that an app sent, and the id that somebody wrote down. What is read is canonical: written again, it is the same bytes.
#![no_main]

use authenticator::rules::feedback::{Bundle, FeedbackId};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(bundle) = Bundle::decode(data) {
        assert_eq!(bundle.encode(), data);
    }
    if let Ok(id) = FeedbackId::parse(&String::from_utf8_lossy(data)) {
        assert_eq!(FeedbackId::parse(&id.to_string()), Ok(id));
    }
});
