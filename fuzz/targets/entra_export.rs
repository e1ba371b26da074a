//! Answers of another tenant's Graph in files. Whatever comes in, it is read or noted, and every passkey that is counted is somebody's.
#![no_main]

use keyward::import::entra::Export;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut export = Export::default();
    export.add("file", bytes);
    export.add("file", bytes);
    let (owners, nameless) = export.owners();
    assert!(nameless <= export.inventory.len());
    assert!(owners.len() <= export.inventory.len() + export.holders.len());
    for (_, note) in &export.notes {
        assert!(!note.sentence().is_empty() && note.code().starts_with("export_"));
    }
});
