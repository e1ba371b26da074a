//! One-time codes (RFC 6238): SHA-1, 30 seconds, 6 digits, one step of tolerance on either side, each step used once.

use aws_lc_rs::hmac;
use policy::model::Timestamp;
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};

/// Seconds of a time step.
pub const STEP: i64 = 30;
/// Bytes of a new secret: what RFC 4226 recommends.
pub const SECRET: usize = 20;
const DIGITS: usize = 6;
const TOLERANCE: i64 = 1;

/// What a typed code turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeOutcome {
    /// Right; this step is used up now.
    Step(i64),
    /// Right, but its step was used before.
    Replayed,
    /// Wrong.
    Wrong,
}

/// Checks `typed` at `now`; steps up to `last_step` were used before.
pub fn check(secret: &[u8], typed: &str, now: Timestamp, last_step: i64) -> CodeOutcome {
    let typed: String = typed
        .chars()
        .filter(|character| !character.is_whitespace())
        .collect();
    if typed.len() != DIGITS || !typed.bytes().all(|byte| byte.is_ascii_digit()) {
        return CodeOutcome::Wrong;
    }
    let current = now.as_seconds().div_euclid(STEP);
    let mut matched = i64::MIN;
    for step in (current - TOLERANCE)..=(current + TOLERANCE) {
        // Every step is computed and compared, so the time taken does not tell which one matched.
        let equal: Choice = code(secret, step).as_bytes().ct_eq(typed.as_bytes());
        matched.conditional_assign(&step, equal);
    }
    match matched {
        i64::MIN => CodeOutcome::Wrong,
        step if step <= last_step => CodeOutcome::Replayed,
        step => CodeOutcome::Step(step),
    }
}

/// The code of a time step, six digits.
pub fn code(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let offset = tag
        .as_ref()
        .last()
        .map_or(0, |last| usize::from(last & 0x0f));
    let word = tag
        .as_ref()
        .get(offset..)
        .and_then(|rest| rest.first_chunk::<4>())
        .map_or(0, |four| u32::from_be_bytes(*four));
    format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
}

/// RFC 4648 base32 without padding, as authenticator applications take it.
pub fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let mut held: u32 = 0;
    let mut bits = 0;
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(letter(ALPHABET, held >> bits));
        }
    }
    if bits > 0 {
        out.push(letter(ALPHABET, held << (5 - bits)));
    }
    out
}

/// `otpauth://totp/…` for a QR code.
pub fn uri(issuer: &str, account: &str, secret: &[u8]) -> String {
    let escape = |text: &str| {
        url::form_urlencoded::byte_serialize(text.as_bytes())
            .collect::<String>()
            .replace('+', "%20")
    };
    let (issuer, account) = (escape(issuer), escape(account));
    format!(
        "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period=30",
        base32(secret)
    )
}

fn letter(alphabet: &[u8; 32], value: u32) -> char {
    let at = usize::try_from(value & 31).unwrap_or(0);
    alphabet.get(at).map_or('A', |byte| char::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B, SHA-1, cut to six digits.
    #[test]
    fn the_vectors_of_the_specification() {
        let secret = b"12345678901234567890";
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            assert_eq!(code(secret, seconds / STEP), expected);
            let now = Timestamp::from_seconds(seconds);
            assert_eq!(
                check(secret, expected, now, 0),
                CodeOutcome::Step(seconds / STEP)
            );
        }
    }

    #[test]
    fn one_step_either_side_is_tolerated_and_two_are_not() {
        let secret = b"12345678901234567890";
        let now = Timestamp::from_seconds(10_000 * STEP + 3);
        for (step, fits) in [
            (9_998, false),
            (9_999, true),
            (10_000, true),
            (10_001, true),
            (10_002, false),
        ] {
            assert_eq!(
                check(secret, &code(secret, step), now, 0) != CodeOutcome::Wrong,
                fits,
                "{step}"
            );
        }
    }

    #[test]
    fn a_used_step_and_older_ones_are_replays() {
        let secret = b"12345678901234567890";
        let now = Timestamp::from_seconds(10_000 * STEP);
        assert_eq!(
            check(secret, &code(secret, 10_000), now, 10_000),
            CodeOutcome::Replayed
        );
        assert_eq!(
            check(secret, &code(secret, 9_999), now, 10_000),
            CodeOutcome::Replayed
        );
        assert_eq!(
            check(secret, &code(secret, 10_001), now, 10_000),
            CodeOutcome::Step(10_001)
        );
    }

    #[test]
    fn spaces_are_forgiven_and_letters_are_not() {
        let secret = b"12345678901234567890";
        let now = Timestamp::from_seconds(59);
        assert_eq!(check(secret, "287 082", now, 0), CodeOutcome::Step(1));
        for bad in ["", "28708", "2870822", "28708a", "２８７０８２"] {
            assert_eq!(check(secret, bad, now, 0), CodeOutcome::Wrong, "{bad}");
        }
    }

    #[test]
    fn base32_vectors_of_rfc_4648() {
        for (plain, expected) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(plain.as_bytes()), expected);
        }
    }
}
