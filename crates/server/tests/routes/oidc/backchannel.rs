use axum::http::StatusCode;
use keyward::jose::TokenType;
use keyward::oidc::backchannel::{EVENT, Round, deliver};
use policy::model::EndReason;
use serde_json::{Value, json};

use super::{Scene, text};
use crate::signals::Receiver;
use crate::world::{Browser, TestApp};

/// A scene whose public application may be on this machine, and a receiver that it has there.
async fn scene() -> (Scene, Receiver, String) {
    let world = TestApp::with(|settings| {
        settings.signals.private_networks = Some(true);
    });
    let scene = Scene::over(world.await).await;
    let (receiver, address) = Receiver::start().await;
    let address = format!("http://{address}/events");
    wish(&scene, Some(&address)).await;
    (scene, receiver, address)
}

async fn wish(scene: &Scene, address: Option<&str>) {
    let address = address.map(str::to_owned);
    let (tenant, public) = (scene.tenant, scene.public);
    let change = scene.world.write(move |tx| {
        Box::pin(async move {
            let found = store::applications::find(tx, tenant, public).await?;
            let mut application = found.unwrap();
            application.settings.back_channel_logout = address;
            store::applications::put(tx, &application).await
        })
    });
    change.await;
}

/// Signs in to the public application; its tokens.
async fn sign_in(scene: &Scene, browser: &mut Browser<'_>) -> Value {
    let answer = browser.get(&scene.authorize(&[])).await;
    let code = answer.location_parameter("code").unwrap();
    scene.redeem(&code, &[]).await.json()
}

async fn told(scene: &Scene, receiver: &Receiver) -> Vec<Value> {
    let bodies: Vec<String> = receiver
        .posts
        .lock()
        .unwrap()
        .drain(..)
        .map(|(_, body)| body)
        .collect();
    let mut told = Vec::new();
    for body in bodies {
        let token = body.strip_prefix("logout_token=").unwrap();
        told.push(scene.claims(TokenType::Logout, token).await);
    }
    told
}

/// Ends everything of the user; what begins after it is later.
async fn revoke(scene: &Scene) {
    scene.revoke_user(EndReason::SessionsRevoked).await;
    scene.world.wait(1);
}

fn round(told: usize, postponed: usize, given_up: usize) -> Round {
    Round {
        told,
        postponed,
        given_up,
    }
}

#[tokio::test]
async fn a_logout_is_told_as_the_specification_says() {
    let (scene, receiver, _) = scene().await;
    let mut browser = scene.signed_in().await;
    let tokens = sign_in(&scene, &mut browser).await;
    // Refreshing or signing in again does not make it two.
    sign_in(&scene, &mut browser).await;
    let app = &scene.world.app;
    assert_eq!(deliver(app).await.unwrap(), round(0, 0, 0));
    let hint = [("id_token_hint", text(&tokens, "id_token"))];
    browser.get(&scene.path("logout", &hint)).await;
    assert_eq!(deliver(app).await.unwrap(), round(1, 0, 0));
    let (headers, _) = receiver.posts.lock().unwrap()[0].clone();
    assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
    let claims = told(&scene, &receiver).await.remove(0);
    let signed_in = scene
        .claims(TokenType::IdToken, text(&tokens, "id_token"))
        .await;
    for same in ["iss", "aud", "sub", "sid"] {
        assert_eq!(claims[same], signed_in[same], "{same}");
    }
    assert_eq!(claims["events"], json!({EVENT: {}}));
    assert!(claims.get("nonce").is_none() && !text(&claims, "jti").is_empty());
    let now = scene.now().as_seconds();
    assert_eq!(
        (claims["iat"].as_i64(), claims["exp"].as_i64()),
        (Some(now), Some(now + 120))
    );
    assert_eq!(deliver(app).await.unwrap(), round(0, 0, 0));
}

#[tokio::test]
async fn a_session_that_somebody_else_ends_is_told_and_another_one_is_not() {
    let (scene, receiver, _) = scene().await;
    let first = sign_in(&scene, &mut scene.signed_in().await).await;
    let mut here = scene.signed_in().await;
    let second = sign_in(&scene, &mut here).await;
    let page = here.get("/security-info").await.body;
    let end = page.find("/end\"").unwrap();
    let start = page[..end].rfind('"').unwrap() + 1;
    here.post(&page[start..end + 4], &[]).await;
    deliver(&scene.world.app).await.unwrap();
    let of = |claims: &Value| text(claims, "sid").to_owned();
    let ended = told(&scene, &receiver).await;
    let first = scene
        .claims(TokenType::IdToken, text(&first, "id_token"))
        .await;
    let second = scene
        .claims(TokenType::IdToken, text(&second, "id_token"))
        .await;
    assert_eq!(ended.iter().map(of).collect::<Vec<_>>(), [of(&first)]);
    revoke(&scene).await;
    deliver(&scene.world.app).await.unwrap();
    let ended = told(&scene, &receiver).await;
    assert_eq!(ended.iter().map(of).collect::<Vec<_>>(), [of(&second)]);
}

#[tokio::test]
async fn an_application_that_does_not_answer_is_told_later_and_never_twice() {
    let (scene, receiver, _) = scene().await;
    sign_in(&scene, &mut scene.signed_in().await).await;
    revoke(&scene).await;
    receiver.answer(StatusCode::SERVICE_UNAVAILABLE, "");
    let app = &scene.world.app;
    assert_eq!(deliver(app).await.unwrap(), round(0, 1, 0));
    assert_eq!(deliver(app).await.unwrap(), round(0, 0, 0));
    scene.world.wait(60);
    assert_eq!(deliver(app).await.unwrap(), round(1, 0, 0));
    assert_eq!(deliver(app).await.unwrap(), round(0, 0, 0));
    assert_eq!(receiver.posts.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn nobody_is_told_who_does_not_want_to_be_or_is_inside() {
    let (scene, receiver, address) = scene().await;
    wish(&scene, None).await;
    sign_in(&scene, &mut scene.signed_in().await).await;
    revoke(&scene).await;
    let app = &scene.world.app;
    assert_eq!(deliver(app).await.unwrap(), round(0, 0, 0));
    // Wanted when the person signed in, and not any more.
    wish(&scene, Some(&address)).await;
    sign_in(&scene, &mut scene.signed_in().await).await;
    wish(&scene, None).await;
    revoke(&scene).await;
    assert_eq!(deliver(app).await.unwrap(), round(1, 0, 0));
    assert!(receiver.posts.lock().unwrap().is_empty());
    // An address that is no receiver's is not gone to.
    wish(&scene, Some("http://10.0.0.1/")).await;
    sign_in(&scene, &mut scene.signed_in().await).await;
    revoke(&scene).await;
    assert_eq!(deliver(app).await.unwrap(), round(0, 1, 0));
}
