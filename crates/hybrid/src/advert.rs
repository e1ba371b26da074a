//! The Bluetooth advert: 20 bytes that prove nearness and say where the tunnel is.

use crate::keys::{EID, EidKey, KeyError};
use crate::tunnel::{DomainError, TunnelDomain};
use aws_lc_rs::cipher::{
    AES_256, DecryptingKey, DecryptionContext, EncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::{constant_time, hmac};

/// Bytes on the air: one AES block and a short tag.
pub const ADVERT: usize = 20;
/// The 16-bit service UUID that carries the advert.
pub const SERVICE_UUID: u16 = 0xfff9;
/// The older UUID that scanners accept as well.
pub const OLDER_SERVICE_UUID: u16 = 0xfde2;

/// What an advert says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advert {
    /// Fresh for every connection; binds the handshake to this advert.
    pub nonce: [u8; 10],
    /// Tells the tunnel service which of its machines has the tunnel.
    pub routing_id: [u8; 3],
    /// The tunnel service.
    pub domain: TunnelDomain,
}

/// Why bytes are not an advert for this key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdvertError {
    /// Not 20 bytes on the air, or not 16 in plain.
    #[error("the advert has another length")]
    Length,
    /// The tag does not fit: an advert of somebody else.
    #[error("the advert is for another key")]
    Tag,
    /// The first plain byte is reserved and must be zero.
    #[error("the advert has a reserved byte set")]
    Reserved,
    /// The tunnel service does not exist.
    #[error(transparent)]
    Domain(#[from] DomainError),
    /// The library failed.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl Advert {
    /// The plain form, which is also the salt of the pre-shared key.
    #[must_use]
    pub fn to_eid(&self) -> [u8; EID] {
        let [n0, n1, n2, n3, n4, n5, n6, n7, n8, n9] = self.nonce;
        let [r0, r1, r2] = self.routing_id;
        let [d0, d1] = self.domain.id().to_le_bytes();
        [
            0, n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, r0, r1, r2, d0, d1,
        ]
    }

    /// Reads the plain form.
    ///
    /// # Errors
    /// [`AdvertError::Length`], [`AdvertError::Reserved`] or [`AdvertError::Domain`].
    pub fn from_eid(eid: &[u8]) -> Result<Self, AdvertError> {
        let eid: &[u8; EID] = eid.try_into().map_err(|_| AdvertError::Length)?;
        let [
            reserved,
            n0,
            n1,
            n2,
            n3,
            n4,
            n5,
            n6,
            n7,
            n8,
            n9,
            r0,
            r1,
            r2,
            d0,
            d1,
        ] = *eid;
        if reserved != 0 {
            return Err(AdvertError::Reserved);
        }
        Ok(Self {
            nonce: [n0, n1, n2, n3, n4, n5, n6, n7, n8, n9],
            routing_id: [r0, r1, r2],
            domain: TunnelDomain::new(u16::from_le_bytes([d0, d1]))?,
        })
    }

    /// Encrypts and tags the advert for the air.
    ///
    /// # Errors
    /// [`AdvertError::Key`] if the library fails.
    pub fn seal(&self, key: &EidKey) -> Result<[u8; ADVERT], AdvertError> {
        let mut block = self.to_eid();
        let (cipher, _) = halves(key);
        encrypt_block(cipher, &mut block)?;
        let mut sealed = [0; ADVERT];
        for (to, from) in sealed.iter_mut().zip(block.iter().chain(&tag(key, &block))) {
            *to = *from;
        }
        Ok(sealed)
    }

    /// Opens what was received, if it was meant for this key.
    ///
    /// # Errors
    /// [`AdvertError`]: the tag is checked before anything is decrypted.
    pub fn open(sealed: &[u8], key: &EidKey) -> Result<Self, AdvertError> {
        let (block, received) = sealed.split_at_checked(EID).ok_or(AdvertError::Length)?;
        let mut block: [u8; EID] = block.try_into().map_err(|_| AdvertError::Length)?;
        if received.len() != ADVERT - EID {
            return Err(AdvertError::Length);
        }
        constant_time::verify_slices_are_equal(&tag(key, &block), received)
            .map_err(|_| AdvertError::Tag)?;
        let (cipher, _) = halves(key);
        decrypt_block(cipher, &mut block)?;
        Self::from_eid(&block)
    }
}

fn halves(key: &EidKey) -> (&[u8], &[u8]) {
    key.0.split_at(32)
}

fn tag(key: &EidKey, block: &[u8]) -> [u8; ADVERT - EID] {
    let (_, mac) = halves(key);
    let whole = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, mac), block);
    let mut short = [0; ADVERT - EID];
    for (to, from) in short.iter_mut().zip(whole.as_ref()) {
        *to = *from;
    }
    short
}

// A single block under a key of its own: there is no mode to choose.
fn encrypt_block(key: &[u8], block: &mut [u8; EID]) -> Result<(), KeyError> {
    let key = UnboundCipherKey::new(&AES_256, key)
        .and_then(EncryptingKey::ecb)
        .map_err(|_| KeyError::Crypto)?;
    key.encrypt(block).map(|_| ()).map_err(|_| KeyError::Crypto)
}

fn decrypt_block(key: &[u8], block: &mut [u8; EID]) -> Result<(), KeyError> {
    let key = UnboundCipherKey::new(&AES_256, key)
        .and_then(DecryptingKey::ecb)
        .map_err(|_| KeyError::Crypto)?;
    key.decrypt(block, DecryptionContext::None)
        .map(|_| ())
        .map_err(|_| KeyError::Crypto)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

    use super::*;

    fn advert() -> Advert {
        Advert {
            nonce: [3; 10],
            routing_id: [9, 10, 11],
            domain: TunnelDomain::new(266).unwrap(),
        }
    }

    #[test]
    fn the_block_cipher_is_aes_256() {
        let key: Vec<u8> = (0..32).collect();
        let mut block: [u8; 16] = std::array::from_fn(|at| u8::try_from(at * 0x11).unwrap());
        encrypt_block(&key, &mut block).unwrap();
        assert_eq!(
            crate::tunnel::hex(&block),
            "8EA2B7CA516745BFEAFC49904B496089"
        );
    }

    #[test]
    fn what_is_sealed_opens_with_the_same_key_only() {
        let key = EidKey::derive(&[1; 16]).unwrap();
        let sealed = advert().seal(&key).unwrap();
        assert_eq!(Advert::open(&sealed, &key), Ok(advert()));
        let other = EidKey::derive(&[2; 16]).unwrap();
        assert_eq!(Advert::open(&sealed, &other), Err(AdvertError::Tag));
    }

    #[test]
    fn every_changed_bit_is_noticed() {
        let key = EidKey::derive(&[1; 16]).unwrap();
        let sealed = advert().seal(&key).unwrap();
        for bit in 0..ADVERT * 8 {
            let mut changed = sealed;
            *changed.get_mut(bit / 8).unwrap() ^= 1 << (bit % 8);
            assert_eq!(Advert::open(&changed, &key), Err(AdvertError::Tag));
        }
    }

    #[test]
    fn an_advert_of_another_length_is_not_opened() {
        let key = EidKey::derive(&[1; 16]).unwrap();
        for length in (0..40).filter(|length| *length != ADVERT) {
            assert_eq!(
                Advert::open(&vec![0; length], &key),
                Err(AdvertError::Length)
            );
        }
    }
}
