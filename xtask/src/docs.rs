//! The documents name what exists: paths and tests in backticks, commands of the README, and nothing of any one machine.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::mutate;
use crate::report::Part;
use crate::shell::{self, cargo, run};

/// First folders of a path that a document may name; whatever starts so and stands in backticks must exist.
const FOLDERS: &[&str] = &[
    "crates/", "docs/", "rigs/", "bench/", "fuzz/", "xtask/", ".ci/",
];

/// All checks of this file.
pub fn check() -> Result<Part> {
    let mut part = Part::begin("documents");
    let files = tracked()?;
    let tests = test_names(&files)?;
    for name in files.iter().filter(|name| name.ends_with(".md")) {
        let text = fs::read_to_string(shell::root().join(name))?;
        for wrong in quoted(&text).filter_map(|quote| missing(quote, &files, &tests)) {
            part.fail(format!("{name}: {wrong}"));
        }
        let folder = shell::root()
            .join(name)
            .parent()
            .map(Path::to_path_buf)
            .unwrap_or_default();
        for link in links(&text).filter(|link| !folder.join(link).exists()) {
            part.fail(format!("{name}: the link to {link} leads nowhere"));
        }
        for wrong in missing_commands(&text) {
            part.fail(format!("{name}: {wrong}"));
        }
        part.pass(1);
    }
    part.judge(failures_are_tested(&tests)?);
    part.judge(mutate::tables_fit().map_err(|error| error.to_string()));
    part.judge(files.iter().try_for_each(|name| of_no_machine(name)));
    Ok(part.end())
}

/// Writes `docs/openapi.json` as the server would answer it now. The test that compares the two leaves the new one in the target
/// folder, whether or not they are the same.
pub fn openapi() -> Result<bool> {
    let made = shell::target().join("tmp/openapi.json");
    fs::remove_file(&made).ok();
    let test = "the_stored_document_is_the_one_that_is_served";
    cargo()
        .args([
            "test", "--locked", "-p", "keyward", "--test", "routes", test,
        ])
        .within(3600)
        .finish()?;
    fs::copy(&made, shell::root().join("docs/openapi.json"))?;
    Ok(true)
}

fn tracked() -> Result<BTreeSet<String>> {
    let listed = run("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .quiet()
        .must()?;
    Ok(listed
        .lines
        .into_iter()
        .filter(|name| shell::root().join(name).is_file())
        .collect())
}

/// Where checks in Python are functions whose names are printed (`rigs/bindings/python/check.py`).
const PYTHON_CHECKS: &str = "rigs/bindings/python/";

/// The names of all Rust functions in files that hold tests, and of the checks in Python: what a document may call a test.
fn test_names(files: &BTreeSet<String>) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for name in files.iter().filter(|name| name.ends_with(".rs")) {
        let text = fs::read_to_string(shell::root().join(name))?;
        if text.contains("#[test]") || text.contains("::test") || text.contains("contract!") {
            names.extend(functions(&text, "fn "));
        }
    }
    let is_check = |name: &&String| name.starts_with(PYTHON_CHECKS) && name.ends_with("_rules.py");
    for name in files.iter().filter(is_check) {
        let text = fs::read_to_string(shell::root().join(name))?;
        names.extend(functions(&text, "\ndef "));
    }
    Ok(names)
}

/// The names that follow a keyword.
fn functions<'a>(text: &'a str, keyword: &'a str) -> impl Iterator<Item = String> + 'a {
    text.split(keyword).skip(1).map(|rest| {
        rest.chars()
            .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
            .collect()
    })
}

/// Texts between single backticks, outside of code blocks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    let mut inside_block = false;
    text.lines()
        .filter(move |line| {
            let fence = line.trim_start().starts_with("```");
            inside_block ^= fence;
            !fence && !inside_block
        })
        .flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// Targets of links and pictures that are files of this repository, without their fragments.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', ' ']).next());
    let files = targets.filter(|target| {
        !target.contains("://") && !target.starts_with('#') && !target.starts_with("mailto:")
    });
    files.map(|target| target.split('#').next().unwrap_or_default())
}

/// Says what is wrong with a quoted path (`crates/x/y.rs`) or test (`crates/x/y.rs::a_test`); other quotes are none of our business.
fn missing(quote: &str, files: &BTreeSet<String>, tests: &BTreeSet<String>) -> Option<String> {
    let is_path = FOLDERS.iter().any(|folder| quote.starts_with(folder))
        && !quote.contains([' ', '*', '<', '…', '{']);
    if !is_path {
        return None;
    }
    let (path, test) = quote
        .split_once("::")
        .map_or((quote, None), |(path, test)| (path, Some(test)));
    let path = path
        .split_once(':')
        .map_or(path, |(path, _line)| path)
        .trim_end_matches('/');
    if !shell::root().join(path).exists() {
        return Some(format!("`{path}` does not exist"));
    }
    let last = test?.rsplit("::").next().unwrap_or_default();
    if !tests.contains(last) {
        return Some(format!("no test is called `{last}` (named with `{path}`)"));
    }
    if files.contains(path) {
        let text = fs::read_to_string(shell::root().join(path)).unwrap_or_default();
        let keyword = if path.ends_with(".py") { "def" } else { "fn" };
        if !text.contains(&format!("{keyword} {last}")) {
            return Some(format!("`{path}` holds no `{last}`"));
        }
    }
    None
}

/// `cargo xtask …` and `keyward …` in code blocks must be commands that exist.
fn missing_commands(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        for pair in words.windows(3) {
            let [cargo, xtask, command] = pair else {
                continue;
            };
            let plain =
                command.trim_matches(|letter: char| !letter.is_alphanumeric() && letter != '-');
            let known = <crate::Arguments as clap::CommandFactory>::command();
            let is_call = cargo.ends_with("cargo")
                && *xtask == "xtask"
                && !plain.is_empty()
                && !command.starts_with('<');
            if is_call && known.find_subcommand(plain).is_none() {
                wrong.push(format!("there is no `cargo xtask {plain}`"));
            }
        }
    }
    wrong
}

/// The commands that the README's blocks call must be commands of the binary, which has to be built by now.
pub fn commands() -> Result<Part> {
    let mut part = Part::begin("readme");
    let help = run(shell::target().join("debug/keyward"))
        .args(["--help"])
        .quiet()
        .must()?;
    let listed = help
        .lines
        .iter()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1);
    let known: BTreeSet<&str> = listed
        .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next())
        .collect();
    let readme = fs::read_to_string(shell::root().join("README.md"))?;
    let called = called_commands(&readme);
    for command in &called {
        part.judge(if known.contains(command) {
            Ok(())
        } else {
            Err(format!("there is no `keyward {command}`"))
        });
    }
    if called.is_empty() {
        part.fail("the README shows no command");
    }
    Ok(part.end())
}

/// What stands after `keyward` or `cargo run --release --` at the start of a line in a code block.
fn called_commands(text: &str) -> BTreeSet<&str> {
    let starts = [
        "keyward ",
        "cargo run --release -- ",
        "./target/release/keyward ",
    ];
    let blocks = text.split("```").skip(1).step_by(2);
    let lines = blocks
        .flat_map(str::lines)
        .map(|line| line.trim_start().trim_start_matches("$ "));
    let rests = lines.filter_map(|line| starts.iter().find_map(|start| line.strip_prefix(start)));
    rests
        .filter_map(|rest| rest.split_whitespace().next())
        .filter(|word| !word.starts_with('-'))
        .collect()
}

/// `docs/past-failures.md` is a promise only as long as each of its entries names a test.
fn failures_are_tested(tests: &BTreeSet<String>) -> Result<Result<(), String>> {
    let path = shell::root().join("docs/past-failures.md");
    if !path.exists() {
        return Ok(Err("docs/past-failures.md is missing".to_owned()));
    }
    let text = fs::read_to_string(path)?;
    let tied = quoted(&text).filter(|quote| {
        quote
            .split_once("::")
            .is_some_and(|(_, test)| tests.contains(test.rsplit("::").next().unwrap_or_default()))
    });
    let count = tied.count();
    if count < 25 {
        return Ok(Err(format!(
            "docs/past-failures.md ties only {count} failures to tests (at least 25)"
        )));
    }
    Ok(Ok(()))
}

/// A tracked text must not carry what belongs to one machine: absolute work folders, registry hosts, home folders.
fn of_no_machine(name: &str) -> Result<(), String> {
    // Written in pieces, so that this file does not find itself.
    let forbidden = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/tmp/", "bash"),
        concat!("arti", "factory"),
        concat!("/ho", "me/"),
        concat!("BEGIN PRI", "VATE KEY"),
        concat!("BEGIN EC PRI", "VATE KEY"),
    ];
    let Ok(text) = fs::read_to_string(shell::root().join(name)) else {
        return Ok(());
    };
    for (number, line) in text.lines().enumerate() {
        if let Some(word) = forbidden.iter().find(|word| line.contains(**word)) {
            return Err(format!("{name}:{} contains `{word}`", number + 1));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{called_commands, functions, links, missing, missing_commands, quoted};

    #[test]
    fn quotes_are_read_outside_of_blocks_only() {
        let text = "see `one` and `two`\n```\n`three`\n```\n`four`";
        assert_eq!(quoted(text).collect::<Vec<_>>(), ["one", "two", "four"]);
    }

    #[test]
    fn a_path_or_test_that_is_not_there_is_found() {
        let files = BTreeSet::from(["xtask/src/docs.rs".to_owned()]);
        let tests = BTreeSet::from(["a_path_or_test_that_is_not_there_is_found".to_owned()]);
        let wrong = |quote| missing(quote, &files, &tests).is_some();
        assert!(!wrong("xtask/src/docs.rs"));
        assert!(!wrong("xtask/src/docs.rs:12"));
        assert!(!wrong(
            "xtask/src/docs.rs::a_path_or_test_that_is_not_there_is_found"
        ));
        assert!(!wrong("serde_json::Value"));
        assert!(wrong("xtask/src/dogs.rs"));
        assert!(wrong("xtask/src/docs.rs::no_such_test"));
    }

    #[test]
    fn checks_in_python_are_found_by_their_names() {
        let text =
            "\"\"\"x\"\"\"\n\ndef r01_one():\n    def inside():\n        pass\n\ndef r02_two():";
        let found: Vec<String> = functions(text, "\ndef ").collect();
        assert_eq!(found, ["r01_one", "r02_two"]);
        let (files, tests) = (BTreeSet::new(), BTreeSet::from(["r01_one".to_owned()]));
        let wrong = |quote| missing(quote, &files, &tests).is_some();
        assert!(!wrong("rigs/bindings/python/check.py::r01_one"));
        assert!(wrong("rigs/bindings/python/check.py::r02_two"));
    }

    #[test]
    fn links_to_files_are_found() {
        let text = "![x](docs/a.png) [b](https://example.org) [c](#d) [e](f.md#g)";
        assert_eq!(links(text).collect::<Vec<_>>(), ["docs/a.png", "f.md"]);
    }

    #[test]
    fn a_command_that_does_not_exist_is_found() {
        assert!(missing_commands("run `cargo xtask test` or `cargo xtask <name>`").is_empty());
        assert_eq!(missing_commands("`cargo xtask tset`").len(), 1);
    }

    #[test]
    fn commands_are_read_from_blocks() {
        let text =
            "keyward nowhere\n```sh\n$ keyward demo --world x\ncargo run --release -- tour\n```\n";
        assert_eq!(called_commands(text), BTreeSet::from(["demo", "tour"]));
    }
}
