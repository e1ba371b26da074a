//! `fido2AuthenticationMethodConfiguration`.
//!
//! What Microsoft's pages leave open is settled here. `passkeyProfiles` replaces the profiles that there are, except that an empty
//! list changes nothing and the default profile stays; a profile that a target names cannot go. A profile without `passkeyTypes`
//! keeps what it had. The older pair `isAttestationEnforced` and `keyRestrictions` shows the default profile, and changes it where
//! `passkeyProfiles` does not name it. Targets that Graph cannot name (roles, exceptions) stay as they are.

use policy::model::{
    AttestationRule, CrossDevice, CrossDeviceRule, KeyRestrictions, PasskeyMethod, PasskeyProfile,
    PasskeyTarget, PasskeyType, ProfileId, RestrictionKind, Scope,
};
use serde_json::{Value, json};

use super::shared::{Members, nested, objects, only, parsed, truth, word};
use super::targets::{self, Target};
use crate::graph::GraphRefusal;
use crate::graph::values::{member, members, required};

/// Beyond Entra: what somebody else registers waits until its owner activates it.
const OWNER_ACTIVATES: &str = "keyward@isOwnerActivationRequired";

/// Beyond Entra: whether a passkey that another device holds is taken.
pub const CROSS_DEVICE: &str = "keyward@crossDevice";

/// The method in Graph's shape.
pub fn view(method: &PasskeyMethod) -> Members {
    let default = default_profile(method);
    let attested = default.is_some_and(|one| one.attestation != AttestationRule::Disabled);
    let restrictions = default
        .map(|one| one.restrictions.clone())
        .unwrap_or_default();
    members(json!({
        "@odata.type": "#microsoft.graph.fido2AuthenticationMethodConfiguration",
        "id": "Fido2",
        "state": if method.enabled { "enabled" } else { "disabled" },
        "isSelfServiceRegistrationAllowed": method.self_service,
        OWNER_ACTIVATES: method.owner_activates,
        "isAttestationEnforced": attested,
        "keyRestrictions": restrictions_view(&restrictions),
        "defaultPasskeyProfile": default.map(|one| one.id.to_string()),
        "includeTargets": include_view(method),
        "excludeTargets": targets::views(&method.exclude, &json!({})),
        "passkeyProfiles": method.profiles.iter().map(profile_view).collect::<Vec<_>>(),
    }))
}

fn include_view(method: &PasskeyMethod) -> Vec<Value> {
    let each = method.include.iter().flat_map(|target| {
        let profiles: Vec<_> = target.profiles.iter().map(ToString::to_string).collect();
        let more = json!({
            "isRegistrationRequired": target.registration_required,
            "allowedPasskeyProfiles": profiles,
        });
        targets::views(&target.who, &more)
    });
    each.collect()
}

fn profile_view(profile: &PasskeyProfile) -> Value {
    let types: Vec<_> = profile.types.iter().map(|one| one.as_str()).collect();
    json!({
        "id": profile.id.to_string(),
        "name": profile.name,
        "passkeyTypes": types.join(","),
        "attestationEnforcement": match profile.attestation {
            AttestationRule::Disabled => "disabled",
            AttestationRule::RegistrationOnly | AttestationRule::Always => "registrationOnly",
        },
        "keyRestrictions": restrictions_view(&profile.restrictions),
        CROSS_DEVICE: {
            "registration": profile.cross_device.registration.as_str(),
            "signIn": profile.cross_device.sign_in.as_str(),
        },
    })
}

fn restrictions_view(restrictions: &KeyRestrictions) -> Value {
    json!({
        "isEnforced": restrictions.enforced,
        "enforcementType": match restrictions.kind {
            RestrictionKind::Allow => "allow",
            RestrictionKind::Block => "block",
        },
        "aaGuids": restrictions.aaguids.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn default_profile(method: &PasskeyMethod) -> Option<&PasskeyProfile> {
    let mut profiles = method.profiles.iter();
    profiles.find(|one| one.id == PasskeyProfile::DEFAULT)
}

/// The method as a PATCH would have it. `sent` is the body with its annotations, of which one is ours.
pub fn patched(
    before: &PasskeyMethod,
    body: &Members,
    sent: &Value,
) -> Result<PasskeyMethod, GraphRefusal> {
    let mut after = before.clone();
    if let Some(waits) = sent.as_object().map(|sent| truth(sent, OWNER_ACTIVATES)) {
        after.owner_activates = waits?.unwrap_or(before.owner_activates);
    }
    if let Some(enabled) = word(body, "state", &[("enabled", true), ("disabled", false)])? {
        after.enabled = enabled;
    }
    if let Some(allowed) = truth(body, "isSelfServiceRegistrationAllowed")? {
        after.self_service = allowed;
    }
    let profiles = objects(body, "passkeyProfiles")?.unwrap_or_default();
    if !profiles.is_empty() {
        after.profiles = profiles_of(before, &profiles)?;
    }
    let names_default = profiles.iter().any(|one| {
        let id = one
            .get("id")
            .and_then(Value::as_str)
            .and_then(|id| id.parse().ok());
        id == Some(PasskeyProfile::DEFAULT)
    });
    if !names_default {
        legacy(&mut after, body)?;
    }
    if let Some(list) = objects(body, "includeTargets")? {
        after.include = include_of(before, &list)?;
    }
    if let Some(list) = objects(body, "excludeTargets")? {
        after.exclude = targets::scope(&list, &before.exclude)?;
    }
    Ok(after)
}

/// The pair from before there were profiles.
fn legacy(after: &mut PasskeyMethod, body: &Members) -> Result<(), GraphRefusal> {
    let enforced = truth(body, "isAttestationEnforced")?;
    let restrictions = nested(body, "keyRestrictions")?.flatten();
    let mut profiles = after.profiles.iter_mut();
    let Some(default) = profiles.find(|one| one.id == PasskeyProfile::DEFAULT) else {
        return match enforced.is_some() || restrictions.is_some() {
            true => Err(GraphRefusal::property(
                "isAttestationEnforced",
                "is about the default passkey profile, which was removed",
            )),
            false => Ok(()),
        };
    };
    match enforced {
        Some(true) if default.attestation == AttestationRule::Disabled => {
            default.attestation = AttestationRule::RegistrationOnly;
        }
        Some(false) => default.attestation = AttestationRule::Disabled,
        _ => {}
    }
    if let Some(restrictions) = restrictions {
        default.restrictions = restrictions_of(&default.restrictions, &restrictions)?;
    }
    Ok(())
}

fn profiles_of(
    before: &PasskeyMethod,
    list: &[Members],
) -> Result<Vec<PasskeyProfile>, GraphRefusal> {
    let mut profiles = Vec::new();
    for object in list {
        let id: String = required(object, "id")?;
        let id: ProfileId = id
            .parse()
            .map_err(|_| GraphRefusal::property("passkeyProfiles/id", "is no GUID"))?;
        let known = before.profiles.iter().find(|one| one.id == id);
        profiles.push(profile_of(known, id, object)?);
    }
    let kept =
        default_profile(before).filter(|one| profiles.iter().all(|other| other.id != one.id));
    profiles.splice(0..0, kept.cloned());
    Ok(profiles)
}

fn profile_of(
    known: Option<&PasskeyProfile>,
    id: ProfileId,
    object: &Members,
) -> Result<PasskeyProfile, GraphRefusal> {
    let types = match member::<String>(object, "passkeyTypes")? {
        Some(words) => Some(types_of(&words)?),
        None => None,
    };
    let mut profile = match (known, &types) {
        (Some(known), _) => known.clone(),
        (None, Some(_)) => PasskeyProfile::open(id, &required::<String>(object, "name")?),
        (None, None) => {
            return Err(GraphRefusal::property(
                "passkeyTypes",
                "is missing in a new profile",
            ));
        }
    };
    if let Some(types) = types {
        profile.types = types;
    }
    if let Some(name) = member(object, "name")? {
        profile.name = name;
    }
    let words = [("disabled", false), ("registrationOnly", true)];
    match word(object, "attestationEnforcement", &words)? {
        Some(false) => profile.attestation = AttestationRule::Disabled,
        // Asked at each sign-in too is more than Graph can say, and stays.
        Some(true) if profile.attestation == AttestationRule::Disabled => {
            profile.attestation = AttestationRule::RegistrationOnly;
        }
        _ => {}
    }
    if let Some(Some(restrictions)) = nested(object, "keyRestrictions")? {
        profile.restrictions = restrictions_of(&profile.restrictions, &restrictions)?;
    }
    if let Some(Some(rule)) = nested(object, CROSS_DEVICE)? {
        profile.cross_device = cross_device_of(profile.cross_device, &rule)?;
    }
    Ok(profile)
}

fn cross_device_of(
    before: CrossDeviceRule,
    object: &Members,
) -> Result<CrossDeviceRule, GraphRefusal> {
    only(object, &["registration", "signIn"])?;
    let words: Vec<_> = CrossDevice::ALL
        .iter()
        .map(|one| (one.as_str(), *one))
        .collect();
    Ok(CrossDeviceRule {
        registration: word(object, "registration", &words)?.unwrap_or(before.registration),
        sign_in: word(object, "signIn", &words)?.unwrap_or(before.sign_in),
    })
}

/// Flags: `deviceBound,synced`.
fn types_of(words: &str) -> Result<Vec<PasskeyType>, GraphRefusal> {
    let all = [PasskeyType::DeviceBound, PasskeyType::Synced];
    let said: Vec<_> = words
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .collect();
    let known = |word: &&str| {
        all.iter()
            .any(|one| one.as_str().eq_ignore_ascii_case(word))
    };
    if said.is_empty() || !said.iter().all(known) {
        return Err(GraphRefusal::property(
            "passkeyTypes",
            "is none of deviceBound, synced",
        ));
    }
    let named = |one: &PasskeyType| {
        said.iter()
            .any(|word| one.as_str().eq_ignore_ascii_case(word))
    };
    Ok(all.into_iter().filter(named).collect())
}

fn restrictions_of(
    before: &KeyRestrictions,
    object: &Members,
) -> Result<KeyRestrictions, GraphRefusal> {
    let mut after = before.clone();
    if let Some(enforced) = truth(object, "isEnforced")? {
        after.enforced = enforced;
    }
    let words = [
        ("allow", RestrictionKind::Allow),
        ("block", RestrictionKind::Block),
    ];
    if let Some(kind) = word(object, "enforcementType", &words)? {
        after.kind = kind;
    }
    if let Some(list) = member::<Vec<String>>(object, "aaGuids")? {
        after.aaguids = parsed("aaGuids", &list)?;
    }
    Ok(after)
}

struct Wanted {
    target: Target,
    required: Option<bool>,
    profiles: Option<Vec<ProfileId>>,
}

fn include_of(
    before: &PasskeyMethod,
    list: &[Members],
) -> Result<Vec<PasskeyTarget>, GraphRefusal> {
    let wanted = list.iter().map(|object| {
        let profiles = match member::<Vec<String>>(object, "allowedPasskeyProfiles")? {
            Some(list) => Some(parsed("allowedPasskeyProfiles", &list)?),
            None => None,
        };
        Ok(Wanted {
            target: Target::read(object)?,
            required: truth(object, "isRegistrationRequired")?,
            profiles,
        })
    });
    let wanted = wanted.collect::<Result<Vec<_>, GraphRefusal>>()?;
    let hidden = before.include.iter().filter_map(|target| {
        let who = targets::hidden(&target.who);
        (!who.is_empty()).then(|| PasskeyTarget {
            who,
            ..target.clone()
        })
    });
    let named = wanted.into_iter().map(|wanted| {
        let known = before
            .include
            .iter()
            .find(|one| wanted.target.is_in(&one.who));
        PasskeyTarget {
            who: wanted.target.scope(),
            except: known.map_or_else(Scope::default, |one| one.except.clone()),
            registration_required: wanted
                .required
                .unwrap_or_else(|| known.is_some_and(|one| one.registration_required)),
            profiles: wanted.profiles.unwrap_or_else(|| {
                known.map_or_else(|| vec![PasskeyProfile::DEFAULT], |one| one.profiles.clone())
            }),
        }
    });
    Ok(hidden.chain(named).collect())
}
