//! Who is signed in. The session row is read on every request, so a revoked session is over at the next one.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use policy::access::{Verdict, Wish};
use policy::model::{
    Role, Session, SignInAttempt, TemporaryAccessPass, TenantId, Timestamp, User, Versions,
};
use policy::sign_in::{Identified, Proved, check_session};
use policy::{Denial, lifetimes};
use store::StoreError;

use super::cookies::{self, Token};
use super::csrf::CsrfToken;
use super::problem::Problem;
use crate::app::AppState;
use crate::flow::access::{self, Asked};
use crate::flow::sign_in::SignInRefusal;
use crate::flow::{Caller, LocalPath, context};
use crate::pages::{Language, Text};

/// A live session with its user. As an extractor it leads to the sign-in page when there is none.
#[derive(Clone, Debug)]
pub struct CurrentSession {
    /// The row as just read.
    pub session: Session,
    /// Its user as just read; enabled.
    pub user: User,
    /// The user's directory roles as just read; empty for most.
    pub roles: Vec<Role>,
    /// The version of the tenant's policies as just read.
    pub policy_version: i64,
    token: Token,
}

impl CurrentSession {
    /// The live session of this request in `tenant`, if there is one.
    pub async fn find(
        app: &AppState,
        parts: &Parts,
        tenant: TenantId,
    ) -> Result<Option<Self>, Problem> {
        let held = cookies::read(&parts.headers, &cookies::session_name(tenant));
        match held {
            Some(token) => Self::load(app, tenant, token).await,
            None => Ok(None),
        }
    }

    /// The tenant.
    pub fn tenant(&self) -> TenantId {
        self.session.tenant
    }

    /// The CSRF token for forms and scripts of this session's pages.
    pub fn csrf(&self, app: &AppState) -> CsrfToken {
        CsrfToken::make(app, &self.token)
    }

    /// Two factors were shown in this session within the last five minutes: enough to change what one signs in with.
    pub fn is_fresh(&self, app: &AppState) -> bool {
        let now = app.clock.now();
        self.session
            .mfa
            .is_some_and(|mfa| now.since(mfa) <= lifetimes::FRESH_MFA)
    }

    async fn load(app: &AppState, tenant: TenantId, token: Token) -> Result<Option<Self>, Problem> {
        let (hash, now) = (token.hash(), app.clock.now());
        let found = app.store.read_point(move |tx| {
            Box::pin(async move {
                let Some(found) = store::sessions::load(tx, tenant, &hash).await? else {
                    return Ok(None);
                };
                let roles = store::roles::of_user(tx, tenant, found.user.id).await?;
                Ok(Some((found, roles)))
            })
        });
        let Some((found, roles)) = found.await.map_err(unreadable)? else {
            return Ok(None);
        };
        if check_session(&found.session, &found.user, now).is_err() {
            return Ok(None);
        }
        if now.since(found.session.last_seen) >= lifetimes::SESSION_TOUCH {
            let before = now.minus(lifetimes::SESSION_TOUCH);
            let seen = app.store.write(move |tx| {
                Box::pin(
                    async move { store::sessions::touch(tx, tenant, &hash, now, before).await },
                )
            });
            seen.await.map_err(unreadable)?;
        }
        Ok(Some(Self {
            session: found.session,
            user: found.user,
            roles,
            policy_version: found.versions.policy,
            token,
        }))
    }
}

impl FromRequestParts<AppState> for CurrentSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let default = app.tenants.default().id;
        let mut held = cookies::sessions(&parts.headers);
        // Pages without a tenant in their address belong to the default tenant first.
        held.sort_by_key(|(tenant, _)| *tenant != default);
        for (tenant, token) in held {
            if app.tenants.by_id(tenant).is_none() {
                continue;
            }
            if let Some(current) = Self::load(app, tenant, token).await? {
                return Ok(current);
            }
        }
        Err(signed_out(app, parts))
    }
}

/// A reader is led to the sign-in page and back; a post cannot be repeated, so it only says what happened.
fn signed_out(app: &AppState, parts: &Parts) -> Problem {
    let problem = Problem::new(
        StatusCode::UNAUTHORIZED,
        "signed_out",
        "You are not signed in, or your session has ended.",
    );
    let here = parts
        .uri
        .path_and_query()
        .map(|path| path.as_str())
        .unwrap_or_default();
    let page = match LocalPath::parse(here) {
        Some(page) if parts.method == axum::http::Method::GET => page,
        _ => LocalPath::security_info(),
    };
    let Ok(context) = context::to_page(app, app.tenants.default().id, page) else {
        return problem;
    };
    let sign_in = format!("/signin?ctx={}", context.text());
    let problem = problem.way_on(sign_in.clone(), text(parts).say("signin-title"));
    if parts.method == axum::http::Method::GET {
        problem.leads_to(sign_in)
    } else {
        problem
    }
}

fn text(parts: &Parts) -> Text {
    Text(Language::of(&parts.headers))
}

/// A live session of a user who holds at least one directory role, with two factors shown.
#[derive(Clone, Debug)]
pub struct AdminSession {
    /// The session.
    pub current: CurrentSession,
}

impl FromRequestParts<AppState> for AdminSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let current = CurrentSession::from_request_parts(parts, app).await?;
        if current.roles.is_empty() {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "role_required",
                "These pages are for administrators. Your account holds no administrator role.",
            )
            .way_on("/security-info", text(parts).say("nav-security-info")));
        }
        if current.session.mfa.is_none() {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "mfa_required",
                "Administrators need two factors. Sign in with your passkey to go on.",
            )
            .said("administrators_need_two_factors"));
        }
        let caller = Caller::from_request_parts(parts, app).await?;
        may_enter(app, parts, &caller, &current, Wish::Administration).await?;
        Ok(Self { current })
    }
}

/// A live session that conditional access lets register or change sign-in methods.
#[derive(Clone, Debug)]
pub struct RegisteringSession {
    /// The session.
    pub current: CurrentSession,
}

impl FromRequestParts<AppState> for RegisteringSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let current = CurrentSession::from_request_parts(parts, app).await?;
        let caller = Caller::from_request_parts(parts, app).await?;
        may_enter(app, parts, &caller, &current, Wish::RegisterSecurityInfo).await?;
        Ok(Self { current })
    }
}

/// Whether conditional access lets this session reach pages of ours. What it lacks is shown by signing in to the same page,
/// which goes on with what the session has.
async fn may_enter(
    app: &AppState,
    parts: &Parts,
    caller: &Caller,
    current: &CurrentSession,
    wish: Wish,
) -> Result<(), Problem> {
    let (user, proofs) = (&current.user, &current.session.proofs);
    let asked = Asked::page(wish);
    let judged = access::judge(
        app,
        caller,
        &asked,
        (user, None),
        current.policy_version,
        proofs,
    )
    .await
    .map_err(unreadable)?;
    match judged.decision.verdict() {
        Verdict::Granted => Ok(()),
        Verdict::Blocked(_) => Err(denied(Denial::AccessBlocked)),
        Verdict::FirstFactor(_) => Err(denied(Denial::FirstFactorNotAllowed)),
        Verdict::Needs(_) => Err(step_up_here(app, parts, current.tenant())),
    }
}

fn denied(denial: Denial) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, denial.code(), denial.user_sentence())
        .logged(denial.admin_sentence())
}

/// To this page again, by way of what is missing. A post cannot be repeated, so it only says what happened.
fn step_up_here(app: &AppState, parts: &Parts, tenant: TenantId) -> Problem {
    let problem = Problem::new(
        StatusCode::FORBIDDEN,
        "step_up_required",
        "Your organisation asks for one more step before this. Take it, then come back here.",
    );
    let reads = parts.method == axum::http::Method::GET;
    let here = parts.uri.path_and_query().map(|path| path.as_str());
    let page = here
        .filter(|_| reads)
        .and_then(LocalPath::parse)
        .unwrap_or_else(LocalPath::security_info);
    let Ok(context) = context::to_page(app, tenant, page) else {
        return problem;
    };
    let way = format!("/signin/continue?ctx={}", context.text());
    let problem = problem.way_on(way.clone(), text(parts).say("deliver-button"));
    if reads {
        problem.leads_to(way)
    } else {
        problem
    }
}

/// A sign-in between its factors, known by its cookie.
#[derive(Clone, Debug)]
pub struct CurrentAttempt {
    /// The row as just read.
    pub attempt: SignInAttempt,
    /// Its user as just read; enabled.
    pub user: User,
    /// The tenant's counters as just read.
    pub versions: Versions,
    /// The pass that was used, as stored now.
    pub pass: Option<TemporaryAccessPass>,
    /// Whether a one-time code generator is enrolled.
    pub second_factor: bool,
    /// Enabled passkeys of the user.
    pub passkeys: usize,
}

impl CurrentAttempt {
    /// The user with what they showed, as somebody who shows something more.
    pub fn step_up(&self, now: Timestamp) -> Result<Identified, Denial> {
        let resumed = self.identified()?.resume(&self.attempt, now)?;
        resumed.step_up(self.pass.as_ref(), now)
    }

    /// The user, as somebody who may go on.
    pub fn identified(&self) -> Result<Identified, Denial> {
        Identified::new(self.user.clone(), self.versions)
    }

    /// What was proved so far, once nothing more is asked. `user_versions_later` is by how much the write that comes with
    /// it raises the user's version.
    pub fn resume(&self, now: Timestamp, user_versions_later: i64) -> Result<Proved, Denial> {
        let attempt = &self.attempt;
        self.identified()?.resume(attempt, now)?;
        let version = self.user.version + user_versions_later;
        let user = User {
            version,
            ..self.user.clone()
        };
        let attempt = SignInAttempt {
            user_version: version,
            ..attempt.clone()
        };
        Identified::new(user, self.versions)?
            .resume(&attempt, now)?
            .proved(self.second_factor, self.pass.as_ref(), now)
    }

    async fn find(
        app: &AppState,
        tenant: TenantId,
        token: &Token,
    ) -> Result<Option<Self>, Problem> {
        let (hash, now) = (token.hash(), app.clock.now());
        let found = app.store.read(move |tx| {
            Box::pin(async move {
                let Some(attempt) = store::attempts::find(tx, tenant, &hash, now).await? else {
                    return Ok(None);
                };
                let Some(user) = store::users::find(tx, tenant, attempt.user).await? else {
                    return Ok(None);
                };
                let pass = store::passes::find(tx, tenant, user.id).await?;
                let passkeys = store::passkeys::count_of_user(tx, tenant, user.id).await?;
                Ok(Some(Self {
                    versions: store::versions::of(tx, tenant).await?.unwrap_or_default(),
                    pass: pass.filter(|pass| Some(pass.id) == attempt.pass),
                    second_factor: store::totp::exists(tx, tenant, user.id).await?,
                    passkeys: usize::try_from(passkeys).unwrap_or(0),
                    attempt,
                    user,
                }))
            })
        });
        let found: Option<Self> = found.await.map_err(unreadable)?;
        // A pass that was taken back or a changed account takes the attempt with it.
        let unchanged = |held: &Self| {
            held.user.enabled
                && held.user.version == held.attempt.user_version
                && held.attempt.pass.is_some() == held.pass.is_some()
        };
        Ok(found.filter(unchanged))
    }
}

impl FromRequestParts<AppState> for CurrentAttempt {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let token =
            cookies::read(&parts.headers, cookies::ATTEMPT).ok_or(SignInRefusal::AttemptExpired)?;
        for tenant in app.tenants.all() {
            if let Some(attempt) = Self::find(app, tenant.id, &token).await? {
                return Ok(attempt);
            }
        }
        Err(SignInRefusal::AttemptExpired.into())
    }
}

/// An attempt that may stand behind a request that could also begin one. Boxed: most have none, and all would carry the
/// space for it.
#[derive(Clone, Debug)]
pub struct MaybeAttempt(pub Option<Box<CurrentAttempt>>);

impl FromRequestParts<AppState> for MaybeAttempt {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        if cookies::read(&parts.headers, cookies::ATTEMPT).is_none() {
            return Ok(Self(None));
        }
        Ok(Self(
            CurrentAttempt::from_request_parts(parts, app)
                .await
                .ok()
                .map(Box::new),
        ))
    }
}

fn unreadable(error: StoreError) -> Problem {
    Problem::internal(format!("store: {error}"))
}
