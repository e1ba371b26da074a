//! The small nouns of WebAuthn: identifiers, origins, time.

use crate::{Refusal, base64url};
use aws_lc_rs::digest;

/// Seconds since 1970-01-01 00:00 UTC. The crate has no clock: the caller says what time it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnixTime(i64);

impl UnixTime {
    /// The time this many seconds after the epoch (negative: before it).
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since the epoch.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }
}

/// The AAGUID: which model of authenticator made a passkey. All zero when the authenticator does not tell.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Aaguid([u8; 16]);

impl Aaguid {
    /// The AAGUID of authenticators that do not tell their model.
    pub const ZERO: Self = Self([0; 16]);

    /// From the 16 bytes of the authenticator data.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// From the text form `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`, any case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 36
            || [8, 13, 18, 23]
                .iter()
                .any(|at| bytes.get(*at) != Some(&b'-'))
        {
            return None;
        }
        let digits: Vec<u8> = bytes
            .iter()
            .filter(|byte| **byte != b'-')
            .copied()
            .collect();
        let mut out = [0u8; 16];
        if digits.len() != 32 {
            return None;
        }
        for (slot, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
            *slot = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(out))
    }

    /// The 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// True when the authenticator does not tell its model.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }
}

impl std::fmt::Display for Aaguid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Aaguid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Aaguid({self})")
    }
}

/// A credential id: 1 to 1023 bytes (L3 section 7.1 step 25), chosen by the authenticator.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CredentialId(Vec<u8>);

impl CredentialId {
    /// The longest credential id a relying party may store, in bytes.
    pub const MAX: usize = 1023;

    /// # Errors
    /// [`Refusal::CredentialIdLength`] if empty or longer than [`Self::MAX`].
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, Refusal> {
        let bytes = bytes.into();
        if bytes.is_empty() || bytes.len() > Self::MAX {
            return Err(Refusal::CredentialIdLength);
        }
        Ok(Self(bytes))
    }

    /// From base64url or base64 text.
    ///
    /// # Errors
    /// [`Refusal::ResponseIdInvalid`] if the text is not base64, [`Refusal::CredentialIdLength`] as in [`Self::new`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        Self::new(base64url::decode(text).ok_or(Refusal::ResponseIdInvalid)?)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A user handle (`user.id`): 1 to 64 opaque bytes that say nothing about the person (L3 section 5.4.3).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserHandle(Vec<u8>);

impl UserHandle {
    /// The longest user handle, in bytes.
    pub const MAX: usize = 64;

    /// # Errors
    /// [`Refusal::UserHandleMismatch`] if empty or longer than [`Self::MAX`]: no account has such a handle.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, Refusal> {
        let bytes = bytes.into();
        if bytes.is_empty() || bytes.len() > Self::MAX {
            return Err(Refusal::UserHandleMismatch);
        }
        Ok(Self(bytes))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Writes what every opaque identifier shares: base64url in text, JSON and debug output.
macro_rules! opaque {
    ($name:ident) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&base64url::encode(&self.0))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}
opaque!(CredentialId);
opaque!(UserHandle);

/// An RP ID: the domain that passkeys are bound to, with its SHA-256 hash kept beside it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RpId {
    text: String,
    hash: [u8; 32],
}

impl RpId {
    /// The relying party with this identifier: a lower-case domain name such as `login.example`, or `localhost`.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let hash = sha256(text.as_bytes());
        Self { text, hash }
    }

    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its SHA-256 hash, as it stands in authenticator data.
    #[must_use]
    pub const fn hash(&self) -> &[u8; 32] {
        &self.hash
    }
}

impl std::fmt::Debug for RpId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RpId({})", self.text)
    }
}

/// A serialized origin as a browser writes it: `https://host` or `https://host:port`, or the origin of a native app
/// (`android:apk-key-hash:…`, `ios:bundle-id:…`). Origins are compared whole, never by prefix, suffix or pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin(String);

impl Origin {
    /// The origin with exactly this text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The origin as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The relying party of every ceremony of one deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelyingParty {
    /// The domain that passkeys are bound to.
    pub rp_id: RpId,
    /// The name that old clients show (Level 3 deprecates it, old clients still want it).
    pub name: String,
    /// Every origin that may run ceremonies: own pages, related origins, native apps.
    pub origins: Vec<Origin>,
}

impl RelyingParty {
    /// A relying party whose pages are served from one origin.
    #[must_use]
    pub fn new(rp_id: RpId, name: impl Into<String>, origin: Origin) -> Self {
        Self {
            rp_id,
            name: name.into(),
            origins: vec![origin],
        }
    }

    /// True if ceremonies may run at this origin (L3 section 13.4.9): the whole text must be equal.
    #[must_use]
    pub fn expects(&self, origin: &str) -> bool {
        self.origins
            .iter()
            .any(|expected| expected.as_str() == origin)
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0u8; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::{Aaguid, CredentialId, UserHandle};
    use crate::Refusal;

    #[test]
    fn aaguid_text_goes_both_ways() {
        let text = "08987058-cadc-4b81-b6e1-30de50dcbe96";
        assert_eq!(
            Aaguid::parse(text)
                .map(|aaguid| aaguid.to_string())
                .as_deref(),
            Some(text)
        );
        for wrong in [
            "",
            "08987058cadc4b81b6e130de50dcbe96",
            "0898705-8cadc-4b81-b6e1-30de50dcbe96",
            "+8987058-cadc-4b81-b6e1-30de50dcbe9z",
        ] {
            assert_eq!(Aaguid::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn lengths_are_bounded() {
        assert_eq!(CredentialId::new([]), Err(Refusal::CredentialIdLength));
        assert!(CredentialId::new([7; 1023]).is_ok());
        assert_eq!(
            CredentialId::new([7; 1024]),
            Err(Refusal::CredentialIdLength)
        );
        assert_eq!(UserHandle::new([]), Err(Refusal::UserHandleMismatch));
        assert_eq!(UserHandle::new([7; 65]), Err(Refusal::UserHandleMismatch));
    }
}
