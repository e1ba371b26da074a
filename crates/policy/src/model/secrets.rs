//! Secrets and what is kept of them. Nothing here shows itself in `Debug`.

use crate::model::{PassId, Span, TenantId, Timestamp, UserId};
use std::fmt;
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize as _, ZeroizeOnDrop};

/// Bytes that must not be shown and are wiped when dropped.
#[derive(Clone, ZeroizeOnDrop)]
pub struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// Takes the bytes over.
    #[must_use]
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes, for the one who uses them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes(…)")
    }
}

/// SHA-256 of a random 256-bit value that a client holds (cookie, code, refresh token, client
/// secret). Enough for values with full entropy; never used for what a person can choose.
#[derive(Clone, Copy)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Wraps the SHA-256 of a token.
    #[must_use]
    pub const fn from_bytes(hash: [u8; 32]) -> Self {
        Self(hash)
    }

    /// The hash as stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Constant in time.
impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for TokenHash {}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

/// An argon2id hash in PHC string form (`$argon2id$v=19$…`).
#[derive(Clone)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes a PHC string over.
    #[must_use]
    pub const fn new(phc: String) -> Self {
        Self(phc)
    }

    /// The PHC string, for the verifier.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Drop for PasswordHash {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// A user's password.
#[derive(Debug, Clone)]
pub struct Password {
    /// Whose it is.
    pub user: UserId,
    /// What is kept of it.
    pub hash: PasswordHash,
    /// Whether it was set by somebody else and has to be changed at the next sign-in.
    pub must_change: bool,
    /// When it was set.
    pub changed: Timestamp,
}

/// A time-based one-time password generator (RFC 6238, SHA-1, 6 digits, 30 seconds) of a user.
#[derive(Debug, Clone)]
pub struct Totp {
    /// Whose it is.
    pub user: UserId,
    /// The shared secret; wrapped in the store.
    pub secret: SecretBytes,
    /// The newest time step that was accepted; this and older ones are refused.
    pub last_step: i64,
    /// When it was enrolled.
    pub enrolled: Timestamp,
}

/// How often a pass works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassUse {
    /// `isUsableOnce`: the first sign-in uses it up.
    Once,
    /// Any number of times within its window.
    Many,
}

/// A Temporary Access Pass. One per user; a new one replaces the old one.
///
/// The code itself is short enough to be guessed offline, so the store keeps an HMAC under a key
/// that is not in the database, never a plain hash.
#[derive(Debug, Clone)]
pub struct TemporaryAccessPass {
    /// The tenant it belongs to.
    pub tenant: TenantId,
    /// Its id.
    pub id: PassId,
    /// Who may use it.
    pub user: UserId,
    /// From when it works (`startDateTime`).
    pub starts: Timestamp,
    /// How long it works from then on (`lifetimeInMinutes`, 10 to 43,200).
    pub lifetime: Span,
    /// Once or often.
    pub usable: PassUse,
    /// When a one-time pass was used up.
    pub used: Option<Timestamp>,
    /// When it was issued.
    pub created: Timestamp,
    /// Dies with the first registration of a passkey, as the pass of the first administrator does.
    pub ends_with_registration: bool,
}

impl TemporaryAccessPass {
    /// The first moment at which it no longer works.
    #[must_use]
    pub const fn ends(&self) -> Timestamp {
        self.starts.plus(self.lifetime)
    }
}

/// The row that one node wins at the first start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bootstrap {
    /// The tenant that was made.
    pub tenant: TenantId,
    /// Its first administrator.
    pub administrator: UserId,
    /// When.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!(
            "{:?} {:?} {:?}",
            SecretBytes::new(b"hunter2".to_vec()),
            PasswordHash::new("hunter2".to_owned()),
            TokenHash::from_bytes([0x68; 32]),
        );
        assert!(
            !shown.contains("hunter2") && !shown.contains("104"),
            "{shown}"
        );
    }
}
