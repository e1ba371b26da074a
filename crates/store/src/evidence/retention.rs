//! Retention: whole segments go, their roots stay.
//!
//! A segment is given up in two steps. First the head says so (`dropped`), signed and with an audit record, in one
//! transaction; from then on nothing asks for its records. Then its rows are removed in small portions, so that nobody's
//! sign-in waits, and again after a crash.

use super::{Log, Range, ranges};
use crate::row::vals;
use crate::{StoreError, Tx};
use policy::model::{TenantId, Timestamp};

/// The records of a stretch of numbers: how many there are, and when the newest of them happened.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn newest_of(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
    shard: i64,
    numbers: std::ops::Range<i64>,
) -> Result<(u64, Option<Timestamp>), StoreError> {
    let sql = match log {
        Log::Audit => {
            "SELECT count(*), max(happened) FROM audit
             WHERE tenant_id = $1 AND shard = $2 AND number >= $3 AND number < $4"
        }
        Log::SignIns => {
            "SELECT count(*), max(happened) FROM sign_ins
             WHERE tenant_id = $1 AND shard = $2 AND number >= $3 AND number < $4"
        }
    };
    let params = vals![&tenant, shard, numbers.start, numbers.end];
    match tx.first(sql, params).await? {
        Some(mut row) => Ok((row.take("count of records")?, row.take("newest record")?)),
        None => Ok((0, None)),
    }
}

/// Removes up to `limit` records of leaves below `dropped`, and then the ranges that spoke of them. True if there may be
/// more.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn remove_dropped(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
    dropped: u64,
    limit: u32,
) -> Result<bool, StoreError> {
    let first = ranges(tx, tenant, log, 0, 1).await?.into_iter().next();
    let Some(range) = first.filter(|range| range.position < dropped) else {
        return Ok(false);
    };
    let gone = (dropped - range.position).min(range.count);
    let end = range
        .number
        .saturating_add(i64::try_from(gone).unwrap_or(i64::MAX));
    let removed = remove_records(tx, tenant, log, range.shard, end, limit).await?;
    if removed < u64::from(limit) {
        shorten(tx, tenant, log, &range, gone).await?;
    }
    Ok(true)
}

async fn remove_records(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
    shard: i64,
    end: i64,
    limit: u32,
) -> Result<u64, StoreError> {
    let sql = match log {
        Log::Audit => {
            "DELETE FROM audit WHERE tenant_id = $1 AND id IN (SELECT id FROM audit
                WHERE tenant_id = $1 AND shard = $2 AND number < $3 ORDER BY number LIMIT $4)"
        }
        Log::SignIns => {
            "DELETE FROM sign_ins WHERE tenant_id = $1 AND id IN (SELECT id FROM sign_ins
                WHERE tenant_id = $1 AND shard = $2 AND number < $3 ORDER BY number LIMIT $4)"
        }
    };
    tx.exec(sql, vals![&tenant, shard, end, limit]).await
}

/// Takes `gone` leaves from the beginning of a range.
async fn shorten(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
    range: &Range,
    gone: u64,
) -> Result<(), StoreError> {
    let sql = if gone == range.count {
        "DELETE FROM evidence_ranges WHERE tenant_id = $1 AND log = $2 AND position = $3
            AND CAST($4 AS BIGINT) > 0"
    } else {
        "UPDATE evidence_ranges
         SET position = position + $4, number = number + $4, count = count - $4
         WHERE tenant_id = $1 AND log = $2 AND position = $3"
    };
    tx.exec(sql, vals![&tenant, log.as_str(), range.position, gone])
        .await?;
    Ok(())
}

/// Removes the tiles of dropped segments: those of levels 0 and 1 up to the places given.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn remove_tiles(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
    below: [u64; 2],
) -> Result<(), StoreError> {
    for (level, place) in (0_u32..).zip(below) {
        let sql = "DELETE FROM evidence_tiles
            WHERE tenant_id = $1 AND log = $2 AND level = $3 AND place < $4";
        tx.exec(sql, vals![&tenant, log.as_str(), level, place])
            .await?;
    }
    Ok(())
}

/// Removes checkpoints made before `before`, but for the last of each day. Answers how many went.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn thin_checkpoints(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
    before: Timestamp,
) -> Result<u64, StoreError> {
    let sql = "DELETE FROM evidence_checkpoints WHERE tenant_id = $1 AND log = $2 AND made < $3
        AND EXISTS (SELECT 1 FROM evidence_checkpoints later
            WHERE later.tenant_id = $1 AND later.log = $2
                AND later.size >= evidence_checkpoints.size AND later.made > evidence_checkpoints.made
                AND later.made / 86400000000 = evidence_checkpoints.made / 86400000000)";
    tx.exec(sql, vals![&tenant, log.as_str(), before]).await
}
