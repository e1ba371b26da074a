//! Signature algorithms and the COSE form of a credential public key (RFC 9052, RFC 9053, RFC 9964).

use crate::cbor::Value;
use crate::commands::Parameters;

/// An algorithm that a credential or an attestation key may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256; signatures in ASN.1 DER.
    Es256,
    /// Ed25519; signatures of 64 bytes.
    EdDsa,
    /// ML-DSA-44, empty context.
    MlDsa44,
    /// ML-DSA-65, empty context.
    MlDsa65,
    /// ML-DSA-87, empty context.
    MlDsa87,
}

impl Algorithm {
    /// The COSE algorithm identifier.
    #[must_use]
    pub const fn cose(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
            Self::MlDsa44 => -48,
            Self::MlDsa65 => -49,
            Self::MlDsa87 => -50,
        }
    }
}

/// A public key as the key store hands it over, in the raw form of its algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// Affine coordinates, big-endian.
    Es256 {
        /// The x coordinate.
        x: [u8; 32],
        /// The y coordinate.
        y: [u8; 32],
    },
    /// The encoded point of RFC 8032.
    EdDsa([u8; 32]),
    /// The encoded key of FIPS 204: 1312 bytes.
    MlDsa44(Vec<u8>),
    /// The encoded key of FIPS 204: 1952 bytes.
    MlDsa65(Vec<u8>),
    /// The encoded key of FIPS 204: 2592 bytes.
    MlDsa87(Vec<u8>),
}

const KTY: i64 = 1;
const ALG: i64 = 3;
const OKP: i64 = 1;
const EC2: i64 = 2;
const AKP: i64 = 7;

impl PublicKey {
    /// The algorithm that this key is for.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Es256 { .. } => Algorithm::Es256,
            Self::EdDsa(_) => Algorithm::EdDsa,
            Self::MlDsa44(_) => Algorithm::MlDsa44,
            Self::MlDsa65(_) => Algorithm::MlDsa65,
            Self::MlDsa87(_) => Algorithm::MlDsa87,
        }
    }

    /// The `COSE_Key` map that goes into the attested credential data, in canonical CBOR.
    #[must_use]
    pub fn to_cose(&self) -> Vec<u8> {
        self.to_value().encode()
    }

    /// Reads the form that [`PublicKey::to_value`] makes.
    pub(crate) fn of_cose(mut map: Parameters) -> Option<Self> {
        let alg: i64 = map.require(ALG).ok()?;
        let material: Vec<u8> = match map.take::<Vec<u8>>(-2) {
            Ok(Some(x)) => x,
            _ => map.require(-1).ok()?,
        };
        Some(match alg {
            -7 => Self::Es256 {
                x: material.try_into().ok()?,
                y: map.require::<Vec<u8>>(-3).ok()?.try_into().ok()?,
            },
            -8 => Self::EdDsa(material.try_into().ok()?),
            -48 => Self::MlDsa44(material),
            -49 => Self::MlDsa65(material),
            -50 => Self::MlDsa87(material),
            _ => return None,
        })
    }

    pub(crate) fn to_value(&self) -> Value {
        let alg = Value::from(self.algorithm().cose());
        match self {
            Self::Es256 { x, y } => Value::map([
                (KTY, EC2.into()),
                (ALG, alg),
                (-1, 1_i64.into()),
                (-2, x.to_vec().into()),
                (-3, y.to_vec().into()),
            ]),
            Self::EdDsa(point) => Value::map([
                (KTY, OKP.into()),
                (ALG, alg),
                (-1, 6_i64.into()),
                (-2, point.to_vec().into()),
            ]),
            Self::MlDsa44(key) | Self::MlDsa65(key) | Self::MlDsa87(key) => {
                Value::map([(KTY, AKP.into()), (ALG, alg), (-1, key.clone().into())])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Parameters, PublicKey};

    #[test]
    fn an_es256_key_starts_as_the_specification_shows() {
        let cose = PublicKey::Es256 {
            x: [1; 32],
            y: [2; 32],
        }
        .to_cose();
        assert_eq!(cose.len(), 77);
        assert!(cose.starts_with(&[
            0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20, 0x01
        ]));
    }

    #[test]
    fn every_key_is_read_as_it_was_written() {
        let keys = [
            PublicKey::Es256 {
                x: [1; 32],
                y: [2; 32],
            },
            PublicKey::EdDsa([3; 32]),
            PublicKey::MlDsa44(vec![4; 1312]),
            PublicKey::MlDsa65(vec![5; 1952]),
            PublicKey::MlDsa87(vec![6; 2592]),
        ];
        for key in keys {
            let map = Parameters::of(key.to_value()).ok();
            assert_eq!(map.and_then(PublicKey::of_cose), Some(key));
        }
    }

    #[test]
    fn an_ml_dsa_key_is_an_algorithm_key_pair() {
        let cose = PublicKey::MlDsa65(vec![9; 1952]).to_cose();
        assert!(cose.starts_with(&[
            0xa3, 0x01, 0x07, 0x03, 0x38, 0x30, 0x20, 0x59, 0x07, 0xa0, 0x09
        ]));
    }
}
