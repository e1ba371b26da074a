//! `cargo xtask mutate`: takes each refusal rule of the tables in `xtask/mutants` away, one at a time, and looks whether a test
//! turns red. A rule that no test misses is a rule that somebody will lose.
//!
//! It works on a copy of the tree with a target folder of its own, so nothing it does can reach the real one.

mod switches;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Deserialize;

use crate::shell::{self, Finished, Stopwatch};

/// A test run that takes longer is stopped; that says nothing about its mutant on a busy machine.
const SECONDS_PER_MUTANT: u64 = 600;
/// How often mutants that do not compile beside the original are left out before it is given up.
const ROUNDS_TO_COMPILE: usize = 30;
/// The first build of the copy compiles every dependency.
const SECONDS_FOR_FIRST_BUILD: u64 = 3600;

#[derive(Args, Default)]
pub struct Options {
    /// Only the rules whose name contains this text.
    #[arg(long, default_value = "")]
    only: String,
    /// Begin with this rule, to go on with a run that was interrupted.
    #[arg(long)]
    from: Option<String>,
    /// Only the rules whose mutants need builds of their own, to go on with a run that was interrupted after the others.
    #[arg(long)]
    alone: bool,
    /// Only this table: the name of a file in xtask/mutants without its ending.
    #[arg(long)]
    table: Option<String>,
    /// Print the rules and do nothing.
    #[arg(long)]
    list: bool,
}

/// One file of `xtask/mutants`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(skip)]
    name: String,
    /// What goes behind `cargo test`, one run after the other until one turns red, unless a mutant says otherwise.
    test: Vec<Vec<String>>,
    mutant: Vec<Mutant>,
}

/// One rule and how to take it away.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mutant {
    rule: String,
    file: PathBuf,
    /// Stands exactly once in the file.
    find: String,
    replace: String,
    test: Option<Vec<Vec<String>>>,
}

/// Whether every rule of the tables stands in the source as it says: a rule that moved is no longer looked after.
pub fn tables_fit() -> Result<()> {
    check_fragments(&read_tables(&Options::default())?)
}

/// Runs the chosen mutants; true when every one was noticed.
pub fn run(options: &Options) -> Result<bool> {
    let tables = read_tables(options)?;
    check_fragments(&tables)?;
    if options.list {
        for (table, mutant) in every(&tables) {
            println!("{:<12} {}", table.name, mutant.rule);
        }
        return Ok(true);
    }
    let watch = Stopwatch::start();
    let copy = Copy::bring_up_to_date()?;
    let work: Vec<_> = chosen(&tables, options).enumerate().collect();
    let together = copy.insert_switches(&work)?;
    copy.must_pass_unchanged(&tables)?;
    let (mut failures, mut count) = (Vec::new(), 0);
    let (mut first, second): (Vec<_>, Vec<_>) = work
        .into_iter()
        .partition(|(number, _)| together.contains(number));
    println!(
        "{} mutants in one build, {} with builds of their own",
        first.len(),
        second.len()
    );
    if options.alone {
        first.clear();
    }
    let alone = first.len();
    first.extend(second);
    for (place, (number, (table, mutant))) in first.into_iter().enumerate() {
        let watch = Stopwatch::start();
        if place == alone {
            copy.remove_switches()?;
        }
        let verdict = match together.contains(&number) {
            true => copy.run_until_red(mutant, table, Some(number))?,
            false => copy.judge(mutant, table)?,
        };
        let (seconds, name) = (watch.elapsed().as_secs_f64(), &table.name);
        println!(
            "{:<13} {seconds:>5.1} s  {name}: {}",
            verdict.word(),
            mutant.rule
        );
        count += 1;
        if verdict != Verdict::Killed {
            failures.push(format!("{}: {name}: {}", verdict.word(), mutant.rule));
        }
    }
    println!(
        "\n{count} mutants, {} killed, {} not, {:.0} s",
        count - failures.len(),
        failures.len(),
        watch.elapsed().as_secs_f64()
    );
    for failure in &failures {
        println!("  {failure}");
    }
    Ok(failures.is_empty() && count > 0)
}

/// What came of one mutant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// A test turned red.
    Killed,
    /// No test misses the rule.
    Survived,
    /// The replacement is no Rust, so nothing was tried.
    DoesNotBuild,
    /// The tests took too long, so nothing is known.
    Late,
}

impl Verdict {
    const fn word(self) -> &'static str {
        match self {
            Self::Killed => "killed",
            Self::Survived => "SURVIVED",
            Self::DoesNotBuild => "DOES NOT BUILD",
            Self::Late => "TOOK TOO LONG",
        }
    }
}

fn chosen<'a>(
    tables: &'a [Table],
    options: &'a Options,
) -> impl Iterator<Item = (&'a Table, &'a Mutant)> {
    let before = move |mutant: &Mutant| {
        options
            .from
            .as_ref()
            .is_some_and(|from| *from != mutant.rule)
    };
    every(tables).skip_while(move |(_, mutant)| before(mutant))
}

fn every(tables: &[Table]) -> impl Iterator<Item = (&Table, &Mutant)> {
    tables
        .iter()
        .flat_map(|table| table.mutant.iter().map(move |mutant| (table, mutant)))
}

fn read_tables(options: &Options) -> Result<Vec<Table>> {
    let folder = shell::root().join("xtask/mutants");
    let mut tables = Vec::new();
    for entry in fs::read_dir(&folder).context("xtask/mutants")? {
        let path = entry?.path();
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let wanted = options.table.as_ref().is_none_or(|table| *table == name);
        if path.extension().is_none_or(|ending| ending != "toml") || !wanted {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        let mut table: Table =
            toml::from_str(&text).with_context(|| format!("{}", path.display()))?;
        table
            .mutant
            .retain(|mutant| mutant.rule.contains(&options.only));
        tables.push(Table { name, ..table });
    }
    tables.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(tables)
}

/// A table that no longer fits the source would test nothing, so it is an error and not a survivor.
fn check_fragments(tables: &[Table]) -> Result<()> {
    let mut wrong = Vec::new();
    let mut names = BTreeSet::new();
    for (table, mutant) in every(tables) {
        let text = fs::read_to_string(shell::root().join(&mutant.file)).unwrap_or_default();
        let found = text.matches(&mutant.find).count();
        if found != 1 {
            let (file, rule) = (mutant.file.display(), &mutant.rule);
            wrong.push(format!(
                "{}: {rule}: {file} has its fragment {found} times",
                table.name
            ));
        }
        if mutant.find == mutant.replace || !names.insert((&table.name, &mutant.rule)) {
            wrong.push(format!(
                "{}: {}: changes nothing, or stands twice",
                table.name, mutant.rule
            ));
        }
    }
    if !wrong.is_empty() {
        bail!(
            "the tables do not fit the source:\n  {}",
            wrong.join("\n  ")
        );
    }
    Ok(())
}

/// A mutant, its table and its number in this run.
type Numbered<'a> = (usize, (&'a Table, &'a Mutant));

/// Where mutants stand in the copy.
struct Place {
    file: PathBuf,
    lines: Range<usize>,
    numbers: Vec<usize>,
}

/// The file and line of a compiler's `--> file:line:column`.
fn position(line: &str) -> Option<(PathBuf, usize)> {
    let (_, place) = line.split_once("--> ")?;
    let mut parts = place.split(':');
    Some((parts.next()?.into(), parts.next()?.parse().ok()?))
}

/// A copy of the tree below the target folder.
struct Copy {
    folder: PathBuf,
    target: PathBuf,
    /// Held while this lives: two runs in one copy would judge each other's mutants.
    _lock: fs::File,
}

impl Copy {
    /// Makes the copy equal to the tree. Files that are equal already keep their times, so that cargo does not build them again.
    fn bring_up_to_date() -> Result<Self> {
        let base = shell::target().join("mutate");
        fs::create_dir_all(base.join("tree"))?;
        let lock = fs::File::create(base.join("lock"))?;
        if lock.try_lock().is_err() {
            bail!("another run of mutate uses {}", base.display());
        }
        let copy = Self {
            folder: base.join("tree"),
            target: base.join("target"),
            _lock: lock,
        };
        let listed = shell::run("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard"])
            .quiet()
            .must()?;
        let wanted: BTreeSet<PathBuf> = listed.lines.iter().map(PathBuf::from).collect();
        for file in &wanted {
            let from = shell::root().join(file);
            // A file that git lists and the tree lacks is about to be removed.
            if from.is_file() {
                put(&copy.folder.join(file), &fs::read(&from)?)?;
            }
        }
        for file in files_below(&copy.folder)? {
            if !wanted.contains(file.strip_prefix(&copy.folder)?) {
                fs::remove_file(file)?;
            }
        }
        Ok(copy)
    }

    fn must_pass_unchanged(&self, tables: &[Table]) -> Result<()> {
        let runs: BTreeSet<_> = every(tables)
            .flat_map(|(table, mutant)| tests(mutant, table))
            .collect();
        for words in runs {
            println!("unchanged: cargo test {}", words.join(" "));
            let finished = self.test(words, SECONDS_FOR_FIRST_BUILD, None)?;
            if !finished.success {
                bail!("the tests fail without any mutant\n{}", finished.tail(30));
            }
            // A filter that fits no test would let every mutant survive or, worse, hide behind others.
            if !finished.lines.iter().any(|line| is_some_test(line)) {
                bail!("`cargo test {}` runs no test", words.join(" "));
            }
        }
        Ok(())
    }

    /// Writes the mutants that can be switched into the copy; returns their numbers. Those that do not compile beside the
    /// original are left out again.
    fn insert_switches(&self, work: &[Numbered<'_>]) -> Result<BTreeSet<usize>> {
        let mut left: Vec<_> = work
            .iter()
            .map(|(number, (_, mutant))| (*number, *mutant))
            .collect();
        for _ in 0..ROUNDS_TO_COMPILE {
            let places = self.write_switches(&left)?;
            let checked = shell::cargo()
                .args(["check", "--locked", "--workspace", "--lib"])
                .folder(&self.folder)
                .env("CARGO_TARGET_DIR", &self.target)
                .env("CARGO_PROFILE_DEV_DEBUG", "false")
                .within(SECONDS_FOR_FIRST_BUILD)
                .quiet()
                .finish()?;
            if checked.success {
                return Ok(places.into_iter().flat_map(|place| place.numbers).collect());
            }
            let wrong: BTreeSet<usize> = checked
                .lines
                .iter()
                .filter_map(|line| position(line))
                .flat_map(|(file, line)| {
                    let here =
                        move |place: &&Place| place.file == file && place.lines.contains(&line);
                    places.iter().filter(here).flat_map(|place| &place.numbers)
                })
                .copied()
                .collect();
            if wrong.is_empty() {
                bail!("the copy does not compile\n{}", checked.tail(30));
            }
            left.retain(|(number, _)| !wrong.contains(number));
        }
        bail!("the mutants do not compile together");
    }

    fn write_switches(&self, mutants: &[(usize, &Mutant)]) -> Result<Vec<Place>> {
        self.remove_switches()?;
        let mut files: BTreeMap<&Path, Vec<(usize, &Mutant)>> = BTreeMap::new();
        for (number, mutant) in mutants {
            files
                .entry(&mutant.file)
                .or_default()
                .push((*number, mutant));
        }
        let (mut places, mut roots) = (Vec::new(), BTreeSet::new());
        for (file, mutants) in files {
            let Some(root) = switches::root_of(file) else {
                continue;
            };
            let path = self.folder.join(file);
            let switched = switches::insert(&fs::read_to_string(&path)?, &mutants);
            if !switched.places.is_empty() {
                fs::write(path, switched.text)?;
                roots.insert(root);
            }
            for (lines, numbers) in switched.places {
                let file = file.to_owned();
                places.push(Place {
                    file,
                    lines,
                    numbers,
                });
            }
        }
        for root in roots {
            let path = self.folder.join(root);
            fs::write(&path, fs::read_to_string(&path)? + switches::FUNCTION)?;
        }
        Ok(places)
    }

    /// Makes the copy equal to the tree again.
    fn remove_switches(&self) -> Result<()> {
        for file in files_below(&self.folder)? {
            let path = shell::root().join(file.strip_prefix(&self.folder)?);
            // A test that turned red may have written what it found beside itself.
            let Ok(original) = fs::read(path) else {
                fs::remove_file(file)?;
                continue;
            };
            put(&file, &original)?;
        }
        Ok(())
    }

    /// Takes the rule away, looks whether a test turns red, and puts it back.
    fn judge(&self, mutant: &Mutant, table: &Table) -> Result<Verdict> {
        let path = self.folder.join(&mutant.file);
        let original = fs::read_to_string(&path)?;
        fs::write(&path, original.replacen(&mutant.find, &mutant.replace, 1))?;
        let verdict = self.run_until_red(mutant, table, None);
        fs::write(&path, original)?;
        verdict
    }

    fn run_until_red(
        &self,
        mutant: &Mutant,
        table: &Table,
        switch: Option<usize>,
    ) -> Result<Verdict> {
        for words in tests(mutant, table) {
            let finished = self.test(words, SECONDS_PER_MUTANT, switch)?;
            let broken = |line: &String| line.starts_with("error: could not compile");
            if !finished.success && finished.lines.iter().any(broken) {
                println!("{}", finished.tail(30));
                return Ok(Verdict::DoesNotBuild);
            }
            if finished
                .lines
                .last()
                .is_some_and(|line| line.starts_with("killed after"))
            {
                return Ok(Verdict::Late);
            }
            if !finished.success {
                return Ok(Verdict::Killed);
            }
        }
        Ok(Verdict::Survived)
    }

    fn test(&self, words: &[String], seconds: u64, switch: Option<usize>) -> Result<Finished> {
        let switch = switch.map_or_else(String::new, |number| number.to_string());
        shell::cargo()
            .args(["test", "--locked"])
            .args(words)
            .folder(&self.folder)
            .env("CARGO_TARGET_DIR", &self.target)
            // Nobody debugs a mutant, and this halves the time to link.
            .env("CARGO_PROFILE_DEV_DEBUG", "false")
            .env("RUST_BACKTRACE", "0")
            .env(switches::VARIABLE, switch)
            .within(seconds)
            .quiet()
            .finish()
    }
}

fn tests<'a>(mutant: &'a Mutant, table: &'a Table) -> &'a [Vec<String>] {
    mutant.test.as_ref().unwrap_or(&table.test)
}

fn is_some_test(line: &str) -> bool {
    line.starts_with("running ") && line != "running 0 tests"
}

fn put(path: &Path, content: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|there| there == content) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, content).with_context(|| format!("{}", path.display()))
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}
