//! Numbers about a whole tenant, counted by the database from what is there now.

use crate::passkeys::passkey_type;
use crate::row::vals;
use crate::{StoreError, Tx};
use policy::model::{PasskeyType, RecordId, TenantId, Timestamp, UserId};
use uuid::Uuid;

/// Rows of a list in a report; what is counted is not bounded.
const LISTED: u32 = 100;

/// How many people have what. Disabled accounts are left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Enabled accounts.
    pub people: i64,
    /// With at least one passkey that counts.
    pub with_passkey: i64,
    /// With a password.
    pub with_password: i64,
    /// With one-time codes.
    pub with_codes: i64,
    /// With less than two of: a passkey (each counts), a password, one-time codes.
    pub without_two: i64,
}

/// Successful sign-ins of one sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mix {
    /// With a passkey of this type.
    pub passkey: Option<PasskeyType>,
    /// Two factors were shown.
    pub multi_factor: bool,
    /// How many.
    pub count: i64,
}

/// Successful sign-ins of one day, which begins at midnight UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// When it begins.
    pub begins: Timestamp,
    /// With two factors.
    pub multi_factor: i64,
    /// All of them.
    pub all: i64,
}

/// Passkeys of one model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Model {
    /// As claimed, unless attested.
    pub aaguid: Uuid,
    /// Device-bound or synced.
    pub passkey_type: PasskeyType,
    /// How many.
    pub count: i64,
    /// Of them, those whose maker vouched.
    pub attested: i64,
}

/// A passkey that nobody used for long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// Its owner.
    pub user: UserId,
    /// The owner's user principal name.
    pub user_principal_name: String,
    /// What the owner calls it.
    pub name: String,
    /// When it was used last, if ever.
    pub last_used: Option<Timestamp>,
}

/// Who has what.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn coverage(tx: &mut Tx, tenant: TenantId) -> Result<Coverage, StoreError> {
    let sql = "SELECT count(*),
            count(CASE WHEN m.passkeys > 0 THEN 1 END),
            count(CASE WHEN m.password > 0 THEN 1 END),
            count(CASE WHEN m.codes > 0 THEN 1 END),
            count(CASE WHEN m.passkeys + m.password + m.codes < 2 THEN 1 END)
        FROM (SELECT
            (SELECT count(*) FROM passkeys p WHERE p.tenant_id = u.tenant_id AND p.user_id = u.id
                AND p.enabled = 1 AND p.user_verified = 1) AS passkeys,
            (SELECT count(*) FROM passwords w WHERE w.tenant_id = u.tenant_id
                AND w.user_id = u.id) AS password,
            (SELECT count(*) FROM totp t WHERE t.tenant_id = u.tenant_id
                AND t.user_id = u.id) AS codes
            FROM users u WHERE u.tenant_id = $1 AND u.enabled = 1) m";
    let Some(mut row) = tx.first(sql, vals![&tenant]).await? else {
        return Ok(Coverage::default());
    };
    Ok(Coverage {
        people: row.take("people")?,
        with_passkey: row.take("people with a passkey")?,
        with_password: row.take("people with a password")?,
        with_codes: row.take("people with codes")?,
        without_two: row.take("people without two methods")?,
    })
}

/// What people signed in with since `since`: interactive sign-ins that succeeded.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn mix(tx: &mut Tx, tenant: TenantId, since: Timestamp) -> Result<Vec<Mix>, StoreError> {
    let sql = "SELECT passkey_type, multi_factor, count(*) FROM sign_ins
        WHERE tenant_id = $1 AND id >= $2 AND interactive = 1 AND error_code = 0
        GROUP BY passkey_type, multi_factor ORDER BY count(*) DESC";
    // Ids begin with their moment, so the primary key finds the place.
    let first = RecordId::new(since, [0; 10]);
    let rows = tx.query(sql, vals![&tenant, &first]).await?;
    rows.into_iter()
        .map(|mut row| {
            let kind: Option<String> = row.take("passkey type")?;
            Ok(Mix {
                passkey: kind.map(|name| passkey_type(&name)).transpose()?,
                multi_factor: row.take("two factors")?,
                count: row.take("count of sign-ins")?,
            })
        })
        .collect()
}

/// Successful interactive sign-ins since `since` by day, the newest day first. Days without any are left out.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn days(tx: &mut Tx, tenant: TenantId, since: Timestamp) -> Result<Vec<Day>, StoreError> {
    const DAY: i64 = 86_400_000_000;
    let sql = "SELECT happened / $3, count(CASE WHEN multi_factor = 1 THEN 1 END), count(*)
        FROM sign_ins
        WHERE tenant_id = $1 AND id >= $2 AND interactive = 1 AND error_code = 0
        GROUP BY happened / $3 ORDER BY happened / $3 DESC";
    let first = RecordId::new(since, [0; 10]);
    let rows = tx.query(sql, vals![&tenant, &first, DAY]).await?;
    rows.into_iter()
        .map(|mut row| {
            let day: i64 = row.take("day of sign-ins")?;
            Ok(Day {
                begins: Timestamp::from_micros(day.saturating_mul(DAY)),
                multi_factor: row.take("count of sign-ins with two factors")?,
                all: row.take("count of sign-ins of a day")?,
            })
        })
        .collect()
}

/// Models by their number of passkeys, the commonest first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn models(tx: &mut Tx, tenant: TenantId) -> Result<Vec<Model>, StoreError> {
    let sql = "SELECT aaguid, passkey_type, count(*),
            count(CASE WHEN attestation_level = 'attested' THEN 1 END)
        FROM passkeys WHERE tenant_id = $1
        GROUP BY aaguid, passkey_type ORDER BY count(*) DESC, aaguid LIMIT $2";
    let rows = tx.query(sql, vals![&tenant, LISTED]).await?;
    rows.into_iter()
        .map(|mut row| {
            let aaguid = row.take("aaguid")?;
            let kind: String = row.take("passkey type")?;
            Ok(Model {
                aaguid,
                passkey_type: passkey_type(&kind)?,
                count: row.take("count of passkeys")?,
                attested: row.take("count of attested")?,
            })
        })
        .collect()
}

/// Passkeys by COSE algorithm, the commonest first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn algorithms(tx: &mut Tx, tenant: TenantId) -> Result<Vec<(i64, i64)>, StoreError> {
    let sql = "SELECT algorithm, count(*) FROM passkeys WHERE tenant_id = $1
        GROUP BY algorithm ORDER BY count(*) DESC, algorithm";
    let rows = tx.query(sql, vals![&tenant]).await?;
    rows.into_iter()
        .map(|mut row| Ok((row.take("algorithm")?, row.take("count of passkeys")?)))
        .collect()
}

/// How many passkeys were neither made nor used since `since`, and the longest unused of them.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn stale(
    tx: &mut Tx,
    tenant: TenantId,
    since: Timestamp,
) -> Result<(i64, Vec<Stale>), StoreError> {
    let sql = "SELECT count(*) FROM passkeys
        WHERE tenant_id = $1 AND created < $2 AND coalesce(last_used, created) < $2";
    let count = tx.first(sql, vals![&tenant, since]).await?;
    let count = count.map_or(Ok(0), |mut row| row.take("count of stale passkeys"))?;
    let sql = "SELECT u.id, u.user_principal_name, p.display_name, p.last_used FROM passkeys p
        JOIN users u ON u.tenant_id = p.tenant_id AND u.id = p.user_id
        WHERE p.tenant_id = $1 AND p.created < $2 AND coalesce(p.last_used, p.created) < $2
        ORDER BY coalesce(p.last_used, p.created), p.id LIMIT $3";
    let rows = tx.query(sql, vals![&tenant, since, LISTED]).await?;
    let listed = rows.into_iter().map(|mut row| {
        Ok(Stale {
            user: row.take("owner")?,
            user_principal_name: row.take("owner's name")?,
            name: row.take("passkey name")?,
            last_used: row.take("last used")?,
        })
    });
    Ok((count, listed.collect::<Result<_, StoreError>>()?))
}

/// The first enabled people with less than two methods, oldest first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn without_two(
    tx: &mut Tx,
    tenant: TenantId,
) -> Result<Vec<(UserId, String)>, StoreError> {
    let sql = "SELECT u.id, u.user_principal_name FROM users u
        WHERE u.tenant_id = $1 AND u.enabled = 1 AND 2 >
            (SELECT count(*) FROM passkeys p WHERE p.tenant_id = u.tenant_id AND p.user_id = u.id
                AND p.enabled = 1 AND p.user_verified = 1)
            + (SELECT count(*) FROM passwords w WHERE w.tenant_id = u.tenant_id
                AND w.user_id = u.id)
            + (SELECT count(*) FROM totp t WHERE t.tenant_id = u.tenant_id AND t.user_id = u.id)
        ORDER BY u.id LIMIT $2";
    let rows = tx.query(sql, vals![&tenant, LISTED]).await?;
    rows.into_iter()
        .map(|mut row| Ok((row.take("user")?, row.take("user name")?)))
        .collect()
}
