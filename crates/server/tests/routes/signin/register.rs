//! Registering: `POST /signin/register…` and `POST /security-info/passkeys…`.

use keyward::cli::tour::{Kind, SoftwareAuthenticator};
use policy::model::PassUse;
use serde_json::json;

use crate::world::{TestApp, authenticator};

const NAME: &str = "ada@localhost";

#[tokio::test]
async fn the_first_pass_dies_with_the_first_registration() {
    let world = TestApp::new().await;
    world.administrator(&mut authenticator()).await;
    let answer = world
        .browser()
        .sign_in_with_pass(&world.first.administrator, world.first.pass.expose())
        .await;
    answer.refused(401, "wrong_credentials");
}

#[tokio::test]
async fn registering_in_the_interrupt_opens_the_session() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    let (user, mut browser) = world.user_with_passkey(NAME, &mut key).await;
    assert_eq!(world.passkeys(&user).await.len(), 1);
    assert_eq!(browser.get("/security-info").await.status, 200);
}

#[tokio::test]
async fn another_passkey_needs_two_factors_within_five_minutes() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.user_with_passkey(NAME, &mut key).await;
    let mut browser = world.browser();
    browser.sign_in_with(&mut key).await;
    let options = browser
        .script()
        .post_json("/security-info/passkeys/options", &json!({}))
        .await;
    assert_eq!(options.status, 200, "{}", options.body);
    world.wait(301);
    let stale = browser
        .script()
        .post_json("/security-info/passkeys/options", &json!({}))
        .await;
    stale.refused(403, "fresh_mfa_required");
}

#[tokio::test]
async fn after_a_one_time_pass_there_are_ten_minutes() {
    let world = TestApp::new().await;
    let user = world.user(NAME).await;
    let pass = world.pass(&user, PassUse::Once).await;
    let mut browser = world.browser();
    browser
        .sign_in_with_pass(NAME, &pass)
        .await
        .redirects_to("/signin/register");
    world.wait(601);
    let body = json!({ "ctx": world.context() });
    let answer = browser
        .script()
        .post_json("/signin/register/options", &body)
        .await;
    assert!(answer.status.is_client_error(), "{}", answer.body);
}

#[tokio::test]
async fn a_registration_challenge_is_spent_once() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.user_with_passkey(NAME, &mut key).await;
    let mut browser = world.browser();
    browser.sign_in_with(&mut key).await;
    let options = browser
        .post_json("/security-info/passkeys/options", &json!({}))
        .await
        .json();
    let mut one = SoftwareAuthenticator::new(Kind::synced());
    let mut two = SoftwareAuthenticator::new(Kind::synced());
    let first = one.register(&options, world.origin()).unwrap();
    let second = two.register(&options, world.origin()).unwrap();
    let done = browser
        .post_json(
            "/security-info/passkeys",
            &json!({ "credential": first, "name": "one" }),
        )
        .await;
    assert!(done.status.is_success(), "{}", done.body);
    let again = browser
        .script()
        .post_json(
            "/security-info/passkeys",
            &json!({ "credential": second, "name": "two" }),
        )
        .await;
    again.refused(400, "challenge_spent");
}

#[tokio::test]
async fn a_registration_of_one_user_is_not_anothers() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.user_with_passkey(NAME, &mut key).await;
    let mut other_key = authenticator();
    world
        .user_with_passkey("grace@localhost", &mut other_key)
        .await;
    let mut ada = world.browser();
    ada.sign_in_with(&mut key).await;
    let options = ada
        .post_json("/security-info/passkeys/options", &json!({}))
        .await
        .json();
    let response = authenticator().register(&options, world.origin()).unwrap();
    // The same browser, now signed in as somebody else.
    ada.sign_in_with(&mut other_key).await;
    let answer = ada
        .script()
        .post_json(
            "/security-info/passkeys",
            &json!({ "credential": response }),
        )
        .await;
    answer.refused(400, "challenge_other_context");
}

#[tokio::test]
async fn a_disabled_user_registers_nothing() {
    let world = TestApp::new().await;
    let user = world.user(NAME).await;
    let pass = world.pass(&user, PassUse::Many).await;
    let mut browser = world.browser();
    browser
        .sign_in_with_pass(NAME, &pass)
        .await
        .redirects_to("/signin/register");
    world.set_enabled(&user, false).await;
    let body = json!({ "ctx": world.context() });
    let answer = browser
        .script()
        .post_json("/signin/register/options", &body)
        .await;
    assert!(answer.status.is_client_error(), "{}", answer.body);
    assert!(world.passkeys(&user).await.is_empty());
}
