//! The two PIN/UV auth protocols: how platform and authenticator agree on keys (CTAP 2.2, sections 6.5.6 and 6.5.7).

use crate::cbor::Value;
use crate::commands::Parameters;
use crate::env::Env;
use crate::status::Status;
use aws_lc_rs::agreement::{self, ECDH_P256, PrivateKey, UnparsedPublicKey};
use aws_lc_rs::cipher::{
    AES_256, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext, UnboundCipherKey,
};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::{constant_time, hmac, iv::FixedLength};
use zeroize::Zeroizing;

const BLOCK: usize = 16;
/// A random number is no P-256 private key once in 2^32; so many in a row mean a broken source.
const TRIES: usize = 4;

/// Which protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    One,
    Two,
}

impl Protocol {
    /// The protocols of getInfo, preferred first.
    pub(crate) const ALL: [Self; 2] = [Self::Two, Self::One];

    pub(crate) const fn number(self) -> i64 {
        match self {
            Self::One => 1,
            Self::Two => 2,
        }
    }

    pub(crate) fn of_number(number: i64) -> Result<Self, Status> {
        Self::ALL
            .into_iter()
            .find(|protocol| protocol.number() == number)
            .ok_or(Status::InvalidParameter)
    }

    /// `authenticate`: protocol one keeps the left half of the tag.
    fn tag(self, key: &[u8], message: &[&[u8]]) -> Vec<u8> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        let mut context = hmac::Context::with_key(&key);
        message.iter().for_each(|part| context.update(part));
        let mut tag = context.sign().as_ref().to_vec();
        if self == Self::One {
            tag.truncate(16);
        }
        tag
    }

    /// `verify`, in constant time; a tag of any other length is wrong.
    pub(crate) fn verifies(self, key: &[u8], message: &[&[u8]], tag: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(&self.tag(key, message), tag).is_ok()
    }
}

/// The authenticator's half of the key agreement, until it is used up.
pub(crate) struct AgreementKey(PrivateKey);

impl std::fmt::Debug for AgreementKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AgreementKey")
    }
}

impl AgreementKey {
    /// `regenerate`.
    pub(crate) fn new(env: &mut impl Env) -> Result<Self, Status> {
        let mut scalar = Zeroizing::new([0; 32]);
        for _ in 0..TRIES {
            env.random(scalar.as_mut_slice())?;
            if let Ok(key) = PrivateKey::from_private_key(&ECDH_P256, scalar.as_slice()) {
                return Ok(Self(key));
            }
        }
        Err(Status::Other)
    }

    /// `getPublicKey`: a COSE key whose algorithm names ECDH with HKDF, though nothing of HKDF is meant by it.
    pub(crate) fn public(&self) -> Result<Value, Status> {
        let point = self.0.compute_public_key().map_err(|_| Status::Other)?;
        let (x, y) = point
            .as_ref()
            .strip_prefix(&[0x04])
            .and_then(|point| point.split_at_checked(32))
            .ok_or(Status::Other)?;
        Ok(Value::map([
            (1_i64, Value::from(2)),
            (3, (-25).into()),
            (-1, 1.into()),
            (-2, x.to_vec().into()),
            (-3, y.to_vec().into()),
        ]))
    }

    /// `decapsulate`. A point off the curve is refused: its answers would give away the private half bit by bit.
    pub(crate) fn shared_secret(
        &self,
        protocol: Protocol,
        peer: Parameters,
    ) -> Result<SharedSecret, Status> {
        let peer = UnparsedPublicKey::new(&ECDH_P256, uncompressed(peer)?);
        agreement::agree(&self.0, peer, Status::InvalidParameter, |secret| {
            SharedSecret::from_ecdh(protocol, secret)
        })
    }
}

fn uncompressed(mut key: Parameters) -> Result<Vec<u8>, Status> {
    let kind = (
        key.require::<i64>(1)?,
        key.require::<i64>(3)?,
        key.require::<i64>(-1)?,
    );
    let (x, y): (Vec<u8>, Vec<u8>) = (key.require(-2)?, key.require(-3)?);
    if kind != (2, -25, 1) || x.len() != 32 || y.len() != 32 {
        return Err(Status::InvalidParameter);
    }
    Ok([[0x04].as_slice(), &x, &y].concat())
}

/// What both sides know after the agreement: one key for tags, one for encryption.
#[derive(Clone)]
pub(crate) struct SharedSecret {
    protocol: Protocol,
    mac: Zeroizing<[u8; 32]>,
    cipher: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SharedSecret")
    }
}

struct Length32;

impl KeyType for Length32 {
    fn len(&self) -> usize {
        32
    }
}

impl SharedSecret {
    fn from_ecdh(protocol: Protocol, secret: &[u8]) -> Result<Self, Status> {
        let (mut mac, mut cipher) = (Zeroizing::new([0; 32]), Zeroizing::new([0; 32]));
        match protocol {
            Protocol::One => {
                mac.copy_from_slice(digest(&SHA256, secret).as_ref());
                cipher.copy_from_slice(mac.as_slice());
            }
            Protocol::Two => {
                let extracted = Salt::new(HKDF_SHA256, &[0; 32]).extract(secret);
                for (info, out) in [
                    (b"CTAP2 HMAC key".as_slice(), &mut mac),
                    (b"CTAP2 AES key", &mut cipher),
                ] {
                    extracted
                        .expand(&[info], Length32)
                        .and_then(|key| key.fill(out.as_mut_slice()))
                        .map_err(|_| Status::Other)?;
                }
            }
        }
        Ok(Self {
            protocol,
            mac,
            cipher,
        })
    }

    pub(crate) fn verifies(&self, message: &[&[u8]], tag: &[u8]) -> bool {
        self.protocol.verifies(self.mac.as_slice(), message, tag)
    }

    /// `decrypt`. Only called for what has been authenticated or is compared with a secret afterwards.
    pub(crate) fn decrypt(&self, sent: &[u8]) -> Result<Zeroizing<Vec<u8>>, Status> {
        let (iv, text) = match self.protocol {
            Protocol::One => ([0; BLOCK], sent),
            Protocol::Two => {
                let (iv, text) = sent
                    .split_first_chunk::<BLOCK>()
                    .ok_or(Status::InvalidParameter)?;
                (*iv, text)
            }
        };
        if text.is_empty() || !text.len().is_multiple_of(BLOCK) {
            return Err(Status::InvalidParameter);
        }
        let mut plain = Zeroizing::new(text.to_vec());
        self.cipher_key()
            .and_then(DecryptingKey::cbc)
            .and_then(|key| {
                let context = DecryptionContext::Iv128(FixedLength::from(iv));
                key.decrypt(&mut plain, context).map(|_| ())
            })
            .map_err(|_| Status::Other)?;
        Ok(plain)
    }

    /// `encrypt`, for whole blocks only.
    pub(crate) fn encrypt(&self, plain: &[u8], env: &mut impl Env) -> Result<Vec<u8>, Status> {
        let mut iv = [0; BLOCK];
        if self.protocol == Protocol::Two {
            env.random(&mut iv)?;
        }
        let mut text = plain.to_vec();
        self.cipher_key()
            .and_then(EncryptingKey::cbc)
            .and_then(|key| {
                let context = EncryptionContext::Iv128(FixedLength::from(iv));
                key.less_safe_encrypt(&mut text, context)
            })
            .map_err(|_| Status::Other)?;
        Ok(match self.protocol {
            Protocol::One => text,
            Protocol::Two => [iv.as_slice(), &text].concat(),
        })
    }

    fn cipher_key(&self) -> Result<UnboundCipherKey, aws_lc_rs::error::Unspecified> {
        UnboundCipherKey::new(&AES_256, self.cipher.as_slice())
    }
}
