//! All test programs of the workspace: compiled in one go, then run one by one, each with a deadline.
//!
//! Running them here instead of by `cargo test` gives the rigs, which are test programs too, a part and a time of their own, and turns a
//! test that hangs into a failure that names it.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::Value;

use crate::report::Part;
use crate::shell::{Finished, Stopwatch, cargo, run};

/// Longest time for one program; the slowest real one takes a quarter of it.
const DEADLINE_SECONDS: u64 = 600;

/// A compiled test program.
pub struct Program {
    /// The folder of the package it tests: `ceremony`, `browser`.
    package: String,
    name: String,
    folder: PathBuf,
    path: PathBuf,
}

/// Compiles all tests and programs of the workspace.
pub fn compile() -> Result<(Part, Vec<Program>)> {
    let mut part = Part::begin("compile");
    let finished = cargo()
        .args([
            "test",
            "--workspace",
            "--locked",
            "--all-targets",
            "--no-run",
            "--message-format",
            "json-render-diagnostics",
        ])
        .within(3600)
        .quiet()
        .finish()?;
    if !finished.success {
        for line in finished.lines.iter().filter(|line| !line.starts_with('{')) {
            println!("    {line}");
        }
    }
    part.judge(if finished.success {
        Ok(())
    } else {
        Err("the workspace does not compile".to_owned())
    });
    let programs = finished
        .lines
        .iter()
        .filter_map(|line| program(line))
        .collect();
    Ok((part.end(), programs))
}

/// Runs the programs of the packages that `belongs` picks, as one part of the gate.
pub fn check(
    name: &'static str,
    programs: &[Program],
    belongs: impl Fn(&str) -> bool,
) -> Result<Part> {
    let mut part = Part::begin(name);
    for program in programs.iter().filter(|program| belongs(&program.package)) {
        let watch = Stopwatch::start();
        let finished = run(&program.path)
            .folder(&program.folder)
            .env("CARGO_MANIFEST_DIR", &program.folder)
            .within(DEADLINE_SECONDS)
            .quiet()
            .finish()?;
        let passed = count(&mut part, &program.name, &finished);
        println!(
            "    {:<32} {passed:>4} passed {:>6.1} s",
            program.name,
            watch.elapsed().as_secs_f64()
        );
    }
    Ok(part.end())
}

/// The examples in the documentation.
pub fn examples() -> Result<Part> {
    let mut part = Part::begin("examples");
    let finished = cargo()
        .args(["test", "--workspace", "--locked", "--doc", "--no-fail-fast"])
        .within(1800)
        .quiet()
        .finish()?;
    count(&mut part, "documentation", &finished);
    Ok(part.end())
}

fn program(line: &str) -> Option<Program> {
    let message: Value = serde_json::from_str(line).ok()?;
    if message.pointer("/profile/test")? != &Value::Bool(true) {
        return None;
    }
    let folder = PathBuf::from(message.get("manifest_path")?.as_str()?)
        .parent()?
        .to_path_buf();
    let package = folder.file_name()?.to_string_lossy().into_owned();
    let kind = message.pointer("/target/kind/0")?.as_str()?;
    let target = message.pointer("/target/name")?.as_str()?;
    let name = if kind == "test" {
        format!("{package}/tests/{target}")
    } else {
        format!("{package} ({kind})")
    };
    Some(Program {
        package,
        name,
        folder,
        path: PathBuf::from(message.get("executable")?.as_str()?),
    })
}

/// Adds up the result lines of the test harness. What failed without a failed test crashed, hung or did not compile.
fn count(part: &mut Part, name: &str, finished: &Finished) -> usize {
    let results = || {
        finished
            .lines
            .iter()
            .filter(|line| line.starts_with("test result: "))
    };
    let sum = |word: &str| {
        results()
            .map(|line| number_before(line, word))
            .sum::<usize>()
    };
    let (passed, failed, ignored) = (sum("passed"), sum("failed"), sum("ignored"));
    part.pass(passed);
    for line in finished
        .lines
        .iter()
        .filter(|line| line.starts_with("test ") && line.ends_with("FAILED"))
    {
        part.fail(format!(
            "{name}: {}",
            line.trim_start_matches("test ")
                .trim_end_matches(" ... FAILED")
        ));
    }
    if !finished.success {
        for line in &finished.lines {
            println!("    {line}");
        }
        if failed == 0 {
            part.fail(format!(
                "{name}: no test failed, but the program did: {}",
                finished.tail(3)
            ));
        }
    }
    if ignored > 0 {
        part.fail(format!(
            "{name}: {ignored} tests are ignored; a skipped test looks like a passed one"
        ));
    }
    passed
}

fn number_before(line: &str, word: &str) -> usize {
    let mut previous = "";
    for current in line.split([' ', ';']).filter(|piece| !piece.is_empty()) {
        if current == word {
            return previous.parse().unwrap_or(0);
        }
        previous = current;
    }
    0
}

#[cfg(test)]
mod tests {
    use super::number_before;

    #[test]
    fn counts_are_read_from_the_harness_line() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(
            (
                number_before(line, "passed"),
                number_before(line, "failed"),
                number_before(line, "ignored")
            ),
            (12, 3, 1)
        );
    }
}
