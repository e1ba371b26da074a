//! The running demo with a browser, and the ways through both.

use anyhow::Result;

use crate::authenticator::{Kind, VirtualAuthenticator};
use crate::chromium::Chromium;
use crate::demo::Demo;
use crate::model::Model;
use crate::page::Page;
use crate::steps::Account;

/// A fresh `keyward demo` and the browser of its printed line.
#[derive(Debug)]
pub struct House {
    /// The browser. It goes first: its profile lies in the program's folder.
    pub browser: Chromium,
    /// The program.
    pub demo: Demo,
    /// Where the provider answers.
    pub origin: String,
}

impl House {
    /// Starts both.
    ///
    /// # Errors
    /// When one of them does not start.
    pub async fn open() -> Result<Self> {
        Self::open_knowing(&[]).await
    }

    /// The same with these models in the FIDO metadata.
    ///
    /// # Errors
    /// As above.
    pub async fn open_knowing(models: &[&Model]) -> Result<Self> {
        let demo = Demo::start_knowing(models).await?;
        let browser = Chromium::start_as(&demo.browser_line()?).await?;
        let origin = demo.world()?.text("/origin")?.to_owned();
        Ok(Self {
            demo,
            browser,
            origin,
        })
    }

    /// The first account that fits.
    ///
    /// # Errors
    /// When none does.
    pub fn account(&self, fits: impl Fn(&Account) -> bool) -> Result<Account> {
        let world = self.demo.world()?;
        let user = world.user("such an account", |user| fits(&Account::new(user.clone())))?;
        Ok(Account::new(user.clone()))
    }

    /// Goes to a page of the provider and waits for a part of it.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn show(&self, page: &Page, path: &str, selector: &str) -> Result<()> {
        page.goto(&format!("{}{path}", self.origin)).await?;
        page.wait_for(selector).await
    }

    /// From the sample application's front page to our sign-in page.
    ///
    /// # Errors
    /// When the application does not answer.
    pub async fn begin_in_application(&self, page: &Page) -> Result<()> {
        page.goto(self.demo.world()?.text("/sampleApp/url")?)
            .await?;
        page.click("#sign-in").await
    }

    /// The Global Administrator on a machine of their own, signed in, in the list of users.
    ///
    /// # Errors
    /// When they cannot sign in.
    pub async fn administrator(&self) -> Result<Page> {
        let account = self.account(|user| user.has_role("Global Administrator"))?;
        let page = self.browser.page().await?;
        VirtualAuthenticator::plug_in(&page, Kind::SecurityKey).await?;
        self.show(&page, "/admin/users", "#username").await?;
        if account.has("temporaryAccessPass") {
            page.use_pass(&account).await?;
        } else {
            page.use_password(&account).await?;
            page.enter_code(&account).await?;
        }
        page.make_passkey("Key").await?;
        page.wait_for("main table").await?;
        Ok(page)
    }
}
