//! "This wasn't me": what the link of a notice takes back, once.

use crate::row::{Row, from_json, vals};
use crate::{StoreError, Tx};
use policy::model::{Notice, TenantId, Timestamp, TokenHash};

/// What stands behind a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What the notice had told.
    pub notice: Notice,
    /// Until when it can be disowned.
    pub expires: Timestamp,
    /// When it was.
    pub used: Option<Timestamp>,
}

/// What stands behind a link, used or not. Changes nothing.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    token: &TokenHash,
) -> Result<Option<Found>, StoreError> {
    let sql = "SELECT notice, expires, used FROM disclaimers WHERE tenant_id = $1 AND token = $2";
    let row = tx.first(sql, vals![&tenant, token]).await?;
    row.map(read).transpose()
}

/// Uses the link up; `true` for exactly one caller, and before its end only. Call it first in the job
/// that takes back what it is about.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn spend(
    tx: &mut Tx,
    tenant: TenantId,
    token: &TokenHash,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "UPDATE disclaimers SET used = $3
        WHERE tenant_id = $1 AND token = $2 AND used IS NULL AND expires > $3";
    tx.changed(sql, vals![&tenant, token, now]).await
}

fn read(mut row: Row) -> Result<Found, StoreError> {
    Ok(Found {
        notice: from_json(
            &row.take::<String>("disclaimer notice")?,
            "disclaimer notice",
        )?,
        expires: row.take("disclaimer expiry")?,
        used: row.take("disclaimer use")?,
    })
}
