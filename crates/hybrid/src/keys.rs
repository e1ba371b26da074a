//! What both sides derive from the secret in the QR code: HKDF-SHA-256 with a purpose number as info.

use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};

/// Bytes of the secret in the QR code.
pub const QR_SECRET: usize = 16;
/// Bytes of a decrypted advert.
pub const EID: usize = 16;

/// The library could not derive a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Key derivation or encryption failed inside the library.
    #[error("a key of the hybrid transport could not be derived")]
    Crypto,
}

/// Encrypts (first half) and authenticates (second half) the advert.
#[derive(Clone)]
pub struct EidKey(pub(crate) [u8; 64]);

/// Names the tunnel that both sides connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TunnelId(pub [u8; 16]);

/// Mixed into the Noise handshake: who did not receive the advert does not know it.
#[derive(Clone)]
pub struct PreSharedKey([u8; 32]);

#[derive(Clone, Copy)]
enum Purpose {
    EidKey = 1,
    TunnelId = 2,
    PreSharedKey = 3,
}

impl EidKey {
    /// Derives the advert's key.
    ///
    /// # Errors
    /// [`KeyError::Crypto`] if the library fails.
    pub fn derive(qr_secret: &[u8; QR_SECRET]) -> Result<Self, KeyError> {
        derive(qr_secret, &[], Purpose::EidKey).map(Self)
    }
}

impl TunnelId {
    /// Derives the tunnel's name.
    ///
    /// # Errors
    /// [`KeyError::Crypto`] if the library fails.
    pub fn derive(qr_secret: &[u8; QR_SECRET]) -> Result<Self, KeyError> {
        derive(qr_secret, &[], Purpose::TunnelId).map(Self)
    }

    /// Upper-case hexadecimal, as it stands in the tunnel's address. Compare identifiers as bytes: others write lower case.
    #[must_use]
    pub fn to_hex(self) -> String {
        crate::tunnel::hex(&self.0)
    }
}

impl PreSharedKey {
    /// Derives the key from the secret of the QR code and the decrypted advert.
    ///
    /// # Errors
    /// [`KeyError::Crypto`] if the library fails.
    pub fn derive(qr_secret: &[u8; QR_SECRET], eid: &[u8; EID]) -> Result<Self, KeyError> {
        derive(qr_secret, eid, Purpose::PreSharedKey).map(Self)
    }

    /// The key, for the Noise handshake.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for EidKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("EidKey(secret)")
    }
}

impl std::fmt::Debug for PreSharedKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("PreSharedKey(secret)")
    }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

// The info is the purpose as 32 bits, little-endian.
fn derive<const N: usize>(
    secret: &[u8; QR_SECRET],
    salt: &[u8],
    purpose: Purpose,
) -> Result<[u8; N], KeyError> {
    let info = (purpose as u32).to_le_bytes();
    let info = [info.as_slice()];
    let mut out = [0; N];
    let prk = Salt::new(HKDF_SHA256, salt).extract(secret);
    let okm = prk.expand(&info, Length(N)).map_err(|_| KeyError::Crypto)?;
    okm.fill(&mut out).map_err(|_| KeyError::Crypto)?;
    Ok(out)
}
