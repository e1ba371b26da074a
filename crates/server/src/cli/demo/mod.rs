//! `keyward demo`: the main job in one command. A fresh, filled tenant, served with an application that signs people in
//! through it, and everything printed that is needed to try it.
//!
//! Refuses to do: run on data that exists, or be reached from another machine.

mod announcement;
mod directory;
mod history;
mod policies;
pub mod sample_app;
mod world;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::serve::Server;
use crate::clock::Random;
use crate::config::Settings;
use crate::jose;

/// A message of the catalogue.
const BANNER: &str = "banner-demonstration";
const DOMAIN: &str = "demo.example";
/// Ports that scripts which drive a demonstration count on.
const KEPT_FREE: std::ops::RangeInclusive<u16> = 53680..=53699;

/// Flags of `demo`.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Write the facts of this run (addresses, accounts, secrets) as JSON to a new file that only you can read
    #[arg(long, value_name = "FILE")]
    world: Option<PathBuf>,
}

/// Runs until SIGINT or SIGTERM.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    if let Some(file) = &arguments.world {
        ensure!(
            !file.exists(),
            "{} exists already; name a new file for --world",
            file.display()
        );
    }
    let random = Random::system();
    let (mut settings, folder) = with_folder(arguments.settings, &random);
    settings
        .tenant_domain
        .get_or_insert_with(|| DOMAIN.to_owned());
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let demonstration = Box::pin(Demonstration::start(settings)).await?;
    if let Some(file) = &arguments.world {
        world::write(file, &demonstration)?;
    }
    print!("{}", announcement::Announcement::new(&demonstration)?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    demonstration.server.stop().await;
    drop(folder);
    Ok(())
}

/// A running demonstration.
#[derive(Debug)]
pub(super) struct Demonstration {
    pub(super) server: Server,
    /// The certificate authority that browsers and programs have to trust.
    pub(super) ca: PathBuf,
    /// Where the sample application answers.
    pub(super) application: String,
    directory: directory::Directory,
}

impl Demonstration {
    async fn start(settings: Settings) -> anyhow::Result<Self> {
        let mut config = super::configuration(settings)?;
        ensure!(
            config.listen.ip().is_loopback() && config.is_local(),
            "a demonstration has well-known accounts and listens on this machine only; use `serve` for more"
        );
        config.demo_banner = Some(BANNER);
        config.localhost_registration = true;
        if config.listen.port() == 0 {
            config = config.with_port(free_port().await?);
        }
        let server = Server::start(config).await?;
        let Some(first) = server.first_start.clone() else {
            bail!("this data belongs to somebody: a demonstration only fills an empty store")
        };
        let ca = server
            .ca
            .clone()
            .context("a demonstration makes its own certificate; leave out --cert and --key")?;
        let (listener, application) = application_listener().await?;
        let directory = directory::fill(&server.app, &first, &application).await?;
        policies::make(&server.app).await?;
        start_application(&server, &ca, listener, &application, &directory)?;
        history::play(&server, &ca, &application, &directory).await?;
        Ok(Self {
            server,
            ca,
            application,
            directory,
        })
    }
}

/// The settings with a data folder, and the guard that removes it if it is one of ours.
fn with_folder(mut settings: Settings, random: &Random) -> (Settings, Option<Temporary>) {
    if settings.data.is_some() {
        return (settings, None);
    }
    let name = format!("keyward-demo-{}", jose::encode(random.bytes::<9>()));
    let folder = std::env::temp_dir().join(name);
    settings.data = Some(folder.clone());
    (settings, Some(Temporary(folder)))
}

/// A folder that goes with the demonstration.
#[derive(Debug)]
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(folder = %self.0.display(), %error, "the demonstration's folder could not be removed");
        }
    }
}

fn start_application(
    server: &Server,
    ca: &std::path::Path,
    listener: TcpListener,
    address: &str,
    directory: &directory::Directory,
) -> anyhow::Result<()> {
    let client = &directory.sample_app;
    let issuer =
        crate::oidc::metadata::issuer(server.app.config.origin(), server.app.tenants.default().id);
    let ca = std::fs::read(ca)?;
    let provider =
        sample_app::Provider::new(&issuer, &client.id.to_string(), client.secret.expose(), &ca)?;
    let router = sample_app::router(sample_app::SampleApp {
        address: address.to_owned(),
        provider,
        clock: server.app.clock.clone(),
        random: server.app.random.clone(),
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(())
}

async fn application_listener() -> anyhow::Result<(TcpListener, String)> {
    let listener = free_listener().await?;
    let address = format!("http://localhost:{}", listener.local_addr()?.port());
    Ok((listener, address))
}

async fn free_port() -> anyhow::Result<u16> {
    Ok(free_listener().await?.local_addr()?.port())
}

/// A listener on a port that nobody counts on. Ports found unfit are held until a fit one is found, so that the system
/// does not offer them again.
async fn free_listener() -> anyhow::Result<TcpListener> {
    let mut unfit = Vec::new();
    for _ in 0..64 {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        if !KEPT_FREE.contains(&listener.local_addr()?.port()) {
            return Ok(listener);
        }
        unfit.push(listener);
    }
    bail!("no free port was found")
}
