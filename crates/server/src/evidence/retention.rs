//! Retention: how long the logs are kept, and the dropping of what is older.
//!
//! Only whole segments go, from the beginning of a log, when their newest record is older than the tenant keeps; the last
//! records always stay. What was dropped is said in the signed head and in an audit record; the roots of dropped segments
//! stay, so every later proof still verifies.

use policy::model::{AuditRecord, Category, CorrelationId, Span, Target, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use store::evidence::{self, Log};
use store::{StoreError, Tx, leases};

use super::portion::Found;
use super::sequencer::{LEASE, LEASE_LENGTH, Sequencer, SequencerFault};
use super::tiles::{Place, SEGMENT, WIDTH};
use crate::flow::records;

/// The settings document.
pub const SETTING: &str = "logRetention";
/// The audit activity of a drop.
pub const DROPPED: &str = "Drop log segments";
/// Segments given up in one transaction.
const SEGMENTS: u64 = 16;
/// Rows removed in one transaction.
const PORTION: u32 = 500;
/// Ranges read at once.
const PAGE: u32 = 512;
/// Checkpoints older than this are thinned to one a day.
const CHECKPOINTS_KEPT: Span = Span::days(7);

/// How many days each log is kept; for ever where there is no number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Retention {
    /// The audit log.
    pub audit_days: Option<u32>,
    /// The sign-in log.
    pub sign_in_days: Option<u32>,
}

impl Retention {
    /// What the tenant has set.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if the setting cannot be read.
    pub async fn of(tx: &mut Tx, tenant: TenantId) -> Result<Self, StoreError> {
        match store::settings::get(tx, tenant, SETTING).await? {
            Some(text) => {
                serde_json::from_str(&text).map_err(|_| StoreError::Damaged("log retention"))
            }
            None => Ok(Self::default()),
        }
    }

    /// Records that happened before this moment need not be kept.
    fn limit(self, log: Log, now: Timestamp) -> Option<Timestamp> {
        let days = match log {
            Log::Audit => self.audit_days,
            Log::SignIns => self.sign_in_days,
        };
        days.map(|days| now.minus(Span::days(i64::from(days))))
    }
}

impl Sequencer {
    /// Drops what no tenant keeps any more, and removes what was dropped.
    ///
    /// # Errors
    /// The first fault; the rest is tried the next time.
    pub async fn retain(&mut self) -> Result<(), SequencerFault> {
        let now = self.clock.now();
        for tenant in self.tenants().await? {
            let keeps = self
                .store
                .read(move |tx| Box::pin(async move { Retention::of(tx, tenant).await }))
                .await?;
            for log in Log::ALL {
                if let Some(limit) = keeps.limit(log, now) {
                    while self.drop_segments(tenant, log, limit).await? {}
                }
                self.remove_dropped(tenant, log).await?;
                self.thin_checkpoints(tenant, log, now).await?;
            }
        }
        Ok(())
    }

    /// Gives up the oldest segments; true if there may be more.
    async fn drop_segments(
        &mut self,
        tenant: TenantId,
        log: Log,
        limit: Timestamp,
    ) -> Result<bool, SequencerFault> {
        let found = self.store.snapshot(move |tx| {
            Box::pin(async move {
                let found = Found::read(tx, tenant, log, &[]).await?;
                let old = old_segments(tx, &found, limit).await?;
                Ok::<_, StoreError>((found, old))
            })
        });
        let (mut found, old) = found.await?;
        let old = old.map_err(SequencerFault::SegmentDamaged)?;
        if old == 0 {
            return Ok(false);
        }
        let head = found.head()?;
        self.check_head(&found, head.as_ref()).await?;
        let from = found.dropped;
        found.dropped += old * SEGMENT;
        let record = self.record(tenant, log, from, found.dropped);
        let key = self.key(tenant).await?;
        let portion = found.portion(head.as_ref(), &key, self.clock.now())?;
        let made = super::checkpoint::read(&portion.tree.head)?.0.at;
        let (node, now) = (self.node, self.clock.now());
        let written = self.store.write(move |tx| {
            Box::pin(async move {
                let until = now.plus(LEASE_LENGTH);
                if leases::take(tx, LEASE, node, now, until).await?.is_none()
                    || !evidence::append(tx, &portion).await?
                {
                    return Ok(false);
                }
                evidence::publish(tx, &portion.tree, made).await?;
                store::audit::record(tx, &record).await?;
                Ok::<_, StoreError>(true)
            })
        });
        Ok(written.await? && old == SEGMENTS)
    }

    fn record(&self, tenant: TenantId, log: Log, from: u64, to: u64) -> AuditRecord {
        let now = self.clock.now();
        let correlation = CorrelationId::new(now, self.random.bytes());
        let mut record = records::by_server(now, &self.random, tenant, correlation, DROPPED);
        record.category = Category::DirectoryManagement;
        record.targets.push(Target {
            id: log.as_str().to_owned(),
            kind: "Log".to_owned(),
            display_name: None,
            user_principal_name: None,
            modified_properties: Vec::new(),
        });
        record.details = vec![
            ("firstRecord".to_owned(), from.to_string()),
            ("firstRecordKept".to_owned(), to.to_string()),
        ];
        record
    }

    /// Removes the rows of dropped segments, in small portions.
    async fn remove_dropped(&self, tenant: TenantId, log: Log) -> Result<(), SequencerFault> {
        let tree = self
            .store
            .read(move |tx| Box::pin(async move { evidence::tree(tx, tenant, log).await }))
            .await?;
        let dropped = tree.map_or(0, |tree| tree.dropped);
        if dropped == 0 {
            return Ok(());
        }
        let (node, now) = (self.node, self.clock.now());
        loop {
            let removed = self.store.write(move |tx| {
                Box::pin(async move {
                    let until = now.plus(LEASE_LENGTH);
                    if leases::take(tx, LEASE, node, now, until).await?.is_none() {
                        return Ok::<_, StoreError>(false);
                    }
                    let leaves = dropped / WIDTH as u64;
                    evidence::remove_tiles(tx, tenant, log, [leaves, dropped / SEGMENT]).await?;
                    evidence::remove_dropped(tx, tenant, log, dropped, PORTION).await
                })
            });
            if !removed.await? {
                return Ok(());
            }
            tokio::task::yield_now().await;
        }
    }

    async fn thin_checkpoints(
        &self,
        tenant: TenantId,
        log: Log,
        now: Timestamp,
    ) -> Result<(), SequencerFault> {
        let before = now.minus(CHECKPOINTS_KEPT);
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    evidence::thin_checkpoints(tx, tenant, log, before)
                        .await
                        .map(drop)
                })
            })
            .await?;
        Ok(())
    }
}

/// How many segments, from the first that is left, have only records from before `limit`; the last records are never
/// counted. `Err` with the number of a segment that has records missing: it is evidence, and stays.
async fn old_segments(
    tx: &mut Tx,
    found: &Found,
    limit: Timestamp,
) -> Result<Result<u64, u64>, StoreError> {
    let size = found.tree.as_ref().map_or(0, |tree| tree.size);
    let mut count = 0;
    while count < SEGMENTS {
        let first = found.dropped + count * SEGMENT;
        if first + SEGMENT >= size {
            break;
        }
        let place = Place {
            level: 1,
            index: first / SEGMENT,
        };
        let (records, newest) = newest_of(tx, found, place).await?;
        if records != SEGMENT {
            return Ok(Err(place.index));
        }
        if newest.is_none_or(|newest| newest >= limit) {
            break;
        }
        count += 1;
    }
    Ok(Ok(count))
}

/// How many records a segment has, and when the newest of them happened.
async fn newest_of(
    tx: &mut Tx,
    found: &Found,
    segment: Place,
) -> Result<(u64, Option<Timestamp>), StoreError> {
    let span = segment.span();
    let (mut at, mut records, mut newest) = (span.start, 0, None);
    while at < span.end {
        let ranges = evidence::ranges(tx, found.tenant, found.log, at, PAGE).await?;
        let before = at;
        for range in ranges.iter().filter(|range| range.end_position() > before) {
            let skipped = at.saturating_sub(range.position);
            let end = range.end_position().min(span.end);
            if range.position >= span.end {
                break;
            }
            let first = range.number + signed(skipped);
            let last = range.number + signed(end - range.position);
            let (tenant, log) = (found.tenant, found.log);
            let (some, of) = evidence::newest_of(tx, tenant, log, range.shard, first..last).await?;
            records += some;
            newest = newest.max(of);
            at = end;
        }
        if at == before {
            break;
        }
    }
    Ok((records, newest))
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
