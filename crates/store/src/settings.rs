//! Settings of a tenant: one JSON document per name.

use crate::row::vals;
use crate::versions::{self, Counter};
use crate::{StoreError, Tx};
use policy::model::{TenantId, Timestamp};

/// The document called `name`, as JSON text.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn get(tx: &mut Tx, tenant: TenantId, name: &str) -> Result<Option<String>, StoreError> {
    let sql = "SELECT value FROM settings WHERE tenant_id = $1 AND name = $2";
    let row = tx.first(sql, vals![&tenant, name]).await?;
    row.map(|mut row| row.take("setting")).transpose()
}

/// Writes the document called `name` and raises the tenant's policy version.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn put(
    tx: &mut Tx,
    tenant: TenantId,
    name: &str,
    json: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO settings (tenant_id, name, value, changed) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id, name) DO UPDATE SET value = excluded.value, changed = excluded.changed",
        vals![&tenant, name, json, now],
    )
    .await?;
    versions::bump(tx, tenant, Counter::Policy).await
}
