//! "This wasn't me": takes back what somebody was told of, ends what may be in other hands, and tells the administrators.
//!
//! Two ways lead here. A link from a notice needs no sign-in, because whoever needs it may be locked out; in return it
//! allows nothing but this, once, for a week. On the security info page the signed-in person says it of a sign-in.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use policy::model::{
    AuditRecord, EndReason, Notice, NoticeKind, NoticeSubject, Passkey, RecordId, SignInRecord,
    TenantId, Timestamp, TokenHash, User, UserId,
};
use store::audit::Filter;
use store::disclaimers::Found;
use store::outbox::Announcement;
use store::sessions::Ended;
use store::{Page, StoreError, Tx};

use super::receipt;
use super::refusal::Refused;
use super::revoke::{self, RevokeRefusal};
use super::{Caller, notices, records};
use crate::app::AppState;
use crate::web::{CurrentSession, Problem};

/// Tenant and random part of a link's token.
const TENANT: usize = 16;
const RANDOM: usize = 32;
/// Sign-ins that can be disowned: those the page shows.
const RECENT: u32 = 20;
const REPORTED: &str = "Suspicious activity reported";

/// Why nothing was taken back.
#[derive(Clone, Debug)]
pub enum DisownRefusal {
    /// Not a link of ours, or of an account that is gone.
    LinkInvalid,
    /// The link is too old.
    LinkExpired,
    /// The link was used before.
    LinkUsed,
    /// No such sign-in of this person, or one that opened nothing.
    NotFound,
    /// One factor (a stolen password) must not be enough to take passkeys away.
    NotFresh,
    /// Our own fault.
    Internal(String),
}

impl Refused for DisownRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::LinkInvalid => "not_me_link_invalid",
            Self::LinkExpired => "not_me_link_expired",
            Self::LinkUsed => "not_me_link_used",
            Self::NotFound => "not_found",
            Self::NotFresh => "mfa_not_fresh",
            Self::Internal(_) => "internal",
        }
    }

    fn user_sentence(&self) -> String {
        match self {
            Self::LinkInvalid => "This link is not complete, or not one of ours. Copy the whole link from the notice.",
            Self::LinkExpired => "This link is too old. Ask your administrator for help, and look at your security info.",
            Self::LinkUsed => "This link was used before, and what the notice was about was taken back then.",
            Self::NotFound => "There is nothing at this address.",
            Self::NotFresh => "Please sign in again to do this.",
            Self::Internal(_) => "Something went wrong on our side. Please try again.",
        }
        .to_owned()
    }

    fn admin_sentence(&self) -> String {
        match self {
            Self::Internal(why) => why.clone(),
            other => other.user_sentence(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::LinkInvalid | Self::NotFound => StatusCode::NOT_FOUND,
            Self::LinkExpired | Self::LinkUsed => StatusCode::GONE,
            Self::NotFresh => StatusCode::FORBIDDEN,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<StoreError> for DisownRefusal {
    fn from(error: StoreError) -> Self {
        Self::Internal(format!("store: {error}"))
    }
}

impl From<RevokeRefusal> for DisownRefusal {
    fn from(refusal: RevokeRefusal) -> Self {
        Self::Internal(format!("revocation: {}", refusal.code()))
    }
}

impl From<DisownRefusal> for Problem {
    fn from(refusal: DisownRefusal) -> Self {
        refusal.problem()
    }
}

/// What was taken back.
#[derive(Clone, Debug, Default)]
pub struct Disowned {
    /// The passkey that was removed.
    pub passkey: Option<Passkey>,
    /// The pass was deleted.
    pub pass: bool,
    /// The password was removed.
    pub password: bool,
    /// One-time codes were removed.
    pub totp: bool,
    /// Sessions ended.
    pub sessions: usize,
    /// Whether there is a way to sign in left.
    pub way_in_left: bool,
}

/// The token in the text of a link.
#[derive(Clone, Copy)]
struct Token {
    tenant: TenantId,
    hash: TokenHash,
}

impl Token {
    fn parse(app: &AppState, text: &str) -> Result<Self, DisownRefusal> {
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).unwrap_or_default();
        let (tenant, random) = bytes
            .split_first_chunk::<TENANT>()
            .filter(|(_, random)| random.len() == RANDOM)
            .ok_or(DisownRefusal::LinkInvalid)?;
        let tenant = TenantId::from_bytes(*tenant);
        app.tenants
            .by_id(tenant)
            .ok_or(DisownRefusal::LinkInvalid)?;
        Ok(Self {
            tenant,
            hash: store::hash_token(random),
        })
    }
}

/// What a link would take back. Changes nothing: mail scanners follow every link.
pub async fn look(app: &AppState, link: &str) -> Result<Notice, DisownRefusal> {
    let token = Token::parse(app, link)?;
    let found = app.store.read_point(move |tx| {
        Box::pin(async move { store::disclaimers::find(tx, token.tenant, &token.hash).await })
    });
    let found: Option<Found> = found
        .await
        .map_err(|error: StoreError| DisownRefusal::from(error))?;
    usable(found, app.clock.now()).map(|found| found.notice)
}

fn usable(found: Option<Found>, now: Timestamp) -> Result<Found, DisownRefusal> {
    match found {
        None => Err(DisownRefusal::LinkInvalid),
        Some(found) if found.used.is_some() => Err(DisownRefusal::LinkUsed),
        Some(found) if found.expires <= now => Err(DisownRefusal::LinkExpired),
        Some(found) => Ok(found),
    }
}

/// Takes back what the notice of a link was about and ends every session: one write, which uses the link up.
pub async fn by_link(
    app: &AppState,
    caller: &Caller,
    link: &str,
) -> Result<Disowned, DisownRefusal> {
    let token = Token::parse(app, link)?;
    let notice = look(app, link).await?;
    let user = owner(app, token.tenant, notice.user.id).await?;
    let report = Report::new(app, caller, user, Some(notice.clone()), None);
    let now = app.clock.now();
    let written = app.store.write(move |tx| {
        Box::pin(async move {
            if !store::disclaimers::spend(tx, token.tenant, &token.hash, now).await? {
                let found = store::disclaimers::find(tx, token.tenant, &token.hash).await?;
                usable(found, now)?;
                return Err(DisownRefusal::LinkUsed);
            }
            let mut disowned = Disowned::default();
            take_back(tx, &report, &notice, &mut disowned).await?;
            let (tenant, id) = (report.user.tenant, report.user.id);
            let reason = EndReason::SessionsRevoked;
            let ended = store::sessions::end_of_user(tx, tenant, id, reason, now).await?;
            report.finish(tx, disowned, &ended).await
        })
    });
    let disowned = written.await?;
    told(app, caller);
    Ok(disowned)
}

/// Ends the session of a sign-in of the signed-in person and revokes the passkey that it was done with.
pub async fn sign_in(
    app: &AppState,
    caller: &Caller,
    session: &CurrentSession,
    which: RecordId,
) -> Result<Disowned, DisownRefusal> {
    let record = own_sign_in(app, session, which).await?;
    if session.session.mfa.is_none() {
        return Err(DisownRefusal::NotFresh);
    }
    let report = Report::new(
        app,
        caller,
        session.user.clone(),
        None,
        Some(record.clone()),
    );
    let (tenant, user, now) = (session.tenant(), session.user.id, app.clock.now());
    let held = (session.session.clone(), session.user.version);
    let written = app.store.write(move |tx| {
        Box::pin(async move {
            // The session that asks may have been revoked since it was read.
            if !store::sessions::hold(tx, &held.0, held.1).await? {
                return Err(DisownRefusal::NotFresh);
            }
            let mut disowned = Disowned::default();
            let mut ended = Ended::default();
            if let Some(id) = record.session {
                let reason = EndReason::SessionsRevoked;
                ended = store::sessions::end(tx, tenant, user, id, reason, now).await?;
            }
            if let Some(id) = record.passkey
                && let Some(passkey) = store::passkeys::find(tx, tenant, user, id).await?
            {
                remove_passkey(tx, &report, passkey, &mut disowned).await?;
            }
            report.finish(tx, disowned, &ended).await
        })
    });
    let disowned = written.await?;
    told(app, caller);
    Ok(disowned)
}

/// The sign-in of the signed-in person that this would be about.
pub async fn own_sign_in(
    app: &AppState,
    session: &CurrentSession,
    which: RecordId,
) -> Result<SignInRecord, DisownRefusal> {
    let (tenant, user) = (session.tenant(), session.user.id);
    let recent = app.store.read(move |tx| {
        Box::pin(async move {
            store::sign_ins::list(tx, tenant, Filter::User(user), Page::first(RECENT)).await
        })
    });
    let recent: Vec<SignInRecord> = recent
        .await
        .map_err(|error: StoreError| DisownRefusal::from(error))?;
    recent
        .into_iter()
        .find(|record| record.id == which && record.failure_code.is_empty())
        .ok_or(DisownRefusal::NotFound)
}

async fn owner(app: &AppState, tenant: TenantId, id: UserId) -> Result<User, DisownRefusal> {
    let found = app
        .store
        .read_point(move |tx| Box::pin(store::users::find(tx, tenant, id)));
    let found: Option<User> = found
        .await
        .map_err(|error: StoreError| DisownRefusal::from(error))?;
    found.ok_or(DisownRefusal::LinkInvalid)
}

fn told(app: &AppState, caller: &Caller) {
    metrics::counter!("keyward_suspicious_activity_reported_total").increment(1);
    tracing::warn!(correlation = %caller.correlation, "somebody said of a notice or sign-in that it was not them");
    app.notifier.wake();
}

/// Everything that is written about it, whatever is taken back.
struct Report {
    app: AppState,
    caller: Caller,
    user: User,
    notice: Option<Notice>,
    sign_in: Option<SignInRecord>,
}

impl Report {
    fn new(
        app: &AppState,
        caller: &Caller,
        user: User,
        notice: Option<Notice>,
        sign_in: Option<SignInRecord>,
    ) -> Self {
        Self {
            app: app.clone(),
            caller: caller.clone(),
            user,
            notice,
            sign_in,
        }
    }

    /// A record of what is done in the person's name.
    fn record(&self, activity: &str) -> AuditRecord {
        let actor = records::by_user(&self.user, &self.caller);
        let (now, random) = (self.app.clock.now(), &self.app.random);
        let mut record = records::audit(now, random, &self.caller, activity, actor, &self.user);
        let about = [
            ("notice", self.notice.as_ref().map(|one| one.id.to_string())),
            (
                "signIn",
                self.sign_in.as_ref().map(|one| one.id.to_string()),
            ),
        ];
        let said = about.into_iter();
        record
            .details
            .extend(said.filter_map(|(name, value)| Some((name.to_owned(), value?))));
        record
    }

    /// What programs are told of one thing that was taken back. The person is told of all of it at once.
    fn announcement(&self, kind: NoticeKind, record: &AuditRecord) -> Announcement {
        let told = notices::of(&self.app, &self.caller, kind, &self.user, record);
        notices::to_programs_only(told)
    }

    /// The report itself: its record, and who is told.
    async fn finish(
        self,
        tx: &mut Tx,
        mut disowned: Disowned,
        ended: &Ended,
    ) -> Result<Disowned, DisownRefusal> {
        disowned.sessions += ended.sessions.len();
        disowned.way_in_left = has_way_in(tx, &self.user, self.app.clock.now()).await?;
        let record = receipt::note(self.record(REPORTED), ended);
        let kind = NoticeKind::SuspiciousActivityReported;
        let mut told = notices::of(&self.app, &self.caller, kind, &self.user, &record);
        told.notice.subject = match (&self.notice, &disowned.passkey) {
            (Some(notice), _) => Some(NoticeSubject::Notice { what: notice.kind }),
            (None, Some(passkey)) => Some(NoticeSubject::passkey(passkey)),
            (None, None) => None,
        };
        let guards = notices::guards(tx, self.user.tenant).await?;
        let told = notices::also_to(&self.app, told, &guards);
        notices::write(tx, &record, &told).await?;
        Ok(disowned)
    }
}

/// Takes back what a notice was about, if it is still there.
async fn take_back(
    tx: &mut Tx,
    report: &Report,
    notice: &Notice,
    disowned: &mut Disowned,
) -> Result<(), DisownRefusal> {
    let (tenant, user) = (report.user.tenant, report.user.id);
    match (&notice.subject, notice.kind) {
        (Some(NoticeSubject::Passkey { id, .. }), _) => {
            match store::passkeys::find(tx, tenant, user, *id).await? {
                Some(passkey) => remove_passkey(tx, report, passkey, disowned).await,
                None => Ok(()),
            }
        }
        (Some(NoticeSubject::Pass { id, .. }), _) => {
            let held = store::passes::find(tx, tenant, user).await?;
            match held.filter(|pass| pass.id == *id) {
                Some(_) => delete_pass(tx, report, disowned).await,
                None => Ok(()),
            }
        }
        (_, NoticeKind::PasswordChanged | NoticeKind::PasswordReset) => {
            let held = store::passwords::find(tx, tenant, user).await?;
            // Whatever was set after the notice is another password, and not what the notice was about.
            match held.filter(|password| password.changed <= notice.at) {
                Some(_) => remove_password(tx, report, disowned).await,
                None => Ok(()),
            }
        }
        (_, NoticeKind::TotpEnrolled) => {
            let held = store::totp::find(tx, tenant, user).await?;
            match held.filter(|totp| totp.enrolled <= notice.at) {
                Some(_) => remove_totp(tx, report, disowned).await,
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

async fn remove_passkey(
    tx: &mut Tx,
    report: &Report,
    passkey: Passkey,
    disowned: &mut Disowned,
) -> Result<(), DisownRefusal> {
    let record = report.record("User deleted security info");
    let told = report.announcement(NoticeKind::PasskeyRevoked, &record);
    let told = notices::about_passkey(told, &passkey);
    let salts = records::salts(&report.app.random);
    let now = report.app.clock.now();
    let receipt = revoke::remove_in(tx, passkey, (record, salts), now).await?;
    store::outbox::announce(tx, &told).await?;
    disowned.sessions += usize::try_from(receipt.sessions).unwrap_or(usize::MAX);
    disowned.passkey = receipt.passkey;
    Ok(())
}

async fn delete_pass(
    tx: &mut Tx,
    report: &Report,
    disowned: &mut Disowned,
) -> Result<(), DisownRefusal> {
    let (tenant, user, now) = (report.user.tenant, report.user.id, report.app.clock.now());
    let record = of_method(report, "Temporary Access Pass");
    let told = report.announcement(NoticeKind::PassDeleted, &record);
    if let Some(pass) = store::passes::delete(tx, tenant, user).await? {
        let reason = EndReason::PassEnded;
        let ended = store::sessions::end_of_pass(tx, tenant, user, pass, reason, now).await?;
        disowned.sessions += ended.sessions.len();
        disowned.pass = true;
        notices::write(tx, &receipt::note(record, &ended), &told).await?;
    }
    Ok(())
}

async fn remove_password(
    tx: &mut Tx,
    report: &Report,
    disowned: &mut Disowned,
) -> Result<(), DisownRefusal> {
    let record = of_method(report, "Password");
    let told = report.announcement(NoticeKind::PasswordRemoved, &record);
    disowned.password = store::passwords::remove(tx, report.user.tenant, report.user.id).await?;
    Ok(notices::write(tx, &record, &told).await?)
}

async fn remove_totp(
    tx: &mut Tx,
    report: &Report,
    disowned: &mut Disowned,
) -> Result<(), DisownRefusal> {
    let record = of_method(report, "Software OATH");
    let told = report.announcement(NoticeKind::TotpRemoved, &record);
    disowned.totp = store::totp::remove(tx, report.user.tenant, report.user.id).await?;
    Ok(notices::write(tx, &record, &told).await?)
}

fn of_method(report: &Report, method: &str) -> AuditRecord {
    let mut record = report.record("User deleted security info");
    record
        .details
        .push(("AuthenticationMethod".to_owned(), method.to_owned()));
    record
}

async fn has_way_in(tx: &mut Tx, user: &User, now: Timestamp) -> Result<bool, StoreError> {
    let (tenant, id) = (user.tenant, user.id);
    let pass = store::passes::find(tx, tenant, id).await?;
    Ok(store::passkeys::count_of_user(tx, tenant, id).await? > 0
        || store::passwords::find(tx, tenant, id).await?.is_some()
        || pass.is_some_and(|pass| now < pass.ends()))
}
