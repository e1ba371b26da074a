//! `$batch`, and the document.

use axum::http::Method;
use policy::scopes::Scope;
use serde_json::{Value, json};

use super::{Scene, ok, refused};

fn status(body: &Value, at: usize) -> &Value {
    &body["responses"][at]["status"]
}

#[tokio::test]
async fn a_batch_takes_every_form_of_address() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let origin = scene.world.origin();
    let batch = json!({"requests": [
        {"id": "1", "method": "GET", "url": format!("{origin}/v1.0/organization"), "depends_on": []},
        {"id": "2", "method": "GET", "url": "/organization"},
        {"id": "3", "method": "get", "url": "users?$top=1", "dependsOn": ["1"]},
        {"id": "4", "method": "POST", "url": "/groups", "body": {"displayName": "Pilots"},
         "headers": {"Content-Type": "application/json"}},
        {"id": "5", "method": "GET", "url": "/nowhere"},
        {"id": "6", "method": "GET", "url": "/organization", "dependsOn": ["5"]},
    ]});
    let body = ok(&app.post("/v1.0/$batch", &batch).await, 200);
    for (at, expected) in [200, 200, 200, 201, 404, 424].into_iter().enumerate() {
        assert_eq!(*status(&body, at), expected, "{body}");
        assert_eq!(body["responses"][at]["id"], (at + 1).to_string());
    }
    assert_eq!(body["responses"][3]["body"]["displayName"], "Pilots");
    assert!(body["responses"][4]["body"]["error"]["innerError"]["request-id"].is_string());
}

#[tokio::test]
async fn each_part_of_a_batch_takes_its_own_scope() {
    let scene = Scene::new().await;
    let app = scene.app_with(&[Scope::UserReadAll]).await;
    let batch = json!({"requests": [
        {"id": "1", "method": "GET", "url": "/users"},
        {"id": "2", "method": "POST", "url": "/groups", "body": {"displayName": "Pilots"}},
        {"id": "3", "method": "POST", "url": "/$batch", "body": {"requests": []}},
    ]});
    let body = ok(&app.post("/v1.0/$batch", &batch).await, 200);
    assert_eq!(*status(&body, 0), 200);
    assert_eq!(*status(&body, 1), 403);
    assert_eq!(*status(&body, 2), 404);
}

#[tokio::test]
async fn what_is_no_batch_is_refused_whole() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let one = json!({"id": "1", "method": "GET", "url": "/users"});
    let many: Vec<_> = (0..21)
        .map(|id| json!({"id": id.to_string(), "method": "GET", "url": "/users"}))
        .collect();
    for (body, code) in [
        (json!({}), "malformed_request"),
        (json!({"requests": []}), "field_invalid"),
        (json!({"requests": many}), "field_invalid"),
        (json!({"requests": [one, one]}), "field_invalid"),
    ] {
        refused(&app.post("/v1.0/$batch", &body).await, 400, code);
    }
    let answer = app.send(Method::GET, "/v1.0/$batch", None).await;
    refused(&answer, 405, "method_not_allowed");
    let mut nobody = scene.bearer(String::new());
    nobody.authorization = String::new();
    refused(
        &nobody.post("/v1.0/$batch", &json!({})).await,
        401,
        "token_missing",
    );
}

#[tokio::test]
async fn the_document_has_every_operation_of_the_table() {
    let scene = Scene::new().await;
    let answer = scene.world.browser().get("/openapi.json").await;
    let document = ok(&answer, 200);
    let paths = document["paths"].as_object().unwrap();
    let mut ids = std::collections::BTreeSet::new();
    for operation in paths
        .values()
        .flat_map(|path| path.as_object().unwrap().values())
    {
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id.to_owned()), "{id} stands there twice");
    }
    for route in keyward::graph::table::table() {
        let verb = route.method.http().as_str().to_lowercase();
        for version in [keyward::graph::Version::V1, keyward::graph::Version::Beta] {
            let path = format!("/{}/{}", version.as_str(), route.path);
            let operation = &document["paths"][&path][&verb];
            assert_eq!(
                operation.is_object(),
                route.versions.has(version),
                "{verb} {path}"
            );
        }
    }
}

/// One operation a line, so that a change reads as one.
fn by_line(document: &Value) -> String {
    let mut lines = vec!["{".to_owned()];
    for (name, part) in document.as_object().unwrap() {
        if name != "paths" {
            lines.push(format!("{}: {part},", json!(name)));
        }
    }
    lines.push("\"paths\": {".to_owned());
    let paths = document["paths"].as_object().unwrap().iter();
    let paths = paths.map(|(path, operations)| {
        let operations = operations.as_object().unwrap().iter();
        let operations = operations.map(|(verb, one)| format!("  {}: {one}", json!(verb)));
        let operations: Vec<_> = operations.collect();
        format!("{}: {{\n{}\n}}", json!(path), operations.join(",\n"))
    });
    lines.push(paths.collect::<Vec<_>>().join(",\n"));
    lines.join("\n") + "\n}}\n"
}

/// `cargo xtask openapi` writes it again, from what this test leaves in the target folder.
#[test]
fn the_stored_document_is_the_one_that_is_served() {
    let document = keyward::graph::document::document();
    let written = by_line(&document);
    assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), document);
    let made = concat!(env!("CARGO_TARGET_TMPDIR"), "/openapi.json");
    std::fs::write(made, &written).unwrap();
    let stored = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let stored = std::fs::read_to_string(stored).unwrap_or_default();
    assert!(
        stored == written,
        "docs/openapi.json is not what is served; cargo xtask openapi writes it again"
    );
}
