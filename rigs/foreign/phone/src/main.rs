//! `rig-phone BUS SERVICE NAME CA DOMAIN FIDO:/… [FIDO:/…]`: answers one QR code after the other, with the same passkeys.
//!
//! Instead of a code, `-` reads one from the standard input, so that somebody can show it later; `+` listens for a linked client and
//! serves it; `forget` forgets all links. A phone that will listen links every client that asks for it.
//!
//! With `RIG_PHONE_ROOT=FILE` it is a simulated Android device that attests its keys, and writes the root of its maker there (DER);
//! `RIG_PHONE_SERIAL=N` is which of several. A word `plain` turns attestation off from then on.
//!
//! `BUS` is the D-Bus address of BlueZ or its stand-in, `SERVICE` where the tunnel service listens, `NAME` the name in its
//! certificate, `CA` the authority behind that (PEM), `DOMAIN` the number that goes into the advert.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use authenticator::Env;
use authenticator::device::Device;
use authenticator::device::policy::Policy;
use hybrid::TunnelDomain;
use rig_phone::faults::Rules;
use rig_phone::keys::Memory;
use rig_phone::links::Links;
use rig_phone::phone::Phone;
use rig_phone::radio::Radio;
use rig_phone::tunnel::Service;
use rig_simulators::{Authority, Phone as Simulated};
use tokio::io::{AsyncBufReadExt as _, BufReader};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |name: &str| {
        let missing = format!("{name} is missing");
        arguments.next().context(missing)
    };
    let radio = Radio::open(&next("BUS")?, 0).await?;
    let (address, name, ca) = (next("SERVICE")?.parse()?, next("NAME")?, next("CA")?);
    let service = Service::new(address, &name, Path::new(&ca))?;
    let domain = TunnelDomain::new(next("DOMAIN")?.parse()?)?;
    let words: Vec<String> = arguments.collect();
    let scene = Scene {
        domain,
        service,
        radio,
    };
    let Ok(root) = std::env::var("RIG_PHONE_ROOT") else {
        return play(Phone::default(), &words, &scene).await;
    };
    // Simulated randomness begins here, so that two phones must not have the same.
    let serial = std::env::var("RIG_PHONE_SERIAL").map_or(Ok(1), |text| text.parse())?;
    let authority = Arc::new(Authority::new()?);
    std::fs::write(root, authority.root())?;
    let android = Device::new(Simulated::android(serial, &authority), Policy::default());
    play(Phone::of(android), &words, &scene).await
}

/// Where the phone is.
struct Scene {
    domain: TunnelDomain,
    service: Service,
    radio: Radio,
}

/// A world whose passkeys can be counted, and that may attest nothing from now on.
trait World: Env + Rules {
    fn passkeys(&mut self) -> usize;
    fn attest_nothing(&mut self);
}

impl World for Memory {
    fn passkeys(&mut self) -> usize {
        self.count()
    }

    fn attest_nothing(&mut self) {}
}

impl World for Device<Simulated> {
    fn passkeys(&mut self) -> usize {
        self.list().len()
    }

    fn attest_nothing(&mut self) {
        self.platform_mut().attests = false;
    }
}

async fn play<E: World>(mut phone: Phone<E>, words: &[String], scene: &Scene) -> Result<()> {
    let Scene {
        domain,
        service,
        radio,
    } = scene;
    let domain = *domain;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    if words.iter().any(|word| word == "+") {
        phone.links = Some(Links::new()?);
    }
    for word in words {
        let served = match word.as_str() {
            "forget" => {
                phone.links.iter_mut().for_each(Links::forget);
                continue;
            }
            "plain" => {
                phone.world().attest_nothing();
                continue;
            }
            "+" => {
                let mut calls = phone.listen(domain, service).await?;
                println!("ok listening");
                let served = phone
                    .answer_call(&mut calls, domain, service, radio)
                    .await?;
                let Some(served) = served else {
                    println!("ok nothing served, the link was forgotten");
                    continue;
                };
                served
            }
            "-" => {
                let code = lines.next_line().await?.context("no code was shown")?;
                phone.answer(&code, domain, service, radio).await?
            }
            code => phone.answer(code, domain, service, radio).await?,
        };
        println!("ok served {served}, passkeys {}", phone.world().passkeys());
    }
    Ok(())
}
