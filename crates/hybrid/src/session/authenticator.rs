//! The authenticator's side. It answers, and waits for the client to say that this was all.

use super::{Deadline, Limits, SessionError};
use crate::advert::Advert;
use crate::ec::{PublicKey, SecretKey};
use crate::keys::{LinkRoot, PreSharedKey};
use crate::link::{ContactPayload, Offer, write_link, write_update};
use crate::message::{Greeting, Kind, frame, unframe};
use crate::noise::{self, Channel, HandshakeHash, Known};
use crate::qr::Handshake;
use std::time::Duration;

/// The commands that go through hybrid transport (CTAP 2.2, section 11.5), by number.
const MAKE_CREDENTIAL: u8 = 0x01;
const GET_ASSERTION: u8 = 0x02;
const GET_INFO: u8 = 0x04;
/// The status that precedes an answer.
const SUCCESS: u8 = 0x00;
const INVALID_COMMAND: u8 = 0x01;

/// The advert is on the air; nobody has called yet.
#[derive(Debug)]
pub struct Advertised {
    side: Side,
    psk: PreSharedKey,
    limits: Limits,
    deadline: Deadline,
}

/// What the authenticator brings into the handshake.
#[derive(Debug)]
enum Side {
    Code { client: PublicKey, linkable: bool },
    Link { identity: SecretKey },
}

/// Connected; waiting for the client.
#[derive(Debug)]
pub struct Serving {
    channel: Channel,
    get_info: Vec<u8>,
    linking: Option<(PublicKey, HandshakeHash)>,
    requests_left: u32,
    limits: Limits,
    deadline: Deadline,
}

/// A request is here; the client waits.
#[derive(Debug)]
pub struct Answering {
    serving: Serving,
    request: Vec<u8>,
}

/// The client said that this was all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

/// What a message of the client was.
#[derive(Debug)]
pub enum Heard {
    /// A command for the authenticator.
    Request(Answering),
    /// Something the transport answers by itself: authenticatorGetInfo, or a command that does not go through it. The
    /// message is to be sent.
    Answered(Serving, Vec<u8>),
    /// The end.
    Shutdown(Closed),
}

impl Advertised {
    /// For a QR code, and the advert that answers it.
    ///
    /// # Errors
    /// [`SessionError::ClientKey`] or [`SessionError::Key`].
    pub fn by_code(
        code: &Handshake,
        advert: &Advert,
        limits: Limits,
        now: Duration,
    ) -> Result<Self, SessionError> {
        // Absent means no (CTAP 2.2, section 11.5.1). The first browsers meant by it that they put no type before their frames;
        // none in use does, and such frames are refused when they come.
        let linkable = code.state_assisted.unwrap_or(false);
        Ok(Self {
            side: Side::Code {
                client: PublicKey::from_compressed(&code.client_key)?,
                linkable,
            },
            psk: PreSharedKey::derive(&code.secret, &advert.to_eid())?,
            limits,
            deadline: Deadline::after(now, limits.handshake),
        })
    }

    /// For a linked client that called through the tunnel service.
    ///
    /// # Errors
    /// [`SessionError::Key`].
    pub fn by_link(
        root: &LinkRoot,
        contact_id: &[u8],
        payload: &ContactPayload,
        advert: &Advert,
        limits: Limits,
        now: Duration,
    ) -> Result<Self, SessionError> {
        let secret = root.secret(contact_id, &payload.link_id)?;
        Ok(Self {
            side: Side::Link {
                identity: root.identity()?,
            },
            psk: PreSharedKey::derive_linked(&secret, &advert.to_eid())?,
            limits,
            deadline: Deadline::after(now, limits.handshake),
        })
    }

    /// When to take the advert off the air.
    #[must_use]
    pub const fn deadline(&self) -> Duration {
        self.deadline.0
    }

    /// Reads the client's first message. The two messages that come back are to be sent in this order: the handshake's
    /// answer and the greeting, which carries `get_info` (the answer to authenticatorGetInfo without its status).
    ///
    /// # Errors
    /// [`SessionError::Channel`]: whoever did not see the code and hear the advert fails here.
    pub fn handshake(
        self,
        message: &[u8],
        ephemeral: &SecretKey,
        get_info: &[u8],
        now: Duration,
    ) -> Result<(Serving, [Vec<u8>; 2]), SessionError> {
        self.deadline.check(now)?;
        let known = match &self.side {
            Side::Code { client, .. } => Known::ClientKey(client),
            Side::Link { identity } => Known::AuthenticatorSecret(identity),
        };
        let (mut channel, hash, answer) = noise::answer(known, &self.psk, ephemeral, message)?;
        let greeting = channel.seal(&Greeting::write(get_info))?;
        let linking = match self.side {
            Side::Code {
                client,
                linkable: true,
            } => Some((client, hash)),
            _ => None,
        };
        let serving = Serving {
            channel,
            get_info: get_info.to_vec(),
            linking,
            requests_left: self.limits.requests,
            limits: self.limits,
            deadline: Deadline::after(now, self.limits.silence),
        };
        Ok((serving, [answer, greeting]))
    }
}

impl Serving {
    /// When to hang up if nothing comes.
    #[must_use]
    pub const fn deadline(&self) -> Duration {
        self.deadline.0
    }

    /// Reads a message of the client.
    ///
    /// # Errors
    /// [`SessionError`] names what the client did wrong.
    pub fn hear(mut self, message: &[u8], now: Duration) -> Result<Heard, SessionError> {
        self.deadline.check(now)?;
        match unframe(self.channel.open(message)?)? {
            (Kind::Shutdown, _) => Ok(Heard::Shutdown(Closed)),
            (Kind::Ctap, request) => self.request(request, now),
            // Updates go the other way, and JSON was not offered in the greeting.
            (Kind::Update | Kind::Json, _) => Err(SessionError::UnexpectedFrame),
        }
    }

    /// The update that follows the greeting, once. With an offer it links the client; without, it looks the same from outside. It may
    /// come at any time, but a client goes as soon as it has its answer, and libwebauthn then reads nothing more.
    ///
    /// # Errors
    /// [`SessionError::NotLinkable`] if the client did not ask for links, [`SessionError::Link`] if the offer is too long.
    pub fn update(
        mut self,
        offer: Option<(&Offer, &LinkRoot)>,
    ) -> Result<(Self, Vec<u8>), SessionError> {
        let link = match (offer, &self.linking) {
            (None, _) => None,
            (Some(_), None) => return Err(SessionError::NotLinkable),
            (Some((offer, root)), Some((client, hash))) => {
                Some(write_link(offer, root, client, hash)?)
            }
        };
        let message = self
            .channel
            .seal(&frame(Kind::Update, &write_update(link)?))?;
        Ok((self, message))
    }

    fn request(mut self, request: Vec<u8>, now: Duration) -> Result<Heard, SessionError> {
        self.requests_left = self
            .requests_left
            .checked_sub(1)
            .ok_or(SessionError::TooManyRequests)?;
        match request.first() {
            Some(&(MAKE_CREDENTIAL | GET_ASSERTION)) => Ok(Heard::Request(Answering {
                serving: self,
                request,
            })),
            Some(&GET_INFO) if request.len() == 1 => {
                let answer = [&[SUCCESS], self.get_info.as_slice()].concat();
                self.say(&answer, now)
            }
            // Above all no PIN and no reset: who sits at the other computer does not manage this authenticator.
            _ => self.say(&[INVALID_COMMAND], now),
        }
    }

    fn say(mut self, answer: &[u8], now: Duration) -> Result<Heard, SessionError> {
        let message = self.channel.seal(&frame(Kind::Ctap, answer))?;
        self.deadline = Deadline::after(now, self.limits.silence);
        Ok(Heard::Answered(self, message))
    }
}

impl Answering {
    /// The command with its number, for the authenticator.
    #[must_use]
    pub fn request(&self) -> &[u8] {
        &self.request
    }

    /// Sends the authenticator's answer, status first. The person may have taken as long as they wanted: it is the client
    /// that decides how long it waits.
    ///
    /// # Errors
    /// [`SessionError::Channel`] if the answer does not fit into one message.
    pub fn answer(self, answer: &[u8], now: Duration) -> Result<(Serving, Vec<u8>), SessionError> {
        let mut serving = self.serving;
        let message = serving.channel.seal(&frame(Kind::Ctap, answer))?;
        serving.deadline = Deadline::after(now, serving.limits.shutdown);
        Ok((serving, message))
    }
}
