//! `conditionalAccessPolicy`, written.

use policy::model::{
    AccessGrant, AccessPolicy, AccessState, AccessTarget, ClientType, Conditions, LocationRef,
    PersistentBrowser, Platform, Scope, Sides, SignInFrequency,
};
use serde_json::{Value, json};

use super::shared::Members;
use super::strengths;
use crate::flow::govern::read::Everything;
use crate::graph::values::{date, members};

pub const STATES: &[(&str, AccessState)] = &[
    ("enabled", AccessState::Enabled),
    ("disabled", AccessState::Disabled),
    ("enabledForReportingButNotEnforced", AccessState::ReportOnly),
];
pub const PLATFORMS: &[(&str, Platform)] = &[
    ("android", Platform::Android),
    ("iOS", Platform::Ios),
    ("windows", Platform::Windows),
    ("windowsPhone", Platform::WindowsPhone),
    ("macOS", Platform::MacOs),
    ("linux", Platform::Linux),
];
pub const CLIENTS: &[(&str, ClientType)] = &[
    ("browser", ClientType::Browser),
    (
        "mobileAppsAndDesktopClients",
        ClientType::MobileAppsAndDesktopClients,
    ),
    ("exchangeActiveSync", ClientType::ExchangeActiveSync),
    ("easSupported", ClientType::EasSupported),
    ("other", ClientType::Other),
];
pub const REGISTER: &str = "urn:user:registersecurityinfo";
pub const PORTALS: &str = "MicrosoftAdminPortals";

/// A policy in Graph's shape; its strength is written out, because programs compare its name.
pub fn view(policy: &AccessPolicy, everything: &Everything) -> Members {
    members(json!({
        "id": policy.id.to_string(),
        "templateId": null,
        "displayName": policy.name,
        "description": policy.description,
        "createdDateTime": date(policy.created),
        "modifiedDateTime": date(policy.modified),
        "deletedDateTime": null,
        "state": name(STATES, policy.state),
        "conditions": conditions(&policy.conditions),
        "grantControls": grant(policy, everything),
        "sessionControls": session(policy),
    }))
}

pub fn name<T: PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    let mut words = words.iter();
    words
        .find(|(_, one)| *one == value)
        .map_or("", |(word, _)| word)
}

fn conditions(conditions: &Conditions) -> Value {
    let clients: Vec<_> = match conditions.client_types.as_slice() {
        [] => vec!["all"],
        some => some.iter().map(|one| name(CLIENTS, *one)).collect(),
    };
    let platforms = conditions.platforms.as_ref().map(|sides| {
        two_sides("Platforms", sides, "all", |one| {
            name(PLATFORMS, *one).to_owned()
        })
    });
    let locations = conditions.locations.as_ref().map(|sides| {
        two_sides("Locations", sides, "All", |one| match one {
            LocationRef::AllTrusted => "AllTrusted".to_owned(),
            LocationRef::Named(id) => id.to_string(),
        })
    });
    let flows = conditions
        .device_code
        .then(|| json!({ "transferMethods": "deviceCodeFlow" }));
    json!({
        "userRiskLevels": [],
        "signInRiskLevels": [],
        "servicePrincipalRiskLevels": [],
        "insiderRiskLevels": null,
        "clientApplications": null,
        "devices": null,
        "clientAppTypes": clients,
        "platforms": platforms,
        "locations": locations,
        "authenticationFlows": flows,
        "applications": applications(&conditions.target),
        "users": users(&conditions.users.include, &conditions.users.exclude),
    })
}

fn two_sides<T>(what: &str, sides: &Sides<T>, all: &str, word: impl Fn(&T) -> String) -> Value {
    let include: Vec<_> = match sides.include.as_slice() {
        [] => vec![all.to_owned()],
        some => some.iter().map(&word).collect(),
    };
    let exclude: Vec<_> = sides.exclude.iter().map(&word).collect();
    json!({ format!("include{what}"): include, format!("exclude{what}"): exclude })
}

fn applications(target: &AccessTarget) -> Value {
    let (mut include, mut except) = (Vec::new(), Vec::new());
    let (mut actions, mut asked) = (Vec::new(), Vec::new());
    match target {
        AccessTarget::Applications {
            all,
            include: named,
            exclude,
            admin_portals,
        } => {
            include.extend(all.then(|| "All".to_owned()));
            include.extend(admin_portals.then(|| PORTALS.to_owned()));
            include.extend(named.iter().map(ToString::to_string));
            except.extend(exclude.iter().map(ToString::to_string));
        }
        AccessTarget::RegisterSecurityInfo => actions.push(REGISTER),
        AccessTarget::Contexts(contexts) => asked.clone_from(contexts),
    }
    json!({
        "includeApplications": include,
        "excludeApplications": except,
        "includeUserActions": actions,
        "includeAuthenticationContextClassReferences": asked,
        "applicationFilter": null,
    })
}

fn users(include: &Scope, exclude: &Scope) -> Value {
    let people = |scope: &Scope| {
        let words = [
            (scope.everyone, "All"),
            (scope.guests, "GuestsOrExternalUsers"),
        ];
        let words = words
            .into_iter()
            .filter(|(is, _)| *is)
            .map(|(_, word)| word.to_owned());
        words
            .chain(scope.users.iter().map(ToString::to_string))
            .collect::<Vec<_>>()
    };
    let groups = |scope: &Scope| {
        scope
            .groups
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    let roles = |scope: &Scope| {
        let ids = scope
            .roles
            .iter()
            .map(|role| role.template_id().to_string());
        ids.collect::<Vec<_>>()
    };
    json!({
        "includeUsers": people(include),
        "excludeUsers": people(exclude),
        "includeGroups": groups(include),
        "excludeGroups": groups(exclude),
        "includeRoles": roles(include),
        "excludeRoles": roles(exclude),
        "includeGuestsOrExternalUsers": null,
        "excludeGuestsOrExternalUsers": null,
    })
}

fn grant(policy: &AccessPolicy, everything: &Everything) -> Value {
    let (controls, strength) = match policy.grant {
        AccessGrant::Nothing => return Value::Null,
        AccessGrant::Block => (vec!["block"], None),
        AccessGrant::Mfa => (vec!["mfa"], None),
        AccessGrant::Strength(id) => (Vec::new(), Some(id)),
    };
    let strength = strength.and_then(|id| {
        let all = strengths::all(everything);
        all.iter().find(|one| one.id == id).map(strengths::view)
    });
    json!({
        "operator": "OR",
        "builtInControls": controls,
        "customAuthenticationFactors": [],
        "termsOfUse": [],
        "authenticationStrength": strength,
    })
}

fn session(policy: &AccessPolicy) -> Value {
    if policy.session.is_nothing() {
        return Value::Null;
    }
    let frequency = policy.session.sign_in_frequency.map(frequency);
    let persistent = policy.session.persistent_browser.map(|mode| {
        let mode = match mode {
            PersistentBrowser::Always => "always",
            PersistentBrowser::Never => "never",
        };
        json!({ "isEnabled": true, "mode": mode })
    });
    json!({
        "signInFrequency": frequency,
        "persistentBrowser": persistent,
        "applicationEnforcedRestrictions": null,
        "cloudAppSecurity": null,
        "disableResilienceDefaults": null,
        "secureSignInSession": null,
    })
}

/// Graph knows whole hours and days. Minutes in between are shown as the hours that contain them; a change that says the same
/// again keeps the minutes.
pub fn frequency(frequency: SignInFrequency) -> Value {
    let (value, kind, interval) = match frequency {
        SignInFrequency::EveryTime => (None, None, "everyTime"),
        SignInFrequency::Minutes(minutes) if minutes % 1440 == 0 => {
            (Some(minutes / 1440), Some("days"), "timeBased")
        }
        SignInFrequency::Minutes(minutes) => {
            (Some(minutes.div_ceil(60)), Some("hours"), "timeBased")
        }
    };
    json!({
        "isEnabled": true,
        "value": value,
        "type": kind,
        "authenticationType": "primaryAndSecondaryAuthentication",
        "frequencyInterval": interval,
    })
}
