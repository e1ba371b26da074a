//! `passwordMethods`: whether somebody has a password, and giving them another one.

use serde_json::json;

use super::list::held;
use super::views::{self, PASSWORD, context};
use crate::flow::{SecretText, administer};
use crate::graph::values::{member, members};
use crate::graph::{Answer, GraphRefusal, Request};

pub async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    let held = held(&request).await?;
    let rows = held.password.iter().map(views::password).collect();
    let context = context(&request, "passwordMethods")?;
    Ok(Answer::list(&request, &context, rows, None, None))
}

pub async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    is_the_password(&request)?;
    let held = held(&request).await?;
    let password = held.password.ok_or(GraphRefusal::NotFound)?;
    let context = context(&request, "passwordMethods/$entity")?;
    Ok(Answer::object(
        &request,
        &context,
        views::password(&password),
    ))
}

/// Sets the given password or a random one, which is answered then; it has to be changed at the next sign-in.
pub async fn reset(request: Request) -> Result<Answer, GraphRefusal> {
    is_the_password(&request)?;
    let sent = request.members_if_any()?;
    let given: Option<SecretText> = member(&sent, "newPassword")?;
    let is_given = given.is_some();
    let (app, caller, by) = (&request.app, &request.caller, request.governor());
    let set = administer::reset_password(app, caller, &by, request.user_id()?, given).await;
    let set = set.map_err(|refusal| GraphRefusal::flow(&refusal))?;
    let shown = (!is_given).then(|| set.expose());
    Ok(Answer::object(
        &request,
        "microsoft.graph.passwordResetResponse",
        members(json!({ "newPassword": shown })),
    ))
}

fn is_the_password(request: &Request) -> Result<(), GraphRefusal> {
    match request.key("method").eq_ignore_ascii_case(PASSWORD) {
        true => Ok(()),
        false => Err(GraphRefusal::NotFound),
    }
}
