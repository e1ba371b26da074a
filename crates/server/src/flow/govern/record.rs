//! What the audit log says of a change: Entra's activity names, and the members that changed with both values.

use policy::model::{
    AuditRecord, AuditResult, AuditSalts, Category, ModifiedProperty, PolicyDocument, PolicyKind,
    RecordId, Target,
};
use serde_json::{Map, Value};

use super::change::Changed;
use super::governor::Governor;
use crate::app::AppState;
use crate::flow::Caller;

/// Bytes of a value in a record. The whole text stays in the history under the version that the record names.
const LONGEST_VALUE: usize = 16 * 1024;

/// What is done to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    Made,
    Changed,
    TakenAway,
}

/// The records of a change from `old` to `new`, the main one first.
pub fn of_change(
    app: &AppState,
    caller: &Caller,
    governor: &Governor,
    old: Option<&PolicyDocument>,
    new: Option<&PolicyDocument>,
) -> Vec<AuditRecord> {
    let Some(document) = new.or(old) else {
        return Vec::new();
    };
    let done = match (old, new) {
        (None, _) => Done::Made,
        (_, None) => Done::TakenAway,
        _ => Done::Changed,
    };
    let properties = differences(old, new);
    let main = Target {
        modified_properties: properties,
        ..target(document)
    };
    let activity = activity(document.kind(), done);
    let mut records = vec![record(
        app,
        caller,
        governor,
        document.kind(),
        activity,
        main,
    )];
    let configurations = configurations(old, new).into_iter();
    records.extend(configurations.map(|(done, changed)| {
        let activity = combination_configuration(done);
        let about = Target {
            modified_properties: vec![changed],
            ..target(document)
        };
        record(app, caller, governor, document.kind(), activity, about)
    }));
    records
}

/// The members that differ between two texts of a document.
pub fn differences(
    old: Option<&PolicyDocument>,
    new: Option<&PolicyDocument>,
) -> Vec<ModifiedProperty> {
    modified(&members(old), &members(new))
}

/// The record of an attempt on a document of this kind that may not exist.
pub fn of_attempt(
    app: &AppState,
    caller: &Caller,
    governor: &Governor,
    kind: PolicyKind,
    id: &str,
) -> AuditRecord {
    let target = Target {
        id: graph_id(kind, id),
        kind: "Policy".to_owned(),
        display_name: None,
        user_principal_name: None,
        modified_properties: Vec::new(),
    };
    let activity = activity(kind, Done::Changed);
    record(app, caller, governor, kind, activity, target)
}

/// The same records, naming the versions that the write gave.
pub fn written(mut records: Vec<AuditRecord>, changed: Changed) -> Vec<AuditRecord> {
    for record in &mut records {
        let numbers = [
            ("documentVersion", changed.version),
            ("policyVersion", changed.policy_version),
        ];
        let details = numbers.map(|(name, number)| (name.to_owned(), number.to_string()));
        record.details.extend(details);
    }
    records
}

/// A successful record about a policy of this kind.
pub fn record(
    app: &AppState,
    caller: &Caller,
    governor: &Governor,
    kind: PolicyKind,
    activity: &str,
    target: Target,
) -> AuditRecord {
    let (category, service) = log_of(kind);
    AuditRecord {
        category,
        service: service.to_owned(),
        ..bare(app, caller, governor, activity, target)
    }
}

/// A successful record about `target` that says nothing of where it belongs.
pub fn bare(
    app: &AppState,
    caller: &Caller,
    governor: &Governor,
    activity: &str,
    target: Target,
) -> AuditRecord {
    let now = app.clock.now();
    AuditRecord {
        tenant: governor.tenant(),
        id: RecordId::new(now, app.random.bytes()),
        at: now,
        activity: activity.to_owned(),
        category: Category::Policy,
        service: String::new(),
        result: AuditResult::Success,
        reason: String::new(),
        initiated_by: governor.actor().clone(),
        targets: vec![target],
        details: vec![("userAgent".to_owned(), caller.user_agent.clone())],
        user: None,
        credential_id: None,
        aaguid: None,
        passkey_type: None,
        correlation: caller.correlation,
        salts: Some(AuditSalts::new(app.random.bytes(), app.random.bytes())),
    }
}

fn log_of(kind: PolicyKind) -> (Category, &'static str) {
    match kind {
        PolicyKind::Access | PolicyKind::Location | PolicyKind::Context => {
            (Category::Policy, "Conditional Access")
        }
        PolicyKind::SecondPerson => (Category::Policy, "Change approval"),
        _ => (Category::ApplicationManagement, "Authentication Methods"),
    }
}

const fn activity(kind: PolicyKind, done: Done) -> &'static str {
    match (kind, done) {
        (
            PolicyKind::Passkeys
            | PolicyKind::Passes
            | PolicyKind::SystemPreferred
            | PolicyKind::Availability,
            Done::TakenAway,
        ) => "Authentication Methods Policy Reset",
        (
            PolicyKind::Passkeys
            | PolicyKind::Passes
            | PolicyKind::SystemPreferred
            | PolicyKind::Campaign
            | PolicyKind::Availability,
            _,
        ) => "Authentication Methods Policy Update",
        (PolicyKind::Strength, Done::Made) => "Authentication Strength Policy Create",
        (PolicyKind::Strength, Done::Changed) => "Authentication Strength Policy Update",
        (PolicyKind::Strength, Done::TakenAway) => "Authentication Strength Policy Delete",
        (PolicyKind::Access, Done::Made) => "Add Conditional Access policy",
        (PolicyKind::Access, Done::Changed) => "Update Conditional Access policy",
        (PolicyKind::Access, Done::TakenAway) => "Delete Conditional Access policy",
        (PolicyKind::Location, Done::Made) => "Add named location",
        (PolicyKind::Location, Done::Changed) => "Update named location",
        (PolicyKind::Location, Done::TakenAway) => "Delete named location",
        (PolicyKind::Context, Done::Made) => "Add AuthenticationContext",
        (PolicyKind::Context, Done::Changed) => "Update AuthenticationContext",
        (PolicyKind::Context, Done::TakenAway) => "Delete AuthenticationContext",
        (PolicyKind::Root, Done::Made) => "Add attestation root",
        (PolicyKind::Root, Done::Changed) => "Update attestation root",
        (PolicyKind::Root, Done::TakenAway) => "Delete attestation root",
        (PolicyKind::Source, Done::Made) => "Add signal source",
        (PolicyKind::Source, Done::Changed) => "Update signal source",
        (PolicyKind::Source, Done::TakenAway) => "Delete signal source",
        (PolicyKind::SecondPerson, _) => "Update change approval setting",
    }
}

const fn combination_configuration(done: Done) -> &'static str {
    match done {
        Done::Made => "Authentication Strength Combination Configuration Create",
        Done::Changed => "Authentication Strength Combination Configuration Update",
        Done::TakenAway => "Authentication Strength Combination Configuration Delete",
    }
}

fn target(document: &PolicyDocument) -> Target {
    let id = graph_id(document.kind(), &document.id());
    let name = match document.name() {
        "" => id.clone(),
        name => name.to_owned(),
    };
    Target {
        id,
        kind: "Policy".to_owned(),
        display_name: Some(name),
        user_principal_name: None,
        modified_properties: Vec::new(),
    }
}

/// The id by which Graph knows the document.
fn graph_id(kind: PolicyKind, id: &str) -> String {
    match kind {
        PolicyKind::Passkeys => "Fido2".to_owned(),
        PolicyKind::Passes => "TemporaryAccessPass".to_owned(),
        PolicyKind::SystemPreferred => "systemCredentialPreferences".to_owned(),
        PolicyKind::SecondPerson => "secondPerson".to_owned(),
        PolicyKind::Availability => "passkeyAvailability".to_owned(),
        _ => id.to_owned(),
    }
}

/// Lists of models that count in a strength: each is an object of its own in Entra's log.
fn configurations(
    old: Option<&PolicyDocument>,
    new: Option<&PolicyDocument>,
) -> Vec<(Done, ModifiedProperty)> {
    let (before, after) = (lists(old), lists(new));
    let changes = modified(&before, &after).into_iter();
    changes
        .map(|change| {
            let done = match (&change.old_value, &change.new_value) {
                (None, _) => Done::Made,
                (_, None) => Done::TakenAway,
                _ => Done::Changed,
            };
            (done, change)
        })
        .collect()
}

fn lists(document: Option<&PolicyDocument>) -> Map<String, Value> {
    let Some(PolicyDocument::Strength(one)) = document else {
        return Map::new();
    };
    let lists = one.allowed_aaguids.iter();
    lists
        .map(|list| (list.id.to_string(), serde_json::json!(list.aaguids)))
        .collect()
}

fn members(document: Option<&PolicyDocument>) -> Map<String, Value> {
    match document.map(serde_json::to_value) {
        Some(Ok(Value::Object(members))) => members,
        _ => Map::new(),
    }
}

/// The members that differ, with what they were and are.
pub fn modified(old: &Map<String, Value>, new: &Map<String, Value>) -> Vec<ModifiedProperty> {
    let gone = old.keys().filter(|name| !new.contains_key(*name));
    let names = new.keys().chain(gone);
    names
        .filter(|name| old.get(*name) != new.get(*name) && *name != "modified")
        .map(|name| ModifiedProperty {
            display_name: name.clone(),
            old_value: old.get(name).map(text),
            new_value: new.get(name).map(text),
        })
        .collect()
}

fn text(value: &Value) -> String {
    let mut text = value.to_string();
    if text.len() > LONGEST_VALUE {
        let end = text.floor_char_boundary(LONGEST_VALUE);
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    fn object(text: &str) -> Map<String, Value> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn only_what_differs_is_recorded_with_both_values() {
        let old = object(r#"{"name":"A","state":"disabled","gone":1,"modified":1}"#);
        let new = object(r#"{"name":"A","state":"enabled","come":2,"modified":2}"#);
        let changes = modified(&old, &new);
        let said: Vec<_> = changes
            .iter()
            .map(|one| {
                (
                    one.display_name.as_str(),
                    one.old_value.as_deref(),
                    one.new_value.as_deref(),
                )
            })
            .collect();
        assert_eq!(
            said,
            [
                ("come", None, Some("2")),
                ("state", Some("\"disabled\""), Some("\"enabled\"")),
                ("gone", Some("1"), None),
            ]
        );
    }

    #[test]
    fn a_long_value_is_cut_between_characters() {
        let long = Value::String("ü".repeat(LONGEST_VALUE));
        let said = text(&long);
        assert!(said.len() <= LONGEST_VALUE + '…'.len_utf8());
        assert!(said.ends_with('…'));
    }
}
