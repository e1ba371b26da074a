//! Who holds which directory role.

use crate::row::{Row, listed, vals};
use crate::{Page, StoreError, Tx, users};
use policy::model::{Role, TenantId, Timestamp, User, UserId};
use uuid::Uuid;

/// Gives a role; `false` if the user had it already. Raises the user's version: other rules may hold for them now.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn assign(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    role: Role,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let given = tx
        .changed(
            "INSERT INTO role_assignments (tenant_id, user_id, role, created)
             VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            vals![&tenant, &user, &role.template_id(), now],
        )
        .await?;
    if given {
        users::bump(tx, tenant, user).await?;
    }
    Ok(given)
}

/// Takes a role away; `false` if the user did not have it. Raises the user's version.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn unassign(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    role: Role,
) -> Result<bool, StoreError> {
    let taken = tx
        .changed(
            "DELETE FROM role_assignments WHERE tenant_id = $1 AND user_id = $2 AND role = $3",
            vals![&tenant, &user, &role.template_id()],
        )
        .await?;
    if taken {
        users::bump(tx, tenant, user).await?;
    }
    Ok(taken)
}

/// The roles of a user.
///
/// # Errors
/// [`StoreError::Damaged`] for a role this version does not know.
pub async fn of_user(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<Vec<Role>, StoreError> {
    let sql =
        "SELECT role FROM role_assignments WHERE tenant_id = $1 AND user_id = $2 ORDER BY role";
    tx.query(sql, vals![&tenant, &user])
        .await?
        .into_iter()
        .map(read)
        .collect()
}

/// The holders of a role.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn holders(tx: &mut Tx, tenant: TenantId, role: Role) -> Result<Vec<UserId>, StoreError> {
    let sql =
        "SELECT user_id FROM role_assignments WHERE tenant_id = $1 AND role = $2 ORDER BY user_id";
    let rows = tx.query(sql, vals![&tenant, &role.template_id()]).await?;
    rows.into_iter()
        .map(|mut row| row.take("role holder"))
        .collect()
}

/// The holders of a role as people, by user id, oldest first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn members(
    tx: &mut Tx,
    tenant: TenantId,
    role: Role,
    page: Page<UserId>,
) -> Result<Vec<User>, StoreError> {
    let sql = concat!(
        "SELECT ",
        users::columns!(),
        " FROM role_assignments o
         JOIN users u ON u.tenant_id = o.tenant_id AND u.id = o.user_id
         WHERE o.tenant_id = $1 AND o.role = $2 AND o.user_id > $3
         ORDER BY o.user_id LIMIT $4"
    );
    let after = page.after.unwrap_or(UserId::from_bytes([0; 16]));
    let role = role.template_id();
    let rows = tx
        .query(sql, vals![&tenant, &role, &after, page.limit])
        .await?;
    rows.into_iter()
        .map(|mut row| users::read(&mut row))
        .collect()
}

/// Who holds what, by user id and role, behind the assignment `after`.
///
/// # Errors
/// [`StoreError::Damaged`] for a role this version does not know.
pub async fn assignments(
    tx: &mut Tx,
    tenant: TenantId,
    after: Option<(UserId, Role)>,
    limit: u32,
) -> Result<Vec<(User, Role)>, StoreError> {
    let sql = concat!(
        "SELECT ",
        users::columns!(),
        ", o.role FROM role_assignments o
         JOIN users u ON u.tenant_id = o.tenant_id AND u.id = o.user_id
         WHERE o.tenant_id = $1 AND o.user_id >= $2 AND (o.user_id > $2 OR o.role > $3)
         ORDER BY o.user_id, o.role LIMIT $4"
    );
    let user = after.map_or(UserId::from_bytes([0; 16]), |(user, _)| user);
    let role = after.map_or(Uuid::nil(), |(_, role)| role.template_id());
    let rows = tx.query(sql, vals![&tenant, &user, &role, limit]).await?;
    rows.into_iter()
        .map(|mut row| Ok((users::read(&mut row)?, read(row)?)))
        .collect()
}

/// Roles as `{LIST …}` gathers them.
pub(crate) fn read_list(text: Option<String>) -> Result<Vec<Role>, StoreError> {
    let ids: Vec<Uuid> = listed(text, "roles")?;
    ids.into_iter()
        .map(|id| Role::from_template_id(id).ok_or(StoreError::Damaged("role")))
        .collect()
}

pub(crate) fn read(mut row: Row) -> Result<Role, StoreError> {
    Role::from_template_id(row.take::<Uuid>("role")?).ok_or(StoreError::Damaged("role"))
}
