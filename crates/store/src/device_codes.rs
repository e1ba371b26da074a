//! Device authorizations (RFC 8628): a device waits, a person types its code elsewhere.
//!
//! A row says who waits and how patiently. That somebody agreed is not written here: it is an authorization code under the
//! same hash, written by the transaction of the sign-in, and redeemed like every other.

use crate::row::{Row, from_json, to_json, vals};
use crate::{StoreError, Tx};
use policy::model::{DeviceCode, Span, TenantId, Timestamp, TokenHash};

macro_rules! columns {
    () => {
        "tenant_id, code, user_code, application_id, scopes, created, expires, pause, polled, typed, \
         declined"
    };
}

/// Begins to wait; `false` if somebody else waits with the same user code.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn begin(tx: &mut Tx, waiting: &DeviceCode) -> Result<bool, StoreError> {
    let sql =
        "INSERT INTO device_codes (tenant_id, code, user_code, application_id, scopes, created,
            expires, pause)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
    let scopes = to_json(&waiting.scopes);
    let params = vals![
        &waiting.tenant,
        &waiting.code,
        &waiting.user_code,
        &waiting.application,
        &scopes,
        waiting.created,
        waiting.expires,
        waiting.pause.as_seconds()
    ];
    tx.changed(sql, params).await
}

/// Who waits with a user code that nobody typed yet and that is not too old.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find_by_user_code(
    tx: &mut Tx,
    tenant: TenantId,
    user_code: &TokenHash,
    now: Timestamp,
) -> Result<Option<DeviceCode>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM device_codes WHERE tenant_id = $1 AND user_code = $2 AND typed IS NULL AND expires > $3"
    );
    tx.first(sql, vals![&tenant, user_code, now])
        .await?
        .map(read)
        .transpose()
}

/// Who waits with this code, in time or not.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    code: &TokenHash,
) -> Result<Option<DeviceCode>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM device_codes WHERE tenant_id = $1 AND code = $2"
    );
    tx.first(sql, vals![&tenant, code])
        .await?
        .map(read)
        .transpose()
}

/// Uses the user code up, with a yes or a no; `true` for exactly one caller.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn answer(
    tx: &mut Tx,
    tenant: TenantId,
    code: &TokenHash,
    yes: bool,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "UPDATE device_codes SET typed = $3, declined = $4
        WHERE tenant_id = $1 AND code = $2 AND typed IS NULL AND expires > $3";
    let declined = (!yes).then_some(now);
    tx.changed(sql, vals![&tenant, code, now, declined]).await
}

/// How one question of a device found the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Polled {
    /// The device asks as it was told to.
    InTime(DeviceCode),
    /// It asks too soon, and has to be more patient from now on.
    TooSoon(DeviceCode),
    /// Nobody waits with this code.
    Unknown,
}

/// Notes that the device asks. Asking too soon makes the pause longer by `penalty`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn poll(
    tx: &mut Tx,
    tenant: TenantId,
    code: &TokenHash,
    penalty: Span,
    now: Timestamp,
) -> Result<Polled, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM device_codes d WHERE d.tenant_id = $1 AND d.code = $2 {LOCK d}"
    );
    let Some(row) = tx.first(sql, vals![&tenant, code]).await? else {
        return Ok(Polled::Unknown);
    };
    let waiting = read(row)?;
    let too_soon = waiting
        .polled
        .is_some_and(|last| now < last.plus(waiting.pause));
    let pause = waiting.pause.as_seconds() + if too_soon { penalty.as_seconds() } else { 0 };
    let note = "UPDATE device_codes SET polled = $3, pause = $4 WHERE tenant_id = $1 AND code = $2";
    tx.exec(note, vals![&tenant, code, now, pause]).await?;
    Ok(if too_soon {
        Polled::TooSoon(waiting)
    } else {
        Polled::InTime(waiting)
    })
}

fn read(mut row: Row) -> Result<DeviceCode, StoreError> {
    Ok(DeviceCode {
        tenant: row.take("device code tenant")?,
        code: row.take("device code")?,
        user_code: row.take("user code")?,
        application: row.take("device code application")?,
        scopes: from_json(&row.take::<String>("device scopes")?, "device scopes")?,
        created: row.take("device code created")?,
        expires: row.take("device code expiry")?,
        pause: Span::seconds(row.take("device pause")?),
        polled: row.take("device poll")?,
        typed: row.take("user code typed")?,
        declined: row.take("device declined")?,
    })
}
