use axum::http::{Method, StatusCode};
use policy::model::Application;
use serde_json::{Value, json};

use super::{STRAY, STREAMS, Scene, application, ask, put, refused, token_of};

#[tokio::test]
async fn without_the_permission_nothing_is_shown() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let none = ask(world, Method::GET, STREAMS, None, &Value::Null).await;
    assert_eq!(none.status, StatusCode::UNAUTHORIZED);
    let other = application(world, &["User.Read.All"]).await;
    let token = token_of(world, &other).await;
    let answer = ask(world, Method::GET, STREAMS, Some(&token), &Value::Null).await;
    refused(&answer, 403, "scope_missing");
}

#[tokio::test]
async fn whoever_may_read_may_not_change() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let reader = application(world, &["ssf.read"]).await;
    let token = token_of(world, &reader).await;
    let shown = ask(world, Method::GET, STREAMS, Some(&token), &Value::Null).await;
    assert_eq!((shown.status, shown.json()), (StatusCode::OK, json!([])));
    for (method, path, body) in [
        (Method::POST, STREAMS, json!({})),
        (Method::PATCH, STREAMS, json!({"stream_id": STRAY})),
        (Method::PUT, STREAMS, json!({"stream_id": STRAY})),
        (Method::DELETE, "/ssf/streams?stream_id=x", Value::Null),
        (
            Method::POST,
            "/ssf/status",
            json!({"stream_id": STRAY, "status": "paused"}),
        ),
        (
            Method::POST,
            "/ssf/subjects/remove",
            json!({"stream_id": STRAY, "subject": {"format": "opaque", "id": STRAY}}),
        ),
    ] {
        let answer = ask(world, method, path, Some(&token), &body).await;
        refused(&answer, 403, "scope_missing");
    }
}

#[tokio::test]
async fn a_permission_that_was_taken_away_is_gone_at_once() {
    let scene = Scene::new().await;
    put(
        &scene.world,
        &Application {
            app_permissions: Vec::new(),
            ..scene.receiver.clone()
        },
    )
    .await;
    let answer = scene.ask(Method::GET, STREAMS, &Value::Null).await;
    refused(&answer, 403, "scope_missing");
    put(
        &scene.world,
        &Application {
            enabled: false,
            ..scene.receiver.clone()
        },
    )
    .await;
    let answer = scene.ask(Method::GET, STREAMS, &Value::Null).await;
    refused(&answer, 401, "application_disabled");
}

#[tokio::test]
async fn a_permission_that_was_given_later_needs_a_new_token() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let other = application(world, &["User.Read.All"]).await;
    let token = token_of(world, &other).await;
    let app_permissions = vec!["ssf.manage".to_owned()];
    let allowed = Application {
        app_permissions,
        ..other
    };
    put(world, &allowed).await;
    let answer = ask(world, Method::GET, STREAMS, Some(&token), &Value::Null).await;
    refused(&answer, 403, "scope_missing");
    let token = token_of(world, &allowed).await;
    let answer = ask(world, Method::GET, STREAMS, Some(&token), &Value::Null).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn a_stream_of_another_application_is_nobodys() {
    let scene = Scene::new().await;
    let (world, stream) = (&scene.world, scene.polled().await);
    let other = application(world, &["ssf.manage"]).await;
    let token = token_of(world, &other).await;
    let id = stream["stream_id"].as_str().unwrap();
    let query = format!("/ssf/streams?stream_id={id}");
    let subject = json!({"format": "email", "email": "ada@localhost"});
    world.user("ada@localhost").await;
    for (method, path, body) in [
        (Method::GET, query.clone(), Value::Null),
        (Method::DELETE, query, Value::Null),
        (Method::PATCH, STREAMS.to_owned(), json!({"stream_id": id})),
        (Method::PUT, STREAMS.to_owned(), json!({"stream_id": id})),
        (
            Method::GET,
            format!("/ssf/status?stream_id={id}"),
            Value::Null,
        ),
        (
            Method::POST,
            "/ssf/status".to_owned(),
            json!({"stream_id": id, "status": "disabled"}),
        ),
        (
            Method::POST,
            "/ssf/verify".to_owned(),
            json!({"stream_id": id}),
        ),
        (
            Method::POST,
            "/ssf/subjects/remove".to_owned(),
            json!({"stream_id": id, "subject": subject}),
        ),
        (
            Method::POST,
            format!("/ssf/poll/{id}"),
            json!({"returnImmediately": true}),
        ),
    ] {
        let answer = ask(world, method, &path, Some(&token), &body).await;
        assert_eq!(
            answer.status,
            StatusCode::NOT_FOUND,
            "{path} {}",
            answer.body
        );
    }
    let list = ask(world, Method::GET, STREAMS, Some(&token), &Value::Null).await;
    assert_eq!(list.json(), json!([]));
    let still = scene.ask(Method::GET, STREAMS, &Value::Null).await;
    assert_eq!(still.json(), json!([stream]));
}
