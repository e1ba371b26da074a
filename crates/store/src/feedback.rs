//! What authenticators of the organisation say went wrong, kept for a while under the id that a person reads out.

use crate::row::vals;
use crate::{StoreError, Tx};
use policy::model::{TenantId, Timestamp};

/// A bundle as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    /// When it came.
    pub received: Timestamp,
    /// Its bytes, which were read once.
    pub bundle: Vec<u8>,
}

/// What became of a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is kept now.
    New,
    /// It was already.
    Already,
    /// Another one is kept under this id.
    Another,
    /// As many as a tenant may have are kept.
    Full,
}

/// Keeps a bundle of `tenant` under `id`, if it has less than `most`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn keep(
    tx: &mut Tx,
    tenant: TenantId,
    id: &str,
    new: &Feedback,
    most: i64,
) -> Result<Kept, StoreError> {
    if let Some(held) = find(tx, tenant, id).await? {
        return Ok(match held.bundle == new.bundle {
            true => Kept::Already,
            false => Kept::Another,
        });
    }
    let sql = "SELECT count(*) FROM feedback WHERE tenant_id = $1";
    let count: i64 = match tx.first(sql, vals![&tenant]).await? {
        Some(mut row) => row.take("count of feedback")?,
        None => 0,
    };
    if count >= most {
        return Ok(Kept::Full);
    }
    let sql = "INSERT INTO feedback (tenant_id, id, received, bundle) VALUES ($1, $2, $3, $4)
        ON CONFLICT DO NOTHING";
    let kept = tx
        .changed(sql, vals![&tenant, id, new.received, &new.bundle])
        .await?;
    Ok(match kept {
        true => Kept::New,
        false => Kept::Another,
    })
}

/// The bundle under this id.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(tx: &mut Tx, tenant: TenantId, id: &str) -> Result<Option<Feedback>, StoreError> {
    let sql = "SELECT received, bundle FROM feedback WHERE tenant_id = $1 AND id = $2";
    let row = tx.first(sql, vals![&tenant, id]).await?;
    row.map(|mut row| {
        Ok(Feedback {
            received: row.take("feedback received")?,
            bundle: row.take("feedback bundle")?,
        })
    })
    .transpose()
}
