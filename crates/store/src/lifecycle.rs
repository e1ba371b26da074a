//! What becomes of registered passkeys: bad news, attestations judged again, warnings.

use crate::row::vals;
use crate::versions::{self, Counter};
use crate::{Page, StoreError, Tx, users};
use policy::model::{AttestationLevel, Compromise, Passkey, Sha256, TenantId, Timestamp, UserId};

/// Writes down bad news about a passkey or that it is over, if what is there is what was read; `false` otherwise. Raises the
/// user's version: sign-ins with it that are under way read it again. The caller ends what it opened
/// ([`crate::sessions::end_of_passkey`]) where that follows.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn set_compromise(
    tx: &mut Tx,
    read: &Passkey,
    compromise: Option<Compromise>,
) -> Result<bool, StoreError> {
    users::bump(tx, read.tenant, read.user).await?;
    let held = read.compromise;
    let changed = tx
        .changed(
            "UPDATE passkeys SET compromised = $4, compromise_reason = $5, compromise_measure = $6
             WHERE tenant_id = $1 AND user_id = $2 AND id = $3
                AND coalesce(compromised, 0) = $7 AND coalesce(compromise_measure, '') = $8",
            vals![
                &read.tenant,
                &read.user,
                &read.id,
                compromise.map(|one| one.since),
                compromise.map(|one| one.reason.as_str()),
                compromise.map(|one| one.measure.as_str()),
                held.map_or(0, |one| one.since.as_micros()),
                held.map_or("", |one| one.measure.as_str())
            ],
        )
        .await?;
    versions::bump(tx, read.tenant, Counter::Revocation).await?;
    Ok(changed)
}

/// Writes down what the attestation of a passkey is worth now, if what is there is what was read; `false` otherwise. Raises
/// the user's version.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn set_attestation(
    tx: &mut Tx,
    read: &Passkey,
    level: AttestationLevel,
    root: Option<&Sha256>,
) -> Result<bool, StoreError> {
    users::bump(tx, read.tenant, read.user).await?;
    tx.changed(
        "UPDATE passkeys SET attestation_level = $4, attestation_root = $5
         WHERE tenant_id = $1 AND user_id = $2 AND id = $3 AND attestation_level = $6",
        vals![
            &read.tenant,
            &read.user,
            &read.id,
            level.as_str(),
            root,
            read.attestation_level.as_str()
        ],
    )
    .await
}

/// Remembers that the owner was warned of this end; `false` if that is known already.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn set_warned(tx: &mut Tx, read: &Passkey, end: Timestamp) -> Result<bool, StoreError> {
    tx.changed(
        "UPDATE passkeys SET warned = $4
         WHERE tenant_id = $1 AND user_id = $2 AND id = $3 AND coalesce(warned, 0) < $4",
        vals![&read.tenant, &read.user, &read.id, end],
    )
    .await
}

/// Remembers that the owner was told that this end has come; `false` if that is known already.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn set_ended(tx: &mut Tx, read: &Passkey, end: Timestamp) -> Result<bool, StoreError> {
    tx.changed(
        "UPDATE passkeys SET ended = $4
         WHERE tenant_id = $1 AND user_id = $2 AND id = $3 AND coalesce(ended, 0) < $4",
        vals![&read.tenant, &read.user, &read.id, end],
    )
    .await
}

/// Owners of passkeys by user id, a page at a time.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn owners(
    tx: &mut Tx,
    tenant: TenantId,
    page: Page<UserId>,
) -> Result<Vec<UserId>, StoreError> {
    let sql = "SELECT DISTINCT user_id FROM passkeys
        WHERE tenant_id = $1 AND user_id > $2 ORDER BY user_id LIMIT $3";
    page_of_owners(tx, sql, tenant, page).await
}

/// Owners of passkeys about which there is bad news, by user id, a page at a time.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn owners_of_compromised(
    tx: &mut Tx,
    tenant: TenantId,
    page: Page<UserId>,
) -> Result<Vec<UserId>, StoreError> {
    let sql = "SELECT DISTINCT user_id FROM passkeys
        WHERE tenant_id = $1 AND compromised IS NOT NULL AND user_id > $2
        ORDER BY user_id LIMIT $3";
    page_of_owners(tx, sql, tenant, page).await
}

/// Owners of passkeys that may need somebody's attention, by user id, a page at a time: there is bad news about one, its end is
/// near or has come, or it waits for its owner.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn owners_in_need(
    tx: &mut Tx,
    tenant: TenantId,
    page: Page<UserId>,
) -> Result<Vec<UserId>, StoreError> {
    let sql = "SELECT DISTINCT user_id FROM passkeys
        WHERE tenant_id = $1 AND user_id > $2
            AND (compromised IS NOT NULL OR warned IS NOT NULL OR ended IS NOT NULL OR waiting = 1)
        ORDER BY user_id LIMIT $3";
    page_of_owners(tx, sql, tenant, page).await
}

async fn page_of_owners(
    tx: &mut Tx,
    sql: &'static str,
    tenant: TenantId,
    page: Page<UserId>,
) -> Result<Vec<UserId>, StoreError> {
    let after = page.after.unwrap_or(UserId::from_bytes([0; 16]));
    let rows = tx.query(sql, vals![&tenant, &after, page.limit]).await?;
    rows.into_iter()
        .map(|mut row| row.take("passkey owner"))
        .collect()
}
