//! A Bluetooth advert, sealed and opened. What an advert says means the same when written again.
#![no_main]

use hybrid::{Advert, EidKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(advert) = Advert::from_eid(data) {
        assert_eq!(Advert::from_eid(&advert.to_eid()), Ok(advert));
    }
    if let Ok(key) = EidKey::derive(&[7; 16]) {
        let _advert = Advert::open(data, &key);
    }
});
