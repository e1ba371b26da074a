//! Browser sessions, and ending everything that a session, a passkey, a pass or a user opened.

use crate::guarded::Statement;
use crate::row::{Row, Val, from_json, to_json, vals};
use crate::versions::{self, Counter};
use crate::{Page, StoreError, Tx, logouts, signals, users};
use policy::model::{
    ApplicationId, EndReason, GrantId, PassId, PasskeyId, Session, SessionId, Signal, TenantId,
    Timestamp, TokenHash, User, UserId, Versions,
};

/// Sessions that are told of one by one; of more the receivers end all of the person.
const MOST_SIGNALS: usize = 64;

/// The columns of a session with alias `s`, in the order of [`read`].
macro_rules! columns {
    () => {
        "s.tenant_id, s.id, s.token, s.user_id, s.passkey_id, s.pass_id, s.proofs, \
         s.authenticated, s.mfa, s.created, s.last_seen, s.expires, s.keep_signed_in, \
         s.user_agent, s.ip_address, s.ended, s.end_reason"
    };
}

/// A session as a request finds it. Whether it is alive is for policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The session.
    pub session: Session,
    /// Whose it is, as of now.
    pub user: User,
    /// The tenant's counters, as of now.
    pub versions: Versions,
}

/// What an ending ended: the receipt of a revocation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ended {
    /// Browser sessions.
    pub sessions: Vec<SessionId>,
    /// Grants, with what may still be out in the world of each.
    pub grants: Vec<EndedGrant>,
    /// Codes that nobody will redeem any more.
    pub codes: u64,
}

/// A grant that was ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedGrant {
    /// Which one.
    pub id: GrantId,
    /// Who held it.
    pub application: ApplicationId,
    /// Until when an access token that a foreign server checks by itself may still be accepted.
    pub access_expires: Timestamp,
}

/// What opened the things to end.
#[derive(Debug, Clone, Copy)]
enum Origin {
    Session(SessionId),
    Passkey(PasskeyId),
    Pass(PassId),
    Others(SessionId),
    User,
}

/// Opens a session. For sign-ins use [`crate::sign_ins::commit`], which does it together with what
/// it depends on.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn create(tx: &mut Tx, session: &Session) -> Result<(), StoreError> {
    let texts = Texts::of(session);
    let statement = insertion(session, &texts);
    tx.exec(statement.sql, &statement.params).await?;
    Ok(())
}

/// The session behind a cookie with its user and the tenant's counters: one statement.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn load(
    tx: &mut Tx,
    tenant: TenantId,
    token: &TokenHash,
) -> Result<Option<Loaded>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        ", ",
        users::columns!(),
        ", v.policy, v.revocation, v.keys
         FROM sessions s
         JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
         JOIN versions v ON v.tenant_id = s.tenant_id
         WHERE s.tenant_id = $1 AND s.token = $2"
    );
    let Some(mut row) = tx.first(sql, vals![&tenant, token]).await? else {
        return Ok(None);
    };
    Ok(Some(Loaded {
        session: read(&mut row)?,
        user: users::read(&mut row)?,
        versions: Versions {
            policy: row.take("policy version")?,
            revocation: row.take("revocation version")?,
            keys: row.take("keys version")?,
        },
    }))
}

/// One session of a user by its public name.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    id: SessionId,
) -> Result<Option<Session>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM sessions s WHERE s.tenant_id = $1 AND s.user_id = $2 AND s.id = $3"
    );
    let row = tx.first(sql, vals![&tenant, &user, &id]).await?;
    row.map(|mut row| read(&mut row)).transpose()
}

/// Whether the session is alive and its user still has the version that was read with it; if so, both
/// stay like this until the commit. Call it first in every job that writes on the authority of a session:
/// between reading the session and the write it may have been revoked.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn hold(tx: &mut Tx, session: &Session, user_version: i64) -> Result<bool, StoreError> {
    // The user first: revocations lock in this order too.
    if !users::hold(tx, session.tenant, session.user, user_version).await? {
        return Ok(false);
    }
    let sql = "SELECT s.id FROM sessions s WHERE s.tenant_id = $1 AND s.user_id = $2
        AND s.id = $3 AND s.ended IS NULL {SHARE s}";
    let row = tx
        .first(sql, vals![&session.tenant, &session.user, &session.id])
        .await?;
    Ok(row.is_some())
}

/// The sessions of a user that are neither ended nor past their expiry, newest first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn of_user(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    now: Timestamp,
    page: Page<SessionId>,
) -> Result<Vec<Session>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM sessions s
         WHERE s.tenant_id = $1 AND s.user_id = $2 AND s.id < $3
           AND s.ended IS NULL AND s.expires > $4
         ORDER BY s.id DESC LIMIT $5"
    );
    let after = page.after.unwrap_or(SessionId::from_bytes([0xff; 16]));
    let rows = tx
        .query(sql, vals![&tenant, &user, &after, now, page.limit])
        .await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

/// Notes that the session was used, unless it was noted after `unless_since`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn touch(
    tx: &mut Tx,
    tenant: TenantId,
    token: &TokenHash,
    now: Timestamp,
    unless_since: Timestamp,
) -> Result<bool, StoreError> {
    tx.changed(
        "UPDATE sessions SET last_seen = $3
         WHERE tenant_id = $1 AND token = $2 AND last_seen < $4 AND ended IS NULL",
        vals![&tenant, token, now, unless_since],
    )
    .await
}

/// Ends one session with its codes and grants.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn end(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    id: SessionId,
    reason: EndReason,
    now: Timestamp,
) -> Result<Ended, StoreError> {
    end_all(tx, tenant, user, Origin::Session(id), reason, now).await
}

/// Ends everything a passkey opened: sessions, codes, grants. Call it in the job that deletes or
/// disables the passkey, after that.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn end_of_passkey(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    passkey: PasskeyId,
    reason: EndReason,
    now: Timestamp,
) -> Result<Ended, StoreError> {
    end_all(tx, tenant, user, Origin::Passkey(passkey), reason, now).await
}

/// Ends everything a pass opened. Call it in the job that deletes or replaces the pass, after that.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn end_of_pass(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    pass: PassId,
    reason: EndReason,
    now: Timestamp,
) -> Result<Ended, StoreError> {
    end_all(tx, tenant, user, Origin::Pass(pass), reason, now).await
}

/// Ends everything of a user but one session and what that one gave.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn end_others(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    kept: SessionId,
    reason: EndReason,
    now: Timestamp,
) -> Result<Ended, StoreError> {
    end_all(tx, tenant, user, Origin::Others(kept), reason, now).await
}

/// Ends everything of a user and moves `sessions_valid_from` to `now`, so that whatever was
/// authenticated before is dead also where it is not a row.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn end_of_user(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    reason: EndReason,
    now: Timestamp,
) -> Result<Ended, StoreError> {
    users::set_valid_from(tx, tenant, user, now).await?;
    end_all(tx, tenant, user, Origin::User, reason, now).await
}

/// Whether anything of this user is open: a session, or a grant that an application can still refresh.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn any_open(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM users u WHERE u.tenant_id = $1 AND u.id = $2 AND (
        EXISTS (SELECT 1 FROM sessions s WHERE s.tenant_id = $1 AND s.user_id = $2 AND s.ended IS NULL AND s.expires > $3)
        OR EXISTS (SELECT 1 FROM grants g WHERE g.tenant_id = $1 AND g.user_id = $2 AND g.ended IS NULL AND g.expires > $3))";
    Ok(tx.first(sql, vals![&tenant, &user, now]).await?.is_some())
}

/// The insertion of a session, alone or as part of a guarded batch.
pub(crate) fn insertion<'v>(session: &'v Session, texts: &'v Texts) -> Statement<'v> {
    Statement {
        sql: "INSERT INTO sessions (tenant_id, token, id, user_id, passkey_id, pass_id, methods,
                authenticated, mfa, created, last_seen, expires, keep_signed_in, user_agent,
                ip_address, proofs)
              SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16
              WHERE {IF}",
        params: vals![
            &session.tenant,
            &session.token,
            &session.id,
            &session.user,
            session.passkey.as_ref(),
            session.pass.as_ref(),
            &texts.methods,
            session.authenticated,
            session.mfa,
            session.created,
            session.last_seen,
            session.expires,
            session.keep_signed_in,
            &session.user_agent,
            &session.ip_address,
            &texts.proofs
        ]
        .to_vec(),
    }
}

/// JSON texts that [`insertion`] borrows.
pub(crate) struct Texts {
    /// For programs that do not know the other column yet.
    methods: String,
    proofs: String,
}

impl Texts {
    pub fn of(session: &Session) -> Self {
        Self {
            methods: to_json(&session.methods()),
            proofs: to_json(&session.proofs),
        }
    }
}

fn read(row: &mut Row) -> Result<Session, StoreError> {
    Ok(Session {
        tenant: row.take("session tenant")?,
        id: row.take("session id")?,
        token: row.take("session token")?,
        user: row.take("session user")?,
        passkey: row.take("session passkey")?,
        pass: row.take("session pass")?,
        proofs: from_json(&row.take::<String>("session proofs")?, "session proofs")?,
        authenticated: row.take("session authentication")?,
        mfa: row.take("session mfa")?,
        created: row.take("session created")?,
        last_seen: row.take("session last seen")?,
        expires: row.take("session expiry")?,
        keep_signed_in: row.take("session kept")?,
        user_agent: row.take("session user agent")?,
        ip_address: row.take("session address")?,
        ended: read_end(row)?,
    })
}

fn read_end(row: &mut Row) -> Result<Option<(Timestamp, EndReason)>, StoreError> {
    let at: Option<Timestamp> = row.take("session end")?;
    let reason: Option<String> = row.take("session end reason")?;
    at.zip(reason)
        .map(|(at, reason)| {
            let reason = EndReason::from_name(&reason);
            Ok((at, reason.ok_or(StoreError::Damaged("session end reason"))?))
        })
        .transpose()
}

/// Sessions first, then codes, then grants. A redemption that runs at the same time holds its code's
/// row: either it commits before the codes are ended and its grant is found afterwards, or it finds
/// its code ended.
async fn end_all(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    origin: Origin,
    reason: EndReason,
    now: Timestamp,
) -> Result<Ended, StoreError> {
    let [sessions, codes, grants] = endings(origin);
    let mut params = vals![&tenant, &user, now, reason.as_str()].to_vec();
    let id = match &origin {
        Origin::Session(id) | Origin::Others(id) => Some(Val::from(id)),
        Origin::Passkey(id) => Some(Val::from(id)),
        Origin::Pass(id) => Some(Val::from(id)),
        Origin::User => None,
    };
    params.extend(id);
    let shown = match &origin {
        Origin::Passkey(id) => format!("%\"{id}\"%"),
        _ => String::new(),
    };
    if matches!(origin, Origin::Passkey(_)) {
        params.push(Val::from(&shown));
    }
    let mut ended = Ended::default();
    for mut row in tx.query(sessions, &params).await? {
        ended.sessions.push(row.take("session id")?);
    }
    ended.codes = tx.exec(codes, &params).await?;
    for mut row in tx.query(grants, &params).await? {
        ended.grants.push(EndedGrant {
            id: row.take("grant id")?,
            application: row.take("grant application")?,
            access_expires: row.take("grant access expiry")?,
        });
    }
    versions::bump(tx, tenant, Counter::Revocation).await?;
    // Whoever was just replaced in the same browser is still there.
    if reason != EndReason::Replaced {
        let sessions = match origin {
            Origin::User => None,
            _ => Some(ended.sessions.as_slice()),
        };
        logouts::end(tx, (tenant, user), sessions, now).await?;
    }
    let signals = signals_of(origin, &ended, reason);
    signals::emit(tx, (tenant, user), now, &signals).await?;
    Ok(ended)
}

/// What other systems are told of an ending. Where everything of a person ends they are told so even if nothing was open
/// here: applications have sessions of their own. Whoever was just replaced in the same browser is still there.
fn signals_of(origin: Origin, ended: &Ended, reason: EndReason) -> Vec<Signal> {
    let revoked = |session| Signal::SessionRevoked { session, reason };
    match origin {
        _ if reason == EndReason::Replaced => Vec::new(),
        Origin::User => vec![revoked(None)],
        _ if ended.sessions.len() > MOST_SIGNALS => vec![revoked(None)],
        _ => {
            let sessions = ended.sessions.iter().copied();
            sessions.map(|session| revoked(Some(session))).collect()
        }
    }
}

/// Parameters: tenant, user, now, reason, the id unless all of the user is ended, and for a passkey its id as it
/// stands in the proofs of a session, which may hold several.
macro_rules! endings {
    ($session:literal, $other:literal) => {
        [
            concat!(
                "UPDATE sessions SET ended = $3, end_reason = $4
                 WHERE tenant_id = $1 AND user_id = $2 AND ended IS NULL",
                $session,
                " RETURNING id"
            ),
            concat!(
                "UPDATE codes SET ended = $3
                 WHERE tenant_id = $1 AND user_id = $2 AND ended IS NULL AND redeemed IS NULL
                   AND $4 = $4",
                $other
            ),
            concat!(
                "UPDATE grants SET ended = $3, end_reason = $4
                 WHERE tenant_id = $1 AND user_id = $2 AND ended IS NULL",
                $other,
                " RETURNING id, application_id, access_expires"
            ),
        ]
    };
}

const fn endings(origin: Origin) -> [&'static str; 3] {
    match origin {
        Origin::Session(_) => endings!(" AND id = $5", " AND session_id = $5"),
        Origin::Passkey(_) => endings!(
            " AND (passkey_id = $5 OR proofs LIKE $6)",
            " AND (passkey_id = $5 OR session_id IN (SELECT s.id FROM sessions s
                WHERE s.tenant_id = $1 AND s.user_id = $2 AND s.proofs LIKE $6))"
        ),
        Origin::Pass(_) => endings!(" AND pass_id = $5", " AND pass_id = $5"),
        Origin::Others(_) => endings!(" AND id <> $5", " AND session_id <> $5"),
        Origin::User => endings!("", ""),
    }
}
