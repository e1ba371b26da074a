use super::{
    Fault, Faults, MAX_ACCESS, MAX_ENTRIES, MAX_LOCATIONS, MAX_MINUTES, MAX_NAMED, Names, Rule,
    scope,
};
use crate::model::{
    AccessGrant, AccessPolicy, AccessTarget, ApplicationId, AuthenticationContext, LocationRef,
    NamedLocation, Policies, PolicyDocument, PolicyKind, Sides, SignInFrequency,
};
use crate::strength::built_in;

/// `c1` to `c99`.
const CONTEXTS: std::ops::RangeInclusive<u8> = 1..=99;

/// The applications that a document names.
pub(super) fn applications(document: &PolicyDocument) -> Vec<ApplicationId> {
    let PolicyDocument::Access(one) = document else {
        return Vec::new();
    };
    match &one.conditions.target {
        AccessTarget::Applications {
            include, exclude, ..
        } => include.iter().chain(exclude).copied().collect(),
        AccessTarget::RegisterSecurityInfo | AccessTarget::Contexts(_) => Vec::new(),
    }
}

pub(super) fn check(after: &Policies, one: &AccessPolicy, known: &Names, faults: &mut Faults) {
    faults.count(&after.access, MAX_ACCESS, "");
    let others = after.access.iter().filter(|other| other.id != one.id);
    faults.name(&one.name, others.map(|other| other.name.as_str()), "name");
    faults.description(&one.description);
    let users = &one.conditions.users;
    let nobody = users.include.is_empty();
    faults.add_if(nobody, "conditions.users.include", Rule::NobodyIncluded);
    scope::check_assignment(users, "conditions.users", known, faults);
    check_target(after, &one.conditions.target, known, faults);
    if let Some(platforms) = &one.conditions.platforms {
        check_both_sides(platforms, "conditions.platforms", faults);
    }
    if let Some(locations) = &one.conditions.locations {
        check_both_sides(locations, "conditions.locations", faults);
        check_locations(after, locations, faults);
    }
    check_controls(after, one, faults);
}

fn check_target(after: &Policies, target: &AccessTarget, known: &Names, faults: &mut Faults) {
    match target {
        AccessTarget::Applications {
            all,
            include,
            exclude,
            admin_portals,
        } => {
            let at = "conditions.target.applications";
            let none = !all && !admin_portals && include.is_empty();
            faults.add_if(none, at, Rule::TargetMissing);
            let exclude_at = format!("{at}.exclude");
            check_applications(include, &format!("{at}.include"), known, faults);
            check_applications(exclude, &exclude_at, known, faults);
            let both = scope::share(include, exclude);
            faults.add_if(both, &exclude_at, Rule::IncludedAndExcluded);
        }
        AccessTarget::Contexts(contexts) => check_contexts(after, contexts, faults),
        AccessTarget::RegisterSecurityInfo => {}
    }
}

fn check_applications(list: &[ApplicationId], at: &str, known: &Names, faults: &mut Faults) {
    faults.count(list, MAX_NAMED, at);
    for (number, application) in list.iter().enumerate() {
        if !known.applications.contains(application) {
            faults.add(format!("{at}[{number}]"), Rule::UnknownApplication);
        }
    }
}

fn check_contexts(after: &Policies, named: &[String], faults: &mut Faults) {
    let at = "conditions.target.contexts";
    faults.add_if(named.is_empty(), at, Rule::TargetMissing);
    faults.count(named, usize::from(*CONTEXTS.end()), at);
    for (number, id) in named.iter().enumerate() {
        if !after.contexts.iter().any(|context| context.id == *id) {
            faults.add(format!("{at}[{number}]"), Rule::UnknownContext);
        }
    }
}

fn check_both_sides<T: PartialEq>(sides: &Sides<T>, at: &str, faults: &mut Faults) {
    faults.count(&sides.include, MAX_LOCATIONS, &format!("{at}.include"));
    let exclude_at = format!("{at}.exclude");
    faults.count(&sides.exclude, MAX_LOCATIONS, &exclude_at);
    let both = sides.exclude.iter().any(|one| sides.include.contains(one));
    faults.add_if(both, &exclude_at, Rule::IncludedAndExcluded);
}

fn check_locations(after: &Policies, sides: &Sides<LocationRef>, faults: &mut Faults) {
    for (side, list) in [("include", &sides.include), ("exclude", &sides.exclude)] {
        for (number, reference) in list.iter().enumerate() {
            let LocationRef::Named(id) = reference else {
                continue;
            };
            if !after.locations.iter().any(|location| location.id == *id) {
                let field = format!("conditions.locations.{side}[{number}]");
                faults.add(field, Rule::UnknownLocation);
            }
        }
    }
}

fn check_controls(after: &Policies, one: &AccessPolicy, faults: &mut Faults) {
    let nothing = one.grant == AccessGrant::Nothing && one.session.is_nothing();
    faults.add_if(nothing, "grant", Rule::AsksNothing);
    if let AccessGrant::Strength(id) = one.grant {
        let custom = after.strengths.iter().any(|strength| strength.id == id);
        let exists = custom || built_in().iter().any(|strength| strength.id == id);
        faults.add_if(!exists, "grant.strength", Rule::UnknownStrength);
    }
    if let Some(SignInFrequency::Minutes(minutes)) = one.session.sign_in_frequency {
        faults.range(minutes, 1, MAX_MINUTES, "session.signInFrequency.minutes");
    }
    let all = matches!(
        &one.conditions.target,
        AccessTarget::Applications { all: true, exclude, .. } if exclude.is_empty()
    );
    let partly = one.session.persistent_browser.is_some() && !all;
    let field = "session.persistentBrowser";
    faults.add_if(partly, field, Rule::PersistenceOfSomeApplications);
}

pub(super) fn check_location(after: &Policies, one: &NamedLocation, faults: &mut Faults) {
    faults.count(&after.locations, MAX_LOCATIONS, "");
    let others = after.locations.iter().filter(|other| other.id != one.id);
    faults.name(&one.name, others.map(|other| other.name.as_str()), "name");
    faults.add_if(one.ranges.is_empty(), "ranges", Rule::RangesMissing);
    faults.count(&one.ranges, MAX_ENTRIES, "ranges");
}

pub(super) fn check_context(after: &Policies, one: &AuthenticationContext, faults: &mut Faults) {
    faults.add_if(!is_context_id(&one.id), "id", Rule::ContextId);
    let others = after.contexts.iter().filter(|other| other.id != one.id);
    faults.name(&one.name, others.map(|other| other.name.as_str()), "name");
    faults.description(&one.description);
}

/// `c` and a number without leading zeros, so that each context has one spelling.
fn is_context_id(id: &str) -> bool {
    let number = id.strip_prefix('c').and_then(|digits| digits.parse().ok());
    number.is_some_and(|number| CONTEXTS.contains(&number) && id == format!("c{number}"))
}

pub(super) fn check_removal(after: &Policies, kind: PolicyKind, id: &str, faults: &mut Faults) {
    let uses = |policy: &&AccessPolicy| match kind {
        PolicyKind::Location => names_location(policy, id),
        _ => matches!(&policy.conditions.target,
            AccessTarget::Contexts(contexts) if contexts.iter().any(|one| one == id)),
    };
    for policy in after.access.iter().filter(uses) {
        faults.0.push(Fault {
            field: policy.name.clone(),
            rule: Rule::InUse,
        });
    }
}

fn names_location(policy: &AccessPolicy, id: &str) -> bool {
    let named = |one: &LocationRef| matches!(one, LocationRef::Named(one) if one.to_string() == id);
    let locations = policy.conditions.locations.as_ref();
    locations.is_some_and(|sides| sides.include.iter().chain(&sides.exclude).any(named))
}
