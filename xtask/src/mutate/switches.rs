//! Many mutants in one build: where a rule is a condition or a statement of its own, its mutant stands beside it and an
//! environment variable chooses when the test program starts. Building is what mutation costs; this way it is paid once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Mutant;

/// Names the chosen mutant to the test program.
pub const VARIABLE: &str = "KEYWARD_MUTANT";

/// What is written behind a crate's root module.
pub const FUNCTION: &str = r#"
pub(crate) fn mutant(number: usize) -> bool {
    static CHOSEN: std::sync::OnceLock<Option<usize>> = std::sync::OnceLock::new();
    let read = || std::env::var("KEYWARD_MUTANT").ok()?.parse().ok();
    *CHOSEN.get_or_init(read) == Some(number)
}
"#;

/// The root module of the crate that a file belongs to.
pub fn root_of(file: &Path) -> Option<PathBuf> {
    let mut parts = file.iter();
    let (crates, name) = (parts.next()?, parts.next()?);
    (crates == "crates").then(|| {
        [crates, name, "src".as_ref(), "lib.rs".as_ref()]
            .iter()
            .collect()
    })
}

/// Puts the mutants that fit into `text`; returns it with the numbers of those that are in it.
pub fn insert(text: &str, mutants: &[(usize, &Mutant)]) -> (String, Vec<usize>) {
    let mut places: BTreeMap<(usize, usize), Vec<(usize, &Mutant)>> = BTreeMap::new();
    for (number, mutant) in mutants {
        if let Some(start) = text.find(&mutant.find)
            && Form::of(mutant).is_some()
            && !is_in_const_fn(text, start)
        {
            let place = (start, start + mutant.find.len());
            places.entry(place).or_default().push((*number, mutant));
        }
    }
    let (mut out, mut numbers, mut done) = (String::new(), Vec::new(), 0);
    for ((start, end), here) in places {
        // Two fragments that overlap cannot both be replaced; the second gets a build of its own.
        let (Some(between), Some(original)) = (text.get(done..start), text.get(start..end)) else {
            continue;
        };
        out.push_str(between);
        out.push_str(&switched(original, &here));
        numbers.extend(here.iter().map(|(number, _)| *number));
        done = end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    (out, numbers)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Condition,
    Statement,
}

impl Form {
    fn of(mutant: &Mutant) -> Option<Self> {
        let both = |test: fn(&str) -> bool| test(&mutant.find) && test(&mutant.replace);
        if both(|text| condition(text).is_some()) {
            return Some(Self::Condition);
        }
        let is_statement = |text: &str| text.starts_with("    ") && text.ends_with(";\n");
        let declares = mutant.find.trim_start().starts_with("let ");
        let replaces = mutant.replace.is_empty() || is_statement(&mutant.replace);
        (is_statement(&mutant.find) && !declares && replaces).then_some(Self::Statement)
    }
}

/// What stands between `if` and `{`; conditions that bind names cannot be nested.
fn condition(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("if ")?.strip_suffix(" {")?;
    (!inner.contains("let ") && !inner.contains('{')).then_some(inner)
}

fn switched(original: &str, mutants: &[(usize, &Mutant)]) -> String {
    let choose = |write: &dyn Fn(&str) -> String| {
        let branch = |(number, mutant): &(usize, &Mutant)| {
            format!(
                "if crate::mutant({number}) {{ {} }} else ",
                write(&mutant.replace)
            )
        };
        let branches: String = mutants.iter().map(branch).collect();
        format!("{branches}{{ {} }}", write(original))
    };
    match condition(original) {
        Some(_) => {
            let head = original.split("if ").next().unwrap_or_default();
            let tail = if original.ends_with('\n') { "\n" } else { "" };
            let chosen = choose(&|text| condition(text).unwrap_or("false").to_owned());
            format!("{head}if ({chosen}) {{{tail}")
        }
        None => choose(&str::to_owned) + "\n",
    }
}

/// The switch reads the environment, which no constant function can.
fn is_in_const_fn(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let function = before.rfind("fn ").unwrap_or(0);
    before
        .get(..function)
        .is_some_and(|head| head.ends_with("const "))
}
