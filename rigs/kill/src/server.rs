//! The real binary, which is killed without warning.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::postgres::Postgres;

const START_DEADLINE: Duration = Duration::from_secs(30);

/// Where the binary lies and where its data is kept.
#[derive(Debug)]
pub struct Place {
    pub binary: PathBuf,
    pub data: PathBuf,
    pub postgres: Option<Postgres>,
}

impl Place {
    /// Recomputes the evidence log as it lies there, between two lives of the server.
    pub async fn verify_log(&self) -> Result<()> {
        let mut command = Command::new(&self.binary);
        command.args(["log", "verify", "--data"]).arg(&self.data);
        if let Some(postgres) = &self.postgres {
            command.args(["--database", &postgres.address()]);
        }
        let verified = command
            .output()
            .await
            .context("cannot run keyward log verify")?;
        ensure!(
            verified.status.success(),
            "the evidence log does not verify: {}{}",
            String::from_utf8_lossy(&verified.stdout),
            String::from_utf8_lossy(&verified.stderr)
        );
        Ok(())
    }
}

/// A running `keyward serve`.
#[derive(Debug)]
pub struct Server {
    process: Child,
    /// What it told about itself at its start.
    pub told: Told,
}

/// What a start printed.
#[derive(Debug, Clone, Default)]
pub struct Told {
    pub origin: String,
    pub ca: PathBuf,
    /// Only at the first start.
    pub administrator: String,
    /// Only at the first start.
    pub pass_file: PathBuf,
}

impl Server {
    /// Starts it and waits until it answers; port 0 lets it pick one.
    pub async fn start(place: &Place, port: u16) -> Result<Self> {
        let first = !place.data.exists();
        let mut command = Command::new(&place.binary);
        command
            .arg("serve")
            .arg("--data")
            .arg(&place.data)
            .args(["--listen", &format!("127.0.0.1:{port}")]);
        if let Some(postgres) = &place.postgres {
            command.args(["--database", &postgres.address()]);
        }
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::from(
                std::fs::File::options()
                    .create(true)
                    .append(true)
                    .open(log(&place.data))?,
            ))
            .kill_on_drop(true)
            .spawn()
            .context("cannot start keyward serve")?;
        let mut lines =
            BufReader::new(process.stdout.take().context("a child without output")?).lines();
        let told = tokio::time::timeout(START_DEADLINE, listen_to(&mut lines, first)).await;
        let told = match told {
            Ok(Ok(told)) => told,
            _ => bail!(
                "keyward serve did not start; its log is in {}",
                log(&place.data).display()
            ),
        };
        // Read on, so that it never blocks on a full pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { process, told })
    }

    /// SIGKILL: no handler runs, nothing is flushed.
    pub async fn kill(mut self) -> Result<()> {
        self.process.start_kill()?;
        self.process.wait().await?;
        Ok(())
    }

    pub fn port(&self) -> Result<u16> {
        let (_, port) = self
            .told
            .origin
            .rsplit_once(':')
            .context("an origin without a port")?;
        Ok(port.parse()?)
    }
}

fn log(data: &Path) -> PathBuf {
    data.with_extension("log")
}

/// Reads until the last line that a start prints: the pass file's at the first one, the certificate's later.
async fn listen_to(lines: &mut Lines<BufReader<ChildStdout>>, first: bool) -> Result<Told> {
    let mut told = Told::default();
    while let Some(line) = lines.next_line().await? {
        let after = |start: &str| {
            line.split_once(start)
                .map(|(_, rest)| rest.trim().to_owned())
        };
        if let Some(origin) = after("Keyward answers at ") {
            told.origin = origin;
        } else if let Some(ca) = after("browsers must trust ") {
            told.ca = PathBuf::from(ca);
        } else if let Some(name) = after("with the administrator ") {
            told.administrator = name;
        } else if let Some(file) = after("until the first passkey is registered: in ") {
            told.pass_file = PathBuf::from(file);
        }
        let last = if first { &told.pass_file } else { &told.ca };
        if !last.as_os_str().is_empty() {
            return Ok(told);
        }
    }
    bail!("it ended")
}
