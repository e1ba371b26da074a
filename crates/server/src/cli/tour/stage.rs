//! What the story plays on: a throw-away server with TLS on a free port, a sample application beside it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use policy::model::{Application, ApplicationId, ClientKind, RedirectKind, RedirectUri};
use reqwest::{Certificate, Client, redirect};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

use super::story::Scene;
use crate::app::AppState;
use crate::cli::demo::sample_app::{self, Provider, SampleApp};
use crate::cli::serve::Server;
use crate::clock::{Clock, Random};
use crate::config::{Config, Settings};
use crate::flow::issue_tokens::bearer_hash;
use crate::jose;

/// A running server with its application; gone when stopped.
#[derive(Debug)]
pub struct Stage {
    server: Server,
    application: JoinHandle<()>,
    /// Where everything is.
    pub scene: Scene,
    folder: Folder,
}

/// A folder that disappears with its owner.
#[derive(Debug)]
struct Folder(PathBuf);

impl Stage {
    /// Starts everything on free ports of this machine.
    ///
    /// # Errors
    /// If the server does not start or its first start left no pass.
    pub async fn build() -> anyhow::Result<Self> {
        let folder = Folder::make()?;
        let server = Server::start(Config::load(settings(&folder.0))?).await?;
        let first = server
            .first_start
            .as_ref()
            .context("an empty folder was no first start")?;
        let (administrator, pass) = (first.administrator.clone(), first.pass.expose().to_owned());
        let domain = first.tenant_domain.clone();
        let ca = std::fs::read(
            server
                .ca
                .as_ref()
                .context("the server has no development certificate")?,
        )?;
        let (application, address) = start_application(&server.app, &ca).await?;
        let scene = Scene {
            http: client(&ca)?,
            server: Url::parse(server.app.config.origin())?,
            application: Url::parse(&address)?,
            domain,
            administrator,
            pass,
        };
        Ok(Self {
            server,
            application,
            scene,
            folder,
        })
    }

    /// Stops everything and removes the folder.
    pub async fn strike(self) {
        self.application.abort();
        self.server.stop().await;
        drop(self.folder);
    }
}

impl Folder {
    fn make() -> anyhow::Result<Self> {
        let name = format!(
            "keyward-tour-{}",
            jose::encode(Random::system().bytes::<9>())
        );
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, folder = %self.0.display(), "the tour's folder is still there");
        }
    }
}

fn settings(folder: &Path) -> Settings {
    Settings {
        data: Some(folder.join("data")),
        listen: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
        ..Settings::default()
    }
}

/// Trusts the development authority and no other; the tour looks at every redirect itself.
fn client(ca: &[u8]) -> anyhow::Result<Client> {
    let client = Client::builder()
        .tls_certs_only([Certificate::from_pem(ca)?])
        .redirect(redirect::Policy::none())
        .no_proxy()
        .build()?;
    Ok(client)
}

async fn start_application(app: &AppState, ca: &[u8]) -> anyhow::Result<(JoinHandle<()>, String)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = format!("http://localhost:{}", listener.local_addr()?.port());
    let secret = jose::encode(app.random.bytes::<32>());
    let registered = register(app, &address, &secret).await?;
    let issuer = format!("{}/{}/v2.0", app.config.origin(), registered.tenant);
    let sample = SampleApp {
        provider: Provider::new(&issuer, &registered.id.to_string(), &secret, ca)?,
        address: address.clone(),
        clock: Clock::System,
        random: Random::system(),
    };
    let serving = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, sample_app::router(sample)).await {
            tracing::error!(%error, "the sample application stopped");
        }
    });
    Ok((serving, address))
}

/// Registers the application in the directory: there is no page for that yet.
async fn register(app: &AppState, address: &str, secret: &str) -> anyhow::Result<Application> {
    let now = app.clock.now();
    let application = Application {
        tenant: app.tenants.default().id,
        id: ApplicationId::new(now, app.random.bytes()),
        display_name: "Sample application".to_owned(),
        kind: ClientKind::Confidential,
        secrets: vec![bearer_hash(secret)],
        redirect_uris: vec![RedirectUri {
            uri: sample_app::redirect_uri(address),
            kind: RedirectKind::Web,
        }],
        logout_uris: vec![sample_app::logout_uri(address)],
        app_permissions: Vec::new(),
        id_token_algorithm: None,
        enabled: true,
        created: now,
    };
    let stored = application.clone();
    app.store
        .write(move |tx| Box::pin(async move { store::applications::put(tx, &stored).await }))
        .await?;
    Ok(application)
}
