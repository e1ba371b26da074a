//! Hybrid transport, the authenticator's side: the shell carries bytes between the tunnel and this.
//!
//! ```text
//!   answer_code ──► tunnel_url: open it, asking for the subprotocol `fido.cable`
//!        header X-caBLE-Routing-ID ──► advert: 20 bytes to put on the air
//!        each frame of the tunnel ──► hear: frames to send; the first one ends the advert
//!        hear says `ended` ──► close the tunnel
//! ```

use crate::app::{AppError, PasskeyApp};
use crate::randomness;
use authenticator::device::policy::Front;
use hybrid::relay::RoutingId;
use hybrid::session::{Advertised, Answering, Heard, Serving};
use hybrid::tunnel::new_url;
use hybrid::{Advert, EidKey, Handshake, Limits, SecretKey, SessionError, TunnelDomain, TunnelId};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};

/// Why a session did not go on. After any of them but [`HybridFault::OutOfOrder`] [`HybridSession::hear`] will not go on either: the
/// session is over, and nothing is left of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum HybridFault {
    /// A rule said no before anything was sent (R5).
    #[error("refused: {code}")]
    Refused {
        /// The code of the refusal.
        code: String,
    },
    /// No tunnel service has this number.
    #[error("there is no such tunnel service")]
    UnknownTunnelService,
    /// The tunnel service's routing identifier is none.
    #[error("the tunnel service's routing identifier is malformed")]
    RoutingId,
    /// The session is not at this point, or is over.
    #[error("the session is not at this point")]
    OutOfOrder,
    /// The other side took too long.
    #[error("the other side took too long")]
    TookTooLong,
    /// The other side did not see the code and hear the advert, or a message was changed on its way.
    #[error("the encrypted channel is broken")]
    Channel,
    /// The other side broke the protocol.
    #[error("the other side broke the protocol")]
    Protocol,
    /// The other side asked for more than one session may.
    #[error("too many requests in one session")]
    TooManyRequests,
    /// The app could not be asked.
    #[error(transparent)]
    App {
        /// Why.
        fault: AppError,
    },
    /// There is no randomness.
    #[error("the system gives no randomness")]
    NoRandomness,
}

impl From<AppError> for HybridFault {
    fn from(fault: AppError) -> Self {
        Self::App { fault }
    }
}

impl From<SessionError> for HybridFault {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Late => Self::TookTooLong,
            SessionError::TooManyRequests => Self::TooManyRequests,
            SessionError::Channel(_) | SessionError::Key(_) => Self::Channel,
            _ => Self::Protocol,
        }
    }
}

/// What comes of a frame.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct HybridStep {
    /// Frames to send, in this order.
    pub frames: Vec<Vec<u8>>,
    /// Whether the session is over: close the tunnel.
    pub ended: bool,
}

/// A conversation with a device that shows a QR code.
#[derive(uniffi::Object)]
pub struct HybridSession {
    app: Arc<PasskeyApp>,
    tunnel_url: String,
    state: Mutex<State>,
}

enum State {
    Opening(Box<(Handshake, TunnelDomain)>),
    Advertised(Box<Advertised>),
    Serving(Box<Serving>),
    Over,
}

impl std::fmt::Debug for HybridSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HybridSession")
    }
}

#[uniffi::export]
impl HybridSession {
    /// The address at which to open the tunnel.
    pub fn tunnel_url(&self) -> String {
        self.tunnel_url.clone()
    }

    /// The service data to put on the air, once the tunnel is open. `routing_id` is the tunnel service's header
    /// `X-caBLE-Routing-ID`: six hexadecimal digits.
    ///
    /// # Errors
    /// [`HybridFault::RoutingId`], [`HybridFault::OutOfOrder`], [`HybridFault::Protocol`] and others.
    pub fn advert(&self, routing_id: &str) -> Result<Vec<u8>, HybridFault> {
        let routing_id = RoutingId::from_hex(routing_id).ok_or(HybridFault::RoutingId)?;
        let mut state = self.enter()?;
        let State::Opening(opening) = &*state else {
            return Err(HybridFault::OutOfOrder);
        };
        let (code, domain) = &**opening;
        let advert = Advert {
            nonce: randomness::bytes().ok_or(HybridFault::NoRandomness)?,
            routing_id: routing_id.0,
            domain: *domain,
        };
        let key = EidKey::derive(&code.secret).map_err(SessionError::from)?;
        let sealed = advert.seal(&key).map_err(|_| HybridFault::Channel)?;
        let now = self.app.now()?;
        let advertised = Advertised::by_code(code, &advert, Limits::default(), now)?;
        *state = State::Advertised(Box::new(advertised));
        Ok(sealed.to_vec())
    }

    /// Reads a frame of the tunnel. A request asks the person; the answer is among the frames to send.
    ///
    /// # Errors
    /// [`HybridFault`]; the session is over.
    pub fn hear(&self, frame: Vec<u8>) -> Result<HybridStep, HybridFault> {
        let mut state = self.enter()?;
        // What is taken out is put back only by what went well.
        match std::mem::replace(&mut *state, State::Over) {
            State::Advertised(advertised) => {
                let (next, step) = self.shake(*advertised, &frame)?;
                *state = next;
                Ok(step)
            }
            State::Serving(serving) => {
                let (next, step) = self.serve(*serving, &frame)?;
                *state = next;
                Ok(step)
            }
            waiting @ (State::Opening(_) | State::Over) => {
                *state = waiting;
                Err(HybridFault::OutOfOrder)
            }
        }
    }

    /// When to take the advert off the air, or to hang up if nothing comes: on the clock of the surroundings. Nothing if there is
    /// nothing to wait for.
    ///
    /// # Errors
    /// [`HybridFault::App`].
    pub fn deadline_ms(&self) -> Result<Option<u64>, HybridFault> {
        let deadline = match &*self.enter()? {
            State::Advertised(advertised) => advertised.deadline(),
            State::Serving(serving) => serving.deadline(),
            State::Opening(_) | State::Over => return Ok(None),
        };
        Ok(Some(
            u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX),
        ))
    }

    /// Ends the session: the person called it off, or the tunnel is gone.
    ///
    /// # Errors
    /// [`HybridFault::App`].
    pub fn end(&self) -> Result<(), HybridFault> {
        *self.enter()? = State::Over;
        Ok(())
    }
}

impl HybridSession {
    pub(crate) fn begin(
        app: Arc<PasskeyApp>,
        code: &Handshake,
        tunnel_domain: u16,
    ) -> Result<Self, HybridFault> {
        let domain =
            TunnelDomain::new(tunnel_domain).map_err(|_| HybridFault::UnknownTunnelService)?;
        let tunnel = TunnelId::derive(&code.secret).map_err(SessionError::from)?;
        Ok(Self {
            app,
            tunnel_url: new_url(domain, tunnel),
            state: Mutex::new(State::Opening(Box::new((code.clone(), domain)))),
        })
    }

    fn shake(
        &self,
        advertised: Advertised,
        frame: &[u8],
    ) -> Result<(State, HybridStep), HybridFault> {
        let random = randomness::bytes().ok_or(HybridFault::NoRandomness)?;
        let ephemeral = SecretKey::from_random(&random).map_err(SessionError::from)?;
        let info = self.get_info()?;
        let now = self.app.now()?;
        let (serving, frames) = advertised.handshake(frame, &ephemeral, &info, now)?;
        Ok((State::Serving(Box::new(serving)), step(frames.into())))
    }

    fn serve(&self, serving: Serving, frame: &[u8]) -> Result<(State, HybridStep), HybridFault> {
        match serving.hear(frame, self.app.now()?)? {
            Heard::Request(answering) => self.obey(answering),
            Heard::Answered(serving, answer) => {
                Ok((State::Serving(Box::new(serving)), step(vec![answer])))
            }
            Heard::Shutdown(_) => Ok((
                State::Over,
                HybridStep {
                    frames: Vec::new(),
                    ended: true,
                },
            )),
        }
    }

    fn obey(&self, answering: Answering) -> Result<(State, HybridStep), HybridFault> {
        let answer = self.app.answer(answering.request(), Front::CrossDevice)?;
        let (serving, answer) = answering.answer(&answer, self.app.now()?)?;
        // Some clients wait for it.
        let (serving, update) = serving.update(None)?;
        Ok((
            State::Serving(Box::new(serving)),
            step(vec![answer, update]),
        ))
    }

    /// The answer to authenticatorGetInfo without its status, for the greeting.
    fn get_info(&self) -> Result<Vec<u8>, HybridFault> {
        const GET_INFO: u8 = 0x04;
        let answer = self.app.answer(&[GET_INFO], Front::CrossDevice)?;
        match answer.split_first() {
            Some((0, info)) => Ok(info.to_vec()),
            _ => Err(HybridFault::Protocol),
        }
    }

    fn enter(&self) -> Result<MutexGuard<'_, State>, HybridFault> {
        self.state.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => AppError::Busy.into(),
            TryLockError::Poisoned(_) => AppError::Broken.into(),
        })
    }
}

const fn step(frames: Vec<Vec<u8>>) -> HybridStep {
    HybridStep {
        frames,
        ended: false,
    }
}
