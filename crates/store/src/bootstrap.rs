//! The first start: one node of many makes the first tenant.

use crate::row::vals;
use crate::{StoreError, Tx};
use policy::model::Bootstrap;

/// Who made the first tenant, if somebody has.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(tx: &mut Tx) -> Result<Option<Bootstrap>, StoreError> {
    let sql = "SELECT tenant_id, administrator_id, happened FROM bootstrap";
    let Some(mut row) = tx.first(sql, &[]).await? else {
        return Ok(None);
    };
    Ok(Some(Bootstrap {
        tenant: row.take("bootstrap tenant")?,
        administrator: row.take("bootstrap administrator")?,
        at: row.take("bootstrap time")?,
    }))
}

/// Claims the first start; `true` for exactly one caller ever. Call it first in the job that makes
/// tenant, administrator and pass: a loser's job then writes nothing.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn claim(tx: &mut Tx, bootstrap: &Bootstrap) -> Result<bool, StoreError> {
    tx.changed(
        "INSERT INTO bootstrap (only_row, tenant_id, administrator_id, happened)
         VALUES (1, $1, $2, $3) ON CONFLICT DO NOTHING",
        vals![&bootstrap.tenant, &bootstrap.administrator, bootstrap.at],
    )
    .await
}
