//! Temporary Access Passes: one per user, kept as an HMAC under a key that is not in the database.

use crate::kek::same;
use crate::row::vals;
use crate::{StoreError, Tx, users};
use policy::model::{PassId, PassUse, TemporaryAccessPass, TenantId, Timestamp, UserId};

/// A user's pass together with whether a code was the right one.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The pass; whether it may be used now is for policy.
    pub pass: TemporaryAccessPass,
    /// Whether the code was right. Compared in constant time.
    pub matches: bool,
}

/// Issues a pass; a pass the user has is replaced, valid or not.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn issue(tx: &mut Tx, pass: &TemporaryAccessPass, code: &str) -> Result<(), StoreError> {
    let mac = tx.kek().pass_mac(pass.tenant, pass.id.as_bytes(), code);
    tx.exec(
        "INSERT INTO passes (tenant_id, user_id, id, mac, starts, lifetime, usable_once, used,
            created, ends_with_registration)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (tenant_id, user_id) DO UPDATE SET id = excluded.id, mac = excluded.mac,
            starts = excluded.starts, lifetime = excluded.lifetime,
            usable_once = excluded.usable_once, used = excluded.used, created = excluded.created,
            ends_with_registration = excluded.ends_with_registration",
        vals![
            &pass.tenant,
            &pass.user,
            &pass.id,
            &mac,
            pass.starts,
            pass.lifetime,
            pass.usable == PassUse::Once,
            pass.used,
            pass.created,
            pass.ends_with_registration
        ],
    )
    .await?;
    users::bump(tx, pass.tenant, pass.user).await
}

/// The user's pass, if there is one, valid or not.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
) -> Result<Option<TemporaryAccessPass>, StoreError> {
    Ok(load(tx, tenant, user).await?.map(|(pass, _)| pass))
}

/// Compares `code` with the user's pass.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn check(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    code: &str,
) -> Result<Option<Checked>, StoreError> {
    let Some((pass, mac)) = load(tx, tenant, user).await? else {
        return Ok(None);
    };
    let given = tx.kek().pass_mac(tenant, pass.id.as_bytes(), code);
    Ok(Some(Checked {
        matches: same(&mac, &given),
        pass,
    }))
}

/// Uses a one-time pass up; `true` for exactly one caller. For a pass that works often it answers
/// `true` as long as it exists. For sign-ins use [`crate::sign_ins::commit`], which does it in
/// the same statement.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn consume(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    id: PassId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx
        .first(CONSUME, vals![&tenant, &user, &id, now])
        .await?
        .is_some())
}

/// Deletes the user's pass; answers which one it was. The caller ends its sessions
/// ([`crate::sessions::end_of_pass`]).
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
) -> Result<Option<PassId>, StoreError> {
    let sql = "DELETE FROM passes WHERE tenant_id = $1 AND user_id = $2 RETURNING id";
    let row = tx.first(sql, vals![&tenant, &user]).await?;
    users::bump(tx, tenant, user).await?;
    row.map(|mut row| row.take("pass id")).transpose()
}

/// Deletes the pass if it was one that dies with the first registration.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn end_with_registration(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
) -> Result<Option<PassId>, StoreError> {
    let sql = "DELETE FROM passes WHERE tenant_id = $1 AND user_id = $2
        AND ends_with_registration = 1 RETURNING id";
    let row = tx.first(sql, vals![&tenant, &user]).await?;
    row.map(|mut row| row.take("pass id")).transpose()
}

/// Parameters: tenant, user, pass, now.
pub(crate) const CONSUME: &str = "UPDATE passes SET used = $4
    WHERE tenant_id = $1 AND user_id = $2 AND id = $3 AND (usable_once = 0 OR used IS NULL)
      AND {IF} RETURNING 1";

async fn load(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
) -> Result<Option<(TemporaryAccessPass, Vec<u8>)>, StoreError> {
    let sql = "SELECT mac, id, starts, lifetime, usable_once, used, created, ends_with_registration
        FROM passes WHERE tenant_id = $1 AND user_id = $2";
    let Some(mut row) = tx.first(sql, vals![&tenant, &user]).await? else {
        return Ok(None);
    };
    let mac = row.take("pass mac")?;
    let pass = TemporaryAccessPass {
        tenant,
        user,
        id: row.take("pass id")?,
        starts: row.take("pass start")?,
        lifetime: row.take("pass lifetime")?,
        usable: if row.take("pass usable once")? {
            PassUse::Once
        } else {
            PassUse::Many
        },
        used: row.take("pass used")?,
        created: row.take("pass created")?,
        ends_with_registration: row.take("pass end")?,
    };
    Ok(Some((pass, mac)))
}
