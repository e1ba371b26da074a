//! Opening everything: key file, database, first tenant, seal keys.

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use anyhow::Context as _;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use policy::model::Role;
use policy::model::{
    Bootstrap, CorrelationId, KeyId, PassId, PassUse, SealKey as StoredSealKey, SecretBytes, Span,
    TemporaryAccessPass, Tenant, TenantId, Timestamp, User, UserHandle, UserId, UserType,
};
use store::{DatabaseUrl, Kek, Store, StoreError};

use crate::app::{App, AppState, Tenants};
use crate::cable::Desk;
use crate::clock::{Clock, Random};
use crate::config::Config;
use crate::flow::throttle::UnknownNames;
use crate::flow::{Caller, SecretText, pass_code, records};
use crate::limits::Limits;
use crate::models::Models;
use crate::notify::Notifier;
use crate::oidc::keyring::Keyring;
use crate::seal::{SealKey, Sealer};
use crate::signals::Outbound;
use crate::snapshots::Snapshots;
use crate::workers::Workers;

const SEAL_PURPOSE: &str = "browser";
/// The settings document that holds the RP ID.
const RP_ID: &str = "rpId";
/// A seal key seals for thirty days and opens for sixty-one: longer than the longest-lived sealed value (a provisioning
/// challenge of thirty days).
const SEAL_ROTATION: Span = Span::days(30);
const SEAL_LIFETIME: Span = Span::days(61);
/// How long the pass of the first administrator works.
pub const FIRST_PASS: Span = Span::minutes(60);

/// What the first start made.
#[derive(Clone, Debug)]
pub struct FirstStart {
    /// Domain of the tenant.
    pub tenant_domain: String,
    /// User principal name of the administrator.
    pub administrator: String,
    /// Their pass.
    pub pass: SecretText,
}

/// Opens the store behind `config` and everything on top of it; makes the first tenant if there is none.
pub async fn start(
    config: Config,
    clock: Clock,
    random: Random,
) -> anyhow::Result<(AppState, Option<FirstStart>)> {
    let store = open_store(&config, &random).await?;
    let first = first_start(&store, &config, &clock, &random).await?;
    let tenants = read_tenants(&store).await?;
    pin_rp_id(&store, &config, &clock, &tenants).await?;
    let app = assemble(config, clock, random, store, tenants).await?;
    Ok((app, first))
}

/// Opens what is there for a command of the operator, beside a server that may be running: nothing is made where there is nothing, and
/// the RP ID stays what the server's own configuration made it.
pub async fn existing(config: Config, clock: Clock, random: Random) -> anyhow::Result<AppState> {
    let store = open_existing(&config).await?;
    let tenants = read_tenants(&store).await?;
    assemble(config, clock, random, store, tenants).await
}

async fn assemble(
    config: Config,
    clock: Clock,
    random: Random,
    store: Store,
    tenants: Tenants,
) -> anyhow::Result<AppState> {
    let seal = Sealer::new(seal_keys(&store, &clock, &random).await?);
    let parallel = std::thread::available_parallelism().map_or(1, usize::from);
    let metrics = if config.record_metrics {
        record_metrics()
    } else {
        None
    };
    let models = Models::new(clock.unix());
    let notifier = Notifier::new(&config)?;
    let signals = Outbound::new(&config.signals)?;
    let relay = config.relay.as_ref();
    let relay = relay.map(|relay| Desk::new(relay, clock.clone()));
    Ok(AppState::new(App {
        config,
        store,
        clock,
        random,
        seal,
        tenants,
        workers: Workers::new(parallel),
        limits: Limits::default(),
        snapshots: Snapshots::default(),
        models,
        unknown: UnknownNames::default(),
        keyring: Keyring::default(),
        notifier,
        signals,
        relay,
        metrics,
    }))
}

/// Opens (or makes) the data folder, the key file and the database.
pub async fn open_store(config: &Config, random: &Random) -> anyhow::Result<Store> {
    make_folder(&config.data)?;
    let kek = Kek::load_or_create(&config.data.join("key"), random.bytes())?;
    let url: DatabaseUrl = config.database.expose().parse()?;
    Ok(Store::open(&url, kek).await?)
}

/// Opens the database behind `config` for a command that works on what is there: nothing is made where there is nothing.
pub async fn open_existing(config: &Config) -> anyhow::Result<Store> {
    open_existing_with(config, |_| {}).await
}

/// [`open_existing`] with other options than the defaults.
pub async fn open_existing_with(
    config: &Config,
    adjust: impl FnOnce(&mut store::Options),
) -> anyhow::Result<Store> {
    let url: DatabaseUrl = config.database.expose().parse()?;
    if let DatabaseUrl::Sqlite(file) = &url {
        anyhow::ensure!(file.exists(), "there is no database at {}", file.display());
    }
    let kek = Kek::load(&config.data.join("key"))?;
    let mut options = store::Options::new(url);
    adjust(&mut options);
    Ok(Store::open_with(&options, kek).await?)
}

/// The seal keys of the deployment, newest last, with a fresh one if the newest is due.
pub async fn seal_keys(
    store: &Store,
    clock: &Clock,
    random: &Random,
) -> Result<Vec<SealKey>, StoreError> {
    let now = clock.now();
    let fresh = StoredSealKey {
        id: KeyId::new(now, random.bytes()),
        purpose: SEAL_PURPOSE.to_owned(),
        secret: SecretBytes::new(random.bytes::<32>().to_vec()),
        created: now,
        expires: now.plus(SEAL_LIFETIME),
    };
    let held = store.read(|tx| Box::pin(store::keys::sealing(tx))).await?;
    let due = now.minus(SEAL_ROTATION);
    let held = if held
        .iter()
        .any(|key| key.purpose == SEAL_PURPOSE && key.created >= due)
    {
        held
    } else {
        store
            .write(move |tx| {
                Box::pin(async move {
                    store::keys::add_sealing(tx, &fresh, due).await?;
                    store::keys::sealing(tx).await
                })
            })
            .await?
    };
    let ours = held
        .iter()
        .rev()
        .filter(|key| key.purpose == SEAL_PURPOSE && key.expires > now);
    Ok(ours
        .map(|key| SealKey::new(key.id, key.secret.expose()))
        .collect())
}

async fn read_tenants(store: &Store) -> anyhow::Result<Tenants> {
    let found: Vec<Tenant> = store
        .read(|tx| Box::pin(store::tenants::list(tx)))
        .await
        .map_err(as_error)?;
    let mut found = found.into_iter();
    let first = found.next().context("the database holds no tenant")?;
    Ok(Tenants::new(first, found.collect()))
}

/// Passkeys are bound to the RP ID they were made for, so it is fixed at the first start and changes only while there are
/// none.
async fn pin_rp_id(
    store: &Store,
    config: &Config,
    clock: &Clock,
    tenants: &Tenants,
) -> anyhow::Result<()> {
    let tenant = tenants.default().id;
    let ours = config.relying_party.rp_id.as_str().to_owned();
    let pinned = store
        .read(move |tx| Box::pin(store::settings::get(tx, tenant, RP_ID)))
        .await
        .map_err(as_error)?;
    let wanted = serde_json::to_string(&ours)?;
    if pinned.as_ref() == Some(&wanted) {
        return Ok(());
    }
    if let Some(pinned) = pinned {
        let lost = count_passkeys(store, tenants).await?;
        anyhow::ensure!(
            lost == 0,
            "this deployment's RP ID is {pinned}; with {ours} its {lost} passkeys could never be used again, so give --rp-id {pinned}"
        );
    }
    let now = clock.now();
    store
        .write(move |tx| {
            Box::pin(async move { store::settings::put(tx, tenant, RP_ID, &wanted, now).await })
        })
        .await
        .map_err(as_error)
}

async fn count_passkeys(store: &Store, tenants: &Tenants) -> anyhow::Result<usize> {
    let mut count = 0;
    for tenant in tenants.all().map(|tenant| tenant.id) {
        let page = store::Page::first(1_000);
        let found = store
            .read(move |tx| Box::pin(store::passkeys::list(tx, tenant, page)))
            .await;
        count += found.map_err(as_error)?.len();
    }
    Ok(count)
}

fn as_error(error: StoreError) -> anyhow::Error {
    error.into()
}

fn make_folder(folder: &Path) -> anyhow::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("cannot create the data folder {}", folder.display()))
}

/// One recorder serves the whole process; a second start in the same process (tests) goes without.
fn record_metrics() -> Option<PrometheusHandle> {
    PrometheusBuilder::new().install_recorder().ok()
}

/// What one node writes at the first start of a deployment, and the others find.
struct Founding {
    bootstrap: Bootstrap,
    tenant: Tenant,
    administrator: User,
    pass: TemporaryAccessPass,
    record: policy::model::AuditRecord,
}

async fn first_start(
    store: &Store,
    config: &Config,
    clock: &Clock,
    random: &Random,
) -> anyhow::Result<Option<FirstStart>> {
    let found: Option<Bootstrap> = store
        .read(|tx| Box::pin(store::bootstrap::find(tx)))
        .await
        .map_err(as_error)?;
    if found.is_some() {
        return Ok(None);
    }
    let founding = founding(config, clock.now(), random);
    let code = pass_code::generate(random, pass_code::LENGTH);
    let first = FirstStart {
        tenant_domain: config.tenant_domain.clone(),
        administrator: founding.administrator.user_principal_name.clone(),
        pass: pass_code::grouped(&code),
    };
    let won = store
        .write(move |tx| Box::pin(async move { found_tenant(tx, &founding, &code).await }))
        .await?;
    Ok(won.then_some(first))
}

async fn found_tenant(
    tx: &mut store::Tx,
    founding: &Founding,
    code: &SecretText,
) -> Result<bool, StoreError> {
    if !store::bootstrap::claim(tx, &founding.bootstrap).await? {
        return Ok(false);
    }
    let user = &founding.administrator;
    // The database is empty and this job alone holds the claim, so neither domain nor name can be taken.
    let _ = store::tenants::create(tx, &founding.tenant).await?;
    let _ = store::users::create(tx, user).await?;
    store::roles::assign(
        tx,
        user.tenant,
        user.id,
        Role::GlobalAdministrator,
        founding.bootstrap.at,
    )
    .await?;
    store::passes::issue(tx, &founding.pass, code.expose()).await?;
    store::audit::record(tx, &founding.record).await?;
    Ok(true)
}

fn founding(config: &Config, now: Timestamp, random: &Random) -> Founding {
    let tenant = Tenant {
        id: TenantId::new(now, random.bytes()),
        display_name: config.tenant_domain.clone(),
        domains: vec![config.tenant_domain.clone()],
        created: now,
    };
    let administrator = User {
        tenant: tenant.id,
        id: UserId::new(now, random.bytes()),
        user_principal_name: format!("admin@{}", config.tenant_domain),
        display_name: "Administrator".to_owned(),
        mail: None,
        enabled: true,
        handle: UserHandle::new(tenant.id, random.bytes()),
        user_type: UserType::Member,
        break_glass: false,
        created: now,
        sessions_valid_from: now,
        proofs_valid_from: None,
        mfa: policy::model::PerUserMfa::Disabled,
        version: 1,
    };
    let pass = TemporaryAccessPass {
        tenant: tenant.id,
        id: PassId::new(now, random.bytes()),
        user: administrator.id,
        starts: now,
        lifetime: FIRST_PASS,
        usable: PassUse::Many,
        used: None,
        created: now,
        ends_with_registration: true,
    };
    let caller = Caller::of_operator(CorrelationId::new(now, random.bytes()));
    let record = records::audit(
        now,
        random,
        &caller,
        "Create Temporary Access Pass",
        records::by_service("bootstrap"),
        &administrator,
    );
    Founding {
        bootstrap: Bootstrap {
            tenant: tenant.id,
            administrator: administrator.id,
            at: now,
        },
        tenant,
        administrator,
        pass,
        record,
    }
}
