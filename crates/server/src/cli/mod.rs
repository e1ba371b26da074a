//! The commands of the binary, one module each.
//!
//! Exit codes: 0 done, 1 refused or failed (one clear line on stderr), 2 wrong usage.

pub mod demo;
pub mod dev_cert;
pub mod doctor;
pub mod recover_admin;
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
    /// Run a filled demonstration with an application to sign in to
    Demo(Box<demo::Arguments>),
    /// Write a certificate for localhost under an authority of its own
    DevCert {
        /// Where to write ca.pem, localhost.pem and localhost.key
        folder: PathBuf,
    },
    /// Check configuration, certificate, database and clock
    Doctor(Box<doctor::Arguments>),
    /// Judge recorded ceremonies, one JSON object per line
    Verify {
        /// The file, or - for standard input
        file: PathBuf,
    },
    /// Make a new pass for an administrator, offline; audited
    RecoverAdmin(Box<recover_admin::Arguments>),
    /// Play the whole story against a throw-away server, a line per step
    Tour,
}

/// Parses the command line, runs the command, and turns its end into an exit code.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    start_logging();
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
    match command {
        Command::Serve(arguments) => serve::run(*arguments).await.map(|()| ExitCode::SUCCESS),
        Command::Demo(arguments) => demo::run(*arguments).await.map(|()| ExitCode::SUCCESS),
        Command::DevCert { folder } => dev_cert::run(&folder).map(|()| ExitCode::SUCCESS),
        Command::Verify { file } => verify::run(&file).map(|()| ExitCode::SUCCESS),
        Command::Doctor(arguments) => doctor::run(*arguments).await,
        Command::RecoverAdmin(arguments) => recover_admin::run(*arguments)
            .await
            .map(|()| ExitCode::SUCCESS),
        Command::Tour => tour::run().await,
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
fn start_logging() {
    let filter = EnvFilter::builder()
        .with_env_var("KEYWARD_LOG")
        .with_default_directive(tracing::level_filters::LevelFilter::INFO.into())
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
