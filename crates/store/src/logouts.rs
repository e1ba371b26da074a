//! Which applications a session signed in to, and whom of them to tell that it is over (OpenID Connect Back-Channel Logout).
//!
//! An application is remembered when it redeems its code. The job that ends the session says that it is due, so nobody can end
//! one and forget the applications. Telling is at least once; a claim is a lease, as in [`crate::outbox`].

use crate::guarded::Statement;
use crate::row::{Row, vals};
use crate::{StoreError, Tx};
use policy::model::{ApplicationId, Session, SessionId, TenantId, Timestamp, UserId};

/// An application in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionClient {
    /// The tenant.
    pub tenant: TenantId,
    /// The session, as the application's tokens name it.
    pub sid: SessionId,
    /// The application.
    pub application: ApplicationId,
    /// Who was signed in.
    pub user: UserId,
    /// Since when.
    pub since: Timestamp,
}

/// One that is to be told, until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Whom, and of what.
    pub client: SessionClient,
    /// When the session ended.
    pub ended: Timestamp,
    /// The lease.
    pub epoch: i64,
    /// How often it was tried, this time included.
    pub attempts: i64,
}

macro_rules! columns {
    () => {
        "tenant_id, sid, application_id, user_id, since, ended, epoch, attempts"
    };
}

/// Remembers an application in a session that is there.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn remember(tx: &mut Tx, client: &SessionClient) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO session_clients
            (tenant_id, sid, application_id, session_id, user_id, since, epoch, attempts)
         VALUES ($1, $2, $3, $2, $4, $5, 0, 0) ON CONFLICT DO NOTHING",
        vals![
            &client.tenant,
            &client.sid,
            &client.application,
            &client.user,
            client.since
        ],
    )
    .await?;
    Ok(())
}

/// The applications of a session that has not ended, the first one first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn of_session(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    session: SessionId,
) -> Result<Vec<SessionClient>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM session_clients
         WHERE tenant_id = $1 AND user_id = $2 AND session_id = $3 AND due IS NULL
         ORDER BY since, application_id"
    );
    let rows = tx.query(sql, vals![&tenant, &user, &session]).await?;
    rows.into_iter().map(|mut row| client(&mut row)).collect()
}

/// The applications of the sessions that are over are told; with no sessions named, all of the user's are.
pub(crate) async fn end(
    tx: &mut Tx,
    (tenant, user): (TenantId, UserId),
    sessions: Option<&[SessionId]>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut told = 0;
    match sessions {
        None => {
            let sql = "UPDATE session_clients SET ended = $3, due = $3
                WHERE tenant_id = $1 AND user_id = $2 AND due IS NULL";
            told += tx.exec(sql, vals![&tenant, &user, now]).await?;
        }
        Some(sessions) => {
            let sql = "UPDATE session_clients SET ended = $3, due = $3
                WHERE tenant_id = $1 AND user_id = $2 AND session_id = $4 AND due IS NULL";
            for session in sessions {
                told += tx.exec(sql, vals![&tenant, &user, now, session]).await?;
            }
        }
    }
    if told > 0 {
        tx.ring();
    }
    Ok(())
}

/// A session takes the place of an older one of the same browser, and its applications with it: the person did not sign out.
pub(crate) fn taking_over<'v>(session: &'v Session, old: &'v SessionId) -> Statement<'v> {
    Statement {
        sql: "UPDATE session_clients SET session_id = $4
              WHERE tenant_id = $1 AND user_id = $2 AND session_id = $3 AND due IS NULL AND {IF}",
        params: vals![&session.tenant, &session.user, old, &session.id].to_vec(),
    }
}

/// Whether somebody is to be told at `now`. A look that costs next to nothing when nobody is.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn is_due(tx: &mut Tx, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "SELECT epoch FROM session_clients WHERE due IS NOT NULL AND due <= $1 LIMIT 1";
    Ok(tx.first(sql, vals![now]).await?.is_some())
}

/// Claims up to `limit` that are due at `now`, until `lease`. Nobody else gets them before.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn claim(
    tx: &mut Tx,
    now: Timestamp,
    lease: Timestamp,
    limit: u32,
) -> Result<Vec<Claimed>, StoreError> {
    // The conditions stand twice: on PostgreSQL a second claimer waits for the row and then looks at its new
    // version, but not at the list again.
    let sql = concat!(
        "UPDATE session_clients SET due = $2, epoch = epoch + 1, attempts = attempts + 1
         WHERE due IS NOT NULL AND due <= $1 AND (tenant_id, sid, application_id) IN
            (SELECT tenant_id, sid, application_id FROM session_clients
             WHERE due IS NOT NULL AND due <= $1 ORDER BY due LIMIT $3)
         RETURNING ",
        columns!()
    );
    let rows = tx.query(sql, vals![now, lease, limit]).await?;
    rows.into_iter().map(read).collect()
}

/// Forgets one that was told, or never will be; `false` if the lease had passed to somebody else.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn settle(tx: &mut Tx, claimed: &Claimed) -> Result<bool, StoreError> {
    let sql = "DELETE FROM session_clients
        WHERE tenant_id = $1 AND sid = $2 AND application_id = $3 AND epoch = $4";
    let client = &claimed.client;
    let params = vals![
        &client.tenant,
        &client.sid,
        &client.application,
        claimed.epoch
    ];
    tx.changed(sql, params).await
}

/// Gives one back, to be told at `due`; `false` if the lease had passed to somebody else.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn postpone(tx: &mut Tx, claimed: &Claimed, due: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE session_clients SET due = $5
        WHERE tenant_id = $1 AND sid = $2 AND application_id = $3 AND epoch = $4";
    let client = &claimed.client;
    let params = vals![
        &client.tenant,
        &client.sid,
        &client.application,
        claimed.epoch,
        due
    ];
    tx.changed(sql, params).await
}

fn client(row: &mut Row) -> Result<SessionClient, StoreError> {
    Ok(SessionClient {
        tenant: row.take("logout tenant")?,
        sid: row.take("logout session")?,
        application: row.take("logout application")?,
        user: row.take("logout user")?,
        since: row.take("logout beginning")?,
    })
}

fn read(mut row: Row) -> Result<Claimed, StoreError> {
    Ok(Claimed {
        client: client(&mut row)?,
        ended: row.take("logout end")?,
        epoch: row.take("logout epoch")?,
        attempts: row.take("logout attempts")?,
    })
}
