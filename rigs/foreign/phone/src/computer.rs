//! The computer: shows a QR code, listens for the advert that answers it, and asks one thing.

use std::time::Duration;

use anyhow::Result;
use hybrid::connection::{Clock, Facts, Listening, Other, Way, hosts, missing};
use hybrid::connection::{Diagnosis, Dial};
use hybrid::session::{Calling, QrClient, Reply};
use hybrid::tunnel::{connect_url, contact_url};
use hybrid::{ContactPayload, Flow, Limits, Link, SecretKey, TunnelDomain, TunnelId};

use crate::faults::of_computer;
use crate::radio::Radio;
use crate::tunnel::{Service, Tunnel};
use crate::{Wall, Watch, random};

const PATIENCE: Duration = Duration::from_secs(60);
/// How long the other side may take to leave after the shutdown.
const FAREWELL: Duration = Duration::from_secs(5);

/// A computer with one QR code.
#[derive(Debug)]
pub struct Computer {
    client: QrClient,
    secret: [u8; 16],
    /// How long it listens, and waits for any one message.
    pub patience: Duration,
    /// Its clock.
    pub wall: Wall,
}

impl Computer {
    /// A fresh code.
    pub fn new() -> Result<Self> {
        let secret = random()?;
        let key = SecretKey::from_random(&random()?)?;
        Ok(Self {
            client: QrClient::new(key, secret)?,
            secret,
            patience: PATIENCE,
            wall: Wall::default(),
        })
    }

    /// What it shows.
    pub fn code(&self, flow: Flow) -> String {
        self.client.code(flow, self.wall.now()).to_url()
    }

    /// What it shows, without the time.
    pub fn timeless_code(&self, flow: Flow) -> String {
        let mut code = self.client.code(flow, 0);
        code.made_at = None;
        code.to_url()
    }

    /// The secret in the code, for a test that looks for it where it must not be.
    pub const fn secret(&self) -> &[u8; 16] {
        &self.secret
    }

    /// Asks whoever answers the code for `command`; the authenticator's getInfo and its answer. If something of the connection is
    /// missing, or a rule of the authenticator refused, the error is a [`Diagnosis`].
    pub async fn ask(
        &self,
        command: &[u8],
        service: &Service,
        radio: &Radio,
    ) -> Result<(Vec<u8>, Vec<u8>)> {
        let mut facts = facts(self.wall, Way::Code);
        let mut domain = None;
        let asked = self.try_ask(&mut facts, &mut domain, command, service, radio);
        let (info, answer) = match asked.await {
            Ok(answered) => answered,
            Err(error) => return Err(of_computer(facts, error, domain)),
        };
        facts.other = answer.first().copied().map(Other::Answered);
        match missing(&facts) {
            Some(missing) => Err(Diagnosis::new(missing, hosts(domain)).into()),
            None => Ok((info, answer)),
        }
    }

    async fn try_ask(
        &self,
        facts: &mut Facts,
        domain: &mut Option<TunnelDomain>,
        command: &[u8],
        service: &Service,
        radio: &Radio,
    ) -> Result<(Vec<u8>, Vec<u8>)> {
        let watch = Watch::start();
        let advert = radio
            .listen(self.patience, |heard| self.client.advert(heard).ok())
            .await?;
        facts.listening = Some(Listening::Heard);
        *domain = Some(advert.domain);
        let tunnel = TunnelId::derive(&self.secret)?;
        let url = connect_url(advert.domain, advert.routing_id, tunnel);
        let mut tunnel = service.dial(&url).await?;
        facts.dial = Some(Dial::Opened);
        let ephemeral = SecretKey::from_random(&random()?)?;
        let limits = Limits::default();
        let (calling, first) =
            Calling::by_code(&self.client, &advert, &ephemeral, limits, watch.elapsed())?;
        tunnel.say(first).await?;
        let answer = tunnel.hear_within(self.patience, false).await?;
        let shaken = calling.hear(&answer, watch.elapsed())?;
        let greeting = tunnel.hear_within(self.patience, true).await?;
        let (ready, info, _) = shaken.hear(&greeting, watch.elapsed())?;

        let (mut asking, request) = ready.request(command, watch.elapsed())?;
        tunnel.say(request).await?;
        loop {
            let message = tunnel.hear_within(self.patience, true).await?;
            match asking.hear(&message, watch.elapsed())? {
                Reply::Update(waiting, _) => asking = waiting,
                Reply::Answer(ready, answer) => {
                    let (_, shutdown) = ready.shutdown(watch.elapsed())?;
                    tunnel.say(shutdown).await?;
                    // Who closes while something still comes may take back what was just sent.
                    let end = async { while tunnel.hear().await.is_ok() {} };
                    let _ = tokio::time::timeout(FAREWELL, end).await;
                    return Ok((info, answer));
                }
            }
        }
    }
}

/// Calls a linked authenticator through its tunnel service, and no further. The error is a [`Diagnosis`] if something is missing.
pub async fn call(link: &Link, flow: Flow, service: &Service) -> Result<Tunnel> {
    let payload = ContactPayload {
        link_id: link.link_id,
        nonce: random()?,
        flow,
    };
    let url = contact_url(link.domain, &link.contact_id);
    let header = ("x-cable-client-payload", payload.to_hex());
    let dialled = service.dial_with(&url, &[(header.0, &header.1)]).await;
    let facts = facts(service.wall, Way::Link);
    dialled.map_err(|error| of_computer(facts, error, Some(link.domain)))
}

fn facts(wall: Wall, way: Way) -> Facts {
    Facts {
        clock: Clock::of(wall.now(), &wall.witnesses()),
        way,
        ..Facts::default()
    }
}
