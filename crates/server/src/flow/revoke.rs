//! Taking things back: a passkey, a session, all sessions. What it ended stands on the receipt.

use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode};
use policy::Denial;
use policy::model::{
    AuditRecord, AuditSalts, EndReason, NoticeKind, Passkey, PasskeyId, Session, SessionId,
    TenantId, Timestamp, User, UserId,
};
use policy::roles::Action;
use policy::snapshot::Snapshot;
use store::StoreError;
use store::outbox::Announcement;
use store::sessions::Ended;

use super::govern::Governor;
use super::refusal::Refused;
use super::{Caller, authority, lifecycle, notices, receipt, records};
use crate::app::AppState;
use crate::snapshots::ROUNDS;
use crate::web::{CurrentSession, Problem, cookies};

/// Why a revocation was refused.
#[derive(Clone, Debug)]
pub enum RevokeRefusal {
    /// No such object of this user.
    NotFound,
    /// It is the user's last way to sign in.
    LastWayIn,
    /// Policies changed at the same moment.
    Contended,
    /// Policy says no.
    Denied(Denial),
    /// The sign-in is not fresh enough for this.
    NotFresh,
    /// Our own fault.
    Internal(String),
}

impl Refused for RevokeRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::LastWayIn => "last_way_in",
            Self::Contended => "contended",
            Self::Denied(denial) => denial.code(),
            Self::NotFresh => "mfa_not_fresh",
            Self::Internal(_) => "internal",
        }
    }

    fn user_sentence(&self) -> String {
        match self {
            Self::NotFound => "There is nothing at this address.".to_owned(),
            Self::LastWayIn => {
                "This is your last way to sign in. Add another one first.".to_owned()
            }
            Self::Contended => {
                "Your account was being changed at the same moment. Please try again.".to_owned()
            }
            Self::Denied(denial) => denial.user_sentence().to_owned(),
            Self::NotFresh => "Please sign in again to do this.".to_owned(),
            Self::Internal(_) => "Something went wrong on our side. Please try again.".to_owned(),
        }
    }

    fn admin_sentence(&self) -> String {
        match self {
            Self::Denied(denial) => denial.admin_sentence().to_owned(),
            Self::Internal(why) => why.clone(),
            other => other.user_sentence(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::LastWayIn | Self::Contended => StatusCode::CONFLICT,
            Self::Denied(_) | Self::NotFresh => StatusCode::FORBIDDEN,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<Denial> for RevokeRefusal {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl From<StoreError> for RevokeRefusal {
    fn from(error: StoreError) -> Self {
        match error {
            // Two changes waited for each other and the database gave up this one: nothing is wrong, and trying again helps.
            StoreError::Overtaken => Self::Contended,
            error => Self::Internal(format!("store: {error}")),
        }
    }
}

impl From<RevokeRefusal> for Problem {
    fn from(refusal: RevokeRefusal) -> Self {
        refusal.problem()
    }
}

/// What a revocation ended.
#[derive(Clone, Debug, Default)]
pub struct Receipt {
    /// The passkey, if one was removed.
    pub passkey: Option<Passkey>,
    /// Sessions ended.
    pub sessions: u64,
    /// Grants (families of refresh tokens) ended.
    pub grants: u64,
    /// Access tokens given out before may be accepted by applications that do not ask back until then.
    pub access_tokens_until: Option<Timestamp>,
}

impl Receipt {
    pub(super) fn add(mut self, ended: &Ended) -> Self {
        self.sessions += ended.sessions.len() as u64;
        self.grants += ended.grants.len() as u64;
        let latest = ended.grants.iter().map(|grant| grant.access_expires).max();
        self.access_tokens_until = self.access_tokens_until.max(latest);
        self
    }
}

/// Removes a passkey of the signed-in user and ends what it opened. The last way in is kept.
pub async fn own_passkey(
    app: &AppState,
    caller: &Caller,
    user: &User,
    session: &Session,
    passkey: PasskeyId,
) -> Result<Receipt, RevokeRefusal> {
    // One factor (a stolen password) must not be enough to take the others away.
    if session.mfa.is_none() {
        return Err(RevokeRefusal::NotFresh);
    }
    let record = own_record(app, caller, user, "User deleted security info");
    let told = notices::of(app, caller, NoticeKind::PasskeyDeleted, user, &record);
    for _ in 0..ROUNDS {
        let last = Last::Keep(app.snapshots.current(app, user.tenant).await?);
        match remove(app, user, passkey, record.clone(), told.clone(), last).await {
            Err(RevokeRefusal::Contended) => {}
            done => return done,
        }
    }
    Err(RevokeRefusal::Contended)
}

/// Removes a passkey of another user and ends what it opened.
pub async fn passkey_of(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    user: UserId,
    passkey: PasskeyId,
) -> Result<Receipt, RevokeRefusal> {
    let activity = "Admin deleted security info";
    let target = authority::target(app, by, user)
        .await?
        .ok_or(RevokeRefusal::NotFound)?;
    let allowed = authority::may(by, Action::ManagePasskeys, &target);
    if let Err(denial) = allowed {
        return Err(
            authority::note_denial(app, caller, by, activity, &target.user, denial.into()).await,
        );
    }
    let record = authority::record(app, caller, by, activity, &target.user);
    let told = notices::of(
        app,
        caller,
        NoticeKind::PasskeyRevoked,
        &target.user,
        &record,
    );
    for _ in 0..ROUNDS {
        let (record, told) = (record.clone(), told.clone());
        match remove(app, &target.user, passkey, record, told, Last::Remove).await {
            Err(RevokeRefusal::Contended) => {}
            done => return done,
        }
    }
    Err(RevokeRefusal::Contended)
}

/// Ends one session of the signed-in user.
pub async fn own_session(
    app: &AppState,
    caller: &Caller,
    session: &CurrentSession,
    which: SessionId,
) -> Result<Receipt, RevokeRefusal> {
    let record = own_record(app, caller, &session.user, "User ended a session");
    let (tenant, user, now) = (session.user.tenant, session.user.id, app.clock.now());
    app.store
        .write(move |tx| {
            Box::pin(async move {
                let found = store::sessions::find(tx, tenant, user, which).await?;
                if found.is_none_or(|session| session.ended.is_some()) {
                    return Err(RevokeRefusal::NotFound);
                }
                let ended =
                    store::sessions::end(tx, tenant, user, which, EndReason::SignedOut, now)
                        .await?;
                store::audit::record(tx, &record).await?;
                Ok(Receipt::default().add(&ended))
            })
        })
        .await
}

/// Ends this session; the cookie lines remove it from the browser.
pub async fn sign_out(
    app: &AppState,
    caller: &Caller,
    session: &CurrentSession,
) -> Result<Vec<HeaderValue>, RevokeRefusal> {
    let record = own_record(app, caller, &session.user, "User signed out");
    let (tenant, user, id, now) = (
        session.user.tenant,
        session.user.id,
        session.session.id,
        app.clock.now(),
    );
    for _ in 0..ROUNDS {
        let record = record.clone();
        let written = app.store.write(move |tx| {
            Box::pin(async move {
                store::sessions::end(tx, tenant, user, id, EndReason::SignedOut, now).await?;
                store::audit::record(tx, &record).await
            })
        });
        match written.await {
            // Whoever signs out is never told to try again.
            Err(StoreError::Overtaken) => {}
            done => {
                done?;
                return Ok(signed_out(tenant));
            }
        }
    }
    Err(RevokeRefusal::Contended)
}

/// The cookie lines that remove a session from the browser.
fn signed_out(tenant: TenantId) -> Vec<HeaderValue> {
    vec![
        cookies::remove(&cookies::session_name(tenant)),
        cookies::remove(cookies::ATTEMPT),
    ]
}

/// Ends every session and grant of the signed-in user.
pub async fn sign_out_everywhere(
    app: &AppState,
    caller: &Caller,
    user: &User,
) -> Result<Receipt, RevokeRefusal> {
    let record = own_record(app, caller, user, "User revoked all sessions");
    end_everything(app, caller, user, record).await
}

/// Ends every session and grant of another user.
pub async fn sessions_of(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    user: UserId,
) -> Result<Receipt, RevokeRefusal> {
    let activity = "Revoke user sessions";
    let target = authority::target(app, by, user)
        .await?
        .ok_or(RevokeRefusal::NotFound)?;
    if let Err(denial) = authority::may(by, Action::RevokeSessions, &target) {
        return Err(
            authority::note_denial(app, caller, by, activity, &target.user, denial.into()).await,
        );
    }
    let record = authority::record(app, caller, by, activity, &target.user);
    end_everything(app, caller, &target.user, record).await
}

enum Last {
    /// A user's last way in stays, under these policies.
    Keep(Arc<Snapshot>),
    /// An administrator can give the user a new way in.
    Remove,
}

async fn remove(
    app: &AppState,
    user: &User,
    id: PasskeyId,
    record: AuditRecord,
    told: Announcement,
    last: Last,
) -> Result<Receipt, RevokeRefusal> {
    let (user, now, salts) = (user.clone(), app.clock.now(), records::salts(&app.random));
    let removed = app.store.write(move |tx| {
        Box::pin(async move {
            let passkey = store::passkeys::find(tx, user.tenant, user.id, id)
                .await?
                .ok_or(RevokeRefusal::NotFound)?;
            if let Last::Keep(snapshot) = last {
                if !store::policies::hold(tx, user.tenant, snapshot.version()).await? {
                    return Err(RevokeRefusal::Contended);
                }
                if lifecycle::is_last_way_in(tx, &snapshot, &user, &passkey, now).await? {
                    return Err(RevokeRefusal::LastWayIn);
                }
            }
            let done = remove_in(tx, passkey, (record, salts), now).await?;
            let told = match &done.passkey {
                Some(passkey) => notices::about_passkey(told, passkey),
                None => told,
            };
            store::outbox::announce(tx, &told).await?;
            Ok(done)
        })
    });
    let receipt = removed.await?;
    app.notifier.wake();
    Ok(receipt)
}

/// Removes a passkey and ends what it opened, with the two records of it, as a part of a larger job. The second record has
/// salts of its own: under the same ones both would hide the same names behind the same digests, and tell that they do.
pub(super) async fn remove_in(
    tx: &mut store::Tx,
    passkey: Passkey,
    (record, salts): (AuditRecord, AuditSalts),
    now: Timestamp,
) -> Result<Receipt, RevokeRefusal> {
    let (tenant, user, id) = (passkey.tenant, passkey.user, passkey.id);
    if !store::passkeys::delete(tx, tenant, user, id).await? {
        return Err(RevokeRefusal::NotFound);
    }
    let reason = EndReason::PasskeyRevoked;
    let ended = store::sessions::end_of_passkey(tx, tenant, user, id, reason, now).await?;
    let record = receipt::note(records::about_passkey(record, &passkey), &ended);
    let mut device = record.clone();
    device.id = policy::model::RecordId::from_bytes(sibling(record.id.as_bytes()));
    device.salts = Some(salts);
    records::delete_passkey(passkey.passkey_type).clone_into(&mut device.activity);
    "Device Registration Service".clone_into(&mut device.service);
    store::audit::record(tx, &device).await?;
    store::audit::record(tx, &record).await?;
    Ok(Receipt {
        passkey: Some(passkey),
        ..Receipt::default()
    }
    .add(&ended))
}

/// The id beside a random id: the last bit flipped.
fn sibling(id: &[u8; 16]) -> [u8; 16] {
    let mut other = *id;
    if let Some(last) = other.last_mut() {
        *last ^= 1;
    }
    other
}

async fn end_everything(
    app: &AppState,
    caller: &Caller,
    user: &User,
    record: AuditRecord,
) -> Result<Receipt, RevokeRefusal> {
    let told = notices::of(app, caller, NoticeKind::SessionsRevoked, user, &record);
    let (tenant, user, now) = (user.tenant, user.id, app.clock.now());
    let ended = app.store.write(move |tx| {
        Box::pin(async move {
            let reason = EndReason::SessionsRevoked;
            let ended = store::sessions::end_of_user(tx, tenant, user, reason, now).await?;
            notices::write(tx, &receipt::note(record, &ended), &told).await?;
            Ok::<_, RevokeRefusal>(Receipt::default().add(&ended))
        })
    });
    let receipt = ended.await?;
    app.notifier.wake();
    Ok(receipt)
}

fn own_record(app: &AppState, caller: &Caller, user: &User, activity: &str) -> AuditRecord {
    let actor = records::by_user(user, caller);
    records::audit(app.clock.now(), &app.random, caller, activity, actor, user)
}
