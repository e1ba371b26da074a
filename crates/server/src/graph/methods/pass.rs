//! `temporaryAccessPassMethods`: the pass of somebody. Nobody has two; a new one takes the place of the old one.

use policy::model::PassId;
use policy::model::{PassUse, Span};
use policy::passes::{Usability, Wish};

use super::list::held;
use super::views::{context, pass as view};
use crate::flow::administer;
use crate::graph::values::{member, moment};
use crate::graph::{Answer, GraphRefusal, Request};

pub async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    let held = held(&request).await?;
    let rows = held.pass.iter();
    let rows = rows
        .map(|(pass, usable)| view(pass, *usable, None))
        .collect();
    let context = context(&request, "temporaryAccessPassMethods")?;
    Ok(Answer::list(&request, &context, rows, None, None))
}

pub async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    let held = held(&request).await?;
    let id: PassId = request.id("method")?;
    let pass = held.pass.filter(|(pass, _)| pass.id == id);
    let (pass, usable) = pass.ok_or(GraphRefusal::NotFound)?;
    let context = context(&request, "temporaryAccessPassMethods/$entity")?;
    Ok(Answer::object(
        &request,
        &context,
        view(&pass, usable, None),
    ))
}

/// Issues a pass; its code is in this answer and never again.
pub async fn create(request: Request) -> Result<Answer, GraphRefusal> {
    let members = request.members_if_any()?;
    let minutes: Option<u32> = member(&members, "lifetimeInMinutes")?;
    let once: Option<bool> = member(&members, "isUsableOnce")?;
    let starts: Option<String> = member(&members, "startDateTime")?;
    let starts = starts
        .map(|text| moment("startDateTime", &text))
        .transpose()?;
    let wish = Wish {
        lifetime: minutes.map(|minutes| Span::minutes(minutes.into())),
        usable: once.map(|once| match once {
            true => PassUse::Once,
            false => PassUse::Many,
        }),
    };
    let (app, caller, by) = (&request.app, &request.caller, request.governor());
    let user = request.user_id()?;
    let issued = administer::issue_pass(app, caller, &by, user, wish, starts).await;
    let issued = issued.map_err(|refusal| GraphRefusal::flow(&refusal))?;
    let usable = crate::flow::methods::held(app, request.user()?).await?.pass;
    let usable = usable.map_or(Usability::EnabledByPolicy, |(_, usable)| usable);
    let view = view(&issued.pass, usable, Some(issued.code.expose()));
    let context = context(&request, "temporaryAccessPassMethods/$entity")?;
    let id = issued.pass.id;
    let path = format!("users/{user}/authentication/temporaryAccessPassMethods/{id}");
    Ok(Answer::created(&request, &context, view, &path))
}

pub async fn delete(request: Request) -> Result<Answer, GraphRefusal> {
    let (app, caller, by) = (&request.app, &request.caller, request.governor());
    let (user, pass) = (request.user_id()?, request.id("method")?);
    administer::delete_pass(app, caller, &by, user, pass)
        .await
        .map_err(|refusal| GraphRefusal::flow(&refusal))?;
    Ok(Answer::nothing())
}
