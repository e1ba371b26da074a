//! An account as a resource, and a resource as an account.

use serde_json::{Map, Value, json};
use store::provisioned::{Described, Person};

use super::patch::{list, truth};
use super::refusal::ScimRefusal;
use super::schema::USER;
use crate::flow::provision::Account;

/// The resource of `person`.
pub fn view(person: &Person, base: &str) -> Map<String, Value> {
    let (user, described) = (&person.user, &person.described);
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            shown.insert(name.to_owned(), value);
        }
    };
    put("schemas", json!([USER.id]));
    put("id", json!(user.id.to_string()));
    put("externalId", json!(described.external_id));
    put("userName", json!(user.user_principal_name));
    put("name", name(described));
    put("displayName", json!(user.display_name));
    put("active", json!(user.enabled));
    if let Some(mail) = &user.mail {
        let only = json!([{"value": mail, "type": "work", "primary": true}]);
        put("emails", only);
    }
    put(
        "meta",
        json!({
            "resourceType": USER.name,
            "created": crate::graph::values::date(user.created),
            "location": format!("{base}{}/{}", USER.endpoint, user.id),
            "version": version(person),
        }),
    );
    shown
}

/// The entity tag. It moves on with whatever a running sign-in has to notice, which is more than what is shown: a weak one.
pub fn version(person: &Person) -> String {
    format!("W/\"{}\"", person.user.version)
}

fn name(described: &Described) -> Value {
    let (first, last) = (&described.given_name, &described.family_name);
    let parts: Vec<_> = [first, last].into_iter().flatten().cloned().collect();
    if parts.is_empty() {
        return Value::Null;
    }
    let mut shown = Map::new();
    shown.insert("formatted".to_owned(), parts.join(" ").into());
    for (name, part) in [("familyName", last), ("givenName", first)] {
        if let Some(part) = part {
            shown.insert(name.to_owned(), part.as_str().into());
        }
    }
    Value::Object(shown)
}

/// The account that a resource describes. What it does not say of whether the account can be used stays as it `was`: a client
/// that leaves `active` away must not bring a disabled account back.
///
/// # Errors
/// An attribute that has no valid value.
pub fn read(resource: &Map<String, Value>, was: Option<bool>) -> Result<Account, ScimRefusal> {
    let user_principal_name = text(resource, "userName")?;
    let user_principal_name =
        user_principal_name.ok_or(ScimRefusal::Value("userName", "is missing"))?;
    let (described, formatted) = described(resource)?;
    let enabled = match resource.get("active").filter(|value| !value.is_null()) {
        None => was.unwrap_or(true),
        Some(value) => {
            truth(value).ok_or(ScimRefusal::Value("active", "is neither true nor false"))?
        }
    };
    let whole = name(&described);
    let whole = whole.get("formatted").and_then(Value::as_str);
    let display_name = text(resource, "displayName")?
        .or(formatted)
        .or_else(|| whole.map(str::to_owned))
        .unwrap_or_else(|| user_principal_name.clone());
    Ok(Account {
        mail: mail(resource)?,
        user_principal_name,
        display_name,
        enabled,
        described,
    })
}

/// What is kept besides, and the whole name as the client formats it.
fn described(resource: &Map<String, Value>) -> Result<(Described, Option<String>), ScimRefusal> {
    let none = Map::new();
    let name = match resource.get("name") {
        None | Some(Value::Null) => &none,
        Some(Value::Object(members)) => members,
        Some(_) => return Err(ScimRefusal::Value("name", "is not an object")),
    };
    let described = Described {
        external_id: text(resource, "externalId")?,
        given_name: text(name, "givenName")?,
        family_name: text(name, "familyName")?,
    };
    Ok((described, text(name, "formatted")?))
}

/// The address that is held: the primary one, else the one for work, else the first.
fn mail(resource: &Map<String, Value>) -> Result<Option<String>, ScimRefusal> {
    let sent = resource
        .get("emails")
        .cloned()
        .map(list)
        .unwrap_or_default();
    let mut best: Option<(u8, String)> = None;
    for one in &sent {
        let Value::Object(members) = one else {
            return Err(ScimRefusal::Value("emails", "is not a list of objects"));
        };
        let Some(address) = text(members, "value")? else {
            continue;
        };
        let primary = members
            .get("primary")
            .is_some_and(|one| truth(one) == Some(true));
        let work = members.get("type").and_then(Value::as_str);
        let rank = match (primary, work) {
            (true, _) => 2,
            (false, Some(kind)) if kind.eq_ignore_ascii_case("work") => 1,
            _ => 0,
        };
        if best.as_ref().is_none_or(|(held, _)| rank > *held) {
            best = Some((rank, address));
        }
    }
    Ok(best.map(|(_, address)| address))
}

/// A text; `None` where it is absent, null or empty (RFC 7643 section 2.5).
fn text(members: &Map<String, Value>, name: &'static str) -> Result<Option<String>, ScimRefusal> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        Some(_) => Err(ScimRefusal::Value(name, "is not a string")),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    fn of(resource: &Value) -> Result<Account, ScimRefusal> {
        read(resource.as_object().unwrap(), None)
    }

    #[test]
    fn one_address_is_held() {
        let mail = |emails: Value| {
            let account = of(&json!({"userName": "a@x", "emails": emails})).unwrap();
            account.mail
        };
        let home = json!({"value": "home@x", "type": "home"});
        let work = json!({"value": "work@x", "type": "Work"});
        let main = json!({"value": "main@x", "type": "other", "primary": "True"});
        assert_eq!(mail(json!([])), None);
        assert_eq!(mail(json!([home])).as_deref(), Some("home@x"));
        assert_eq!(mail(json!(home)).as_deref(), Some("home@x"));
        assert_eq!(mail(json!([home, work])).as_deref(), Some("work@x"));
        assert_eq!(mail(json!([home, work, main])).as_deref(), Some("main@x"));
    }

    #[test]
    fn a_name_to_show_is_made_of_what_there_is() {
        let shown = |resource: Value| of(&resource).unwrap().display_name;
        assert_eq!(shown(json!({"userName": "a@x"})), "a@x");
        let name = json!({"givenName": "Ada", "familyName": "Lovelace"});
        assert_eq!(
            shown(json!({"userName": "a@x", "name": name})),
            "Ada Lovelace"
        );
        let name = json!({"formatted": "Countess", "givenName": "Ada"});
        assert_eq!(shown(json!({"userName": "a@x", "name": name})), "Countess");
        assert_eq!(shown(json!({"userName": "a@x", "displayName": "A"})), "A");
    }

    #[test]
    fn an_account_that_was_disabled_stays_so_unless_it_is_said() {
        let resource = json!({"userName": "a@x"});
        let resource = resource.as_object().unwrap();
        assert!(!read(resource, Some(false)).unwrap().enabled);
        assert!(read(resource, None).unwrap().enabled);
    }

    #[test]
    fn what_has_the_wrong_kind_is_refused() {
        for wrong in [
            json!({}),
            json!({"userName": ""}),
            json!({"userName": 1}),
            json!({"userName": "a@x", "active": "perhaps"}),
            json!({"userName": "a@x", "name": "Ada"}),
            json!({"userName": "a@x", "name": {"givenName": []}}),
            json!({"userName": "a@x", "emails": ["a@x"]}),
            json!({"userName": "a@x", "emails": [{"value": 1}]}),
        ] {
            assert!(matches!(of(&wrong), Err(ScimRefusal::Value(..))), "{wrong}");
        }
    }
}
