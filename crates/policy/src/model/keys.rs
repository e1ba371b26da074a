use crate::model::{KeyId, SecretBytes, TenantId, Timestamp};

/// Where a key is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Published, so that others have it in their caches, but not yet used.
    Next,
    /// In use.
    Active,
    /// No longer used for new values, still accepted.
    Retired,
}

impl KeyState {
    /// The stored form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }
}

/// A key that signs tokens of one tenant.
#[derive(Debug, Clone)]
pub struct SigningKey {
    /// Whose tokens it signs.
    pub tenant: TenantId,
    /// Its `kid`.
    pub id: KeyId,
    /// JOSE algorithm name (`RS256`, `ES256`, …).
    pub algorithm: String,
    /// Where it is in its life.
    pub state: KeyState,
    /// The public half as JWK text.
    pub public_jwk: String,
    /// The private half (PKCS #8); wrapped in the store.
    pub private: SecretBytes,
    /// When it was made.
    pub created: Timestamp,
    /// When it began to sign.
    pub activated: Option<Timestamp>,
    /// When it stopped signing.
    pub retired: Option<Timestamp>,
}

/// A symmetric key of the deployment that seals challenges and cookies.
#[derive(Debug, Clone)]
pub struct SealKey {
    /// Named in what it seals.
    pub id: KeyId,
    /// What it seals (`challenge`, `cookie`, …); keys of different purposes never meet.
    pub purpose: String,
    /// 32 bytes; wrapped in the store.
    pub secret: SecretBytes,
    /// When it was made.
    pub created: Timestamp,
    /// The first moment at which nothing it sealed can be valid any more.
    pub expires: Timestamp,
}

/// A FIDO metadata BLOB as it was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataBlob {
    /// Its serial number (`no`).
    pub number: i64,
    /// When it wants to be replaced (`nextUpdate`).
    pub next_update: Timestamp,
    /// When it was fetched.
    pub fetched: Timestamp,
    /// The JWT as received.
    pub jwt: Vec<u8>,
}
