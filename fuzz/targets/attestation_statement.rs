//! One statement of the format that the first byte picks, beside authenticator data that is right.
#![no_main]

use ceremony::AttestationFormat;
use keyward_fuzz::{client_data, object_with_statement, register};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((pick, statement)) = data.split_first() else {
        return;
    };
    let formats = AttestationFormat::ALL;
    let format = formats[usize::from(*pick) % formats.len()];
    let _verdict = register(
        client_data("webauthn.create"),
        object_with_statement(format.name(), statement),
    );
});
