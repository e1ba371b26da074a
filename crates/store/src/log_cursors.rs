//! How far each log stream has come.
//!
//! A cursor is moved after its records were taken, in the job that shows that the stream is still this node's: a node that
//! fell asleep moves nothing, and what it had sent is sent again by the next one.

use crate::row::vals;
use crate::{StoreError, Tx, leases};
use policy::model::{NodeId, TenantId, Timestamp};

/// Where a stream stands in one source of one tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The next leaf of a tree; of checkpoints the size of the last one.
    pub position: u64,
    /// Of checkpoints the moment of the last one.
    pub moment: Timestamp,
}

/// Who moves a cursor, and until when the stream is theirs.
#[derive(Debug, Clone, Copy)]
pub struct Holder<'a> {
    /// The lease of the stream.
    pub lease: &'a str,
    /// The node.
    pub node: NodeId,
    /// Now.
    pub now: Timestamp,
    /// The new end of the lease.
    pub until: Timestamp,
}

/// Where `stream` stands in `source`; nowhere before its first record.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    stream: &str,
    source: &str,
) -> Result<Option<Cursor>, StoreError> {
    let sql = "SELECT position, moment FROM log_cursors
        WHERE tenant_id = $1 AND stream = $2 AND source = $3";
    let row = tx.first(sql, vals![&tenant, stream, source]).await?;
    row.map(|mut row| {
        Ok(Cursor {
            position: row.take("cursor position")?,
            moment: row.take("cursor moment")?,
        })
    })
    .transpose()
}

/// Moves a cursor; `false` if the stream belongs to another node now, and nothing is written.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn advance(
    tx: &mut Tx,
    holder: &Holder<'_>,
    tenant: TenantId,
    (stream, source): (&str, &str),
    to: Cursor,
) -> Result<bool, StoreError> {
    let Holder {
        lease,
        node,
        now,
        until,
    } = *holder;
    if leases::take(tx, lease, node, now, until).await?.is_none() {
        return Ok(false);
    }
    tx.exec(
        "INSERT INTO log_cursors (tenant_id, stream, source, position, moment)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id, stream, source)
         DO UPDATE SET position = excluded.position, moment = excluded.moment",
        vals![&tenant, stream, source, to.position, to.moment],
    )
    .await?;
    Ok(true)
}
