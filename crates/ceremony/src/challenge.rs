//! The challenge of one ceremony.

use crate::base64url;
use subtle::ConstantTimeEq;

/// A challenge, kept as the exact text that must come back in `clientDataJSON`.
///
/// The crate makes no randomness: the caller brings the bytes (random, or sealed so that no server state is needed) and sees to it that
/// a challenge is used once and only in the browser it was made for.
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge {
    text: String,
}

impl Challenge {
    /// A challenge to issue. `None` if the bytes are fewer than 18 or not a multiple of three: at least one administration tool
    /// decodes challenges without restoring the padding, and a multiple of three never needs any.
    #[must_use]
    pub fn issue(bytes: &[u8]) -> Option<Self> {
        (bytes.len() >= 18 && bytes.len().is_multiple_of(3)).then(|| Self::expect(bytes))
    }

    /// The challenge that is expected back, of any length.
    #[must_use]
    pub fn expect(bytes: &[u8]) -> Self {
        Self {
            text: base64url::encode(bytes),
        }
    }

    /// The text that stands in options and must come back: base64url without padding.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Compares with the received text, in constant time for equal lengths.
    #[must_use]
    pub fn matches(&self, received: &str) -> bool {
        !self.text.is_empty() && self.text.as_bytes().ct_eq(received.as_bytes()).into()
    }
}

impl std::fmt::Debug for Challenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Challenge(…)")
    }
}

impl serde::Serialize for Challenge {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::Challenge;

    #[test]
    fn only_lengths_that_need_no_padding_are_issued() {
        assert!(Challenge::issue(&[7; 33]).is_some_and(|challenge| challenge.as_str().len() == 44));
        assert_eq!(Challenge::issue(&[7; 32]), None);
        assert_eq!(Challenge::issue(&[7; 15]), None);
    }

    #[test]
    fn only_the_exact_text_matches() {
        let challenge = Challenge::expect(&[1; 32]);
        assert!(challenge.matches(challenge.as_str()));
        assert!(!challenge.matches(&format!("{}=", challenge.as_str())));
        assert!(!challenge.matches(""));
        assert!(!Challenge::expect(&[]).matches(""));
        assert!(!format!("{challenge:?}").contains(challenge.as_str()));
    }
}
