//! What Noise computes with: P-256, AES-256-GCM and SHA-256 of aws-lc-rs, and randomness that was handed in.
//!
//! The library that keeps Noise's state would bring primitives and a source of randomness of its own. Neither is used, so
//! there is one crypto library behind the transport as everywhere else, and a test can name every random byte.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::digest::{Context, SHA256, SHA256_OUTPUT_LEN};
use snow::Error;
use snow::params::{CipherChoice, DHChoice, HashChoice};
use snow::resolvers::CryptoResolver;
use snow::types::{Cipher, Dh, Hash, Random};
use zeroize::{Zeroize as _, ZeroizeOnDrop};

/// Bytes of a P-256 scalar and of a coordinate.
pub(crate) const SCALAR: usize = 32;
/// Bytes of an uncompressed P-256 point.
pub(crate) const POINT: usize = 65;
const TAG: usize = 16;
const BLOCK: usize = 64;

/// Resolves Noise's names to aws-lc-rs, for one handshake with one ephemeral key.
pub(crate) struct Primitives {
    ephemeral: Ephemeral,
}

impl Primitives {
    pub(crate) const fn new(ephemeral: [u8; SCALAR]) -> Self {
        Self {
            ephemeral: Ephemeral(Some(ephemeral)),
        }
    }
}

impl CryptoResolver for Primitives {
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        Some(Box::new(self.ephemeral.clone()))
    }

    fn resolve_dh(&self, choice: &DHChoice) -> Option<Box<dyn Dh>> {
        matches!(choice, DHChoice::P256).then(|| Box::new(P256::default()) as Box<dyn Dh>)
    }

    fn resolve_hash(&self, choice: &HashChoice) -> Option<Box<dyn Hash>> {
        matches!(choice, HashChoice::SHA256).then(|| Box::new(Sha256::default()) as Box<dyn Hash>)
    }

    fn resolve_cipher(&self, choice: &CipherChoice) -> Option<Box<dyn Cipher>> {
        matches!(choice, CipherChoice::AESGCM).then(|| Box::new(AesGcm(None)) as Box<dyn Cipher>)
    }
}

/// The private key that this handshake was given. It is handed out once: a second request would make two handshakes share it.
#[derive(Clone)]
struct Ephemeral(Option<[u8; SCALAR]>);

impl Random for Ephemeral {
    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Error> {
        let mut given = self.0.take().ok_or(Error::Rng)?;
        if to.len() != given.len() {
            return Err(Error::Rng);
        }
        to.copy_from_slice(&given);
        given.zeroize();
        Ok(())
    }
}

impl Drop for Ephemeral {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// The public point of a private scalar, if the scalar is one.
pub(crate) fn public_point(scalar: &[u8; SCALAR]) -> Option<[u8; POINT]> {
    let key = PrivateKey::from_private_key(&ECDH_P256, scalar).ok()?;
    key.compute_public_key().ok()?.as_ref().try_into().ok()
}

/// The x coordinate of the shared point. The library refuses a peer's point that is not on the curve.
pub(crate) fn shared_secret(scalar: &[u8; SCALAR], point: &[u8]) -> Option<[u8; SCALAR]> {
    // Other forms of the same point would pass as the same key while Noise hashes them differently.
    if point.len() != POINT || point.first() != Some(&4) {
        return None;
    }
    let key = PrivateKey::from_private_key(&ECDH_P256, scalar).ok()?;
    let peer = UnparsedPublicKey::new(&ECDH_P256, point);
    agree(&key, peer, (), |secret| {
        <[u8; SCALAR]>::try_from(secret).map_err(|_| ())
    })
    .ok()
}

#[derive(Default)]
struct P256 {
    scalar: [u8; SCALAR],
    point: Option<[u8; POINT]>,
}

impl P256 {
    fn take(&mut self, scalar: [u8; SCALAR]) -> Option<()> {
        self.point = Some(public_point(&scalar)?);
        self.scalar = scalar;
        Some(())
    }
}

impl Drop for P256 {
    fn drop(&mut self) {
        self.scalar.zeroize();
    }
}

impl ZeroizeOnDrop for P256 {}

impl Dh for P256 {
    fn name(&self) -> &'static str {
        "P256"
    }

    fn pub_len(&self) -> usize {
        POINT
    }

    fn priv_len(&self) -> usize {
        SCALAR
    }

    // Cannot fail by its signature: without a point, every later step does.
    fn set(&mut self, scalar: &[u8]) {
        self.point = None;
        if let Ok(scalar) = scalar.try_into() {
            self.take(scalar);
        }
    }

    fn generate(&mut self, given: &mut dyn Random) -> Result<(), Error> {
        let mut scalar = [0; SCALAR];
        given.try_fill_bytes(&mut scalar)?;
        self.take(scalar).ok_or(Error::Rng)
    }

    fn pubkey(&self) -> &[u8] {
        self.point.as_ref().map_or(&[], |point| point.as_slice())
    }

    fn privkey(&self) -> &[u8] {
        &self.scalar
    }

    fn dh(&self, point: &[u8], out: &mut [u8]) -> Result<(), Error> {
        let mut secret = shared_secret(&self.scalar, point).ok_or(Error::Dh)?;
        out.get_mut(..SCALAR)
            .ok_or(Error::Dh)?
            .copy_from_slice(&secret);
        secret.zeroize();
        Ok(())
    }

    fn dh_len(&self) -> usize {
        SCALAR
    }
}

struct AesGcm(Option<LessSafeKey>);

impl AesGcm {
    fn seal(&self, nonce: u64, aad: &[u8], plain: &[u8], out: &mut [u8]) -> Option<usize> {
        let length = plain.len().checked_add(TAG)?;
        let (body, tag) = out.get_mut(..length)?.split_at_mut_checked(plain.len())?;
        body.copy_from_slice(plain);
        let sealed = self.0.as_ref().and_then(|key| {
            key.seal_in_place_separate_tag(nonce_of(nonce), Aad::from(aad), body)
                .ok()
        });
        let Some(made) = sealed else {
            // What could not be encrypted must not be sent by a caller that overlooks the length.
            body.zeroize();
            return None;
        };
        tag.copy_from_slice(made.as_ref());
        Some(length)
    }
}

impl Cipher for AesGcm {
    fn name(&self) -> &'static str {
        "AESGCM"
    }

    fn set(&mut self, key: &[u8; 32]) {
        self.0 = UnboundKey::new(&AES_256_GCM, key)
            .ok()
            .map(LessSafeKey::new);
    }

    // No length but that of the sealed text means success: `noise.rs` compares it.
    fn encrypt(&self, nonce: u64, aad: &[u8], plain: &[u8], out: &mut [u8]) -> usize {
        self.seal(nonce, aad, plain, out).unwrap_or(0)
    }

    fn decrypt(
        &self,
        nonce: u64,
        aad: &[u8],
        sealed: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Error> {
        let key = self.0.as_ref().ok_or(Error::Decrypt)?;
        let mut copy = sealed.to_vec();
        let plain = key
            .open_in_place(nonce_of(nonce), Aad::from(aad), &mut copy)
            .map_err(|_| Error::Decrypt)?;
        let length = plain.len();
        out.get_mut(..length)
            .ok_or(Error::Decrypt)?
            .copy_from_slice(plain);
        copy.zeroize();
        Ok(length)
    }
}

/// Noise, section 12.4: four zero bytes and the counter, big-endian.
fn nonce_of(counter: u64) -> Nonce {
    let [a, b, c, d, e, f, g, h] = counter.to_be_bytes();
    Nonce::assume_unique_for_key([0, 0, 0, 0, a, b, c, d, e, f, g, h])
}

struct Sha256(Context);

impl Default for Sha256 {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl Hash for Sha256 {
    fn name(&self) -> &'static str {
        "SHA256"
    }

    fn block_len(&self) -> usize {
        BLOCK
    }

    fn hash_len(&self) -> usize {
        SHA256_OUTPUT_LEN
    }

    fn reset(&mut self) {
        *self = Self::default();
    }

    fn input(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn result(&mut self, out: &mut [u8]) {
        let digest = self.0.clone().finish();
        for (to, from) in out.iter_mut().zip(digest.as_ref()) {
            *to = *from;
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

    use super::*;

    #[test]
    fn the_ephemeral_key_is_handed_out_once_and_whole() {
        let mut random = Primitives::new([7; SCALAR]).resolve_rng().unwrap();
        let mut bytes = [0; SCALAR];
        assert_eq!(random.try_fill_bytes(&mut bytes), Ok(()));
        assert_eq!(bytes, [7; SCALAR]);
        assert_eq!(random.try_fill_bytes(&mut bytes), Err(Error::Rng));
        let mut random = Primitives::new([7; SCALAR]).resolve_rng().unwrap();
        assert_eq!(random.try_fill_bytes(&mut [0; 31]), Err(Error::Rng));
    }

    #[test]
    fn only_the_three_primitives_of_the_transport_are_there() {
        let primitives = Primitives::new([7; SCALAR]);
        assert!(primitives.resolve_dh(&DHChoice::Curve25519).is_none());
        assert!(primitives.resolve_hash(&HashChoice::SHA512).is_none());
        let other = CipherChoice::ChaChaPoly;
        assert!(primitives.resolve_cipher(&other).is_none());
    }

    #[test]
    fn a_shared_secret_takes_one_form_of_a_point() {
        let scalar = [7; SCALAR];
        let point = public_point(&scalar).unwrap();
        assert!(shared_secret(&scalar, &point).is_some());
        let compressed = p256::PublicKey::from_sec1_bytes(&point).unwrap();
        let compressed = p256::EncodedPoint::from(compressed).compress();
        assert!(shared_secret(&scalar, compressed.as_bytes()).is_none());
    }

    #[test]
    fn without_a_key_nothing_is_encrypted() {
        let mut out = [1; 64];
        assert_eq!(AesGcm(None).encrypt(0, &[], &[9; 8], &mut out), 0);
        assert_eq!(out.first_chunk(), Some(&[0_u8; 8]));
        assert_eq!(
            AesGcm(None).decrypt(0, &[], &[9; 32], &mut out),
            Err(Error::Decrypt)
        );
    }

    #[test]
    fn what_is_no_scalar_makes_no_key() {
        let mut key = P256::default();
        key.set(&[0; SCALAR]);
        assert!(key.pubkey().is_empty());
        let point = public_point(&[7; SCALAR]).unwrap();
        assert_eq!(key.dh(&point, &mut [0; SCALAR]), Err(Error::Dh));
    }
}
