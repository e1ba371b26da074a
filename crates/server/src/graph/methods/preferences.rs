//! `signInPreferences` and `requirements` (beta): here every sign-in asks for the strongest that somebody has, and rules are
//! policies, never a setting of one person.

use serde_json::json;

use super::list::held;
use super::views::context;
use crate::graph::values::members;
use crate::graph::{Answer, GraphRefusal, Request};

pub async fn sign_in(request: Request) -> Result<Answer, GraphRefusal> {
    let second = held(&request).await?.totp.map(|_| "oath");
    let context = context(&request, "signInPreferences")?;
    Ok(Answer::object(
        &request,
        &context,
        members(json!({
            "isSystemPreferredAuthenticationMethodEnabled": true,
            "userPreferredMethodForSecondaryAuthentication": second.unwrap_or("none"),
        })),
    ))
}

pub async fn requirements(request: Request) -> Result<Answer, GraphRefusal> {
    super::list::may_read(&request)?;
    let context = context(&request, "requirements")?;
    Ok(Answer::object(
        &request,
        &context,
        members(json!({ "perUserMfaState": "disabled" })),
    ))
}
