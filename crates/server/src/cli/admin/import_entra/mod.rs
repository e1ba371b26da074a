//! `keyward admin import-entra`: what an Entra tenant decided, carried over as far as it can be, and a campaign for the passkeys that
//! cannot.
//!
//! A passkey answers to the relying party id that it was made for and to no other, so none of Entra's can ever be used here. What can be
//! done is to know whose they are and to ask these people for new ones.

mod inventory;
mod plan;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};

use super::{Common, Desk, bytes_of};
use crate::import::entra::{Export, LONGEST};
use inventory::Inventory;
use plan::{Carried, Fate};

/// Files of one folder.
const MOST_FILES: usize = 100_000;

/// Flags of `import-entra`.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    /// Answers of Microsoft Graph, one in each file; of a folder, every file that ends with .json
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

/// Reports, and with `--apply` carries over.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { common, files } = arguments;
    let export = read(&files)?;
    let desk = Desk::open(&common, "import-entra").await?;
    let mut carried = plan::carry(&desk, &export, common.apply).await?;
    let inventory = Inventory::take(&desk, &export).await?;
    carried.extend(inventory.campaign(&desk, common.apply).await?);
    let report = Report {
        carried,
        inventory,
        notes: export.notes,
        applied: common.apply,
        rp_id: desk.app.config.relying_party.rp_id.as_str().to_owned(),
        correlation: desk.caller.correlation.to_string(),
    };
    match common.json {
        true => println!("{}", report.json()),
        false => report.lines().iter().for_each(|line| println!("{line}")),
    }
    match report.count(|fate| matches!(fate, Fate::Refused { .. })) {
        0 => Ok(ExitCode::SUCCESS),
        refused => anyhow::bail!("{refused} objects cannot be carried over as they are"),
    }
}

/// All files. What cannot be opened stops everything; what cannot be understood is reported.
fn read(files: &[PathBuf]) -> anyhow::Result<Export> {
    let (mut export, mut left) = (Export::default(), LONGEST);
    for file in files.iter().map(PathBuf::as_path).map(all_of) {
        for file in file? {
            let bytes = bytes_of(&file, left)?;
            left = left
                .checked_sub(bytes.len())
                .with_context(|| format!("the files have more than {} MiB", LONGEST >> 20))?;
            export.add(&file.display().to_string(), &bytes);
        }
    }
    Ok(export)
}

/// A file, or the JSON files of a folder, by name.
fn all_of(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).with_context(|| path.display().to_string())? {
        let file = entry?.path();
        if file
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("json"))
        {
            files.push(file);
        }
        anyhow::ensure!(
            files.len() <= MOST_FILES,
            "{} has more than {MOST_FILES} files",
            path.display()
        );
    }
    files.sort();
    Ok(files)
}

/// What is said at the end.
struct Report {
    carried: Vec<Carried>,
    inventory: Inventory,
    notes: Vec<(String, crate::import::entra::Note)>,
    applied: bool,
    rp_id: String,
    correlation: String,
}

impl Report {
    fn count(&self, is: fn(&Fate) -> bool) -> usize {
        self.carried.iter().filter(|one| is(&one.fate)).count()
    }

    fn counts(&self) -> [usize; 4] {
        [
            self.count(|fate| matches!(fate, Fate::New)),
            self.count(|fate| matches!(fate, Fate::Changed(_))),
            self.count(|fate| matches!(fate, Fate::Same)),
            self.count(|fate| matches!(fate, Fate::Refused { .. })),
        ]
    }

    fn lines(&self) -> Vec<String> {
        let notes = self.notes.iter();
        let mut lines: Vec<_> = notes
            .map(|(file, note)| format!("{file} {} ({})", note.sentence(), note.code()))
            .collect();
        for one in &self.carried {
            let what = format!("{} “{}”", one.kind, one.name);
            lines.push(match &one.fate {
                Fate::Same => format!("{what} is the same here"),
                Fate::New => format!("{what} is new"),
                Fate::Changed(members) => format!("{what} changes: {}", members.join(", ")),
                Fate::Refused { code, sentence } => {
                    format!("{what} cannot be carried over: {sentence} ({code})")
                }
            });
            lines.extend(one.remarks.iter().map(|remark| format!("    {remark}")));
        }
        lines.extend(self.inventory.lines(&self.rp_id));
        let [new, changed, same, refused] = self.counts();
        lines.push(format!(
            "{new} new, {changed} changed, {same} the same, {refused} not carried over"
        ));
        lines.push(match self.applied {
            true => format!(
                "written, object by object; audited under correlation id {}",
                self.correlation
            ),
            false => "nothing is written without --apply".to_owned(),
        });
        lines
    }

    fn json(&self) -> Value {
        let objects: Vec<_> = self.carried.iter().map(Carried::json).collect();
        let notes = self.notes.iter().map(
            |(file, note)| json!({ "file": file, "code": note.code(), "message": note.sentence() }),
        );
        let [new, changed, same, refused] = self.counts();
        json!({
            "applied": self.applied,
            "new": new,
            "changed": changed,
            "same": same,
            "refused": refused,
            "objects": objects,
            "passkeys": self.inventory.json(&self.rp_id),
            "files": notes.collect::<Vec<_>>(),
            "correlationId": self.correlation,
        })
    }
}
