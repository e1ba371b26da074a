//! The fuzz targets: built once with the nightly compiler, run a few at a time.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use anyhow::{Result, bail};

use crate::report::Part;
use crate::shell::{self, Finished, run};

/// libFuzzer's coverage and the address sanitizer, as cargo-fuzz would ask for them.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Zsanitizer=address";
/// Named, so that build scripts and macros are built without the flags.
const TRIPLE: &str = "x86_64-unknown-linux-gnu";
/// As many targets at once as the smallest machine has cores.
const AT_ONCE: usize = 2;

/// Builds all targets and runs each for `seconds`.
pub fn check(seconds: u32) -> Result<Part> {
    let mut part = Part::begin("fuzz");
    let names = targets()?;
    if let Err(error) = build() {
        part.fail(format!("{error:#}"));
        return Ok(part.end());
    }
    let waiting = Mutex::new(names);
    let next = || waiting.lock().map_or(None, |mut names| names.pop());
    let outcomes = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(name) = next() {
                    let outcome = fuzz(&name, seconds);
                    if let Ok(mut outcomes) = outcomes.lock() {
                        outcomes.push((name, outcome));
                    }
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().unwrap_or_default();
    outcomes.sort_by(|one, other| one.0.cmp(&other.0));
    for (name, outcome) in outcomes {
        match outcome {
            Ok(runs) => {
                println!("    {name:<24} {runs:>9} runs");
                part.pass(1);
            }
            Err(error) => part.fail(format!("{name}: {error:#}")),
        }
    }
    Ok(part.end())
}

fn folder() -> PathBuf {
    shell::root().join("fuzz")
}

fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder().join("targets"))? {
        let path = entry?.path();
        names.extend(
            path.file_stem()
                .map(|stem| stem.to_string_lossy().into_owned()),
        );
    }
    names.sort();
    names.reverse();
    Ok(names)
}

fn build() -> Result<()> {
    let toolchains = run("rustup").args(["toolchain", "list"]).quiet().must()?;
    if !toolchains
        .lines
        .iter()
        .any(|line| line.starts_with("nightly"))
    {
        bail!(
            "no nightly compiler is installed (`rustup toolchain install nightly`); the fuzz targets need one"
        );
    }
    run("cargo")
        .args([
            "+nightly",
            "build",
            "--locked",
            "--target",
            TRIPLE,
            "--manifest-path",
            "fuzz/Cargo.toml",
        ])
        .env("CARGO_TARGET_DIR", shell::target().join("fuzz"))
        .env("RUSTFLAGS", FLAGS)
        // Set by the cargo that runs this program; the other toolchain must find its own.
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO")
        .within(1800)
        .must()?;
    Ok(())
}

/// Runs one target; answers how many inputs it tried, or the reason and the place of the input that broke it.
fn fuzz(name: &str, seconds: u32) -> Result<u64> {
    let made = shell::target().join("fuzz");
    let corpus = made.join("corpus").join(name);
    let found = made.join("artifacts").join(name);
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&found)?;
    let seeds = folder().join("seeds").join(name);
    if !seeds.is_dir() {
        bail!("it has no seeds");
    }
    let finished = run(made.join(TRIPLE).join("debug").join(name))
        .args([&corpus, &seeds])
        .args([
            format!("-max_total_time={seconds}"),
            format!("-artifact_prefix={}/", found.display()),
        ])
        .args([
            "-timeout=5",
            "-rss_limit_mb=2048",
            "-max_len=16384",
            "-print_final_stats=1",
            "-verbosity=1",
        ])
        // Statics live as long as the program, and safe code has no use after return: looking for both only costs speed.
        .env(
            "ASAN_OPTIONS",
            "detect_leaks=0:detect_stack_use_after_return=0",
        )
        .within(u64::from(seconds) + 120)
        .quiet()
        .finish()?;
    if !finished.success {
        bail!("{}", reason(&finished, &found));
    }
    let runs = finished
        .lines
        .iter()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let runs = runs
        .and_then(|number| number.trim().parse().ok())
        .unwrap_or(0);
    // On an idle machine it is thousands; a target that tries next to nothing is broken.
    if runs < 20 {
        bail!("only {runs} inputs were tried");
    }
    Ok(runs)
}

fn reason(finished: &Finished, found: &Path) -> String {
    let telling = [
        "panicked at",
        "ERROR: ",
        "SUMMARY: ",
        "Test unit written to",
    ];
    let at = finished
        .lines
        .iter()
        .enumerate()
        .filter(|(_, line)| telling.iter().any(|word| line.contains(word)));
    let lines: Vec<String> = at
        .flat_map(|(number, line)| {
            let next = finished
                .lines
                .get(number + 1)
                .filter(|_| line.contains("panicked at"));
            std::iter::once(line)
                .chain(next)
                .map(|line| line.trim().to_owned())
        })
        .collect();
    if lines.is_empty() {
        return format!(
            "{}\n(inputs are kept in {})",
            finished.tail(10),
            found.display()
        );
    }
    lines.join(" | ")
}
