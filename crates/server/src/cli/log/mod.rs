//! `keyward log`: everything about the evidence log that needs no running server.

pub mod checkpoint;
pub mod verify;

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use policy::model::{Tenant, TenantId};
use store::{Store, StoreError};

/// What can be done with the log.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Recompute the whole log, its trees, keys and checkpoints; exit code 1 if anything is not as it was written
    Verify(Box<verify::Arguments>),
    /// Print the newest signed heads, to be kept elsewhere
    Checkpoint(Box<checkpoint::Arguments>),
}

/// Runs the command.
pub async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Verify(arguments) => verify::run(*arguments).await,
        Command::Checkpoint(arguments) => checkpoint::run(*arguments).await,
    }
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
