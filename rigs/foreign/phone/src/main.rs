//! `rig-phone BUS SERVICE NAME CA DOMAIN FIDO:/… [FIDO:/…]`: answers one QR code after the other, with the same passkeys.
//!
//! Instead of a code, `-` reads one from the standard input, so that somebody can show it later; `+` listens for a linked client and
//! serves it; `forget` forgets all links. A phone that will listen links every client that asks for it.
//!
//! `BUS` is the D-Bus address of BlueZ or its stand-in, `SERVICE` where the tunnel service listens, `NAME` the name in its
//! certificate, `CA` the authority behind that (PEM), `DOMAIN` the number that goes into the advert.

use std::path::Path;

use anyhow::{Context as _, Result};
use hybrid::TunnelDomain;
use rig_phone::links::Links;
use rig_phone::phone::Phone;
use rig_phone::radio::Radio;
use rig_phone::tunnel::Service;
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
    let mut phone = Phone::default();
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let words: Vec<String> = arguments.collect();
    if words.iter().any(|word| word == "+") {
        phone.links = Some(Links::new()?);
    }
    for word in words {
        let served = match word.as_str() {
            "forget" => {
                phone.links.iter_mut().for_each(Links::forget);
                continue;
            }
            "+" => {
                let mut calls = phone.listen(domain, &service).await?;
                println!("ok listening");
                let served = phone
                    .answer_call(&mut calls, domain, &service, &radio)
                    .await?;
                let Some(served) = served else {
                    println!("ok nothing served, the link was forgotten");
                    continue;
                };
                served
            }
            "-" => {
                let code = lines.next_line().await?.context("no code was shown")?;
                phone.answer(&code, domain, &service, &radio).await?
            }
            code => phone.answer(code, domain, &service, &radio).await?,
        };
        println!("ok served {served}, passkeys {}", phone.count());
    }
    Ok(())
}
