//! The phone: reads a QR code, opens a tunnel, advertises, and serves until the client says that this was all.

use std::time::Duration;

use anyhow::{Result, bail};
use authenticator::rules::connection::{Clock, Diagnosis, Facts, missing};
use authenticator::rules::cross_device;
use authenticator::{Authenticator, Env};
use hybrid::relay::routing_id;
use hybrid::scan::{NotACode, Scanned};
use hybrid::session::{Advertised, Answering, Heard, Serving};
use hybrid::tunnel::new_url;
use hybrid::{Advert, EidKey, Handshake, Limits, Offer, SecretKey, TunnelDomain, TunnelId};

use crate::faults::{Rules, of_phone};
use crate::keys::Memory;
use crate::links::Links;
use crate::radio::Radio;
use crate::tunnel::{Service, Tunnel};
use crate::{Wall, Watch, random};

/// How long a phone waits for any one message, unless it is told otherwise.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
const GET_INFO: u8 = 4;

/// A phone with its passkeys.
#[derive(Debug)]
pub struct Phone<E = Memory> {
    core: Authenticator<E>,
    /// What clients are linked by; without it none is.
    pub links: Option<Links>,
    /// How long it waits for any one message.
    pub patience: Duration,
    /// Its clock.
    pub wall: Wall,
    /// Whether its core was asked anything in this connection.
    asked: bool,
}

impl Default for Phone {
    fn default() -> Self {
        Self::of(Memory::new())
    }
}

impl Phone {
    /// How many passkeys it holds.
    pub fn count(&self) -> usize {
        self.core.env().count()
    }
}

impl<E: Env + Rules> Phone<E> {
    /// A phone in another world.
    pub fn of(env: E) -> Self {
        Self {
            core: Authenticator::new(env),
            links: None,
            patience: PATIENCE,
            wall: Wall::default(),
            asked: false,
        }
    }

    /// The world around it.
    pub const fn world(&mut self) -> &mut E {
        self.core.env_mut()
    }

    /// Answers the QR code; how many requests it served. If something of the connection is missing, or a rule refused, the error is
    /// a [`Diagnosis`].
    pub async fn answer(
        &mut self,
        code: &str,
        domain: TunnelDomain,
        service: &Service,
        radio: &Radio,
    ) -> Result<u32> {
        let mut facts = Facts {
            clock: Clock::of(self.wall.now(), &self.wall.witnesses()),
            ..Facts::default()
        };
        self.asked = false;
        let answered = self.try_answer(&mut facts, code, domain, service, radio);
        let answered = answered.await;
        // What a rule said counts more than how the other side took it, but only what it said to this one.
        facts.refused = self.core.env().refused().filter(|_| self.asked);
        match (answered, missing(&facts)) {
            (Err(error), _) => Err(of_phone(facts, error, domain)),
            (Ok(_), Some(missing)) => Err(Diagnosis::new(missing, Vec::new()).into()),
            (Ok(served), None) => Ok(served),
        }
    }

    async fn try_answer(
        &mut self,
        facts: &mut Facts,
        code: &str,
        domain: TunnelDomain,
        service: &Service,
        radio: &Radio,
    ) -> Result<u32> {
        let watch = Watch::start();
        let code = self.scan(facts, code)?;
        facts.radio = radio.state().await?;
        if facts.radio != cross_device::Radio::On {
            bail!("a tunnel without an advert would only wait");
        }
        let url = new_url(domain, TunnelId::derive(&code.secret)?);
        let mut tunnel = service.dial(&url).await?;
        let advert = Advert {
            nonce: random()?,
            routing_id: routing_id(&tunnel.routing)?.0,
            domain,
        };
        let advertised = Advertised::by_code(&code, &advert, Limits::default(), watch.elapsed())?;
        let sealed = advert.seal(&EidKey::derive(&code.secret)?)?;
        let offer = match &mut self.links {
            Some(links) if code.state_assisted == Some(true) => Some(links.offer()?),
            _ => None,
        };
        self.meet(advertised, &sealed, &mut tunnel, radio, watch, offer)
            .await
    }

    /// Reads the code. One of another time is a matter of clocks.
    fn scan(&self, facts: &mut Facts, code: &str) -> Result<Handshake> {
        let now = self.wall.now();
        let scanned = Scanned::read(code, now);
        if scanned == Err(NotACode::ClocksDiffer) {
            let made_at = Handshake::from_url(code)?.made_at;
            facts.code = made_at.map(|made_at| (now, made_at));
        }
        Ok(scanned?.handshake)
    }

    /// Advertises until the client calls, then serves it.
    pub(crate) async fn meet(
        &mut self,
        advertised: Advertised,
        sealed: &[u8],
        tunnel: &mut Tunnel,
        radio: &Radio,
        watch: Watch,
        offer: Option<Offer>,
    ) -> Result<u32> {
        let on_air = radio.advertise(sealed).await?;
        let first = tunnel.hear_within(self.patience, false).await;
        // Whatever came of it: the advert is good for one call.
        on_air.end().await?;
        let first = first?;

        let ephemeral = SecretKey::from_random(&random()?)?;
        let info = self.get_info()?;
        let (serving, messages) =
            advertised.handshake(&first, &ephemeral, &info, watch.elapsed())?;
        for message in messages {
            tunnel.say(message).await?;
        }
        let root = self.links.as_ref().map(Links::root);
        let (serving, update) = serving.update(offer.as_ref().zip(root))?;
        tunnel.say(update).await?;
        self.serve(serving, tunnel, watch).await
    }

    fn get_info(&mut self) -> Result<Vec<u8>> {
        match self.core.handle(&[GET_INFO]).split_first() {
            Some((0, info)) => Ok(info.to_vec()),
            _ => bail!("the authenticator does not say what it can do"),
        }
    }

    async fn serve(
        &mut self,
        mut serving: Serving,
        tunnel: &mut Tunnel,
        watch: Watch,
    ) -> Result<u32> {
        let mut served = 0;
        loop {
            let message = tunnel.hear_within(self.patience, true).await?;
            serving = match serving.hear(&message, watch.elapsed())? {
                Heard::Shutdown(_) => return Ok(served),
                Heard::Answered(serving, answer) => {
                    tunnel.say(answer).await?;
                    serving
                }
                Heard::Request(answering) => {
                    served += 1;
                    self.obey(answering, tunnel, watch).await?
                }
            };
        }
    }

    async fn obey(
        &mut self,
        answering: Answering,
        tunnel: &mut Tunnel,
        watch: Watch,
    ) -> Result<Serving> {
        self.asked = true;
        let answer = self.core.handle(answering.request());
        let (serving, message) = answering.answer(&answer, watch.elapsed())?;
        tunnel.say(message).await?;
        Ok(serving)
    }
}
