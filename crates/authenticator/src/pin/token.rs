//! The PIN/UV auth token: what a verified person lets a program do, for how long (CTAP 2.2, section 6.5.2.1).

use super::protocol::Protocol;
use crate::env::{Env, Milliseconds};
use crate::status::Status;
use zeroize::Zeroizing;

/// Permissions of a token (CTAP 2.2, section 6.5.5.7), as bits.
pub mod permissions {
    /// makeCredential.
    pub const MAKE_CREDENTIAL: u8 = 0x01;
    /// getAssertion.
    pub const GET_ASSERTION: u8 = 0x02;
    /// Credential management.
    pub const CREDENTIAL_MANAGEMENT: u8 = 0x04;
    /// Biometric enrolment; never given here, because the system below enrols.
    pub const BIO_ENROLLMENT: u8 = 0x08;
    /// Writing the large blob array.
    pub const LARGE_BLOB_WRITE: u8 = 0x10;
    /// authenticatorConfig.
    pub const AUTHENTICATOR_CONFIGURATION: u8 = 0x20;
}

/// An unused token lives this long, in milliseconds.
const FIRST_USE_WITHIN: u64 = 30_000;
/// Any token lives this long, in milliseconds.
const LIFETIME: u64 = 600_000;
/// The touch that came with built-in verification counts this long, in milliseconds.
const PRESENCE: u64 = 30_000;

/// A proof that came with a command: the tag of a message under the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PinAuth {
    pub protocol: Protocol,
    pub tag: Vec<u8>,
}

/// A token in use.
pub(crate) struct Token {
    value: Zeroizing<[u8; 32]>,
    protocol: Protocol,
    permissions: u8,
    rp_id: Option<String>,
    present: bool,
    verified: bool,
    used: bool,
    begun: Milliseconds,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}

impl Token {
    /// `resetPinUvAuthToken` and `beginUsingPinUvAuthToken`.
    pub(crate) fn issue(
        env: &mut impl Env,
        protocol: Protocol,
        permissions: u8,
        rp_id: Option<String>,
        present: bool,
    ) -> Result<Self, Status> {
        let mut value = Zeroizing::new([0; 32]);
        env.random(value.as_mut_slice())?;
        Ok(Self {
            value,
            protocol,
            permissions,
            rp_id,
            present,
            verified: true,
            used: false,
            begun: env.now(),
        })
    }

    pub(crate) fn value(&self) -> &[u8; 32] {
        &self.value
    }

    /// Whether the token may still be used at `now`.
    pub(crate) const fn lives(&self, now: Milliseconds) -> bool {
        let age = now.since(self.begun);
        age <= LIFETIME && (self.used || age <= FIRST_USE_WITHIN)
    }

    /// Checks a proof over `message`. The tag comes first: whoever does not hold the token learns nothing of its permissions.
    pub(crate) fn check(
        &mut self,
        proof: &PinAuth,
        message: &[&[u8]],
        permission: u8,
    ) -> Result<(), Status> {
        let right = proof.protocol == self.protocol
            && self
                .protocol
                .verifies(self.value.as_slice(), message, &proof.tag);
        if !right {
            return Err(Status::PinAuthInvalid);
        }
        self.used = true;
        if self.permissions & permission == 0 {
            return Err(Status::PinAuthInvalid);
        }
        Ok(())
    }

    /// Binds the token to a relying party at its first registration or sign-in, and holds it there.
    pub(crate) fn bind(&mut self, rp_id: &str) -> Result<(), Status> {
        if !self.verified || self.rp_id.as_deref().is_some_and(|bound| bound != rp_id) {
            return Err(Status::PinAuthInvalid);
        }
        self.rp_id = Some(rp_id.to_owned());
        Ok(())
    }

    pub(crate) fn rp_id(&self) -> Option<&str> {
        self.rp_id.as_deref()
    }

    /// Whether the touch at its issue still counts.
    pub(crate) const fn shows_presence(&self, now: Milliseconds) -> bool {
        self.present && now.since(self.begun) <= PRESENCE
    }

    /// After one registration or sign-in: no second one with the same token (section 6.5.2.1).
    pub(crate) const fn spend(&mut self) {
        self.present = false;
        self.verified = false;
        self.permissions &= permissions::LARGE_BLOB_WRITE;
    }
}
