use axum::http::StatusCode;
use keyward::jose::TokenType;
use policy::model::{
    AccessGrant, AccessPolicy, AccessPolicyId, AccessState, AccessTarget, Assignment, Conditions,
    PolicyDocument, SessionControls,
};
use policy::strength::PHISHING_RESISTANT;
use serde_json::Value;

use super::{SECRET, Scene, refused, text};
use crate::page;
use crate::world::{Answer, Browser, authenticator};

/// Lets the public application use the flow.
async fn allow(scene: &Scene, yes: bool) {
    let (tenant, public) = (scene.tenant, scene.public);
    let change = scene.world.app.store.write(move |tx| {
        Box::pin(async move {
            let found = store::applications::find(tx, tenant, public).await?;
            let Some(mut application) = found else {
                return Ok::<_, store::StoreError>(());
            };
            application.settings.device_code = yes;
            store::applications::put(tx, &application).await
        })
    });
    change.await.unwrap();
}

async fn ready() -> Scene {
    let scene = Scene::new().await;
    allow(&scene, true).await;
    scene
}

async fn begin(scene: &Scene) -> Answer {
    let client = scene.public.to_string();
    let path = format!("/{}/oauth2/v2.0/devicecode", scene.tenant);
    let fields = [
        ("client_id", client.as_str()),
        ("scope", "openid profile offline_access"),
    ];
    scene.world.browser().post_bare(&path, &fields).await
}

async fn poll(scene: &Scene, begun: &Value) -> Answer {
    scene.world.wait(5);
    poll_at_once(scene, begun).await
}

async fn poll_at_once(scene: &Scene, begun: &Value) -> Answer {
    let client = scene.public.to_string();
    let fields = [
        ("client_id", client.as_str()),
        ("grant_type", "device_code"),
        ("device_code", text(begun, "device_code")),
    ];
    scene.token(&fields).await
}

/// Types the code; the page with the question.
async fn type_code(browser: &mut Browser<'_>, code: &str) -> Answer {
    browser.post("/devicelogin", &[("code", code)]).await
}

async fn say(browser: &mut Browser<'_>, question: &Answer, answer: &str) -> Answer {
    let found = page::field(page::check(question), "found")
        .unwrap()
        .to_owned();
    let fields = [("found", found.as_str()), ("answer", answer)];
    browser.post("/devicelogin/confirm", &fields).await
}

/// Types the code, says yes, and goes where that leads.
async fn agree(browser: &mut Browser<'_>, begun: &Value) -> Answer {
    let question = type_code(browser, text(begun, "user_code")).await;
    let onward = say(browser, &question, "yes").await;
    browser.get(onward.location()).await
}

#[tokio::test]
async fn a_device_gets_tokens_once_somebody_typed_its_code_and_signed_in() {
    let scene = ready().await;
    let begun = begin(&scene).await.json();
    assert_eq!(
        (begun["expires_in"].as_i64(), begun["interval"].as_i64()),
        (Some(900), Some(5))
    );
    assert!(begun.get("verification_uri_complete").is_none());
    let page = format!("{}/devicelogin", scene.world.origin());
    assert_eq!(text(&begun, "verification_uri"), page);
    let waits = poll(&scene, &begun).await;
    refused(
        &waits,
        400,
        "authorization_pending",
        70016,
        "authorization_pending",
    );
    let mut browser = scene.signed_in().await;
    let question = type_code(
        &mut browser,
        &text(&begun, "user_code").to_lowercase().replace('-', " "),
    )
    .await;
    assert!(question.body.contains("An application"));
    let onward = say(&mut browser, &question, "yes").await;
    onward.redirects_to("/signin/continue?ctx=");
    let done = browser.get(onward.location()).await;
    done.redirects_to("/devicelogin/done");
    page::check(&browser.get("/devicelogin/done").await);
    let tokens = poll(&scene, &begun).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    let tokens = tokens.json();
    let claims = scene
        .claims(TokenType::IdToken, text(&tokens, "id_token"))
        .await;
    assert_eq!(text(&claims, "oid"), scene.user.id.to_string());
    assert_eq!(
        scene.refresh(text(&tokens, "refresh_token")).await.status,
        StatusCode::OK
    );
    // Once more ends what it gave, as with every other code.
    let again = poll(&scene, &begun).await;
    refused(&again, 400, "invalid_grant", 54005, "code_spent");
}

#[tokio::test]
async fn it_is_off_unless_the_application_may() {
    let scene = Scene::new().await;
    let off = begin(&scene).await;
    refused(
        &off,
        400,
        "unauthorized_client",
        70001,
        "device_code_not_allowed",
    );
    allow(&scene, true).await;
    let begun = begin(&scene).await.json();
    allow(&scene, false).await;
    let mut browser = scene.signed_in().await;
    let typed = type_code(&mut browser, text(&begun, "user_code")).await;
    assert_eq!(typed.status, StatusCode::BAD_REQUEST);
    let polled = poll(&scene, &begun).await;
    refused(
        &polled,
        400,
        "unauthorized_client",
        70001,
        "device_code_not_allowed",
    );
}

#[tokio::test]
async fn a_code_is_typed_and_never_filled_in_by_a_link() {
    let scene = ready().await;
    let begun = begin(&scene).await.json();
    let code = text(&begun, "user_code");
    let mut browser = scene.world.browser();
    for name in ["code", "user_code", "otc"] {
        let answer = browser.get(&format!("/devicelogin?{name}={code}")).await;
        let shown = page::check(&answer);
        assert!(!shown.contains(code), "{shown}");
        assert_eq!(page::field(shown, "code"), None);
    }
}

#[tokio::test]
async fn a_user_code_is_used_up_by_the_first_answer() {
    let scene = ready().await;
    let begun = begin(&scene).await.json();
    let mut browser = scene.signed_in().await;
    let question = type_code(&mut browser, text(&begun, "user_code")).await;
    let declined = say(&mut browser, &question, "no").await;
    page::check(&declined);
    let late = say(&mut browser, &question, "yes").await;
    assert_eq!(late.status, StatusCode::BAD_REQUEST);
    let again = type_code(&mut browser, text(&begun, "user_code")).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    let polled = poll(&scene, &begun).await;
    refused(&polled, 400, "access_denied", 65004, "device_declined");
}

#[tokio::test]
async fn the_question_is_answered_in_the_browser_in_which_the_code_was_typed() {
    let scene = ready().await;
    let begun = begin(&scene).await.json();
    let mut browser = scene.signed_in().await;
    let question = type_code(&mut browser, text(&begun, "user_code")).await;
    let mut other = scene.signed_in().await;
    other.csrf();
    let answer = say(&mut other, &question, "yes").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    say(&mut browser, &question, "yes")
        .await
        .redirects_to("/signin");
}

#[tokio::test]
async fn without_a_session_the_person_signs_in_first() {
    let scene = ready().await;
    let begun = begin(&scene).await.json();
    let mut browser = scene.world.browser();
    let question = type_code(&mut browser, text(&begun, "user_code")).await;
    let onward = say(&mut browser, &question, "yes").await;
    onward.redirects_to("/signin?ctx=");
    let polled = poll(&scene, &begun).await;
    refused(
        &polled,
        400,
        "authorization_pending",
        70016,
        "authorization_pending",
    );
}

#[tokio::test]
async fn an_impatient_device_is_told_to_slow_down() {
    let scene = ready().await;
    let begun = begin(&scene).await.json();
    poll(&scene, &begun).await;
    let hasty = poll_at_once(&scene, &begun).await;
    refused(&hasty, 400, "slow_down", 70016, "slow_down");
    // Five seconds are not enough any more, ten are.
    let hasty = poll(&scene, &begun).await;
    refused(&hasty, 400, "slow_down", 70016, "slow_down");
    scene.world.wait(10);
    let patient = poll(&scene, &begun).await;
    refused(
        &patient,
        400,
        "authorization_pending",
        70016,
        "authorization_pending",
    );
}

#[tokio::test]
async fn after_a_quarter_of_an_hour_it_is_too_late() {
    let scene = ready().await;
    let begun = begin(&scene).await.json();
    scene.world.wait(900);
    let mut browser = scene.signed_in().await;
    let typed = type_code(&mut browser, text(&begun, "user_code")).await;
    assert_eq!(typed.status, StatusCode::BAD_REQUEST);
    let polled = poll(&scene, &begun).await;
    refused(&polled, 400, "expired_token", 70019, "device_code_expired");
}

#[tokio::test]
async fn a_device_code_is_of_no_use_to_another_client_and_is_no_authorization_code() {
    let scene = ready().await;
    let begun = begin(&scene).await.json();
    agree(&mut scene.signed_in().await, &begun).await;
    let device_code = text(&begun, "device_code");
    let as_code = scene.redeem(device_code, &[]).await;
    refused(&as_code, 400, "invalid_grant", 500_112, "redirect_mismatch");
    let web = scene.web.to_string();
    let fields = [("grant_type", "device_code"), ("device_code", device_code)];
    let other = scene.token_basic(&web, SECRET, &fields).await;
    refused(
        &other,
        400,
        "unauthorized_client",
        70001,
        "device_code_not_allowed",
    );
    assert_eq!(poll(&scene, &begun).await.status, StatusCode::OK);
}

#[tokio::test]
async fn guessing_codes_has_to_wait() {
    let scene = ready().await;
    let mut browser = scene.world.browser();
    for _ in 0..5 {
        let wrong = type_code(&mut browser, "BBBB-BBBB").await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    }
    let next = type_code(&mut browser, "BBBB-BBBB").await;
    assert_eq!(next.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(next.headers.contains_key("retry-after"));
}

/// A policy for everybody and every application.
fn policy(grant: AccessGrant, device_code: bool) -> PolicyDocument {
    let at = policy::model::Timestamp::from_seconds(0);
    PolicyDocument::Access(Box::new(AccessPolicy {
        id: AccessPolicyId::from_bytes([7; 16]),
        name: "Devices".to_owned(),
        description: String::new(),
        state: AccessState::Enabled,
        created: at,
        modified: at,
        conditions: Conditions {
            users: Assignment::everyone(),
            target: AccessTarget::Applications {
                all: true,
                include: Vec::new(),
                exclude: Vec::new(),
                admin_portals: false,
            },
            device_code,
            ..Conditions::default()
        },
        grant,
        session: SessionControls::default(),
    }))
}

#[tokio::test]
async fn conditional_access_knows_the_flow() {
    let scene = ready().await;
    scene.world.policy(policy(AccessGrant::Block, true)).await;
    let mut browser = scene.signed_in().await;
    let plain = browser.get(&scene.authorize(&[])).await;
    assert!(plain.location_parameter("code").is_some());
    let begun = begin(&scene).await.json();
    agree(&mut browser, &begun)
        .await
        .refused(403, "access_blocked");
    let polled = poll(&scene, &begun).await;
    refused(
        &polled,
        400,
        "authorization_pending",
        70016,
        "authorization_pending",
    );
}

#[tokio::test]
async fn no_passkey_makes_it_phishing_resistant() {
    let scene = ready().await;
    let mut key = authenticator();
    let mut browser = scene.world.administrator(&mut key).await;
    let begun = begin(&scene).await.json();
    agree(&mut browser, &begun)
        .await
        .redirects_to("/devicelogin/done");
    let tokens = poll(&scene, &begun).await.json();
    let claims = scene
        .claims(TokenType::IdToken, text(&tokens, "id_token"))
        .await;
    assert!(claims.get("acr").is_none(), "{claims}");
    scene
        .world
        .policy(policy(AccessGrant::Strength(PHISHING_RESISTANT), false))
        .await;
    let plain = browser.get(&scene.authorize(&[])).await;
    assert!(plain.location_parameter("code").is_some());
    let begun = begin(&scene).await.json();
    agree(&mut browser, &begun)
        .await
        .refused(403, "access_blocked");
}
