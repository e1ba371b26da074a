//! The webhook, to a receiver that checks signatures as its own documentation says.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyward::notify::Round;
use policy::model::PassUse;
use serde_json::Value;

use super::{MAIL, NAME, SECRET, deliver, hook, reachable};
use crate::world::{TestApp, authenticator};

#[derive(Clone, Default)]
struct Receiver {
    posts: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    answers: Arc<Mutex<VecDeque<StatusCode>>>,
}

impl Receiver {
    async fn start() -> (Self, SocketAddr) {
        let receiver = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/hook", post(take))
            .route("/elsewhere", post(take))
            .with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (receiver, address)
    }

    fn answer(&self, status: StatusCode) {
        self.answers.lock().unwrap().push_back(status);
    }

    fn posts(&self) -> Vec<(HeaderMap, String)> {
        self.posts.lock().unwrap().clone()
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: String) -> Response {
    receiver.posts.lock().unwrap().push((headers, body));
    let status = receiver.answers.lock().unwrap().pop_front();
    let status = status.unwrap_or(StatusCode::NO_CONTENT);
    (status, [(header::LOCATION, "/elsewhere")]).into_response()
}

/// As `docs/webhook.md` tells a receiver to do it.
fn verify(headers: &HeaderMap, body: &str, secret: &str, now: i64) -> bool {
    let text = |name: &str| headers[name].to_str().unwrap().to_owned();
    let (id, at) = (text("webhook-id"), text("webhook-timestamp"));
    if (now - at.parse::<i64>().unwrap()).abs() > 300 {
        return false;
    }
    let key = STANDARD
        .decode(secret.strip_prefix("whsec_").unwrap())
        .unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let signed = format!("{id}.{at}.{body}");
    text("webhook-signature").split(' ').any(|one| {
        let tag = STANDARD.decode(one.strip_prefix("v1,").unwrap()).unwrap();
        hmac::verify(&key, signed.as_bytes(), &tag).is_ok()
    })
}

async fn with_hook() -> (TestApp, Receiver) {
    let (receiver, address) = Receiver::start().await;
    let url = format!("http://{address}/hook");
    let world = TestApp::with(|settings| hook(&url, settings)).await;
    (world, receiver)
}

#[tokio::test]
async fn each_change_is_posted_with_a_signature() {
    let (world, receiver) = with_hook().await;
    let user = world.user(NAME).await;
    world.passkey_of(&user, &mut authenticator()).await;
    assert_eq!(deliver(&world).await.delivered, 2);
    let now = world.app.clock.now().as_seconds();
    let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let mut kinds = Vec::new();
    for (headers, body) in receiver.posts() {
        assert!(verify(&headers, &body, SECRET, now));
        assert!(!verify(&headers, &body, other, now));
        assert!(!verify(&headers, &body.replace("ada", "eve"), SECRET, now));
        assert!(!verify(&headers, &body, SECRET, now + 301));
        let value: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(headers["webhook-id"], value["id"].as_str().unwrap());
        assert_eq!(value["user"]["userPrincipalName"], NAME);
        assert!(!body.contains("token"), "links are for the person: {body}");
        kinds.push(value["type"].as_str().unwrap().to_owned());
    }
    kinds.sort_unstable();
    assert_eq!(kinds, ["passUsed", "passkeyAdded"]);
}

#[tokio::test]
async fn the_body_is_the_documented_one() {
    let (world, receiver) = with_hook().await;
    let user = reachable(&world, NAME, MAIL).await;
    world.passkey_of(&user, &mut authenticator()).await;
    deliver(&world).await;
    let mut bodies: Vec<Value> = receiver
        .posts()
        .iter()
        .map(|(_, body)| serde_json::from_str(body).unwrap())
        .collect();
    bodies.retain(|body| body["type"] == "passkeyAdded");
    let mut body = bodies.remove(0);
    for random in [
        "/id",
        "/tenantId",
        "/correlationId",
        "/user/id",
        "/subject/id",
    ] {
        let value = body.pointer_mut(random).unwrap();
        assert!(
            value.as_str().unwrap().parse::<uuid::Uuid>().is_ok(),
            "{random}"
        );
        *value = Value::from("…");
    }
    insta::assert_json_snapshot!(body, @r#"
    {
      "correlationId": "…",
      "id": "…",
      "initiatedBy": {
        "kind": "oneself"
      },
      "network": "127.0.0.0/24",
      "occurredDateTime": "2026-12-01T12:00:00Z",
      "subject": {
        "aaGuid": "6b657977-6172-642d-746f-75722d6b6579",
        "displayName": "test key",
        "id": "…",
        "kind": "passkey",
        "passkeyType": "deviceBound"
      },
      "tenantId": "…",
      "type": "passkeyAdded",
      "user": {
        "displayName": "ada@localhost",
        "id": "…",
        "userPrincipalName": "ada@localhost"
      }
    }
    "#);
}

#[tokio::test]
async fn a_receiver_that_is_down_gets_it_later_with_the_same_id() {
    let (world, receiver) = with_hook().await;
    let user = world.user(NAME).await;
    let pass = world.pass(&user, PassUse::Many).await;
    world.browser().sign_in_with_pass(NAME, &pass).await;
    receiver.answer(StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(deliver(&world).await.postponed, 1);
    world.wait(60);
    assert_eq!(deliver(&world).await.delivered, 1);
    let [(first, _), (second, _)] = receiver.posts().try_into().unwrap();
    assert_eq!(first["webhook-id"], second["webhook-id"]);
    assert_ne!(first["webhook-timestamp"], second["webhook-timestamp"]);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (world, receiver) = with_hook().await;
    let user = world.user(NAME).await;
    let pass = world.pass(&user, PassUse::Many).await;
    world.browser().sign_in_with_pass(NAME, &pass).await;
    receiver.answer(StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(
        deliver(&world).await,
        Round {
            delivered: 0,
            postponed: 1,
            given_up: 0
        }
    );
    assert_eq!(receiver.posts().len(), 1);
}
