//! The platform's half of the PIN/UV auth protocols, written for the tests.

use crate::world::{World, bytes, send};
use authenticator::cbor::{Map, Value};
use authenticator::{Authenticator, Status};
use aws_lc_rs::agreement::{self, ECDH_P256, PrivateKey, UnparsedPublicKey};
use aws_lc_rs::cipher::{
    AES_256, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext, UnboundCipherKey,
};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::{hmac, iv::FixedLength};

pub const PIN: u8 = 0x06;

struct Length;

impl KeyType for Length {
    fn len(&self) -> usize {
        32
    }
}

/// What the platform knows after it agreed on a key.
pub struct Platform {
    pub protocol: i64,
    pub public: Value,
    mac: Vec<u8>,
    cipher: Vec<u8>,
}

pub fn tag(protocol: i64, key: &[u8], message: &[u8]) -> Vec<u8> {
    let whole = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message);
    let length = if protocol == 1 { 16 } else { 32 };
    whole.as_ref()[..length].to_vec()
}

impl Platform {
    pub fn agree(authenticator: &mut Authenticator<World>, protocol: i64) -> Self {
        let answer = pin_command(authenticator, [(1, protocol.into()), (2, 2.into())]).unwrap();
        let Value::Map(peer) = &answer[&1.into()] else {
            panic!("no key")
        };
        let point = [vec![4], bytes(peer, -2), bytes(peer, -3)].concat();
        let own = PrivateKey::from_private_key(&ECDH_P256, &[9; 32]).unwrap();
        let public = own.compute_public_key().unwrap();
        let (mac, cipher) = agreement::agree(
            &own,
            UnparsedPublicKey::new(&ECDH_P256, point),
            (),
            |secret| {
                if protocol == 1 {
                    let key = digest(&SHA256, secret).as_ref().to_vec();
                    return Ok((key.clone(), key));
                }
                let extracted = Salt::new(HKDF_SHA256, &[0; 32]).extract(secret);
                let expand = |info: &[u8]| {
                    let mut out = vec![0; 32];
                    extracted
                        .expand(&[info], Length)
                        .unwrap()
                        .fill(&mut out)
                        .unwrap();
                    out
                };
                Ok((expand(b"CTAP2 HMAC key"), expand(b"CTAP2 AES key")))
            },
        )
        .unwrap();
        Self {
            protocol,
            public: cose(&public.as_ref()[1..33], &public.as_ref()[33..]),
            mac,
            cipher,
        }
    }

    pub fn tag(&self, message: &[u8]) -> Vec<u8> {
        tag(self.protocol, &self.mac, message)
    }

    pub fn seal(&self, plain: &[u8]) -> Vec<u8> {
        let iv = if self.protocol == 1 { [0; 16] } else { [5; 16] };
        let mut text = plain.to_vec();
        let key = UnboundCipherKey::new(&AES_256, &self.cipher).unwrap();
        EncryptingKey::cbc(key)
            .unwrap()
            .less_safe_encrypt(&mut text, EncryptionContext::Iv128(FixedLength::from(iv)))
            .unwrap();
        if self.protocol == 1 {
            text
        } else {
            [iv.to_vec(), text].concat()
        }
    }

    pub fn open(&self, sealed: &[u8]) -> Vec<u8> {
        let (iv, text) = if self.protocol == 1 {
            ([0; 16].as_slice(), sealed)
        } else {
            sealed.split_at(16)
        };
        let iv: [u8; 16] = iv.try_into().unwrap();
        let mut plain = text.to_vec();
        let key = UnboundCipherKey::new(&AES_256, &self.cipher).unwrap();
        DecryptingKey::cbc(key)
            .unwrap()
            .decrypt(&mut plain, DecryptionContext::Iv128(FixedLength::from(iv)))
            .unwrap();
        plain
    }

    pub fn pin_hash(&self, pin: &str) -> Vec<u8> {
        self.seal(&digest(&SHA256, pin.as_bytes()).as_ref()[..16])
    }

    pub fn new_pin(&self, pin: &str) -> Vec<u8> {
        let mut padded = pin.as_bytes().to_vec();
        padded.resize(64, 0);
        self.seal(&padded)
    }

    /// The input of hmac-secret.
    pub fn salts(&self, salts: &[u8]) -> Value {
        let sealed = self.seal(salts);
        let tag = self.tag(&sealed);
        Value::map([
            (1_i64, self.public.clone()),
            (2, sealed.into()),
            (3, tag.into()),
            (4, self.protocol.into()),
        ])
    }
}

pub fn cose(x: &[u8], y: &[u8]) -> Value {
    Value::map([
        (1_i64, Value::from(2)),
        (3, (-25).into()),
        (-1, 1.into()),
        (-2, x.to_vec().into()),
        (-3, y.to_vec().into()),
    ])
}

pub fn pin_command<const N: usize>(
    authenticator: &mut Authenticator<World>,
    entries: [(i64, Value); N],
) -> Result<Map, Status> {
    let map = entries
        .into_iter()
        .map(|(key, value)| (key.into(), value))
        .collect();
    send(authenticator, PIN, Some(map))
}

pub fn set_pin(
    authenticator: &mut Authenticator<World>,
    protocol: i64,
    pin: &str,
) -> Result<Map, Status> {
    let platform = Platform::agree(authenticator, protocol);
    let sealed = platform.new_pin(pin);
    let tag = platform.tag(&sealed);
    pin_command(
        authenticator,
        [
            (1, protocol.into()),
            (2, 3.into()),
            (3, platform.public),
            (4, tag.into()),
            (5, sealed.into()),
        ],
    )
}

pub fn change_pin(
    authenticator: &mut Authenticator<World>,
    protocol: i64,
    old: &str,
    new: &str,
) -> Result<Map, Status> {
    let platform = Platform::agree(authenticator, protocol);
    let (sealed, hash) = (platform.new_pin(new), platform.pin_hash(old));
    let tag = platform.tag(&[sealed.as_slice(), &hash].concat());
    pin_command(
        authenticator,
        [
            (1, protocol.into()),
            (2, 4.into()),
            (3, platform.public),
            (4, tag.into()),
            (5, sealed.into()),
            (6, hash.into()),
        ],
    )
}

/// A token by PIN, with permissions.
pub fn token(
    authenticator: &mut Authenticator<World>,
    protocol: i64,
    pin: &str,
    permissions: i64,
    rp_id: Option<&str>,
) -> Result<Vec<u8>, Status> {
    let platform = Platform::agree(authenticator, protocol);
    let mut map = Map::from([
        (1.into(), protocol.into()),
        (2.into(), 9.into()),
        (3.into(), platform.public.clone()),
        (6.into(), platform.pin_hash(pin).into()),
        (9.into(), permissions.into()),
    ]);
    if let Some(rp_id) = rp_id {
        map.insert(10.into(), rp_id.into());
    }
    let answer = send(authenticator, PIN, Some(map))?;
    Ok(platform.open(&bytes(&answer, 2)))
}

/// A command with a proof under protocol 2, for the commands whose keys are 1 subcommand, 2 parameters, 3 protocol, 4 tag.
pub fn managed(
    authenticator: &mut Authenticator<World>,
    command: u8,
    prefix: &[u8],
    subcommand: u8,
    parameters: Option<Value>,
    token: &[u8],
) -> Result<Map, Status> {
    let encoded = parameters.as_ref().map(Value::encode).unwrap_or_default();
    let message = [prefix, &[subcommand], &encoded].concat();
    let mut map = Map::from([
        (1.into(), i64::from(subcommand).into()),
        (3.into(), 2.into()),
        (4.into(), tag(2, token, &message).into()),
    ]);
    if let Some(parameters) = parameters {
        map.insert(2.into(), parameters);
    }
    send(authenticator, command, Some(map))
}
