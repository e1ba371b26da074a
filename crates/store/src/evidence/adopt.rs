//! Records of a program that knew no evidence: made before it, or by an old node during a rolling upgrade.

use super::Log;
use crate::row::vals;
use crate::{StoreError, Tx, audit, sign_ins};
use policy::model::{AuditSalts, RecordId, Salt, TenantId};

/// Records of a log that have no number yet.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn unnumbered(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
    limit: u32,
) -> Result<Vec<RecordId>, StoreError> {
    // Sorted by number so that the index on it is used: the primary key would be read to its end.
    let sql = match log {
        Log::Audit => {
            "SELECT id FROM audit WHERE tenant_id = $1 AND shard IS NULL ORDER BY number LIMIT $2"
        }
        Log::SignIns => {
            "SELECT id FROM sign_ins
             WHERE tenant_id = $1 AND shard IS NULL ORDER BY number LIMIT $2"
        }
    };
    let rows = tx.query(sql, vals![&tenant, limit]).await?;
    rows.into_iter()
        .map(|mut row| row.take("record id"))
        .collect()
}

/// Hashes and numbers an audit record that has no number yet.
///
/// # Errors
/// [`StoreError::Damaged`] if it cannot be read.
pub async fn adopt_audit(
    tx: &mut Tx,
    tenant: TenantId,
    id: RecordId,
    salts: AuditSalts,
) -> Result<(), StoreError> {
    if let Some(mut record) = audit::find(tx, tenant, id).await? {
        record.salts = Some(salts);
        audit::seal_stored(tx, &record).await?;
    }
    Ok(())
}

/// Hashes and numbers a sign-in record that has no number yet.
///
/// # Errors
/// [`StoreError::Damaged`] if it cannot be read.
pub async fn adopt_sign_in(
    tx: &mut Tx,
    tenant: TenantId,
    id: RecordId,
    salt: Salt,
) -> Result<(), StoreError> {
    if let Some(mut record) = sign_ins::find(tx, tenant, id).await? {
        record.salt = Some(salt);
        sign_ins::seal_stored(tx, &record).await?;
    }
    Ok(())
}
