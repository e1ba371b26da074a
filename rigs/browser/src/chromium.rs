//! Starting Chromium with a fresh profile.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use crate::cdp::Connection;
use crate::folder::TemporaryFolder;
use crate::page::Page;

/// What a machine without a screen needs, and what keeps the browser from talking to anyone but us.
const HEADLESS: &[&str] = &[
    "--headless=new",
    // A test machine runs as root, where Chromium's sandbox refuses to start.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--remote-debugging-port=0",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--hide-scrollbars",
    "--lang=en-US",
];

const START_DEADLINE: Duration = Duration::from_secs(30);

/// A running browser; it ends, and its profile is removed, with this value.
#[derive(Debug)]
pub struct Chromium {
    connection: Connection,
    process: Child,
    _profile: Option<TemporaryFolder>,
}

impl Chromium {
    /// Starts with a fresh profile of its own.
    ///
    /// # Errors
    /// When Chromium is not installed or does not start.
    pub async fn start() -> Result<Self> {
        let profile = TemporaryFolder::new("profile")?;
        let words = [format!("--user-data-dir={}", profile.path().display())];
        let mut browser = Self::start_as(&words).await?;
        browser._profile = Some(profile);
        Ok(browser)
    }

    /// Starts with the given arguments, which must name the profile folder (`--user-data-dir=…`), and with nothing added but what
    /// a machine without a screen needs. This is how a printed line is tried as printed.
    ///
    /// # Errors
    /// When Chromium is not installed, does not start, or no profile folder is named.
    pub async fn start_as(arguments: &[String]) -> Result<Self> {
        let profile = arguments
            .iter()
            .find_map(|word| word.strip_prefix("--user-data-dir="))
            .context("the arguments name no --user-data-dir")?;
        let mut process = Command::new("chromium")
            .args(HEADLESS)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("cannot start chromium; `cargo xtask test` installs it on Debian")?;
        let address = debugging_address(Path::new(profile), &mut process).await?;
        let connection = Connection::open(&address).await?;
        Ok(Self {
            connection,
            process,
            _profile: None,
        })
    }

    /// Opens an empty page in a browser context of its own: no cookies and no passkeys of any other page.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn page(&self) -> Result<Page> {
        let context = self
            .connection
            .command(None, "Target.createBrowserContext", json!({}))
            .await?;
        Page::open(
            self.connection.clone(),
            context.get("browserContextId").cloned(),
        )
        .await
    }

    /// The page that the command line asked for, once it is there.
    ///
    /// # Errors
    /// When no such page opens in time.
    pub async fn first_page(&self) -> Result<Page> {
        for _ in 0..100 {
            let answer = self
                .connection
                .command(None, "Target.getTargets", json!({}))
                .await?;
            let targets = answer
                .get("targetInfos")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default();
            let found = targets.iter().find(|target| {
                let is_page = target.get("type").and_then(Value::as_str) == Some("page");
                is_page
                    && target
                        .get("url")
                        .and_then(Value::as_str)
                        .is_some_and(|url| url.starts_with("http"))
            });
            if let Some(target) = found {
                let id = target.get("targetId").cloned().unwrap_or_default();
                return Page::attach(self.connection.clone(), id, None).await;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("the browser opened no page from its command line")
    }

    /// Ends the browser and waits for it.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn close(mut self) -> Result<()> {
        self.connection
            .command(None, "Browser.close", json!({}))
            .await
            .ok();
        tokio::time::timeout(Duration::from_secs(10), self.process.wait())
            .await
            .context("chromium does not end")??;
        Ok(())
    }
}

/// Chromium writes the port it picked into its profile.
async fn debugging_address(profile: &Path, process: &mut Child) -> Result<String> {
    let file: PathBuf = profile.join("DevToolsActivePort");
    let wait = async {
        loop {
            if let Some(status) = process.try_wait()? {
                bail!("chromium ended at once: {status}");
            }
            let text = tokio::fs::read_to_string(&file).await.unwrap_or_default();
            if let Some((port, path)) = text.trim().split_once('\n') {
                return Ok(format!("ws://127.0.0.1:{port}{path}"));
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    };
    tokio::time::timeout(START_DEADLINE, wait)
        .await
        .context("chromium opened no debugging port")?
}
