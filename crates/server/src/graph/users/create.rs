//! `POST users`.

use policy::model::UserType;
use serde_json::{Map, Value};

use super::view::view;
use crate::flow::SecretText;
use crate::flow::administer::{self, NewUser};
use crate::graph::values::{member, object, required};
use crate::graph::{Answer, GraphRefusal, Request};

/// Members that Graph demands and this directory has no use for (`mailNickname`, …) are taken and left.
pub async fn create(request: Request) -> Result<Answer, GraphRefusal> {
    let sent = request.members()?;
    let kind: Option<String> = member(&sent, "userType")?;
    let new = NewUser {
        user_principal_name: required(&sent, "userPrincipalName")?,
        display_name: required(&sent, "displayName")?,
        mail: member(&sent, "mail")?,
        user_type: match kind.as_deref() {
            None => UserType::Member,
            Some(kind) if kind.eq_ignore_ascii_case("member") => UserType::Member,
            Some(kind) if kind.eq_ignore_ascii_case("guest") => UserType::Guest,
            Some(_) => {
                return Err(GraphRefusal::property(
                    "userType",
                    "is neither Member nor Guest",
                ));
            }
        },
        enabled: member(&sent, "accountEnabled")?.unwrap_or(true),
        password: password(&sent)?,
    };
    let (app, caller, by) = (&request.app, &request.caller, request.governor());
    let made = administer::create_user(app, caller, &by, new).await;
    let made = made.map_err(|refusal| GraphRefusal::flow(&refusal))?;
    let path = format!("users/{}", made.id);
    Ok(Answer::created(
        &request,
        "users/$entity",
        view(&made),
        &path,
    ))
}

/// A password that somebody else chose has to be changed, unless they say that it has not.
fn password(sent: &Map<String, Value>) -> Result<Option<(SecretText, bool)>, GraphRefusal> {
    let Some(profile) = sent.get("passwordProfile").filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let profile = object(profile)?;
    let text: Option<SecretText> = member(&profile, "password")?;
    let must_change = member(&profile, "forceChangePasswordNextSignIn")?.unwrap_or(true);
    Ok(text.map(|text| (text, must_change)))
}
