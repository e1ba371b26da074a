//! The tree over a log, as rows: its head, its tiles, and which record stands at which leaf.

use super::{Hash, Log, Shard, newest_key, shards};
use crate::row::{Row, vals};
use crate::{StoreError, Tx};
use policy::model::{TenantId, Timestamp};

/// A tile as bytes: 64 hashes at most.
const TILE_LIMIT: usize = 64;

/// A tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// Whose.
    pub tenant: TenantId,
    /// Over which log.
    pub log: Log,
    /// How many leaves it has.
    pub size: u64,
    /// How many of them, from the first on, retention has dropped.
    pub dropped: u64,
    /// Its head, a signed note.
    pub head: String,
}

/// Some records of a shard that follow each other in the tree too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The leaf of the first.
    pub position: u64,
    /// Their shard.
    pub shard: i64,
    /// The number of the first.
    pub number: i64,
    /// How many.
    pub count: u64,
}

/// A number and the leaf of the record that has it, if it has one.
pub type NumberedLeaf = (i64, Option<Hash>);

/// A tile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// 0 holds leaves.
    pub level: u32,
    /// From the left.
    pub place: u64,
    /// Its hashes.
    pub hashes: Vec<Hash>,
}

/// What a portion of new leaves changes.
#[derive(Debug, Clone)]
pub struct Portion {
    /// The tree afterwards.
    pub tree: Tree,
    /// Size and drop of the tree before, if there was one: if it has moved on, nothing is written.
    pub before: Option<(u64, u64)>,
    /// Tiles that are new or longer.
    pub tiles: Vec<Tile>,
    /// The records of the new leaves.
    pub ranges: Vec<Range>,
    /// Up to which number each shard is read now.
    pub folded: Vec<(i64, i64)>,
    /// The number of the key that signed the head: if it is no longer the newest, nothing is written.
    pub key: i64,
}

/// How far a shard was given numbers, and how far it was read into the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Whose, and the last number given.
    pub shard: Shard,
    /// The last number read.
    pub folded: i64,
}

/// The tree over a log; none before its first leaf.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn tree(tx: &mut Tx, tenant: TenantId, log: Log) -> Result<Option<Tree>, StoreError> {
    let sql = "SELECT size, dropped, head FROM evidence_trees WHERE tenant_id = $1 AND log = $2";
    let row = tx.first(sql, vals![&tenant, log.as_str()]).await?;
    row.map(|mut row| {
        Ok(Tree {
            tenant,
            log,
            size: row.take("tree size")?,
            dropped: row.take("tree drop")?,
            head: row.take("tree head")?,
        })
    })
    .transpose()
}

/// One tile.
///
/// # Errors
/// [`StoreError::Damaged`] if its bytes are no list of hashes.
pub async fn tile(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
    level: u32,
    place: u64,
) -> Result<Option<Tile>, StoreError> {
    let sql = "SELECT level, place, hashes FROM evidence_tiles
        WHERE tenant_id = $1 AND log = $2 AND level = $3 AND place = $4";
    let row = tx
        .first(sql, vals![&tenant, log.as_str(), level, place])
        .await?;
    row.map(read_tile).transpose()
}

/// Tiles of one level, from the left, beginning at `from`.
///
/// # Errors
/// [`StoreError::Damaged`] if the bytes of one are no list of hashes.
pub async fn tiles(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
    level: u32,
    from: u64,
    limit: u32,
) -> Result<Vec<Tile>, StoreError> {
    let sql = "SELECT level, place, hashes FROM evidence_tiles
        WHERE tenant_id = $1 AND log = $2 AND level = $3 AND place >= $4 ORDER BY place LIMIT $5";
    let params = vals![&tenant, log.as_str(), level, from, limit];
    let rows = tx.query(sql, params).await?;
    rows.into_iter().map(read_tile).collect()
}

/// How far every shard has come.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn progress(tx: &mut Tx) -> Result<Vec<Progress>, StoreError> {
    let mut progress = Vec::new();
    for shard in shards(tx).await? {
        let folded = folded(tx, &shard).await?;
        progress.push(Progress { shard, folded });
    }
    Ok(progress)
}

/// The last number of a shard that was read into the tree.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn folded(tx: &mut Tx, shard: &Shard) -> Result<i64, StoreError> {
    let sql = "SELECT folded FROM evidence_folds
        WHERE tenant_id = $1 AND log = $2 AND shard = $3";
    let params = vals![&shard.tenant, shard.log.as_str(), shard.shard];
    match tx.first(sql, params).await? {
        Some(mut row) => row.take("folded number"),
        None => Ok(0),
    }
}

/// Numbers and leaves of a shard after number `after`, in their order.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn leaves(
    tx: &mut Tx,
    shard: Shard,
    after: i64,
    limit: u32,
) -> Result<Vec<NumberedLeaf>, StoreError> {
    let sql = match shard.log {
        Log::Audit => {
            "SELECT number, leaf FROM audit
             WHERE tenant_id = $1 AND shard = $2 AND number > $3 ORDER BY number LIMIT $4"
        }
        Log::SignIns => {
            "SELECT number, leaf FROM sign_ins
             WHERE tenant_id = $1 AND shard = $2 AND number > $3 ORDER BY number LIMIT $4"
        }
    };
    let params = vals![&shard.tenant, shard.shard, after, limit];
    let rows = tx.query(sql, params).await?;
    rows.into_iter()
        .map(|mut row| {
            let number = row.take("record number")?;
            let leaf: Option<Vec<u8>> = row.take("record leaf")?;
            Ok((number, leaf.and_then(|leaf| leaf.try_into().ok())))
        })
        .collect()
}

/// Writes a portion; `false` (and nothing is written) if the tree or the newest key is no longer what was read.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn append(tx: &mut Tx, portion: &Portion) -> Result<bool, StoreError> {
    let tree = &portion.tree;
    let newest = newest_key(tx, tree.tenant).await?;
    if newest.is_none_or(|key| key.number != portion.key) {
        return Ok(false);
    }
    if !set_head(tx, tree, portion.before).await? {
        return Ok(false);
    }
    for tile in &portion.tiles {
        put_tile(tx, tree, tile).await?;
    }
    for range in &portion.ranges {
        add_range(tx, tree, range).await?;
    }
    for (shard, number) in &portion.folded {
        let sql = "INSERT INTO evidence_folds (tenant_id, log, shard, folded)
            VALUES ($1, $2, $3, $4)
            ON CONFLICT (tenant_id, log, shard) DO UPDATE SET folded = excluded.folded";
        tx.exec(sql, vals![&tree.tenant, tree.log.as_str(), *shard, *number])
            .await?;
    }
    Ok(true)
}

/// Compare and set: of two nodes that both believe they are elected, one writes. `before` is size and drop as they were read,
/// or none where there was no tree.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn set_head(
    tx: &mut Tx,
    tree: &Tree,
    before: Option<(u64, u64)>,
) -> Result<bool, StoreError> {
    let (tenant, log) = (&tree.tenant, tree.log.as_str());
    let Some((size, dropped)) = before else {
        let sql = "INSERT INTO evidence_trees (tenant_id, log, size, dropped, head)
            VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
        let params = vals![tenant, log, tree.size, tree.dropped, &tree.head];
        return tx.changed(sql, params).await;
    };
    let sql = "UPDATE evidence_trees SET size = $3, dropped = $4, head = $5
        WHERE tenant_id = $1 AND log = $2 AND size = $6 AND dropped = $7";
    let params = vals![
        tenant,
        log,
        tree.size,
        tree.dropped,
        &tree.head,
        size,
        dropped
    ];
    tx.changed(sql, params).await
}

async fn put_tile(tx: &mut Tx, tree: &Tree, tile: &Tile) -> Result<(), StoreError> {
    let sql = "INSERT INTO evidence_tiles (tenant_id, log, level, place, hashes)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant_id, log, level, place) DO UPDATE SET hashes = excluded.hashes";
    let hashes = tile.hashes.concat();
    let params = vals![
        &tree.tenant,
        tree.log.as_str(),
        tile.level,
        tile.place,
        &hashes
    ];
    tx.exec(sql, params).await?;
    Ok(())
}

/// A range that goes on where the last one ended makes that one longer: with one shard there is one range.
async fn add_range(tx: &mut Tx, tree: &Tree, range: &Range) -> Result<(), StoreError> {
    let sql = "UPDATE evidence_ranges SET count = count + $6
        WHERE tenant_id = $1 AND log = $2 AND shard = $4
            AND position + count = $3 AND number + count = $5
            AND position = (SELECT r.position FROM evidence_ranges r
                WHERE r.tenant_id = $1 AND r.log = $2 ORDER BY r.position DESC LIMIT 1)";
    let params = vals![
        &tree.tenant,
        tree.log.as_str(),
        range.position,
        range.shard,
        range.number,
        range.count
    ];
    if tx.changed(sql, params).await? {
        return Ok(());
    }
    let sql = "INSERT INTO evidence_ranges (tenant_id, log, position, shard, number, count)
        VALUES ($1, $2, $3, $4, $5, $6)";
    tx.exec(sql, params).await?;
    Ok(())
}

/// Ranges by leaf, beginning with the one that holds leaf `from` or comes after it.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn ranges(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
    from: u64,
    limit: u32,
) -> Result<Vec<Range>, StoreError> {
    let sql = "SELECT position, shard, number, count FROM evidence_ranges
        WHERE tenant_id = $1 AND log = $2 AND position >= coalesce((SELECT r.position
            FROM evidence_ranges r WHERE r.tenant_id = $1 AND r.log = $2 AND r.position <= $3
            ORDER BY r.position DESC LIMIT 1), 0)
        ORDER BY position LIMIT $4";
    let rows = tx
        .query(sql, vals![&tenant, log.as_str(), from, limit])
        .await?;
    rows.into_iter().map(read_range).collect()
}

/// Ranges of one shard by number, beginning with `from`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn ranges_of_shard(
    tx: &mut Tx,
    shard: Shard,
    from: i64,
    limit: u32,
) -> Result<Vec<Range>, StoreError> {
    let sql = "SELECT position, shard, number, count FROM evidence_ranges
        WHERE tenant_id = $1 AND log = $2 AND shard = $3 AND number >= $4
        ORDER BY number LIMIT $5";
    let params = vals![&shard.tenant, shard.log.as_str(), shard.shard, from, limit];
    let rows = tx.query(sql, params).await?;
    rows.into_iter().map(read_range).collect()
}

/// The range that holds a record; none while it is not in the tree.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn range_of(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
    shard: i64,
    number: i64,
) -> Result<Option<Range>, StoreError> {
    let sql = "SELECT position, shard, number, count FROM evidence_ranges
        WHERE tenant_id = $1 AND log = $2 AND shard = $3 AND number <= $4
        ORDER BY number DESC LIMIT 1";
    let row = tx
        .first(sql, vals![&tenant, log.as_str(), shard, number])
        .await?;
    let range = row.map(read_range).transpose()?;
    Ok(range.filter(|range| range.holds(number)))
}

impl Range {
    /// The number after its last.
    #[must_use]
    pub fn end(&self) -> i64 {
        let count = i64::try_from(self.count).unwrap_or(i64::MAX);
        self.number.saturating_add(count)
    }

    /// The leaf after its last.
    #[must_use]
    pub const fn end_position(&self) -> u64 {
        self.position.saturating_add(self.count)
    }

    /// Whether the record with this number is in it.
    #[must_use]
    pub fn holds(&self, number: i64) -> bool {
        (self.number..self.end()).contains(&number)
    }
}

/// A head that was given to the outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCheckpoint {
    /// Size of the tree.
    pub size: u64,
    /// When.
    pub made: Timestamp,
    /// The signed note.
    pub note: String,
}

/// Publishes the head of a tree as it is now, unless it was.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn publish(tx: &mut Tx, tree: &Tree, made: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO evidence_checkpoints (tenant_id, log, size, made, note)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    let params = vals![&tree.tenant, tree.log.as_str(), tree.size, made, &tree.head];
    tx.exec(sql, params).await?;
    Ok(())
}

/// The newest published head.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn newest_checkpoint(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
) -> Result<Option<StoredCheckpoint>, StoreError> {
    let sql = "SELECT size, made, note FROM evidence_checkpoints
        WHERE tenant_id = $1 AND log = $2 ORDER BY size DESC, made DESC LIMIT 1";
    let row = tx.first(sql, vals![&tenant, log.as_str()]).await?;
    row.map(read_checkpoint).transpose()
}

/// Published heads, by size and moment, after the one given.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn checkpoints(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
    after: (u64, Timestamp),
    limit: u32,
) -> Result<Vec<StoredCheckpoint>, StoreError> {
    let sql = "SELECT size, made, note FROM evidence_checkpoints
        WHERE tenant_id = $1 AND log = $2 AND (size, made) > ($3, $4)
        ORDER BY size, made LIMIT $5";
    let params = vals![&tenant, log.as_str(), after.0, after.1, limit];
    let rows = tx.query(sql, params).await?;
    rows.into_iter().map(read_checkpoint).collect()
}

fn read_checkpoint(mut row: Row) -> Result<StoredCheckpoint, StoreError> {
    Ok(StoredCheckpoint {
        size: row.take("checkpoint size")?,
        made: row.take("checkpoint time")?,
        note: row.take("checkpoint")?,
    })
}

fn read_range(mut row: Row) -> Result<Range, StoreError> {
    Ok(Range {
        position: row.take("range position")?,
        shard: row.take("range shard")?,
        number: row.take("range number")?,
        count: row.take("range count")?,
    })
}

fn read_tile(mut row: Row) -> Result<Tile, StoreError> {
    let level = row.take("tile level")?;
    let place = row.take("tile place")?;
    let bytes: Vec<u8> = row.take("tile hashes")?;
    let (hashes, rest) = bytes.as_chunks::<32>();
    if !rest.is_empty() || hashes.is_empty() || hashes.len() > TILE_LIMIT {
        return Err(StoreError::Damaged("tile hashes"));
    }
    Ok(Tile {
        level,
        place,
        hashes: hashes.to_vec(),
    })
}
