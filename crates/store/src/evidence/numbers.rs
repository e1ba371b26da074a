//! Numbers without gaps. See `docs/decisions/2026-11-24-evidence-shards.md`.
//!
//! On PostgreSQL many transactions run at once and some abort, so each backend numbers a shard of its own: a row that is
//! moved by the statement that writes the record. A backend runs one transaction at a time, so nobody waits for the row, and
//! an abort takes the number back. On SQLite the writer is alone, and the next number is one more than the newest.

use super::Log;
use crate::guarded::Statement;
use crate::row::{Val, vals};
use crate::{StoreError, Tx};
use policy::model::TenantId;

/// Draws the next number of this backend's shard. Parameters: tenant, log.
pub const NUMBER: &str = "INSERT INTO evidence_shards (tenant_id, log, shard, last)
    SELECT $1, $2, {BACKEND}, 1 WHERE {IF}
    ON CONFLICT (tenant_id, log, shard) DO UPDATE SET last = evidence_shards.last + 1
    RETURNING shard, last";

/// [`NUMBER`] with its parameters.
pub fn number(tenant: &TenantId, log: Log) -> Statement<'_> {
    Statement {
        sql: NUMBER,
        params: vals![tenant, Val::Text(log.as_str())].to_vec(),
    }
}

/// How far a shard has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    /// Whose.
    pub tenant: TenantId,
    /// Of which log.
    pub log: Log,
    /// Its number; 0 is numbered by whoever is alone (SQLite's writer, or the sequencer when it numbers old records).
    pub shard: i64,
    /// The last number given.
    pub last: i64,
}

/// Every shard in which a record was numbered.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn shards(tx: &mut Tx) -> Result<Vec<Shard>, StoreError> {
    let sql = "SELECT tenant_id, log, shard, last FROM evidence_shards
        UNION ALL
        SELECT t.id, 'audit', 0, a.number FROM tenants t JOIN audit a ON a.tenant_id = t.id
            AND a.shard = 0 AND a.number = (SELECT b.number FROM audit b
                WHERE b.tenant_id = t.id AND b.shard = 0 ORDER BY b.number DESC LIMIT 1)
        UNION ALL
        SELECT t.id, 'sign-ins', 0, s.number FROM tenants t JOIN sign_ins s ON s.tenant_id = t.id
            AND s.shard = 0 AND s.number = (SELECT b.number FROM sign_ins b
                WHERE b.tenant_id = t.id AND b.shard = 0 ORDER BY b.number DESC LIMIT 1)
        ORDER BY 1, 2, 3";
    let rows = tx.query(sql, &[]).await?;
    rows.into_iter()
        .map(|mut row| {
            let tenant = row.take("shard tenant")?;
            let log = Log::from_name(&row.take::<String>("shard log")?);
            Ok(Shard {
                tenant,
                log: log.ok_or(StoreError::Damaged("shard log"))?,
                shard: row.take("shard")?,
                last: row.take("last number of a shard")?,
            })
        })
        .collect()
}
