//! What administrators do with users: create, enable, disable, issue a pass, reset a password.

use axum::http::StatusCode;
use policy::model::{PassUse, Span, TemporaryAccessPass, User, UserId, UserType};

use super::refusal::Refused;
use super::revoke::Receipt;
use super::{Caller, SecretText};
use crate::app::AppState;
use crate::web::{AdminSession, Problem};

/// Why an administrator's wish was refused.
#[derive(Clone, Debug)]
pub enum AdministerRefusal {
    /// No such user.
    NotFound,
    /// The role does not reach this user or this action.
    Denied {
        /// Stable code.
        code: &'static str,
        /// For the one who asked.
        user: String,
        /// For the log.
        admin: String,
    },
    /// Another user has this name.
    NameTaken,
    /// A field is not valid; names the field.
    FieldInvalid(&'static str),
    /// Our own fault.
    Internal(String),
}

impl Refused for AdministerRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Denied { code, .. } => code,
            Self::NameTaken => "name_taken",
            Self::FieldInvalid(_) => "field_invalid",
            Self::Internal(_) => "internal",
        }
    }

    fn user_sentence(&self) -> String {
        match self {
            Self::NotFound => "There is no such user.".to_owned(),
            Self::Denied { user, .. } => user.clone(),
            Self::NameTaken => "Another user has this user principal name.".to_owned(),
            Self::FieldInvalid(field) => format!("Please check the field “{field}”."),
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
            Self::Denied { .. } => StatusCode::FORBIDDEN,
            Self::NameTaken => StatusCode::CONFLICT,
            Self::FieldInvalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<AdministerRefusal> for Problem {
    fn from(refusal: AdministerRefusal) -> Self {
        refusal.problem()
    }
}

/// A user to create.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// `name@domain`, the domain one of the tenant's.
    pub user_principal_name: String,
    /// 1 to 256 characters.
    pub display_name: String,
    /// Where notices go.
    pub mail: Option<String>,
    /// Member or guest.
    pub user_type: UserType,
}

/// A pass to issue.
#[derive(Clone, Copy, Debug)]
pub struct PassWish {
    /// 10 to 43,200 minutes.
    pub lifetime: Span,
    /// Once or often.
    pub usable: PassUse,
}

/// A pass as shown once to the administrator.
#[derive(Clone, Debug)]
pub struct IssuedPass {
    /// What is stored.
    pub pass: TemporaryAccessPass,
    /// The code; never shown again.
    pub code: SecretText,
}

/// Creates a user without any way to sign in; issue a pass next.
pub async fn create_user(
    app: &AppState,
    caller: &Caller,
    admin: &AdminSession,
    new: NewUser,
) -> Result<User, AdministerRefusal> {
    let _ = (app, caller, admin, new);
    Err(AdministerRefusal::Internal("not built yet".to_owned()))
}

/// Issues a Temporary Access Pass; an older one of the user ends. Nobody issues one to themselves.
pub async fn issue_pass(
    app: &AppState,
    caller: &Caller,
    admin: &AdminSession,
    user: UserId,
    wish: PassWish,
) -> Result<IssuedPass, AdministerRefusal> {
    let _ = (app, caller, admin, user, wish);
    Err(AdministerRefusal::Internal("not built yet".to_owned()))
}

/// Sets a random password that has to be changed at the next sign-in, and returns it.
pub async fn reset_password(
    app: &AppState,
    caller: &Caller,
    admin: &AdminSession,
    user: UserId,
) -> Result<SecretText, AdministerRefusal> {
    let _ = (app, caller, admin, user);
    Err(AdministerRefusal::Internal("not built yet".to_owned()))
}

/// Enables or disables a user; disabling ends sessions and grants at once.
pub async fn set_enabled(
    app: &AppState,
    caller: &Caller,
    admin: &AdminSession,
    user: UserId,
    enabled: bool,
) -> Result<Receipt, AdministerRefusal> {
    let _ = (app, caller, admin, user, enabled);
    Err(AdministerRefusal::Internal("not built yet".to_owned()))
}
