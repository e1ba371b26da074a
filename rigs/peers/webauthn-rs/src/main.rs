//! `peer-webauthn-rs ask STEP …` and `peer-webauthn-rs answer DOMAIN CODE …`: webauthn-authenticator-rs as either half of hybrid
//! transport. Prints `ok …` for each step, and ends with 1 at the first that fails.
//!
//! `ask`: it prints each QR code (`code FIDO:/…`), waits for the authenticator, and webauthn-rs-core verifies what comes back. Steps:
//! `register`, and `sign-in` with what was registered (this client cannot ask for a discoverable credential). `answer`: its software token answers each code, through the
//! tunnel service with that number; a code `-` is read from the standard input.
//!
//! Bluetooth is what `DBUS_SYSTEM_BUS_ADDRESS` says; the tunnel service's authority comes from `SSL_CERT_FILE`.

mod air;
mod ask;
mod person;

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use webauthn_authenticator_rs::cable::{ShareCableAuthenticatorOptions, share_cable_authenticator};
use webauthn_authenticator_rs::softtoken::SoftToken;

/// How long one step may take, the other programs' part included. A client of this library waits for ever when the authenticator is gone.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["ask", steps @ ..] => {
            let mut asking = ask::Asking::new()?;
            for step in steps {
                let done = tokio::time::timeout(PATIENCE, asking.step(step)).await;
                let said = done.with_context(|| format!("{step}: nobody answered in time"))?;
                println!("ok {}", said.with_context(|| (*step).to_owned())?);
            }
            Ok(())
        }
        ["answer", domain, codes @ ..] => {
            // It says that it verified the person, which nobody can: there is none.
            let (mut token, _) = SoftToken::new(true).map_err(said)?;
            for code in codes {
                let done = tokio::time::timeout(PATIENCE, answer(&mut token, domain, code)).await;
                done.context("nobody called in time")??;
                println!("ok answered");
            }
            Ok(())
        }
        _ => bail!("ask STEP …, or answer DOMAIN CODE …"),
    }
}

async fn answer(token: &mut SoftToken, domain: &str, code: &str) -> Result<()> {
    let shown = match code {
        "-" => {
            let mut line = String::new();
            std::io::stdin().read_line(&mut line)?;
            line
        }
        code => code.to_owned(),
    };
    let options = ShareCableAuthenticatorOptions::default().tunnel_server_id(domain.parse()?);
    let (info, mut air) = (token.get_info(), air::Air::open().await?);
    share_cable_authenticator(
        token,
        info,
        shown.trim(),
        &mut air,
        &person::Person,
        options,
    )
    .await
    .map_err(said)
}

/// The library's errors say most in their debug form.
fn said(error: impl std::fmt::Debug) -> anyhow::Error {
    anyhow::anyhow!("{error:?}")
}
