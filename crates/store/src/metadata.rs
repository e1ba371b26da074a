//! The accepted FIDO metadata BLOB. A number never goes back.

use crate::row::vals;
use crate::{StoreError, Tx};
use policy::model::MetadataBlob;

/// How replacing the BLOB ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replaced {
    /// Done.
    Done,
    /// The stored one has this number or a higher one.
    NotNewer,
}

/// Stores a BLOB that was verified, if its number is higher than the stored one's.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn replace(tx: &mut Tx, blob: &MetadataBlob) -> Result<Replaced, StoreError> {
    let replaced = tx
        .changed(
            "INSERT INTO metadata_blob (only_row, number, next_update, fetched, jwt)
             VALUES (1, $1, $2, $3, $4)
             ON CONFLICT (only_row) DO UPDATE SET number = excluded.number,
                next_update = excluded.next_update, fetched = excluded.fetched, jwt = excluded.jwt
             WHERE metadata_blob.number < excluded.number",
            vals![blob.number, blob.next_update, blob.fetched, &blob.jwt],
        )
        .await?;
    if !replaced {
        return Ok(Replaced::NotNewer);
    }
    // Every tenant judges by it, so every node has to read it again.
    tx.exec("UPDATE versions SET policy = policy + 1", &[])
        .await?;
    Ok(Replaced::Done)
}

/// The number of the stored BLOB, without its ten megabytes.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn number(tx: &mut Tx) -> Result<Option<i64>, StoreError> {
    let row = tx.first("SELECT number FROM metadata_blob", &[]).await?;
    row.map(|mut row| row.take("metadata number")).transpose()
}

/// The stored BLOB.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(tx: &mut Tx) -> Result<Option<MetadataBlob>, StoreError> {
    let sql = "SELECT number, next_update, fetched, jwt FROM metadata_blob";
    let Some(mut row) = tx.first(sql, &[]).await? else {
        return Ok(None);
    };
    Ok(Some(MetadataBlob {
        number: row.take("metadata number")?,
        next_update: row.take("metadata next update")?,
        fetched: row.take("metadata fetched")?,
        jwt: row.take("metadata blob")?,
    }))
}
