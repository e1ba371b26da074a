//! `POST /signin/passkey/options` and `POST /signin/passkey`.

use keyward::cli::tour::{Kind, SoftwareAuthenticator};
use keyward::flow::challenge::{Ceremony, Ticket};
use keyward::flow::context::{self, LocalPath};
use keyward::web::cookies::{self, Token};
use policy::model::TenantId;
use serde_json::{Value, json};

use crate::world::{Browser, TestApp, authenticator};

/// An assertion for `context` that was not posted yet.
async fn assertion(
    world: &TestApp,
    browser: &mut Browser<'_>,
    key: &mut SoftwareAuthenticator,
    context: &str,
) -> Value {
    let options = browser.assertion_options(context).await;
    key.sign_in(&options, world.origin()).unwrap()
}

#[tokio::test]
async fn a_registered_passkey_signs_in() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.administrator(&mut key).await;
    // Records of one millisecond have no order.
    world.wait(1);
    let mut browser = world.browser();
    let answer = browser.sign_in_with(&mut key).await;
    assert_eq!(answer.json()["next"], "/security-info");
    assert!(browser.session_cookie().is_some());
    let newest = world.sign_ins().await.swap_remove(0);
    assert_eq!((newest.error_code, newest.multi_factor), (0, true));
    assert!(newest.credential_id.is_some() && newest.session.is_some());
}

#[tokio::test]
async fn a_challenge_is_spent_once() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.administrator(&mut key).await;
    let mut browser = world.browser();
    let context = world.context();
    let response = assertion(&world, &mut browser, &mut key, &context).await;
    assert_eq!(
        browser
            .finish_assertion(&context, response.clone())
            .await
            .status,
        200
    );
    // A key that counts is refused for its counter first; one that does not is stopped by the nonce alone.
    let again = browser.finish_assertion(&context, response).await;
    assert!(!again.status.is_success(), "{}", again.body);
}

#[tokio::test]
async fn a_challenge_is_spent_once_when_two_requests_race_with_it() {
    let world = TestApp::new().await;
    let mut key = SoftwareAuthenticator::new(Kind::synced());
    world.user_with_passkey("ada@localhost", &mut key).await;
    let mut browser = world.browser();
    let context = world.context();
    let response = assertion(&world, &mut browser, &mut key, &context).await;
    let (mut one, mut two) = (browser.clone(), browser.clone());
    let (one, two) = tokio::join!(
        one.finish_assertion(&context, response.clone()),
        two.finish_assertion(&context, response)
    );
    let won = [&one, &two]
        .iter()
        .filter(|answer| answer.status.is_success())
        .count();
    assert_eq!(won, 1, "{} {}", one.body, two.body);
    let lost = if one.status.is_success() { two } else { one };
    lost.refused(400, "challenge_spent");
}

#[tokio::test]
async fn a_challenge_works_only_in_the_browser_it_was_made_for() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.administrator(&mut key).await;
    let context = world.context();
    let response = assertion(&world, &mut world.browser(), &mut key, &context).await;
    world
        .browser()
        .finish_assertion(&context, response)
        .await
        .refused(400, "challenge_other_browser");
}

#[tokio::test]
async fn a_challenge_works_only_in_the_context_it_was_made_for() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.administrator(&mut key).await;
    let mut browser = world.browser();
    let response = assertion(&world, &mut browser, &mut key, &world.context()).await;
    let other = context::to_page(
        &world.app,
        world.app.tenants.default().id,
        LocalPath::parse("/admin/users").unwrap(),
    )
    .unwrap();
    browser
        .finish_assertion(other.text(), response)
        .await
        .refused(400, "challenge_other_context");
}

#[tokio::test]
async fn a_challenge_of_another_tenant_does_not_open() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.administrator(&mut key).await;
    let mut browser = world.browser();
    browser.csrf();
    let held = Token::parse(browser.cookies.get(cookies::BROWSER).unwrap()).unwrap();
    let context = world.context();
    let opened = context::open(&world.app, &context).unwrap();
    let ticket = Ticket::new(
        &world.app,
        Ceremony::Assertion,
        None,
        *held.hash().as_bytes(),
        opened.hash(),
    );
    let foreign = ticket
        .seal(&world.app, TenantId::from_bytes([9; 16]))
        .unwrap();
    let mut options = browser.assertion_options(&context).await;
    options["publicKey"]["challenge"] = json!(foreign.as_str());
    let response = key.sign_in(&options, world.origin()).unwrap();
    browser
        .finish_assertion(&context, response)
        .await
        .refused(400, "challenge_invalid");
}

#[tokio::test]
async fn a_challenge_is_too_old_after_five_minutes() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.administrator(&mut key).await;
    let mut browser = world.browser();
    let context = world.context();
    let response = assertion(&world, &mut browser, &mut key, &context).await;
    world.wait(301);
    browser
        .finish_assertion(&context, response)
        .await
        .refused(400, "challenge_expired");
}

#[tokio::test]
async fn a_challenge_for_registration_signs_nobody_in() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    let mut signed_in = world.administrator(&mut key).await;
    let creation = signed_in
        .post_json("/security-info/passkeys/options", &json!({}))
        .await
        .json();
    let context = world.context();
    let mut options = signed_in.assertion_options(&context).await;
    options["publicKey"]["challenge"] = creation["publicKey"]["challenge"].clone();
    let response = key.sign_in(&options, world.origin()).unwrap();
    signed_in
        .finish_assertion(&context, response)
        .await
        .refused(400, "challenge_other_ceremony");
}

#[tokio::test]
async fn an_unknown_credential_is_refused_and_the_provider_is_told() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.administrator(&mut key).await;
    let user = world.stored_user(&world.first.administrator).await;
    let passkey = world.passkeys(&user).await.swap_remove(0);
    world
        .write(move |tx| {
            Box::pin(async move {
                store::passkeys::delete(tx, passkey.tenant, passkey.user, passkey.id)
                    .await
                    .map(drop)
            })
        })
        .await;
    let answer = world.browser().sign_in_with(&mut key).await;
    answer.refused(401, "unknown_credential");
    assert_eq!(answer.json()["signal"]["kind"], "unknownCredential");
    assert_eq!(answer.json()["signal"]["rpId"], "localhost");
}

#[tokio::test]
async fn a_refusal_is_found_in_the_log_by_its_correlation_id() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.administrator(&mut key).await;
    let mut browser = world.browser();
    let context = world.context();
    let response = assertion(&world, &mut browser, &mut key, &context).await;
    world.wait(301);
    let answer = browser.finish_assertion(&context, response).await;
    let newest = world.sign_ins().await.swap_remove(0);
    assert_eq!(
        answer.json()["correlationId"],
        newest.correlation.to_string()
    );
    assert_eq!(newest.failure_code, "challenge_expired");
}

#[tokio::test]
async fn a_disabled_user_is_refused() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    let (user, _) = world.user_with_passkey("ada@localhost", &mut key).await;
    world.set_enabled(&user, false).await;
    world
        .browser()
        .sign_in_with(&mut key)
        .await
        .refused(403, "user_disabled");
}

#[tokio::test]
async fn a_disabled_passkey_is_refused() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    let (user, _) = world.user_with_passkey("ada@localhost", &mut key).await;
    let passkey = world.passkeys(&user).await.swap_remove(0);
    world
        .write(move |tx| {
            Box::pin(async move {
                store::passkeys::set_enabled(tx, passkey.tenant, passkey.user, passkey.id, false)
                    .await
                    .map(drop)
            })
        })
        .await;
    world
        .browser()
        .sign_in_with(&mut key)
        .await
        .refused(403, "passkey_disabled");
}

#[tokio::test]
async fn a_counter_that_steps_back_blocks_the_key_and_is_remembered() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    let (user, _) = world.user_with_passkey("ada@localhost", &mut key).await;
    assert_eq!(world.browser().sign_in_with(&mut key).await.status, 200);
    key.key_store_mut().set_counters(0);
    world
        .browser()
        .sign_in_with(&mut key)
        .await
        .refused(403, "passkey_suspected_clone");
    assert!(
        world
            .passkeys(&user)
            .await
            .swap_remove(0)
            .suspected_clone
            .is_some()
    );
    // The original is blocked as well: nobody can say which of the two it is.
    key.key_store_mut().set_counters(1_000);
    world
        .browser()
        .sign_in_with(&mut key)
        .await
        .refused(403, "passkey_suspected_clone");
}

#[tokio::test]
async fn an_assertion_made_at_another_origin_is_refused() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.administrator(&mut key).await;
    let mut browser = world.browser();
    let context = world.context();
    let options = browser.assertion_options(&context).await;
    let response = key
        .sign_in(&options, "https://localhost.evil.example")
        .unwrap();
    browser
        .finish_assertion(&context, response)
        .await
        .refused(401, "origin_mismatch");
}

#[tokio::test]
async fn an_answer_that_is_no_response_is_refused_and_writes_no_session() {
    let world = TestApp::new().await;
    let mut browser = world.browser();
    let context = world.context();
    for bad in [
        json!(null),
        json!({}),
        json!([[[[[]]]]]),
        json!({ "id": "AA", "rawId": "AA", "type": "public-key" }),
    ] {
        let answer = browser.finish_assertion(&context, bad).await;
        assert!(
            answer.status.is_client_error(),
            "{} {}",
            answer.status,
            answer.body
        );
    }
    assert!(browser.session_cookie().is_none());
}

#[tokio::test]
async fn signing_in_makes_a_new_session_and_ends_the_one_before() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    let mut browser = world.administrator(&mut key).await;
    let before = browser.session_cookie().unwrap().clone();
    let mut kept = browser.clone();
    assert_eq!(browser.sign_in_with(&mut key).await.status, 200);
    assert_ne!(*browser.session_cookie().unwrap(), before);
    kept.get("/security-info").await.redirects_to("/signin");
    assert_eq!(browser.get("/security-info").await.status, 200);
}

#[tokio::test]
async fn a_planted_session_cookie_does_not_become_a_session() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.administrator(&mut key).await;
    let planted = Token::random(&world.app.random).text();
    let name = cookies::session_name(world.app.tenants.default().id);
    let mut browser = world.browser();
    browser.cookies.insert(name.clone(), planted.clone());
    assert_eq!(browser.sign_in_with(&mut key).await.status, 200);
    let mut attacker = world.browser();
    attacker.cookies.insert(name, planted);
    attacker.get("/security-info").await.redirects_to("/signin");
}

#[tokio::test]
async fn a_json_post_needs_token_origin_and_type() {
    let world = TestApp::new().await;
    let mut browser = world.browser().script();
    let body = json!({ "ctx": world.context() }).to_string();
    let csrf = browser.csrf();
    let send = |origin: &str, kind: &str, token: &str| {
        browser
            .request(axum::http::Method::POST, "/signin/passkey/options")
            .header("origin", origin)
            .header("content-type", kind)
            .header("x-csrf-token", token)
            .body(axum::body::Body::from(body.clone()))
            .unwrap()
    };
    let ours = world.origin();
    let requests = [
        (
            send(ours, "application/json", "AAAA"),
            403,
            "csrf_token_invalid",
        ),
        (
            send("https://evil.example", "application/json", &csrf),
            403,
            "foreign_origin",
        ),
        (
            send("null", "application/json", &csrf),
            403,
            "foreign_origin",
        ),
        (send(ours, "text/plain", &csrf), 415, "unsupported_type"),
    ];
    for (request, status, code) in requests {
        world
            .browser()
            .script()
            .send(request)
            .await
            .refused(status, code);
    }
    let good = send(ours, "application/json", &csrf);
    assert_eq!(world.browser().send(good).await.status, 200);
}

#[tokio::test]
async fn an_oversized_body_is_refused() {
    let world = TestApp::new().await;
    let mut browser = world.browser().script();
    let context = world.context();
    let answer = browser
        .finish_assertion(&context, json!("x".repeat(70_000)))
        .await;
    answer.refused(413, "too_large");
}
