//! Base64 as it is met in the wild: exact on output, tolerant on input.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, URL_SAFE_NO_PAD};

const TOLERANT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_encode_padding(false)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, TOLERANT);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, TOLERANT);

/// Base64url without padding (RFC 4648 section 5), the form of every binary member in WebAuthn's JSON.
#[must_use]
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes the URL-safe or the standard alphabet, padded or not. `None` for anything else, also for a mixture of both alphabets.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let standard = text.bytes().any(|byte| matches!(byte, b'+' | b'/'));
    let engine = if standard { &STANDARD } else { &URL_SAFE };
    engine.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn every_spelling_is_read_and_one_is_written() {
        let bytes = [0xfb, 0xff, 0xfe, 0x01];
        assert_eq!(encode(bytes), "-__-AQ");
        for spelling in ["-__-AQ", "-__-AQ==", "+//+AQ", "+//+AQ=="] {
            assert_eq!(decode(spelling).as_deref(), Some(&bytes[..]), "{spelling}");
        }
    }

    #[test]
    fn other_text_is_refused() {
        for text in ["-/__", "a", "ab c", "ab\n", "=", "é"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
