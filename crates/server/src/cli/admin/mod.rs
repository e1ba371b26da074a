//! `keyward admin`: what an operator does with files. It works on the database itself, like `recover-admin`: whoever can run it can read
//! the key file, so nothing more is asked. A server may be running meanwhile.

pub mod import_csv;
pub mod import_entra;

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use policy::model::CorrelationId;

use crate::app::AppState;
use crate::clock::{Clock, Random};
use crate::config::Settings;
use crate::flow::Caller;
use crate::flow::govern::Governor;
use crate::start;

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make and change accounts as a table says; without --apply, say what that would do. Audited
    ImportCsv(Box<import_csv::Arguments>),
    /// Report what an Entra tenant's exported policies and passkeys would be here; with --apply, carry over what can be. Audited
    ImportEntra(Box<import_entra::Arguments>),
}

/// Flags that all of them take.
#[derive(Args, Debug)]
pub struct Common {
    #[command(flatten)]
    settings: Settings,
    /// Domain or id of the tenant [default: the first one]
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
    /// Write it; otherwise it is only said what would be written
    #[arg(long)]
    apply: bool,
    /// Print one JSON value instead of lines
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::ImportCsv(arguments) => import_csv::run(*arguments).await,
        Command::ImportEntra(arguments) => import_entra::run(*arguments).await,
    }
}

/// The server's state without the server, and who acts.
struct Desk {
    app: AppState,
    caller: Caller,
    by: Governor,
}

impl Desk {
    async fn open(common: &Common, name: &str) -> anyhow::Result<Self> {
        let config = super::configuration(common.settings.clone())?;
        let app = start::existing(config, Clock::System, Random::system()).await?;
        let tenant = match &common.tenant {
            Some(wanted) => app.tenants.by_name(wanted),
            None => Some(app.tenants.default()),
        };
        let tenant = tenant.context("there is no such tenant")?.id;
        let correlation = CorrelationId::new(app.clock.now(), app.random.bytes());
        Ok(Self {
            caller: Caller::of_operator(correlation),
            by: Governor::operator(tenant, name),
            app,
        })
    }
}

/// A file of at most `most` bytes; one that is longer comes back with one byte more, for whoever reads it to refuse.
fn bytes_of(file: &Path, most: usize) -> anyhow::Result<Vec<u8>> {
    let opened = File::open(file).with_context(|| file.display().to_string())?;
    let mut bytes = Vec::new();
    let most = u64::try_from(most)?.saturating_add(1);
    opened
        .take(most)
        .read_to_end(&mut bytes)
        .with_context(|| file.display().to_string())?;
    Ok(bytes)
}
