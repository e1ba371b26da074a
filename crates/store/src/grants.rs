//! Authorization codes and what they give: grants with their chain of refresh tokens.
//!
//! A code is redeemed once; presenting it again ends what it gave (RFC 6749 section 4.1.2). A refresh
//! token is exchanged for its successor; for a short grace the same token gives the same successor
//! (several processes share one cache), after that its use ends the grant (RFC 9700 section 4.14).

use crate::guarded::Statement;
use crate::row::{Row, from_json, to_json, vals};
use crate::{StoreError, Tx, hash_token};
use policy::model::{
    AuthorizationCode, Grant, GrantEnd, GrantId, RefreshToken, SecretBytes, SessionId, Span,
    TenantId, Timestamp, TokenHash, UserId,
};

macro_rules! grant_columns {
    () => {
        "g.tenant_id, g.id, g.application_id, g.user_id, g.session_id, g.passkey_id, g.pass_id, \
         g.proof_key, g.scopes, g.methods, g.assurance, g.authenticated, g.created, g.expires, \
         g.access_expires, g.ended, g.end_reason"
    };
}

/// How issuing a code ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Issued {
    /// Done.
    Done,
    /// The session has ended; nothing was written.
    SessionEnded,
}

/// How redeeming a code ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redeemed {
    /// The grant and its first refresh token are written.
    Done,
    /// The code was redeemed before; what it had given is ended now.
    Replayed,
    /// What stood behind the code (session, passkey, user) has ended.
    Ended,
    /// The code is too old.
    Expired,
    /// There is no such code.
    Unknown,
}

/// How refreshing ended.
#[derive(Debug)]
pub enum Rotated {
    /// The successor, 32 bytes; the same for every use within the grace.
    Done {
        /// What is refreshed.
        grant: Box<Grant>,
        /// The next refresh token.
        successor: SecretBytes,
    },
    /// The token had been exchanged before the grace; the whole grant is ended now.
    Replayed {
        /// What was ended.
        grant: GrantId,
    },
    /// The grant was ended.
    Ended(GrantEnd),
    /// The token or the grant is too old.
    Expired,
    /// There is no such token.
    Unknown,
}

/// The times of a refresh.
#[derive(Debug, Clone, Copy)]
pub struct Rotation {
    /// Now.
    pub now: Timestamp,
    /// How long an exchanged token still gives the same successor.
    pub grace: Span,
    /// When the successor will be too old.
    pub expires: Timestamp,
    /// When the access token given out with it dies.
    pub access_expires: Timestamp,
}

/// Issues a code in a session that exists; the session must be alive when it is written. For
/// sign-ins use [`crate::sign_ins::commit`].
///
/// # Errors
/// [`StoreError::Database`].
pub async fn issue_code(tx: &mut Tx, code: &AuthorizationCode) -> Result<Issued, StoreError> {
    let alive = "SELECT s.id FROM sessions s WHERE s.tenant_id = $1 AND s.user_id = $2
        AND s.id = $3 AND s.ended IS NULL AND s.expires > $4 {SHARE s}";
    let params = vals![&code.tenant, &code.user, &code.session, code.created];
    if tx.first(alive, params).await?.is_none() {
        return Ok(Issued::SessionEnded);
    }
    let texts = CodeTexts::of(code);
    let statement = insertion(code, &texts);
    tx.exec(statement.sql, &statement.params).await?;
    Ok(Issued::Done)
}

/// The code as it was issued, redeemed or not, so that client, redirect URI and PKCE can be checked
/// before it is redeemed.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find_code(
    tx: &mut Tx,
    tenant: TenantId,
    code: &TokenHash,
) -> Result<Option<AuthorizationCode>, StoreError> {
    let sql = "SELECT tenant_id, code, grant_id, application_id, user_id, session_id, passkey_id,
            pass_id, redirect_uri, code_challenge, proof_key, nonce, scopes, methods, assurance,
            authenticated, created, expires
        FROM codes WHERE tenant_id = $1 AND code = $2";
    tx.first(sql, vals![&tenant, code])
        .await?
        .map(read_code)
        .transpose()
}

/// Redeems a code: exactly one caller gets [`Redeemed::Done`]. `refresh` is written with the grant
/// when the client asked for offline access.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn redeem(
    tx: &mut Tx,
    code: &TokenHash,
    grant: &Grant,
    refresh: Option<&RefreshToken>,
    now: Timestamp,
) -> Result<Redeemed, StoreError> {
    let redeem = "UPDATE codes SET redeemed = $3 WHERE tenant_id = $1 AND code = $2
        AND redeemed IS NULL AND ended IS NULL AND expires > $3";
    if !tx.changed(redeem, vals![&grant.tenant, code, now]).await? {
        return why_not(tx, grant.tenant, code, now).await;
    }
    insert_grant(tx, grant).await?;
    if let Some(refresh) = refresh {
        insert_refresh(tx, grant.tenant, refresh).await?;
    }
    Ok(Redeemed::Done)
}

/// Exchanges a refresh token (its 32 bytes, as they were given out) for its successor.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn rotate(
    tx: &mut Tx,
    tenant: TenantId,
    token: &[u8],
    times: Rotation,
) -> Result<Rotated, StoreError> {
    let Some(mine) = mark_rotated(tx, tenant, &hash_token(token), times.now).await? else {
        return Ok(Rotated::Unknown);
    };
    let Some(grant) = find_locked(tx, tenant, mine.grant).await? else {
        return Ok(Rotated::Unknown);
    };
    if let Some((_, end)) = grant.ended {
        return Ok(Rotated::Ended(end));
    }
    if mine
        .rotated
        .is_some_and(|first| first.plus(times.grace) < times.now)
    {
        end(tx, tenant, grant.id, GrantEnd::RefreshReplayed, times.now).await?;
        return Ok(Rotated::Replayed { grant: grant.id });
    }
    if mine.expires <= times.now || grant.expires <= times.now {
        return Ok(Rotated::Expired);
    }
    let successor = tx.kek().successor(grant.id.as_bytes(), token);
    let next = RefreshToken {
        token: hash_token(&successor),
        grant: grant.id,
        generation: mine.generation + 1,
        created: times.now,
        expires: times.expires,
        rotated: None,
    };
    insert_refresh(tx, tenant, &next).await?;
    note_access(tx, tenant, grant.id, times.access_expires).await?;
    Ok(Rotated::Done {
        grant: Box::new(grant),
        successor: SecretBytes::new(successor.to_vec()),
    })
}

/// The grant a refresh token belongs to, without using the token; for introspection and revocation.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find_by_refresh(
    tx: &mut Tx,
    tenant: TenantId,
    token: &TokenHash,
) -> Result<Option<Grant>, StoreError> {
    let sql = concat!(
        "SELECT ",
        grant_columns!(),
        " FROM refresh_tokens r
         JOIN grants g ON g.tenant_id = r.tenant_id AND g.id = r.grant_id
         WHERE r.tenant_id = $1 AND r.token = $2"
    );
    tx.first(sql, vals![&tenant, token])
        .await?
        .map(read_grant)
        .transpose()
}

/// When a refresh token is too old, and when it was first exchanged.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn refresh_times(
    tx: &mut Tx,
    tenant: TenantId,
    token: &TokenHash,
) -> Result<Option<(Timestamp, Option<Timestamp>)>, StoreError> {
    let sql = "SELECT expires, rotated FROM refresh_tokens WHERE tenant_id = $1 AND token = $2";
    let Some(mut row) = tx.first(sql, vals![&tenant, token]).await? else {
        return Ok(None);
    };
    let expires = row.take("refresh expiry")?;
    Ok(Some((expires, row.take("refresh rotated")?)))
}

/// The grant with this id.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(tx: &mut Tx, tenant: TenantId, id: GrantId) -> Result<Option<Grant>, StoreError> {
    let sql = concat!(
        "SELECT ",
        grant_columns!(),
        " FROM grants g WHERE g.tenant_id = $1 AND g.id = $2"
    );
    tx.first(sql, vals![&tenant, &id])
        .await?
        .map(read_grant)
        .transpose()
}

/// The living grants of a user, oldest first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn of_user(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<Grant>, StoreError> {
    let sql = concat!(
        "SELECT ",
        grant_columns!(),
        " FROM grants g
         WHERE g.tenant_id = $1 AND g.user_id = $2 AND g.ended IS NULL AND g.expires > $3
         ORDER BY g.id"
    );
    tx.query(sql, vals![&tenant, &user, now])
        .await?
        .into_iter()
        .map(read_grant)
        .collect()
}

/// The living grants of one session, for telling their applications that it ended.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn of_session(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    session: SessionId,
) -> Result<Vec<Grant>, StoreError> {
    let sql = concat!(
        "SELECT ",
        grant_columns!(),
        " FROM grants g
         WHERE g.tenant_id = $1 AND g.user_id = $2 AND g.session_id = $3 AND g.ended IS NULL
         ORDER BY g.id"
    );
    tx.query(sql, vals![&tenant, &user, &session])
        .await?
        .into_iter()
        .map(read_grant)
        .collect()
}

/// Ends one grant; `false` if it had ended.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn end(
    tx: &mut Tx,
    tenant: TenantId,
    id: GrantId,
    why: GrantEnd,
    now: Timestamp,
) -> Result<bool, StoreError> {
    tx.changed(
        "UPDATE grants SET ended = $3, end_reason = $4
         WHERE tenant_id = $1 AND id = $2 AND ended IS NULL",
        vals![&tenant, &id, now, why.as_str()],
    )
    .await
}

/// The insertion of a code, alone or as part of a guarded batch. A device has one code, and the first who agrees gives it.
pub(crate) fn insertion<'v>(code: &'v AuthorizationCode, texts: &'v CodeTexts) -> Statement<'v> {
    Statement {
        sql: "INSERT INTO codes (tenant_id, code, grant_id, application_id, user_id, session_id,
                passkey_id, pass_id, redirect_uri, code_challenge, nonce, scopes, methods,
                authenticated, created, expires, assurance, proof_key)
              SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18
              WHERE {IF} ON CONFLICT DO NOTHING",
        params: vals![
            &code.tenant,
            &code.code,
            &code.grant,
            &code.application,
            &code.user,
            &code.session,
            code.passkey.as_ref(),
            code.pass.as_ref(),
            &code.redirect_uri,
            code.code_challenge.as_deref(),
            code.nonce.as_deref(),
            &texts.scopes,
            &texts.methods,
            code.authenticated,
            code.created,
            code.expires,
            &texts.assurance,
            code.proof_key.as_ref()
        ]
        .to_vec(),
    }
}

/// JSON texts that [`insertion`] borrows.
pub(crate) struct CodeTexts {
    scopes: String,
    methods: String,
    assurance: String,
}

impl CodeTexts {
    pub fn of(code: &AuthorizationCode) -> Self {
        Self {
            scopes: to_json(&code.scopes),
            methods: to_json(&code.methods),
            assurance: to_json(&code.assurance),
        }
    }
}

/// Marks the token as exchanged; the time of the first exchange stands. The row stays locked, so
/// that two refreshes with one token follow each other.
async fn mark_rotated(
    tx: &mut Tx,
    tenant: TenantId,
    token: &TokenHash,
    now: Timestamp,
) -> Result<Option<RefreshToken>, StoreError> {
    let sql = "UPDATE refresh_tokens SET rotated = coalesce(rotated, $3)
        WHERE tenant_id = $1 AND token = $2
        RETURNING token, grant_id, generation, created, expires, rotated";
    let Some(mut row) = tx.first(sql, vals![&tenant, token, now]).await? else {
        return Ok(None);
    };
    Ok(Some(RefreshToken {
        token: row.take("refresh token")?,
        grant: row.take("refresh grant")?,
        generation: row.take("refresh generation")?,
        created: row.take("refresh created")?,
        expires: row.take("refresh expiry")?,
        rotated: row.take("refresh rotated")?,
    }))
}

async fn find_locked(
    tx: &mut Tx,
    tenant: TenantId,
    id: GrantId,
) -> Result<Option<Grant>, StoreError> {
    let sql = concat!(
        "SELECT ",
        grant_columns!(),
        " FROM grants g WHERE g.tenant_id = $1 AND g.id = $2 {LOCK g}"
    );
    tx.first(sql, vals![&tenant, &id])
        .await?
        .map(read_grant)
        .transpose()
}

async fn note_access(
    tx: &mut Tx,
    tenant: TenantId,
    id: GrantId,
    access_expires: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE grants SET access_expires = $3
        WHERE tenant_id = $1 AND id = $2 AND access_expires < $3";
    tx.exec(sql, vals![&tenant, &id, access_expires]).await?;
    Ok(())
}

/// Says why a code was not redeemed, and ends what it had given if it was presented again.
async fn why_not(
    tx: &mut Tx,
    tenant: TenantId,
    code: &TokenHash,
    now: Timestamp,
) -> Result<Redeemed, StoreError> {
    let sql = "SELECT grant_id, redeemed, ended FROM codes WHERE tenant_id = $1 AND code = $2";
    let Some(mut row) = tx.first(sql, vals![&tenant, code]).await? else {
        return Ok(Redeemed::Unknown);
    };
    let grant: GrantId = row.take("code grant")?;
    let redeemed: Option<Timestamp> = row.take("code redeemed")?;
    let ended: Option<Timestamp> = row.take("code ended")?;
    if redeemed.is_some() {
        end(tx, tenant, grant, GrantEnd::CodeReplayed, now).await?;
        return Ok(Redeemed::Replayed);
    }
    Ok(if ended.is_some() {
        Redeemed::Ended
    } else {
        Redeemed::Expired
    })
}

async fn insert_grant(tx: &mut Tx, grant: &Grant) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO grants (tenant_id, id, application_id, user_id, session_id, passkey_id,
            pass_id, scopes, methods, authenticated, created, expires, access_expires, assurance,
            proof_key)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        vals![
            &grant.tenant,
            &grant.id,
            &grant.application,
            &grant.user,
            &grant.session,
            grant.passkey.as_ref(),
            grant.pass.as_ref(),
            &to_json(&grant.scopes),
            &to_json(&grant.methods),
            grant.authenticated,
            grant.created,
            grant.expires,
            grant.access_expires,
            &to_json(&grant.assurance),
            grant.proof_key.as_ref()
        ],
    )
    .await?;
    Ok(())
}

/// The same successor may be written twice within the grace; the first one stands.
async fn insert_refresh(
    tx: &mut Tx,
    tenant: TenantId,
    refresh: &RefreshToken,
) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO refresh_tokens (tenant_id, token, grant_id, generation, created, expires)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        vals![
            &tenant,
            &refresh.token,
            &refresh.grant,
            refresh.generation,
            refresh.created,
            refresh.expires
        ],
    )
    .await?;
    Ok(())
}

fn read_code(mut row: Row) -> Result<AuthorizationCode, StoreError> {
    Ok(AuthorizationCode {
        tenant: row.take("code tenant")?,
        code: row.take("code")?,
        grant: row.take("code grant")?,
        application: row.take("code application")?,
        user: row.take("code user")?,
        session: row.take("code session")?,
        passkey: row.take("code passkey")?,
        pass: row.take("code pass")?,
        redirect_uri: row.take("code redirect uri")?,
        code_challenge: row.take("code challenge")?,
        proof_key: row.take("code proof key")?,
        nonce: row.take("code nonce")?,
        scopes: from_json(&row.take::<String>("code scopes")?, "code scopes")?,
        methods: from_json(&row.take::<String>("code methods")?, "code methods")?,
        assurance: from_json(&row.take::<String>("code assurance")?, "code assurance")?,
        authenticated: row.take("code authentication")?,
        created: row.take("code created")?,
        expires: row.take("code expiry")?,
    })
}

fn read_grant(mut row: Row) -> Result<Grant, StoreError> {
    Ok(Grant {
        tenant: row.take("grant tenant")?,
        id: row.take("grant id")?,
        application: row.take("grant application")?,
        user: row.take("grant user")?,
        session: row.take("grant session")?,
        passkey: row.take("grant passkey")?,
        pass: row.take("grant pass")?,
        proof_key: row.take("grant proof key")?,
        scopes: from_json(&row.take::<String>("grant scopes")?, "grant scopes")?,
        methods: from_json(&row.take::<String>("grant methods")?, "grant methods")?,
        assurance: from_json(&row.take::<String>("grant assurance")?, "grant assurance")?,
        authenticated: row.take("grant authentication")?,
        created: row.take("grant created")?,
        expires: row.take("grant expiry")?,
        access_expires: row.take("grant access expiry")?,
        ended: read_end(&mut row)?,
    })
}

fn read_end(row: &mut Row) -> Result<Option<(Timestamp, GrantEnd)>, StoreError> {
    let at: Option<Timestamp> = row.take("grant end")?;
    let reason: Option<String> = row.take("grant end reason")?;
    at.zip(reason)
        .map(|(at, reason)| {
            let reason = GrantEnd::from_name(&reason);
            Ok((at, reason.ok_or(StoreError::Damaged("grant end reason"))?))
        })
        .transpose()
}
