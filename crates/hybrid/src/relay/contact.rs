//! How a tunnel service reaches an authenticator that a client was linked with.
//!
//! Others push to a phone. An authenticator without a push service keeps a connection open and is called over it. Its contact
//! id is the hash of a secret that only it has: every linked client knows the contact id, nobody but the authenticator can
//! listen for it, and the service stores nothing.

use super::RoutingId;
use crate::cbor::{CborError, Value};
use crate::keys::TunnelId;
use crate::link::ContactPayload;
use crate::tunnel::from_hex;
use aws_lc_rs::digest::{SHA256, digest};
use zeroize::Zeroize as _;

/// What makes the hash one of its own kind.
const LABEL: &[u8] = b"keyward hybrid contact";

/// What an authenticator listens with.
#[derive(Clone)]
pub struct ContactSecret([u8; 32]);

/// A linked client asks for this authenticator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// The tunnel at which the client waits.
    pub tunnel: TunnelId,
    /// The machine that has it.
    pub routing: RoutingId,
    /// What the client said.
    pub payload: ContactPayload,
}

/// What the authenticator says to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It will connect to the tunnel.
    Comes,
    /// It knows no such link (any more); the client should forget it.
    Forgotten,
}

/// Why bytes are not a call, or not a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Not CBOR.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// A member is absent or has another form; its key is named.
    #[error("the call has no usable member {0}")]
    Member(u64),
    /// Not one byte and a tunnel id.
    #[error("the verdict is none")]
    Verdict,
}

impl ContactSecret {
    /// A secret of random bytes.
    #[must_use]
    pub const fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// Reads sixty-four digits of either case.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        from_hex(text)?.try_into().ok().map(Self)
    }

    /// Sixty-four digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        crate::tunnel::hex(&self.0)
    }

    /// What linked clients call.
    #[must_use]
    pub fn contact_id(&self) -> [u8; 32] {
        let hash = digest(&SHA256, &[LABEL, &self.0].concat());
        let mut contact = [0; 32];
        for (to, from) in contact.iter_mut().zip(hash.as_ref()) {
            *to = *from;
        }
        contact
    }
}

impl Call {
    /// The message to the authenticator that listens.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let members = [
            (1, Some(Value::Bytes(self.tunnel.0.to_vec()))),
            (2, Some(Value::Bytes(self.routing.0.to_vec()))),
            (3, Some(Value::Bytes(self.payload.to_cbor()))),
        ];
        Value::map(members).encode()
    }

    /// Reads the message.
    ///
    /// # Errors
    /// [`CallError::Cbor`] or [`CallError::Member`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CallError> {
        let value = Value::decode(bytes)?;
        let tunnel = value.member(1).and_then(Value::fixed);
        let routing = value.member(2).and_then(Value::fixed);
        let payload = value
            .member(3)
            .and_then(Value::bytes)
            .and_then(|payload| ContactPayload::from_cbor(payload).ok());
        Ok(Self {
            tunnel: TunnelId(tunnel.ok_or(CallError::Member(1))?),
            routing: RoutingId(routing.ok_or(CallError::Member(2))?),
            payload: payload.ok_or(CallError::Member(3))?,
        })
    }

    /// The authenticator's message about this call: one byte and the tunnel's id.
    #[must_use]
    pub fn verdict(&self, verdict: Verdict) -> [u8; 17] {
        let mut bytes = [0; 17];
        for (to, from) in bytes.iter_mut().skip(1).zip(self.tunnel.0) {
            *to = from;
        }
        if let Some(first) = bytes.first_mut() {
            *first = match verdict {
                Verdict::Forgotten => 0,
                Verdict::Comes => 1,
            };
        }
        bytes
    }
}

impl Verdict {
    /// Reads the authenticator's message: about which tunnel it is, and what it says.
    ///
    /// # Errors
    /// [`CallError::Verdict`].
    pub fn from_bytes(bytes: &[u8]) -> Result<(TunnelId, Self), CallError> {
        let (first, tunnel) = bytes.split_first().ok_or(CallError::Verdict)?;
        let verdict = match first {
            0 => Self::Forgotten,
            1 => Self::Comes,
            _ => return Err(CallError::Verdict),
        };
        let tunnel = tunnel.try_into().map_err(|_| CallError::Verdict)?;
        Ok((TunnelId(tunnel), verdict))
    }
}

impl Drop for ContactSecret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for ContactSecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ContactSecret(secret)")
    }
}
