//! Clients that come back without a QR code: the phone keeps a connection to the tunnel service open and is called over it.

use anyhow::{Context as _, Result};
use authenticator::Env;
use hybrid::link::Offer;
use hybrid::relay::{Call, ContactSecret, Verdict};
use hybrid::session::Advertised;
use hybrid::tunnel::connect_url;
use hybrid::{Advert, EidKey, Limits, LinkRoot, TunnelDomain};
use tokio::time::timeout;

use crate::faults::Rules;
use crate::phone::{PATIENCE, Phone};
use crate::radio::Radio;
use crate::tunnel::{Service, Tunnel};
use crate::{Watch, random};

/// How a phone recognizes whom it is linked with.
#[derive(Debug)]
pub struct Links {
    root: LinkRoot,
    contact: ContactSecret,
    /// What was handed out, and not forgotten since.
    known: Vec<[u8; 8]>,
}

impl Links {
    /// Nobody is linked yet.
    pub fn new() -> Result<Self> {
        Ok(Self {
            root: LinkRoot::new(random()?),
            contact: ContactSecret::new(random()?),
            known: Vec::new(),
        })
    }

    /// What linked clients call.
    pub fn contact_id(&self) -> [u8; 32] {
        self.contact.contact_id()
    }

    /// Forgets everybody.
    pub fn forget(&mut self) {
        self.known.clear();
    }

    pub(crate) const fn root(&self) -> &LinkRoot {
        &self.root
    }

    pub(crate) fn offer(&mut self) -> Result<Offer> {
        let link_id = random()?;
        self.known.push(link_id);
        Ok(Offer {
            contact_id: self.contact.contact_id().to_vec(),
            link_id,
            name: "rig phone".to_owned(),
        })
    }
}

impl<E: Env + Rules> Phone<E> {
    /// Can be called from now on, for as long as the connection lives.
    pub async fn listen(&self, domain: TunnelDomain, service: &Service) -> Result<Tunnel> {
        let links = self.links.as_ref().context("this phone links nobody")?;
        let url = format!("wss://{}/cable/listen", domain.host());
        let secret = links.contact.to_hex();
        let header = ("x-keyward-contact-secret", secret.as_str());
        service.dial_with(&url, &[header]).await
    }

    /// Waits for a call and serves it; how many requests it served. A client that it does not know is told to forget it, and served
    /// nothing.
    pub async fn answer_call(
        &mut self,
        calls: &mut Tunnel,
        domain: TunnelDomain,
        service: &Service,
        radio: &Radio,
    ) -> Result<Option<u32>> {
        let watch = Watch::start();
        let message = timeout(PATIENCE, calls.hear()).await;
        let call = Call::from_bytes(&message.context("nobody called")??)?;
        let links = self.links.as_ref().context("this phone links nobody")?;
        if !links.known.contains(&call.payload.link_id) {
            calls.say(call.verdict(Verdict::Forgotten).to_vec()).await?;
            return Ok(None);
        }
        calls.say(call.verdict(Verdict::Comes).to_vec()).await?;
        let url = connect_url(domain, call.routing.0, call.tunnel);
        let mut tunnel = service.dial(&url).await?;
        let advert = Advert {
            nonce: random()?,
            routing_id: call.routing.0,
            domain,
        };
        let contact = links.contact.contact_id();
        let secret = links.root.secret(&contact, &call.payload.link_id)?;
        let sealed = advert.seal(&EidKey::derive_linked(&secret, &call.payload.nonce)?)?;
        let (root, limits) = (&links.root, Limits::default());
        let advertised = Advertised::by_link(
            root,
            &contact,
            &call.payload,
            &advert,
            limits,
            watch.elapsed(),
        )?;
        self.meet(advertised, &sealed, &mut tunnel, radio, watch, None)
            .await
            .map(Some)
    }
}
