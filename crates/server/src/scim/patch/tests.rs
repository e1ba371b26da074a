#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed setup is a failed test"
)]

use serde_json::json;

use super::*;
use crate::scim::schema::USER;

/// A resource after these operations.
fn after(operations: Value) -> Result<Value, ScimRefusal> {
    let mut resource = json!({
        "id": "1", "userName": "ada@example.org", "displayName": "Ada", "active": true,
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [{"value": "ada@work.example", "type": "work", "primary": true}],
    });
    let body = json!({"schemas": [MESSAGE], "Operations": operations});
    let members = resource.as_object_mut().unwrap();
    for operation in super::operations(body, &USER)? {
        operation.apply(members)?;
    }
    Ok(resource)
}

#[test]
fn what_is_put_somewhere_is_there() {
    let done = after(json!([
        {"op": "replace", "path": "displayName", "value": "A."},
        {"op": "add", "path": "externalId", "value": "7"},
        {"op": "replace", "path": "name.familyName", "value": "King"},
        {"op": "add", "path": "name", "value": {"GIVENNAME": "Augusta"}},
        {"op": "replace", "path": r#"emails[type eq "work"].value"#, "value": "a@w.example"},
    ]))
    .unwrap();
    assert_eq!(done["displayName"], "A.");
    assert_eq!(done["externalId"], "7");
    assert_eq!(
        done["name"],
        json!({"givenName": "Augusta", "familyName": "King"})
    );
    assert_eq!(done["emails"][0]["value"], "a@w.example");
}

#[test]
fn entras_ways_of_writing_are_read() {
    let done = after(json!([
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "Add", "path": r#"emails[type eq "home"].value"#, "value": "a@h.example"},
        {"op": "Add", "path": "name.formatted", "value": "Ada Lovelace"},
        {"op": "Add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "value": "x"},
        {"op": "replace", "value": {"displayName": "B.", "name.givenName": "Bo", "title": "Dr", "id": "2"}},
    ]))
    .unwrap();
    assert_eq!(truth(&done["active"]), Some(false));
    assert_eq!(
        done["emails"][1],
        json!({"type": "home", "value": "a@h.example"})
    );
    assert_eq!(done["displayName"], "B.");
    assert_eq!(done["name"]["givenName"], "Bo");
    assert_eq!(done["id"], "1");
    assert!(done.get("title").is_none());
}

#[test]
fn a_new_primary_element_is_the_only_one() {
    let done = after(json!([
        {"op": "add", "path": "emails", "value": [{"value": "new@x", "primary": true}]},
    ]))
    .unwrap();
    assert_eq!(done["emails"][0].get("primary"), None);
    assert_eq!(done["emails"][1]["primary"], true);
    let once = json!([{"op": "add", "path": "emails", "value": {"value": "ada@work.example", "type": "work"}}]);
    assert_eq!(after(once).unwrap()["emails"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_taken_away_is_gone() {
    let done = after(json!([
        {"op": "remove", "path": "displayName"},
        {"op": "remove", "path": "name.givenName"},
        {"op": "remove", "path": r#"emails[type eq "work"]"#},
        {"op": "replace", "path": "externalId", "value": null},
    ]))
    .unwrap();
    assert!(done.get("displayName").is_none());
    assert_eq!(done["name"], json!({"familyName": "Lovelace"}));
    assert_eq!(done["emails"], json!([]));
    let part = after(json!([{"op": "remove", "path": "emails.primary"}])).unwrap();
    assert_eq!(part["emails"][0].get("primary"), None);
    let value =
        json!([{"op": "remove", "path": "emails", "value": [{"value": "ada@work.example"}]}]);
    assert_eq!(after(value).unwrap()["emails"], json!([]));
}

#[test]
fn what_is_wrong_is_refused_by_its_rule() {
    let refusal = |operation: Value| after(json!([operation])).unwrap_err();
    for wrong in [
        json!(1),
        json!({"op": "move", "path": "active", "value": true}),
        json!({"path": "active", "value": true}),
        json!({"op": "add", "value": "x"}),
        json!({"op": "add", "path": 1, "value": "x"}),
    ] {
        assert!(
            matches!(refusal(wrong.clone()), ScimRefusal::Syntax(_)),
            "{wrong}"
        );
    }
    for wrong in [
        json!({"op": "replace", "path": "id", "value": "2"}),
        json!({"op": "remove", "path": "userName"}),
        json!({"op": "remove", "path": "active"}),
        json!({"op": "replace", "path": "active", "value": null}),
        json!({"op": "add", "path": "meta.version", "value": "W/\"9\""}),
    ] {
        assert!(
            matches!(refusal(wrong.clone()), ScimRefusal::ReadOnly(_)),
            "{wrong}"
        );
    }
    for wrong in [
        json!({"op": "remove"}),
        json!({"op": "replace", "path": r#"emails[type eq "home"].value"#, "value": "x"}),
    ] {
        assert!(
            matches!(refusal(wrong.clone()), ScimRefusal::NoTarget),
            "{wrong}"
        );
    }
    let misspelt = json!({"op": "replace", "value": {"actve": false}});
    assert!(matches!(refusal(misspelt), ScimRefusal::Path(_)));
    for wrong in [
        json!({"op": "add", "path": "name", "value": "Ada"}),
        json!({"op": "add", "path": "displayName"}),
        json!({"op": "add", "path": "emails", "value": (0..200).collect::<Vec<_>>()}),
    ] {
        assert!(
            matches!(refusal(wrong.clone()), ScimRefusal::Value(..)),
            "{wrong}"
        );
    }
    let many: Vec<_> = (0..1001)
        .map(|_| json!({"op": "add", "path": "title", "value": "x"}))
        .collect();
    assert!(matches!(after(json!(many)), Err(ScimRefusal::TooMany(_))));
    let other = json!({"schemas": ["urn:other"], "Operations": []});
    assert!(matches!(
        operations(other, &USER),
        Err(ScimRefusal::Syntax(_))
    ));
}
