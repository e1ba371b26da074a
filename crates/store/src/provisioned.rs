//! Accounts and groups as another directory knows them, which provisions them: what it calls them, and page by page.

use crate::row::{Row, vals};
use crate::{Page, StoreError, Tx, groups, users};
use policy::model::{Group, GroupId, TenantId, User, UserId};

/// Accounts and groups with one external id that are looked at. Nothing keeps external ids unique: each directory has its own.
const SAME: u32 = 100;

/// What the other directory says of an account besides what the account itself holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Described {
    /// What the account is called there.
    pub external_id: Option<String>,
    /// First name.
    pub given_name: Option<String>,
    /// Last name.
    pub family_name: Option<String>,
}

/// An account with that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The account.
    pub user: User,
    /// What was said of it.
    pub described: Described,
}

/// A group with what the other directory calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// The group.
    pub group: Group,
    /// What it is called there.
    pub external_id: Option<String>,
    /// Grows with every change of names and members.
    pub version: i64,
}

macro_rules! people {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            users::columns!(),
            ", p.external_id, p.given_name, p.family_name FROM users u
             LEFT JOIN user_profiles p ON p.tenant_id = u.tenant_id AND p.user_id = u.id ",
            $rest
        )
    };
}

macro_rules! teams {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            groups::columns!(),
            ", g.external_id, g.version FROM user_groups g ",
            $rest
        )
    };
}

/// The account with this id.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn person(
    tx: &mut Tx,
    tenant: TenantId,
    id: UserId,
) -> Result<Option<Person>, StoreError> {
    let sql = people!("WHERE u.tenant_id = $1 AND u.id = $2");
    tx.first(sql, vals![&tenant, &id])
        .await?
        .map(read_person)
        .transpose()
}

/// Accounts with this external id, oldest first; at most a hundred.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn people_called(
    tx: &mut Tx,
    tenant: TenantId,
    external_id: &str,
) -> Result<Vec<Person>, StoreError> {
    let sql = people!("WHERE p.tenant_id = $1 AND p.external_id = $2 ORDER BY u.id LIMIT $3");
    let rows = tx.query(sql, vals![&tenant, external_id, SAME]).await?;
    rows.into_iter().map(read_person).collect()
}

/// Accounts by id, oldest first, without the first `skip` of those behind `page.after`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn people(
    tx: &mut Tx,
    tenant: TenantId,
    page: Page<UserId>,
    skip: u64,
) -> Result<Vec<Person>, StoreError> {
    let sql = people!("WHERE u.tenant_id = $1 AND u.id > $2 ORDER BY u.id LIMIT $3 OFFSET $4");
    let after = page.after.unwrap_or(UserId::from_bytes([0; 16]));
    let rows = tx
        .query(sql, vals![&tenant, &after, page.limit, skip])
        .await?;
    rows.into_iter().map(read_person).collect()
}

/// Keeps what is said of an account.
///
/// # Errors
/// [`StoreError::Database`], also when there is no such user.
pub async fn describe(
    tx: &mut Tx,
    tenant: TenantId,
    id: UserId,
    described: &Described,
) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO user_profiles (tenant_id, user_id, external_id, given_name, family_name)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id, user_id) DO UPDATE SET external_id = excluded.external_id,
            given_name = excluded.given_name, family_name = excluded.family_name",
        vals![
            &tenant,
            &id,
            described.external_id.as_deref(),
            described.given_name.as_deref(),
            described.family_name.as_deref()
        ],
    )
    .await?;
    users::bump(tx, tenant, id).await
}

/// The group with this id.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn team(tx: &mut Tx, tenant: TenantId, id: GroupId) -> Result<Option<Team>, StoreError> {
    let sql = teams!("WHERE g.tenant_id = $1 AND g.id = $2");
    tx.first(sql, vals![&tenant, &id])
        .await?
        .map(read_team)
        .transpose()
}

/// Groups with this external id, oldest first; at most a hundred.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn teams_called(
    tx: &mut Tx,
    tenant: TenantId,
    external_id: &str,
) -> Result<Vec<Team>, StoreError> {
    let sql = teams!("WHERE g.tenant_id = $1 AND g.external_id = $2 ORDER BY g.id LIMIT $3");
    let rows = tx.query(sql, vals![&tenant, external_id, SAME]).await?;
    rows.into_iter().map(read_team).collect()
}

/// Groups with exactly this name, regardless of case, oldest first; at most a hundred.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn teams_named(
    tx: &mut Tx,
    tenant: TenantId,
    name: &str,
) -> Result<Vec<Team>, StoreError> {
    let sql =
        teams!("WHERE g.tenant_id = $1 AND lower(g.display_name) = $2 ORDER BY g.id LIMIT $3");
    let rows = tx
        .query(sql, vals![&tenant, &name.to_lowercase(), SAME])
        .await?;
    rows.into_iter().map(read_team).collect()
}

/// Groups by id, oldest first, without the first `skip` of those behind `page.after`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn teams(
    tx: &mut Tx,
    tenant: TenantId,
    page: Page<GroupId>,
    skip: u64,
) -> Result<Vec<Team>, StoreError> {
    let sql = teams!("WHERE g.tenant_id = $1 AND g.id > $2 ORDER BY g.id LIMIT $3 OFFSET $4");
    let after = page.after.unwrap_or(GroupId::from_bytes([0; 16]));
    let rows = tx
        .query(sql, vals![&tenant, &after, page.limit, skip])
        .await?;
    rows.into_iter().map(read_team).collect()
}

/// How many groups the tenant has.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_teams(tx: &mut Tx, tenant: TenantId) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM user_groups WHERE tenant_id = $1";
    tx.first(sql, vals![&tenant])
        .await?
        .map_or(Ok(0), |mut row| row.take("count of groups"))
}

/// Keeps what a group is called elsewhere.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn call_team(
    tx: &mut Tx,
    tenant: TenantId,
    id: GroupId,
    external_id: Option<&str>,
) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE user_groups SET external_id = $3, version = version + 1
         WHERE tenant_id = $1 AND id = $2",
        vals![&tenant, &id, external_id],
    )
    .await?;
    Ok(())
}

/// Whether the group still has the version that was read; if so, it stays like this until the commit.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn hold_team(tx: &mut Tx, read: &Team) -> Result<bool, StoreError> {
    let sql = "SELECT g.version FROM user_groups g
        WHERE g.tenant_id = $1 AND g.id = $2 AND g.version = $3 {LOCK g}";
    let params = vals![&read.group.tenant, &read.group.id, read.version];
    Ok(tx.first(sql, params).await?.is_some())
}

fn read_person(mut row: Row) -> Result<Person, StoreError> {
    Ok(Person {
        user: users::read(&mut row)?,
        described: Described {
            external_id: row.take("external id")?,
            given_name: row.take("given name")?,
            family_name: row.take("family name")?,
        },
    })
}

fn read_team(mut row: Row) -> Result<Team, StoreError> {
    Ok(Team {
        group: groups::read(&mut row)?,
        external_id: row.take("external id")?,
        version: row.take("group version")?,
    })
}
