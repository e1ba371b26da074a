//! TPMT_PUBLIC and TPMS_ATTEST, big-endian (TPM 2.0 Library part 2, sections 10.12 and 12.2).

use crate::Refusal;
use crate::cose::{Curve, without_leading_zeros};
use aws_lc_rs::digest;

const ALG_RSA: u16 = 0x0001;
const ALG_ECC: u16 = 0x0023;
const ALG_NULL: u16 = 0x0010;
const ALG_RSASSA: u16 = 0x0014;
const ALG_RSAPSS: u16 = 0x0016;
const ALG_ECDSA: u16 = 0x0018;

const GENERATED_VALUE: [u8; 4] = [0xff, 0x54, 0x43, 0x47];
const ATTEST_CERTIFY: u16 = 0x8017;

/// A TPM hash algorithm.
pub(super) fn hash(id: u16) -> Option<&'static digest::Algorithm> {
    match id {
        0x0004 => Some(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        0x000b => Some(&digest::SHA256),
        0x000c => Some(&digest::SHA384),
        0x000d => Some(&digest::SHA512),
        _ => None,
    }
}

/// The public part of a TPM object, as far as section 8.3 compares it.
pub(super) struct PublicArea<'a> {
    /// The hash that makes the object's name.
    pub(super) name_algorithm: u16,
    /// The key.
    pub(super) key: PublicKey<'a>,
}

pub(super) enum PublicKey<'a> {
    /// Modulus and exponent without leading zeros.
    Rsa {
        modulus: &'a [u8],
        exponent: Vec<u8>,
    },
    /// A point; coordinates of any length.
    Ecc {
        curve: Curve,
        x: &'a [u8],
        y: &'a [u8],
    },
}

impl<'a> PublicArea<'a> {
    /// `None` if it is malformed, of another type, or not the public area of a key that only signs: symmetric parameters are for
    /// storage keys.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let kind = reader.u16()?;
        let name_algorithm = reader.u16()?;
        let _attributes = reader.take(4)?;
        let _policy = reader.sized()?;
        if reader.u16()? != ALG_NULL {
            return None;
        }
        let key = match kind {
            ALG_RSA => reader.rsa()?,
            ALG_ECC => reader.ecc()?,
            _ => return None,
        };
        reader.is_empty().then_some(Self {
            name_algorithm,
            key,
        })
    }
}

/// What a TPM said about an object, as far as section 8.3 looks at it. Clock, firmware version and qualified names are skipped: the
/// clock's `safe` byte is not always a boolean.
pub(super) struct CertInfo<'a> {
    pub(super) extra_data: &'a [u8],
    pub(super) name: &'a [u8],
}

impl<'a> CertInfo<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let malformed = Refusal::TpmCertinfoMalformed;
        let mut reader = Reader(bytes);
        if reader.take(4).ok_or(malformed)? != GENERATED_VALUE {
            return Err(Refusal::TpmCertinfoMagic);
        }
        if reader.u16().ok_or(malformed)? != ATTEST_CERTIFY {
            return Err(Refusal::TpmCertinfoType);
        }
        reader.certified().ok_or(malformed)
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        let (bytes, rest) = self.0.split_first_chunk::<2>()?;
        self.0 = rest;
        Some(u16::from_be_bytes(*bytes))
    }

    /// TPM2B: a length of two bytes, then that many.
    fn sized(&mut self) -> Option<&'a [u8]> {
        let length = self.u16()?;
        self.take(usize::from(length))
    }

    /// A scheme that signs, with its hash; or none yet.
    fn scheme(&mut self, signing: &[u16]) -> Option<()> {
        match self.u16()? {
            ALG_NULL => Some(()),
            scheme if signing.contains(&scheme) => self.u16().map(|_| ()),
            _ => None,
        }
    }

    /// Some makers leave out the hash of a named scheme. Only one of the two readings fits the length.
    fn rsa(&mut self) -> Option<PublicKey<'a>> {
        let mut without_hash = Reader(self.0);
        self.scheme(&[ALG_RSASSA, ALG_RSAPSS])?;
        if let Some(key) = self.rsa_behind_scheme() {
            return Some(key);
        }
        without_hash.u16()?;
        self.0 = without_hash.0;
        self.rsa_behind_scheme()
    }

    fn rsa_behind_scheme(&mut self) -> Option<PublicKey<'a>> {
        let bits = self.u16()?;
        let exponent = self.take(4)?;
        let modulus = without_leading_zeros(self.sized()?);
        let usual = [0x01, 0x00, 0x01];
        let exponent = match without_leading_zeros(exponent) {
            [] => usual.to_vec(),
            exponent => exponent.to_vec(),
        };
        let complete = self.is_empty() && modulus.len() * 8 == usize::from(bits);
        complete.then_some(PublicKey::Rsa { modulus, exponent })
    }

    fn ecc(&mut self) -> Option<PublicKey<'a>> {
        self.scheme(&[ALG_ECDSA])?;
        let curve = match self.u16()? {
            0x0003 => Curve::P256,
            0x0004 => Curve::P384,
            0x0005 => Curve::P521,
            _ => return None,
        };
        if self.u16()? != ALG_NULL {
            self.u16()?;
        }
        Some(PublicKey::Ecc {
            curve,
            x: self.sized()?,
            y: self.sized()?,
        })
    }

    /// What follows magic and type: signer, extra data, clock (17 bytes), firmware version (8), name, qualified name.
    fn certified(&mut self) -> Option<CertInfo<'a>> {
        self.sized()?;
        let extra_data = self.sized()?;
        self.take(17 + 8)?;
        let name = self.sized()?;
        self.sized()?;
        self.is_empty().then_some(CertInfo { extra_data, name })
    }
}
