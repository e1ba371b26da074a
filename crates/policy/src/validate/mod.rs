//! Whether what an administrator decides makes sense, before it is kept.
//!
//! A document is refused with the member and the rule ([`Fault`]) if it contradicts itself, names what does not exist,
//! can be satisfied by nothing, or is out of bounds. All faults are found at once, so that a form shows each at its field.
//!
//! This looks at policies only. Who could no longer come in is asked of the live directory ([`crate::impact`]).
//!
//! # Bounds
//! They keep a mistake of a script from filling the house; nobody should meet them. A document may have [`MAX_BYTES`] of
//! JSON (Entra: 20 KB); the other numbers are the constants of this module.

mod access;
mod methods;
mod passkeys;
mod roots;
mod rule;
mod scope;
mod second_person;
mod sources;
mod strength;

#[cfg(test)]
mod tests;

pub use rule::{Fault, Rule};

use crate::model::{ApplicationId, GroupId, Policies, PolicyDocument, PolicyKind, Scope, UserId};
use std::collections::BTreeSet;

/// Bytes of a document as JSON.
pub const MAX_BYTES: usize = 1_048_576;
/// Characters of a name.
pub const MAX_NAME: usize = 256;
/// Characters of a description.
pub const MAX_DESCRIPTION: usize = 1_024;
/// Users, groups or applications in one list.
pub const MAX_NAMED: usize = 5_000;
/// Passkey profiles, and targets.
pub const MAX_PROFILES: usize = 500;
/// AAGUIDs, roots, vendors or address ranges in one list.
pub const MAX_ENTRIES: usize = 5_000;
/// Custom strengths.
pub const MAX_STRENGTHS: usize = 500;
/// Conditional access policies.
pub const MAX_ACCESS: usize = 1_000;
/// Named locations.
pub const MAX_LOCATIONS: usize = 1_000;
/// Attestation roots.
pub const MAX_ROOTS: usize = 100;
/// Systems whose security events are taken.
pub const MAX_SOURCES: usize = 100;
/// Campaigns, and waves of one.
pub const MAX_CAMPAIGNS: usize = 100;
/// Combinations of a strength.
pub const MAX_COMBINATIONS: usize = 200;
/// Days of any lifetime: a hundred years.
pub const MAX_DAYS: u32 = 36_500;
/// Minutes of a sign-in frequency: a year.
pub const MAX_MINUTES: u32 = 527_040;
/// Faults that are reported at once.
const MAX_FAULTS: usize = 100;

/// What is about to happen to a document.
#[derive(Debug, Clone, Copy)]
pub enum Change<'a> {
    /// It is made or replaced.
    Put(&'a PolicyDocument),
    /// It is taken away; the only one of its kind goes back to what a new tenant has.
    Remove(PolicyKind, &'a str),
}

/// People, groups and applications: those that a document names, or those that exist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Users.
    pub users: BTreeSet<UserId>,
    /// Groups.
    pub groups: BTreeSet<GroupId>,
    /// Applications.
    pub applications: BTreeSet<ApplicationId>,
}

impl Names {
    /// Everybody and everything that `document` names, to be looked up before [`check`].
    #[must_use]
    pub fn in_document(document: &PolicyDocument) -> Self {
        let mut names = Self::default();
        for scope in scope::of_document(document) {
            names.users.extend(&scope.users);
            names.groups.extend(&scope.groups);
        }
        names.applications.extend(access::applications(document));
        names
    }
}

/// Whether the change may be made. `after` are all policies as they would be, `known` what exists of
/// [`Names::in_document`].
///
/// # Errors
/// Every fault, at most a hundred of them.
pub fn check(after: &Policies, change: Change<'_>, known: &Names) -> Result<(), Vec<Fault>> {
    let mut faults = Faults::default();
    match change {
        Change::Put(document) => {
            check_size(document, &mut faults);
            check_document(after, document, known, &mut faults);
        }
        Change::Remove(kind, id) => check_removal(after, kind, id, &mut faults),
    }
    faults.into_result()
}

fn check_size(document: &PolicyDocument, faults: &mut Faults) {
    let bytes = serde_json::to_string(document).map_or(usize::MAX, |text| text.len());
    if bytes > MAX_BYTES {
        faults.add("", Rule::TooLarge(MAX_BYTES));
    }
}

fn check_document(after: &Policies, document: &PolicyDocument, known: &Names, faults: &mut Faults) {
    match document {
        PolicyDocument::Passkeys(one) => passkeys::check(one, known, faults),
        PolicyDocument::Passes(one) => methods::check_passes(one, known, faults),
        PolicyDocument::SystemPreferred(one) => {
            scope::check_assignment(&one.who, "who", known, faults);
        }
        PolicyDocument::Strength(one) => strength::check(after, one, faults),
        PolicyDocument::Access(one) => access::check(after, one, known, faults),
        PolicyDocument::Location(one) => access::check_location(after, one, faults),
        PolicyDocument::Context(one) => access::check_context(after, one, faults),
        PolicyDocument::Campaign(one) => methods::check_campaign(after, one, known, faults),
        PolicyDocument::Root(one) => roots::check(after, one, faults),
        PolicyDocument::Source(one) => sources::check(after, one, faults),
        PolicyDocument::SecondPerson(one) => second_person::check(one, faults),
        PolicyDocument::Availability(one) => methods::check_availability(one, faults),
    }
}

fn check_removal(after: &Policies, kind: PolicyKind, id: &str, faults: &mut Faults) {
    match kind {
        PolicyKind::Strength => strength::check_removal(after, id, faults),
        PolicyKind::Root => roots::check_removal(after, id, faults),
        PolicyKind::Location | PolicyKind::Context => {
            access::check_removal(after, kind, id, faults);
        }
        // The other kinds are named by nothing, or go back to what holds in a new tenant.
        _ => {}
    }
}

/// Collects what is wrong.
#[derive(Debug, Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, field: impl Into<String>, rule: Rule) {
        if self.0.len() < MAX_FAULTS {
            let field = field.into();
            self.0.push(Fault { field, rule });
        }
    }

    fn add_if(&mut self, wrong: bool, field: &str, rule: Rule) {
        if wrong {
            self.add(field, rule);
        }
    }

    /// A number from `least` to `most`.
    fn range(&mut self, number: u32, least: u32, most: u32, field: &str) {
        let wrong = !(least..=most).contains(&number);
        self.add_if(wrong, field, Rule::OutOfRange(least, most));
    }

    /// A list of at most `limit`.
    fn count<T>(&mut self, list: &[T], limit: usize, field: &str) {
        self.add_if(list.len() > limit, field, Rule::TooMany(limit));
    }

    /// The name among those of all others of its kind.
    fn name<'n>(&mut self, name: &str, others: impl Iterator<Item = &'n str>, field: &str) {
        let folded = fold(name);
        if folded.is_empty() {
            return self.add(field, Rule::NameMissing);
        }
        self.text(name, MAX_NAME, field);
        let taken = others.map(fold).any(|other| other == folded);
        self.add_if(taken, field, Rule::NameTaken);
    }

    fn description(&mut self, text: &str) {
        self.text(text, MAX_DESCRIPTION, "description");
    }

    fn text(&mut self, text: &str, limit: usize, field: &str) {
        let long = text.chars().count() > limit;
        self.add_if(long, field, Rule::TextTooLong(limit));
        let strange = text.chars().any(|one| one.is_control() && one != '\n');
        self.add_if(strange, field, Rule::TextNotPlain);
    }

    fn into_result(self) -> Result<(), Vec<Fault>> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(self.0)
        }
    }
}

/// Names are told apart without regard to case and to spaces around them.
fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}

/// The documents that name this group, for whoever wants to delete it.
#[must_use]
pub fn naming_group(policies: &Policies, group: GroupId) -> Vec<PolicyDocument> {
    let documents = PolicyKind::ALL
        .iter()
        .flat_map(|kind| policies.documents_of(*kind));
    documents
        .filter(|document| {
            let mut scopes = scope::of_document(document).into_iter();
            scopes.any(|scope| scope.groups.contains(&group))
        })
        .collect()
}

/// The scopes of an assignment.
fn sides(assignment: &crate::model::Assignment) -> [&Scope; 2] {
    [&assignment.include, &assignment.exclude]
}
