//! `peer-libwebauthn STEP …`: libwebauthn as the browser's half of hybrid transport. It prints each QR code (`code FIDO:/…`), waits
//! for the authenticator, and verifies what comes back itself: `ok …` for each step. Ends with 1 at the first that fails.
//!
//! Steps: `register` and `register-unlinked` (a code that asks for no link); `sign-in`, which names no credential, and
//! `sign-in-named`, which names the one that was registered; `link`, a sign-in by the link of the last `register`; `forgotten`, which
//! must fail and make libwebauthn forget that link. The last two wait for a line on the standard input before they call. After
//! `presence-is-enough`, the relying party also takes people who were not verified.
//!
//! Bluetooth is what `DBUS_SYSTEM_BUS_ADDRESS` says; the tunnel service's authority comes from `SSL_CERT_FILE`.

mod relying_party;

use std::future::Future;
use std::io::BufRead as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use libwebauthn::ops::webauthn::{
    GetAssertionRequest, MakeCredentialRequest, OriginValidation, PublicSuffixList, RelatedOrigins,
    RequestOrigin, RequestSettings, WebAuthnIDLResponse as _,
};
use libwebauthn::transport::hybrid::channel::HybridChannel;
use libwebauthn::transport::hybrid::known_devices::{
    ClientPayloadHint, EphemeralDeviceInfoStore, PxpKnownDevice, PxpKnownDeviceInfo,
};
use libwebauthn::transport::hybrid::qr_code_device::{
    PxpQrCodeDevice, PxpTransports, QrCodeOperationHint,
};
use libwebauthn::transport::{Channel as _, ChannelSettings, Device as _};
use libwebauthn::webauthn::WebAuthn as _;
use serde_json::Value;

use crate::relying_party::{Passkey, RelyingParty};

/// How long one step may take, the other programs' part included.
const PATIENCE: Duration = Duration::from_secs(60);
/// Enough of the list of public suffixes for the one relying party here.
struct Suffixes;

impl PublicSuffixList for Suffixes {
    fn public_suffix(&self, host: &str) -> Option<String> {
        host.rsplit('.').next().map(str::to_owned)
    }
}

struct Computer {
    origin: RequestOrigin,
    site: RelyingParty,
    store: Arc<EphemeralDeviceInfoStore>,
    passkey: Option<Passkey>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let origin = RequestOrigin::try_from(relying_party::ORIGIN);
    let mut computer = Computer {
        origin: origin.map_err(|error| anyhow::anyhow!("{error:?}"))?,
        site: RelyingParty::default(),
        store: Arc::new(EphemeralDeviceInfoStore::default()),
        passkey: None,
    };
    for step in std::env::args().skip(1) {
        if step == "presence-is-enough" {
            computer.site.presence_is_enough = true;
            continue;
        }
        let done = tokio::time::timeout(PATIENCE, computer.step(&step)).await;
        let said = done.with_context(|| format!("{step}: nobody answered in time"))?;
        println!("ok {}", said.with_context(|| step)?);
    }
    Ok(())
}

impl Computer {
    async fn step(&mut self, step: &str) -> Result<String> {
        match step {
            "register" => self.register(true).await,
            "register-unlinked" => self.register(false).await,
            "sign-in" => self.sign_in(false).await,
            "sign-in-named" => self.sign_in(true).await,
            "link" => self.link().await,
            "forgotten" => self.forgotten().await,
            _ => bail!("there is no step {step}"),
        }
    }

    async fn register(&mut self, linked: bool) -> Result<String> {
        let (options, challenge) = self.site.creation_options();
        let settings = settings();
        let request = MakeCredentialRequest::prepare(&self.origin, &options, &settings).await?;
        let mut channel = self
            .show(QrCodeOperationHint::MakeCredential, linked)
            .await?;
        let response = fine(channel.webauthn_make_credential(&request)).await?;
        let response = response.to_json_value(&request)?;
        channel.close().await;
        self.passkey = Some(self.site.registered(&response, &challenge)?);
        let links = self.store.list_all().await.len();
        ensure!(linked || links == 0, "a link that nobody asked for");
        Ok(format!("registered, links {links}"))
    }

    async fn sign_in(&self, named: bool) -> Result<String> {
        let mut channel = self
            .show(QrCodeOperationHint::GetAssertionRequest, true)
            .await?;
        self.assert(&mut channel, named).await?;
        Ok("signed in".to_owned())
    }

    async fn link(&self) -> Result<String> {
        self.wait()?;
        let mut device = self.known(&self.only_link().await?).await?;
        let mut channel = fine(device.channel(ChannelSettings::default())).await?;
        self.assert(&mut channel, false).await?;
        Ok("signed in over the link".to_owned())
    }

    async fn forgotten(&self) -> Result<String> {
        self.wait()?;
        let mut device = self.known(&self.only_link().await?).await?;
        let mut channel = fine(device.channel(ChannelSettings::default())).await?;
        ensure!(
            self.assert(&mut channel, false).await.is_err(),
            "an authenticator that forgot the link answered"
        );
        let links = self.store.list_all().await.len();
        ensure!(links == 0, "the client kept a link that is gone");
        Ok("forgot the link".to_owned())
    }

    async fn show(&self, hint: QrCodeOperationHint, linked: bool) -> Result<HybridChannel> {
        let transports = PxpTransports::CloudAssistedOnly;
        let mut device = if linked {
            PxpQrCodeDevice::new_persistent(hint, self.store.clone(), transports)?
        } else {
            // With Bluetooth as a second way for data, which the authenticator must not take up.
            PxpQrCodeDevice::new_transient(hint, PxpTransports::CloudAssistedOrLocal)?
        };
        println!("code {}", device.qr_code);
        fine(device.channel(ChannelSettings::default())).await
    }

    async fn assert(&self, channel: &mut HybridChannel, named: bool) -> Result<()> {
        let passkey = self.passkey.as_ref().context("nothing is registered")?;
        let (options, challenge) = self.site.request_options(named.then_some(passkey));
        let request = GetAssertionRequest::prepare(&self.origin, &options, &settings()).await?;
        let response = fine(channel.webauthn_get_assertion(&request)).await?;
        let [assertion] = response.assertions.as_slice() else {
            bail!("{} assertions", response.assertions.len());
        };
        let assertion: Value = assertion.to_json_value(&request)?;
        channel.close().await;
        self.site.signed_in(&assertion, &challenge, passkey, named)
    }

    async fn known(&self, link: &PxpKnownDeviceInfo) -> Result<PxpKnownDevice> {
        let hint = ClientPayloadHint::GetAssertion;
        Ok(PxpKnownDevice::new(hint, link, self.store.clone()).await?)
    }

    async fn only_link(&self) -> Result<PxpKnownDeviceInfo> {
        let mut links = self.store.list_all().await;
        ensure!(links.len() == 1, "{} links", links.len());
        let (_, link) = links.pop().context("no link")?;
        Ok(link)
    }

    fn wait(&self) -> Result<()> {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        ensure!(!line.is_empty(), "nobody said when");
        Ok(())
    }
}

const fn settings() -> RequestSettings<'static> {
    RequestSettings {
        origin: OriginValidation::Validate {
            public_suffix_list: &Suffixes,
            related_origins: RelatedOrigins::Disabled,
        },
    }
}

/// The library's errors are not all errors of the standard library.
async fn fine<T, E: std::fmt::Debug>(step: impl Future<Output = Result<T, E>>) -> Result<T> {
    step.await.map_err(|error| anyhow::anyhow!("{error:?}"))
}
