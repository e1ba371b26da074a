//! What both sides derive from the secret in the QR code, or from that of a link: HKDF-SHA-256 with a purpose number as info.

use crate::ec::{KEY_RANDOM, SecretKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use zeroize::Zeroize as _;

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

/// The secret that a client and an authenticator share once they are linked.
#[derive(Clone)]
pub struct LinkSecret([u8; LINK_SECRET]);

/// What an authenticator derives all its links from, so that it has to keep none of them.
#[derive(Clone)]
pub struct LinkRoot([u8; 32]);

/// Bytes of a link's secret.
pub const LINK_SECRET: usize = 32;
/// Bytes of a link's identifier.
pub const LINK_ID: usize = 8;
/// Bytes that a linked client adds afresh for every connection.
pub const LINK_NONCE: usize = 16;

#[derive(Clone, Copy)]
enum Purpose {
    EidKey = 1,
    TunnelId = 2,
    PreSharedKey = 3,
    LinkSecret = 4,
    Identity = 5,
    Contact = 6,
}

impl EidKey {
    /// Derives the advert's key.
    ///
    /// # Errors
    /// [`KeyError::Crypto`] if the library fails.
    pub fn derive(qr_secret: &[u8; QR_SECRET]) -> Result<Self, KeyError> {
        derive(qr_secret, &[], Purpose::EidKey).map(Self)
    }

    /// Derives the advert's key for one connection over a link.
    ///
    /// # Errors
    /// [`KeyError::Crypto`] if the library fails.
    pub fn derive_linked(secret: &LinkSecret, nonce: &[u8; LINK_NONCE]) -> Result<Self, KeyError> {
        derive(&secret.0, nonce, Purpose::EidKey).map(Self)
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

    /// Derives the key from the secret of a link and the decrypted advert.
    ///
    /// # Errors
    /// [`KeyError::Crypto`] if the library fails.
    pub fn derive_linked(secret: &LinkSecret, eid: &[u8; EID]) -> Result<Self, KeyError> {
        derive(&secret.0, eid, Purpose::PreSharedKey).map(Self)
    }

    /// The key, for the Noise handshake.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl LinkSecret {
    /// A secret as it was received or stored.
    #[must_use]
    pub const fn new(secret: [u8; LINK_SECRET]) -> Self {
        Self(secret)
    }

    /// The secret, to be stored or sent.
    #[must_use]
    pub const fn expose(&self) -> &[u8; LINK_SECRET] {
        &self.0
    }
}

impl LinkRoot {
    /// A root of random bytes, kept by the authenticator for as long as its links are to live.
    #[must_use]
    pub const fn new(root: [u8; 32]) -> Self {
        Self(root)
    }

    /// The key by which linked clients know this authenticator.
    ///
    /// # Errors
    /// [`KeyError::Crypto`] if the library fails.
    pub fn identity(&self) -> Result<SecretKey, KeyError> {
        let mut random: [u8; KEY_RANDOM] = derive(&self.0, &[], Purpose::Identity)?;
        let key = SecretKey::from_random(&random).map_err(|_| KeyError::Crypto);
        random.zeroize();
        key
    }

    /// The secret of one link. The contact id is mixed in, so that giving up a contact gives up its links.
    ///
    /// # Errors
    /// [`KeyError::Crypto`] if the library fails.
    pub fn secret(&self, contact: &[u8], link: &[u8; LINK_ID]) -> Result<LinkSecret, KeyError> {
        let mut contact: [u8; 32] = derive(&self.0, contact, Purpose::Contact)?;
        let secret = derive(&contact, link, Purpose::LinkSecret).map(LinkSecret);
        contact.zeroize();
        secret
    }
}

/// A secret is wiped when it is dropped, and prints as nothing but its name.
macro_rules! secret {
    ($name:ident) => {
        impl Drop for $name {
            fn drop(&mut self) {
                self.0.zeroize();
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(concat!(stringify!($name), "(secret)"))
            }
        }
    };
}

secret!(EidKey);
secret!(PreSharedKey);
secret!(LinkSecret);
secret!(LinkRoot);

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

// The info is the purpose as 32 bits, little-endian.
fn derive<const N: usize>(
    secret: &[u8],
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
