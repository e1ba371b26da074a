//! `cargo xtask test`: everything that decides whether a change is good.

use anyhow::Result;
use clap::Args;

use crate::report::{Part, close};
use crate::{docs, fuzz, programs, purity, rigs, tools};

#[derive(Args)]
pub struct Options {
    /// Only the fuzz targets, each for longer.
    #[arg(long)]
    fuzz: bool,
    /// How long each fuzz target runs with --fuzz.
    #[arg(long, default_value_t = 60, requires = "fuzz")]
    seconds: u32,
    /// Only the rig that kills the server during sign-ins and edits, for an hour's worth of kills.
    #[arg(long, conflicts_with = "fuzz")]
    soak: bool,
    /// Only the programs and libraries of others, some of which nothing else runs (rigs/peers).
    #[arg(long, conflicts_with_all = ["fuzz", "soak"])]
    interop: bool,
}

/// What a fuzz target gets when everything is tested.
const SHORT_FUZZ_SECONDS: u32 = 5;

/// How often the server is killed when everything is tested, and when nothing else is.
const KILLS: u32 = 20;
/// Each costs a crash recovery as well.
const POSTGRES_KILLS: u32 = 5;
const SOAK_KILLS: u32 = 200;

/// Runs all parts, also after a failure, and prints the sum; true when nothing failed.
pub fn run(options: &Options) -> Result<bool> {
    if options.fuzz {
        return Ok(close(&[fuzz::check(options.seconds)?]));
    }
    if options.soak || options.interop {
        let (compiled, _) = programs::compile()?;
        let mut parts = vec![compiled];
        if options.soak {
            parts.push(rigs::kill(SOAK_KILLS)?);
        } else {
            parts.push(rigs::oidc_clients()?);
            parts.push(rigs::graph_clients()?);
            parts.push(rigs::signals()?);
            parts.push(rigs::scim()?);
            parts.push(rigs::ctap_clients()?);
            parts.push(rigs::peers()?);
            parts.push(rigs::bindings()?);
        }
        return Ok(close(&parts));
    }
    let mut parts = vec![system(), purity::check()?, docs::check()?];
    let (compiled, programs) = programs::compile()?;
    parts.push(compiled);
    parts.push(programs::check("tests", &programs, |folder| {
        folder != "browser"
    })?);
    parts.push(programs::examples()?);
    parts.push(programs::check("browser", &programs, |folder| {
        folder == "browser"
    })?);
    parts.push(docs::commands()?);
    parts.push(rigs::tour()?);
    parts.push(rigs::kill(KILLS)?);
    parts.push(rigs::kill_postgres(POSTGRES_KILLS)?);
    parts.push(rigs::oidc_clients()?);
    parts.push(rigs::graph_clients()?);
    parts.push(rigs::signals()?);
    parts.push(rigs::scim()?);
    parts.push(rigs::ctap_clients()?);
    parts.push(rigs::bindings()?);
    parts.push(rigs::airwaves()?);
    parts.push(rigs::phone()?);
    parts.push(rigs::hybrid_chromium()?);
    parts.push(fuzz::check(SHORT_FUZZ_SECONDS)?);
    Ok(close(&parts))
}

fn system() -> Part {
    let mut part = Part::begin("machine");
    part.judge(tools::system().map_err(|error| format!("{error:#}")));
    part.judge(tools::axe().map(drop).map_err(|error| format!("{error:#}")));
    part.end()
}
