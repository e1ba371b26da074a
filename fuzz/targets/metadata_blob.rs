//! A FIDO metadata BLOB: as the text of a service nobody trusts, and as a payload whose signature was good.
#![no_main]

use std::sync::LazyLock;

use ceremony::metadata::{BlobRules, default_anchors, read_kept_blob, verify_blob};
use ceremony::{Anchor, UnixTime};
use libfuzzer_sys::fuzz_target;

static ANCHORS: LazyLock<Vec<Anchor>> = LazyLock::new(default_anchors);

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        let rules = BlobRules::at(UnixTime::from_seconds(1_695_000_000));
        let _verdict = verify_blob(text, &ANCHORS, &rules);
    }
    let kept = format!("e30.{}.e30", ceremony::base64url::encode(data));
    if let Ok(blob) = read_kept_blob(&kept) {
        let at = UnixTime::from_seconds(1_695_000_000);
        for entry in blob.catalogue().entries() {
            let _verdict = (
                entry.verdict(at),
                entry.certification(at),
                entry.vendor().len(),
            );
        }
    }
});
