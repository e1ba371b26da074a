//! Compact JSON Web Signatures (RFC 7515) and public keys as JWK (RFC 7517), nothing more.
//!
//! What this module refuses to do: it never lets a token choose how it is checked. A key knows its one algorithm, and a
//! token whose header names another one is refused before any arithmetic. There is no `none`, there is no HMAC, so the
//! classic trick of signing with the public key as an HMAC secret has nothing to land on. `crit`, embedded certificates
//! (`x5c`) and key addresses (`jku`, `x5u`) are never followed; an embedded key (`jwk`) only where a sender proves that it
//! holds it ([`possession`]), and then it says nothing about who the sender is.
//!
//! Randomness of key generation and of ECDSA nonces is the crypto library's own.

mod algorithm;
mod possession;
mod signing;
mod verifying;

pub use algorithm::SigningAlgorithm;
pub use possession::{Possession, possession};
pub use signing::{KeyFault, SigningKey, TokenType};
pub use verifying::{JwsRefusal, KeySet, VerifyingKey, key_id, unchecked};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// A moment in seconds, as tokens have it (NumericDate, RFC 7519 section 2). Fractions are allowed, and msal for Python sends some; they
/// are cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "serde_json::Number")]
pub struct NumericDate(pub i64);

impl TryFrom<serde_json::Number> for NumericDate {
    type Error = &'static str;

    fn try_from(number: serde_json::Number) -> Result<Self, Self::Error> {
        if let Some(whole) = number.as_i64() {
            return Ok(Self(whole));
        }
        // Exact up to here, and 285 million years from now.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        match number.as_f64() {
            Some(seconds) if seconds.abs() < EXACT => Ok(Self(seconds.floor() as i64)),
            _ => Err("not a moment"),
        }
    }
}

/// The names of all algorithms, as metadata has them.
pub fn algorithm_names() -> [&'static str; SigningAlgorithm::ALL.len()] {
    SigningAlgorithm::ALL.map(SigningAlgorithm::name)
}

/// Base64url without padding, the only base64 of JOSE (RFC 7515 section 2).
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of unpadded base64url, or nothing: padding, other alphabets and loose trailing bits are refused, because two
/// spellings of one token would otherwise be two cache keys.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests;
