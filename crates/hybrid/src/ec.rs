//! P-256 keys of the transport: the client's for one QR code, the authenticator's identity, and ephemeral ones.

use crate::primitives::{POINT, SCALAR, public_point, shared_secret};
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use zeroize::Zeroize as _;

/// Random bytes that a private key is made from: twice its length, so that a second half is there if the first is no scalar.
pub const KEY_RANDOM: usize = 2 * SCALAR;

/// Bytes are not a key of the curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a key of the curve P-256")]
pub struct NotAKey;

/// A private key. Wiped when dropped, never printed.
#[derive(Clone)]
pub struct SecretKey {
    scalar: [u8; SCALAR],
    public: PublicKey,
}

/// A public key: an uncompressed point.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; POINT]);

impl SecretKey {
    /// Makes a key from random bytes.
    ///
    /// # Errors
    /// [`NotAKey`] if neither half is a scalar of the curve: less likely than 2⁻⁶⁰ for random bytes, certain for zeros.
    pub fn from_random(random: &[u8; KEY_RANDOM]) -> Result<Self, NotAKey> {
        let halves = random.as_chunks::<SCALAR>().0;
        halves.iter().find_map(Self::from_scalar).ok_or(NotAKey)
    }

    fn from_scalar(scalar: &[u8; SCALAR]) -> Option<Self> {
        let public = PublicKey(public_point(scalar)?);
        Some(Self {
            scalar: *scalar,
            public,
        })
    }

    /// The point that belongs to it.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) const fn expose(&self) -> &[u8; SCALAR] {
        &self.scalar
    }

    /// Elliptic-curve Diffie-Hellman: the x coordinate of the shared point.
    pub(crate) fn agree(&self, peer: &PublicKey) -> Result<[u8; SCALAR], NotAKey> {
        shared_secret(&self.scalar, &peer.0).ok_or(NotAKey)
    }
}

impl PublicKey {
    /// Reads the form of the QR code.
    ///
    /// # Errors
    /// [`NotAKey`] if no point of the curve has this coordinate.
    pub fn from_compressed(bytes: &[u8; 33]) -> Result<Self, NotAKey> {
        // The library also reads a form that leaves the sign out, which no client writes.
        if !matches!(bytes.first(), Some(2 | 3)) {
            return Err(NotAKey);
        }
        let point = p256::PublicKey::from_sec1_bytes(bytes).map_err(|_| NotAKey)?;
        let point = point.to_encoded_point(false);
        point.as_bytes().try_into().map(Self).map_err(|_| NotAKey)
    }

    /// Reads the form of Noise and of links.
    ///
    /// # Errors
    /// [`NotAKey`] if the point is not on the curve or in another form.
    pub fn from_uncompressed(bytes: &[u8]) -> Result<Self, NotAKey> {
        let bytes: [u8; POINT] = bytes.try_into().map_err(|_| NotAKey)?;
        // Of this length there is only the uncompressed form.
        p256::PublicKey::from_sec1_bytes(&bytes).map_err(|_| NotAKey)?;
        Ok(Self(bytes))
    }

    /// The uncompressed point.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; POINT] {
        &self.0
    }

    /// The form of the QR code.
    #[must_use]
    pub fn to_compressed(&self) -> [u8; 33] {
        let mut short = [0; 33];
        for (to, from) in short.iter_mut().zip(&self.0) {
            *to = *from;
        }
        let odd = self.0.last().is_some_and(|last| last & 1 == 1);
        if let Some(sign) = short.first_mut() {
            *sign = 2 + u8::from(odd);
        }
        short
    }
}

impl Drop for SecretKey {
    fn drop(&mut self) {
        self.scalar.zeroize();
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SecretKey(secret)")
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "PublicKey({})", crate::tunnel::hex(&self.0))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

    use super::*;

    #[test]
    fn a_point_has_two_forms() {
        for seed in 1..20 {
            let key = *SecretKey::from_random(&[seed; KEY_RANDOM])
                .unwrap()
                .public();
            assert_eq!(PublicKey::from_compressed(&key.to_compressed()), Ok(key));
            assert_eq!(PublicKey::from_uncompressed(key.as_bytes()), Ok(key));
        }
    }

    #[test]
    fn what_is_not_on_the_curve_is_no_key() {
        let mut point = *SecretKey::from_random(&[1; KEY_RANDOM])
            .unwrap()
            .public()
            .as_bytes();
        *point.get_mut(40).unwrap() ^= 1;
        assert_eq!(PublicKey::from_uncompressed(&point), Err(NotAKey));
        assert_eq!(PublicKey::from_uncompressed(&point[..64]), Err(NotAKey));
        let mut beyond = [0xff; 33];
        *beyond.first_mut().unwrap() = 2;
        assert_eq!(PublicKey::from_compressed(&beyond), Err(NotAKey));
    }

    #[test]
    fn a_scalar_out_of_range_makes_way_for_the_second_half() {
        let mut random = [0; KEY_RANDOM];
        assert!(SecretKey::from_random(&random).is_err());
        random.get_mut(SCALAR..).unwrap().fill(5);
        let key = SecretKey::from_random(&random).unwrap();
        assert_eq!(key.expose(), &[5; SCALAR]);
        assert!(SecretKey::from_random(&[0xff; KEY_RANDOM]).is_err());
        assert_eq!(format!("{key:?}"), "SecretKey(secret)");
    }

    #[test]
    fn both_sides_agree() {
        let one = SecretKey::from_random(&[1; KEY_RANDOM]).unwrap();
        let two = SecretKey::from_random(&[2; KEY_RANDOM]).unwrap();
        assert_eq!(one.agree(two.public()), two.agree(one.public()));
    }
}
