//! Makes certificates and revocation lists for tests, odd ones included: everything that a certificate says
//! can be set, and what is signed is exactly what was set.

#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
#![expect(
    clippy::disallowed_methods,
    reason = "signatures of tests need not be repeatable"
)]

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, ML_DSA_44_SIGNING,
    PqdsaKeyPair,
};

/// `ecdsa-with-SHA256` as an AlgorithmIdentifier.
pub const ECDSA_SHA256: [u8; 12] = [0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
/// `ecdsa-with-SHA384` as an AlgorithmIdentifier.
pub const ECDSA_SHA384: [u8; 12] = [0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3];
const ED25519: [u8; 7] = [0x30, 5, 6, 3, 0x2b, 0x65, 0x70];
const ML_DSA_44: [u8; 13] = [0x30, 11, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 17];

pub const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 19];
pub const KEY_USAGE: &[u8] = &[0x55, 0x1d, 15];
pub const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 30];
pub const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 17];

/// A signing key of a test.
pub enum Key {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    MlDsa44(PqdsaKeyPair),
}

impl Key {
    pub fn p256() -> Self {
        Self::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap())
    }

    pub fn ed25519() -> Self {
        Self::Ed25519(Ed25519KeyPair::generate().unwrap())
    }

    pub fn ml_dsa_44() -> Self {
        Self::MlDsa44(PqdsaKeyPair::generate(&ML_DSA_44_SIGNING).unwrap())
    }

    pub fn spki(&self) -> Vec<u8> {
        match self {
            Self::P256(key) => key.public_key().as_der().unwrap().as_ref().to_vec(),
            Self::Ed25519(key) => key.public_key().as_der().unwrap().as_ref().to_vec(),
            Self::MlDsa44(key) => key.public_key().as_der().unwrap().as_ref().to_vec(),
        }
    }

    pub fn algorithm(&self) -> Vec<u8> {
        match self {
            Self::P256(_) => ECDSA_SHA256.to_vec(),
            Self::Ed25519(_) => ED25519.to_vec(),
            Self::MlDsa44(_) => ML_DSA_44.to_vec(),
        }
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::P256(key) => key
                .sign(&SystemRandom::new(), message)
                .unwrap()
                .as_ref()
                .to_vec(),
            Self::Ed25519(key) => key.sign(message).as_ref().to_vec(),
            Self::MlDsa44(key) => {
                let mut signature = vec![0; 2420];
                key.sign(message, &mut signature).unwrap();
                signature
            }
        }
    }
}

/// Everything a certificate says.
#[derive(Clone)]
pub struct Forge {
    pub version: u8,
    pub serial: Vec<u8>,
    pub issuer: Vec<u8>,
    pub subject: Vec<u8>,
    pub not_before: &'static str,
    pub not_after: &'static str,
    pub spki: Vec<u8>,
    pub extensions: Vec<Vec<u8>>,
    /// The algorithm inside the signed part, if it is to differ from the one outside.
    pub inner_algorithm: Option<Vec<u8>>,
}

impl Forge {
    /// An end-entity certificate, valid from 2020 to 2030, basicConstraints CA=false.
    pub fn leaf(subject: &str, issuer: &str, key: &Key) -> Self {
        Self {
            version: 3,
            serial: vec![7],
            issuer: name(issuer),
            subject: name(subject),
            not_before: "20200101000000Z",
            not_after: "20300101000000Z",
            spki: key.spki(),
            extensions: vec![extension(BASIC_CONSTRAINTS, true, &sequence(&[]))],
            inner_algorithm: None,
        }
    }

    /// An authority, valid from 2020 to 2030, without a path length.
    pub fn authority(subject: &str, issuer: &str, key: &Key) -> Self {
        Self {
            extensions: vec![ca(None)],
            ..Self::leaf(subject, issuer, key)
        }
    }

    pub fn with_extensions(mut self, extensions: &[Vec<u8>]) -> Self {
        self.extensions = extensions.to_vec();
        self
    }

    pub fn valid(mut self, not_before: &'static str, not_after: &'static str) -> Self {
        (self.not_before, self.not_after) = (not_before, not_after);
        self
    }

    pub fn sign(&self, key: &Key) -> Vec<u8> {
        let algorithm = key.algorithm();
        let mut body = Vec::new();
        if self.version > 1 {
            body.extend(tlv(0xa0, &tlv(2, &[self.version - 1])));
        }
        body.extend(tlv(2, &self.serial));
        body.extend(self.inner_algorithm.as_ref().unwrap_or(&algorithm));
        body.extend(&self.issuer);
        let validity = [self.not_before, self.not_after].map(time).concat();
        body.extend(sequence(&validity));
        body.extend(&self.subject);
        body.extend(&self.spki);
        if self.version == 3 && !self.extensions.is_empty() {
            body.extend(tlv(0xa3, &sequence(&self.extensions.concat())));
        }
        signed(&sequence(&body), &algorithm, key)
    }
}

/// A revocation list over `serials`; `extensions` are complete Extension values.
pub fn revocation_list(
    issuer: &str,
    key: &Key,
    updates: [&'static str; 2],
    serials: &[&[u8]],
    extensions: &[Vec<u8>],
) -> Vec<u8> {
    let mut body = tlv(2, &[1]);
    body.extend(key.algorithm());
    body.extend(name(issuer));
    body.extend(updates.map(time).concat());
    let entries: Vec<u8> = serials
        .iter()
        .flat_map(|serial| sequence(&[tlv(2, serial), time("20210101000000Z")].concat()))
        .collect();
    if !entries.is_empty() {
        body.extend(sequence(&entries));
    }
    if !extensions.is_empty() {
        body.extend(tlv(0xa0, &sequence(&extensions.concat())));
    }
    signed(&sequence(&body), &key.algorithm(), key)
}

/// basicConstraints CA=true.
pub fn ca(path_len: Option<u8>) -> Vec<u8> {
    let mut value = tlv(1, &[0xff]);
    value.extend(path_len.map(|limit| tlv(2, &[limit])).unwrap_or_default());
    extension(BASIC_CONSTRAINTS, true, &sequence(&value))
}

/// keyUsage with these bits (0x80 digitalSignature, 0x04 keyCertSign, 0x02 cRLSign).
pub fn key_usage(bits: u8) -> Vec<u8> {
    extension(KEY_USAGE, true, &tlv(3, &[0, bits]))
}

/// One Extension; `oid` is the content of the identifier.
pub fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let mut content = tlv(6, oid);
    if critical {
        content.extend(tlv(1, &[0xff]));
    }
    content.extend(tlv(4, value));
    sequence(&content)
}

/// A name with one common name; empty text gives the empty name.
pub fn name(common_name: &str) -> Vec<u8> {
    if common_name.is_empty() {
        return sequence(&[]);
    }
    let attribute = sequence(&[tlv(6, &[0x55, 4, 3]), tlv(12, common_name.as_bytes())].concat());
    sequence(&tlv(0x31, &attribute))
}

pub fn sequence(content: &[u8]) -> Vec<u8> {
    tlv(0x30, content)
}

pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag];
    match length {
        0..=127 => out.push(length as u8),
        128..=255 => out.extend([0x81, length as u8]),
        _ => out.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    out.extend(content);
    out
}

fn time(generalized: &str) -> Vec<u8> {
    // RFC 5280 section 4.1.2.5: UTCTime up to 2049.
    match generalized < "2050" {
        true => tlv(0x17, generalized.as_bytes().get(2..).unwrap()),
        false => tlv(0x18, generalized.as_bytes()),
    }
}

fn signed(body: &[u8], algorithm: &[u8], key: &Key) -> Vec<u8> {
    let mut bits = vec![0];
    bits.extend(key.sign(body));
    sequence(&[body, algorithm, &tlv(3, &bits)].concat())
}
