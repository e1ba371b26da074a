//! Leases: what only one of several nodes may do at a time.
//!
//! A lease is one row. Its epoch grows with every new holder, so that a holder who was asleep finds out: take the lease in
//! the job that does the work, and the work of a former holder is never written. Time is the caller's, so clocks that differ
//! by more than a lease's length make two nodes take turns, not damage.

use crate::row::vals;
use crate::{StoreError, Tx};
use policy::model::{NodeId, Timestamp};

/// Who holds a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The node.
    pub holder: NodeId,
    /// When others may take it.
    pub expires: Timestamp,
    /// How often it went to another node.
    pub epoch: i64,
}

impl Lease {
    /// Whether `node` would get it at `now`.
    #[must_use]
    pub fn is_open_to(&self, node: NodeId, now: Timestamp) -> bool {
        self.holder == node || self.expires <= now
    }
}

/// Takes or renews the lease called `name` until `expires`; answers its epoch, or `None` while another node holds it.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn take(
    tx: &mut Tx,
    name: &str,
    node: NodeId,
    now: Timestamp,
    expires: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let sql = "INSERT INTO node_leases (name, epoch, holder, expires) VALUES ($1, 1, $2, $4)
        ON CONFLICT (name) DO UPDATE SET
            epoch = CASE WHEN node_leases.holder = excluded.holder THEN node_leases.epoch
                ELSE node_leases.epoch + 1 END,
            holder = excluded.holder, expires = excluded.expires
        WHERE node_leases.holder IS NULL OR node_leases.holder = excluded.holder OR node_leases.expires <= $3
        RETURNING epoch";
    let row = tx.first(sql, vals![name, &node, now, expires]).await?;
    row.map(|mut row| row.take("lease epoch")).transpose()
}

/// Gives a lease back, if `node` holds it.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn give_back(tx: &mut Tx, name: &str, node: NodeId) -> Result<(), StoreError> {
    let sql = "UPDATE node_leases SET holder = NULL, expires = 0 WHERE name = $1 AND holder = $2";
    tx.exec(sql, vals![name, &node]).await?;
    Ok(())
}

/// Who holds the lease called `name`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(tx: &mut Tx, name: &str) -> Result<Option<Lease>, StoreError> {
    let sql =
        "SELECT holder, expires, epoch FROM node_leases WHERE name = $1 AND holder IS NOT NULL";
    let row = tx.first(sql, vals![name]).await?;
    row.map(|mut row| {
        Ok(Lease {
            holder: row.take("lease holder")?,
            expires: row.take("lease expiry")?,
            epoch: row.take("lease epoch")?,
        })
    })
    .transpose()
}
