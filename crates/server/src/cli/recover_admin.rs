//! `keyward recover-admin`: a way back in when the last administrator is lost.
//!
//! Whoever can run this can read the key file and write the database, so nothing more is asked. The pass works once, for
//! an hour, and the audit log says that it was made at the command line.

use anyhow::{Context as _, ensure};
use clap::Args;
use policy::model::Role;
use policy::model::{
    AuditRecord, Category, CorrelationId, NoticeKind, PassId, PassUse, PolicyDocument,
    SecondPerson, Span, TemporaryAccessPass, TenantId, Timestamp, User,
};
use serde::Serialize;
use store::policies::Expected;
use store::{DatabaseUrl, Store, StoreError};

use crate::clock::{Clock, Random};
use crate::config::{Config, Settings};
use crate::flow::{Caller, SecretText, notices, pass_code, records};
use crate::start;

const LIFETIME: Span = Span::minutes(60);

/// Flags of `recover-admin`.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// User principal name of the administrator [default: the first Global Administrator]
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Domain or id of the tenant [default: the first one]
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
    /// Let no change wait for a second person any more, where nobody is left to be one
    #[arg(long)]
    second_person_off: bool,
    /// Print one JSON value instead of lines
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Recovered<'a> {
    user_principal_name: &'a str,
    temporary_access_pass: &'a str,
    lifetime_in_minutes: i64,
    correlation_id: String,
}

/// Issues the pass and prints it.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let config = super::configuration(arguments.settings)?;
    let (clock, random) = (Clock::System, Random::system());
    // Opening would make an empty database, and a way back into nothing.
    let url: DatabaseUrl = config.database.expose().parse()?;
    if let DatabaseUrl::Sqlite(file) = &url {
        ensure!(file.exists(), "there is no database at {}", file.display());
    }
    let store = start::open_store(&config, &random).await?;
    let now = clock.now();
    let Recovery {
        user,
        code,
        correlation,
    } = recover(
        &store,
        &config,
        now,
        &random,
        arguments.tenant,
        arguments.user,
    )
    .await?;
    if arguments.second_person_off {
        turn_off_second_person(&store, &user, now, &random, correlation).await?;
    }
    let shown = pass_code::grouped(&code);
    if arguments.json {
        let recovered = Recovered {
            user_principal_name: &user.user_principal_name,
            temporary_access_pass: shown.expose(),
            lifetime_in_minutes: LIFETIME.as_seconds() / 60,
            correlation_id: correlation.to_string(),
        };
        println!("{}", serde_json::to_string(&recovered)?);
        return Ok(());
    }
    println!(
        "Temporary Access Pass for {}, once, within one hour: {}",
        user.user_principal_name,
        shown.expose()
    );
    println!("audited under correlation id {correlation}");
    Ok(())
}

/// What a recovery made.
#[derive(Debug)]
pub struct Recovery {
    /// For whom.
    pub user: User,
    /// The pass, without separators.
    pub code: SecretText,
    /// Finds the audit record.
    pub correlation: CorrelationId,
}

/// Makes a one-time pass for the administrator called `name` (or the first one) of `tenant` (or the first one), and
/// enables the account.
///
/// # Errors
/// If there is no such administrator, or the store cannot be written.
pub async fn recover(
    store: &Store,
    config: &Config,
    now: Timestamp,
    random: &Random,
    tenant: Option<String>,
    name: Option<String>,
) -> anyhow::Result<Recovery> {
    let user = find(store, tenant, name).await?;
    let correlation = CorrelationId::new(now, random.bytes());
    let code = issue(store, config, &user, now, random, correlation).await?;
    Ok(Recovery {
        user,
        code,
        correlation,
    })
}

/// Turns off what waits for a second person in the tenant of `administrator`, with a record. Where it is off, nothing is written.
///
/// # Errors
/// If the store cannot be written.
pub async fn turn_off_second_person(
    store: &Store,
    administrator: &User,
    now: Timestamp,
    random: &Random,
    correlation: CorrelationId,
) -> anyhow::Result<()> {
    let tenant = administrator.tenant;
    let caller = Caller::of_operator(correlation);
    let activity = "Update change approval setting";
    let by = records::by_service("recover-admin");
    let record = AuditRecord {
        category: Category::Policy,
        service: "Change approval".to_owned(),
        ..records::audit(now, random, &caller, activity, by, administrator)
    };
    let written = store.write(move |tx| {
        Box::pin(async move {
            let policies = store::policies::load(tx, tenant).await?;
            if !policies.second_person.is_on() {
                return Ok(());
            }
            let off = PolicyDocument::SecondPerson(SecondPerson::default());
            store::policies::put(tx, tenant, &off, Expected::Anything, now).await?;
            store::audit::record(tx, &record).await
        })
    });
    written
        .await
        .map_err(|error: StoreError| anyhow::Error::from(error))
}

async fn find(store: &Store, tenant: Option<String>, name: Option<String>) -> anyhow::Result<User> {
    let found = store
        .read(move |tx| {
            Box::pin(async move {
                let tenants = store::tenants::list(tx).await?;
                let Some(tenant) = chosen(&tenants, tenant.as_deref()) else {
                    return Ok(None);
                };
                match name {
                    Some(name) => named_administrator(tx, tenant, &name).await,
                    None => first_administrator(tx, tenant).await,
                }
            })
        })
        .await
        .map_err(|error: StoreError| anyhow::Error::from(error))?;
    found.context("there is no such tenant or administrator; name one with --tenant and --user")
}

fn chosen(tenants: &[policy::model::Tenant], wanted: Option<&str>) -> Option<TenantId> {
    let Some(wanted) = wanted else {
        return tenants.first().map(|tenant| tenant.id);
    };
    let fits = |tenant: &&policy::model::Tenant| {
        tenant
            .domains
            .iter()
            .any(|domain| domain.eq_ignore_ascii_case(wanted))
            || tenant.id.to_string().eq_ignore_ascii_case(wanted)
    };
    tenants.iter().find(fits).map(|tenant| tenant.id)
}

/// A user with this name who holds a role: this command is no way to take over anybody else.
async fn named_administrator(
    tx: &mut store::Tx,
    tenant: TenantId,
    name: &str,
) -> Result<Option<User>, StoreError> {
    let Some(user) = store::users::find_by_name(tx, tenant, name).await? else {
        return Ok(None);
    };
    let roles = store::roles::of_user(tx, tenant, user.id).await?;
    Ok((!roles.is_empty()).then_some(user))
}

async fn first_administrator(
    tx: &mut store::Tx,
    tenant: TenantId,
) -> Result<Option<User>, StoreError> {
    let holders = store::roles::holders(tx, tenant, Role::GlobalAdministrator).await?;
    match holders.into_iter().min() {
        Some(first) => store::users::find(tx, tenant, first).await,
        None => Ok(None),
    }
}

async fn issue(
    store: &Store,
    config: &Config,
    user: &User,
    now: Timestamp,
    random: &Random,
    correlation: CorrelationId,
) -> anyhow::Result<SecretText> {
    let pass = TemporaryAccessPass {
        tenant: user.tenant,
        id: PassId::new(now, random.bytes()),
        user: user.id,
        starts: now,
        lifetime: LIFETIME,
        usable: PassUse::Once,
        used: None,
        created: now,
        ends_with_registration: true,
    };
    let caller = Caller::of_operator(correlation);
    let record = records::audit(
        now,
        random,
        &caller,
        "Create Temporary Access Pass",
        records::by_service("recover-admin"),
        user,
    );
    let told = notices::at_the_command_line(config, random, NoticeKind::PassIssued, user, &record);
    let told = notices::about_pass(told, &pass);
    let code = pass_code::generate(random, pass_code::LENGTH);
    let (tenant, id, was_enabled, typed) = (user.tenant, user.id, user.enabled, code.clone());
    let written = store.write(move |tx| {
        Box::pin(async move {
            if !was_enabled {
                store::users::set_enabled(tx, tenant, id, true).await?;
            }
            store::passes::issue(tx, &pass, typed.expose()).await?;
            notices::write(tx, &record, &told).await
        })
    });
    written
        .await
        .map_err(|error: StoreError| anyhow::Error::from(error))?;
    Ok(code)
}
