//! State-assisted linking: after one QR code, a client may reach the authenticator again without another (CTAP 2.2,
//! section 11.5.2).
//!
//! The authenticator hands over where it can be reached, a secret, and its public key, with a proof that is bound to this
//! one handshake: a link that was copied from another connection does not fit.

use crate::cbor::{CborError, Value};
use crate::ec::{PublicKey, SecretKey};
use crate::keys::{LINK_ID, LINK_NONCE, LINK_SECRET, LinkRoot, LinkSecret};
use crate::noise::HandshakeHash;
use crate::qr::Flow;
use crate::tunnel::{TunnelDomain, from_hex, hex};
use aws_lc_rs::hmac;
use zeroize::Zeroize as _;

/// Bytes of a contact id, at most. Tunnel services choose it; the longest known are push tokens of some two hundred bytes.
pub const MAX_CONTACT: usize = 1024;
/// Bytes of the authenticator's name, at most.
pub const MAX_NAME: usize = 256;
/// Characters of the header that a linked client sends.
const MAX_PAYLOAD_HEX: usize = 256;
/// Bytes that the update takes as a plaintext. Whether it carries a link cannot be seen from its length.
const UPDATE: usize = 512;
/// A member that no version has; it fills an update up to its length. Others skip what they do not know.
const FILLER: u64 = 0xffff;

/// What a client keeps of an authenticator.
#[derive(Clone)]
pub struct Link {
    /// Where the tunnel service reaches the authenticator; opaque to the client.
    pub contact_id: Vec<u8>,
    /// Tells the authenticator which of its links this is.
    pub link_id: [u8; LINK_ID],
    /// Known to the two of them only.
    pub secret: LinkSecret,
    /// The authenticator's key.
    pub authenticator: PublicKey,
    /// What the authenticator calls itself; not proven, shown to the person.
    pub name: String,
    /// The tunnel service that the first connection went through.
    pub domain: TunnelDomain,
}

/// What an authenticator offers to link.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Where the tunnel service reaches this authenticator.
    pub contact_id: Vec<u8>,
    /// A fresh identifier.
    pub link_id: [u8; LINK_ID],
    /// What this authenticator calls itself.
    pub name: String,
}

/// Why an update carries no link that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The update is not CBOR.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// The update, or the link in it, is not a map.
    #[error("the update is not a map")]
    NotAMap,
    /// A member of the link is absent, too long or has another form; its key is named.
    #[error("the link has no usable member {0}")]
    Member(u64),
    /// The proof was not made with the key it names, or for another handshake.
    #[error("the link's proof does not fit")]
    Proof,
    /// The offer is longer than an update: a mistake of this side.
    #[error("contact id and name are too long for an update")]
    TooLong,
    /// The library failed.
    #[error("the link could not be computed")]
    Crypto,
}

/// What a linked client tells the authenticator through the tunnel service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContactPayload {
    /// Which link.
    pub link_id: [u8; LINK_ID],
    /// Fresh; keys the advert of this connection.
    pub nonce: [u8; LINK_NONCE],
    /// What the client will ask for.
    pub flow: Flow,
}

/// Why a header is not what a linked client sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// Longer than any client sends.
    #[error("the client payload is too long")]
    TooLong,
    /// Not hexadecimal.
    #[error("the client payload is not hexadecimal")]
    NotHex,
    /// Not CBOR.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// A member is absent or has another form; its key is named.
    #[error("the client payload has no usable member {0}")]
    Member(u64),
}

impl ContactPayload {
    /// The value of the header `X-caBLE-Client-Payload`.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex(&self.to_cbor())
    }

    /// The bytes inside.
    #[must_use]
    pub fn to_cbor(&self) -> Vec<u8> {
        let members = [
            (1, Some(Value::Bytes(self.link_id.to_vec()))),
            (2, Some(Value::Bytes(self.nonce.to_vec()))),
            (3, Some(Value::Text(self.flow.name().to_owned()))),
        ];
        Value::map(members).encode()
    }

    /// Reads the value of the header.
    ///
    /// # Errors
    /// [`PayloadError`] names the first rule that the text breaks.
    pub fn from_hex(text: &str) -> Result<Self, PayloadError> {
        if text.len() > MAX_PAYLOAD_HEX {
            return Err(PayloadError::TooLong);
        }
        Self::from_cbor(&from_hex(text).ok_or(PayloadError::NotHex)?)
    }

    /// Reads the bytes inside.
    ///
    /// # Errors
    /// [`PayloadError`] names the first rule that the bytes break.
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, PayloadError> {
        let value = Value::decode(bytes)?;
        Ok(Self {
            link_id: value
                .member(1)
                .and_then(Value::fixed)
                .ok_or(PayloadError::Member(1))?,
            nonce: value
                .member(2)
                .and_then(Value::fixed)
                .ok_or(PayloadError::Member(2))?,
            flow: value
                .member(3)
                .and_then(Flow::read)
                .ok_or(PayloadError::Member(3))?,
        })
    }
}

/// The authenticator's update: a link, or nothing, in the same length.
pub(crate) fn write_update(link: Option<Value>) -> Result<Vec<u8>, LinkError> {
    let bare = Value::map([(1, link.clone())]).encode().len();
    // Type byte and padding length take one byte each, the filler's key three, its length at most three.
    let room = (UPDATE - 2)
        .checked_sub(bare + 6)
        .ok_or(LinkError::TooLong)?;
    let filler = Value::Bytes(vec![0; room]);
    Ok(Value::map([(1, link), (FILLER, Some(filler))]).encode())
}

/// The map of a link, with its proof.
pub(crate) fn write_link(
    offer: &Offer,
    root: &LinkRoot,
    client: &PublicKey,
    hash: &HandshakeHash,
) -> Result<Value, LinkError> {
    let identity = root.identity().map_err(|_| LinkError::Crypto)?;
    let secret = root
        .secret(&offer.contact_id, &offer.link_id)
        .map_err(|_| LinkError::Crypto)?;
    let proof = hmac::sign(&proof_key(&identity, client)?, hash);
    Ok(Value::map([
        (1, Some(Value::Bytes(offer.contact_id.clone()))),
        (2, Some(Value::Bytes(offer.link_id.to_vec()))),
        (3, Some(Value::Bytes(secret.expose().to_vec()))),
        (4, Some(Value::Bytes(identity.public().as_bytes().to_vec()))),
        (5, Some(Value::Text(offer.name.clone()))),
        (6, Some(Value::Bytes(proof.as_ref().to_vec()))),
    ]))
}

/// Reads an update: the link in it, if the authenticator wants to be linked.
pub(crate) fn read_update(
    update: &[u8],
    client: &SecretKey,
    hash: &HandshakeHash,
    domain: TunnelDomain,
) -> Result<Option<Link>, LinkError> {
    let update = Value::decode(update)?;
    if !matches!(update, Value::Map(_)) {
        return Err(LinkError::NotAMap);
    }
    let link = update.member(1);
    link.map(|link| read_link(link, client, hash, domain))
        .transpose()
}

/// Reads the map of a link, which may also stand in the message after the handshake.
pub(crate) fn read_link(
    link: &Value,
    client: &SecretKey,
    hash: &HandshakeHash,
    domain: TunnelDomain,
) -> Result<Link, LinkError> {
    if !matches!(link, Value::Map(_)) {
        return Err(LinkError::NotAMap);
    }
    let member = |key| link.member(key).ok_or(LinkError::Member(key));
    let authenticator = member(4)?
        .bytes()
        .and_then(|bytes| PublicKey::from_uncompressed(bytes).ok())
        .ok_or(LinkError::Member(4))?;
    let proof: [u8; 32] = member(6)?.fixed().ok_or(LinkError::Member(6))?;
    // In constant time, by the library.
    hmac::verify(&proof_key(client, &authenticator)?, hash, &proof)
        .map_err(|_| LinkError::Proof)?;
    let secret: [u8; LINK_SECRET] = member(3)?.fixed().ok_or(LinkError::Member(3))?;
    Ok(Link {
        contact_id: member(1)?
            .bytes()
            .filter(|contact| (1..=MAX_CONTACT).contains(&contact.len()))
            .ok_or(LinkError::Member(1))?
            .to_vec(),
        link_id: member(2)?.fixed().ok_or(LinkError::Member(2))?,
        secret: LinkSecret::new(secret),
        authenticator,
        name: member(5)?
            .text()
            .filter(|name| name.len() <= MAX_NAME)
            .ok_or(LinkError::Member(5))?
            .to_owned(),
        domain,
    })
}

/// Only the two can compute it: from either private key and the other's public one.
fn proof_key(own: &SecretKey, other: &PublicKey) -> Result<hmac::Key, LinkError> {
    let mut shared = own.agree(other).map_err(|_| LinkError::Crypto)?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &shared);
    shared.zeroize();
    Ok(key)
}

impl std::fmt::Debug for Link {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Link")
            .field("name", &self.name)
            .field("domain", &self.domain)
            .finish_non_exhaustive()
    }
}
