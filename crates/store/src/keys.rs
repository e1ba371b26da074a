//! Signing keys of tenants and sealing keys of the deployment. Private parts are wrapped from the
//! first row on.

use crate::row::{Row, vals};
use crate::versions::{self, Counter};
use crate::{StoreError, Tx};
use policy::model::{KeyId, KeyState, SealKey, SigningKey, TenantId, Timestamp};

const SIGNING: &str = "signing key";
const SEALING: &str = "sealing key";
/// Sealing keys belong to no tenant.
const NO_TENANT: [u8; 16] = [0; 16];

/// Adds a signing key.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn add_signing(tx: &mut Tx, key: &SigningKey) -> Result<(), StoreError> {
    let private = key.private.expose();
    let wrapped = tx
        .kek()
        .wrap(key.tenant.as_bytes(), SIGNING, key.id.as_bytes(), private)?;
    tx.exec(
        "INSERT INTO signing_keys (tenant_id, id, algorithm, state, public_jwk, wrapped, created,
            activated, retired)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        vals![
            &key.tenant,
            &key.id,
            &key.algorithm,
            key.state.as_str(),
            &key.public_jwk,
            &wrapped,
            key.created,
            key.activated,
            key.retired
        ],
    )
    .await?;
    versions::bump(tx, key.tenant, Counter::Keys).await
}

/// Every signing key of a tenant, oldest first.
///
/// # Errors
/// [`StoreError::Damaged`] if one was wrapped under another key.
pub async fn signing(tx: &mut Tx, tenant: TenantId) -> Result<Vec<SigningKey>, StoreError> {
    let sql = "SELECT id, algorithm, state, public_jwk, wrapped, created, activated, retired
        FROM signing_keys WHERE tenant_id = $1 ORDER BY id";
    let rows = tx.query(sql, vals![&tenant]).await?;
    rows.into_iter()
        .map(|row| read_signing(tx, tenant, row))
        .collect()
}

/// Makes `id` the active key of its algorithm, if it is still the next one; the active one retires.
/// `true` for exactly one of several nodes that rotate at once.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn activate(
    tx: &mut Tx,
    tenant: TenantId,
    id: KeyId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "UPDATE signing_keys SET state = 'active', activated = $3
        WHERE tenant_id = $1 AND id = $2 AND state = 'next' RETURNING algorithm";
    let Some(mut row) = tx.first(sql, vals![&tenant, &id, now]).await? else {
        return Ok(false);
    };
    let algorithm: String = row.take("key algorithm")?;
    tx.exec(
        "UPDATE signing_keys SET state = 'retired', retired = $4
         WHERE tenant_id = $1 AND state = 'active' AND algorithm = $3 AND id <> $2",
        vals![&tenant, &id, &algorithm, now],
    )
    .await?;
    versions::bump(tx, tenant, Counter::Keys).await?;
    Ok(true)
}

/// Deletes retired keys that stopped signing before `before`, when nothing they signed can live.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn forget_retired(
    tx: &mut Tx,
    tenant: TenantId,
    before: Timestamp,
) -> Result<u64, StoreError> {
    let sql = "DELETE FROM signing_keys
        WHERE tenant_id = $1 AND state = 'retired' AND retired < $2";
    let forgotten = tx.exec(sql, vals![&tenant, before]).await?;
    if forgotten > 0 {
        versions::bump(tx, tenant, Counter::Keys).await?;
    }
    Ok(forgotten)
}

/// Adds a sealing key, unless one of the same purpose that was made at or after `unless_since`
/// exists: of several nodes that find none, one adds it. The caller reads [`sealing`] afterwards.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn add_sealing(
    tx: &mut Tx,
    key: &SealKey,
    unless_since: Timestamp,
) -> Result<bool, StoreError> {
    // Two nodes must not both see "none": the lease row makes one wait for the other.
    let lease = "SELECT l.epoch FROM leases l WHERE l.name = 'migrate' {LOCK l}";
    tx.first(lease, &[]).await?;
    let newest = "SELECT id FROM seal_keys WHERE purpose = $1 AND created >= $2";
    if tx
        .first(newest, vals![&key.purpose, unless_since])
        .await?
        .is_some()
    {
        return Ok(false);
    }
    let wrapped = tx
        .kek()
        .wrap(&NO_TENANT, SEALING, key.id.as_bytes(), key.secret.expose())?;
    tx.exec(
        "INSERT INTO seal_keys (id, purpose, wrapped, created, expires)
         VALUES ($1, $2, $3, $4, $5)",
        vals![&key.id, &key.purpose, &wrapped, key.created, key.expires],
    )
    .await?;
    Ok(true)
}

/// Every sealing key, newest first; the first of a purpose seals, all open.
///
/// # Errors
/// [`StoreError::Damaged`] if one was wrapped under another key.
pub async fn sealing(tx: &mut Tx) -> Result<Vec<SealKey>, StoreError> {
    let sql = "SELECT id, purpose, wrapped, created, expires FROM seal_keys
        ORDER BY created DESC, id DESC";
    let rows = tx.query(sql, &[]).await?;
    rows.into_iter().map(|row| read_sealing(tx, row)).collect()
}

fn read_signing(tx: &Tx, tenant: TenantId, mut row: Row) -> Result<SigningKey, StoreError> {
    let id: KeyId = row.take("key id")?;
    let algorithm = row.take("key algorithm")?;
    let state = state(&row.take::<String>("key state")?)?;
    let public_jwk = row.take("key jwk")?;
    let wrapped: Vec<u8> = row.take("key private")?;
    Ok(SigningKey {
        tenant,
        id,
        algorithm,
        state,
        public_jwk,
        private: tx
            .kek()
            .unwrap(tenant.as_bytes(), SIGNING, id.as_bytes(), &wrapped)?,
        created: row.take("key created")?,
        activated: row.take("key activated")?,
        retired: row.take("key retired")?,
    })
}

fn read_sealing(tx: &Tx, mut row: Row) -> Result<SealKey, StoreError> {
    let id: KeyId = row.take("key id")?;
    let purpose = row.take("key purpose")?;
    let wrapped: Vec<u8> = row.take("key secret")?;
    Ok(SealKey {
        id,
        purpose,
        secret: tx
            .kek()
            .unwrap(&NO_TENANT, SEALING, id.as_bytes(), &wrapped)?,
        created: row.take("key created")?,
        expires: row.take("key expiry")?,
    })
}

fn state(name: &str) -> Result<KeyState, StoreError> {
    [KeyState::Next, KeyState::Active, KeyState::Retired]
        .into_iter()
        .find(|state| state.as_str() == name)
        .ok_or(StoreError::Damaged("key state"))
}
