//! What the story plays on: a throw-away server with TLS on a free port, a sample application beside it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, ensure};
use policy::model::{
    Application, ApplicationId, ClientKind, ClientSettings, CorrelationId, Password, RedirectKind,
    RedirectUri, SecretBytes, Totp, User, UserHandle, UserId, UserType,
};
use reqwest::{Certificate, Client, redirect};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

use super::Journal;
use super::governance::Newcomer;
use super::story::Scene;
use crate::app::AppState;
use crate::cli::demo::sample_app::{self, Provider, SampleApp};
use crate::cli::serve::Server;
use crate::clock::{Clock, Random};
use crate::config::{Config, Settings};
use crate::evidence::verify;
use crate::flow::issue_tokens::bearer_hash;
use crate::flow::{Caller, SecretText, passwords, records, totp};
use crate::jose;

/// Records that the story leaves at the least.
const LEAST_RECORDS: u64 = 40;

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
        let (application, address, application_id) = start_application(&server.app, &ca).await?;
        let newcomer = bring_over(&server.app, &format!("ben@{domain}")).await?;
        let scene = Scene {
            http: client(&ca)?,
            server: Url::parse(server.app.config.origin())?,
            application: Url::parse(&address)?,
            application_id,
            newcomer,
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

    /// The last step: everything that happened is in the evidence log, and nothing was changed.
    ///
    /// # Errors
    /// If it does not verify, or holds less than the story.
    pub async fn verify(&self, journal: &mut Journal) -> anyhow::Result<()> {
        let told = "The evidence log of all this verifies, as `keyward log verify` would do it: every record recomputed, every \
            signed head checked";
        journal
            .step(told, async {
                let report = verify::verify(&self.server.app.store, Vec::new()).await?;
                let wrong: Vec<_> = report
                    .findings
                    .kept()
                    .iter()
                    .map(ToString::to_string)
                    .collect();
                ensure!(wrong.is_empty(), "{}", wrong.join("; "));
                let counts = report.logs.iter().map(|log| log.records + log.unsequenced);
                let records: u64 = counts.sum();
                ensure!(records >= LEAST_RECORDS, "only {records} records");
                Ok(())
            })
            .await
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

/// The application, where it answers, and its client id.
async fn start_application(
    app: &AppState,
    ca: &[u8],
) -> anyhow::Result<(JoinHandle<()>, String, String)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = format!("http://localhost:{}", listener.local_addr()?.port());
    let secret = jose::encode(app.random.bytes::<32>());
    let registered = register(app, &address, &secret).await?;
    let issuer = format!("{}/{}/v2.0", app.config.origin(), registered.tenant);
    let id = registered.id.to_string();
    let sample = SampleApp {
        provider: Provider::new(&issuer, &id, &secret, ca)?,
        address: address.clone(),
        clock: Clock::System,
        random: Random::system(),
    };
    let serving = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, sample_app::router(sample)).await {
            tracing::error!(%error, "the sample application stopped");
        }
    });
    Ok((serving, address, id))
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
        settings: ClientSettings::default(),
        enabled: true,
        created: now,
    };
    let stored = application.clone();
    app.store
        .write(move |tx| Box::pin(async move { store::applications::put(tx, &stored).await }))
        .await?;
    Ok(application)
}

/// Writes a person as an import from another system would: a password and one-time codes, and no passkey.
async fn bring_over(app: &AppState, name: &str) -> anyhow::Result<Newcomer> {
    let (tenant, now) = (app.tenants.default().id, app.clock.now());
    let user = User {
        tenant,
        id: UserId::new(now, app.random.bytes()),
        user_principal_name: name.to_owned(),
        display_name: "Ben".to_owned(),
        mail: None,
        enabled: true,
        handle: UserHandle::new(tenant, app.random.bytes()),
        user_type: UserType::Member,
        break_glass: false,
        created: now,
        sessions_valid_from: now,
        proofs_valid_from: None,
        mfa: policy::model::PerUserMfa::Disabled,
        version: 1,
    };
    let secret = app.random.bytes::<{ totp::SECRET }>().to_vec();
    let newcomer = Newcomer {
        name: name.to_owned(),
        password: jose::encode(app.random.bytes::<12>()),
        totp: secret.clone(),
    };
    let hash = passwords::hash(app, SecretText::new(newcomer.password.clone())).await;
    let password = Password {
        user: user.id,
        hash: hash.map_err(|_| anyhow!("the workers are busy"))?,
        must_change: false,
        changed: now,
    };
    let codes = Totp {
        user: user.id,
        secret: SecretBytes::new(secret),
        last_step: 0,
        enrolled: now,
    };
    let caller = Caller::of_operator(CorrelationId::new(now, app.random.bytes()));
    let operator = records::by_service("tour");
    let record = records::audit(now, &app.random, &caller, "Add user", operator, &user);
    app.store
        .write(move |tx| {
            Box::pin(async move {
                // Nobody else is called so: the store was empty a moment ago.
                let _ = store::users::create(tx, &user).await?;
                store::passwords::set(tx, tenant, &password).await?;
                store::totp::enrol(tx, tenant, &codes).await?;
                store::audit::record(tx, &record).await
            })
        })
        .await?;
    Ok(newcomer)
}
