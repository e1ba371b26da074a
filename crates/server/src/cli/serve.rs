//! `keyward serve`, and the same server for `demo`, `tour` and tests that want real TLS.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::dev_cert;
use crate::app::AppState;
use crate::clock::{Clock, Random};
use crate::config::{CertificateSource, Config, Settings};
use crate::evidence::sequencer;
use crate::oidc::backchannel;
use crate::start::{self, FirstStart};
use crate::tls::{self, Certificates, Peer, TlsListener};
use crate::{housekeeping, logs, notify, routes, signals};

/// How long running requests may take to finish after SIGTERM.
const GRACE: Duration = Duration::from_secs(10);

/// Flags of `serve`.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    /// Its state.
    pub app: AppState,
    /// Where it listens.
    pub address: SocketAddr,
    /// The authority that browsers have to trust, if the certificate is a development one.
    pub ca: Option<PathBuf>,
    /// What the first start made, if this was it.
    pub first_start: Option<FirstStart>,
    certificates: Arc<Certificates>,
    files: (PathBuf, PathBuf),
    stop: CancellationToken,
    tasks: TaskTracker,
    /// The sequencer stops after everything that writes records.
    sequencer: (CancellationToken, JoinHandle<()>),
}

/// Runs until SIGINT or SIGTERM.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let config = super::configuration(arguments.settings)?;
    let mut config = config;
    config.record_metrics = true;
    let server = Server::start(config).await?;
    announce(&server)?;
    server.until_signal().await
}

impl Server {
    /// Opens everything and starts answering on `config.listen`.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        let tcp = TcpListener::bind(config.listen)
            .await
            .with_context(|| format!("cannot listen on {}", config.listen))?;
        let address = tcp.local_addr()?;
        let config = config.with_port(address.port());
        let (ca, cert, key) = certificate_files(&config)?;
        let certificates = Certificates::from_files(&cert, &key)?;
        let listener = TlsListener::start(
            tcp,
            tls::server_config(Arc::clone(&certificates))?,
            config.max_connections,
        )?;
        let (app, first_start) = start::start(config, Clock::System, Random::system()).await?;
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let service = routes::router(app.clone()).into_make_service_with_connect_info::<Peer>();
        let until = stop.clone().cancelled_owned();
        tasks.spawn(async move {
            axum::serve(listener, service)
                .with_graceful_shutdown(until)
                .await
        });
        tasks.spawn(housekeeping::run(app.clone(), stop.clone()));
        tasks.spawn(notify::run(app.clone(), stop.clone()));
        tasks.spawn(signals::run(app.clone(), stop.clone()));
        tasks.spawn(backchannel::run(app.clone(), stop.clone()));
        tasks.spawn(logs::run(app.clone(), stop.clone()));
        tasks.close();
        let last = CancellationToken::new();
        let sequencer = tokio::spawn(sequencer::run(app.clone(), last.clone()));
        Ok(Self {
            app,
            address,
            ca,
            first_start,
            certificates,
            files: (cert, key),
            stop,
            tasks,
            sequencer: (last, sequencer),
        })
    }

    /// The certificate chain it serves, PEM, leaf first.
    pub fn certificate_file(&self) -> &Path {
        &self.files.0
    }

    /// Stops accepting and waits for running requests.
    pub async fn stop(self) {
        self.stop.cancel();
        self.app.signals.close();
        if let Some(relay) = &self.app.relay {
            relay.stop();
        }
        if tokio::time::timeout(GRACE, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("some requests did not finish in time");
        }
        let (last, sequencer) = self.sequencer;
        last.cancel();
        if tokio::time::timeout(GRACE, sequencer).await.is_err() {
            tracing::warn!(
                "the last records are not in the evidence log yet; the next start reads them in"
            );
        }
    }

    async fn until_signal(self) -> anyhow::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut hangup = signal(SignalKind::hangup())?;
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                _ = hangup.recv() => self.reload_certificate(),
            }
        }
        tracing::info!("stopping");
        self.stop().await;
        Ok(())
    }

    fn reload_certificate(&self) {
        match self.certificates.reload(&self.files.0, &self.files.1) {
            Ok(()) => tracing::info!("certificate read again"),
            Err(error) => tracing::error!(%error, "the old certificate stays in use"),
        }
    }
}

fn certificate_files(config: &Config) -> anyhow::Result<(Option<PathBuf>, PathBuf, PathBuf)> {
    match &config.certificate {
        CertificateSource::Files { cert, key } => Ok((None, cert.clone(), key.clone())),
        CertificateSource::Development => {
            let made = dev_cert::ensure(&config.data.join("tls"), Clock::System.now())?;
            Ok((Some(made.ca), made.cert, made.key))
        }
    }
}

fn announce(server: &Server) -> anyhow::Result<()> {
    println!("Keyward answers at {}", server.app.config.origin());
    println!("listening on {}", server.address);
    if let Some(ca) = &server.ca {
        println!(
            "development certificate; browsers must trust {}",
            ca.display()
        );
    }
    if let Some(relay) = &server.app.config.relay {
        println!(
            "tunnel service of hybrid transport for {}, which must lead here on port 443 and be in the certificate",
            relay.domain.host()
        );
    }
    match &server.first_start {
        Some(first) => hand_over(first, &server.app.config),
        None => Ok(()),
    }
}

/// The first pass goes to a terminal, where a person sits, and otherwise into a file that only this account reads: logs of
/// a service manager are read by many.
fn hand_over(first: &FirstStart, config: &Config) -> anyhow::Result<()> {
    println!(
        "first start: the tenant {} was made with the administrator {}",
        first.tenant_domain, first.administrator
    );
    if std::io::stdout().is_terminal() {
        println!(
            "Temporary Access Pass, one hour, until the first passkey is registered: {}",
            first.pass.expose()
        );
    } else {
        let file = config.data.join("first-pass");
        write_secret(&file, first.pass.expose())?;
        println!(
            "Temporary Access Pass, one hour, until the first passkey is registered: in {}",
            file.display()
        );
    }
    println!(
        "sign in at {}/security-info and register a passkey",
        config.origin()
    );
    Ok(())
}

/// Writes `text` into a new file that only this account can read.
pub fn write_secret(file: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let mut out = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .with_context(|| format!("cannot write {}", file.display()))?;
    writeln!(out, "{text}")?;
    Ok(())
}
