//! Policy objects of another tenant, as its Graph shows them, read like changes of ours. Whatever this server cannot honour is refused
//! here as it is there: a condition that were left out would change what a policy means. Ids of objects stay, so that what names one
//! another still does, and a second reading finds them again.

use policy::model::{
    AaguidConfiguration, AccessGrant, AccessPolicy, AccessState, AuthenticationContext, Campaign,
    Conditions, NamedLocation, PasskeyDemand, PasskeyMethod, SessionControls, Strength, Timestamp,
};

use serde_json::Value;

use super::shared::{Members, objects, truth};
use super::{access_read, contexts, fido2, locations, method_policy, strengths};
use crate::graph::GraphRefusal;
use crate::graph::values::{member, required};

type Read<T> = Result<T, GraphRefusal>;

/// Passkeys with profiles and targets. Another tenant knows none of our annotations.
pub fn passkeys(before: &PasskeyMethod, body: &Members) -> Read<PasskeyMethod> {
    fido2::patched(before, body, &Value::Null)
}

/// The campaign of `registrationEnforcement`.
pub fn campaign(before: &Campaign, body: &Members) -> Read<Campaign> {
    let mut after = before.clone();
    method_policy::read_campaign(&mut after, body)?;
    Ok(after)
}

/// A strength; nothing if it is one that every tenant has.
pub fn strength(known: &[Strength], body: &Members, now: Timestamp) -> Read<Option<Strength>> {
    let id = id(body)?;
    if strengths::is_built_in(id) {
        return Ok(None);
    }
    let before = known.iter().find(|one| one.id == id).cloned();
    let mut strength = before.unwrap_or_else(|| Strength {
        id,
        name: String::new(),
        description: String::new(),
        created: now,
        modified: now,
        combinations: Vec::new(),
        allowed_aaguids: Vec::new(),
        passkey: PasskeyDemand::default(),
        binds_first_factor: false,
    });
    strength.name = required(body, "displayName")?;
    strength.description = member(body, "description")?.unwrap_or_default();
    strength.combinations = strengths::combinations(body)?;
    if let Some(lists) = objects(body, "combinationConfigurations")? {
        let lists = lists.iter().map(|list| {
            Ok(AaguidConfiguration {
                id: self::id(list)?,
                aaguids: strengths::models(list)?,
            })
        });
        strength.allowed_aaguids = lists.collect::<Read<_>>()?;
    }
    Ok(Some(strength))
}

/// A conditional access policy. One that is new here and counts there only reports at first: whom it would keep out shows before it
/// does. One that is here already keeps its state.
pub fn access(known: &[AccessPolicy], body: &Members, now: Timestamp) -> Read<AccessPolicy> {
    let id = id(body)?;
    let before = known.iter().find(|one| one.id == id).cloned();
    let held = before.as_ref().map(|one| one.state);
    let mut policy = before.unwrap_or_else(|| AccessPolicy {
        id,
        name: String::new(),
        description: String::new(),
        state: AccessState::Disabled,
        created: now,
        modified: now,
        conditions: Conditions::default(),
        grant: AccessGrant::Nothing,
        session: SessionControls::default(),
    });
    policy.name = required(body, "displayName")?;
    access_read::apply(&mut policy, body)?;
    policy.state = match (held, policy.state) {
        (Some(held), _) => held,
        (None, AccessState::Enabled) => AccessState::ReportOnly,
        (None, other) => other,
    };
    Ok(policy)
}

/// A named location.
pub fn location(known: &[NamedLocation], body: &Members, now: Timestamp) -> Read<NamedLocation> {
    let id = id(body)?;
    if body.contains_key("countriesAndRegions") {
        return Err(GraphRefusal::property(
            "countriesAndRegions",
            "cannot be told from addresses on this server",
        ));
    }
    let before = known.iter().find(|one| one.id == id);
    Ok(NamedLocation {
        id,
        name: required(body, "displayName")?,
        trusted: truth(body, "isTrusted")?.unwrap_or(false),
        created: before.map_or(now, |one| one.created),
        modified: before.map_or(now, |one| one.modified),
        ranges: locations::ranges(body)?
            .ok_or_else(|| GraphRefusal::property("ipRanges", "is missing"))?,
    })
}

/// An authentication context.
pub fn context(body: &Members) -> Read<AuthenticationContext> {
    contexts::whole(body)
}

fn id<T: std::str::FromStr>(body: &Members) -> Read<T> {
    let id: String = required(body, "id")?;
    id.parse()
        .map_err(|_| GraphRefusal::property("id", "is no id"))
}
