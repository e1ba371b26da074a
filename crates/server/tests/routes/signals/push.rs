use axum::http::StatusCode;
use keyward::signals::{Round, deliver};
use serde_json::{Value, json};

use super::{Receiver, Scene};
use crate::world::authenticator;

async fn subjects(scene: &Scene, receiver: &Receiver) -> Vec<String> {
    let mut subjects = Vec::new();
    for token in receiver.tokens() {
        let claims = scene.claims(&token).await;
        subjects.push(claims["sub_id"]["id"].as_str().unwrap().to_owned());
    }
    subjects
}

fn round(delivered: usize, refused: usize, postponed: usize) -> Round {
    Round {
        delivered,
        refused,
        postponed,
        disabled: 0,
    }
}

#[tokio::test]
async fn an_event_is_pushed_as_the_specification_says() {
    let scene = Scene::new().await;
    let (receiver, address) = Receiver::start().await;
    let stream = scene.pushed(address).await;
    let user = scene.world.user("ada@localhost").await;
    scene.revoke(&user).await;
    assert_eq!(deliver(&scene.world.app).await.unwrap(), round(1, 0, 0));
    let (headers, token) = receiver.posts.lock().unwrap().remove(0);
    assert_eq!(headers["content-type"], "application/secevent+jwt");
    assert_eq!(headers["authorization"], "Bearer mine");
    let mut claims = scene.claims(&token).await;
    assert_eq!(claims["iss"], stream["iss"]);
    assert_eq!(claims["sub_id"]["id"], user.id.to_string());
    for random in ["/iss", "/jti", "/aud", "/sub_id/id"] {
        *claims.pointer_mut(random).unwrap() = Value::from("…");
    }
    insta::assert_json_snapshot!(claims, @r#"
    {
      "aud": "…",
      "events": {
        "https://schemas.openid.net/secevent/caep/event-type/session-revoked": {
          "event_timestamp": 1796126400,
          "reason_admin": {
            "en": "All sessions were revoked."
          }
        }
      },
      "iat": 1796126400,
      "iss": "…",
      "jti": "…",
      "sub_id": {
        "format": "opaque",
        "id": "…"
      }
    }
    "#);
}

#[tokio::test]
async fn a_passkey_and_its_sessions_are_told_in_one_transaction() {
    let scene = Scene::new().await;
    let (receiver, address) = Receiver::start().await;
    scene.pushed(address).await;
    let world = &scene.world;
    let mut key = authenticator();
    let user = world.user("ada@localhost").await;
    world.passkey_of(&user, &mut key).await;
    world.browser().sign_in_with(&mut key).await;
    deliver(&world.app).await.unwrap();
    receiver.posts.lock().unwrap().clear();
    let passkey = world.passkeys(&user).await.remove(0);
    let mut admin = world.administrator(&mut authenticator()).await;
    deliver(&world.app).await.unwrap();
    receiver.posts.lock().unwrap().clear();
    let path = format!("/admin/users/{}/passkeys/{}/revoke", user.id, passkey.id);
    let revoked = admin.post(&path, &[]).await;
    let receipt = revoked.location_parameter("receipt").unwrap();
    let receipt = format!("/admin/receipts/{receipt}");
    let page = admin.get(&receipt).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("On its way") && page.body.contains("A receiver"));
    assert!(!page.body.contains("Acknowledged"));
    deliver(&world.app).await.unwrap();
    let page = admin.get(&receipt).await;
    assert!(page.body.contains("Acknowledged") && !page.body.contains("On its way"));
    let nobody = world.browser().get(&receipt).await;
    assert_ne!(nobody.status, StatusCode::OK);
    let mut told = Vec::new();
    for token in receiver.tokens() {
        told.push(scene.claims(&token).await);
    }
    let change = "https://schemas.openid.net/secevent/caep/event-type/credential-change";
    let revoked = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
    let credential = told.iter().find(|one| one["events"].get(change).is_some());
    let credential = credential.unwrap();
    assert_eq!(
        credential["events"][change],
        json!({
            "change_type": "revoke",
            "credential_type": "fido2-roaming",
            "event_timestamp": world.app.clock.now().as_seconds(),
            "fido2_aaguid": passkey.aaguid.to_string(),
            "friendly_name": passkey.display_name,
            "initiating_entity": "admin",
        })
    );
    let sessions: Vec<_> = told
        .iter()
        .filter(|one| one["events"].get(revoked).is_some())
        .collect();
    assert!(!sessions.is_empty());
    for session in sessions {
        assert_eq!(session["sub_id"]["format"], "complex");
        let id = session["sub_id"]["session"]["id"].as_str().unwrap();
        assert!(page.body.contains(id), "{id} is not on the receipt");
        assert_eq!(session["sub_id"]["user"]["id"], user.id.to_string());
        assert_eq!(session["txn"], credential["txn"]);
    }
}

#[tokio::test]
async fn nothing_overtakes_an_event_that_was_not_taken() {
    let scene = Scene::new().await;
    let (receiver, address) = Receiver::start().await;
    scene.pushed(address).await;
    let (ada, eve) = (
        scene.world.user("ada@localhost").await,
        scene.world.user("eve@localhost").await,
    );
    scene.revoke(&ada).await;
    scene.revoke(&eve).await;
    receiver.answer(StatusCode::SERVICE_UNAVAILABLE, "");
    let app = &scene.world.app;
    assert_eq!(deliver(app).await.unwrap(), round(0, 0, 1));
    assert_eq!(
        deliver(app).await.unwrap(),
        round(0, 0, 0),
        "not before the pause is over"
    );
    scene.world.wait(2);
    assert_eq!(deliver(app).await.unwrap(), round(2, 0, 0));
    let (ada, eve) = (ada.id.to_string(), eve.id.to_string());
    assert_eq!(subjects(&scene, &receiver).await, [ada.clone(), ada, eve]);
    let tokens = receiver.tokens();
    let first = scene.claims(&tokens[0]).await;
    assert_eq!(first["jti"], scene.claims(&tokens[1]).await["jti"]);
}

#[tokio::test]
async fn what_a_receiver_will_never_want_is_not_sent_again() {
    let scene = Scene::new().await;
    let (receiver, address) = Receiver::start().await;
    scene.pushed(address).await;
    let user = scene.world.user("ada@localhost").await;
    scene.revoke(&user).await;
    scene.revoke(&user).await;
    let refusal = r#"{"err":"invalid_request","description":"no such user here"}"#;
    receiver.answer(StatusCode::BAD_REQUEST, refusal);
    assert_eq!(deliver(&scene.world.app).await.unwrap(), round(1, 1, 0));
    // These may be settled while we wait, so nothing is given up.
    for (status, body) in [
        (
            StatusCode::BAD_REQUEST,
            r#"{"err":"authentication_failed"}"#,
        ),
        (StatusCode::BAD_REQUEST, r#"{"err":"invalid_key"}"#),
        (StatusCode::BAD_REQUEST, "not json"),
        (StatusCode::UNAUTHORIZED, ""),
        (StatusCode::TEMPORARY_REDIRECT, ""),
    ] {
        scene.world.wait(600);
        scene.revoke(&user).await;
        receiver.answer(status, body);
        let done = deliver(&scene.world.app).await.unwrap();
        assert_eq!(done.postponed, 1, "{status} {body}");
    }
    assert_eq!(receiver.tokens().len(), 7, "redirects are not followed");
}

#[tokio::test]
async fn a_receiver_that_is_gone_for_a_week_is_given_up() {
    let scene = Scene::new().await;
    let (receiver, address) = Receiver::start().await;
    let stream = scene.pushed(address).await;
    let user = scene.world.user("ada@localhost").await;
    scene.revoke(&user).await;
    receiver.answer(StatusCode::SERVICE_UNAVAILABLE, "");
    receiver.answer(StatusCode::SERVICE_UNAVAILABLE, "");
    let app = &scene.world.app;
    deliver(app).await.unwrap();
    scene.world.wait(7 * 24 * 3600);
    assert_eq!(deliver(app).await.unwrap().disabled, 1);
    let id = stream["stream_id"].as_str().unwrap();
    // The token is a week old.
    let token = super::token_of(&scene.world, &scene.receiver).await;
    let path = format!("/ssf/status?stream_id={id}");
    let status = super::ask(
        &scene.world,
        axum::http::Method::GET,
        &path,
        Some(&token),
        &Value::Null,
    );
    let status = status.await.json();
    assert_eq!(status["status"], "disabled");
    assert!(!status["reason"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_pushed_to() {
    let scene = Scene::guarded().await;
    let (receiver, address) = Receiver::start().await;
    let made = scene.polled().await;
    // As an earlier configuration may have let it in.
    let id = made["stream_id"].as_str().unwrap().parse().unwrap();
    let (tenant, application) = (scene.receiver.tenant, scene.receiver.id);
    let endpoint = format!("http://{address}/events");
    scene
        .world
        .write(move |tx| {
            Box::pin(async move {
                let mut stream = store::signals::find(tx, tenant, application, id)
                    .await?
                    .unwrap();
                stream.endpoint = Some(endpoint);
                store::signals::update(tx, &stream, &store::signals::Secret::Keep).await
            })
        })
        .await;
    let user = scene.world.user("ada@localhost").await;
    scene.revoke(&user).await;
    assert_eq!(deliver(&scene.world.app).await.unwrap(), round(0, 0, 1));
    assert!(receiver.tokens().is_empty());
}
