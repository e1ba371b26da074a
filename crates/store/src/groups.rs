//! Groups and their members.

use crate::row::{Row, vals};
use crate::versions::{self, Counter};
use crate::{Page, StoreError, Tx, users};
use policy::model::{Group, GroupId, Membership, TenantId, User, UserId};

/// The columns of a group with alias `g`, in the order of [`read`].
macro_rules! columns {
    () => {
        "g.tenant_id, g.id, g.display_name, g.description, g.role_assignable, g.created"
    };
}
pub(crate) use columns;

/// Makes a group.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn create(tx: &mut Tx, group: &Group) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO user_groups (tenant_id, id, display_name, description, role_assignable, created)
         VALUES ($1, $2, $3, $4, $5, $6)",
        vals![
            &group.tenant, &group.id, &group.display_name, &group.description,
            group.role_assignable, group.created
        ],
    )
    .await?;
    Ok(())
}

/// The group with this id.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(tx: &mut Tx, tenant: TenantId, id: GroupId) -> Result<Option<Group>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM user_groups g WHERE g.tenant_id = $1 AND g.id = $2"
    );
    tx.first(sql, vals![&tenant, &id])
        .await?
        .map(|mut row| read(&mut row))
        .transpose()
}

/// Groups with exactly this name, regardless of case; names need not be unique. At most two, which is enough to know.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn named(tx: &mut Tx, tenant: TenantId, name: &str) -> Result<Vec<Group>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM user_groups g WHERE g.tenant_id = $1 AND lower(g.display_name) = $2
         ORDER BY g.id LIMIT 2"
    );
    let rows = tx.query(sql, vals![&tenant, &name.to_lowercase()]).await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

/// Groups by id, oldest first, optionally only those whose name begins with `prefix`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list(
    tx: &mut Tx,
    tenant: TenantId,
    prefix: &str,
    page: Page<GroupId>,
) -> Result<Vec<Group>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM user_groups g WHERE g.tenant_id = $1 AND g.id > $2
            AND ($4 = '' OR substr(lower(g.display_name), 1, length($4)) = $4)
         ORDER BY g.id LIMIT $3"
    );
    let after = page.after.unwrap_or(GroupId::from_bytes([0; 16]));
    let prefix = prefix.to_lowercase();
    let params = vals![&tenant, &after, page.limit, &prefix];
    let rows = tx.query(sql, params).await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

/// Changes what people see of a group; `false` if there is none.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn set_names(
    tx: &mut Tx,
    tenant: TenantId,
    id: GroupId,
    display_name: &str,
    description: &str,
) -> Result<bool, StoreError> {
    tx.changed(
        "UPDATE user_groups SET display_name = $3, description = $4, version = version + 1
         WHERE tenant_id = $1 AND id = $2",
        vals![&tenant, &id, display_name, description],
    )
    .await
}

/// Whether the group still is as it was read; if so, it stays like this until the commit.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn hold(tx: &mut Tx, read: &Group) -> Result<bool, StoreError> {
    let sql = "SELECT g.role_assignable FROM user_groups g
        WHERE g.tenant_id = $1 AND g.id = $2 AND g.display_name = $3 AND g.description = $4 {LOCK g}";
    let params = vals![
        &read.tenant,
        &read.id,
        &read.display_name,
        &read.description
    ];
    Ok(tx.first(sql, params).await?.is_some())
}

/// Adds a member; `false` if they were one already. Raises the user's version: other rules may hold for them now.
///
/// # Errors
/// [`StoreError::Database`], also when group or user do not exist.
pub async fn add_member(tx: &mut Tx, tenant: TenantId, at: Membership) -> Result<bool, StoreError> {
    let added = tx
        .changed(
            "INSERT INTO group_members (tenant_id, group_id, user_id) VALUES ($1, $2, $3)
             ON CONFLICT DO NOTHING",
            vals![&tenant, &at.group, &at.user],
        )
        .await?;
    if added {
        users::bump(tx, tenant, at.user).await?;
        bump(tx, tenant, at.group).await?;
    }
    Ok(added)
}

/// Removes a member; `false` if they were none. Raises the user's version.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn remove_member(
    tx: &mut Tx,
    tenant: TenantId,
    at: Membership,
) -> Result<bool, StoreError> {
    let removed = tx
        .changed(
            "DELETE FROM group_members WHERE tenant_id = $1 AND group_id = $2 AND user_id = $3",
            vals![&tenant, &at.group, &at.user],
        )
        .await?;
    if removed {
        users::bump(tx, tenant, at.user).await?;
        bump(tx, tenant, at.group).await?;
    }
    Ok(removed)
}

/// The members of a group by user id, oldest first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn members(
    tx: &mut Tx,
    tenant: TenantId,
    group: GroupId,
    page: Page<UserId>,
) -> Result<Vec<User>, StoreError> {
    let sql = concat!(
        "SELECT ",
        users::columns!(),
        " FROM group_members m
         JOIN users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id
         WHERE m.tenant_id = $1 AND m.group_id = $2 AND m.user_id > $3
         ORDER BY m.user_id LIMIT $4"
    );
    let after = page.after.unwrap_or(UserId::from_bytes([0; 16]));
    let rows = tx
        .query(sql, vals![&tenant, &group, &after, page.limit])
        .await?;
    rows.into_iter()
        .map(|mut row| users::read(&mut row))
        .collect()
}

/// The groups of a user.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn of_user(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
) -> Result<Vec<Group>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM group_members m
         JOIN user_groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id
         WHERE m.tenant_id = $1 AND m.user_id = $2 ORDER BY g.id"
    );
    tx.query(sql, vals![&tenant, &user])
        .await?
        .into_iter()
        .map(|mut row| read(&mut row))
        .collect()
}

/// The ids of a user's groups.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn ids_of_user(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
) -> Result<Vec<GroupId>, StoreError> {
    let sql = "SELECT group_id FROM group_members WHERE tenant_id = $1 AND user_id = $2";
    let rows = tx.query(sql, vals![&tenant, &user]).await?;
    rows.into_iter()
        .map(|mut row| row.take("group id"))
        .collect()
}

/// Deletes a group; `false` if there was none. The policy version grows, so that a policy which is about to name the group
/// is judged anew.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete(tx: &mut Tx, tenant: TenantId, id: GroupId) -> Result<bool, StoreError> {
    let sql = "DELETE FROM user_groups WHERE tenant_id = $1 AND id = $2";
    let deleted = tx.changed(sql, vals![&tenant, &id]).await?;
    versions::bump(tx, tenant, Counter::Policy).await?;
    Ok(deleted)
}

/// Whoever has read the group has read an older one. After the user, whose row is locked first everywhere.
pub(crate) async fn bump(tx: &mut Tx, tenant: TenantId, id: GroupId) -> Result<(), StoreError> {
    let sql = "UPDATE user_groups SET version = version + 1 WHERE tenant_id = $1 AND id = $2";
    tx.exec(sql, vals![&tenant, &id]).await?;
    Ok(())
}

/// Reads the columns of [`columns!`].
pub(crate) fn read(row: &mut Row) -> Result<Group, StoreError> {
    Ok(Group {
        tenant: row.take("group tenant")?,
        id: row.take("group id")?,
        display_name: row.take("group name")?,
        description: row.take("group description")?,
        role_assignable: row.take("group role assignable")?,
        created: row.take("group created")?,
    })
}
