//! "Stay signed in": a wish that travels with the proof, and a cookie that outlives the window only then.

use axum::http::header;
use policy::model::{PassUse, User};
use serde_json::json;

use crate::page;
use crate::world::{Answer, Browser, TestApp, authenticator};

const NAME: &str = "ada@localhost";
const PASSWORD: &str = "a small green boat";
const KEPT: &str = "Max-Age=7776000";
const HOUR: u64 = 3_600;

/// The `Set-Cookie` line of the session.
fn session_line(answer: &Answer) -> String {
    let lines = answer.headers.get_all(header::SET_COOKIE);
    lines
        .iter()
        .filter_map(|line| line.to_str().ok())
        .find(|line| line.starts_with("__Host-keyward-session-"))
        .unwrap_or_default()
        .to_owned()
}

async fn with_password_and_code(world: &TestApp) -> (User, [u8; 20]) {
    let user = world.user(NAME).await;
    world.password(&user, PASSWORD, false).await;
    let secret = world.totp(&user).await;
    (user, secret)
}

/// Password and code, up to the prompt that asks for a passkey.
async fn prove(world: &TestApp, browser: &mut Browser<'_>, secret: &[u8], wish: &[(&str, &str)]) {
    let context = world.context();
    let mut fields = vec![
        ("ctx", context.as_str()),
        ("username", NAME),
        ("password", PASSWORD),
    ];
    fields.extend_from_slice(wish);
    let answer = browser.post("/signin/password", &fields).await;
    answer.redirects_to("/signin/totp");
    let code = world.code(secret);
    let fields = [("ctx", context.as_str()), ("code", code.as_str())];
    let answer = browser.post("/signin/totp", &fields).await;
    answer.redirects_to("/signin/nudge");
}

#[tokio::test]
async fn a_wish_given_with_the_password_outlives_code_and_interrupt() {
    let world = TestApp::new().await;
    let (_, secret) = with_password_and_code(&world).await;
    let mut browser = world.browser();
    prove(&world, &mut browser, &secret, &[("keep", "1")]).await;
    let context = world.context();
    let done = browser
        .post("/signin/nudge/skip", &[("ctx", &context)])
        .await;
    assert!(
        session_line(&done).ends_with(KEPT),
        "{}",
        session_line(&done)
    );
    for _ in 0..3 {
        world.wait(20 * 24 * HOUR);
        assert_eq!(browser.get("/security-info").await.status, 200);
    }
    world.wait(30 * 24 * HOUR + 1);
    browser.get("/security-info").await.redirects_to("/signin");
}

#[tokio::test]
async fn without_the_wish_the_cookie_goes_with_the_window() {
    let world = TestApp::new().await;
    let (_, secret) = with_password_and_code(&world).await;
    let mut browser = world.browser();
    prove(&world, &mut browser, &secret, &[]).await;
    let context = world.context();
    let done = browser
        .post("/signin/nudge/skip", &[("ctx", &context)])
        .await;
    assert!(!session_line(&done).is_empty());
    assert!(
        !session_line(&done).contains("Max-Age"),
        "{}",
        session_line(&done)
    );
    world.wait(9 * HOUR);
    browser.get("/security-info").await.redirects_to("/signin");
}

#[tokio::test]
async fn a_wish_beside_a_passkey_needs_no_further_page() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.user_with_passkey(NAME, &mut key).await;
    let mut browser = world.browser();
    let context = world.context();
    let options = browser.assertion_options(&context).await;
    let response = key.sign_in(&options, world.origin()).unwrap();
    let body = json!({ "ctx": context, "credential": response, "keep": true });
    let done = browser.post_json("/signin/passkey", &body).await;
    assert_eq!(done.json()["next"], "/security-info");
    assert!(session_line(&done).ends_with(KEPT));
    world.wait(9 * HOUR);
    let info = browser.get("/security-info").await;
    assert!(info.body.contains("Stays signed in"), "{}", info.body);
}

#[tokio::test]
async fn what_a_pass_opened_is_never_kept() {
    let world = TestApp::new().await;
    let user = world.user(NAME).await;
    let pass = world.pass(&user, PassUse::Many).await;
    let mut browser = world.browser();
    let context = world.context();
    let fields = [
        ("ctx", context.as_str()),
        ("username", NAME),
        ("pass", &pass),
        ("keep", "1"),
    ];
    browser
        .post("/signin/pass", &fields)
        .await
        .redirects_to("/signin/register");
    let done = browser.register_in_interrupt(&mut authenticator()).await;
    assert!(!session_line(&done).is_empty());
    assert!(
        !session_line(&done).contains("Max-Age"),
        "{}",
        session_line(&done)
    );
}

#[tokio::test]
async fn the_box_is_offered_beside_passkey_and_password_and_stays_ticked() {
    let world = TestApp::new().await;
    let mut browser = world.browser();
    let first = browser.get("/signin").await;
    let first = page::check(&first);
    assert!(first.contains("Stay signed in") && !first.contains(" checked"));
    let context = world.context();
    let mut fields = vec![
        ("ctx", context.as_str()),
        ("username", NAME),
        ("keep", "1"),
        ("method", "password"),
    ];
    let password = browser.post("/signin/identifier", &fields).await;
    let password = page::check(&password);
    assert!(password.contains("Stay signed in") && password.contains(" checked"));
    if let Some(method) = fields.last_mut() {
        method.1 = "pass";
    }
    let pass = browser.post("/signin/identifier", &fields).await;
    let pass = page::check(&pass);
    assert!(!pass.contains("Stay signed in"), "a pass cannot be kept");
    assert!(
        pass.contains("data-keep=\"true\""),
        "the passkey beside it can"
    );
}
