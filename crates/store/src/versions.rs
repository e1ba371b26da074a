//! One row of counters per tenant: what a node polls to know that it has to read again.

use crate::row::vals;
use crate::{StoreError, Tx};
use policy::model::{TenantId, Versions};

/// Which counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    /// Policies, settings, applications.
    Policy,
    /// Revocations.
    Revocation,
    /// Signing and sealing keys.
    Keys,
}

/// The counters of one tenant; `None` when there is no such tenant.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn of(tx: &mut Tx, tenant: TenantId) -> Result<Option<Versions>, StoreError> {
    let sql = "SELECT policy, revocation, keys FROM versions WHERE tenant_id = $1";
    let Some(mut row) = tx.first(sql, vals![&tenant]).await? else {
        return Ok(None);
    };
    Ok(Some(Versions {
        policy: row.take("policy version")?,
        revocation: row.take("revocation version")?,
        keys: row.take("keys version")?,
    }))
}

/// The counters of every tenant, for the poll.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn all(tx: &mut Tx) -> Result<Vec<(TenantId, Versions)>, StoreError> {
    let sql = "SELECT tenant_id, policy, revocation, keys FROM versions ORDER BY tenant_id";
    let rows = tx.query(sql, &[]).await?;
    rows.into_iter()
        .map(|mut row| {
            let tenant = row.take("tenant id")?;
            let policy = row.take("policy version")?;
            let revocation = row.take("revocation version")?;
            Ok((
                tenant,
                Versions {
                    policy,
                    revocation,
                    keys: row.take("keys version")?,
                },
            ))
        })
        .collect()
}

/// Adds one to a counter.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn bump(tx: &mut Tx, tenant: TenantId, counter: Counter) -> Result<(), StoreError> {
    let sql = match counter {
        Counter::Policy => "UPDATE versions SET policy = policy + 1 WHERE tenant_id = $1",
        Counter::Revocation => {
            "UPDATE versions SET revocation = revocation + 1 WHERE tenant_id = $1"
        }
        Counter::Keys => "UPDATE versions SET keys = keys + 1 WHERE tenant_id = $1",
    };
    tx.exec(sql, vals![&tenant]).await?;
    Ok(())
}
