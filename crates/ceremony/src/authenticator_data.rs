//! Authenticator data (L3 section 6.1).

use crate::cbor::{self, Map, Mode, Value};
use crate::cose::{self, CoseKey};
use crate::extensions::AuthenticatorOutputs;
use crate::{Aaguid, CredentialId, Refusal, RpId, UserPresence};

/// The flags byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags(u8);

impl Flags {
    /// User present (bit 0).
    #[must_use]
    pub const fn user_present(self) -> bool {
        self.0 & 0x01 != 0
    }

    /// User verified (bit 2).
    #[must_use]
    pub const fn user_verified(self) -> bool {
        self.0 & 0x04 != 0
    }

    /// Backup eligible (bit 3).
    #[must_use]
    pub const fn backup_eligible(self) -> bool {
        self.0 & 0x08 != 0
    }

    /// Backed up (bit 4).
    #[must_use]
    pub const fn backed_up(self) -> bool {
        self.0 & 0x10 != 0
    }

    /// Attested credential data follows (bit 6).
    #[must_use]
    pub const fn attested(self) -> bool {
        self.0 & 0x40 != 0
    }

    /// Extension outputs follow (bit 7).
    #[must_use]
    pub const fn extensions(self) -> bool {
        self.0 & 0x80 != 0
    }

    /// L3 section 7.1 steps 15-16, 7.2 steps 16-17.
    pub(crate) fn verify_user(
        self,
        presence: UserPresence,
        verification_required: bool,
    ) -> Result<(), Refusal> {
        if presence == UserPresence::Required && !self.user_present() {
            return Err(Refusal::UpNotSet);
        }
        if verification_required && !self.user_verified() {
            return Err(Refusal::UvRequiredNotSet);
        }
        Ok(())
    }

    /// L3 section 7.1 step 17, 7.2 step 18: what is not backup eligible is not backed up.
    pub(crate) const fn verify_backup(self) -> Result<(), Refusal> {
        if self.backed_up() && !self.backup_eligible() {
            return Err(Refusal::BsWithoutBe);
        }
        Ok(())
    }
}

/// Attested credential data (L3 section 6.5.1).
#[derive(Debug)]
pub struct AttestedCredential<'a> {
    /// The authenticator model.
    pub aaguid: Aaguid,
    /// The credential id as attested, of any length.
    pub credential_id: &'a [u8],
    /// The credential key, not validated yet.
    pub key: CoseKey<'a>,
}

/// Authenticator data, read to its last byte.
#[derive(Debug)]
pub struct AuthenticatorData<'a> {
    /// The bytes as received: what signatures cover.
    pub bytes: &'a [u8],
    /// SHA-256 of the RP ID.
    pub rp_id_hash: &'a [u8; 32],
    /// The flags.
    pub flags: Flags,
    /// The signature counter.
    pub sign_count: u32,
    /// The new credential, if the flag says so.
    pub attested: Option<AttestedCredential<'a>>,
    /// The extension outputs, if the flag says so.
    pub extensions: Option<Map<'a>>,
}

impl<'a> AuthenticatorData<'a> {
    /// Reads all of it; the flags decide what must be there.
    ///
    /// # Errors
    /// [`Refusal::MalformedAuthenticatorData`], [`Refusal::MalformedCoseKey`], [`Refusal::TrailingBytes`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let (header, rest) = Header::read(bytes)?;
        header.parse_rest(bytes, rest)
    }

    /// Reads the authenticator data of a registration, which must attest a credential.
    ///
    /// # Errors
    /// [`Refusal::AtFlagMissing`], and those of [`Self::parse`].
    pub fn parse_attested(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let (header, rest) = Header::read(bytes)?;
        if !header.flags.attested() {
            return Err(Refusal::AtFlagMissing);
        }
        header.parse_rest(bytes, rest)
    }

    /// L3 section 7.1 step 14, 7.2 step 15.
    pub(crate) fn verify_rp_id(&self, rp_id: &RpId) -> Result<(), Refusal> {
        if self.rp_id_hash != rp_id.hash() {
            return Err(Refusal::RpIdHashMismatch);
        }
        Ok(())
    }

    /// The extension outputs as typed facts; ill-typed ones are passed over (L3 section 7.1 step 28, 7.2 step 23).
    #[must_use]
    pub fn outputs(&self) -> AuthenticatorOutputs {
        self.extensions
            .as_ref()
            .map(AuthenticatorOutputs::from_map)
            .unwrap_or_default()
    }
}

struct Header<'a> {
    rp_id_hash: &'a [u8; 32],
    flags: Flags,
    sign_count: u32,
}

impl<'a> Header<'a> {
    fn read(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Refusal> {
        let (rp_id_hash, rest) = bytes
            .split_first_chunk::<32>()
            .ok_or(Refusal::MalformedAuthenticatorData)?;
        let (flags, rest) = rest
            .split_first()
            .ok_or(Refusal::MalformedAuthenticatorData)?;
        let (count, rest) = rest
            .split_first_chunk::<4>()
            .ok_or(Refusal::MalformedAuthenticatorData)?;
        Ok((
            Self {
                rp_id_hash,
                flags: Flags(*flags),
                sign_count: u32::from_be_bytes(*count),
            },
            rest,
        ))
    }

    fn parse_rest(
        self,
        bytes: &'a [u8],
        mut rest: &'a [u8],
    ) -> Result<AuthenticatorData<'a>, Refusal> {
        let mut attested = None;
        let mut extensions = None;
        if self.flags.attested() {
            let (credential, behind) = read_attested(rest)?;
            (attested, rest) = (Some(credential), behind);
        }
        if self.flags.extensions() {
            let (map, behind) = read_extensions(rest)?;
            (extensions, rest) = (Some(map), behind);
        }
        if !rest.is_empty() {
            return Err(Refusal::TrailingBytes);
        }
        let Self {
            rp_id_hash,
            flags,
            sign_count,
        } = self;
        Ok(AuthenticatorData {
            bytes,
            rp_id_hash,
            flags,
            sign_count,
            attested,
            extensions,
        })
    }
}

fn read_attested(bytes: &[u8]) -> Result<(AttestedCredential<'_>, &[u8]), Refusal> {
    let (aaguid, rest) = bytes
        .split_first_chunk::<16>()
        .ok_or(Refusal::MalformedAuthenticatorData)?;
    let (length, rest) = rest
        .split_first_chunk::<2>()
        .ok_or(Refusal::MalformedAuthenticatorData)?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (credential_id, rest) = rest
        .split_at_checked(length)
        .ok_or(Refusal::MalformedAuthenticatorData)?;
    // A key that is cut off is a fault of the authenticator data; a key that is there and wrong is a fault of the key.
    if cbor::decode_first(rest, Mode::Tolerant) == Err(cbor::CborError::Truncated) {
        return Err(Refusal::MalformedAuthenticatorData);
    }
    let (key, rest) = cose::read_first(rest)?;
    Ok((
        AttestedCredential {
            aaguid: Aaguid::from_bytes(*aaguid),
            credential_id,
            key,
        },
        rest,
    ))
}

fn read_extensions(bytes: &[u8]) -> Result<(Map<'_>, &[u8]), Refusal> {
    match cbor::decode_first(bytes, Mode::Tolerant) {
        Ok((Value::Map(map), rest)) => Ok((map, rest)),
        _ => Err(Refusal::MalformedAuthenticatorData),
    }
}

impl AttestedCredential<'_> {
    /// The credential id, if its length is one that may be stored (L3 section 7.1 step 25).
    ///
    /// # Errors
    /// [`Refusal::CredentialIdLength`].
    pub fn id(&self) -> Result<CredentialId, Refusal> {
        CredentialId::new(self.credential_id)
    }
}
