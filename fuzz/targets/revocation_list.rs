//! A certificate revocation list.
#![no_main]

use ceremony::attestation::chain::RevocationList;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _list = RevocationList::from_der(data);
});
