//! What pages show: reads only, each one read transaction.

use policy::model::{
    AuditRecord, CorrelationId, Passkey, Session, SignInRecord, TemporaryAccessPass, Timestamp,
    User, UserId,
};

use crate::app::AppState;
use crate::web::{AdminSession, CurrentSession, Problem};

/// Everything on the security info page.
#[derive(Clone, Debug)]
pub struct SecurityInfo {
    /// The user's passkeys, oldest first.
    pub passkeys: Vec<Passkey>,
    /// When the password was set, if there is one.
    pub password_changed: Option<Timestamp>,
    /// When one-time codes were enrolled, if they are.
    pub totp_enrolled: Option<Timestamp>,
    /// Live sessions, newest first.
    pub sessions: Vec<Session>,
    /// The last sign-ins, newest first.
    pub sign_ins: Vec<SignInRecord>,
}

/// A user as an administrator sees them.
#[derive(Clone, Debug)]
pub struct UserDetails {
    /// The user.
    pub user: User,
    /// Names of directory roles.
    pub roles: Vec<&'static str>,
    /// Their security info.
    pub info: SecurityInfo,
    /// Their pass, without its code.
    pub pass: Option<TemporaryAccessPass>,
}

/// One page of a list and where the next one begins.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Opaque; `None` at the end.
    pub next: Option<String>,
}

/// Which records to list.
#[derive(Clone, Debug, Default)]
pub struct LogFilter {
    /// Only this attempt.
    pub correlation: Option<CorrelationId>,
    /// Only about this user.
    pub user: Option<UserId>,
    /// From [`Listed::next`].
    pub after: Option<String>,
}

/// The signed-in user's own page.
pub async fn security_info(
    app: &AppState,
    session: &CurrentSession,
) -> Result<SecurityInfo, Problem> {
    let _ = (app, session);
    Err(Problem::internal("not built yet"))
}

/// Users whose name begins with `search`, by name.
pub async fn users(
    app: &AppState,
    admin: &AdminSession,
    search: Option<&str>,
    after: Option<&str>,
) -> Result<Listed<User>, Problem> {
    let _ = (app, admin, search, after);
    Err(Problem::internal("not built yet"))
}

/// One user.
pub async fn user(
    app: &AppState,
    admin: &AdminSession,
    user: UserId,
) -> Result<UserDetails, Problem> {
    let _ = (app, admin, user);
    Err(Problem::internal("not built yet"))
}

/// The sign-in log, newest first.
pub async fn sign_ins(
    app: &AppState,
    admin: &AdminSession,
    filter: &LogFilter,
) -> Result<Listed<SignInRecord>, Problem> {
    let _ = (app, admin, filter);
    Err(Problem::internal("not built yet"))
}

/// The audit log, newest first.
pub async fn audits(
    app: &AppState,
    admin: &AdminSession,
    filter: &LogFilter,
) -> Result<Listed<AuditRecord>, Problem> {
    let _ = (app, admin, filter);
    Err(Problem::internal("not built yet"))
}
