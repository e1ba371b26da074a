//! Every checkpoint: those in the database, and those that were kept elsewhere.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use policy::model::Timestamp;
use serde::Deserialize;
use store::StoreError;
use store::evidence::{self, Log};

use super::{Audit, Finding, LogReport, TreeName};
use crate::evidence::checkpoint::{self, Checkpoint, CheckpointRefusal};
use crate::evidence::keys::KnownKey;
use crate::evidence::merkle::{Hash, Span};
use crate::evidence::note::{MAX_LENGTH, Note};
use crate::evidence::tiles::{self, Tiles};

/// Checkpoints read at once.
const PAGE: u32 = 64;

/// A checkpoint that was kept elsewhere.
#[derive(Clone, Debug)]
pub struct Saved {
    /// Where it comes from, for people.
    pub source_name: String,
    /// What it says.
    pub said: Said,
}

/// What a saved checkpoint says.
#[derive(Clone, Debug)]
pub enum Said {
    /// A signed note.
    Signed(Box<Checkpoint>, Note),
    /// Size and root only, as a log line carries them: whoever kept them vouches for them.
    Bare {
        /// Of which log.
        tree: TreeName,
        /// How many leaves.
        size: u64,
        /// The root over them.
        root: Hash,
    },
    /// Neither a note nor JSON with a note, or with tenant, log, size and root.
    Unreadable,
}

/// A file without a checkpoint in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no checkpoint in it")]
pub struct NothingSaved;

#[derive(Deserialize)]
struct JsonLine {
    note: Option<String>,
    tenant: Option<String>,
    log: Option<String>,
    size: Option<u64>,
    root: Option<String>,
}

/// Reads a file of checkpoints: one note, or JSON lines. A last line without its end was being written when the machine
/// stopped; it is passed over.
pub fn read_saved(name: &str, text: &str) -> Result<Vec<Saved>, NothingSaved> {
    if text.len() <= MAX_LENGTH
        && let Ok((checkpoint, note)) = checkpoint::read(text)
    {
        return Ok(vec![Saved {
            source_name: name.to_owned(),
            said: Said::Signed(Box::new(checkpoint), note),
        }]);
    }
    let whole = text.rsplit_once('\n').map_or(text, |(whole, _)| whole);
    let saved: Vec<_> = (1..)
        .zip(whole.lines())
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line): (usize, _)| Saved {
            source_name: format!("{name}, line {number}"),
            said: read_line(line).unwrap_or(Said::Unreadable),
        })
        .collect();
    if saved.is_empty() {
        return Err(NothingSaved);
    }
    Ok(saved)
}

fn read_line(line: &str) -> Option<Said> {
    let line: JsonLine = serde_json::from_str(line).ok()?;
    if let Some(note) = line.note {
        let (checkpoint, note) = checkpoint::read(&note).ok()?;
        return Some(Said::Signed(Box::new(checkpoint), note));
    }
    Some(Said::Bare {
        tree: TreeName {
            tenant: line.tenant?.parse().ok()?,
            log: Log::from_name(&line.log?)?,
        },
        size: line.size?,
        root: BASE64.decode(line.root?).ok()?.try_into().ok()?,
    })
}

impl Audit<'_> {
    /// Every checkpoint that the database keeps.
    pub(super) async fn stored_checkpoints(
        &mut self,
        report: &mut LogReport,
        keys: &[KnownKey],
    ) -> Result<(), StoreError> {
        let tree = report.tree;
        let TreeName { tenant, log } = tree;
        let mut after = (0, Timestamp::from_micros(i64::MIN));
        loop {
            let page = evidence::checkpoints(self.tx, tenant, log, after, PAGE).await;
            let page = self.found(page, || format!("checkpoints, {tree}"))?;
            let page = page.unwrap_or_default();
            for stored in &page {
                after = (stored.size, stored.made);
                report.checkpoints += 1;
                let source_name = format!("checkpoint {} of {tree}", stored.size);
                match checkpoint::read(&stored.note) {
                    Err(refusal) => self.refuse(source_name, refusal),
                    Ok((said, _))
                        if (said.tenant, said.log, said.size, said.at)
                            != (tenant, log, stored.size, stored.made) =>
                    {
                        self.findings
                            .add(Finding::CheckpointMismatch { source_name });
                    }
                    Ok((said, note)) => {
                        self.signed(&source_name, &said, &note, report, keys)
                            .await?;
                    }
                }
            }
            if page.len() < PAGE as usize {
                return Ok(());
            }
        }
    }

    /// A checkpoint from elsewhere; false if it speaks of a tenant that this database has never seen.
    pub(super) async fn saved(
        &mut self,
        saved: &Saved,
        trees: &mut [(LogReport, Vec<KnownKey>)],
    ) -> Result<bool, StoreError> {
        let (tree, size) = match &saved.said {
            Said::Signed(said, _) => {
                let tree = TreeName {
                    tenant: said.tenant,
                    log: said.log,
                };
                (tree, said.size)
            }
            Said::Bare { tree, size, .. } => (*tree, *size),
            Said::Unreadable => {
                self.refuse(saved.source_name.clone(), CheckpointRefusal::Text);
                return Ok(false);
            }
        };
        let known = trees.iter_mut().find(|(report, _)| report.tree == tree);
        let Some((report, keys)) = known else {
            self.findings.add(Finding::CheckpointAhead {
                source_name: saved.source_name.clone(),
                tree,
                size,
                now: 0,
            });
            return Ok(false);
        };
        match &saved.said {
            Said::Signed(said, note) => {
                self.signed(&saved.source_name, said, note, report, keys)
                    .await?;
            }
            Said::Bare { size, root, .. } => {
                self.compare(&saved.source_name, *size, root, report)
                    .await?;
            }
            Said::Unreadable => {}
        }
        Ok(true)
    }

    async fn signed(
        &mut self,
        source_name: &str,
        said: &Checkpoint,
        note: &Note,
        report: &mut LogReport,
        keys: &[KnownKey],
    ) -> Result<(), StoreError> {
        // A checkpoint that is ahead is of a key that may be ahead too: the size says more.
        if self.is_ahead(source_name, said.size, report) {
            return Ok(());
        }
        if let Err(refusal) = said.verify(note, keys) {
            self.refuse(source_name.to_owned(), refusal);
            return Ok(());
        }
        self.compare(source_name, said.size, &said.root, report)
            .await
    }

    fn is_ahead(&mut self, source_name: &str, size: u64, report: &LogReport) -> bool {
        let now = report.head.as_ref().map_or(0, |head| head.size);
        if size <= now {
            return false;
        }
        self.findings.add(Finding::CheckpointAhead {
            source_name: source_name.to_owned(),
            tree: report.tree,
            size,
            now,
        });
        true
    }

    /// The tree had this root when it had this size.
    async fn compare(
        &mut self,
        source_name: &str,
        size: u64,
        root: &Hash,
        report: &mut LogReport,
    ) -> Result<(), StoreError> {
        if self.is_ahead(source_name, size, report) {
            return Ok(());
        }
        match self.root_at(report.tree, size).await? {
            Some(was) if was == *root => {}
            Some(_) => self.findings.add(Finding::CheckpointContradicted {
                source_name: source_name.to_owned(),
                tree: report.tree,
                size,
            }),
            None => report.unprovable += 1,
        }
        Ok(())
    }

    /// The root over the first `size` leaves; none if the tiles it needs are not there.
    async fn root_at(&mut self, tree: TreeName, size: u64) -> Result<Option<Hash>, StoreError> {
        let TreeName { tenant, log } = tree;
        let mut found = Tiles::new();
        for place in tiles::places(Span::whole(size)) {
            let tile = evidence::tile(self.tx, tenant, log, place.level, place.index);
            match tile.await {
                Ok(tile) => found.extend(tile.map(|tile| (place, tile.hashes))),
                Err(StoreError::Damaged(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(tiles::hash(&found, Span::whole(size)).ok())
    }

    fn refuse(&mut self, source_name: String, refusal: CheckpointRefusal) {
        self.findings.add(Finding::CheckpointRefused {
            source_name,
            refusal,
        });
    }
}
