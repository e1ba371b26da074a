//! The commands of the binary, one module each.
//!
//! Exit codes: 0 done, 1 refused or failed (one clear line on stderr), 2 wrong usage.

pub mod admin;
pub mod demo;
pub mod dev_cert;
pub mod doctor;
pub mod log;
pub mod mds;
pub mod recover_admin;
pub mod relay_name;
pub mod serve;
pub mod tour;
pub mod verify;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::config::{ConfigError, Settings};

/// A self-hosted identity provider in which the passkey comes first.
#[derive(Debug, Parser)]
#[command(name = "keyward", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the provider
    Serve(Box<serve::Arguments>),
    /// Run a filled demonstration with a sample application; nothing is kept
    Demo(Box<demo::Arguments>),
    /// Play the whole story against a throw-away server, without a browser
    Tour,
    /// Judge recorded ceremonies, one JSON object per line
    Verify {
        /// The file; - for standard input
        file: PathBuf,
    },
    /// Write a certificate for localhost under an authority of its own
    DevCert {
        /// Where to write ca.pem, localhost.pem and localhost.key
        folder: PathBuf,
    },
    /// Check configuration, certificate, database and clock
    Doctor(Box<doctor::Arguments>),
    /// Make a new pass for an administrator, offline; audited
    RecoverAdmin(Box<recover_admin::Arguments>),
    /// Print the host name of a tunnel service of hybrid transport
    RelayName {
        /// Its number: 0, 1, or 256 to 65535
        id: u16,
    },
    /// Bring people in from a file
    #[command(subcommand)]
    Admin(admin::Command),
    /// The evidence log: verify, prove, export, erase, retention
    #[command(subcommand)]
    Log(log::Command),
    /// FIDO metadata: the models of authenticators and their makers' roots
    #[command(subcommand)]
    Mds(mds::Command),
}

impl Command {
    /// Commands that tell their own story log only what went wrong.
    fn quiet(&self) -> bool {
        !matches!(self, Self::Serve(_) | Self::Demo(_))
    }
}

/// Parses the command line, runs the command, and turns its end into an exit code.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    start_logging(cli.command.quiet());
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("keyward")
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    match runtime.block_on(run(cli.command)) {
        Ok(code) => code,
        Err(error) => failed(&error),
    }
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    let done = |()| ExitCode::SUCCESS;
    match command {
        Command::Serve(arguments) => serve::run(*arguments).await.map(done),
        Command::Demo(arguments) => Box::pin(demo::run(*arguments)).await.map(done),
        Command::Tour => Box::pin(tour::run()).await,
        Command::Verify { file } => verify::run(&file).map(done),
        Command::DevCert { folder } => dev_cert::run(&folder).map(done),
        Command::Doctor(arguments) => doctor::run(*arguments).await,
        Command::RecoverAdmin(arguments) => recover_admin::run(*arguments).await.map(done),
        Command::RelayName { id } => relay_name::run(id).map(done),
        Command::Admin(command) => admin::run(command).await,
        Command::Log(command) => log::run(command).await,
        Command::Mds(command) => mds::run(command).await.map(done),
    }
}

/// Loads the configuration behind `flags`.
pub fn configuration(flags: Settings) -> anyhow::Result<crate::config::Config> {
    Ok(crate::config::Config::load(flags)?)
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("keyward: {error:#}");
    if error.downcast_ref::<ConfigError>().is_some() {
        ExitCode::from(2)
    } else {
        ExitCode::FAILURE
    }
}

/// Logs go to stderr: lines for a person at a terminal, JSON for everything else. `KEYWARD_LOG` filters.
fn start_logging(quiet: bool) {
    let level = if quiet {
        tracing::level_filters::LevelFilter::ERROR
    } else {
        tracing::level_filters::LevelFilter::INFO
    };
    let filter = EnvFilter::builder()
        .with_env_var("KEYWARD_LOG")
        .with_default_directive(level.into())
        .from_env_lossy();
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = if std::io::stderr().is_terminal() {
        logs.try_init()
    } else {
        logs.json().flatten_event(true).try_init()
    };
    // A second start in one process (tests) keeps the first subscriber.
    drop(started);
}
