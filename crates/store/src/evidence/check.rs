//! What `log verify` reads besides the records and the tree.

use super::Log;
use crate::row::vals;
use crate::tx::Connection;
use crate::{StoreError, Tx, sqlite};
use policy::model::TenantId;
use std::collections::BTreeSet;

/// With as many problems as are worth reading.
const INTEGRITY: &str = "PRAGMA integrity_check(20)";

/// How the numbers of one shard stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// The last number given, where a counter says so.
    pub given: Option<i64>,
    /// The highest number of a record; 0 if there is none.
    pub newest: i64,
    /// Up to which number the sequencer has read.
    pub folded: i64,
}

/// Every tenant that a row of a log or of its evidence speaks of, known or not.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn tenants(tx: &mut Tx) -> Result<Vec<TenantId>, StoreError> {
    let mut tenants = BTreeSet::new();
    for sql in TENANTS {
        let mut after = Vec::new();
        // One seek per tenant: a list of distinct values would read the whole table.
        while let Some(mut row) = tx.first(sql, vals![&after]).await? {
            after = row.take("tenant")?;
            let id: Result<[u8; 16], _> = after.as_slice().try_into();
            tenants.extend(id.ok().map(TenantId::from_bytes));
        }
    }
    Ok(tenants.into_iter().collect())
}

macro_rules! next_tenant {
    ($($table:literal)*) => {
        [$(concat!(
            "SELECT tenant_id FROM ", $table, " WHERE tenant_id > $1 ORDER BY tenant_id LIMIT 1"
        )),*]
    };
}
const TENANTS: [&str; 10] = next_tenant!(
    "versions" "audit" "sign_ins" "evidence_shards" "evidence_folds" "evidence_trees"
    "evidence_tiles" "evidence_ranges" "evidence_checkpoints" "evidence_keys"
);

/// Every shard of a log that a record, a range or a counter speaks of.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn shards_of(tx: &mut Tx, tenant: TenantId, log: Log) -> Result<Vec<i64>, StoreError> {
    let in_records = match log {
        Log::Audit => "SELECT min(shard) FROM audit WHERE tenant_id = $1 AND shard > $2",
        Log::SignIns => "SELECT min(shard) FROM sign_ins WHERE tenant_id = $1 AND shard > $2",
    };
    let mut shards = Vec::new();
    let mut after = i64::MIN;
    // One seek per shard: a list of distinct values would read the whole index.
    while let Some(mut row) = tx.first(in_records, vals![&tenant, after]).await? {
        let Some(shard) = row.take::<Option<i64>>("shard")? else {
            break;
        };
        shards.push(shard);
        after = shard;
    }
    let elsewhere = "SELECT shard FROM evidence_shards WHERE tenant_id = $1 AND log = $2
        UNION SELECT shard FROM evidence_folds WHERE tenant_id = $1 AND log = $2
        UNION SELECT shard FROM evidence_ranges WHERE tenant_id = $1 AND log = $2";
    for mut row in tx.query(elsewhere, vals![&tenant, log.as_str()]).await? {
        shards.push(row.take("shard")?);
    }
    shards.sort_unstable();
    shards.dedup();
    Ok(shards)
}

/// How the numbers of a shard stand.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn numbers(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
    shard: i64,
) -> Result<Numbers, StoreError> {
    let newest = match log {
        Log::Audit => {
            "SELECT coalesce(max(number), 0) FROM audit WHERE tenant_id = $1 AND shard = $2"
        }
        Log::SignIns => {
            "SELECT coalesce(max(number), 0) FROM sign_ins WHERE tenant_id = $1 AND shard = $2"
        }
    };
    let newest = one(tx, newest, vals![&tenant, shard]).await?;
    let params = vals![&tenant, log.as_str(), shard];
    let given = "SELECT last FROM evidence_shards
        WHERE tenant_id = $1 AND log = $2 AND shard = $3";
    let folded = "SELECT folded FROM evidence_folds
        WHERE tenant_id = $1 AND log = $2 AND shard = $3";
    Ok(Numbers {
        given: one(tx, given, params).await?,
        newest: newest.unwrap_or(0),
        folded: one(tx, folded, params).await?.unwrap_or(0),
    })
}

/// How many records of a shard have a lower number.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_below(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
    shard: i64,
    number: i64,
) -> Result<i64, StoreError> {
    let sql = match log {
        Log::Audit => {
            "SELECT count(*) FROM audit WHERE tenant_id = $1 AND shard = $2 AND number < $3"
        }
        Log::SignIns => {
            "SELECT count(*) FROM sign_ins WHERE tenant_id = $1 AND shard = $2 AND number < $3"
        }
    };
    let count = one(tx, sql, vals![&tenant, shard, number]).await?;
    Ok(count.unwrap_or(0))
}

/// How many records have no number at all, or half of one.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_unnumbered(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
) -> Result<(i64, i64), StoreError> {
    let (without, half) = match log {
        Log::Audit => (
            "SELECT count(*) FROM audit WHERE tenant_id = $1 AND shard IS NULL AND number IS NULL",
            "SELECT count(*) FROM audit WHERE tenant_id = $1
                AND ((shard IS NULL AND number IS NOT NULL)
                    OR (shard IS NOT NULL AND number IS NULL))",
        ),
        Log::SignIns => (
            "SELECT count(*) FROM sign_ins
             WHERE tenant_id = $1 AND shard IS NULL AND number IS NULL",
            "SELECT count(*) FROM sign_ins WHERE tenant_id = $1
                AND ((shard IS NULL AND number IS NOT NULL)
                    OR (shard IS NOT NULL AND number IS NULL))",
        ),
    };
    Ok((
        one(tx, without, vals![&tenant]).await?.unwrap_or(0),
        one(tx, half, vals![&tenant]).await?.unwrap_or(0),
    ))
}

/// How many rows belong to no log that there is. A tile or range that was moved out of its log is missed there.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_of_no_log(tx: &mut Tx) -> Result<i64, StoreError> {
    let sql = "SELECT (SELECT count(*) FROM evidence_checkpoints
            WHERE log NOT IN ('audit', 'sign-ins'))
        + (SELECT count(*) FROM evidence_trees WHERE log NOT IN ('audit', 'sign-ins'))
        + (SELECT count(*) FROM evidence_shards WHERE log NOT IN ('audit', 'sign-ins'))
        + (SELECT count(*) FROM evidence_folds WHERE log NOT IN ('audit', 'sign-ins'))";
    Ok(one(tx, sql, &[]).await?.unwrap_or(0))
}

/// What SQLite itself finds wrong with its file. PostgreSQL has no such check that any user may run.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn integrity(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    let Connection::Sqlite(connection) = tx.connection() else {
        return Ok(Vec::new());
    };
    let mut problems = Vec::new();
    for mut row in sqlite::query(connection, INTEGRITY, &[])? {
        let problem: String = row.take("integrity check")?;
        if problem != "ok" {
            problems.push(problem);
        }
    }
    Ok(problems)
}

async fn one(
    tx: &mut Tx,
    sql: &'static str,
    params: &[crate::row::Val<'_>],
) -> Result<Option<i64>, StoreError> {
    let row = tx.first(sql, params).await?;
    row.map(|mut row| row.take("a count")).transpose()
}
