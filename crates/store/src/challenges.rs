//! Spent challenges. A challenge itself is sealed and stored nowhere; what is kept is that its nonce
//! was used, until it would have expired anyway.

use crate::row::vals;
use crate::{StoreError, Tx};
use policy::model::{TenantId, Timestamp};

/// The nonce of a sealed challenge.
pub type Nonce = [u8; 16];

/// Spends a nonce; `true` for exactly one caller. Call it in the job that writes the result.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn spend(
    tx: &mut Tx,
    tenant: TenantId,
    nonce: &Nonce,
    expires: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx
        .first(SPEND, vals![&tenant, nonce, expires])
        .await?
        .is_some())
}

/// Parameters: tenant, nonce, expiry.
pub(crate) const SPEND: &str = "INSERT INTO spent_challenges (tenant_id, nonce, expires)
    SELECT $1, $2, $3 WHERE {IF} ON CONFLICT DO NOTHING RETURNING 1";
