//! Credential public keys (RFC 9052 section 7, RFC 9053, RFC 9964; L3 section 5.8.5).

use crate::cbor::{self, Key, Map, Mode, Value};
use crate::{Algorithm, Refusal, StoredKey, ed448};

/// A COSE_Key whose type and algorithm are known but whose key material is not validated yet: the order in which section 7.1 looks at it.
#[derive(Debug)]
pub struct CoseKey<'a> {
    map: Map<'a>,
    raw: &'a [u8],
}

/// The key material of a credential key, as attestation formats compare it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyMaterial {
    /// A point on a NIST curve or on secp256k1.
    Ec {
        /// The curve.
        curve: Curve,
        /// The coordinate x, big-endian, of the curve's length.
        x: Vec<u8>,
        /// The coordinate y, big-endian, of the curve's length.
        y: Vec<u8>,
    },
    /// An Ed25519 or Ed448 public key.
    Okp {
        /// 32 or 57 bytes.
        x: Vec<u8>,
    },
    /// An RSA public key.
    Rsa {
        /// The modulus, big-endian, without leading zeros.
        n: Vec<u8>,
        /// The exponent, big-endian, without leading zeros.
        e: Vec<u8>,
    },
    /// An ML-DSA public key.
    Akp {
        /// The key as FIPS 204 encodes it.
        public: Vec<u8>,
    },
}

/// An elliptic curve of ECDSA keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// P-256 (COSE curve 1).
    P256,
    /// P-384 (COSE curve 2).
    P384,
    /// P-521 (COSE curve 3).
    P521,
    /// secp256k1 (COSE curve 8).
    Secp256k1,
}

impl Curve {
    const fn cose_id(self) -> i64 {
        match self {
            Self::P256 => 1,
            Self::P384 => 2,
            Self::P521 => 3,
            Self::Secp256k1 => 8,
        }
    }

    /// The length of a coordinate in bytes.
    #[must_use]
    pub const fn coordinate(self) -> usize {
        match self {
            Self::P256 | Self::Secp256k1 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// A validated credential key.
#[derive(Clone, Debug)]
pub struct CredentialKey {
    /// Ready to verify.
    pub stored: StoredKey,
    /// For comparison with attested keys.
    pub material: KeyMaterial,
}

const KTY: i64 = 1;
const ALG: i64 = 3;

/// The smallest RSA modulus, in bits.
const RSA_MIN_BITS: usize = 2048;
/// The smallest RSA modulus of statements made before that was the rule, in bits.
const RSA_MIN_BITS_LEGACY: usize = 1024;
/// The largest RSA modulus, in bits; more is only good for keeping the verifier busy.
const RSA_MAX_BITS: usize = 8192;

/// Reads the COSE_Key at the start of `input` and returns it with the bytes behind it.
///
/// # Errors
/// [`Refusal::MalformedCoseKey`] if it is not a map with definite length and shortest integers; the order of its
/// labels is free, and none may occur twice.
pub fn read_first(input: &[u8]) -> Result<(CoseKey<'_>, &[u8]), Refusal> {
    if let Some(read) = read_named_ed25519(input) {
        return Ok(read);
    }
    let (value, rest) =
        cbor::decode_first(input, Mode::AnyOrder).map_err(|_| Refusal::MalformedCoseKey)?;
    let Value::Map(map) = value else {
        return Err(Refusal::MalformedCoseKey);
    };
    let length = input.len() - rest.len();
    let raw = input.get(..length).ok_or(Refusal::MalformedCoseKey)?;
    Ok((CoseKey { map, raw }, rest))
}

/// `{1: "OKP", 3: -8, -1: "Ed25519", -2: x}` announced as a map of three: what Firefox 117 made of Ed25519 keys of security keys. Read as
/// what it means, since such keys are in use; nothing else in that direction is guessed.
fn read_named_ed25519(input: &[u8]) -> Option<(CoseKey<'_>, &[u8])> {
    let rest = input.strip_prefix(b"\xa3\x01\x63OKP\x03\x27\x20\x67Ed25519\x21\x58\x20")?;
    let (x, rest) = rest.split_at_checked(32)?;
    let entries = vec![
        (Key::from(KTY), Value::Unsigned(1)),
        (Key::from(ALG), Value::Negative(7)),
        (Key::from(-1), Value::Unsigned(6)),
        (Key::from(-2), Value::Bytes(x)),
    ];
    let raw = input.get(..input.len() - rest.len())?;
    Some((
        CoseKey {
            map: Map::new(entries),
            raw,
        },
        rest,
    ))
}

/// Reads a COSE_Key that fills the input, and validates it.
///
/// # Errors
/// [`Refusal::MalformedCoseKey`], [`Refusal::AlgNotAllowed`] if the algorithm is not supported, [`Refusal::InsecureKeyOrAlg`].
pub fn read(input: &[u8]) -> Result<CredentialKey, Refusal> {
    match read_first(input)? {
        (key, []) => key.validate(key.algorithm()?),
        _ => Err(Refusal::MalformedCoseKey),
    }
}

impl<'a> CoseKey<'a> {
    /// The key as the authenticator wrote it.
    #[must_use]
    pub const fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// The algorithm in label 3.
    ///
    /// # Errors
    /// [`Refusal::MalformedCoseKey`] if there is none, [`Refusal::AlgNotAllowed`] if it is not supported: then nobody offered it.
    pub fn algorithm(&self) -> Result<Algorithm, Refusal> {
        let id = self.integer(ALG)?;
        Algorithm::from_cose_id(id).ok_or(Refusal::AlgNotAllowed)
    }

    /// Validates the key material for this algorithm: type, curve, lengths, and the point (by the library).
    ///
    /// # Errors
    /// [`Refusal::MalformedCoseKey`], [`Refusal::InsecureKeyOrAlg`].
    pub fn validate(&self, algorithm: Algorithm) -> Result<CredentialKey, Refusal> {
        self.validate_from(algorithm, RSA_MIN_BITS)
    }

    /// As [`Self::validate`], with RSA keys from 1024 bits on: for judging old statements, never for new passkeys.
    pub(crate) fn validate_legacy(&self, algorithm: Algorithm) -> Result<CredentialKey, Refusal> {
        self.validate_from(algorithm, RSA_MIN_BITS_LEGACY)
    }

    fn validate_from(
        &self,
        algorithm: Algorithm,
        rsa_min_bits: usize,
    ) -> Result<CredentialKey, Refusal> {
        let material = self.material(algorithm)?;
        if let KeyMaterial::Rsa { n, e } = &material
            && (bits(n) < rsa_min_bits || e.as_slice() == [1])
        {
            return Err(Refusal::InsecureKeyOrAlg);
        }
        let stored = StoredKey::from_raw(algorithm, &material.to_raw())?;
        Ok(CredentialKey { stored, material })
    }

    /// The length of a coordinate of an EC2 key, if it is there.
    pub(crate) fn coordinate_length(&self, label: i64) -> Option<usize> {
        self.bytes(label).ok().map(<[u8]>::len)
    }

    fn material(&self, algorithm: Algorithm) -> Result<KeyMaterial, Refusal> {
        match algorithm {
            Algorithm::Es256 | Algorithm::Esp256 => self.ec(Curve::P256),
            Algorithm::Es384 | Algorithm::Esp384 => self.ec(Curve::P384),
            Algorithm::Es512 | Algorithm::Esp512 => self.ec(Curve::P521),
            Algorithm::Es256k => self.ec(Curve::Secp256k1),
            Algorithm::EdDsa | Algorithm::Ed25519 => self.okp(6, 32),
            Algorithm::Ed448 => self.okp(7, ed448::PUBLIC_KEY),
            Algorithm::Rs1
            | Algorithm::Rs256
            | Algorithm::Rs384
            | Algorithm::Rs512
            | Algorithm::Ps256
            | Algorithm::Ps384
            | Algorithm::Ps512 => self.rsa(),
            Algorithm::MlDsa44 => self.akp(1312),
            Algorithm::MlDsa65 => self.akp(1952),
            Algorithm::MlDsa87 => self.akp(2592),
        }
    }

    /// {1: 2, 3: alg, -1: crv, -2: x, -3: y}. A boolean y (the compressed form) is refused: section 5.8.5 wants both coordinates.
    fn ec(&self, curve: Curve) -> Result<KeyMaterial, Refusal> {
        self.shape(2, &[KTY, ALG, -1, -2, -3])?;
        if self.integer(-1)? != curve.cose_id() {
            return Err(Refusal::MalformedCoseKey);
        }
        let (x, y) = (self.bytes(-2)?, self.bytes(-3)?);
        if x.len() != curve.coordinate() || y.len() != curve.coordinate() {
            return Err(Refusal::MalformedCoseKey);
        }
        Ok(KeyMaterial::Ec {
            curve,
            x: x.to_vec(),
            y: y.to_vec(),
        })
    }

    /// {1: 1, 3: alg, -1: crv, -2: x}; curve 6 is Ed25519, 7 is Ed448.
    fn okp(&self, curve: i64, length: usize) -> Result<KeyMaterial, Refusal> {
        self.shape(1, &[KTY, ALG, -1, -2])?;
        let x = self.bytes(-2)?;
        if self.integer(-1)? != curve || x.len() != length {
            return Err(Refusal::MalformedCoseKey);
        }
        Ok(KeyMaterial::Okp { x: x.to_vec() })
    }

    /// {1: 3, 3: alg, -1: n, -2: e}.
    fn rsa(&self) -> Result<KeyMaterial, Refusal> {
        self.shape(3, &[KTY, ALG, -1, -2])?;
        let n = without_leading_zeros(self.bytes(-1)?);
        let e = without_leading_zeros(self.bytes(-2)?);
        if n.is_empty()
            || e.is_empty()
            || e.len() > 8
            || bits(n) > RSA_MAX_BITS
            || is_even(n)
            || is_even(e)
        {
            return Err(Refusal::MalformedCoseKey);
        }
        Ok(KeyMaterial::Rsa {
            n: n.to_vec(),
            e: e.to_vec(),
        })
    }

    /// {1: 7, 3: alg, -1: pub}. The private seed (-2) must not be there (RFC 9964 section 4).
    fn akp(&self, length: usize) -> Result<KeyMaterial, Refusal> {
        self.shape(7, &[KTY, ALG, -1])?;
        let public = self.bytes(-1)?;
        if public.len() != length {
            return Err(Refusal::MalformedCoseKey);
        }
        Ok(KeyMaterial::Akp {
            public: public.to_vec(),
        })
    }

    /// The key type, and no label beside those of the type: section 6.5.2 forbids optional parameters.
    fn shape(&self, kty: i64, labels: &[i64]) -> Result<(), Refusal> {
        let known = labels.iter().all(|label| self.map.get(*label).is_some());
        if self.integer(KTY)? != kty || !known || self.map.len() != labels.len() {
            return Err(Refusal::MalformedCoseKey);
        }
        Ok(())
    }

    fn integer(&self, label: i64) -> Result<i64, Refusal> {
        self.map
            .get(label)
            .and_then(Value::as_i64)
            .ok_or(Refusal::MalformedCoseKey)
    }

    fn bytes(&self, label: i64) -> Result<&'a [u8], Refusal> {
        self.map
            .get(label)
            .and_then(Value::as_bytes)
            .ok_or(Refusal::MalformedCoseKey)
    }
}

impl KeyMaterial {
    /// The key in the form the signature library reads.
    fn to_raw(&self) -> Vec<u8> {
        match self {
            Self::Ec { x, y, .. } => [&[4], x.as_slice(), y.as_slice()].concat(),
            Self::Okp { x } => x.clone(),
            Self::Rsa { n, e } => rsa_public_key(n, e),
            Self::Akp { public } => public.clone(),
        }
    }
}

/// `RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }` (RFC 8017 appendix A.1.1).
fn rsa_public_key(n: &[u8], e: &[u8]) -> Vec<u8> {
    let body = [der_integer(n), der_integer(e)].concat();
    der(0x30, &body)
}

fn der_integer(number: &[u8]) -> Vec<u8> {
    match number.first() {
        Some(first) if *first >= 0x80 => der(0x02, &[&[0], number].concat()),
        _ => der(0x02, number),
    }
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let length = without_leading_zeros(&length);
    let mut out = vec![tag];
    match length {
        [] => out.push(0),
        [short] if *short < 0x80 => out.push(*short),
        long => {
            out.push(0x80 | u8::try_from(long.len()).unwrap_or(0));
            out.extend_from_slice(long);
        }
    }
    out.extend_from_slice(content);
    out
}

pub(crate) fn without_leading_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}

fn bits(number: &[u8]) -> usize {
    number
        .first()
        .map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

fn is_even(number: &[u8]) -> bool {
    number.last().is_none_or(|last| last & 1 == 0)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

    use super::{KeyMaterial, read_first};
    use crate::cbor::{self, Key, Map, Value};
    use crate::{Algorithm, Refusal};

    /// What the rules of this module alone say about an RSA key; the library, which has rules of its own, is not asked.
    fn rsa(n: &[u8], e: &[u8]) -> Result<KeyMaterial, Refusal> {
        let encoded = cbor::encode(&Value::Map(Map::new(vec![
            (Key::from(1), Value::Unsigned(3)),
            (Key::from(3), Value::Negative(256)),
            (Key::from(-1), Value::Bytes(n)),
            (Key::from(-2), Value::Bytes(e)),
        ])));
        read_first(&encoded).unwrap().0.material(Algorithm::Rs256)
    }

    #[test]
    fn rsa_numbers_are_odd_and_bounded() {
        let modulus = [0xff; 256];
        let mut even = modulus;
        even[255] = 0xfe;
        assert!(rsa(&modulus, &[1, 0, 1]).is_ok());
        for (n, e) in [
            (&even[..], &[1, 0, 1][..]),
            (&modulus, &[1, 0, 0]),
            (&modulus, &[]),
            (&modulus, &[0, 0]),
            (&modulus, &[1; 9]),
            (&[], &[1, 0, 1]),
            (&[0xff; 1025], &[1, 0, 1]),
        ] {
            assert_eq!(rsa(n, e), Err(Refusal::MalformedCoseKey));
        }
    }

    #[test]
    fn leading_zeros_of_rsa_numbers_say_nothing() {
        let padded = [&[0, 0], [0xff; 256].as_slice()].concat();
        assert_eq!(rsa(&padded, &[0, 1, 0, 1]), rsa(&[0xff; 256], &[1, 0, 1]));
    }
}
