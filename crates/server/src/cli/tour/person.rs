//! What people do in front of a browser.

use anyhow::{Context as _, bail};
use reqwest::Client;
use serde_json::Value;
use url::Url;

use super::browser::{Answer, Browser, origin};
use super::client::SoftwareAuthenticator;
use super::page::Panel;

/// Somebody with a browser, at one server.
#[derive(Debug)]
pub struct Person {
    browser: Browser,
    server: Url,
}

/// A refused ceremony.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The stable code.
    pub code: String,
    /// What the record is found by.
    pub correlation: String,
    /// What the person reads.
    pub message: String,
}

/// How an attempt to sign in with a passkey ended.
#[derive(Debug)]
pub enum Outcome {
    /// Signed in; this is the page it led to.
    SignedIn(Box<Answer>),
    /// Not signed in.
    Refused(Refused),
}

/// A sign-in that was begun: the page, the addresses and the options.
#[derive(Clone, Debug)]
pub struct Begun {
    page: Url,
    panel: Panel,
    /// `PublicKeyCredentialRequestOptionsJSON` inside `publicKey`.
    pub options: Value,
}

impl Person {
    /// Somebody with a fresh browser.
    #[must_use]
    pub const fn new(http: Client, server: Url) -> Self {
        Self {
            browser: Browser::new(http),
            server,
        }
    }

    /// Opens a path of the server.
    ///
    /// # Errors
    /// If the server does not answer.
    pub async fn open(&mut self, path: &str) -> anyhow::Result<Answer> {
        let url = self.server.join(path)?;
        self.browser.open(&url).await
    }

    /// Opens an address anywhere.
    ///
    /// # Errors
    /// If nobody answers.
    pub async fn visit(&mut self, url: &Url) -> anyhow::Result<Answer> {
        self.browser.open(url).await
    }

    /// Sends the form of `page` that posts to `action`, with these fields filled in.
    ///
    /// # Errors
    /// If there is no such form, or the server does not answer with a page.
    pub async fn fill(
        &mut self,
        page: &Answer,
        action: &str,
        fields: &[(&str, &str)],
    ) -> anyhow::Result<Answer> {
        let empty = page.form(action)?;
        let form = fields
            .iter()
            .fold(empty, |form, (name, value)| form.fill(name, value));
        self.browser.submit(&page.url, &form).await
    }

    /// Signs in with a Temporary Access Pass from a sign-in page.
    ///
    /// # Errors
    /// If a page on the way is not there or refuses.
    pub async fn sign_in_with_pass(
        &mut self,
        start: &Answer,
        name: &str,
        pass: &str,
    ) -> anyhow::Result<Answer> {
        let asked = self
            .fill(
                start,
                "/signin/identifier",
                &[("username", name), ("method", "pass")],
            )
            .await?;
        let answer = self.fill(&asked, "/signin/pass", &[("pass", pass)]).await?;
        if answer.status >= 400 {
            bail!(
                "the pass was refused: {}",
                answer
                    .page()
                    .text_of("refusal")
                    .unwrap_or("without a reason")
            );
        }
        Ok(answer)
    }

    /// Makes a passkey on a page that offers it; the answer of the server, with where to go on.
    ///
    /// # Errors
    /// If the page does not offer it or the server refuses.
    pub async fn make_passkey(
        &mut self,
        page: &Answer,
        key: &mut SoftwareAuthenticator,
    ) -> anyhow::Result<Value> {
        self.try_to_make_passkey(page, key).await?.json()
    }

    /// Tries to make one that the server will refuse.
    ///
    /// # Errors
    /// If the page does not offer it or the server does not refuse.
    pub async fn make_refused(
        &mut self,
        page: &Answer,
        key: &mut SoftwareAuthenticator,
    ) -> anyhow::Result<Refused> {
        self.try_to_make_passkey(page, key).await?.refusal()
    }

    async fn try_to_make_passkey(
        &mut self,
        page: &Answer,
        key: &mut SoftwareAuthenticator,
    ) -> anyhow::Result<Answer> {
        let panel = page.panel("data-passkey-register")?;
        let options = self.browser.fetch_options(&page.url, &panel).await?;
        let credential = key.register(&options, &origin(&self.server))?;
        self.browser
            .send_credential(&page.url, &panel, &credential)
            .await
    }

    /// The page that an answer of the server leads to.
    ///
    /// # Errors
    /// If it leads nowhere.
    pub async fn go_on(&mut self, answer: &Value) -> anyhow::Result<Answer> {
        let next = answer
            .get("next")
            .and_then(Value::as_str)
            .context("the answer leads nowhere")?;
        self.browser.open(&self.server.join(next)?).await
    }

    /// Begins a passkey sign-in on a sign-in page.
    ///
    /// # Errors
    /// If the page does not offer it.
    pub async fn begin(&mut self, page: &Answer) -> anyhow::Result<Begun> {
        let panel = page.panel("data-passkey-signin")?;
        let options = self.browser.fetch_options(&page.url, &panel).await?;
        Ok(Begun {
            page: page.url.clone(),
            panel,
            options,
        })
    }

    /// Sends a response to a sign-in that was begun.
    ///
    /// # Errors
    /// If the server does not answer.
    pub async fn finish(&mut self, begun: &Begun, response: &Value) -> anyhow::Result<Outcome> {
        let answer = self
            .browser
            .send_credential(&begun.page, &begun.panel, response)
            .await?;
        if answer.status < 400 {
            let page = self.go_on(&answer.json()?).await?;
            return Ok(Outcome::SignedIn(Box::new(page)));
        }
        Ok(Outcome::Refused(answer.refusal()?))
    }

    /// Signs in with a passkey from a sign-in page.
    ///
    /// # Errors
    /// If a page on the way is not there.
    pub async fn sign_in(
        &mut self,
        page: &Answer,
        key: &mut SoftwareAuthenticator,
    ) -> anyhow::Result<Outcome> {
        let origin = origin(&self.server);
        self.sign_in_from(page, key, &origin).await
    }

    /// The same, with client data that names another origin.
    ///
    /// # Errors
    /// If a page on the way is not there.
    pub async fn sign_in_from(
        &mut self,
        page: &Answer,
        key: &mut SoftwareAuthenticator,
        origin: &str,
    ) -> anyhow::Result<Outcome> {
        let begun = self.begin(page).await?;
        let response = key.sign_in(&begun.options, origin)?;
        self.finish(&begun, &response).await
    }

    /// Follows the first link of `page` that ends in `ending`.
    ///
    /// # Errors
    /// If there is none.
    pub async fn follow(&mut self, page: &Answer, ending: &str) -> anyhow::Result<Answer> {
        let found = page.page();
        let link = found.links().find(|link| link.ends_with(ending));
        let link = link.with_context(|| format!("{} has no link to {ending}", page.url.path()))?;
        self.browser.open(&page.url.join(link)?).await
    }
}

impl Outcome {
    /// The page, if it was a sign-in.
    ///
    /// # Errors
    /// If it was refused.
    pub fn signed_in(self) -> anyhow::Result<Answer> {
        match self {
            Self::SignedIn(page) => Ok(*page),
            Self::Refused(refused) => bail!("the sign-in was refused: {}", refused.code),
        }
    }

    /// The refusal, if its code is the expected one.
    ///
    /// # Errors
    /// If it was no refusal, or another.
    pub fn refused_as(self, code: &str) -> anyhow::Result<Refused> {
        match self {
            Self::Refused(refused) if refused.code == code => Ok(refused),
            Self::Refused(refused) => bail!("refused as {}, not as {code}", refused.code),
            Self::SignedIn(_) => bail!("signed in, although {code} was expected"),
        }
    }
}
