//! `keyward log`: everything about the evidence log that needs no running server.

pub mod checkpoint;
pub mod erase;
pub mod export;
pub mod prove;
pub mod retention;
pub mod verify;

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use policy::model::{Tenant, TenantId, User, UserId};
use store::{Store, StoreError};

/// What can be done with the log.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Recompute the whole log, its trees, keys and checkpoints; exit code 1 if anything is not as it was written
    Verify(Box<verify::Arguments>),
    /// Print the newest signed heads, to be kept elsewhere
    Checkpoint(Box<checkpoint::Arguments>),
    /// Prove that a record is in the tree of the newest head; prints JSON
    Prove(Box<prove::Arguments>),
    /// Print both logs with everything that is hashed, or what they say about one person; prints JSON
    Export(Box<export::Arguments>),
    /// Destroy what both logs say about a person; proofs go on verifying. Audited
    Erase(Box<erase::Arguments>),
    /// Show or set how long the logs are kept. Audited
    Retention(Box<retention::Arguments>),
}

/// Runs the command.
pub async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Verify(arguments) => verify::run(*arguments).await,
        Command::Checkpoint(arguments) => checkpoint::run(*arguments).await,
        Command::Prove(arguments) => prove::run(*arguments).await,
        Command::Export(arguments) => export::run(*arguments).await,
        Command::Erase(arguments) => erase::run(*arguments).await,
        Command::Retention(arguments) => retention::run(*arguments).await,
    }
}

/// The person with this user principal name or id. An id need not belong to an account: the logs outlive it.
async fn person(store: &Store, tenant: TenantId, name: &str) -> anyhow::Result<UserId> {
    if let Ok(id) = name.parse() {
        return Ok(id);
    }
    let wanted = name.to_owned();
    let found: Option<User> = store
        .read(move |tx| {
            Box::pin(async move { store::users::find_by_name(tx, tenant, &wanted).await })
        })
        .await
        .map_err(|error: StoreError| anyhow::Error::from(error))?;
    let found = found.with_context(|| {
        format!("there is no account called {name}; one that was deleted is named by its id")
    })?;
    Ok(found.id)
}

/// The tenant with this domain or id, or the first one.
async fn tenant(store: &Store, wanted: Option<&str>) -> anyhow::Result<TenantId> {
    let tenants: Vec<Tenant> = store
        .read(|tx| Box::pin(store::tenants::list(tx)))
        .await
        .map_err(|error: StoreError| anyhow::Error::from(error))?;
    let fits = |tenant: &&Tenant| {
        wanted.is_none_or(|wanted| {
            tenant.id.to_string().eq_ignore_ascii_case(wanted)
                || tenant
                    .domains
                    .iter()
                    .any(|domain| domain.eq_ignore_ascii_case(wanted))
        })
    };
    let found = tenants.iter().find(fits);
    found
        .map(|tenant| tenant.id)
        .context("there is no such tenant")
}
