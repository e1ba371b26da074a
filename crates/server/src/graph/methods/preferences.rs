//! `signInPreferences` and `requirements` (beta).
//!
//! Here every sign-in asks for the strongest that somebody has, so a preference can only be what is so anyway; anything else is
//! refused and not kept for nothing. A requirement of one person is obeyed.

use policy::model::PerUserMfa;
use policy::roles::Action;
use serde_json::json;

use super::list::may_read;
use super::views::context;
use crate::flow::{administer, authority, methods};
use crate::graph::policies::shared::only;
use crate::graph::values::{member, members, required};
use crate::graph::{Answer, GraphRefusal, Request};

const PREFERRED: &str = "isSystemPreferredAuthenticationMethodEnabled";
const SECOND: &str = "userPreferredMethodForSecondaryAuthentication";
const STATE: &str = "perUserMfaState";

pub async fn sign_in(request: Request) -> Result<Answer, GraphRefusal> {
    may_read(&request)?;
    let second = second(&request).await?;
    let context = context(&request, "signInPreferences")?;
    let row = members(json!({ PREFERRED: true, SECOND: second }));
    Ok(Answer::object(&request, &context, row))
}

/// The second factor beside a password: there is one kind.
async fn second(request: &Request) -> Result<&'static str, GraphRefusal> {
    let held = methods::held(&request.app, request.user()?).await?;
    Ok(held.totp.map_or("none", |_| "oath"))
}

pub async fn update_sign_in(request: Request) -> Result<Answer, GraphRefusal> {
    if request.oneself().is_none() {
        let (by, user) = (request.governor(), request.user_id()?);
        authority::ask(&request.app, &by, Action::ManagePasskeys, user).await??;
    }
    let sent = request.members()?;
    only(&sent, &[PREFERRED, SECOND])?;
    let (preferred, wanted): (Option<bool>, Option<String>) =
        (member(&sent, PREFERRED)?, member(&sent, SECOND)?);
    if preferred == Some(false) {
        let what = "has to be true: the strongest method that somebody has is asked for first";
        return Err(GraphRefusal::property(PREFERRED, what));
    }
    let second = second(&request).await?;
    if wanted.is_some_and(|wanted| wanted != second) {
        let what = "is not the second factor that this person has; 'oath' with a one-time code generator, else 'none'";
        return Err(GraphRefusal::property(SECOND, what));
    }
    Ok(Answer::nothing())
}

pub async fn requirements(request: Request) -> Result<Answer, GraphRefusal> {
    may_read(&request)?;
    let context = context(&request, "requirements")?;
    let row = members(json!({ STATE: request.user()?.mfa.as_str() }));
    Ok(Answer::object(&request, &context, row))
}

pub async fn update_requirements(request: Request) -> Result<Answer, GraphRefusal> {
    let sent = request.members()?;
    only(&sent, &[STATE])?;
    let name: String = required(&sent, STATE)?;
    let wanted = PerUserMfa::from_name(&name);
    let wanted = wanted.ok_or_else(|| {
        GraphRefusal::property(STATE, "has to be 'disabled', 'enabled' or 'enforced'")
    })?;
    let (app, caller, by) = (&request.app, &request.caller, request.governor());
    let set = administer::set_mfa(app, caller, &by, request.user_id()?, wanted).await;
    set.map_err(|refusal| GraphRefusal::flow(&refusal))?;
    Ok(Answer::nothing())
}
