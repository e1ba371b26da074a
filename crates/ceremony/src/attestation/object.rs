//! The attestation object: format, authenticator data, statement (L3 section 6.5.4).

use aws_lc_rs::digest;

use super::AttestationFormat;
use crate::Refusal;
use crate::cbor::{self, Mode, Value};

/// The longest attestation object that is read, in bytes.
pub const MAX_ATTESTATION_OBJECT: usize = 64 * 1024;

/// An attestation object, borrowed from its bytes.
#[derive(Debug)]
pub struct AttestationObject<'a> {
    /// `fmt`; `None` if it is not text.
    pub format_name: Option<&'a str>,
    /// `authData`, byte for byte as received.
    pub authenticator_data: &'a [u8],
    /// `attStmt`, judged by its format.
    pub statement: Value<'a>,
}

impl<'a> AttestationObject<'a> {
    /// Reads an attestation object. Clients wrap what the authenticator sent, and not all of them write canonical CBOR (indefinite
    /// lengths, unsorted keys), so this is read tolerantly. Nothing but the authenticator data is signed.
    ///
    /// # Errors
    /// [`Refusal::MalformedAttestationObject`], [`Refusal::TrailingBytes`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        if bytes.len() > MAX_ATTESTATION_OBJECT {
            return Err(Refusal::MalformedAttestationObject);
        }
        let malformed = Refusal::MalformedAttestationObject;
        let (value, rest) = cbor::decode_first(bytes, Mode::Tolerant).map_err(|_| malformed)?;
        let object = Self::from_value(&value).ok_or(malformed)?;
        if !rest.is_empty() {
            return Err(Refusal::TrailingBytes);
        }
        Ok(object)
    }

    fn from_value(value: &Value<'a>) -> Option<Self> {
        let map = value.as_map()?;
        Some(Self {
            format_name: map.get("fmt")?.as_text(),
            authenticator_data: map.get("authData")?.as_bytes()?,
            statement: map.get("attStmt")?.clone(),
        })
    }

    /// The certificate that the statement names first, if it names any: whose it is was judged at registration.
    #[must_use]
    pub fn leaf_certificate(&self) -> Option<Vec<u8>> {
        let list = self.statement.as_map()?.get("x5c")?.as_array()?;
        list.first()?.as_bytes().map(<[u8]>::to_vec)
    }

    /// L3 section 7.1 step 21.
    ///
    /// # Errors
    /// [`Refusal::UnknownAttestationFormat`].
    pub fn format(&self) -> Result<AttestationFormat, Refusal> {
        self.format_name
            .and_then(AttestationFormat::from_name)
            .ok_or(Refusal::UnknownAttestationFormat)
    }
}

/// The thumbprint (SHA-1 of the whole, in hexadecimal digits, as directories name certificates) of the certificate that stands first
/// in a stored attestation object.
#[must_use]
pub fn leaf_thumbprint(attestation_object: &[u8]) -> Option<String> {
    let certificate = AttestationObject::parse(attestation_object)
        .ok()?
        .leaf_certificate()?;
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &certificate);
    let digits = hash.as_ref().iter().map(|byte| format!("{byte:02x}"));
    Some(digits.collect())
}
