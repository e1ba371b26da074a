//! Users and how they are found.

use crate::row::{Row, vals};
use crate::versions::{self, Counter};
use crate::{Page, StoreError, Tx, signals};
use policy::model::{PerUserMfa, Signal, TenantId, Timestamp, User, UserHandle, UserId, UserType};

/// The columns of a user with alias `u`, in the order of [`read`].
macro_rules! columns {
    () => {
        "u.tenant_id, u.id, u.user_principal_name, u.display_name, u.mail, u.enabled, u.handle, \
         u.user_type, u.break_glass, u.created, u.sessions_valid_from, \
         u.proofs_valid_from, u.mfa, u.version"
    };
}
pub(crate) use columns;

/// How creating or renaming a user ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// Done.
    Done,
    /// Somebody in the tenant has this user principal name; nothing was written.
    NameTaken,
}

/// Makes a user.
///
/// # Errors
/// [`StoreError::Database`], also when the id or the handle exists.
pub async fn create(tx: &mut Tx, user: &User) -> Result<Named, StoreError> {
    tx.exec(
        "INSERT INTO users (tenant_id, id, user_principal_name, display_name, mail, enabled, handle,
            user_type, break_glass, created, sessions_valid_from, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        vals![
            &user.tenant, &user.id, &user.user_principal_name, &user.display_name,
            user.mail.as_deref(), user.enabled, &user.handle, user.user_type.as_str(),
            user.break_glass, user.created, user.sessions_valid_from, user.version
        ],
    )
    .await?;
    let named = tx
        .changed(
            "INSERT INTO user_names (tenant_id, folded, user_id) VALUES ($1, $2, $3)
             ON CONFLICT DO NOTHING",
            vals![&user.tenant, &fold(&user.user_principal_name), &user.id],
        )
        .await?;
    if !named {
        let sql = "DELETE FROM users WHERE tenant_id = $1 AND id = $2";
        tx.exec(sql, vals![&user.tenant, &user.id]).await?;
        return Ok(Named::NameTaken);
    }
    tx.exec(
        "INSERT INTO user_handles (tenant_id, handle, user_id) VALUES ($1, $2, $3)",
        vals![&user.tenant, &user.handle, &user.id],
    )
    .await?;
    Ok(Named::Done)
}

/// The user with this id.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(tx: &mut Tx, tenant: TenantId, id: UserId) -> Result<Option<User>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM users u WHERE u.tenant_id = $1 AND u.id = $2"
    );
    tx.first(sql, vals![&tenant, &id])
        .await?
        .map(|mut row| read(&mut row))
        .transpose()
}

/// The user with this user principal name; case does not matter.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find_by_name(
    tx: &mut Tx,
    tenant: TenantId,
    name: &str,
) -> Result<Option<User>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM user_names n
         JOIN users u ON u.tenant_id = n.tenant_id AND u.id = n.user_id
         WHERE n.tenant_id = $1 AND n.folded = $2"
    );
    tx.first(sql, vals![&tenant, &fold(name)])
        .await?
        .map(|mut row| read(&mut row))
        .transpose()
}

/// The user with this handle.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find_by_handle(
    tx: &mut Tx,
    tenant: TenantId,
    handle: &UserHandle,
) -> Result<Option<User>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM user_handles h
         JOIN users u ON u.tenant_id = h.tenant_id AND u.id = h.user_id
         WHERE h.tenant_id = $1 AND h.handle = $2"
    );
    tx.first(sql, vals![&tenant, handle])
        .await?
        .map(|mut row| read(&mut row))
        .transpose()
}

/// The owner of a credential.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find_by_credential(
    tx: &mut Tx,
    tenant: TenantId,
    credential_id: &[u8],
) -> Result<Option<User>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM credentials c
         JOIN users u ON u.tenant_id = c.tenant_id AND u.id = c.user_id
         WHERE c.tenant_id = $1 AND c.credential_id = $2"
    );
    tx.first(sql, vals![&tenant, credential_id])
        .await?
        .map(|mut row| read(&mut row))
        .transpose()
}

/// Users by id, oldest first, optionally only those whose name or display name begins with `prefix`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list(
    tx: &mut Tx,
    tenant: TenantId,
    prefix: &str,
    page: Page<UserId>,
) -> Result<Vec<User>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM users u
         WHERE u.tenant_id = $1 AND u.id > $2
           AND ($3 = '' OR substr(lower(u.user_principal_name), 1, length($3)) = $3
                        OR substr(lower(u.display_name), 1, length($3)) = $3)
         ORDER BY u.id LIMIT $4"
    );
    let after = page.after.unwrap_or(UserId::from_bytes([0; 16]));
    let rows = tx
        .query(
            sql,
            vals![&tenant, &after, &prefix.to_lowercase(), page.limit],
        )
        .await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

/// How many users the tenant has.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count(tx: &mut Tx, tenant: TenantId) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM users WHERE tenant_id = $1";
    tx.first(sql, vals![&tenant])
        .await?
        .map_or(Ok(0), |mut row| row.take("count of users"))
}

/// Changes what people see and whether it is an emergency account; `false` if there is no such user.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn set_profile(
    tx: &mut Tx,
    tenant: TenantId,
    id: UserId,
    display_name: &str,
    mail: Option<&str>,
    break_glass: bool,
) -> Result<bool, StoreError> {
    tx.changed(
        "UPDATE users SET display_name = $3, mail = $4, break_glass = $5, version = version + 1
         WHERE tenant_id = $1 AND id = $2",
        vals![&tenant, &id, display_name, mail, break_glass],
    )
    .await
}

/// Gives the user another user principal name. The caller knows that the user exists.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn rename(
    tx: &mut Tx,
    tenant: TenantId,
    id: UserId,
    name: &str,
) -> Result<Named, StoreError> {
    let folded = fold(name);
    let sql = "INSERT INTO user_names (tenant_id, folded, user_id) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING";
    if !tx.changed(sql, vals![&tenant, &folded, &id]).await? {
        let holder = find_by_name(tx, tenant, name).await?;
        // One's own name in other letters is no other name.
        if holder.is_none_or(|holder| holder.id != id) {
            return Ok(Named::NameTaken);
        }
    }
    let sql = "DELETE FROM user_names WHERE tenant_id = $1 AND user_id = $2 AND folded <> $3";
    tx.exec(sql, vals![&tenant, &id, &folded]).await?;
    tx.exec(
        "UPDATE users SET user_principal_name = $3, version = version + 1
         WHERE tenant_id = $1 AND id = $2",
        vals![&tenant, &id, name],
    )
    .await?;
    Ok(Named::Done)
}

/// Enables or disables the account; `false` if there is no such user. The caller ends sessions.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn set_enabled(
    tx: &mut Tx,
    tenant: TenantId,
    id: UserId,
    enabled: bool,
) -> Result<bool, StoreError> {
    let changed = tx
        .changed(
            "UPDATE users SET enabled = $3, version = version + 1 WHERE tenant_id = $1 AND id = $2",
            vals![&tenant, &id, enabled],
        )
        .await?;
    versions::bump(tx, tenant, Counter::Revocation).await?;
    Ok(changed)
}

/// Whether the user is enabled and still has the version that was read; if so, it stays like this
/// until the commit. Call it first in a job that writes what a session was allowed to do some moments ago.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn hold(
    tx: &mut Tx,
    tenant: TenantId,
    id: UserId,
    version: i64,
) -> Result<bool, StoreError> {
    let sql = "SELECT u.version FROM users u
        WHERE u.tenant_id = $1 AND u.id = $2 AND u.enabled = 1 AND u.version = $3 {LOCK u}";
    Ok(tx.first(sql, vals![&tenant, &id, version]).await?.is_some())
}

/// Whether the user still has the version that was read, enabled or not; if so, it stays like this until the commit.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn hold_version(tx: &mut Tx, read: &User) -> Result<bool, StoreError> {
    has_version(tx, read.tenant, read.id, read.version).await
}

/// Whether the user has this version; if so, it stays like this until the commit.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn has_version(
    tx: &mut Tx,
    tenant: TenantId,
    id: UserId,
    version: i64,
) -> Result<bool, StoreError> {
    let sql = "SELECT u.version FROM users u
        WHERE u.tenant_id = $1 AND u.id = $2 AND u.version = $3 {LOCK u}";
    Ok(tx.first(sql, vals![&tenant, &id, version]).await?.is_some())
}

/// Makes every sign-in that is under way read the user again.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn bump(tx: &mut Tx, tenant: TenantId, id: UserId) -> Result<(), StoreError> {
    let sql = "UPDATE users SET version = version + 1 WHERE tenant_id = $1 AND id = $2";
    tx.exec(sql, vals![&tenant, &id]).await?;
    Ok(())
}

/// Deletes the user and everything that is theirs; the logs stay.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete(
    tx: &mut Tx,
    tenant: TenantId,
    id: UserId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    // The user first: whoever changes one and tells of it locks in this order.
    let sql = "UPDATE users SET version = version + 1 WHERE tenant_id = $1 AND id = $2";
    if !tx.changed(sql, vals![&tenant, &id]).await? {
        return Ok(false);
    }
    // Their groups lose a member.
    let sql = "UPDATE user_groups SET version = version + 1 WHERE tenant_id = $1 AND id IN
         (SELECT group_id FROM group_members WHERE tenant_id = $1 AND user_id = $2)";
    tx.exec(sql, vals![&tenant, &id]).await?;
    // Before it is gone: whoever was left out of a stream is left out of this too.
    signals::emit(tx, (tenant, id), now, &[Signal::AccountPurged]).await?;
    let sql = "DELETE FROM users WHERE tenant_id = $1 AND id = $2";
    let deleted = tx.changed(sql, vals![&tenant, &id]).await?;
    versions::bump(tx, tenant, Counter::Revocation).await?;
    Ok(deleted)
}

/// Moves `sessions_valid_from`; what was authenticated before it is dead.
pub(crate) async fn set_valid_from(
    tx: &mut Tx,
    tenant: TenantId,
    id: UserId,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE users SET sessions_valid_from = $3, version = version + 1
         WHERE tenant_id = $1 AND id = $2",
        vals![&tenant, &id, now],
    )
    .await?;
    Ok(())
}

/// Has two factors that were shown before `since` asked for again. An earlier moment than the one that holds changes nothing.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn doubt_proofs(
    tx: &mut Tx,
    tenant: TenantId,
    id: UserId,
    since: Timestamp,
) -> Result<bool, StoreError> {
    tx.changed(
        "UPDATE users SET proofs_valid_from = $3, version = version + 1
         WHERE tenant_id = $1 AND id = $2 AND (proofs_valid_from IS NULL OR proofs_valid_from < $3)",
        vals![&tenant, &id, since],
    )
    .await
}

/// Has two factors asked for whatever the policies say, or not; `false` if there is nobody with this id.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn set_mfa(
    tx: &mut Tx,
    tenant: TenantId,
    id: UserId,
    mfa: PerUserMfa,
) -> Result<bool, StoreError> {
    tx.changed(
        "UPDATE users SET mfa = $3, version = version + 1 WHERE tenant_id = $1 AND id = $2",
        vals![&tenant, &id, mfa.as_str()],
    )
    .await
}

/// Reads the columns of [`columns!`].
pub(crate) fn read(row: &mut Row) -> Result<User, StoreError> {
    Ok(User {
        tenant: row.take("user tenant")?,
        id: row.take("user id")?,
        user_principal_name: row.take("user name")?,
        display_name: row.take("user display name")?,
        mail: row.take("user mail")?,
        enabled: row.take("user enabled")?,
        handle: row.take("user handle")?,
        user_type: user_type(&row.take::<String>("user type")?)?,
        break_glass: row.take("user break glass")?,
        created: row.take("user created")?,
        sessions_valid_from: row.take("user sessions valid from")?,
        proofs_valid_from: row.take("user proofs valid from")?,
        mfa: per_user_mfa(&row.take::<String>("user mfa")?)?,
        version: row.take("user version")?,
    })
}

fn per_user_mfa(name: &str) -> Result<PerUserMfa, StoreError> {
    PerUserMfa::from_name(name).ok_or(StoreError::Damaged("user mfa"))
}

fn user_type(name: &str) -> Result<UserType, StoreError> {
    [UserType::Member, UserType::Guest]
        .into_iter()
        .find(|kind| kind.as_str() == name)
        .ok_or(StoreError::Damaged("user type"))
}

/// Names are compared in lower case, without spaces around them.
pub(crate) fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}
