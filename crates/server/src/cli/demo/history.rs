//! A past for the logs: a few things that people did, played over HTTPS so that the same flows write the same records.

use std::path::Path;

use anyhow::Context as _;
use reqwest::{Certificate, Client, redirect};
use url::Url;

use super::directory::{Account, Directory};
use crate::cli::serve::Server;
use crate::cli::tour::person::Person;
use crate::cli::tour::{Kind, SoftwareAuthenticator};

/// Who has the past.
const NAME: &str = "katherine@";

/// Katherine came with a pass, made a synced passkey, and signed in to the application with it; somebody tried to guess
/// Ada's password; somebody tried the disabled account.
pub async fn play(
    server: &Server,
    ca: &Path,
    application: &str,
    directory: &Directory,
) -> anyhow::Result<()> {
    let http = Client::builder()
        .tls_certs_only([Certificate::from_pem(&std::fs::read(ca)?)?])
        .redirect(redirect::Policy::none())
        .no_proxy()
        .build()?;
    let origin: Url = server.app.config.origin().parse()?;
    let person = || Person::new(http.clone(), origin.clone());
    let katherine = find(directory, NAME)?;
    let mut key = SoftwareAuthenticator::new(Kind::synced());
    register(&mut person(), katherine, &mut key)
        .await
        .context("the first passkey")?;
    enter(&mut person(), application, &mut key)
        .await
        .context("the first sign-in")?;
    for name in ["ada@", "alan@"] {
        guess(&mut person(), find(directory, name)?)
            .await
            .context("the guessed password")?;
    }
    Ok(())
}

async fn register(
    person: &mut Person,
    account: &Account,
    key: &mut SoftwareAuthenticator,
) -> anyhow::Result<()> {
    let pass = account.pass.as_ref().context("there is no pass")?;
    let start = person.open("/security-info").await?;
    let interrupt = person
        .sign_in_with_pass(&start, &account.user.user_principal_name, pass.expose())
        .await?;
    let made = person.make_passkey(&interrupt, key).await?;
    person.go_on(&made).await?;
    Ok(())
}

async fn enter(
    person: &mut Person,
    application: &str,
    key: &mut SoftwareAuthenticator,
) -> anyhow::Result<()> {
    let page = person
        .visit(&Url::parse(application)?.join("/sign-in")?)
        .await?;
    person.sign_in(&page, key).await?.signed_in()?;
    Ok(())
}

async fn guess(person: &mut Person, account: &Account) -> anyhow::Result<()> {
    let start = person.open("/security-info").await?;
    let name = [
        ("username", account.user.user_principal_name.as_str()),
        ("method", "password"),
    ];
    let asked = person.fill(&start, "/signin/identifier", &name).await?;
    person
        .fill(
            &asked,
            "/signin/password",
            &[("password", "not-the-password")],
        )
        .await?;
    Ok(())
}

fn find<'d>(directory: &'d Directory, beginning: &str) -> anyhow::Result<&'d Account> {
    let found = directory
        .people
        .iter()
        .find(|account| account.user.user_principal_name.starts_with(beginning));
    found.with_context(|| format!("there is nobody called {beginning}"))
}
