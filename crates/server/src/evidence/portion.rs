//! One portion of new leaves: from what was read of the database to what is written, without touching it in between.

use policy::model::{TenantId, Timestamp};
use store::evidence::{self, Log, NumberedLeaf, Portion, Progress, Range, Shard, Tile, Tree};
use store::{StoreError, Tx};

use super::checkpoint::{self, Checkpoint};
use super::keys::SigningKey;
use super::merkle::Hash;
use super::note::Note;
use super::sequencer::SequencerFault;
use super::tiles::{Growth, Place, Tiles};

/// Leaves read into a tree in one transaction.
const PORTION: u32 = 2_048;

/// What a portion is made from.
pub struct Found {
    /// Whose.
    pub tenant: TenantId,
    /// Which log.
    pub log: Log,
    /// The tree as it is.
    pub tree: Option<Tree>,
    /// How many leaves are dropped afterwards.
    pub dropped: u64,
    edge: Tiles,
    leaves: Vec<(Progress, Vec<NumberedLeaf>)>,
}

impl Found {
    /// Reads the tree's right edge and what is to be added to it. The caller's transaction shows one state.
    pub async fn read(
        tx: &mut Tx,
        tenant: TenantId,
        log: Log,
        shards: &[Shard],
    ) -> Result<Self, StoreError> {
        let tree = evidence::tree(tx, tenant, log).await?;
        let mut edge = Tiles::new();
        for (place, _) in Growth::edge(tree.as_ref().map_or(0, |tree| tree.size)) {
            let tile = evidence::tile(tx, tenant, log, place.level, place.index).await?;
            edge.extend(tile.map(|tile| (place, tile.hashes)));
        }
        let mut leaves = Vec::new();
        let mut room = PORTION;
        for shard in shards {
            // Read in the same snapshot as the tree: what another node has read in meanwhile is not read in twice.
            let folded = evidence::folded(tx, shard).await?;
            let found = evidence::leaves(tx, *shard, folded, room).await?;
            room = room.saturating_sub(u32::try_from(found.len()).unwrap_or(room));
            let progress = Progress {
                shard: *shard,
                folded,
            };
            leaves.push((progress, found));
            if room == 0 {
                break;
            }
        }
        Ok(Self {
            tenant,
            log,
            dropped: tree.as_ref().map_or(0, |tree| tree.dropped),
            tree,
            edge,
            leaves,
        })
    }

    /// The head of the tree, if there is one; nothing is known about its signatures yet.
    pub fn head(&self) -> Result<Option<(Checkpoint, Note)>, SequencerFault> {
        let Some(tree) = &self.tree else {
            // Records that were read before and no tree: somebody took it away, and a new one would hide that.
            let begun = self.leaves.iter().any(|(shard, _)| shard.folded > 0);
            return if begun {
                Err(SequencerFault::HeadMismatch)
            } else {
                Ok(None)
            };
        };
        let (checkpoint, note) = checkpoint::read(&tree.head)?;
        let fits = checkpoint.tenant == self.tenant
            && checkpoint.log == self.log
            && checkpoint.size == tree.size
            && checkpoint.dropped == tree.dropped;
        fits.then_some(Some((checkpoint, note)))
            .ok_or(SequencerFault::HeadMismatch)
    }

    /// The tree with the new leaves, signed.
    pub fn portion(
        self,
        head: Option<&(Checkpoint, Note)>,
        key: &SigningKey,
        now: Timestamp,
    ) -> Result<Portion, SequencerFault> {
        let before = self.tree.as_ref().map(|tree| (tree.size, tree.dropped));
        let (size, _) = before.unwrap_or((0, 0));
        let mut growth = Growth::from(size, self.edge)?;
        // The edge alone makes the root: what lies to the left of it cannot have been exchanged unnoticed.
        if head.is_some_and(|(head, _)| Ok(head.root) != growth.root()) {
            return Err(SequencerFault::HeadMismatch);
        }
        let mut reading = Reading::default();
        for (progress, leaves) in &self.leaves {
            reading.read(progress, leaves, &mut growth);
        }
        // A clock that was set back must not make a head older than the one before or than its key.
        let at = now
            .max(key.created)
            .max(head.map_or(now, |(head, _)| head.at));
        let checkpoint = Checkpoint {
            tenant: self.tenant,
            log: self.log,
            size: growth.size(),
            root: growth.root()?,
            dropped: self.dropped,
            at,
            key: key.number,
            fingerprint: key.public.fingerprint(),
        };
        Ok(Portion {
            tree: Tree {
                tenant: self.tenant,
                log: self.log,
                size: growth.size(),
                dropped: self.dropped,
                head: checkpoint.sign(key)?.render(),
            },
            before,
            tiles: growth.touched().map(stored).collect(),
            ranges: reading.ranges,
            folded: reading.folded,
            key: key.number,
        })
    }
}

/// The ranges that leaves come from.
#[derive(Default)]
struct Reading {
    ranges: Vec<Range>,
    folded: Vec<(i64, i64)>,
}

impl Reading {
    fn read(&mut self, progress: &Progress, leaves: &[NumberedLeaf], growth: &mut Growth) {
        let shard = progress.shard.shard;
        let mut last = progress.folded;
        let mut open: Option<Range> = None;
        for (number, leaf) in leaves {
            if *number != last.saturating_add(1) || leaf.is_none() {
                report_gap(&progress.shard, *number);
            }
            last = *number;
            let Some(leaf) = leaf else { continue };
            match open.as_mut().filter(|range| range.end() == *number) {
                Some(range) => range.count += 1,
                None => self.ranges.extend(open.replace(Range {
                    position: growth.size(),
                    shard,
                    number: *number,
                    count: 1,
                })),
            }
            growth.add(*leaf);
        }
        self.ranges.extend(open);
        if last > progress.folded {
            self.folded.push((shard, last));
        }
    }
}

/// Numbers have no gaps unless somebody took a record out; the rest of the shard goes on, and `log verify` shows the gap.
fn report_gap(shard: &Shard, number: i64) {
    tracing::error!(
        code = "evidence_gap",
        tenant = %shard.tenant,
        log = shard.log.as_str(),
        shard = shard.shard,
        number,
        "a record is missing from the log, or has no hash"
    );
}

fn stored((place, hashes): (Place, &[Hash])) -> Tile {
    Tile {
        level: place.level,
        place: place.index,
        hashes: hashes.to_vec(),
    }
}
