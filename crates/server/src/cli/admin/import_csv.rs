//! `keyward admin import-csv`: people from a table.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::{Common, Desk, bytes_of};
use crate::flow::import::{self, Imported, Outcome, Wanted};
use crate::flow::refusal::Refused as _;
use crate::import::csv::LONGEST_FILE;
use crate::import::people::{self, People};

/// Flags of `import-csv`.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    /// The table: CSV with a header, UTF-8
    file: PathBuf,
}

/// Imports the file.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { common, file } = arguments;
    let bytes = bytes_of(&file, LONGEST_FILE)?;
    let People { wanted, left } = match people::read(&bytes) {
        Ok(people) => people,
        Err(refusal) => anyhow::bail!("{}: {refusal} ({})", file.display(), refusal.code()),
    };
    let desk = Desk::open(&common, "import-csv").await?;
    let names = names(&wanted);
    let (app, caller, by) = (&desk.app, &desk.caller, &desk.by);
    let done = import::import(app, caller, by, wanted, common.apply).await;
    let imported = done.map_err(|refusal| anyhow::anyhow!(refusal.admin_sentence()))?;
    let report = Report {
        imported,
        names,
        left,
        correlation: caller.correlation.to_string(),
    };
    match common.json {
        true => println!("{}", report.json()),
        false => report.lines().iter().for_each(|line| println!("{line}")),
    }
    if report.imported.refused() {
        anyhow::bail!("nothing was written, because of the refused lines");
    }
    Ok(ExitCode::SUCCESS)
}

fn names(wanted: &[(usize, Wanted)]) -> Vec<String> {
    let names = wanted.iter();
    names
        .map(|(_, person)| person.user_principal_name.clone())
        .collect()
}

/// What is said at the end.
#[derive(Debug)]
pub struct Report {
    /// What became of each line.
    pub imported: Imported,
    /// Who is meant by each line.
    pub names: Vec<String>,
    /// Columns that are not kept.
    pub left: Vec<&'static str>,
    /// Finds the records.
    pub correlation: String,
}

impl Report {
    fn people(&self) -> impl Iterator<Item = (usize, &str, &Outcome)> {
        let names = self.names.iter().map(String::as_str);
        let lines = self.imported.lines.iter().zip(names);
        lines.map(|((line, outcome), name)| (*line, name, outcome))
    }

    fn count(&self, is: fn(&Outcome) -> bool) -> usize {
        let lines = self.imported.lines.iter();
        lines.filter(|(_, outcome)| is(outcome)).count()
    }

    fn counts(&self) -> [usize; 4] {
        [
            self.count(|one| matches!(one, Outcome::Added)),
            self.count(|one| matches!(one, Outcome::Changed(_))),
            self.count(|one| matches!(one, Outcome::Same)),
            self.count(|one| matches!(one, Outcome::Refused(_))),
        ]
    }

    /// For a person: a line of each account that is touched or refused, and the sum.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (line, name, outcome) in self.people() {
            lines.push(match outcome {
                Outcome::Added => format!("line {line}: {name} is new"),
                Outcome::Changed(members) => {
                    format!("line {line}: {name} changes: {}", members.join(", "))
                }
                Outcome::Same => continue,
                Outcome::Refused(refusal) => {
                    let (sentence, code) = (refusal.admin_sentence(), refusal.code());
                    format!("line {line}: {name} is refused: {sentence} ({code})")
                }
            });
        }
        if !self.left.is_empty() {
            lines.push(format!("columns left aside: {}", self.left.join(", ")));
        }
        let [added, changed, same, refused] = self.counts();
        lines.push(format!(
            "{added} new, {changed} changed, {same} as they should be, {refused} refused"
        ));
        lines.push(match (self.imported.written, refused) {
            (true, _) => format!("written; audited under correlation id {}", self.correlation),
            (false, 0) => "nothing is written without --apply".to_owned(),
            (false, _) => "nothing was written".to_owned(),
        });
        lines
    }

    /// For a program.
    pub fn json(&self) -> Value {
        let people = self.people().map(|(line, name, outcome)| {
            let (word, more) = match outcome {
                Outcome::Added => ("added", Value::Null),
                Outcome::Changed(members) => ("changed", json!({ "members": members })),
                Outcome::Same => ("same", Value::Null),
                Outcome::Refused(refusal) => (
                    "refused",
                    json!({ "code": refusal.code(), "message": refusal.admin_sentence() }),
                ),
            };
            let mut shown = json!({ "line": line, "userPrincipalName": name, "outcome": word });
            if let (Some(shown), Value::Object(more)) = (shown.as_object_mut(), more) {
                shown.extend(more);
            }
            shown
        });
        let people: Vec<_> = people.collect();
        let [added, changed, same, refused] = self.counts();
        json!({
            "written": self.imported.written,
            "added": added,
            "changed": changed,
            "same": same,
            "refused": refused,
            "columnsLeftAside": self.left,
            "people": people,
            "correlationId": self.correlation,
        })
    }
}
