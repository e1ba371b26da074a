//! The server under load: a child process, what it says of its tunnels, and what the kernel says of it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::end::Dialer;

/// A running `keyward` with its relay.
pub struct Server {
    child: Child,
    pid: u32,
    pub address: SocketAddr,
    // A closed pipe would end the server.
    _said: Lines<BufReader<ChildStdout>>,
}

impl Server {
    /// Starts it with room for so many tunnels.
    pub async fn start(binary: &Path, data: &Path, tunnels: usize) -> anyhow::Result<Self> {
        let mut child = Command::new(binary)
            .arg("serve")
            .arg("--data")
            .arg(data)
            .args(["--listen", "127.0.0.1:0"])
            .args(["--relay-enabled", "true", "--relay-domain", "266"])
            .args(["--relay-max-tunnels", &(tunnels + 100).to_string()])
            .args(["--max-connections", &(2 * tunnels + 200).to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let pid = child.id().context("the server ended at once")?;
        let stdout = child.stdout.take().context("no output")?;
        let mut said = BufReader::new(stdout).lines();
        let address = tokio::time::timeout(Duration::from_secs(60), listening(&mut said)).await??;
        Ok(Self {
            child,
            pid,
            address,
            _said: said,
        })
    }

    /// User and system time the process has used so far, in ticks of 10 ms.
    pub fn cpu(&self) -> anyhow::Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid))?;
        let (_, after_name) = stat
            .rsplit_once(')')
            .context("/proc/PID/stat has no name")?;
        let fields = after_name.split_whitespace().skip(11).take(2);
        let ticks: Result<Vec<u64>, _> = fields.map(str::parse).collect();
        Ok(Duration::from_millis(ticks?.iter().sum::<u64>() * 10))
    }

    /// Resident memory in KiB.
    pub fn resident(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .context("no VmRSS")?;
        Ok(line.trim().trim_end_matches("kB").trim().parse()?)
    }

    /// How many tunnels the server itself counts in this state.
    pub async fn gauge(&self, dialer: &Dialer, state: &str) -> anyhow::Result<usize> {
        let name = format!("keyward_relay{{state=\"{state}\"}} ");
        let metrics = dialer.get("/metrics").await?;
        let line = metrics.lines().find_map(|line| line.strip_prefix(&name));
        Ok(line
            .context("the server does not count its tunnels")?
            .trim()
            .parse()?)
    }

    /// Ends the process as a service manager would.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let status = Command::new("kill")
            .arg("-TERM")
            .arg(self.pid.to_string())
            .status()
            .await?;
        ensure!(status.success(), "the server was gone already");
        self.child.wait().await?;
        Ok(())
    }
}

async fn listening(said: &mut Lines<BufReader<ChildStdout>>) -> anyhow::Result<SocketAddr> {
    while let Some(line) = said.next_line().await? {
        if let Some(address) = line.strip_prefix("listening on ") {
            return Ok(address.parse()?);
        }
    }
    bail!("the server ended before it listened")
}
