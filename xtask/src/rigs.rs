//! The rigs that are programs of their own: the tour, the kill rig, the clients of OpenID Connect and Graph, the receiver of signals, the
//! checker of SCIM, the client of CTAP, the bindings of the passkey app, the stand-in for BlueZ.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use crate::report::Part;
use crate::shell::{self, Run, cargo, run};
use crate::tools;

/// The binary that the tests were compiled with.
fn keyward() -> PathBuf {
    shell::target().join("debug/keyward")
}

/// `keyward tour`: every step it prints as told is one passed check.
pub fn tour() -> Result<Part> {
    play("tour", run(keyward()).args(["tour"]).within(180), "ok ")
}

/// `kill -9` during sign-ins and edits, on SQLite; every round without a loss is one passed check.
pub fn kill(rounds: u32) -> Result<Part> {
    play("kill", kill_rig("kill", rounds), "round ")
}

/// The same on a PostgreSQL that crashes in the same moment.
pub fn kill_postgres(rounds: u32) -> Result<Part> {
    play(
        "kill pg",
        kill_rig("kill-pg", rounds).args(["--postgres"]),
        "round ",
    )
}

fn kill_rig(name: &str, rounds: u32) -> Run {
    let data = shell::target().join(name);
    fs::remove_dir_all(&data).ok();
    let (rounds_text, seed) = (rounds.to_string(), std::process::id().to_string());
    run(shell::target().join("debug/rig-kill"))
        .args(["--rounds", &rounds_text, "--seed", &seed])
        .args([
            "--keyward".as_ref(),
            keyward().as_os_str(),
            "--data".as_ref(),
            data.as_os_str(),
        ])
        .within(180 + 45 * u64::from(rounds))
}

/// The flows of OpenID Connect with foreign client libraries; every line `ok …` is one passed check.
pub fn oidc_clients() -> Result<Part> {
    let rig = run("bash")
        .args(["rigs/oidc-clients/run"])
        .env("KEYWARD", keyward())
        .env(
            "KEYWARD_RIG_TOOLS",
            shell::target().join("tools/oidc-clients"),
        )
        .within(600);
    play("clients", rig, "ok ")
}

/// Microsoft Graph with the libraries and requests that people have; every line `ok …` is one passed check.
pub fn graph_clients() -> Result<Part> {
    let rig = run("bash")
        .args(["rigs/graph-clients/run"])
        .env("KEYWARD", keyward())
        .env(
            "KEYWARD_RIG_TOOLS",
            shell::target().join("tools/graph-clients"),
        )
        .within(1200);
    play("graph", rig, "ok ")
}

/// A receiver of security events written from the specifications; every line `ok …` is one passed check.
pub fn signals() -> Result<Part> {
    let rig = run("bash")
        .args(["rigs/ssf/run"])
        .env("KEYWARD", keyward())
        .env("KEYWARD_RIG_TOOLS", shell::target().join("tools/ssf"))
        .within(300);
    play("signals", rig, "ok ")
}

/// A public checker of SCIM servers; every line `ok …` is one passed check.
pub fn scim() -> Result<Part> {
    let rig = run("bash")
        .args(["rigs/scim-checker/run"])
        .env("KEYWARD", keyward())
        .env(
            "KEYWARD_RIG_TOOLS",
            shell::target().join("tools/scim-checker"),
        )
        .within(300);
    play("scim", rig, "ok ")
}

/// A CTAP client of another maker against the simulated security key; every line `ok …` is one passed check.
pub fn ctap_clients() -> Result<Part> {
    let rig = run("bash")
        .args([
            "rigs/ctap-clients/run".as_ref(),
            shell::target().join("debug/rig-security-key").as_os_str(),
        ])
        .env(
            "KEYWARD_RIG_TOOLS",
            shell::target().join("tools/ctap-clients"),
        )
        .within(300);
    play("ctap", rig, "ok ")
}

/// The passkey app through its bindings: the rules on phones simulated in Python, a program in Kotlin; every line `ok …` is one passed
/// check. The first run builds the generator and fetches a compiler.
pub fn bindings() -> Result<Part> {
    let rig = run("bash")
        .args(["rigs/bindings/run"])
        .env("KEYWARD_RIG_TOOLS", shell::target().join("tools/bindings"))
        .within(1500);
    play("bindings", rig, "ok ")
}

/// The stand-in for BlueZ, on a bus of its own. It has a workspace of its own, so the tests of the others do not run it.
pub fn airwaves() -> Result<Part> {
    let rig = cargo()
        .args(["test", "--locked", "--quiet"])
        .args(["--manifest-path", "rigs/airwaves/Cargo.toml"])
        .args(["--", "--format", "pretty"])
        .env("CARGO_TARGET_DIR", shell::target().join("airwaves"))
        .within(900);
    let passed = |line: &str| line.starts_with("test ") && line.ends_with(" ok");
    play_by("airwaves", rig, passed)
}

/// Hybrid transport through the server's relay: our phone and our computer, over TLS and the stand-in for BlueZ.
pub fn phone() -> Result<Part> {
    let rig = cargo()
        .args(["test", "--locked", "--quiet"])
        .args(["--manifest-path", "rigs/foreign/Cargo.toml"])
        .args(["--", "--format", "pretty"])
        .env("KEYWARD", keyward())
        .env("CARGO_TARGET_DIR", shell::target().join("airwaves"))
        .within(1200);
    let passed = |line: &str| line.starts_with("test ") && line.ends_with(" ok");
    play_by("phone", rig, passed)
}

/// The same with an unpatched Chromium as the computer; every line `ok …` is one passed check.
pub fn hybrid_chromium() -> Result<Part> {
    let rig = run("bash")
        .args(["rigs/foreign/chromium/run"])
        .env("KEYWARD", keyward())
        .env("CARGO_TARGET_DIR", shell::target().join("airwaves"))
        .within(600);
    play("hybrid", rig, "ok ")
}

/// The same with clients, authenticators and a tunnel server of others, which take some minutes to compile; every line `ok …` is one
/// passed check.
pub fn peers() -> Result<Part> {
    let rig = run("bash")
        .args(["rigs/peers/run"])
        .env("KEYWARD", keyward())
        .env("CARGO_TARGET_DIR", shell::target().join("peers"))
        .env("KEYWARD_RIG_TARGET", shell::target().join("airwaves"))
        .within(1200);
    play("peers", rig, "ok ")
}

/// The picture of the README, taken from the demo.
pub fn screenshots() -> Result<bool> {
    tools::system()?;
    cargo()
        .args(["build", "--workspace", "--locked"])
        .within(1800)
        .must()?;
    let folder = shell::root().join("docs/images");
    fs::create_dir_all(&folder)?;
    run(shell::target().join("debug/rig-screenshots"))
        .args([folder.join("sign-in.png")])
        .must()?;
    Ok(true)
}

/// Runs a rig; its lines that begin with `good` are counted.
fn play(name: &'static str, rig: Run, good: &str) -> Result<Part> {
    play_by(name, rig, |line| line.trim_start().starts_with(good))
}

/// Runs a rig; its lines that are `good` are counted.
fn play_by(name: &'static str, rig: Run, good: impl Fn(&str) -> bool) -> Result<Part> {
    let mut part = Part::begin(name);
    let finished = match rig.finish() {
        Ok(finished) => finished,
        Err(error) => {
            part.fail(format!("{error:#}"));
            return Ok(part.end());
        }
    };
    let passed = finished.lines.iter().filter(|line| good(line)).count();
    part.pass(passed);
    if !finished.success {
        part.fail(finished.tail(3));
    } else if passed == 0 {
        part.fail("it ended well, but said nothing of what it checked");
    }
    Ok(part.end())
}
