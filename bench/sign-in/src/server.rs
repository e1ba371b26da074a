//! The server under load: a child process, and what the kernel says about it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use reqwest::{Certificate, Client, redirect};
use tokio::process::{Child, Command};

/// A running `keyward`.
pub struct Server {
    child: Child,
    pid: u32,
    data: PathBuf,
    pub origin: url::Url,
    /// From the start of the process to the first 200.
    pub first_answer: Duration,
}

impl Server {
    /// Starts `keyward COMMAND` on `port` with its data in `data` and waits for the first 200.
    pub async fn start(
        binary: &Path,
        command: &[&str],
        data: &Path,
        port: u16,
    ) -> anyhow::Result<Self> {
        let started = Instant::now();
        let child = Command::new(binary)
            .args(command)
            .arg("--data")
            .arg(data)
            .arg("--listen")
            .arg(format!("127.0.0.1:{port}"))
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let pid = child.id().context("the server ended at once")?;
        let origin = url::Url::parse(&format!("https://localhost:{port}"))?;
        let mut server = Self {
            child,
            pid,
            data: data.to_owned(),
            origin,
            first_answer: Duration::ZERO,
        };
        server.first_answer = server.wait_for_200(started).await?;
        Ok(server)
    }

    /// A client on keep-alive HTTP/1.1 that trusts the server's development authority and nothing else.
    pub fn client(&self) -> anyhow::Result<Client> {
        let ca = std::fs::read(self.data.join("tls/ca.pem"))?;
        let client = Client::builder()
            .tls_certs_only([Certificate::from_pem(&ca)?])
            .redirect(redirect::Policy::none())
            .http1_only()
            .pool_max_idle_per_host(1)
            .no_proxy()
            .build()?;
        Ok(client)
    }

    /// User and system time the process has used so far. The kernel counts in ticks of 10 ms: measure many operations.
    pub fn cpu(&self) -> anyhow::Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid))?;
        let (_, after_name) = stat
            .rsplit_once(')')
            .context("/proc/PID/stat has no name")?;
        let mut fields = after_name.split_whitespace().skip(11);
        let mut ticks = || {
            fields
                .next()
                .and_then(|field| field.parse::<u64>().ok())
                .context("/proc/PID/stat is short")
        };
        Ok(Duration::from_millis((ticks()? + ticks()?) * 10))
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

    // The authority's file does not exist yet while the first start makes it, so nothing is verified here: no secret is sent.
    async fn wait_for_200(&mut self, started: Instant) -> anyhow::Result<Duration> {
        let client = Client::builder()
            .danger_accept_invalid_certs(true)
            .no_proxy()
            .build()?;
        let url = self.origin.join("/healthz")?;
        while started.elapsed() < Duration::from_secs(60) {
            if let Ok(answer) = client.get(url.clone()).send().await
                && answer.status() == 200
            {
                return Ok(started.elapsed());
            }
            if let Some(status) = self.child.try_wait()? {
                anyhow::bail!("the server ended with {status}");
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        anyhow::bail!("no 200 within a minute")
    }
}
