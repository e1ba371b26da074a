//! The client's side, as a command line or a test plays it. Only it ends a session in good order.

use super::{Deadline, Limits, SessionError};
use crate::advert::{Advert, AdvertError};
use crate::ec::SecretKey;
use crate::keys::{EidKey, KeyError, PreSharedKey, QR_SECRET};
use crate::link::{Link, read_link, read_update};
use crate::message::{Greeting, Kind, frame, unframe};
use crate::noise::{self, Called, Channel, HandshakeHash, Known};
use crate::qr::{Flow, Handshake};
use crate::tunnel::TunnelDomain;
use std::time::Duration;

/// Domains that this implementation knows: those that were ever assigned.
const KNOWN_DOMAINS: u64 = 2;

/// A client that shows a QR code: its key, and the secret in the code.
#[derive(Clone)]
pub struct QrClient {
    key: SecretKey,
    secret: [u8; QR_SECRET],
    eid_key: EidKey,
}

/// The first message is sent.
#[derive(Debug)]
pub struct Calling {
    called: Called,
    linking: Option<Linking>,
    limits: Limits,
    deadline: Deadline,
}

/// The handshake is done; the greeting is missing.
#[derive(Debug)]
pub struct Shaken(Session);

/// Ready to ask.
#[derive(Debug)]
pub struct Ready(Session);

/// A request is sent.
#[derive(Debug)]
pub struct Asking(Session);

/// The shutdown is sent. A link may still come.
#[derive(Debug)]
pub struct Leaving(Session);

/// What a message of the authenticator was, while it was asked.
#[derive(Debug)]
pub enum Reply {
    /// The answer, status first.
    Answer(Ready, Vec<u8>),
    /// An update, with a link or without; the answer is still to come.
    Update(Asking, Option<Link>),
}

#[derive(Debug)]
struct Session {
    channel: Channel,
    linking: Option<(Linking, HandshakeHash)>,
    limits: Limits,
    deadline: Deadline,
}

/// What a link's proof is checked with.
#[derive(Debug)]
struct Linking {
    key: SecretKey,
    domain: TunnelDomain,
}

impl QrClient {
    /// A client with a fresh key and a fresh secret; both are for one code only.
    ///
    /// # Errors
    /// [`KeyError::Crypto`] if the library fails.
    pub fn new(key: SecretKey, secret: [u8; QR_SECRET]) -> Result<Self, KeyError> {
        Ok(Self {
            key,
            eid_key: EidKey::derive(&secret)?,
            secret,
        })
    }

    /// What its code says.
    #[must_use]
    pub fn code(&self, flow: Flow, made_at: u64) -> Handshake {
        Handshake {
            client_key: self.key.public().to_compressed(),
            secret: self.secret,
            known_domains: KNOWN_DOMAINS,
            made_at: Some(made_at),
            state_assisted: Some(true),
            flow,
            bluetooth_data: false,
        }
    }

    /// Opens an advert that was heard, if it answers this code.
    ///
    /// # Errors
    /// [`AdvertError`]; other people's adverts are [`AdvertError::Tag`].
    pub fn advert(&self, heard: &[u8]) -> Result<Advert, AdvertError> {
        Advert::open(heard, &self.eid_key)
    }
}

impl std::fmt::Debug for QrClient {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("QrClient(secret)")
    }
}

/// Reads the byte by which a tunnel service says that the authenticator has connected, if it announced that it would.
///
/// # Errors
/// [`SessionError::ConnectSignal`] for anything else.
pub const fn connect_signal(message: &[u8]) -> Result<(), SessionError> {
    match message {
        [0] => Ok(()),
        _ => Err(SessionError::ConnectSignal),
    }
}

impl Calling {
    /// Calls the authenticator that answered the QR code. The message is to be sent.
    ///
    /// # Errors
    /// [`SessionError::Key`] or [`SessionError::Channel`] if the library fails.
    pub fn by_code(
        client: &QrClient,
        advert: &Advert,
        ephemeral: &SecretKey,
        limits: Limits,
        now: Duration,
    ) -> Result<(Self, Vec<u8>), SessionError> {
        let psk = PreSharedKey::derive(&client.secret, &advert.to_eid())?;
        let linking = Linking {
            key: client.key.clone(),
            domain: advert.domain,
        };
        let known = Known::ClientSecret(&client.key);
        Self::call(known, &psk, ephemeral, Some(linking), limits, now)
    }

    /// Calls a linked authenticator, whose advert was opened with [`EidKey::derive_linked`].
    ///
    /// # Errors
    /// [`SessionError::Key`] or [`SessionError::Channel`] if the library fails.
    pub fn by_link(
        link: &Link,
        advert: &Advert,
        ephemeral: &SecretKey,
        limits: Limits,
        now: Duration,
    ) -> Result<(Self, Vec<u8>), SessionError> {
        let psk = PreSharedKey::derive_linked(&link.secret, &advert.to_eid())?;
        let known = Known::AuthenticatorKey(&link.authenticator);
        Self::call(known, &psk, ephemeral, None, limits, now)
    }

    fn call(
        known: Known<'_>,
        psk: &PreSharedKey,
        ephemeral: &SecretKey,
        linking: Option<Linking>,
        limits: Limits,
        now: Duration,
    ) -> Result<(Self, Vec<u8>), SessionError> {
        let (called, message) = noise::call(known, psk, ephemeral)?;
        let calling = Self {
            called,
            linking,
            limits,
            deadline: Deadline::after(now, limits.handshake),
        };
        Ok((calling, message))
    }

    /// When to hang up if nothing comes.
    #[must_use]
    pub const fn deadline(&self) -> Duration {
        self.deadline.0
    }

    /// Reads the authenticator's answer to the handshake.
    ///
    /// # Errors
    /// [`SessionError::Channel`]: whoever did not see the code fails here.
    pub fn hear(self, message: &[u8], now: Duration) -> Result<Shaken, SessionError> {
        self.deadline.check(now)?;
        let (channel, hash) = self.called.hear(message)?;
        Ok(Shaken(Session {
            channel,
            linking: self.linking.map(|linking| (linking, hash)),
            limits: self.limits,
            deadline: Deadline::after(now, self.limits.handshake),
        }))
    }
}

impl Shaken {
    /// When to hang up if nothing comes.
    #[must_use]
    pub const fn deadline(&self) -> Duration {
        self.0.deadline.0
    }

    /// Reads the greeting: what the authenticator can do (the answer to authenticatorGetInfo, without its status), and a link
    /// if it sends one at once.
    ///
    /// # Errors
    /// [`SessionError::Greeting`] or [`SessionError::Link`].
    pub fn hear(
        mut self,
        message: &[u8],
        now: Duration,
    ) -> Result<(Ready, Vec<u8>, Option<Link>), SessionError> {
        self.0.deadline.check(now)?;
        let greeting = Greeting::read(&self.0.channel.open(message)?)?;
        let link = match (&greeting.link, &self.0.linking) {
            (Some(link), Some((linking, hash))) => {
                Some(read_link(link, &linking.key, hash, linking.domain)?)
            }
            _ => None,
        };
        self.0.deadline = Deadline::after(now, self.0.limits.silence);
        Ok((Ready(self.0), greeting.get_info, link))
    }
}

impl Ready {
    /// When to hang up if nothing happens.
    #[must_use]
    pub const fn deadline(&self) -> Duration {
        self.0.deadline.0
    }

    /// Sends a command, its number first.
    ///
    /// # Errors
    /// [`SessionError::Channel`] if the command does not fit into one message.
    pub fn request(
        mut self,
        command: &[u8],
        now: Duration,
    ) -> Result<(Asking, Vec<u8>), SessionError> {
        let message = self.0.channel.seal(&frame(Kind::Ctap, command))?;
        self.0.deadline = Deadline::after(now, self.0.limits.silence);
        Ok((Asking(self.0), message))
    }

    /// Reads what comes without having been asked for: an update, nothing else.
    ///
    /// # Errors
    /// [`SessionError::Unsolicited`] for an answer; [`SessionError`] for what is never in order.
    pub fn hear(
        mut self,
        message: &[u8],
        now: Duration,
    ) -> Result<(Self, Option<Link>), SessionError> {
        match self.0.hear(message, now)? {
            Said::Update(link) => Ok((self, link)),
            Said::Answer(_) => Err(SessionError::Unsolicited),
        }
    }

    /// Says that this was all. The message is to be sent.
    ///
    /// # Errors
    /// [`SessionError::Channel`] if the library fails.
    pub fn shutdown(self, now: Duration) -> Result<(Leaving, Vec<u8>), SessionError> {
        self.0.shutdown(now)
    }
}

impl Asking {
    /// When to hang up if nothing comes.
    #[must_use]
    pub const fn deadline(&self) -> Duration {
        self.0.deadline.0
    }

    /// Reads the authenticator's next message.
    ///
    /// # Errors
    /// [`SessionError`] names what the authenticator did wrong.
    pub fn hear(mut self, message: &[u8], now: Duration) -> Result<Reply, SessionError> {
        match self.0.hear(message, now)? {
            Said::Update(link) => Ok(Reply::Update(self, link)),
            Said::Answer(answer) => {
                self.0.deadline = Deadline::after(now, self.0.limits.silence);
                Ok(Reply::Answer(Ready(self.0), answer))
            }
        }
    }

    /// Gives up waiting. The message is to be sent.
    ///
    /// # Errors
    /// [`SessionError::Channel`] if the library fails.
    pub fn shutdown(self, now: Duration) -> Result<(Leaving, Vec<u8>), SessionError> {
        self.0.shutdown(now)
    }
}

impl Leaving {
    /// When to close the tunnel at the latest.
    #[must_use]
    pub const fn deadline(&self) -> Duration {
        self.0.deadline.0
    }

    /// Reads what the authenticator sent before it heard of the end. An answer that crossed the shutdown is dropped.
    ///
    /// # Errors
    /// [`SessionError`] names what the authenticator did wrong.
    pub fn hear(
        mut self,
        message: &[u8],
        now: Duration,
    ) -> Result<(Self, Option<Link>), SessionError> {
        match self.0.hear(message, now)? {
            Said::Update(link) => Ok((self, link)),
            Said::Answer(_) => Ok((self, None)),
        }
    }
}

enum Said {
    Answer(Vec<u8>),
    Update(Option<Link>),
}

impl Session {
    fn hear(&mut self, message: &[u8], now: Duration) -> Result<Said, SessionError> {
        self.deadline.check(now)?;
        match unframe(self.channel.open(message)?)? {
            (Kind::Ctap, answer) => Ok(Said::Answer(answer)),
            (Kind::Update, update) => self.update(&update).map(Said::Update),
            (Kind::Shutdown, _) => Err(SessionError::ShutdownFromAuthenticator),
            (Kind::Json, _) => Err(SessionError::UnexpectedFrame),
        }
    }

    // Over a link nothing new is linked: there is no key of a QR code that the proof could be bound to.
    fn update(&self, update: &[u8]) -> Result<Option<Link>, SessionError> {
        let Some((linking, hash)) = &self.linking else {
            return Ok(None);
        };
        Ok(read_update(update, &linking.key, hash, linking.domain)?)
    }

    fn shutdown(mut self, now: Duration) -> Result<(Leaving, Vec<u8>), SessionError> {
        let message = self.channel.seal(&frame(Kind::Shutdown, &[]))?;
        self.deadline = Deadline::after(now, self.limits.shutdown);
        Ok((Leaving(self), message))
    }
}
