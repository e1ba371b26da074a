//! The real program, started as the README says, and what it printed.

use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};

use crate::folder::{TemporaryFolder, built};
use crate::model::{self, Model};

const START_DEADLINE: Duration = Duration::from_secs(60);

/// A running `keyward demo` on free ports; it ends with this value.
#[derive(Debug)]
pub struct Demo {
    process: Child,
    printed: Arc<Mutex<Vec<String>>>,
    folder: TemporaryFolder,
}

/// The facts of `--world FILE`.
#[derive(Debug, Clone)]
pub struct World(Value);

impl Demo {
    /// Starts it and waits until it has printed the browser line.
    ///
    /// # Errors
    /// When it ends, or does not print that line in time; the error shows what it printed.
    pub async fn start() -> Result<Self> {
        Self::start_knowing(&[]).await
    }

    /// The same with these models in the FIDO metadata.
    ///
    /// # Errors
    /// As above.
    pub async fn start_knowing(models: &[&Model]) -> Result<Self> {
        let folder = TemporaryFolder::new("demo")?;
        let data = folder.path().join("data");
        if !models.is_empty() {
            model::publish(&data, models).await?;
        }
        let mut process = Command::new(built("keyward")?)
            .args(["demo", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .arg("--world")
            .arg(folder.path().join("world.json"))
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("cannot start keyward demo")?;
        let printed = Arc::default();
        keep(process.stdout.take(), &printed);
        keep(process.stderr.take(), &printed);
        let mut demo = Self {
            process,
            printed,
            folder,
        };
        demo.wait_for_browser_line().await?;
        Ok(demo)
    }

    /// What it printed so far.
    #[must_use]
    pub fn printed(&self) -> Vec<String> {
        self.printed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The words after `chromium` of the printed browser line, exactly as a shell would pass them.
    ///
    /// # Errors
    /// When no such line was printed.
    pub fn browser_line(&self) -> Result<Vec<String>> {
        let lines = self.printed();
        let line = lines
            .iter()
            .map(|line| line.trim().trim_start_matches("$ "))
            .find(|line| line.starts_with("chromium "));
        let mut words = shell_words(line.context("no chromium line was printed")?);
        words.remove(0);
        Ok(words)
    }

    /// The world file.
    ///
    /// # Errors
    /// When it is missing, readable by others, or no JSON.
    pub fn world(&self) -> Result<World> {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.folder.path().join("world.json");
        let mode = std::fs::metadata(&path)
            .context("there is no world file")?
            .permissions()
            .mode();
        if mode & 0o077 != 0 {
            bail!("the world file holds secrets, but others may read it (mode {mode:o})");
        }
        Ok(World(
            serde_json::from_slice(&std::fs::read(&path)?).context("the world file is no JSON")?,
        ))
    }

    async fn wait_for_browser_line(&mut self) -> Result<()> {
        let wait = async {
            while self.browser_line().is_err() {
                if let Some(status) = self.process.try_wait()? {
                    bail!(
                        "keyward demo ended: {status}\n{}",
                        self.printed().join("\n")
                    );
                }
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
            Ok(())
        };
        match tokio::time::timeout(START_DEADLINE, wait).await {
            Ok(outcome) => outcome,
            Err(_) => bail!(
                "keyward demo printed no chromium line:\n{}",
                self.printed().join("\n")
            ),
        }
    }
}

impl Drop for Demo {
    /// It must be gone before its folder is: what still writes leaves something behind.
    #[expect(
        clippy::disallowed_methods,
        reason = "a drop cannot await, and this is a moment at the end of a test"
    )]
    fn drop(&mut self) {
        self.process.start_kill().ok();
        for _ in 0..100 {
            if !matches!(self.process.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl World {
    /// A text at a JSON pointer, for example `/sampleApp/url`.
    ///
    /// # Errors
    /// When it is not there.
    pub fn text(&self, pointer: &str) -> Result<&str> {
        self.0
            .pointer(pointer)
            .and_then(Value::as_str)
            .with_context(|| format!("the world has no {pointer}"))
    }

    /// The first user that fits.
    ///
    /// # Errors
    /// When none does.
    pub fn user(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Result<&Value> {
        let users = self
            .0
            .get("users")
            .and_then(Value::as_array)
            .context("the world has no users")?;
        users
            .iter()
            .find(|user| fits(user))
            .with_context(|| format!("the world has no {what}"))
    }
}

fn keep(
    stream: Option<impl AsyncRead + Unpin + Send + 'static>,
    printed: &Arc<Mutex<Vec<String>>>,
) {
    let Some(stream) = stream else { return };
    let printed = Arc::clone(printed);
    tokio::spawn(async move {
        let mut lines = BufReader::new(stream).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            printed
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(line);
        }
    });
}

/// Splits a command line at spaces, honouring quotes as a shell does; no expansion happens, because none may be needed.
fn shell_words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for letter in line.chars() {
        match (quote, letter) {
            (None, '\'' | '"') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            (None, ' ') => words.push(std::mem::take(&mut word)),
            _ => word.push(letter),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::shell_words;

    #[test]
    fn a_printed_line_is_split_as_a_shell_would() {
        let line = "chromium --user-data-dir='/some where/x' --list=a= https://localhost:1/";
        assert_eq!(
            shell_words(line),
            [
                "chromium",
                "--user-data-dir=/some where/x",
                "--list=a=",
                "https://localhost:1/"
            ]
        );
    }
}
