//! `PATCH` and `DELETE users/{user}`, and the end of their sessions.

use policy::scopes::Operation;
use serde_json::{Value, json};

use super::view::etag;
use crate::flow::administer::AdministerRefusal;
use crate::flow::directory::{self, Profile};
use crate::flow::{administer, revoke};
use crate::graph::values::member;
use crate::graph::{Answer, GraphRefusal, Request};

/// What can be changed.
const CHANGEABLE: [&str; 3] = ["displayName", "mail", "accountEnabled"];

pub async fn update(request: Request) -> Result<Answer, GraphRefusal> {
    let sent = request.members()?;
    if let Some(other) = sent
        .keys()
        .find(|name| !CHANGEABLE.contains(&name.as_str()))
    {
        let what = format!("cannot be changed; {} can", CHANGEABLE.join(", "));
        return Err(GraphRefusal::property(other.clone(), what));
    }
    let profile = Profile {
        display_name: member(&sent, "displayName")?,
        mail: match sent.get("mail") {
            None => None,
            Some(Value::Null) => Some(None),
            Some(_) => Some(member(&sent, "mail")?),
        },
    };
    let enabled: Option<bool> = member(&sent, "accountEnabled")?;
    let (app, caller, user) = (&request.app, &request.caller, request.user_id()?);
    let mut version = request.expected(&etag(request.user()?), request.user()?.version)?;
    // Another right than that over names, so it is asked before either is written.
    let switch = enabled
        .map(|_| request.by.grant(Operation::EnableUser))
        .transpose()?;
    if profile.display_name.is_some() || profile.mail.is_some() {
        let at = (user, version.take());
        directory::update_user(app, caller, &request.governor(), at, profile)
            .await
            .map_err(|refusal| refused(&refusal))?;
    }
    if let Some((enabled, granted)) = enabled.zip(switch) {
        let by = request.by.governor(caller, granted);
        administer::set_enabled_if(app, caller, &by, (user, version), enabled)
            .await
            .map_err(|refusal| refused(&refusal))?;
    }
    Ok(Answer::nothing())
}

pub async fn delete(request: Request) -> Result<Answer, GraphRefusal> {
    let (app, caller, by) = (&request.app, &request.caller, request.governor());
    let user = request.user()?;
    let at = (user.id, request.expected(&etag(user), user.version)?);
    directory::delete_user(app, caller, &by, at)
        .await
        .map_err(|refusal| refused(&refusal))?;
    Ok(Answer::nothing())
}

fn refused(refusal: &AdministerRefusal) -> GraphRefusal {
    match refusal {
        AdministerRefusal::Stale => GraphRefusal::Precondition,
        other => GraphRefusal::flow(other),
    }
}

pub async fn revoke(request: Request) -> Result<Answer, GraphRefusal> {
    let (app, caller) = (&request.app, &request.caller);
    let ended = match request.oneself() {
        Some(person) => revoke::sign_out_everywhere(app, caller, &person.user).await,
        None => revoke::sessions_of(app, caller, &request.governor(), request.user_id()?).await,
    };
    ended.map_err(|refusal| GraphRefusal::flow(&refusal))?;
    let body = json!({
        "@odata.context": request.address("$metadata#Edm.Boolean"),
        "value": true,
    });
    Ok(Answer::plain(body))
}
