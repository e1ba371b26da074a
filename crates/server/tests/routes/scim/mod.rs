//! `/scim/v2/…`: another directory keeps accounts and groups here.

mod door;
mod groups;
mod users;

use axum::http::Method;
use serde_json::{Value, json};

use crate::graph::{Program, Scene};
use crate::world::Answer;

pub const USERS: &str = "/scim/v2/Users";
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub const GROUPS: &str = "/scim/v2/Groups";
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A request as directories send it.
pub async fn send(app: &Program<'_>, method: Method, path: &str, body: Option<&Value>) -> Answer {
    let kind = body.map(|_| "application/scim+json");
    let body = body.map_or_else(String::new, Value::to_string);
    app.send_raw(method, path, kind, body, &[]).await
}

/// The same on condition of a version.
pub async fn send_if(
    app: &Program<'_>,
    method: Method,
    path: &str,
    body: Option<&Value>,
    condition: (&str, &str),
) -> Answer {
    let kind = body.map(|_| "application/json; charset=utf-8");
    let body = body.map_or_else(String::new, Value::to_string);
    app.send_raw(method, path, kind, body, &[condition]).await
}

/// Operations on one resource.
pub async fn patch(app: &Program<'_>, path: &str, operations: Value) -> Answer {
    let body = json!({"schemas": [PATCH], "Operations": operations});
    send(app, Method::PATCH, path, Some(&body)).await
}

/// A new account of the tenant's domain.
pub async fn make_user(app: &Program<'_>, scene: &Scene, name: &str) -> Value {
    let body = json!({
        "schemas": [USER],
        "userName": full_name(scene, name),
        "externalId": format!("hr-{name}"),
        "name": {"givenName": name, "familyName": "Tester"},
        "emails": [{"value": format!("{name}@post.example"), "type": "work", "primary": true}],
        "active": true,
    });
    let answer = send(app, Method::POST, USERS, Some(&body)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()
}

pub fn full_name(scene: &Scene, name: &str) -> String {
    let domains = &scene.world.app.tenants.default().domains;
    format!("{name}@{}", domains.first().unwrap())
}

/// The address of a resource, below the origin.
pub fn path_of(resource: &Value) -> String {
    let id = resource["id"].as_str().unwrap();
    match resource["meta"]["resourceType"].as_str() {
        Some("Group") => format!("/scim/v2/Groups/{id}"),
        _ => format!("{USERS}/{id}"),
    }
}

/// Asserts a success and reads it.
#[track_caller]
pub fn ok(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.headers["content-type"], "application/scim+json");
    answer.json()
}

/// Asserts an error in the form of the RFC, with its word for what is wrong and our code.
#[track_caller]
pub fn refused(answer: &Answer, status: u16, kind: Option<&str>, code: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    assert_eq!(answer.headers["content-type"], "application/scim+json");
    let body = answer.json();
    let schema = "urn:ietf:params:scim:api:messages:2.0:Error";
    assert_eq!(body["schemas"], json!([schema]), "{body}");
    assert_eq!(body["status"], status.to_string(), "{body}");
    assert_eq!(body.get("scimType").and_then(Value::as_str), kind, "{body}");
    let detail = body["detail"].as_str().unwrap();
    let correlation = answer.headers["x-correlation-id"].to_str().unwrap();
    assert!(
        detail.contains(&format!("({code}; correlation id {correlation})")),
        "{body}"
    );
}
