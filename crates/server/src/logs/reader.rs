//! What comes next in a log, in the order of its tree.

use policy::model::{AuditResult, TenantId, Timestamp};
use serde_json::json;
use store::evidence::{self, Log};
use store::log_cursors::Cursor;
use store::{Store, StoreError, Tx};

use super::entry::{Entry, What};
use super::record::{audit_json, sign_in_json, sign_in_without_person, without_person};
use crate::config::LogSource;
use crate::evidence::checkpoint;

/// Records in one batch.
const BATCH: u32 = 100;

/// Where records come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Records(Log),
    Checkpoints(Log),
}

/// Some records that follow each other, and where the stream stands when they were taken.
#[derive(Debug)]
pub(super) struct Batch {
    pub entries: Vec<Entry>,
    pub after: Cursor,
    /// Records behind these.
    pub lag: u64,
}

impl Source {
    /// Those of a stream, in the order in which they are read.
    pub fn of(sources: impl Iterator<Item = LogSource>) -> Vec<Self> {
        let each = |source| match source {
            LogSource::Audit => vec![Self::Records(Log::Audit)],
            LogSource::SignIns => vec![Self::Records(Log::SignIns)],
            LogSource::Checkpoints => Log::ALL.map(Self::Checkpoints).to_vec(),
        };
        sources.flat_map(each).collect()
    }

    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Records(Log::Audit) => "audit",
            Self::Records(Log::SignIns) => "sign-ins",
            Self::Checkpoints(Log::Audit) => "checkpoints-audit",
            Self::Checkpoints(Log::SignIns) => "checkpoints-sign-ins",
        }
    }

    /// The records after `cursor`.
    pub async fn next(
        self,
        store: &Store,
        tenant: TenantId,
        cursor: Option<Cursor>,
        redact: bool,
    ) -> Result<Batch, StoreError> {
        store
            .snapshot(move |tx| {
                Box::pin(async move {
                    match self {
                        Self::Records(log) => {
                            let from = cursor.map_or(0, |cursor| cursor.position);
                            records(tx, tenant, log, from, redact).await
                        }
                        Self::Checkpoints(log) => checkpoints(tx, tenant, log, cursor).await,
                    }
                })
            })
            .await
    }
}

async fn records(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
    from: u64,
    redact: bool,
) -> Result<Batch, StoreError> {
    let Some(tree) = evidence::tree(tx, tenant, log).await? else {
        return Ok(Batch::nothing(from));
    };
    // What retention has dropped is gone.
    let mut at = from.max(tree.dropped);
    let mut entries = Vec::new();
    let ranges = evidence::ranges(tx, tenant, log, at, BATCH).await?;
    for range in ranges {
        let end = range.position.saturating_add(range.count);
        let room = BATCH.saturating_sub(u32::try_from(entries.len()).unwrap_or(BATCH));
        if end <= at {
            continue;
        }
        if room == 0 {
            break;
        }
        let skipped = i64::try_from(at - range.position).unwrap_or(i64::MAX);
        let first = range.number.saturating_add(skipped);
        let numbers = first..range.number.saturating_add_unsigned(range.count);
        let stored = evidence::numbered(tx, tenant, log, range.shard, numbers, room).await?;
        for (number, record) in (first..).zip(&stored) {
            // A gap is what `log verify` is for; a stream must not hide it by going on.
            if record.number != Some((range.shard, number)) {
                return Err(StoreError::Damaged("a record that is gone"));
            }
            let entry = match log {
                Log::Audit => store::audit::find(tx, tenant, record.id)
                    .await?
                    .map(|found| {
                        let failed = found.result == AuditResult::Failure;
                        let found = if redact { without_person(found) } else { found };
                        (What::Audit, failed, audit_json(&found))
                    }),
                Log::SignIns => store::sign_ins::find(tx, tenant, record.id)
                    .await?
                    .map(|found| {
                        let failed = found.error_code != 0;
                        let found = if redact {
                            sign_in_without_person(found)
                        } else {
                            found
                        };
                        (What::SignIn, failed, sign_in_json(&found))
                    }),
            };
            let (what, failed, json) = entry.ok_or(StoreError::Damaged("a record"))?;
            entries.push(Entry {
                tenant,
                what,
                at: record.at,
                id: record.id.to_string(),
                position: at,
                failed,
                record: json,
            });
            at += 1;
        }
        if at < end {
            break;
        }
    }
    Ok(Batch {
        entries,
        after: Cursor {
            position: at,
            moment: Timestamp::from_micros(0),
        },
        lag: tree.size.saturating_sub(at),
    })
}

async fn checkpoints(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
    cursor: Option<Cursor>,
) -> Result<Batch, StoreError> {
    let start = Timestamp::from_micros(i64::MIN);
    let after = cursor.map_or((0, start), |cursor| (cursor.position, cursor.moment));
    let found = evidence::checkpoints(tx, tenant, log, after, BATCH).await?;
    let last = found.last().map(|last| (last.size, last.made));
    let (position, moment) = last.unwrap_or(after);
    let entry = |stored: evidence::StoredCheckpoint| {
        let time = checkpoint::time_text(stored.made);
        Entry {
            tenant,
            what: What::Checkpoint,
            at: stored.made,
            id: format!(
                "{}-{}-{}",
                log.as_str(),
                stored.size,
                stored.made.as_micros()
            ),
            position: stored.size,
            failed: false,
            record: json!({"log": log.as_str(), "size": stored.size, "time": time, "note": stored.note}),
        }
    };
    Ok(Batch {
        entries: found.into_iter().map(entry).collect(),
        after: Cursor { position, moment },
        lag: 0,
    })
}

impl Batch {
    fn nothing(position: u64) -> Self {
        Self {
            entries: Vec::new(),
            after: Cursor {
                position,
                moment: Timestamp::from_micros(0),
            },
            lag: 0,
        }
    }
}
