//! `cargo xtask test`: everything that decides whether a change is good.

use anyhow::Result;
use clap::Args;

use crate::report::{Part, close};
use crate::shell::{Finished, cargo};
use crate::{docs, purity, tools};

#[derive(Args)]
pub struct Options {}

/// Runs all parts, also after a failure, and prints the sum; true when nothing failed.
pub fn run(_options: &Options) -> Result<bool> {
    let parts = vec![system(), purity::check()?, docs::check()?, workspace()?];
    Ok(close(&parts))
}

fn system() -> Part {
    let mut part = Part::begin("machine");
    part.judge(tools::system().map_err(|error| format!("{error:#}")));
    part.judge(tools::axe().map(drop).map_err(|error| format!("{error:#}")));
    part.end()
}

/// All tests of all crates. The rigs that need a running server come later, one by one.
fn workspace() -> Result<Part> {
    let mut part = Part::begin("tests");
    let finished = cargo()
        .args(["test", "--workspace", "--locked", "--no-fail-fast"])
        .within(3600)
        .finish()?;
    count_tests(&mut part, &finished);
    Ok(part.end())
}

/// Adds up the result lines of the test harness. A run that failed without a failed test did not compile.
pub fn count_tests(part: &mut Part, finished: &Finished) {
    let (mut failed, mut ignored) = (0, 0);
    for line in finished
        .lines
        .iter()
        .filter(|line| line.starts_with("test result: "))
    {
        part.pass(number_before(line, "passed"));
        failed += number_before(line, "failed");
        ignored += number_before(line, "ignored");
    }
    for line in finished
        .lines
        .iter()
        .filter(|line| line.starts_with("test ") && line.ends_with("... FAILED"))
    {
        part.fail(
            line.trim_start_matches("test ")
                .trim_end_matches(" ... FAILED"),
        );
    }
    if !finished.success && failed == 0 {
        part.fail(format!(
            "no test failed, but the run did:\n{}",
            finished.tail(15)
        ));
    }
    if ignored > 0 {
        part.fail(format!(
            "{ignored} tests are ignored: a skipped test looks like a passed one"
        ));
    }
}

fn number_before(line: &str, word: &str) -> usize {
    let mut previous = "";
    for current in line
        .split([' ', ';'])
        .filter(|piece| !piece.is_empty())
    {
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
