//! `fido2Methods`: the passkeys of somebody.

use policy::Denial;
use policy::model::{Passkey, PasskeyId, Session};
use policy::roles::Action;
use serde_json::Value;

use super::envelope::registration_response;
use super::list::may_read;
use super::views::{context, passkey as view};
use crate::flow::register::{self, Manner, Name, NotRegistered, Registrant};
use crate::flow::{authority, methods, revoke};
use crate::graph::caller::Person;
use crate::graph::values::{member, required};
use crate::graph::{Answer, GraphRefusal, Request};
use crate::pages::{Language, Text};

pub async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    may_read(&request)?;
    let passkeys = methods::passkeys(&request.app, request.user()?).await?;
    let rows = passkeys.iter().map(|one| view(&request, one)).collect();
    let context = context(&request, "fido2Methods")?;
    Ok(Answer::list(&request, &context, rows, None, None))
}

pub async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    may_read(&request)?;
    let passkey = find(&request).await?;
    let context = context(&request, "fido2Methods/$entity")?;
    Ok(Answer::object(&request, &context, view(&request, &passkey)))
}

/// Registers what was made for options of [`super::creation_options`]. Bodies vary: neither of Microsoft's generated libraries
/// has this request, so programs write it by hand.
pub async fn create(request: Request) -> Result<Answer, GraphRefusal> {
    let members = request.members()?;
    let credential: Value = required(&members, "publicKeyCredential")?;
    let credential = registration_response(&credential)?;
    let name: Option<String> = member(&members, "displayName")?;
    let answer = register::Answer {
        response: credential.as_bytes(),
        name: match &name {
            Some(name) => Name::Typed(name),
            None => Name::OfItsKind(Text(Language::English)),
        },
    };
    let governor = request.governor();
    let registrant = match request.oneself() {
        Some(person) => Registrant::Program(&person.user, session(person)?),
        None => Registrant::Provisioner(request.user()?, &governor),
    };
    let (app, caller) = (&request.app, &request.caller);
    let made = register::finish(app, caller, registrant, Manner::Asked, answer).await;
    let made = made
        .map_err(|NotRegistered { refusal, .. }| GraphRefusal::flow(&refusal))?
        .passkey;
    let context = context(&request, "fido2Methods/$entity")?;
    let view = view(&request, &made);
    let id = view.get("id").and_then(Value::as_str).unwrap_or_default();
    let path = format!("users/{}/authentication/fido2Methods/{id}", made.user);
    Ok(Answer::created(&request, &context, view, &path))
}

/// Beyond Entra, where a passkey keeps its first name for ever.
pub async fn rename(request: Request) -> Result<Answer, GraphRefusal> {
    let members = request.members()?;
    if let Some(other) = members.keys().find(|name| *name != "displayName") {
        return Err(GraphRefusal::property(
            other.clone(),
            "cannot be changed; displayName can",
        ));
    }
    let name: String = required(&members, "displayName")?;
    let id = find_to_change(&request).await?;
    let (app, caller) = (&request.app, &request.caller);
    let renamed = match request.oneself() {
        Some(person) => register::rename(app, caller, &person.user, id, &name).await,
        None => {
            let (by, user) = (request.governor(), request.user()?);
            register::rename_of(app, caller, &by, user, id, &name).await
        }
    };
    let renamed = renamed.map_err(|refusal| GraphRefusal::flow(&refusal))?;
    let context = context(&request, "fido2Methods/$entity")?;
    Ok(Answer::object(&request, &context, view(&request, &renamed)).as_preferred(&request))
}

pub async fn delete(request: Request) -> Result<Answer, GraphRefusal> {
    let id = find_to_change(&request).await?;
    let (app, caller) = (&request.app, &request.caller);
    let removed = match request.oneself() {
        Some(person) => revoke::own_passkey(app, caller, &person.user, session(person)?, id).await,
        None => revoke::passkey_of(app, caller, &request.governor(), request.user_id()?, id).await,
    };
    removed.map_err(|refusal| GraphRefusal::flow(&refusal))?;
    Ok(Answer::nothing())
}

/// The session in which a person does something to their own methods: what they showed in it decides.
pub fn session(person: &Person) -> Result<&Session, GraphRefusal> {
    let session = person.session.as_ref();
    session.ok_or(GraphRefusal::Denied(Denial::FreshMfaRequired))
}

/// The passkey that is to be changed. That there is none is said only to those who might have changed it; whoever may not is
/// refused by the flow, which writes that down.
async fn find_to_change(request: &Request) -> Result<PasskeyId, GraphRefusal> {
    match find(request).await {
        Err(GraphRefusal::NotFound) if request.oneself().is_none() => {
            let (by, user) = (request.governor(), request.user_id()?);
            authority::ask(&request.app, &by, Action::ManagePasskeys, user).await??;
            Err(GraphRefusal::NotFound)
        }
        found => Ok(found?.id),
    }
}

async fn find(request: &Request) -> Result<Passkey, GraphRefusal> {
    let wanted = request.key("method");
    let all = methods::passkeys(&request.app, request.user()?).await?;
    let mut all = all.into_iter();
    all.find(|one| is_called(one, wanted))
        .ok_or(GraphRefusal::NotFound)
}

/// Whether `id` names the passkey: its credential id in base64url, as we write it; with the number of missing padding characters
/// behind it, as Entra does; with the padding, as Entra's log does; or our own id.
pub fn is_called(passkey: &Passkey, id: &str) -> bool {
    if id.parse::<PasskeyId>().is_ok_and(|id| id == passkey.id) {
        return true;
    }
    let written = ceremony::base64url::encode(&passkey.credential_id);
    if id == written {
        return true;
    }
    let missing = (4 - written.len() % 4) % 4;
    let counted = id.strip_suffix(['0', '1', '2']);
    if id.ends_with(&missing.to_string()) && counted == Some(written.as_str()) {
        return true;
    }
    let standard = id.trim_end_matches('=').replace('+', "-").replace('/', "_");
    standard == written
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_padding_digit_is_the_number_of_missing_characters() {
        // Entra's sample: `_jpuR-TGZtk6aQCLF3BQjA2`, 16 bytes, two characters of padding.
        let written = "_jpuR-TGZtk6aQCLF3BQjA";
        assert_eq!((4 - written.len() % 4) % 4, 2);
    }
}
