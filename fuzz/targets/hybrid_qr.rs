//! What a camera saw: the digits of a hybrid QR code. What is read means the same when written again.
#![no_main]

use hybrid::Handshake;
use hybrid::qr::{decode_digits, encode_digits};
use hybrid::scan::Scanned;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _bytes = std::str::from_utf8(data).map(decode_digits);
    // Any text that a camera may see, and the time in it or not.
    let seen = String::from_utf8_lossy(data);
    if let Ok(scanned) = Scanned::read(&seen, 1_666_589_051) {
        assert_eq!(Handshake::from_url(&seen), Ok(scanned.handshake));
    }
    let url = format!("FIDO:/{}", encode_digits(data));
    if let Ok(handshake) = Handshake::from_url(&url) {
        assert_eq!(Handshake::from_url(&handshake.to_url()), Ok(handshake));
    }
});
