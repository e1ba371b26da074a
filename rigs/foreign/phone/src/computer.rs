//! The computer: shows a QR code, listens for the advert that answers it, and asks one thing.

use std::time::Duration;

use anyhow::{Context as _, Result};
use hybrid::session::{Calling, QrClient, Reply};
use hybrid::tunnel::connect_url;
use hybrid::{Flow, Limits, SecretKey, TunnelId};
use tokio::time::timeout;

use crate::radio::Radio;
use crate::tunnel::Service;
use crate::{Watch, random};

const PATIENCE: Duration = Duration::from_secs(60);

/// A computer with one QR code.
#[derive(Debug)]
pub struct Computer {
    client: QrClient,
    secret: [u8; 16],
}

impl Computer {
    /// A fresh code.
    pub fn new() -> Result<Self> {
        let secret = random()?;
        let key = SecretKey::from_random(&random()?)?;
        Ok(Self {
            client: QrClient::new(key, secret)?,
            secret,
        })
    }

    /// What it shows.
    pub fn code(&self, flow: Flow) -> String {
        self.client.code(flow, 1_790_000_000).to_url()
    }

    /// Asks whoever answers the code for `command`; the authenticator's getInfo and its answer.
    pub async fn ask(
        &self,
        command: &[u8],
        service: &Service,
        radio: &Radio,
    ) -> Result<(Vec<u8>, Vec<u8>)> {
        let watch = Watch::start();
        let advert = radio
            .listen(PATIENCE, |heard| self.client.advert(heard).ok())
            .await?;
        let tunnel = TunnelId::derive(&self.secret)?;
        let url = connect_url(advert.domain, advert.routing_id, tunnel);
        let mut tunnel = service.dial(&url).await?;
        let ephemeral = SecretKey::from_random(&random()?)?;
        let limits = Limits::default();
        let (calling, first) =
            Calling::by_code(&self.client, &advert, &ephemeral, limits, watch.elapsed())?;
        tunnel.say(first).await?;
        let shaken = calling.hear(&tunnel.hear().await?, watch.elapsed())?;
        let (ready, info, _) = shaken.hear(&tunnel.hear().await?, watch.elapsed())?;

        let (mut asking, request) = ready.request(command, watch.elapsed())?;
        tunnel.say(request).await?;
        loop {
            let message = timeout(PATIENCE, tunnel.hear())
                .await
                .context("the authenticator is silent")??;
            match asking.hear(&message, watch.elapsed())? {
                Reply::Update(waiting, _) => asking = waiting,
                Reply::Answer(ready, answer) => {
                    let (_, shutdown) = ready.shutdown(watch.elapsed())?;
                    tunnel.say(shutdown).await?;
                    return Ok((info, answer));
                }
            }
        }
    }
}
