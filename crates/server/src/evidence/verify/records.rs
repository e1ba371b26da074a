//! Every record against its leaf, every number, every erasure.

use policy::model::{AuditResult, RecordId};
use store::StoreError;
use store::evidence::{self, Hidden, Log, Numbers, Range, Shard, StoredRecord};

use super::{Audit, Finding, LogReport, TreeName};
use crate::evidence::ERASURE;
use crate::evidence::merkle::Hash;
use crate::evidence::tiles::WIDTH;

/// Records and ranges read at once.
const PAGE: u32 = 512;

impl Audit<'_> {
    pub(super) async fn records(&mut self, report: &mut LogReport) -> Result<(), StoreError> {
        let TreeName { tenant, log } = report.tree;
        let (size, dropped) = report
            .head
            .as_ref()
            .map_or((0, 0), |head| (head.size, head.dropped));
        if log == Log::Audit {
            self.erasures.complete = dropped == 0;
        }
        let mut covered = Covered::new(dropped, size);
        let mut leaves = Leaves::default();
        for shard in evidence::shards_of(self.tx, tenant, log).await? {
            self.shard(report, shard, &mut covered, &mut leaves).await?;
        }
        for position in covered.missing() {
            self.findings.add(Finding::RangeWrong {
                tree: report.tree,
                position,
            });
        }
        let (unnumbered, half) = evidence::count_unnumbered(self.tx, tenant, log).await?;
        report.unnumbered = u64::try_from(unnumbered).unwrap_or(0);
        if half > 0 {
            self.findings.add(Finding::RecordAdded {
                tree: report.tree,
                shard: -1,
                count: half,
            });
        }
        Ok(())
    }

    async fn shard(
        &mut self,
        report: &mut LogReport,
        shard: i64,
        covered: &mut Covered,
        leaves: &mut Leaves,
    ) -> Result<(), StoreError> {
        let tree = report.tree;
        let TreeName { tenant, log } = tree;
        let numbers = evidence::numbers(self.tx, tenant, log, shard).await?;
        let name = Shard {
            tenant,
            log,
            shard,
            last: numbers.newest,
        };
        let (mut next, mut from) = (None, i64::MIN);
        loop {
            let ranges = evidence::ranges_of_shard(self.tx, name, from, PAGE).await;
            let ranges = self.found(ranges, || format!("ranges, {tree}"))?;
            let ranges = ranges.unwrap_or_default();
            for range in &ranges {
                let expected = self.start_of_shard(report, range, next).await?;
                if range.number != expected {
                    self.gap(tree, shard, range.number);
                }
                next = Some(range.end());
                from = range.number.saturating_add(1);
                self.range(report, range, covered, leaves).await?;
            }
            if ranges.len() < PAGE as usize {
                break;
            }
        }
        let first = match next {
            Some(next) => next,
            None => self.start_of_empty_shard(report, shard, &numbers).await?,
        };
        self.tail(report, shard, &numbers, first).await
    }

    /// The number that the first or next range of a shard has to begin with.
    async fn start_of_shard(
        &mut self,
        report: &mut LogReport,
        range: &Range,
        next: Option<i64>,
    ) -> Result<i64, StoreError> {
        if let Some(next) = next {
            return Ok(next);
        }
        let dropped = report.head.as_ref().map_or(0, |head| head.dropped);
        let gone = dropped.saturating_sub(range.position).min(range.count);
        let kept = range.number.saturating_add(signed(gone));
        let first = self.before_first(report, range.shard, kept).await?;
        // A range that begins among dropped leaves is shortened when their records are removed.
        Ok(if first == kept { range.number } else { first })
    }

    async fn start_of_empty_shard(
        &mut self,
        report: &mut LogReport,
        shard: i64,
        numbers: &Numbers,
    ) -> Result<i64, StoreError> {
        let first = numbers.folded.saturating_add(1);
        self.before_first(report, shard, first).await
    }

    /// Records before the first that the tree still speaks of: those of dropped segments on their way out, or, where nothing
    /// was dropped, ones that somebody added. Answers the number the shard has to begin with.
    async fn before_first(
        &mut self,
        report: &mut LogReport,
        shard: i64,
        first: i64,
    ) -> Result<i64, StoreError> {
        let TreeName { tenant, log } = report.tree;
        let count = evidence::count_below(self.tx, tenant, log, shard, first).await?;
        let dropped = report.head.as_ref().is_some_and(|head| head.dropped > 0);
        if dropped {
            report.leftover += u64::try_from(count).unwrap_or(0);
            return Ok(first);
        }
        if count > 0 {
            self.findings.add(Finding::RecordAdded {
                tree: report.tree,
                shard,
                count,
            });
        }
        Ok(1)
    }

    async fn range(
        &mut self,
        report: &mut LogReport,
        range: &Range,
        covered: &mut Covered,
        leaves: &mut Leaves,
    ) -> Result<(), StoreError> {
        if let Some(position) = covered.mark(range) {
            self.findings.add(Finding::RangeWrong {
                tree: report.tree,
                position,
            });
        }
        // Dropped leaves are not looked at; a range that reaches beyond the tree is wrong, and its end is not looked at either.
        let skipped = covered
            .dropped
            .saturating_sub(range.position)
            .min(range.count);
        let counted = covered.size.saturating_sub(range.position).min(range.count);
        let mut number = range.number.saturating_add(signed(skipped));
        let end = range.number.saturating_add(signed(counted));
        while number < end {
            let until = end.min(number.saturating_add(i64::from(PAGE)));
            let found = self
                .numbered(report.tree, range.shard, number, until)
                .await?;
            let mut found = found.into_iter().peekable();
            for expected in number..until {
                let position = range.position + unsigned(expected - range.number);
                match found.next_if(|one| one.number.is_some_and(|(_, is)| is == expected)) {
                    Some(record) => {
                        let leaf = self.leaf(report.tree, position, leaves).await?;
                        self.record(report, &record, leaf);
                    }
                    None => self.findings.add(Finding::RecordMissing {
                        tree: report.tree,
                        shard: range.shard,
                        number: expected,
                    }),
                }
            }
            number = until;
        }
        Ok(())
    }

    async fn numbered(
        &mut self,
        tree: TreeName,
        shard: i64,
        from: i64,
        until: i64,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let TreeName { tenant, log } = tree;
        let found = evidence::numbered(self.tx, tenant, log, shard, from..until, PAGE).await;
        let found = self.found(found, || format!("records, {tree}"))?;
        Ok(found.unwrap_or_default())
    }

    /// One record that is in the tree: its columns hash to the leaf that was signed.
    fn record(&mut self, report: &mut LogReport, record: &StoredRecord, leaf: Option<Hash>) {
        report.records += 1;
        let computed = Some(record.computed_leaf());
        if record.leaf != computed || leaf.is_some_and(|leaf| Some(leaf) != computed) {
            self.changed(report.tree, record.id);
        }
        self.erasure(report, record);
    }

    fn erasure(&mut self, report: &mut LogReport, record: &StoredRecord) {
        if record.log == Log::Audit && is_record_of_erasure(record) {
            self.erasures.audited.extend(record.user("user_id"));
        }
        let people = match record.log {
            Log::Audit => ["actor_id", "user_id"].as_slice(),
            Log::SignIns => ["user_id"].as_slice(),
        };
        let mut erased = false;
        for (part, person) in record.parts.iter().zip(people) {
            if matches!(part.hidden, Hidden::Erased(_)) {
                erased = true;
                let found = (report.tree, record.id, record.user(person));
                self.erasures.found.push(found);
            }
        }
        report.erased += u64::from(erased);
        if erased && !record.erased_parts_are_empty() {
            self.findings.add(Finding::ErasureIncomplete {
                tree: report.tree,
                record: record.id,
            });
        }
    }

    /// What is numbered and not in the tree yet: without gaps, up to the last number that was given.
    async fn tail(
        &mut self,
        report: &mut LogReport,
        shard: i64,
        numbers: &Numbers,
        first: i64,
    ) -> Result<(), StoreError> {
        let tree = report.tree;
        if report.head.is_some() && numbers.folded.saturating_add(1) != first {
            self.gap(tree, shard, first);
        }
        let (mut number, end) = (first, numbers.newest.saturating_add(1));
        while number < end {
            let page = self.numbered(tree, shard, number, end).await?;
            if page.is_empty() {
                self.gap(tree, shard, end);
                break;
            }
            for record in page {
                let is = record.number.map_or(number, |(_, number)| number);
                if is != number {
                    self.gap(tree, shard, is);
                }
                number = is.saturating_add(1);
                report.unsequenced += 1;
                if record.leaf != Some(record.computed_leaf()) {
                    self.changed(tree, record.id);
                }
                self.erasure(report, &record);
            }
        }
        let last = numbers.newest.max(first.saturating_sub(1));
        if shard > 0 && numbers.given != Some(last) {
            self.gap(tree, shard, last.saturating_add(1));
        }
        Ok(())
    }

    async fn leaf(
        &mut self,
        tree: TreeName,
        position: u64,
        leaves: &mut Leaves,
    ) -> Result<Option<Hash>, StoreError> {
        let place = position / WIDTH as u64;
        if leaves.place != Some(place) {
            let TreeName { tenant, log } = tree;
            let tile = evidence::tile(self.tx, tenant, log, 0, place).await;
            leaves.place = Some(place);
            leaves.hashes = match tile {
                Ok(tile) => tile.map(|tile| tile.hashes).unwrap_or_default(),
                Err(StoreError::Damaged(_)) => Vec::new(),
                Err(error) => return Err(error),
            };
        }
        let at = usize::try_from(position % WIDTH as u64).unwrap_or(usize::MAX);
        Ok(leaves.hashes.get(at).copied())
    }

    fn changed(&mut self, tree: TreeName, record: RecordId) {
        self.findings.add(Finding::RecordChanged { tree, record });
    }

    fn gap(&mut self, tree: TreeName, shard: i64, number: i64) {
        self.findings.add(Finding::ShardGap {
            tree,
            shard,
            number,
        });
    }
}

/// The tile of leaves that was read last.
#[derive(Default)]
struct Leaves {
    place: Option<u64>,
    hashes: Vec<Hash>,
}

/// Which leaves have a record: one bit each.
struct Covered {
    dropped: u64,
    size: u64,
    bits: Vec<u64>,
}

impl Covered {
    fn new(dropped: u64, size: u64) -> Self {
        let leaves = size.saturating_sub(dropped);
        let words = usize::try_from(leaves.div_ceil(64)).unwrap_or(0);
        Self {
            dropped,
            size,
            bits: vec![0; words],
        }
    }

    /// Marks the leaves of a range; answers one that was marked before or is not in the tree, if any.
    fn mark(&mut self, range: &Range) -> Option<u64> {
        let mut twice = (range.end_position() > self.size && self.size > 0).then_some(self.size);
        let end = range.end_position().min(self.size);
        for position in range.position.max(self.dropped)..end {
            let at = position - self.dropped;
            let word = usize::try_from(at / 64)
                .ok()
                .and_then(|at| self.bits.get_mut(at));
            if let Some(word) = word {
                let bit = 1 << (at % 64);
                if *word & bit != 0 {
                    twice = Some(position);
                }
                *word |= bit;
            }
        }
        twice
    }

    fn missing(&self) -> impl Iterator<Item = u64> {
        let is_marked = |at: u64| {
            let word = usize::try_from(at / 64)
                .ok()
                .and_then(|at| self.bits.get(at));
            word.is_some_and(|word| word >> (at % 64) & 1 == 1)
        };
        (0..self.size.saturating_sub(self.dropped))
            .filter(move |at| !is_marked(*at))
            .map(|at| at + self.dropped)
    }
}

fn is_record_of_erasure(record: &StoredRecord) -> bool {
    record.text("activity") == Some(ERASURE)
        && record.text("result") == Some(AuditResult::Success.as_str())
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
