//! Software one-time codes. The secret is wrapped; each time step is accepted once.

use crate::row::vals;
use crate::{StoreError, Tx, users};
use policy::model::{TenantId, Totp, UserId};

const PURPOSE: &str = "totp secret";

/// The user's generator, if one is enrolled.
///
/// # Errors
/// [`StoreError::Damaged`] if the secret was wrapped under another key or for another user.
pub async fn find(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<Option<Totp>, StoreError> {
    let sql = "SELECT wrapped, last_step, enrolled FROM totp WHERE tenant_id = $1 AND user_id = $2";
    let Some(mut row) = tx.first(sql, vals![&tenant, &user]).await? else {
        return Ok(None);
    };
    let wrapped: Vec<u8> = row.take("totp secret")?;
    let secret = tx
        .kek()
        .unwrap(tenant.as_bytes(), PURPOSE, user.as_bytes(), &wrapped)?;
    let last_step = row.take("totp step")?;
    Ok(Some(Totp {
        user,
        secret,
        last_step,
        enrolled: row.take("totp enrolled")?,
    }))
}

/// Whether one is enrolled, without unwrapping it.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn exists(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<bool, StoreError> {
    let sql = "SELECT last_step FROM totp WHERE tenant_id = $1 AND user_id = $2";
    Ok(tx.first(sql, vals![&tenant, &user]).await?.is_some())
}

/// Enrols or replaces the generator. `last_step` is the step of the code that confirmed it, so that
/// the same code cannot sign in right afterwards.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn enrol(tx: &mut Tx, tenant: TenantId, totp: &Totp) -> Result<(), StoreError> {
    let name = totp.user.as_bytes();
    let wrapped = tx
        .kek()
        .wrap(tenant.as_bytes(), PURPOSE, name, totp.secret.expose())?;
    tx.exec(
        "INSERT INTO totp (tenant_id, user_id, wrapped, last_step, enrolled)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id, user_id) DO UPDATE SET wrapped = excluded.wrapped,
            last_step = excluded.last_step, enrolled = excluded.enrolled",
        vals![&tenant, &totp.user, &wrapped, totp.last_step, totp.enrolled],
    )
    .await?;
    users::bump(tx, tenant, totp.user).await
}

/// Uses a time step up; `false` if this or a newer one was used before (a replay). For sign-ins use
/// [`crate::sign_ins::commit`], which does it in the same statement.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn use_step(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    step: i64,
) -> Result<bool, StoreError> {
    tx.changed(
        "UPDATE totp SET last_step = $3 WHERE tenant_id = $1 AND user_id = $2 AND last_step < $3",
        vals![&tenant, &user, step],
    )
    .await
}

/// Removes the generator; `false` if there was none.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn remove(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<bool, StoreError> {
    let sql = "DELETE FROM totp WHERE tenant_id = $1 AND user_id = $2";
    let removed = tx.changed(sql, vals![&tenant, &user]).await?;
    users::bump(tx, tenant, user).await?;
    Ok(removed)
}
