//! Sign-ins between their factors, and the counting of wrong answers.

use crate::row::{Row, from_json, to_json, vals};
use crate::{StoreError, Tx, passes, passkeys, totp};
use policy::model::{Failures, Method, SignInAttempt, TenantId, Timestamp, TokenHash, UserId};
use policy::sign_in::Evidence;

/// How beginning an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// Done.
    Done,
    /// What was proved had been used up before; nothing was written.
    Spent,
}

/// Remembers what was shown so far. What `evidence` names is used up in the same write: a one-time code,
/// a one-time pass, the step of a passkey's counter.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn begin(
    tx: &mut Tx,
    attempt: &SignInAttempt,
    evidence: &Evidence,
) -> Result<Begun, StoreError> {
    let (tenant, user, now) = (attempt.tenant, attempt.user, attempt.created);
    let fresh = match evidence {
        Evidence::Totp { step } => totp::use_step(tx, tenant, user, *step).await?,
        Evidence::Pass { pass } => passes::consume(tx, tenant, user, *pass, now).await?,
        Evidence::Passkey(used) => passkeys::note_use(tx, tenant, user, used, now).await?,
        Evidence::Earlier => true,
    };
    if !fresh {
        return Ok(Begun::Spent);
    }
    tx.exec(
        "INSERT INTO attempts (tenant_id, token, user_id, proved, pass_id, user_version,
            keep_signed_in, correlation, created, expires, proofs, prompt)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        vals![
            &attempt.tenant,
            &attempt.token,
            &attempt.user,
            &to_json(&attempt.methods()),
            attempt.pass.as_ref(),
            attempt.user_version,
            attempt.keep_signed_in,
            &attempt.correlation,
            attempt.created,
            attempt.expires,
            &to_json(&attempt.proofs),
            &attempt.prompt.as_ref().map(to_json).unwrap_or_default()
        ],
    )
    .await?;
    Ok(Begun::Done)
}

/// The attempt behind a cookie, if it is not too old.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    token: &TokenHash,
    now: Timestamp,
) -> Result<Option<SignInAttempt>, StoreError> {
    let sql = "SELECT token, user_id, proofs, pass_id, user_version, keep_signed_in, correlation,
        created, expires, prompt
        FROM attempts WHERE tenant_id = $1 AND token = $2 AND expires > $3";
    let row = tx.first(sql, vals![&tenant, token, now]).await?;
    row.map(|mut row| read(tenant, &mut row)).transpose()
}

/// Ends an attempt; `true` for exactly one caller.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn finish(tx: &mut Tx, tenant: TenantId, token: &TokenHash) -> Result<bool, StoreError> {
    Ok(tx.first(FINISH, vals![&tenant, token]).await?.is_some())
}

/// Parameters: tenant, token.
pub(crate) const FINISH: &str =
    "DELETE FROM attempts WHERE tenant_id = $1 AND token = $2 AND {IF} RETURNING 1";

/// Counts a wrong answer of `source` and answers the new state. A window that began before
/// `window_start` starts anew. The source is the caller's idea of who is guessing (an address range,
/// a device cookie), so that a stranger's guesses do not lock the owner out.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_failure(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    method: Method,
    source: &str,
    now: Timestamp,
    window_start: Timestamp,
) -> Result<Failures, StoreError> {
    let sql = "INSERT INTO failures (tenant_id, user_id, method, source, count, since, last)
        VALUES ($1, $2, $3, $4, 1, $5, $5)
        ON CONFLICT (tenant_id, user_id, method, source) DO UPDATE SET
            count = CASE WHEN failures.since < $6 THEN 1 ELSE failures.count + 1 END,
            since = CASE WHEN failures.since < $6 THEN $5 ELSE failures.since END,
            last = $5
        RETURNING count, since, last";
    let params = vals![&tenant, &user, method.as_str(), source, now, window_start];
    let row = tx.first(sql, params).await?;
    row.map_or(Ok(Failures::default()), |mut row| read_failures(&mut row))
}

/// The wrong answers of `source` so far.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn failures(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    method: Method,
    source: &str,
) -> Result<Failures, StoreError> {
    let sql = "SELECT count, since, last FROM failures
        WHERE tenant_id = $1 AND user_id = $2 AND method = $3 AND source = $4";
    let row = tx
        .first(sql, vals![&tenant, &user, method.as_str(), source])
        .await?;
    row.map_or(Ok(Failures::default()), |mut row| read_failures(&mut row))
}

/// Wrong answers for a user and method from all sources since `since`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn failures_from_everywhere(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    method: Method,
    since: Timestamp,
) -> Result<i64, StoreError> {
    let sql = "SELECT CAST(coalesce(sum(count), 0) AS BIGINT) FROM failures
        WHERE tenant_id = $1 AND user_id = $2 AND method = $3 AND since >= $4";
    let row = tx
        .first(sql, vals![&tenant, &user, method.as_str(), since])
        .await?;
    row.map_or(Ok(0), |mut row| row.take("count of failures"))
}

/// Forgets the wrong answers of `source` after a right one.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn clear_failures(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    source: &str,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM failures WHERE tenant_id = $1 AND user_id = $2 AND source = $3";
    tx.exec(sql, vals![&tenant, &user, source]).await?;
    Ok(())
}

fn read(tenant: TenantId, row: &mut Row) -> Result<SignInAttempt, StoreError> {
    Ok(SignInAttempt {
        tenant,
        token: row.take("attempt token")?,
        user: row.take("attempt user")?,
        proofs: from_json(&row.take::<String>("attempt proofs")?, "attempt proofs")?,
        pass: row.take("attempt pass")?,
        user_version: row.take("attempt user version")?,
        keep_signed_in: row.take("attempt kept")?,
        correlation: row.take("attempt correlation")?,
        created: row.take("attempt created")?,
        expires: row.take("attempt expiry")?,
        prompt: match row.take::<String>("attempt prompt")?.as_str() {
            "" => None,
            text => Some(from_json(text, "attempt prompt")?),
        },
    })
}

fn read_failures(row: &mut Row) -> Result<Failures, StoreError> {
    Ok(Failures {
        count: row.take("failure count")?,
        since: row.take("failure window")?,
        last: row.take("last failure")?,
    })
}
