//! Where checkpoints go: a log line, and `evidence/checkpoints.jsonl` in the data folder of every node.
//!
//! The file is only ever appended to and flushed, by each node for itself. Kept or shipped apart from the database, it is
//! what tells an old copy of the database from the present one.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use policy::model::TenantId;
use serde::{Deserialize, Serialize};
use store::evidence::Log;

use super::checkpoint::{Checkpoint, time_text};

/// Where the file is in a data folder.
pub fn file(data: &Path) -> PathBuf {
    data.join("evidence").join("checkpoints.jsonl")
}

/// One line of the file. Readers need the note only; the rest is for people and for tools that keep size and root.
#[derive(Debug, Serialize, Deserialize)]
pub struct Line {
    /// Whose.
    pub tenant: String,
    /// Which log.
    pub log: String,
    /// How many leaves.
    pub size: u64,
    /// The root, base64.
    pub root: String,
    /// When, RFC 3339.
    pub time: String,
    /// The signed note.
    pub note: String,
}

impl Line {
    /// The line of a checkpoint and its note.
    pub fn new(checkpoint: &Checkpoint, note: String) -> Self {
        Self {
            tenant: checkpoint.tenant.to_string(),
            log: checkpoint.log.as_str().to_owned(),
            size: checkpoint.size,
            root: BASE64.encode(checkpoint.root),
            time: time_text(checkpoint.at),
            note,
        }
    }
}

/// What this process has given out.
#[derive(Debug)]
pub struct Streams {
    file: PathBuf,
    given: BTreeMap<(TenantId, Log), Checkpoint>,
}

impl Streams {
    /// Streams of a node with this data folder.
    pub fn new(data: &Path) -> Self {
        Self {
            file: file(data),
            given: BTreeMap::new(),
        }
    }

    /// Gives a checkpoint out, unless it was the last one given.
    pub async fn give(&mut self, checkpoint: Checkpoint, note: String) -> io::Result<()> {
        let tree = (checkpoint.tenant, checkpoint.log);
        if self.given.get(&tree) == Some(&checkpoint) {
            return Ok(());
        }
        let line = Line::new(&checkpoint, note);
        let (file, text) = (self.file.clone(), serde_json::to_string(&line)?);
        tokio::task::spawn_blocking(move || append(&file, text)).await??;
        tracing::info!(
            tenant = line.tenant,
            log = line.log,
            size = line.size,
            root = line.root,
            time = line.time,
            key = checkpoint.key,
            "checkpoint"
        );
        self.given.insert(tree, checkpoint);
        Ok(())
    }
}

/// One line, on disk when this returns.
fn append(file: &Path, mut text: String) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    text.push('\n');
    let mut out = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(file)?;
    out.write_all(text.as_bytes())?;
    out.sync_data()
}
