//! An audit record as Graph writes it.

use policy::model::{Actor, AuditRecord, Target};
use serde_json::{Map, Value, json};

use crate::graph::Version;
use crate::graph::values::{date, members};

/// The detail that beta has a member for.
const USER_AGENT: &str = "userAgent";

/// An audit record.
pub fn view(version: Version, record: &AuditRecord) -> Map<String, Value> {
    let details = record.details.iter();
    let details: Vec<_> = details
        .map(|(key, value)| json!({"key": key, "value": value}))
        .collect();
    let targets: Vec<_> = record.targets.iter().map(target).collect();
    let mut view = members(json!({
        "id": record.id.to_string(),
        "activityDateTime": date(record.at),
        "activityDisplayName": record.activity,
        "category": record.category.as_str(),
        "correlationId": record.correlation.to_string(),
        "loggedByService": record.service,
        "operationType": operation(&record.activity),
        "result": record.result.as_str(),
        "resultReason": record.reason,
        "initiatedBy": initiator(&record.initiated_by),
        "targetResources": targets,
        "additionalDetails": details,
    }));
    if version == Version::Beta {
        let mut details = record.details.iter();
        let agent = details.find(|(key, _)| key == USER_AGENT);
        let agent = agent.map(|(_, value)| value.as_str());
        view.insert(USER_AGENT.to_owned(), agent.into());
        view.insert("performedBy".to_owned(), Value::Null);
    }
    view
}

fn initiator(actor: &Actor) -> Value {
    match actor {
        Actor::User {
            id,
            display_name,
            user_principal_name,
            ip_address,
        } => json!({
            "app": null,
            "user": {
                "id": id.to_string(),
                "displayName": display_name,
                "userPrincipalName": user_principal_name,
                "ipAddress": ip_address,
            },
        }),
        Actor::App { id, display_name } => json!({
            "app": application(Some(&id.to_string()), display_name),
            "user": null,
        }),
        Actor::Service { name } => json!({
            "app": application(None, name),
            "user": null,
        }),
    }
}

fn application(id: Option<&str>, name: &str) -> Value {
    json!({
        "appId": id,
        "displayName": name,
        "servicePrincipalId": null,
        "servicePrincipalName": null,
    })
}

fn target(target: &Target) -> Value {
    let modified = target.modified_properties.iter().map(|one| {
        json!({
            "displayName": one.display_name,
            "oldValue": one.old_value,
            "newValue": one.new_value,
        })
    });
    json!({
        "id": (!target.id.is_empty()).then_some(&target.id),
        "displayName": target.display_name,
        "type": target.kind,
        "userPrincipalName": target.user_principal_name,
        "groupType": (target.kind == "Group").then_some("azureAD"),
        "modifiedProperties": modified.collect::<Vec<_>>(),
    })
}

/// What the activity is one of, as far as its name says so.
fn operation(activity: &str) -> &'static str {
    const WORDS: [(&str, &str); 16] = [
        ("add", "Add"),
        ("create", "Add"),
        ("registered", "Add"),
        ("update", "Update"),
        ("updated", "Update"),
        ("change", "Update"),
        ("changed", "Update"),
        ("reset", "Update"),
        ("enable", "Update"),
        ("disable", "Update"),
        ("restore", "Update"),
        ("released", "Update"),
        ("delete", "Delete"),
        ("deleted", "Delete"),
        ("remove", "Delete"),
        ("revoke", "Delete"),
    ];
    let mut words = activity.split_ascii_whitespace();
    let found = words.find_map(|word| {
        let mut known = WORDS.iter();
        known.find(|(name, _)| name.eq_ignore_ascii_case(word))
    });
    found.map_or("", |(_, operation)| operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_activity_says_what_kind_it_is() {
        assert_eq!(operation("Add Passkey (synced)"), "Add");
        assert_eq!(operation("Admin registered security info"), "Add");
        assert_eq!(operation("Authentication Methods Policy Update"), "Update");
        assert_eq!(operation("Reset user password"), "Update");
        assert_eq!(operation("User deleted security info"), "Delete");
        assert_eq!(operation("Get passkey creation options"), "");
    }
}
