use super::{columns, read};
use crate::row::{Val, to_json, vals};
use crate::{Page, StoreError, Tx};
use policy::model::{
    ApplicationId, SecretBytes, Stream, StreamId, StreamStatus, TenantId, Timestamp, UserId,
};

const PURPOSE: &str = "signal stream authorization";

/// What becomes of the `Authorization` header that a stream pushes with.
#[derive(Debug)]
pub enum Secret {
    /// It stays.
    Keep,
    /// This one from now on, or none.
    Set(Option<SecretBytes>),
}

/// How a creation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// Done.
    Done,
    /// The receiver has as many as it may have.
    TooMany,
}

/// Whether a test may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    /// It may, and the moment was written down.
    Done,
    /// The last one was too short a time ago.
    TooSoon,
}

/// How a stream is doing; for administrators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The stream.
    pub stream: Stream,
    /// The newest event.
    pub last: i64,
    /// Events that were not acknowledged.
    pub waiting: i64,
    /// Since when pushing fails.
    pub failing_since: Option<Timestamp>,
    /// What went wrong last.
    pub problem: String,
}

/// Writes a new stream, unless its receiver has `most` of them.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn create(
    tx: &mut Tx,
    stream: &Stream,
    authorization: Option<&SecretBytes>,
    most: i64,
) -> Result<Changed, StoreError> {
    let sql = "SELECT a.id FROM applications a WHERE a.tenant_id = $1 AND a.id = $2 {LOCK a}";
    tx.first(sql, vals![&stream.tenant, &stream.application])
        .await?;
    let sql = "SELECT count(*) FROM signal_streams WHERE tenant_id = $1 AND application_id = $2";
    let row = tx
        .first(sql, vals![&stream.tenant, &stream.application])
        .await?;
    let held: i64 = row.map_or(Ok(0), |mut row| row.take("count of streams"))?;
    if held >= most {
        return Ok(Changed::TooMany);
    }
    let wrapped = wrap(tx, stream.tenant, stream.id, authorization)?;
    tx.exec(
        "INSERT INTO signal_streams (tenant_id, id, application_id, endpoint, wrapped_authorization,
            requested, format, description, status, reason, created, last, waiting, due, epoch,
            attempts, problem)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, 0, 0, 0, '')",
        vals![
            &stream.tenant,
            &stream.id,
            &stream.application,
            stream.endpoint.as_deref(),
            wrapped.as_ref(),
            &to_json(&stream.requested),
            stream.format.as_str(),
            stream.description.as_deref(),
            stream.status.as_str(),
            &stream.reason,
            stream.created
        ],
    )
    .await?;
    Ok(Changed::Done)
}

/// The stream with this id, if it belongs to this receiver.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    application: ApplicationId,
    id: StreamId,
) -> Result<Option<Stream>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM signal_streams s WHERE s.tenant_id = $1 AND s.id = $2 AND s.application_id = $3"
    );
    let row = tx.first(sql, vals![&tenant, &id, &application]).await?;
    row.map(|mut row| read(&mut row)).transpose()
}

/// The streams of a receiver, oldest first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list(
    tx: &mut Tx,
    tenant: TenantId,
    application: ApplicationId,
) -> Result<Vec<Stream>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM signal_streams s WHERE s.tenant_id = $1 AND s.application_id = $2 ORDER BY s.id"
    );
    let rows = tx.query(sql, vals![&tenant, &application]).await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

/// The streams of a tenant and how they are doing, oldest first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn health(
    tx: &mut Tx,
    tenant: TenantId,
    page: Page<StreamId>,
) -> Result<Vec<Health>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        ", s.last, s.waiting, s.failing_since, s.problem
         FROM signal_streams s WHERE s.tenant_id = $1 AND s.id > $2 ORDER BY s.id LIMIT $3"
    );
    let after = page.after.unwrap_or(StreamId::from_bytes([0; 16]));
    let rows = tx.query(sql, vals![&tenant, &after, page.limit]).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Health {
                stream: read(&mut row)?,
                last: row.take("stream last")?,
                waiting: row.take("stream waiting")?,
                failing_since: row.take("stream failing since")?,
                problem: row.take("stream problem")?,
            })
        })
        .collect()
}

/// Writes what a receiver can change of its stream; `false` if it has no such stream. What failed so far is tried again.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn update(tx: &mut Tx, stream: &Stream, secret: &Secret) -> Result<bool, StoreError> {
    let changed = tx
        .changed(
            "UPDATE signal_streams SET endpoint = $4, requested = $5, format = $6, description = $7,
                due = 0, attempts = 0, failing_since = NULL, problem = '', epoch = epoch + 1
             WHERE tenant_id = $1 AND id = $2 AND application_id = $3",
            vals![
                &stream.tenant,
                &stream.id,
                &stream.application,
                stream.endpoint.as_deref(),
                &to_json(&stream.requested),
                stream.format.as_str(),
                stream.description.as_deref()
            ],
        )
        .await?;
    if let (true, Secret::Set(authorization)) = (changed, secret) {
        let wrapped = wrap(tx, stream.tenant, stream.id, authorization.as_ref())?;
        tx.exec(
            "UPDATE signal_streams SET wrapped_authorization = $3 WHERE tenant_id = $1 AND id = $2",
            vals![&stream.tenant, &stream.id, wrapped.as_ref()],
        )
        .await?;
    }
    Ok(changed)
}

/// Deletes a stream with everything on it; `false` if the receiver has no such stream.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete(
    tx: &mut Tx,
    tenant: TenantId,
    application: ApplicationId,
    id: StreamId,
) -> Result<bool, StoreError> {
    let sql = "DELETE FROM signal_streams
        WHERE tenant_id = $1 AND id = $2 AND application_id = $3";
    tx.changed(sql, vals![&tenant, &id, &application]).await
}

/// Gives a stream another status. A disabled one keeps nothing; one that flows again is tried at once.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn set_status(
    tx: &mut Tx,
    tenant: TenantId,
    id: StreamId,
    status: StreamStatus,
    reason: &str,
) -> Result<bool, StoreError> {
    let changed = tx
        .changed(
            "UPDATE signal_streams SET status = $3, reason = $4, due = 0, attempts = 0,
                failing_since = NULL, problem = '', epoch = epoch + 1
             WHERE tenant_id = $1 AND id = $2",
            vals![&tenant, &id, status.as_str(), reason],
        )
        .await?;
    if status == StreamStatus::Disabled {
        drop_waiting(tx, tenant, id).await?;
    }
    tx.ring();
    Ok(changed)
}

pub(super) async fn drop_waiting(
    tx: &mut Tx,
    tenant: TenantId,
    id: StreamId,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM signals
        WHERE tenant_id = $1 AND stream_id = $2 AND acknowledged IS NULL";
    tx.exec(sql, vals![&tenant, &id]).await?;
    let sql = "UPDATE signal_streams SET waiting = 0 WHERE tenant_id = $1 AND id = $2";
    tx.exec(sql, vals![&tenant, &id]).await?;
    Ok(())
}

/// Leaves a person out of a stream.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn exclude(
    tx: &mut Tx,
    tenant: TenantId,
    id: StreamId,
    user: UserId,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO signal_exclusions (tenant_id, stream_id, user_id) VALUES ($1, $2, $3)
        ON CONFLICT DO NOTHING";
    tx.exec(sql, vals![&tenant, &id, &user]).await?;
    Ok(())
}

/// Takes a person into a stream again.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn include(
    tx: &mut Tx,
    tenant: TenantId,
    id: StreamId,
    user: UserId,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM signal_exclusions
        WHERE tenant_id = $1 AND stream_id = $2 AND user_id = $3";
    tx.exec(sql, vals![&tenant, &id, &user]).await?;
    Ok(())
}

/// Notes that a test was asked for, unless one was after `unless_since`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn take_verification(
    tx: &mut Tx,
    tenant: TenantId,
    id: StreamId,
    now: Timestamp,
    unless_since: Timestamp,
) -> Result<Verified, StoreError> {
    let sql = "UPDATE signal_streams SET verified = $3
        WHERE tenant_id = $1 AND id = $2 AND coalesce(verified, 0) <= $4";
    let done = tx
        .changed(sql, vals![&tenant, &id, now, unless_since])
        .await?;
    Ok(if done {
        Verified::Done
    } else {
        Verified::TooSoon
    })
}

/// The `Authorization` header that a stream pushes with.
///
/// # Errors
/// [`StoreError::Damaged`] if it was wrapped under another key or for another stream.
pub async fn authorization(
    tx: &mut Tx,
    tenant: TenantId,
    id: StreamId,
) -> Result<Option<SecretBytes>, StoreError> {
    let sql = "SELECT wrapped_authorization FROM signal_streams WHERE tenant_id = $1 AND id = $2";
    let Some(mut row) = tx.first(sql, vals![&tenant, &id]).await? else {
        return Ok(None);
    };
    let wrapped: Option<Vec<u8>> = row.take("stream authorization")?;
    wrapped
        .map(|wrapped| {
            tx.kek()
                .unwrap(tenant.as_bytes(), PURPOSE, id.as_bytes(), &wrapped)
        })
        .transpose()
}

fn wrap(
    tx: &Tx,
    tenant: TenantId,
    id: StreamId,
    authorization: Option<&SecretBytes>,
) -> Result<Option<Vec<u8>>, StoreError> {
    authorization
        .map(|secret| {
            tx.kek()
                .wrap(tenant.as_bytes(), PURPOSE, id.as_bytes(), secret.expose())
        })
        .transpose()
}

/// For statements that take a stream by its two ids.
pub(super) fn key<'v>(tenant: &'v TenantId, id: &'v StreamId) -> [Val<'v>; 2] {
    [Val::from(tenant), Val::from(id)]
}
