//! Passwords. Hashing and comparing happen elsewhere; here is only the row.

use crate::row::vals;
use crate::{StoreError, Tx, users};
use policy::model::{Password, PasswordHash, TenantId, UserId};

/// The user's password, if there is one.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
) -> Result<Option<Password>, StoreError> {
    let sql =
        "SELECT hash, must_change, changed FROM passwords WHERE tenant_id = $1 AND user_id = $2";
    let Some(mut row) = tx.first(sql, vals![&tenant, &user]).await? else {
        return Ok(None);
    };
    Ok(Some(Password {
        user,
        hash: PasswordHash::new(row.take("password hash")?),
        must_change: row.take("password must change")?,
        changed: row.take("password changed")?,
    }))
}

/// Sets or replaces the password and raises the user's version, which ends attempts under way.
/// Ending sessions is the caller's decision.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn set(tx: &mut Tx, tenant: TenantId, password: &Password) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO passwords (tenant_id, user_id, hash, must_change, changed)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id, user_id) DO UPDATE
         SET hash = excluded.hash, must_change = excluded.must_change, changed = excluded.changed",
        vals![
            &tenant,
            &password.user,
            password.hash.expose(),
            password.must_change,
            password.changed
        ],
    )
    .await?;
    users::bump(tx, tenant, password.user).await
}

/// Replaces the hash by one of the same password with newer parameters, unless somebody has set
/// another password since `old` was read.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn rehash(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    old: &PasswordHash,
    new: &PasswordHash,
) -> Result<bool, StoreError> {
    tx.changed(
        "UPDATE passwords SET hash = $4 WHERE tenant_id = $1 AND user_id = $2 AND hash = $3",
        vals![&tenant, &user, old.expose(), new.expose()],
    )
    .await
}

/// Removes the password; `false` if there was none.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn remove(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<bool, StoreError> {
    let sql = "DELETE FROM passwords WHERE tenant_id = $1 AND user_id = $2";
    let removed = tx.changed(sql, vals![&tenant, &user]).await?;
    users::bump(tx, tenant, user).await?;
    Ok(removed)
}
