//! `cargo xtask deny` and `cargo xtask advisories`.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::shell::{self, run};

/// Pinned, so that a new release cannot turn a green tree red.
const VERSION: &str = "0.20.2";

/// Licences, bans and sources.
pub fn check() -> Result<bool> {
    let tool = cargo_deny()?;
    let finished = run(tool)
        .args(["--locked", "check", "bans", "licenses", "sources"])
        .finish()?;
    Ok(finished.success)
}

/// Known vulnerabilities. Says so, and fails, when the database cannot be had: silence would read as "none known".
pub fn advisories() -> Result<bool> {
    let tool = cargo_deny()?;
    let finished = run(tool)
        .args(["--locked", "check", "advisories"])
        .finish()?;
    if !finished.success
        && finished
            .lines
            .iter()
            .any(|line| line.contains("failed to fetch advisory database"))
    {
        println!(
            "The RustSec database could not be fetched from this machine: nothing is known about vulnerabilities."
        );
    }
    Ok(finished.success)
}

/// The installed cargo-deny of the pinned version, else one made in the target folder (about three minutes, once).
fn cargo_deny() -> Result<PathBuf> {
    let own = shell::target().join("tools");
    let candidates = [PathBuf::from("cargo-deny"), own.join("bin/cargo-deny")];
    if let Some(found) = candidates.into_iter().find(has_version) {
        return Ok(found);
    }
    println!(
        "cargo-deny {VERSION} is missing: installing it below {}",
        own.display()
    );
    shell::cargo()
        .args([
            "install",
            "cargo-deny",
            "--version",
            VERSION,
            "--locked",
            "--debug",
            "--root",
        ])
        .args([&own])
        // A folder of its own, removed afterwards: nothing in it is ever built again.
        .env("CARGO_TARGET_DIR", own.join("build"))
        .within(1800)
        .quiet()
        .must()
        .context("cannot install cargo-deny")?;
    std::fs::remove_dir_all(own.join("build")).ok();
    Ok(own.join("bin/cargo-deny"))
}

fn has_version(tool: &PathBuf) -> bool {
    let Ok(finished) = run(tool).args(["--version"]).quiet().finish() else {
        return false;
    };
    finished.success
        && finished
            .lines
            .iter()
            .any(|line| line.split_whitespace().last() == Some(VERSION))
}
