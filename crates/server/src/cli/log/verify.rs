//! `keyward log verify`: is everything as it was written?

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use clap::Args;
use serde::Serialize;

use crate::config::Settings;
use crate::evidence::streams;
use crate::evidence::verify::{self, Finding, LogReport, Report, Saved};
use crate::start;

/// Flags of `log verify`.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// A checkpoint kept elsewhere: a signed note, or lines of checkpoints.jsonl; - for standard input. The file in the data
    /// folder is always compared
    #[arg(long, value_name = "CHECKPOINT")]
    from: Vec<PathBuf>,
    /// Print one JSON value instead of lines
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'r> {
    ok: bool,
    total: u64,
    findings: Vec<Found>,
    logs: Vec<Log<'r>>,
    saved_checkpoints: u64,
}

#[derive(Serialize)]
struct Found {
    code: &'static str,
    message: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log<'r> {
    tenant: String,
    log: &'r str,
    size: u64,
    root: Option<String>,
    dropped: u64,
    records: u64,
    erased: u64,
    unsequenced: u64,
    unnumbered: u64,
    leftover: u64,
    checkpoints: u64,
    unprovable: u64,
}

/// Verifies, says what was found, and answers with the exit code.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = super::super::configuration(arguments.settings)?;
    let mut saved = Vec::new();
    for file in &arguments.from {
        let name = file.display().to_string();
        let read = read(file).with_context(|| format!("{name} holds no checkpoint"))?;
        saved.extend(read);
    }
    let own = streams::file(&config.data);
    if own.exists() {
        // An empty file of our own is one that was about to be begun.
        saved.extend(read(&own).unwrap_or_default());
    }
    let store = start::open_existing(&config).await?;
    let report = verify::verify(&store, saved).await?;
    if arguments.json {
        println!("{}", serde_json::to_string(&answer(&report))?);
    } else {
        tell(&report);
    }
    Ok(if report.findings.total() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn read(file: &Path) -> anyhow::Result<Vec<Saved>> {
    let name = file.display().to_string();
    let mut text = String::new();
    if name == "-" {
        std::io::stdin().read_to_string(&mut text)?;
    } else {
        text = std::fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
    }
    Ok(verify::read_saved(&name, &text)?)
}

/// The findings on standard output, and the one clear line: good news there too, bad news on standard error.
fn tell(report: &Report) {
    for log in &report.logs {
        println!("{}", line(log));
    }
    for finding in report.findings.kept() {
        println!("{}: {finding}", finding.code());
    }
    let total = report.findings.total();
    match report.findings.kept().first() {
        None => println!(
            "the evidence log verifies ({} checkpoints from outside the database)",
            report.saved
        ),
        Some(first) => eprintln!(
            "keyward: the evidence log does not verify: {total} findings, the first is {}",
            first.code()
        ),
    }
}

fn line(log: &LogReport) -> String {
    let size = log.head.as_ref().map_or(0, |head| head.size);
    let mut line = format!(
        "{}: {} records verified of {size}, {} checkpoints",
        log.tree, log.records, log.checkpoints
    );
    let dropped = log.head.as_ref().map_or(0, |head| head.dropped);
    for (count, what) in [
        (dropped, "dropped by retention"),
        (log.erased, "erased"),
        (log.unsequenced, "not in the tree yet"),
        (log.unnumbered, "not numbered yet"),
        (log.leftover, "dropped and not removed yet"),
        (log.unprovable, "checkpoints of dropped records"),
    ] {
        if count > 0 {
            line.push_str(&format!(", {count} {what}"));
        }
    }
    line
}

fn answer(report: &Report) -> Answer<'_> {
    let found = |finding: &Finding| Found {
        code: finding.code(),
        message: finding.to_string(),
    };
    Answer {
        ok: report.findings.total() == 0,
        total: report.findings.total(),
        findings: report.findings.kept().iter().map(found).collect(),
        logs: report.logs.iter().map(log).collect(),
        saved_checkpoints: report.saved,
    }
}

fn log(report: &LogReport) -> Log<'_> {
    let head = report.head.as_ref();
    Log {
        tenant: report.tree.tenant.to_string(),
        log: report.tree.log.as_str(),
        size: head.map_or(0, |head| head.size),
        root: head.map(|head| BASE64.encode(head.root)),
        dropped: head.map_or(0, |head| head.dropped),
        records: report.records,
        erased: report.erased,
        unsequenced: report.unsequenced,
        unnumbered: report.unnumbered,
        leftover: report.leftover,
        checkpoints: report.checkpoints,
        unprovable: report.unprovable,
    }
}
