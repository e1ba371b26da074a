//! The phone: reads a QR code, opens a tunnel, advertises, and serves until the client says that this was all.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use authenticator::Authenticator;
use hybrid::relay::routing_id;
use hybrid::session::{Advertised, Answering, Heard, Serving};
use hybrid::tunnel::new_url;
use hybrid::{Advert, EidKey, Handshake, Limits, Offer, SecretKey, TunnelDomain, TunnelId};
use tokio::time::timeout;

use crate::keys::Memory;
use crate::links::Links;
use crate::radio::Radio;
use crate::tunnel::{Service, Tunnel};
use crate::{Watch, random};

/// How long the phone waits for any one message.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
const GET_INFO: u8 = 4;

/// A phone with its passkeys.
#[derive(Debug)]
pub struct Phone {
    core: Authenticator<Memory>,
    /// What clients are linked by; without it none is.
    pub links: Option<Links>,
}

impl Default for Phone {
    fn default() -> Self {
        Self {
            core: Authenticator::new(Memory::new()),
            links: None,
        }
    }
}

impl Phone {
    /// How many passkeys it holds.
    pub fn count(&self) -> usize {
        self.core.env().count()
    }

    /// Answers the QR code; how many requests it served.
    pub async fn answer(
        &mut self,
        code: &str,
        domain: TunnelDomain,
        service: &Service,
        radio: &Radio,
    ) -> Result<u32> {
        let watch = Watch::start();
        let code = Handshake::from_url(code)?;
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
        let first = timeout(PATIENCE, tunnel.hear())
            .await
            .context("nobody called")??;
        on_air.end().await?;

        let ephemeral = SecretKey::from_random(&random()?)?;
        let info = self.get_info()?;
        let (serving, messages) =
            advertised.handshake(&first, &ephemeral, &info, watch.elapsed())?;
        for message in messages {
            tunnel.say(message).await?;
        }
        self.serve(serving, tunnel, watch, offer).await
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
        mut offer: Option<Offer>,
    ) -> Result<u32> {
        let mut served = 0;
        loop {
            let message = timeout(PATIENCE, tunnel.hear())
                .await
                .context("the client is silent")??;
            serving = match serving.hear(&message, watch.elapsed())? {
                Heard::Shutdown(_) => return Ok(served),
                Heard::Answered(serving, answer) => {
                    tunnel.say(answer).await?;
                    serving
                }
                Heard::Request(answering) => {
                    served += 1;
                    self.obey(answering, tunnel, watch, offer.take()).await?
                }
            };
        }
    }

    async fn obey(
        &mut self,
        answering: Answering,
        tunnel: &mut Tunnel,
        watch: Watch,
        offer: Option<Offer>,
    ) -> Result<Serving> {
        let answer = self.core.handle(answering.request());
        let (serving, message) = answering.answer(&answer, watch.elapsed())?;
        tunnel.say(message).await?;
        let root = self.links.as_ref().map(Links::root);
        let (serving, update) = serving.update(offer.as_ref().zip(root))?;
        tunnel.say(update).await?;
        Ok(serving)
    }
}
