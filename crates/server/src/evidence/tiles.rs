//! How the tree is kept: in tiles of 64 hashes.
//!
//! Tile `(level, index)` holds the hashes of 64 complete subtrees of `64^level` leaves each. Hashes are only ever added to
//! the right-most tile of a level, so a tile that is full never changes, adding to the log rewrites one tile per level, and a
//! proof about a hundred million records reads five. Two levels make a segment: 4,096 leaves, whose own hash is an entry of
//! level 2. Retention drops the tiles of a segment together with its records; the entry of level 2 stays, and so does every
//! root and every proof about what is left.

use std::collections::{BTreeMap, BTreeSet};

use super::merkle::{Hash, Span, empty_root, join, node};

const BITS: u32 = 6;
/// Hashes in a full tile.
pub const WIDTH: usize = 1 << BITS;
/// Leaves of a segment.
pub const SEGMENT: u64 = 1 << (2 * BITS);
/// Levels that belong to a segment alone.
pub const SEGMENT_LEVELS: u32 = 2;

/// Which tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// 0 holds leaves.
    pub level: u32,
    /// From the left.
    pub index: u64,
}

/// Some tiles of a tree.
pub type Tiles = BTreeMap<Place, Vec<Hash>>;

/// The tile that is needed is not there: dropped by retention, or damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("tile {} of level {} is not there or too short", .0.index, .0.level)]
pub struct Missing(pub Place);

impl Place {
    /// The leaves under this tile when it is full.
    pub const fn span(self) -> Span {
        let each = match 1_u64.checked_shl(BITS * (self.level + 1)) {
            Some(leaves) => leaves,
            None => u64::MAX,
        };
        let start = self.index.saturating_mul(each);
        Span {
            start,
            end: start.saturating_add(each),
        }
    }
}

/// The tiles that hold the complete parts of `span`.
pub fn places(span: Span) -> impl Iterator<Item = Place> {
    span.complete().map(|part| Entry::of(part).place)
}

/// The hash of the subtree `span`.
pub fn hash(tiles: &Tiles, span: Span) -> Result<Hash, Missing> {
    let parts = span
        .complete()
        .map(|part| Entry::of(part).hash(tiles))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(join(&parts).unwrap_or_else(empty_root))
}

/// Where the hash of a complete subtree is found: as one entry of a tile, or as the hash over a few.
struct Entry {
    place: Place,
    first: usize,
    count: usize,
}

impl Entry {
    fn of(part: Span) -> Self {
        let height = part.len().checked_ilog2().unwrap_or(0);
        let level = height / BITS;
        let number = part.start >> (BITS * level);
        Self {
            place: Place {
                level,
                index: number >> BITS,
            },
            first: usize::try_from(number).unwrap_or(usize::MAX) % WIDTH,
            count: 1 << (height % BITS),
        }
    }

    fn hash(&self, tiles: &Tiles) -> Result<Hash, Missing> {
        let missing = Missing(self.place);
        let tile = tiles.get(&self.place).ok_or(missing)?;
        let entries = tile.get(self.first..self.first + self.count);
        fold(entries.ok_or(missing)?).ok_or(missing)
    }
}

/// The hash over a power of two of hashes.
fn fold(entries: &[Hash]) -> Option<Hash> {
    let mut level = entries.to_vec();
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => Some(node(left, right)),
                _ => None,
            })
            .collect::<Option<_>>()?;
    }
    level.first().copied()
}

/// The hash over a full tile: what stands for it one level higher.
pub fn tile_hash(tile: &[Hash]) -> Option<Hash> {
    (tile.len() == WIDTH).then(|| fold(tile)).flatten()
}

/// A tree that grows. It knows its right edge only.
#[derive(Debug)]
pub struct Growth {
    size: u64,
    tiles: Tiles,
    touched: BTreeSet<Place>,
}

impl Growth {
    /// The tiles at the right edge of a tree of this size: those that are neither empty nor full.
    pub fn edge(size: u64) -> impl Iterator<Item = (Place, usize)> {
        (0..u64::BITS.div_ceil(BITS)).filter_map(move |level| {
            let entries = size >> (BITS * level);
            let rest = usize::try_from(entries % WIDTH as u64).ok()?;
            let index = entries >> BITS;
            (rest > 0).then_some((Place { level, index }, rest))
        })
    }

    /// Goes on from a tree of this size; `tiles` are those of its [`Growth::edge`].
    pub fn from(size: u64, tiles: Tiles) -> Result<Self, Missing> {
        for (place, entries) in Self::edge(size) {
            if tiles.get(&place).map(Vec::len) != Some(entries) {
                return Err(Missing(place));
            }
        }
        Ok(Self {
            size,
            tiles,
            touched: BTreeSet::new(),
        })
    }

    /// How many leaves it has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf, and on each level above the hash of what became full.
    pub fn add(&mut self, leaf: Hash) {
        let mut hash = Some(leaf);
        let mut level = 0;
        while let Some(entry) = hash {
            let index = self.size.checked_shr(BITS * (level + 1)).unwrap_or(0);
            let place = Place { level, index };
            let tile = self.tiles.entry(place).or_default();
            tile.push(entry);
            self.touched.insert(place);
            hash = tile_hash(tile);
            level += 1;
        }
        self.size += 1;
    }

    /// The root.
    pub fn root(&self) -> Result<Hash, Missing> {
        hash(&self.tiles, Span::whole(self.size))
    }

    /// What has to be written: every tile that is not as it was.
    pub fn touched(&self) -> impl Iterator<Item = (Place, &[Hash])> {
        let tile = |place: &Place| Some((*place, self.tiles.get(place)?.as_slice()));
        self.touched.iter().filter_map(tile)
    }
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a failed setup is a failed test"
    )]
    use super::*;
    use crate::evidence::merkle::tests::{made_up, root};
    use crate::evidence::merkle::{consistency, inclusion};
    use proptest::prelude::*;

    /// A tree of all tiles, grown in portions as the sequencer does, each time from what was written.
    fn grown(leaves: &[Hash], portions: &[usize]) -> Tiles {
        let (mut kept, mut done) = (Tiles::new(), 0);
        let mut sizes = portions.iter().copied().cycle();
        while done < leaves.len() {
            let portion = sizes.next().unwrap_or(1).clamp(1, leaves.len() - done);
            let edge = Growth::edge(done as u64).map(|(place, _)| (place, kept[&place].clone()));
            let mut growth = Growth::from(done as u64, edge.collect()).unwrap();
            for leaf in &leaves[done..done + portion] {
                growth.add(*leaf);
            }
            kept.extend(growth.touched().map(|(place, tile)| (place, tile.to_vec())));
            done += portion;
            assert_eq!(growth.root().unwrap(), root(&leaves[..done]));
        }
        kept
    }

    #[test]
    fn an_empty_tree_has_the_root_of_nothing() {
        let growth = Growth::from(0, Tiles::new()).unwrap();
        assert_eq!(growth.root(), Ok(empty_root()));
    }

    #[test]
    fn a_segment_is_the_subtree_of_one_tile_of_level_one() {
        let place = Place { level: 1, index: 3 };
        assert_eq!(place.span().len(), SEGMENT);
        let above = Entry::of(place.span());
        assert_eq!((above.place.level, above.count), (SEGMENT_LEVELS, 1));
    }

    /// A portion of a second writes as many tiles as it fills, and one more per level: nothing grows with the log.
    #[test]
    fn a_portion_touches_few_tiles_however_large_the_tree() {
        let million_hundred: u64 = 100_000_000;
        for (size, portion) in [
            (0, 1),
            (million_hundred, 1),
            (million_hundred, 1_000),
            ((1 << 30) - 1, 1),
        ] {
            let edge = Growth::edge(size).map(|(place, entries)| (place, vec![[1; 32]; entries]));
            let mut growth = Growth::from(size, edge.collect()).unwrap();
            for _ in 0..portion {
                growth.add([2; 32]);
            }
            let levels = 6;
            let touched = growth.touched().count();
            assert!(touched <= portion / WIDTH + 2 * levels, "{size}: {touched}");
        }
    }

    #[test]
    fn a_proof_about_a_hundred_million_records_reads_few_tiles() {
        let size = 100_000_000;
        for spans in [
            inclusion(12_345_678, size).unwrap(),
            consistency(87_654_321, size).unwrap(),
        ] {
            let places: BTreeSet<_> = spans.into_iter().flat_map(places).collect();
            assert!(places.len() <= 10, "{places:?}");
        }
    }

    #[test]
    fn an_edge_of_another_length_is_refused() {
        let size = 70;
        let mut edge: Tiles = Growth::edge(size)
            .map(|(place, entries)| (place, vec![[1; 32]; entries]))
            .collect();
        assert!(Growth::from(size, edge.clone()).is_ok());
        let place = Place { level: 0, index: 1 };
        edge.get_mut(&place).unwrap().pop();
        assert!(matches!(Growth::from(size, edge), Err(Missing(found)) if found == place));
    }

    #[test]
    fn without_its_tiles_a_dropped_segment_still_counts() {
        let leaves = made_up(SEGMENT + 200);
        let mut tiles = grown(&leaves, &[1_500]);
        let dropped = Span::whole(SEGMENT);
        tiles.retain(|place, _| place.level >= SEGMENT_LEVELS || place.span().start >= SEGMENT);
        let size = leaves.len() as u64;
        assert_eq!(hash(&tiles, Span::whole(size)), Ok(root(&leaves)));
        let spans = inclusion(SEGMENT + 70, size).unwrap();
        assert!(spans.iter().all(|span| hash(&tiles, *span).is_ok()));
        assert!(spans.contains(&dropped));
        let inside = inclusion(70, size).unwrap();
        assert!(inside.iter().any(|span| hash(&tiles, *span).is_err()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Every subtree that a proof can ask for has the hash of the RFC's definition.
        #[test]
        fn tiles_hold_the_tree_of_the_rfc(
            size in 1_u64..9_000, portions in proptest::collection::vec(1_usize..700, 1..5), pick in any::<u64>()
        ) {
            let leaves = made_up(size);
            let tiles = grown(&leaves, &portions);
            let spans = inclusion(pick % size, size).unwrap();
            for span in spans.into_iter().chain(consistency(1 + pick % size, size).unwrap()) {
                let (start, end) = (usize::try_from(span.start).unwrap(), usize::try_from(span.end).unwrap());
                prop_assert_eq!(hash(&tiles, span).unwrap(), root(&leaves[start..end]));
            }
        }
    }
}
