//! What a crate may depend on. The compiler guards what a crate *says*; these checks guard what it *brings along*.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::report::Part;
use crate::shell::{self, cargo};

/// Everything that `ceremony` may stand on: parsing, cryptography, serialisation. No runtime, network, database, clock.
const CEREMONY: &[&str] = &[
    // signatures, hashes
    "aws-lc-rs",
    "aws-lc-sys",
    "subtle",
    "zeroize",
    "zeroize_derive",
    // certificates and what their parser is made of (`time` here is a calendar: its clock is behind a feature that is off)
    "x509-parser",
    "asn1-rs",
    "asn1-rs-derive",
    "asn1-rs-impl",
    "der-parser",
    "oid-registry",
    "rusticata-macros",
    "nom",
    "minimal-lexical",
    "num-bigint",
    "num-integer",
    "num-traits",
    "data-encoding",
    "lazy_static",
    "displaydoc",
    "time",
    "time-core",
    "time-macros",
    "deranged",
    "num-conv",
    "powerfmt",
    // JSON, base64, errors
    "serde",
    "serde_core",
    "serde_derive",
    "serde_json",
    "itoa",
    "memchr",
    "zmij",
    "base64",
    "thiserror",
    "thiserror-impl",
    // procedural macros
    "proc-macro2",
    "quote",
    "syn",
    "synstructure",
    "unicode-ident",
];

/// What `policy` may have beyond that.
const POLICY: &[&str] = &["ceremony", "uuid"];

/// Everything that `hybrid` may stand on. The transport has its own list, because it is built into authenticators too.
const HYBRID: &[&str] = &[
    // all cryptography of the transport, and secrets that are wiped
    "aws-lc-rs",
    "aws-lc-sys",
    "zeroize",
    "zeroize_derive",
    // the state machine of Noise, which is easier to get wrong than to read; its primitives and randomness are ours
    "snow",
    "subtle",
    // public keys of QR codes are compressed, and aws-lc-rs does not write out the other form; the rest is what p256 is made of
    "p256",
    "base16ct",
    "base64ct",
    "block-buffer",
    "const-oid",
    "cpufeatures",
    "crypto-bigint",
    "crypto-common",
    "der",
    "digest",
    "ecdsa",
    "elliptic-curve",
    "ff",
    "generic-array",
    "group",
    "hkdf",
    "hmac",
    "pem-rfc7468",
    "pkcs8",
    "primeorder",
    "rand_core",
    "rfc6979",
    "sec1",
    "sha2",
    "signature",
    "spki",
    "typenum",
    // behind rand_core, and called by nobody here: clippy.toml bans it
    "getrandom",
    "cfg-if",
    "libc",
    // errors, procedural macros
    "thiserror",
    "thiserror-impl",
    "proc-macro2",
    "quote",
    "syn",
    "unicode-ident",
];

/// Modules of the standard library that a pure crate does not touch, as they would be written.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "std::env",
    "std::io::stdin",
    "std::os",
    "SystemTime",
    "Instant::now",
    "tokio",
    "println!",
    "eprintln!",
];

/// All checks of this file.
pub fn check() -> Result<Part> {
    let mut part = Part::begin("purity");
    part.judge(only("ceremony", &[CEREMONY])?);
    part.judge(only("policy", &[CEREMONY, POLICY])?);
    part.judge(never(
        "authenticator",
        &["ceremony", "policy", "store", "keyward", "rig-simulators"],
    )?);
    part.judge(never(
        "keyward",
        &["rig-simulators", "authenticator-ffi", "uniffi"],
    )?);
    part.judge(arrows("authenticator-ffi", &["authenticator", "hybrid"])?);
    part.judge(only("hybrid", &[HYBRID])?);
    part.judge(never(
        "store",
        &["keyward", "authenticator", "hybrid", "axum"],
    )?);
    part.judge(no_clock_behind("ceremony")?);
    part.judge(no_clock_behind("policy")?);
    for room in [
        "ceremony",
        "policy",
        "authenticator",
        "authenticator-ffi",
        "hybrid",
    ] {
        part.judge(sources_are_pure(room)?);
    }
    part.judge(no_software_keys_shipped()?);
    part.judge(no_allow()?);
    Ok(part.end())
}

fn only(package: &str, lists: &[&[&str]]) -> Result<Result<(), String>> {
    let allowed: BTreeSet<&str> = lists
        .iter()
        .flat_map(|list| list.iter().copied())
        .chain([package])
        .collect();
    let strangers: Vec<String> = tree(package)?
        .into_iter()
        .filter(|name| !allowed.contains(name.as_str()))
        .collect();
    if strangers.is_empty() {
        return Ok(Ok(()));
    }
    Ok(Err(format!(
        "{package} depends on {}, which is not on its list in xtask/src/purity.rs",
        strangers.join(", ")
    )))
}

fn never(package: &str, forbidden: &[&str]) -> Result<Result<(), String>> {
    let reached: Vec<String> = tree(package)?
        .into_iter()
        .filter(|name| forbidden.contains(&name.as_str()))
        .collect();
    if reached.is_empty() {
        return Ok(Ok(()));
    }
    Ok(Err(format!("{package} reaches {}", reached.join(", "))))
}

/// Of this house's own packages, rigs among them, a package reaches these and no others.
fn arrows(package: &str, allowed: &[&str]) -> Result<Result<(), String>> {
    let house = members()?;
    let reached = tree(package)?;
    let missing: Vec<&str> = allowed
        .iter()
        .copied()
        .filter(|name| !reached.contains(*name))
        .collect();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        return Ok(Err(format!("{package} no longer reaches {missing}")));
    }
    let strangers: Vec<String> = reached
        .into_iter()
        .filter(|name| house.contains(name) && name != package && !allowed.contains(&name.as_str()))
        .collect();
    if strangers.is_empty() {
        return Ok(Ok(()));
    }
    Ok(Err(format!("{package} reaches {}", strangers.join(", "))))
}

/// The packages of the workspace.
fn members() -> Result<BTreeSet<String>> {
    let finished = cargo()
        .args(["metadata", "--locked", "--no-deps", "--format-version", "1"])
        .quiet()
        .must()?;
    let described = finished.lines.iter().find(|line| line.starts_with('{'));
    let described: serde_json::Value =
        serde_json::from_str(described.map_or("{}", String::as_str))?;
    let packages = described.get("packages").and_then(|list| list.as_array());
    let names: BTreeSet<String> = packages
        .into_iter()
        .flatten()
        .filter_map(|package| package.get("name")?.as_str().map(str::to_owned))
        .collect();
    anyhow::ensure!(
        names.contains("keyward"),
        "cargo did not say which packages there are"
    );
    Ok(names)
}

/// Crates on the lists that are harmless until one of these features gives them a clock or randomness.
const CLOCKS: &[(&str, &[&str])] = &[
    ("uuid", &["v1", "v4", "v6", "v7"]),
    ("time", &["local-offset", "rand"]),
    ("num-bigint", &["rand"]),
];

fn no_clock_behind(package: &str) -> Result<Result<(), String>> {
    let finished = cargo()
        .args([
            "tree", "--locked", "-p", package, "-e", "normal", "--prefix", "none", "-f", "{p}|{f}",
        ])
        .quiet()
        .must()?;
    for line in &finished.lines {
        let Some((name, features)) = line.split_once('|') else {
            continue;
        };
        let name = name.split_whitespace().next().unwrap_or_default();
        let Some((_, banned)) = CLOCKS.iter().find(|(crate_name, _)| *crate_name == name) else {
            continue;
        };
        if let Some(feature) = features
            .trim_end_matches(" (*)")
            .split(',')
            .find(|feature| banned.contains(feature))
        {
            return Ok(Err(format!("{package}: {name} is built with `{feature}`")));
        }
    }
    Ok(Ok(()))
}

fn tree(package: &str) -> Result<BTreeSet<String>> {
    let finished = cargo()
        .args([
            "tree", "--locked", "-p", package, "-e", "normal", "--prefix", "none",
        ])
        .quiet()
        .must()?;
    // `name v1.2.3 …`; other lines are cargo's remarks, for example that it waits for a lock.
    let named = finished
        .lines
        .iter()
        .filter_map(|line| line.split_once(" v"));
    let names =
        named.filter(|(_, version)| version.starts_with(|letter: char| letter.is_ascii_digit()));
    Ok(names.map(|(name, _)| name.to_owned()).collect())
}

fn sources_are_pure(room: &str) -> Result<Result<(), String>> {
    for (path, text) in sources(&shell::root().join("crates").join(room).join("src"))? {
        // Tests may start other programs, for example a second opinion on a certificate.
        if path.contains("/tests/") || path.ends_with("tests.rs") {
            continue;
        }
        for (number, line) in text
            .lines()
            .take_while(|line| line.trim() != "#[cfg(test)]")
            .enumerate()
        {
            let code = line.split("//").next().unwrap_or_default();
            if let Some(word) = IMPURE.iter().find(|word| code.contains(**word)) {
                return Ok(Err(format!("{path}:{} uses {word}", number + 1)));
            }
        }
    }
    Ok(Ok(()))
}

/// The software key store belongs to the tour and the tests; a shipped authenticator must not carry one.
fn no_software_keys_shipped() -> Result<Result<(), String>> {
    let mut shipped = vec![
        shell::root().join("crates/authenticator/src"),
        shell::root().join("crates/hybrid/src"),
    ];
    for later in ["authenticator-linux", "authenticator-ffi"] {
        shipped.push(shell::root().join("crates").join(later).join("src"));
    }
    for folder in shipped.iter().filter(|folder| folder.is_dir()) {
        for (path, text) in sources(folder)? {
            let shipped_part = text.split("#[cfg(test)]").next().unwrap_or_default();
            let makes_keys = ["KeyPair::generate", "::generate_pkcs8", "from_seed"]
                .iter()
                .find(|word| shipped_part.contains(**word));
            if let Some(word) = makes_keys {
                return Ok(Err(format!(
                    "{path} holds private keys in memory ({word}); key stores belong behind Env"
                )));
            }
        }
    }
    Ok(Ok(()))
}

/// A silenced lint must say why, and must go when it no longer fires: `#[expect(…, reason)]`.
fn no_allow() -> Result<Result<(), String>> {
    for folder in ["crates", "rigs", "xtask", "fuzz", "bench"] {
        for (path, text) in sources(&shell::root().join(folder))? {
            let silenced = [concat!("#[", "allow("), concat!("#![", "allow(")];
            if let Some(line) = text
                .lines()
                .position(|line| silenced.iter().any(|word| line.contains(word)))
            {
                return Ok(Err(format!(
                    "{path}:{} silences a lint with `allow`; use `expect` with a reason",
                    line + 1
                )));
            }
        }
    }
    Ok(Ok(()))
}

/// All Rust files below `folder`, named from the repository's root.
fn sources(folder: &Path) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry?.path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if path.is_dir() && name != "target" && name != "node_modules" {
                waiting.push(path);
            } else if name.ends_with(".rs") {
                let text = fs::read_to_string(&path)?;
                let path = path
                    .strip_prefix(shell::root())
                    .unwrap_or(&path)
                    .to_string_lossy()
                    .into_owned();
                found.push((path, text));
            }
        }
    }
    found.sort();
    Ok(found)
}
