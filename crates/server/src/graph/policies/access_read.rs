//! `conditionalAccessPolicy`, read. Members that are not given stay; members that this server cannot honour are refused.

use policy::model::{
    AccessGrant, AccessPolicy, AccessTarget, Assignment, ClientType, Conditions, LocationRef,
    PersistentBrowser, Role, Scope, SessionControls, Sides, SignInFrequency,
};
use serde_json::Value;
use uuid::Uuid;

use super::access_view::{CLIENTS, PLATFORMS, PORTALS, REGISTER, STATES, frequency};
use super::shared::{Members, nested, only, parsed, truth, word};
use crate::graph::GraphRefusal;
use crate::graph::values::{member, required};

type Read<T> = Result<T, GraphRefusal>;

/// Written by the server; sent back by programs that read first.
const READ_ONLY: &[&str] = &[
    "id",
    "templateId",
    "createdDateTime",
    "modifiedDateTime",
    "deletedDateTime",
];

/// Changes `policy` as `body` says.
pub fn apply(policy: &mut AccessPolicy, body: &Members) -> Read<()> {
    let own = [
        "displayName",
        "description",
        "state",
        "conditions",
        "grantControls",
        "sessionControls",
    ];
    only(body, &[READ_ONLY, &own].concat())?;
    if let Some(name) = member(body, "displayName")? {
        policy.name = name;
    }
    if let Some(description) = member(body, "description")? {
        policy.description = description;
    }
    if let Some(state) = word(body, "state", STATES)? {
        policy.state = state;
    }
    if let Some(conditions) = nested(body, "conditions")?.flatten() {
        read_conditions(&mut policy.conditions, &conditions)?;
    }
    match nested(body, "grantControls")? {
        None => {}
        Some(None) => policy.grant = AccessGrant::Nothing,
        Some(Some(controls)) => policy.grant = grant(&controls)?,
    }
    match nested(body, "sessionControls")? {
        None => {}
        Some(None) => policy.session = SessionControls::default(),
        Some(Some(controls)) => session(&mut policy.session, &controls)?,
    }
    Ok(())
}

fn read_conditions(conditions: &mut Conditions, body: &Members) -> Read<()> {
    only(
        body,
        &[
            "users",
            "applications",
            "platforms",
            "locations",
            "clientAppTypes",
            "authenticationFlows",
        ],
    )?;
    if let Some(users) = nested(body, "users")?.flatten() {
        read_users(&mut conditions.users, &users)?;
    }
    if let Some(applications) = nested(body, "applications")?.flatten() {
        conditions.target = target(&conditions.target, &applications)?;
    }
    if let Some(list) = member::<Vec<String>>(body, "clientAppTypes")? {
        conditions.client_types = clients(&list)?;
    }
    if let Some(platforms) = nested(body, "platforms")? {
        conditions.platforms = match platforms {
            Some(object) => sides(&object, "Platforms", |name| {
                named(PLATFORMS, name)
                    .ok_or_else(|| GraphRefusal::property("platforms", "names no platform"))
            })?,
            None => None,
        };
    }
    if let Some(locations) = nested(body, "locations")? {
        conditions.locations = match locations {
            Some(object) => sides(&object, "Locations", location)?,
            None => None,
        };
    }
    if let Some(flows) = nested(body, "authenticationFlows")? {
        let flows = flows.unwrap_or_default();
        only(&flows, &["transferMethods"])?;
        let said = word(
            &flows,
            "transferMethods",
            &[("none", false), ("deviceCodeFlow", true)],
        )?;
        conditions.device_code = said.unwrap_or(false);
    }
    Ok(())
}

fn named<T: Copy>(words: &[(&str, T)], said: &str) -> Option<T> {
    let mut words = words.iter();
    words
        .find(|(word, _)| word.eq_ignore_ascii_case(said))
        .map(|(_, value)| *value)
}

fn clients(list: &[String]) -> Read<Vec<ClientType>> {
    if list.iter().any(|one| one.eq_ignore_ascii_case("all")) {
        return Ok(Vec::new());
    }
    let wrong = || GraphRefusal::property("clientAppTypes", "names no kind of client");
    list.iter()
        .map(|one| named(CLIENTS, one).ok_or_else(wrong))
        .collect()
}

fn sides<T>(
    object: &Members,
    what: &str,
    read: impl Fn(&str) -> Read<T>,
) -> Read<Option<Sides<T>>> {
    let (include_name, exclude_name) = match what {
        "Platforms" => ("includePlatforms", "excludePlatforms"),
        _ => ("includeLocations", "excludeLocations"),
    };
    only(object, &[include_name, exclude_name])?;
    let include = member::<Vec<String>>(object, include_name)?.unwrap_or_default();
    let exclude = member::<Vec<String>>(object, exclude_name)?.unwrap_or_default();
    let all = include.iter().any(|one| one.eq_ignore_ascii_case("all"));
    if include.is_empty() && exclude.is_empty() {
        return Ok(None);
    }
    // An empty list means all here; a program that left it empty said nothing of the kind.
    if include.is_empty() {
        return Err(GraphRefusal::property(
            include_name,
            "is missing: exclusions need something to be excluded from",
        ));
    }
    let each = |list: &[String]| list.iter().map(|one| read(one)).collect::<Read<Vec<T>>>();
    Ok(Some(Sides {
        include: if all { Vec::new() } else { each(&include)? },
        exclude: each(&exclude)?,
    }))
}

fn location(name: &str) -> Read<LocationRef> {
    if name.eq_ignore_ascii_case("AllTrusted") {
        return Ok(LocationRef::AllTrusted);
    }
    let id = name.parse().map(LocationRef::Named);
    id.map_err(|_| GraphRefusal::property("locations", "names no location"))
}

fn read_users(users: &mut Assignment, body: &Members) -> Read<()> {
    only(
        body,
        &[
            "includeUsers",
            "excludeUsers",
            "includeGroups",
            "excludeGroups",
            "includeRoles",
            "excludeRoles",
        ],
    )?;
    side(
        &mut users.include,
        body,
        ["includeUsers", "includeGroups", "includeRoles"],
    )?;
    side(
        &mut users.exclude,
        body,
        ["excludeUsers", "excludeGroups", "excludeRoles"],
    )
}

fn side(scope: &mut Scope, body: &Members, [people, groups, roles]: [&'static str; 3]) -> Read<()> {
    if let Some(list) = member::<Vec<String>>(body, people)? {
        let is = |word: &str| list.iter().any(|one| one.eq_ignore_ascii_case(word));
        (scope.everyone, scope.guests) = (is("All"), is("GuestsOrExternalUsers"));
        let words = ["All", "None", "GuestsOrExternalUsers"];
        let ids = list
            .iter()
            .filter(|one| !words.iter().any(|word| one.eq_ignore_ascii_case(word)));
        scope.users = parsed(people, &ids.cloned().collect::<Vec<_>>())?;
    }
    if let Some(list) = member::<Vec<String>>(body, groups)? {
        scope.groups = parsed(groups, &list)?;
    }
    if let Some(list) = member::<Vec<String>>(body, roles)? {
        let ids: Vec<Uuid> = parsed(roles, &list)?;
        let wrong = || GraphRefusal::property(roles, "names a role that this server does not have");
        let found = ids
            .into_iter()
            .map(|id| Role::from_template_id(id).ok_or_else(wrong));
        scope.roles = found.collect::<Read<_>>()?;
    }
    Ok(())
}

fn target(before: &AccessTarget, body: &Members) -> Read<AccessTarget> {
    const APPLICATIONS: &str = "includeApplications";
    only(
        body,
        &[
            APPLICATIONS,
            "excludeApplications",
            "includeUserActions",
            "includeAuthenticationContextClassReferences",
        ],
    )?;
    let list = |name| member::<Vec<String>>(body, name);
    let given = list(APPLICATIONS)?;
    let mut include = given.clone().unwrap_or_default();
    include.retain(|one| !one.eq_ignore_ascii_case("None"));
    let actions = list("includeUserActions")?.unwrap_or_default();
    let contexts = list("includeAuthenticationContextClassReferences")?.unwrap_or_default();
    match (include.is_empty(), actions.as_slice(), contexts.is_empty()) {
        (_, [], true) => applications(
            before,
            given.is_some().then_some(include),
            list("excludeApplications")?,
        ),
        (true, [action], true) if action.eq_ignore_ascii_case(REGISTER) => {
            Ok(AccessTarget::RegisterSecurityInfo)
        }
        (true, _, true) => Err(GraphRefusal::property(
            "includeUserActions",
            format!("can be {REGISTER} only"),
        )),
        (true, [], false) => Ok(AccessTarget::Contexts(contexts)),
        _ => Err(GraphRefusal::property(
            "applications",
            "names applications, user actions and contexts together: one policy is about one of these",
        )),
    }
}

fn applications(
    before: &AccessTarget,
    include: Option<Vec<String>>,
    exclude: Option<Vec<String>>,
) -> Read<AccessTarget> {
    let mut target = match before {
        AccessTarget::Applications { .. } => before.clone(),
        _ => AccessTarget::default(),
    };
    if let AccessTarget::Applications {
        all,
        include: named,
        exclude: excepted,
        admin_portals,
    } = &mut target
    {
        if let Some(list) = include {
            let is = |word: &str| list.iter().any(|one| one.eq_ignore_ascii_case(word));
            (*all, *admin_portals) = (is("All"), is(PORTALS));
            let ids = list.iter().filter(|one| {
                !["All", PORTALS]
                    .iter()
                    .any(|word| one.eq_ignore_ascii_case(word))
            });
            *named = parsed("includeApplications", &ids.cloned().collect::<Vec<_>>())?;
        }
        if let Some(list) = exclude {
            *excepted = parsed("excludeApplications", &list)?;
        }
    }
    Ok(target)
}

fn grant(body: &Members) -> Read<AccessGrant> {
    only(
        body,
        &["operator", "builtInControls", "authenticationStrength"],
    )?;
    let controls = member::<Vec<String>>(body, "builtInControls")?.unwrap_or_default();
    let strength = nested(body, "authenticationStrength")?.flatten();
    match (controls.as_slice(), strength) {
        ([], None) => Ok(AccessGrant::Nothing),
        ([], Some(strength)) => {
            let id: String = required(&strength, "id")?;
            let id = id
                .parse()
                .map_err(|_| GraphRefusal::property("authenticationStrength/id", "is no id"))?;
            Ok(AccessGrant::Strength(id))
        }
        ([one], None) if one.eq_ignore_ascii_case("block") => Ok(AccessGrant::Block),
        ([one], None) if one.eq_ignore_ascii_case("mfa") => Ok(AccessGrant::Mfa),
        (_, Some(_)) => Err(GraphRefusal::property(
            "grantControls",
            "asks for a built-in control and a strength together: one policy asks for one of these",
        )),
        _ => Err(GraphRefusal::property(
            "builtInControls",
            "can be one of block and mfa on this server",
        )),
    }
}

fn session(controls: &mut SessionControls, body: &Members) -> Read<()> {
    only(body, &["signInFrequency", "persistentBrowser"])?;
    if let Some(said) = nested(body, "signInFrequency")? {
        let said = said.filter(|one| one.get("isEnabled") != Some(&Value::Bool(false)));
        controls.sign_in_frequency = match said {
            Some(object) => Some(read_frequency(controls.sign_in_frequency, &object)?),
            None => None,
        };
    }
    if let Some(said) = nested(body, "persistentBrowser")? {
        let said = said.filter(|one| one.get("isEnabled") != Some(&Value::Bool(false)));
        let words = [
            ("always", PersistentBrowser::Always),
            ("never", PersistentBrowser::Never),
        ];
        controls.persistent_browser = match said {
            Some(object) => word(&object, "mode", &words)?,
            None => None,
        };
    }
    Ok(())
}

fn read_frequency(before: Option<SignInFrequency>, body: &Members) -> Read<SignInFrequency> {
    only(
        body,
        &[
            "isEnabled",
            "value",
            "type",
            "authenticationType",
            "frequencyInterval",
        ],
    )?;
    truth(body, "isEnabled")?;
    let kinds = [
        ("primaryAndSecondaryAuthentication", ()),
        ("secondaryAuthentication", ()),
    ];
    word(body, "authenticationType", &kinds)?;
    if word(
        body,
        "frequencyInterval",
        &[("timeBased", false), ("everyTime", true)],
    )? == Some(true)
    {
        return Ok(SignInFrequency::EveryTime);
    }
    let value: u32 = required(body, "value")?;
    let minutes = word(body, "type", &[("hours", 60), ("days", 1440)])?;
    let minutes = minutes.ok_or_else(|| GraphRefusal::property("type", "is missing"))?;
    let said = SignInFrequency::Minutes(value.saturating_mul(minutes));
    let same = before.filter(|before| frequency(*before) == frequency(said));
    Ok(same.unwrap_or(said))
}
