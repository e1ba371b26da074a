//! A tree: its head, its tiles, its root.

use std::collections::BTreeMap;

use store::StoreError;
use store::evidence::{self, Tile, Tree};

use super::{Audit, Finding, LogReport, TreeName};
use crate::evidence::checkpoint::{self, Checkpoint};
use crate::evidence::keys::KnownKey;
use crate::evidence::merkle::Hash;
use crate::evidence::tiles::{Growth, Place, SEGMENT, SEGMENT_LEVELS, Tiles, WIDTH, tile_hash};

/// Tiles read at once.
const PAGE: u32 = 256;

impl Audit<'_> {
    /// Verifies one log of one tenant.
    pub(super) async fn tree(
        &mut self,
        tree: TreeName,
        keys: &[KnownKey],
    ) -> Result<LogReport, StoreError> {
        let mut report = LogReport::new(tree);
        let TreeName { tenant, log } = tree;
        let stored = evidence::tree(self.tx, tenant, log).await;
        let stored = self.found(stored, || format!("head, {tree}"))?.flatten();
        report.head = match &stored {
            Some(stored) => self.head(tree, stored, keys),
            None => None,
        };
        if let Some(head) = report.head.clone() {
            self.tiles(tree, &head).await?;
        }
        self.records(&mut report).await?;
        self.stored_checkpoints(&mut report, keys).await?;
        if stored.is_none() && self.has_begun(&report).await? {
            self.findings.add(Finding::HeadMissing(tree));
        }
        Ok(report)
    }

    /// The head as far as it can be believed: what it says when it is what its row says.
    fn head(&mut self, tree: TreeName, stored: &Tree, keys: &[KnownKey]) -> Option<Checkpoint> {
        let read = checkpoint::read(&stored.head);
        let verified = read.and_then(|(head, note)| {
            head.verify(&note, keys)?;
            Ok(head)
        });
        let head = match verified {
            Ok(head) => head,
            Err(refusal) => {
                self.findings.add(Finding::HeadRefused { tree, refusal });
                return None;
            }
        };
        let fits = head.tenant == stored.tenant
            && head.log == stored.log
            && head.size == stored.size
            && head.dropped == stored.dropped
            && head.dropped <= head.size
            && head.dropped.is_multiple_of(SEGMENT);
        if !fits {
            self.findings.add(Finding::HeadMismatch(tree));
        }
        fits.then_some(head)
    }

    async fn has_begun(&mut self, report: &LogReport) -> Result<bool, StoreError> {
        let TreeName { tenant, log } = report.tree;
        let mut folded = 0;
        for shard in evidence::shards_of(self.tx, tenant, log).await? {
            folded += evidence::numbers(self.tx, tenant, log, shard).await?.folded;
        }
        Ok(folded > 0 || report.checkpoints > 0)
    }

    /// Every tile hashes to its entry one level higher, and the right edge to the root.
    async fn tiles(&mut self, tree: TreeName, head: &Checkpoint) -> Result<(), StoreError> {
        let before = self.findings.total();
        let mut edge = Tiles::new();
        let mut level = 0;
        while entries(head.size, level) > 0 {
            self.level(tree, head, level, &mut edge).await?;
            level += 1;
        }
        let root = Growth::from(head.size, edge).and_then(|growth| growth.root());
        match root {
            Ok(root) if root == head.root => {}
            // What is missing was said when it was missed.
            Err(_) if self.findings.total() > before => {}
            _ => self.findings.add(Finding::RootMismatch(tree)),
        }
        Ok(())
    }

    async fn level(
        &mut self,
        tree: TreeName,
        head: &Checkpoint,
        level: u32,
        edge: &mut Tiles,
    ) -> Result<(), StoreError> {
        let mut above = Above::default();
        let first = first_place(head.dropped, level);
        let end = entries(head.size, level).div_ceil(WIDTH as u64);
        let mut next = first;
        while next < end {
            let TreeName { tenant, log } = tree;
            let found = evidence::tiles(self.tx, tenant, log, level, next, PAGE).await;
            let found = self.found(found, || format!("tiles of level {level}, {tree}"))?;
            let Some(found) = found else { return Ok(()) };
            let page: BTreeMap<u64, Tile> =
                found.into_iter().map(|tile| (tile.place, tile)).collect();
            let until = end.min(next.saturating_add(u64::from(PAGE)));
            for index in next..until {
                let place = Place { level, index };
                let hashes = page.get(&index).map(|tile| tile.hashes.as_slice());
                self.tile(tree, head, place, hashes, &mut above, edge)
                    .await?;
            }
            next = until;
        }
        Ok(())
    }

    async fn tile(
        &mut self,
        tree: TreeName,
        head: &Checkpoint,
        place: Place,
        hashes: Option<&[Hash]>,
        above: &mut Above,
        edge: &mut Tiles,
    ) -> Result<(), StoreError> {
        let in_tree = entries(head.size, place.level) - place.index * WIDTH as u64;
        let wanted = usize::try_from(in_tree).unwrap_or(WIDTH).min(WIDTH);
        let Some(hashes) = hashes.filter(|hashes| hashes.len() >= wanted) else {
            self.findings.add(Finding::TileMissing { tree, place });
            return Ok(());
        };
        if hashes.len() > wanted {
            self.findings.add(Finding::TileChanged { tree, place });
            return Ok(());
        }
        if wanted < WIDTH {
            edge.insert(place, hashes.to_vec());
            return Ok(());
        }
        let expected = self.entry_above(tree, place, above).await?;
        if expected.is_some() && tile_hash(hashes) != expected {
            self.findings.add(Finding::TileChanged { tree, place });
        }
        Ok(())
    }

    /// The entry of the next level for a full tile; `None` if that tile is gone, which its own level says.
    async fn entry_above(
        &mut self,
        tree: TreeName,
        place: Place,
        above: &mut Above,
    ) -> Result<Option<Hash>, StoreError> {
        let index = place.index / WIDTH as u64;
        if above.index != Some(index) {
            let TreeName { tenant, log } = tree;
            let level = place.level + 1;
            let tile = evidence::tile(self.tx, tenant, log, level, index).await;
            above.index = Some(index);
            above.hashes = match tile {
                Ok(tile) => tile.map(|tile| tile.hashes).unwrap_or_default(),
                Err(StoreError::Damaged(_)) => Vec::new(),
                Err(error) => return Err(error),
            };
        }
        let at = usize::try_from(place.index % WIDTH as u64).unwrap_or(usize::MAX);
        Ok(above.hashes.get(at).copied())
    }
}

/// The tile above the ones that are being read.
#[derive(Default)]
struct Above {
    index: Option<u64>,
    hashes: Vec<Hash>,
}

/// Hashes of a level in a tree of this size.
fn entries(size: u64, level: u32) -> u64 {
    size.checked_shr(6 * level).unwrap_or(0)
}

/// The first tile of a level that retention has left: the two levels of a dropped segment go, everything above stays.
fn first_place(dropped: u64, level: u32) -> u64 {
    if level < SEGMENT_LEVELS {
        dropped >> (6 * (level + 1))
    } else {
        0
    }
}
