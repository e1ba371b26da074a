//! Who comes in, what can be found out before, and what is no request.

use axum::http::Method;
use policy::model::Role;
use policy::scopes::Scope;
use serde_json::{Value, json};

use super::{USERS, full_name, make_user, ok, patch, path_of, refused, send};
use crate::graph::Scene;

#[tokio::test]
async fn what_the_server_can_do_is_said_to_everybody() {
    let scene = Scene::new().await;
    let nobody = scene.bearer(String::new());
    let get = async |path: &str| ok(&send(&nobody, Method::GET, path, None).await);
    let config = get("/scim/v2/ServiceProviderConfig").await;
    for (what, supported) in [
        ("patch", true),
        ("bulk", false),
        ("filter", true),
        ("etag", true),
    ] {
        assert_eq!(config[what]["supported"], supported, "{config}");
    }
    assert_eq!(
        config["authenticationSchemes"][0]["type"],
        "oauthbearertoken"
    );
    let types = get("/scim/v2/ResourceTypes").await;
    assert_eq!(types["Resources"][0]["endpoint"], "/Users");
    let one = get("/scim/v2/ResourceTypes/User").await;
    assert_eq!(one, types["Resources"][0]);
    let schemas = get("/scim/v2/Schemas").await;
    assert_eq!(schemas["totalResults"], types["totalResults"]);
    let user = get(&format!("/scim/v2/Schemas/{}", super::USER)).await;
    assert_eq!(user, schemas["Resources"][0]);
    let name = &user["attributes"][0];
    assert_eq!(
        name,
        &json!({
            "name": "userName", "type": "string", "multiValued": false,
            "description": "The user principal name: a name and one of the tenant's domains",
            "required": true, "caseExact": false, "mutability": "readWrite",
            "returned": "default", "uniqueness": "server",
        })
    );
    let missing = send(&nobody, Method::GET, "/scim/v2/Schemas/urn:other", None).await;
    refused(&missing, 404, None, "not_found");
    for path in ["/scim/v2/Other", "/scim/v2", "/scim"] {
        refused(
            &send(&nobody, Method::GET, path, None).await,
            404,
            None,
            "not_found",
        );
    }
}

#[tokio::test]
async fn every_resource_has_what_its_schema_says_and_nothing_else() {
    let scene = Scene::new().await;
    let app = scene.app_with(&[Scope::SynchronizationUpload]).await;
    let made = make_user(&app, &scene, "ada").await;
    let schema = ok(&send(
        &app,
        Method::GET,
        &format!("/scim/v2/Schemas/{}", super::USER),
        None,
    )
    .await);
    let attributes = schema["attributes"].as_array().unwrap();
    let named = |name: &str| attributes.iter().find(|one| one["name"] == name).cloned();
    let common = ["schemas", "id", "externalId", "meta"];
    for (name, value) in made.as_object().unwrap() {
        if common.contains(&name.as_str()) {
            continue;
        }
        let described = named(name).unwrap_or_else(|| panic!("{name} is in no schema"));
        assert_eq!(value.is_array(), described["multiValued"] == true, "{name}");
        let one = value.as_array().map_or(value, |all| &all[0]);
        let Value::Object(parts) = one else { continue };
        for part in parts.keys() {
            let known = described["subAttributes"].as_array().unwrap();
            assert!(
                known.iter().any(|one| one["name"] == part.as_str()),
                "{name}.{part}"
            );
        }
    }
}

#[tokio::test]
async fn without_a_token_of_an_application_nothing_opens() {
    let scene = Scene::new().await;
    let missing = send(&scene.bearer(String::new()), Method::GET, USERS, None).await;
    assert_eq!(missing.status, 401, "{}", missing.body);
    let stranger = scene.bearer("nonsense".to_owned());
    let answer = send(&stranger, Method::GET, USERS, None).await;
    assert_eq!(answer.status, 401);
    assert_eq!(
        answer.headers["www-authenticate"],
        "Bearer error=\"invalid_token\""
    );
    // Not even an administrator, with every scope.
    let admin = scene.world.user("root@a.example").await;
    scene.world.role(&admin, Role::GlobalAdministrator).await;
    let person = scene.as_user(&admin, Scope::ALL).await.program;
    let answer = send(&person, Method::GET, USERS, None).await;
    refused(&answer, 401, None, "token_of_a_user");
}

#[tokio::test]
async fn an_application_does_what_its_permissions_say() {
    let scene = Scene::new().await;
    let sync = scene.app_with(&[Scope::SynchronizationUpload]).await;
    let made = make_user(&sync, &scene, "ada").await;
    let path = path_of(&made);
    let reader = scene.app_with(&[Scope::UserReadAll]).await;
    ok(&send(&reader, Method::GET, USERS, None).await);
    ok(&send(&reader, Method::GET, &path, None).await);
    let body = json!({"userName": full_name(&scene, "bob")});
    let rename = json!([{"op": "replace", "path": "displayName", "value": "x"}]);
    for answer in [
        send(&reader, Method::POST, USERS, Some(&body)).await,
        send(&reader, Method::PUT, &path, Some(&body)).await,
        patch(&reader, &path, rename).await,
        send(&reader, Method::DELETE, &path, None).await,
    ] {
        refused(&answer, 403, None, "scope_missing");
    }
    // Who may lock people out may not rename them.
    let switch = scene
        .app_with(&[Scope::UserEnableDisableAll, Scope::UserReadAll])
        .await;
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    refused(
        &patch(&switch, &path, off).await,
        403,
        None,
        "scope_missing",
    );
    let other = scene.app_with(&[Scope::GroupReadWriteAll]).await;
    refused(
        &send(&other, Method::GET, USERS, None).await,
        403,
        None,
        "scope_missing",
    );
    // What provisions accounts gives nobody a passkey, a pass or a password.
    let methods = format!(
        "/v1.0/users/{}/authentication/methods",
        made["id"].as_str().unwrap()
    );
    assert_eq!(sync.get(&methods).await.status, 403);
}

#[tokio::test]
async fn what_is_no_request_is_refused_in_the_form_of_the_rfc() {
    let scene = Scene::new().await;
    let app = scene.app_with(&[Scope::SynchronizationUpload]).await;
    let raw = async |kind: Option<&'static str>, body: &str| {
        app.send_raw(Method::POST, USERS, kind, body.to_owned(), &[])
            .await
    };
    let scim = Some("application/scim+json");
    refused(&raw(None, "{}").await, 415, None, "unsupported_type");
    refused(
        &raw(Some("text/xml"), "{}").await,
        415,
        None,
        "unsupported_type",
    );
    for (kind, body) in [(scim, "{"), (scim, "[]"), (Some("application/json"), "1")] {
        refused(
            &raw(kind, body).await,
            400,
            Some("invalidSyntax"),
            "malformed_request",
        );
    }
    let other = json!({"schemas": ["urn:other"], "userName": full_name(&scene, "ada")}).to_string();
    refused(
        &raw(scim, &other).await,
        400,
        Some("invalidSyntax"),
        "malformed_request",
    );
    let twice = r#"{"userName": "a", "USERNAME": "b"}"#;
    refused(
        &raw(scim, twice).await,
        400,
        Some("invalidSyntax"),
        "malformed_request",
    );
    let huge = format!("{{\"userName\": \"{}\"}}", "a".repeat(1 << 20));
    refused(&raw(scim, &huge).await, 413, None, "too_large");
    let deep = "[".repeat(10_000);
    refused(
        &raw(scim, &deep).await,
        400,
        Some("invalidSyntax"),
        "malformed_request",
    );
    for query in ["filter=%FF", "filter=%2", "filter=%zz"] {
        refused(
            &send(&app, Method::GET, &format!("{USERS}?{query}"), None).await,
            400,
            Some("invalidSyntax"),
            "malformed_request",
        );
    }
    let verb = send(&app, Method::PUT, USERS, None).await;
    refused(&verb, 405, None, "method_not_allowed");
    assert!(verb.headers["allow"].to_str().unwrap().contains("POST"));
    let bulk = send(&app, Method::POST, "/scim/v2/Bulk", Some(&json!({}))).await;
    refused(&bulk, 501, None, "not_supported");
    let me = send(&app, Method::GET, "/scim/v2/Me", None).await;
    refused(&me, 501, None, "not_supported");
}
