//! The keys that sign the heads of a tenant's trees.

use super::Hash;
use crate::row::{Row, vals};
use crate::{StoreError, Tx};
use policy::model::{SecretBytes, TenantId, Timestamp};

const PURPOSE: &str = "evidence key";

/// A key, without its private half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredKey {
    /// Whose.
    pub tenant: TenantId,
    /// 1, 2, 3, …
    pub number: i64,
    /// When it began to sign.
    pub created: Timestamp,
    /// Ed25519 public key.
    pub ed25519: Hash,
    /// ML-DSA-65 public key.
    pub ml_dsa: Vec<u8>,
    /// The signed note in which the key before it (the first: itself) certifies it.
    pub statement: String,
}

/// Adds a key and destroys the private half of the one before it. `false` if another node added that number first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn add_key(
    tx: &mut Tx,
    key: &StoredKey,
    private: &SecretBytes,
) -> Result<bool, StoreError> {
    let name = key.number.to_be_bytes();
    let wrapped = tx
        .kek()
        .wrap(key.tenant.as_bytes(), PURPOSE, &name, private.expose())?;
    let sql = "INSERT INTO evidence_keys (tenant_id, number, created, ed25519, ml_dsa, statement,
            wrapped)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    let params = vals![
        &key.tenant,
        key.number,
        key.created,
        &key.ed25519,
        &key.ml_dsa,
        &key.statement,
        &wrapped
    ];
    if !tx.changed(sql, params).await? {
        return Ok(false);
    }
    let sql = "UPDATE evidence_keys SET wrapped = NULL WHERE tenant_id = $1 AND number < $2";
    tx.exec(sql, vals![&key.tenant, key.number]).await?;
    Ok(true)
}

/// Every key of a tenant, the oldest first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn keys(tx: &mut Tx, tenant: TenantId) -> Result<Vec<StoredKey>, StoreError> {
    let sql = "SELECT number, created, ed25519, ml_dsa, statement FROM evidence_keys
        WHERE tenant_id = $1 ORDER BY number";
    let rows = tx.query(sql, vals![&tenant]).await?;
    rows.into_iter().map(|row| read(tenant, row)).collect()
}

/// The newest key.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn newest_key(tx: &mut Tx, tenant: TenantId) -> Result<Option<StoredKey>, StoreError> {
    let sql = "SELECT number, created, ed25519, ml_dsa, statement FROM evidence_keys
        WHERE tenant_id = $1 ORDER BY number DESC LIMIT 1";
    let row = tx.first(sql, vals![&tenant]).await?;
    row.map(|row| read(tenant, row)).transpose()
}

/// The private half of a key, while it signs.
///
/// # Errors
/// [`StoreError::Damaged`] if it was wrapped under another key-encryption key, or for another place.
pub async fn private_key(
    tx: &mut Tx,
    tenant: TenantId,
    number: i64,
) -> Result<Option<SecretBytes>, StoreError> {
    let sql = "SELECT wrapped FROM evidence_keys
        WHERE tenant_id = $1 AND number = $2 AND wrapped IS NOT NULL";
    let Some(mut row) = tx.first(sql, vals![&tenant, number]).await? else {
        return Ok(None);
    };
    let wrapped: Vec<u8> = row.take("evidence key")?;
    let name = number.to_be_bytes();
    tx.kek()
        .unwrap(tenant.as_bytes(), PURPOSE, &name, &wrapped)
        .map(Some)
}

fn read(tenant: TenantId, mut row: Row) -> Result<StoredKey, StoreError> {
    let number = row.take("key number")?;
    let created = row.take("key time")?;
    let ed25519: Vec<u8> = row.take("Ed25519 key")?;
    Ok(StoredKey {
        tenant,
        number,
        created,
        ed25519: ed25519
            .try_into()
            .map_err(|_| StoreError::Damaged("Ed25519 key"))?,
        ml_dsa: row.take("ML-DSA key")?,
        statement: row.take("key statement")?,
    })
}
