use aws_lc_rs::digest::{SHA256, digest};
use subtle::ConstantTimeEq as _;

use crate::jose;

/// Length of an S256 challenge: 32 bytes in base64url.
const CHALLENGE_LENGTH: usize = 43;

/// True if `text` can be an S256 challenge (RFC 7636 section 4.2). A challenge that no verifier can meet is refused at once.
pub fn is_challenge(text: &str) -> bool {
    text.len() == CHALLENGE_LENGTH && jose::decode(text).is_some()
}

/// True if `verifier` is well formed (RFC 7636 section 4.1: 43 to 128 unreserved characters) and belongs to `challenge`.
pub fn matches(verifier: &str, challenge: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(unreserved) {
        return false;
    }
    let computed = jose::encode(digest(&SHA256, verifier.as_bytes()));
    computed.as_bytes().ct_eq(challenge.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_rfc_example_matches() {
        assert!(is_challenge(CHALLENGE));
        assert!(matches(VERIFIER, CHALLENGE));
    }

    #[test]
    fn another_verifier_does_not() {
        assert!(!matches(&VERIFIER.replace('d', "e"), CHALLENGE));
        assert!(!matches("", CHALLENGE));
    }

    #[test]
    fn the_challenge_is_not_its_own_verifier() {
        assert!(!matches(CHALLENGE, CHALLENGE));
    }

    #[test]
    fn malformed_verifiers_and_challenges_are_refused() {
        for odd in [
            "short",
            &"a".repeat(42),
            &"a".repeat(129),
            &("a".repeat(43) + "!"),
            &"ä".repeat(30),
        ] {
            assert!(
                !matches(odd, &jose::encode(digest(&SHA256, odd.as_bytes()))),
                "{odd}"
            );
        }
        assert!(!is_challenge(&"a".repeat(44)));
        assert!(!is_challenge(&"=".repeat(43)));
    }
}
