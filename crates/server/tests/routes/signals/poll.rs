use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{PUSH, STREAMS, Scene, refused};

fn ids(polled: &Value) -> Vec<String> {
    polled["sets"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect()
}

#[tokio::test]
async fn events_come_again_until_they_are_settled() {
    let scene = Scene::new().await;
    let stream = scene.polled().await;
    let user = scene.world.user("ada@localhost").await;
    for _ in 0..3 {
        scene.revoke(&user).await;
    }
    let first = scene.poll(&stream, json!({"maxEvents": 2})).await;
    assert_eq!(
        (ids(&first).len(), &first["moreAvailable"]),
        (2, &json!(true))
    );
    let again = scene.poll(&stream, json!({"maxEvents": 2})).await;
    assert_eq!(ids(&again), ids(&first));
    let [one, two]: [String; 2] = ids(&first).try_into().unwrap();
    assert!(one < two, "in order");
    let errors = json!({two: {"err": "invalid_request", "description": "not wanted"}});
    let rest = scene
        .poll(&stream, json!({"ack": [one], "setErrs": errors}))
        .await;
    assert_eq!(
        (ids(&rest).len(), &rest["moreAvailable"]),
        (1, &json!(false))
    );
    let nothing = scene.poll(&stream, json!({"maxEvents": 0})).await;
    assert!(ids(&nothing).is_empty());
    for (jti, token) in rest["sets"].as_object().unwrap() {
        assert_eq!(scene.claims(token.as_str().unwrap()).await["jti"], *jti);
    }
}

#[tokio::test]
async fn only_ids_of_the_stream_settle_anything() {
    let scene = Scene::new().await;
    let (stream, other) = (scene.polled().await, scene.polled().await);
    let user = scene.world.user("ada@localhost").await;
    scene.revoke(&user).await;
    let foreign = ids(&scene.poll(&other, json!({})).await);
    let made_up = ["1", "x.1", "../../etc", &foreign[0]];
    let polled = scene.poll(&stream, json!({"ack": made_up})).await;
    assert_eq!(ids(&polled).len(), 1);
    let many: Vec<String> = (0..1001).map(|number| number.to_string()).collect();
    let path = format!("/ssf/poll/{}", stream["stream_id"].as_str().unwrap());
    let answer = scene.ask(Method::POST, &path, &json!({"ack": many})).await;
    refused(&answer, 400, "invalid_member");
}

#[tokio::test]
async fn a_poll_waits_and_ends_when_something_happens() {
    let scene = Scene::new().await;
    let stream = scene.polled().await;
    let user = scene.world.user("ada@localhost").await;
    let path = format!("/ssf/poll/{}", stream["stream_id"].as_str().unwrap());
    let body = json!({});
    let mut waiting = Box::pin(scene.ask(Method::POST, &path, &body));
    let early = tokio::time::timeout(Duration::from_millis(200), waiting.as_mut()).await;
    assert!(early.is_err(), "there is nothing to say yet");
    scene.revoke(&user).await;
    let answer = tokio::time::timeout(Duration::from_secs(5), waiting)
        .await
        .unwrap();
    assert_eq!(ids(&answer.json()).len(), 1);
    // And when the server stops.
    let ack = json!({"ack": ids(&answer.json())});
    let mut waiting = Box::pin(scene.ask(Method::POST, &path, &ack));
    let early = tokio::time::timeout(Duration::from_millis(200), waiting.as_mut()).await;
    assert!(early.is_err());
    scene.world.app.signals.close();
    let answer = tokio::time::timeout(Duration::from_secs(5), waiting)
        .await
        .unwrap();
    assert!(ids(&answer.json()).is_empty());
}

#[tokio::test]
async fn a_paused_stream_keeps_and_a_pushed_one_is_not_polled() {
    let scene = Scene::new().await;
    let stream = scene.polled().await;
    let user = scene.world.user("ada@localhost").await;
    let status = |status: &str| json!({"stream_id": stream["stream_id"], "status": status});
    scene
        .ask(Method::POST, "/ssf/status", &status("paused"))
        .await;
    scene.revoke(&user).await;
    assert!(ids(&scene.poll(&stream, json!({})).await).is_empty());
    scene
        .ask(Method::POST, "/ssf/status", &status("enabled"))
        .await;
    assert_eq!(ids(&scene.poll(&stream, json!({})).await).len(), 1);
    let delivery = json!({"method": PUSH, "endpoint_url": "https://receiver.example/"});
    let patch = json!({"stream_id": stream["stream_id"], "delivery": delivery});
    let patched = scene.ask(Method::PATCH, STREAMS, &patch).await;
    assert_eq!(patched.status, StatusCode::OK);
    let path = format!("/ssf/poll/{}", stream["stream_id"].as_str().unwrap());
    let answer = scene.ask(Method::POST, &path, &json!({})).await;
    refused(&answer, 400, "stream_is_pushed");
}
