//! Everybody of a tenant with all that decides how they come in, in portions: what previews and reports walk over.

use crate::row::{Row, vals};
use crate::{Page, StoreError, Tx, passkeys, roles, users};
use policy::impact::Resident;
use policy::model::{GroupId, Mode, TenantId, Timestamp, UserId};
use std::collections::BTreeMap;

/// A portion of the users by id, oldest first, each with roles, groups, passkeys (without attestation object and client
/// data) and the other ways to sign in, of passes those that can be used at `now`. Seven statements, however many people.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list(
    tx: &mut Tx,
    tenant: TenantId,
    page: Page<UserId>,
    now: Timestamp,
) -> Result<Vec<Resident>, StoreError> {
    let people = users::list(tx, tenant, "", page).await?;
    let (Some(first), Some(last)) = (people.first(), people.last()) else {
        return Ok(Vec::new());
    };
    let (first, last) = (first.id, last.id);
    let mut found: BTreeMap<UserId, Resident> = people
        .into_iter()
        .map(|user| (user.id, alone(user)))
        .collect();
    add_passkeys(tx, tenant, (first, last), &mut found).await?;
    add_memberships(tx, tenant, (first, last), &mut found).await?;
    add_modes(tx, tenant, (first, last), now, &mut found).await?;
    Ok(found.into_values().collect())
}

/// One person.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    now: Timestamp,
) -> Result<Option<Resident>, StoreError> {
    let Some(found) = users::find(tx, tenant, user).await? else {
        return Ok(None);
    };
    let mut found = BTreeMap::from([(user, alone(found))]);
    add_passkeys(tx, tenant, (user, user), &mut found).await?;
    add_memberships(tx, tenant, (user, user), &mut found).await?;
    add_modes(tx, tenant, (user, user), now, &mut found).await?;
    Ok(found.remove(&user))
}

fn alone(user: policy::model::User) -> Resident {
    Resident {
        user,
        roles: Vec::new(),
        groups: Vec::new(),
        passkeys: Vec::new(),
        modes: Vec::new(),
    }
}

type Found = BTreeMap<UserId, Resident>;

async fn add_passkeys(
    tx: &mut Tx,
    tenant: TenantId,
    (first, last): (UserId, UserId),
    found: &mut Found,
) -> Result<(), StoreError> {
    let sql = concat!(
        "SELECT ",
        passkeys::columns!(),
        " FROM passkeys p WHERE p.tenant_id = $1 AND p.user_id >= $2 AND p.user_id <= $3
         ORDER BY p.user_id, p.id"
    );
    for mut row in tx.query(sql, vals![&tenant, &first, &last]).await? {
        let passkey = passkeys::read(&mut row)?;
        if let Some(resident) = found.get_mut(&passkey.user) {
            resident.passkeys.push(passkey);
        }
    }
    Ok(())
}

async fn add_memberships(
    tx: &mut Tx,
    tenant: TenantId,
    (first, last): (UserId, UserId),
    found: &mut Found,
) -> Result<(), StoreError> {
    let sql = "SELECT user_id, role FROM role_assignments
        WHERE tenant_id = $1 AND user_id >= $2 AND user_id <= $3";
    for mut row in tx.query(sql, vals![&tenant, &first, &last]).await? {
        let user: UserId = row.take("role holder")?;
        let role = roles::read(row)?;
        if let Some(resident) = found.get_mut(&user) {
            resident.roles.push(role);
        }
    }
    let sql = "SELECT user_id, group_id FROM group_members
        WHERE tenant_id = $1 AND user_id >= $2 AND user_id <= $3";
    for mut row in tx.query(sql, vals![&tenant, &first, &last]).await? {
        let user: UserId = row.take("group member")?;
        let group: GroupId = row.take("group id")?;
        if let Some(resident) = found.get_mut(&user) {
            resident.groups.push(group);
        }
    }
    Ok(())
}

async fn add_modes(
    tx: &mut Tx,
    tenant: TenantId,
    (first, last): (UserId, UserId),
    now: Timestamp,
    found: &mut Found,
) -> Result<(), StoreError> {
    let portion = vals![&tenant, &first, &last];
    let factors = [
        (
            "SELECT user_id FROM passwords
             WHERE tenant_id = $1 AND user_id >= $2 AND user_id <= $3",
            Mode::Password,
        ),
        (
            "SELECT user_id FROM totp
             WHERE tenant_id = $1 AND user_id >= $2 AND user_id <= $3",
            Mode::SoftwareOath,
        ),
    ];
    for (sql, mode) in factors {
        for mut row in tx.query(sql, portion).await? {
            let user: UserId = row.take("owner of a method")?;
            if let Some(resident) = found.get_mut(&user) {
                resident.modes.push(mode);
            }
        }
    }
    let sql = "SELECT user_id, usable_once FROM passes
        WHERE tenant_id = $1 AND user_id >= $2 AND user_id <= $3
            AND starts <= $4 AND starts + lifetime > $4 AND (usable_once = 0 OR used IS NULL)";
    for row in tx.query(sql, vals![&tenant, &first, &last, now]).await? {
        let (user, mode) = read_pass(row)?;
        if let Some(resident) = found.get_mut(&user) {
            resident.modes.push(mode);
        }
    }
    Ok(())
}

fn read_pass(mut row: Row) -> Result<(UserId, Mode), StoreError> {
    let user = row.take("owner of a pass")?;
    let mode = match row.take::<i64>("usable once")? {
        0 => Mode::TemporaryAccessPassMultiUse,
        _ => Mode::TemporaryAccessPassOneTime,
    };
    Ok((user, mode))
}
