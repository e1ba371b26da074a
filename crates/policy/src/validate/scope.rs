use super::{Faults, MAX_NAMED, Names, Rule, sides};
use crate::model::{Assignment, PasskeyMethod, PolicyDocument, Scope};
use std::collections::BTreeSet;

/// Every scope of a document.
pub(super) fn of_document(document: &PolicyDocument) -> Vec<&Scope> {
    match document {
        PolicyDocument::Passkeys(one) => of_passkeys(one).collect(),
        PolicyDocument::Passes(one) => sides(&one.who).into(),
        PolicyDocument::SystemPreferred(one) => sides(&one.who).into(),
        PolicyDocument::Access(one) => sides(&one.conditions.users).into(),
        PolicyDocument::Campaign(one) => sides(&one.who).into(),
        PolicyDocument::Strength(_)
        | PolicyDocument::Location(_)
        | PolicyDocument::Context(_)
        | PolicyDocument::Root(_)
        | PolicyDocument::Source(_)
        | PolicyDocument::SecondPerson(_)
        | PolicyDocument::Availability(_) => Vec::new(),
    }
}

fn of_passkeys(method: &PasskeyMethod) -> impl Iterator<Item = &Scope> {
    let targets = method.include.iter();
    targets
        .flat_map(|target| [&target.who, &target.except])
        .chain([&method.exclude])
}

/// Both sides of an assignment.
pub(super) fn check_assignment(one: &Assignment, at: &str, known: &Names, faults: &mut Faults) {
    check_sides(
        (&one.include, &format!("{at}.include")),
        (&one.exclude, &format!("{at}.exclude")),
        known,
        faults,
    );
}

/// Whom something is for, and the exceptions, each with its path.
pub(super) fn check_sides(
    (include, include_at): (&Scope, &str),
    (exclude, exclude_at): (&Scope, &str),
    known: &Names,
    faults: &mut Faults,
) {
    check(include, include_at, known, faults);
    check(exclude, exclude_at, known, faults);
    faults.add_if(exclude.everyone, exclude_at, Rule::EverybodyExcluded);
    let both = (include.guests && exclude.guests)
        || share(&include.users, &exclude.users)
        || share(&include.groups, &exclude.groups)
        // All role holders except some is a sentence; one role for and against is not.
        || (!include.roles.is_empty()
            && include.roles.iter().all(|role| exclude.roles.contains(role))
            && only_roles(include));
    faults.add_if(both, exclude_at, Rule::IncludedAndExcluded);
}

/// A scope by itself.
pub(super) fn check(scope: &Scope, at: &str, known: &Names, faults: &mut Faults) {
    faults.count(&scope.users, MAX_NAMED, &format!("{at}.users"));
    faults.count(&scope.groups, MAX_NAMED, &format!("{at}.groups"));
    for (number, user) in scope.users.iter().enumerate() {
        if !known.users.contains(user) {
            faults.add(format!("{at}.users[{number}]"), Rule::UnknownUser);
        }
    }
    for (number, group) in scope.groups.iter().enumerate() {
        if !known.groups.contains(group) {
            faults.add(format!("{at}.groups[{number}]"), Rule::UnknownGroup);
        }
    }
}

fn only_roles(scope: &Scope) -> bool {
    !scope.everyone && !scope.guests && scope.users.is_empty() && scope.groups.is_empty()
}

/// Whether two lists have an entry in common.
pub(super) fn share<T: Ord>(ours: &[T], theirs: &[T]) -> bool {
    let ours: BTreeSet<&T> = ours.iter().collect();
    theirs.iter().any(|one| ours.contains(one))
}
