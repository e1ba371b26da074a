//! The chores of this repository, each one a command: `cargo xtask <name>`.
//!
//! The gate is `cargo xtask test`; `.ci/run` calls it between the format check, clippy, `deny` and the documentation.

mod deny;
mod docs;
mod fuzz;
mod gate;
mod mutate;
mod programs;
mod purity;
mod report;
mod rigs;
mod shell;
mod tools;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "The chores of the Keyward repository")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The gate: purity, all tests, and every rig in its short form.
    Test(gate::Options),
    /// Licences, bans and sources of the dependencies (installs cargo-deny into the target folder if it is missing).
    Deny,
    /// Known vulnerabilities of the dependencies; needs the RustSec database.
    Advisories,
    /// Take every refusal rule away, one at a time: some test must turn red.
    Mutate(mutate::Options),
    /// Only the checks that the crates depend on what they may depend on.
    Purity,
    /// Takes the pictures of the documents again.
    Screenshots,
    /// Only the checks that the documents name what exists.
    Docs,
    /// Writes the description of Graph and SCIM, `docs/openapi.json`, again.
    Openapi,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Test(options) => gate::run(&options),
        Command::Mutate(options) => mutate::run(&options),
        Command::Deny => deny::check(),
        Command::Advisories => deny::advisories(),
        Command::Purity => purity::check().map(|part| part.print_alone()),
        Command::Screenshots => rigs::screenshots(),
        Command::Docs => docs::check().map(|part| part.print_alone()),
        Command::Openapi => docs::openapi(),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
