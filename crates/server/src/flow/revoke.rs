//! Taking things back: a passkey, a session, all sessions. What it ended stands on the receipt.

use axum::http::{HeaderValue, StatusCode};
use policy::model::{Passkey, PasskeyId, SessionId, Timestamp, UserId};

use super::Caller;
use super::refusal::Refused;
use crate::app::AppState;
use crate::web::{AdminSession, CurrentSession, Problem};

/// Why a revocation was refused.
#[derive(Clone, Debug)]
pub enum RevokeRefusal {
    /// No such object of this user.
    NotFound,
    /// It is the user's last way to sign in.
    LastWayIn,
    /// The administrator's role does not reach this user.
    Denied {
        /// Stable code.
        code: &'static str,
        /// For the one who asked.
        user: String,
        /// For the log.
        admin: String,
    },
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
            Self::Denied { code, .. } => code,
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
            Self::Denied { user, .. } => user.clone(),
            Self::NotFresh => "Please sign in again to do this.".to_owned(),
            Self::Internal(_) => "Something went wrong on our side. Please try again.".to_owned(),
        }
    }

    fn admin_sentence(&self) -> String {
        match self {
            Self::Denied { admin, .. } => admin.clone(),
            Self::Internal(why) => why.clone(),
            other => other.user_sentence(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::LastWayIn => StatusCode::CONFLICT,
            Self::Denied { .. } | Self::NotFresh => StatusCode::FORBIDDEN,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
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

/// Removes a passkey of the signed-in user and ends what it opened. The last way in is kept unless `even_the_last`.
pub async fn own_passkey(
    app: &AppState,
    caller: &Caller,
    session: &CurrentSession,
    passkey: PasskeyId,
) -> Result<Receipt, RevokeRefusal> {
    let _ = (app, caller, session, passkey);
    Err(RevokeRefusal::Internal("not built yet".to_owned()))
}

/// Removes a passkey of another user and ends what it opened.
pub async fn passkey_of(
    app: &AppState,
    caller: &Caller,
    admin: &AdminSession,
    user: UserId,
    passkey: PasskeyId,
) -> Result<Receipt, RevokeRefusal> {
    let _ = (app, caller, admin, user, passkey);
    Err(RevokeRefusal::Internal("not built yet".to_owned()))
}

/// Ends one session of the signed-in user.
pub async fn own_session(
    app: &AppState,
    caller: &Caller,
    session: &CurrentSession,
    which: SessionId,
) -> Result<Receipt, RevokeRefusal> {
    let _ = (app, caller, session, which);
    Err(RevokeRefusal::Internal("not built yet".to_owned()))
}

/// Ends this session; the cookie lines remove it from the browser.
pub async fn sign_out(
    app: &AppState,
    caller: &Caller,
    session: &CurrentSession,
) -> Result<Vec<HeaderValue>, RevokeRefusal> {
    let _ = (app, caller, session);
    Err(RevokeRefusal::Internal("not built yet".to_owned()))
}

/// Ends every session and grant of the signed-in user.
pub async fn sign_out_everywhere(
    app: &AppState,
    caller: &Caller,
    session: &CurrentSession,
) -> Result<Receipt, RevokeRefusal> {
    let _ = (app, caller, session);
    Err(RevokeRefusal::Internal("not built yet".to_owned()))
}

/// Ends every session and grant of another user.
pub async fn sessions_of(
    app: &AppState,
    caller: &Caller,
    admin: &AdminSession,
    user: UserId,
) -> Result<Receipt, RevokeRefusal> {
    let _ = (app, caller, admin, user);
    Err(RevokeRefusal::Internal("not built yet".to_owned()))
}
