//! Entity tags of users, groups and applications: a change of what somebody did not see is none.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Program, Scene, ok, refused};
use crate::world::Answer;

async fn with(
    program: &Program<'_>,
    method: Method,
    path: &str,
    body: Option<&Value>,
    etag: &str,
) -> Answer {
    let kind = body.map(|_| "application/json");
    let text = body.map_or_else(String::new, Value::to_string);
    let headers = [("if-match", etag)];
    program.send_raw(method, path, kind, text, &headers).await
}

/// Two people look; the second change, and the deletion, are of what is not there any more.
async fn second_is_refused(program: &Program<'_>, path: &str, changes: [Value; 2]) {
    let read = program.get(path).await;
    let etag = ok(&read, 200)["@odata.etag"].as_str().unwrap().to_owned();
    assert_eq!(read.headers["etag"], etag.as_str());
    let [first, second] = &changes;
    ok(
        &with(program, Method::PATCH, path, Some(first), &etag).await,
        204,
    );
    let stale = with(program, Method::PATCH, path, Some(second), &etag).await;
    refused(&stale, 412, "precondition_failed");
    let stale = with(program, Method::DELETE, path, None, &etag).await;
    refused(&stale, 412, "precondition_failed");
    let now = ok(&program.get(path).await, 200);
    assert_eq!(now["displayName"], first["displayName"], "{path}");
    assert_ne!(now["@odata.etag"], etag.as_str());
    for any in [now["@odata.etag"].as_str().unwrap(), "*"] {
        ok(
            &with(program, Method::PATCH, path, Some(first), any).await,
            204,
        );
    }
    let now = ok(&program.get(path).await, 200);
    let etag = now["@odata.etag"].as_str().unwrap();
    ok(&with(program, Method::DELETE, path, None, etag).await, 204);
}

fn names() -> [Value; 2] {
    [
        json!({"displayName": "first"}),
        json!({"displayName": "second"}),
    ]
}

#[tokio::test]
async fn a_stale_edit_of_a_user_is_none() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let user = scene.world.user("ada@a.example").await;
    let path = format!("/v1.0/users/{}", user.id);
    let seen = ok(&app.get(&path).await, 200)["@odata.etag"].clone();
    scene.world.set_enabled(&user, false).await;
    let on = json!({"accountEnabled": true});
    let stale = with(
        &app,
        Method::PATCH,
        &path,
        Some(&on),
        seen.as_str().unwrap(),
    )
    .await;
    refused(&stale, 412, "precondition_failed");
    assert_eq!(ok(&app.get(&path).await, 200)["accountEnabled"], false);
    // Both halves of one change are of the version that was seen.
    let seen = ok(&app.get(&path).await, 200)["@odata.etag"].clone();
    let both = json!({"displayName": "both", "accountEnabled": true});
    ok(
        &with(
            &app,
            Method::PATCH,
            &path,
            Some(&both),
            seen.as_str().unwrap(),
        )
        .await,
        204,
    );
    second_is_refused(&app, &path, names()).await;
}

#[tokio::test]
async fn a_stale_edit_of_a_group_is_none() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let made = app
        .post("/v1.0/groups", &json!({"displayName": "Pilots"}))
        .await;
    let made = ok(&made, 201);
    assert!(made["@odata.etag"].is_string());
    let path = format!("/v1.0/groups/{}", made["id"].as_str().unwrap());
    second_is_refused(&app, &path, names()).await;
}

#[tokio::test]
async fn a_stale_edit_of_an_application_is_none() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let made = app
        .post("/v1.0/applications", &json!({"displayName": "Orders"}))
        .await;
    let made = ok(&made, 201);
    let path = format!("/v1.0/applications/{}", made["id"].as_str().unwrap());
    second_is_refused(&app, &path, names()).await;
}

/// One decoder reads every query, so that no part of a request means what another does not see.
#[tokio::test]
async fn a_query_that_cannot_be_read_is_refused_everywhere() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let user = scene.world.user("ada@a.example").await;
    for path in [
        "/v1.0/users?$filter=%ff".to_owned(),
        "/v1.0/users?$filter=%zz".to_owned(),
        "/v1.0/identity/conditionalAccess/policies?x=%f".to_owned(),
        format!(
            "/beta/users/{}/authentication/fido2Methods/creationOptions?challengeTimeoutInMinutes=%ff",
            user.id
        ),
    ] {
        refused(&app.get(&path).await, 400, "query_bad_encoding");
    }
    let long = format!("/v1.0/users?x={}", "a".repeat(9000));
    refused(&app.get(&long).await, 400, "query_too_long");
    let batch = json!({"requests": [{"id": "1", "method": "GET", "url": "/users?$filter=%ff"}]});
    let answer = ok(&app.post("/v1.0/$batch", &batch).await, 200);
    assert_eq!(answer["responses"][0]["status"], 400);
}
