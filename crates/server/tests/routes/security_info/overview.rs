//! `GET /security-info` and what leads to it.

use axum::http::StatusCode;

use crate::page;
use crate::world::{TestApp, authenticator};

#[tokio::test]
async fn a_stranger_is_led_to_sign_in_and_back() {
    let world = TestApp::new().await;
    let answer = world.browser().get("/security-info").await;
    answer.redirects_to("/signin?ctx=");
    let signin = world.browser().get(answer.location()).await;
    assert_eq!(signin.status, StatusCode::OK);
}

#[tokio::test]
async fn the_page_lists_passkeys_sessions_and_sign_ins() {
    let world = TestApp::new().await;
    let mut browser = world.administrator(&mut authenticator()).await;
    let answer = browser.get("/security-info").await;
    assert_eq!(answer.status, StatusCode::OK);
    let page = page::check(&answer);
    for expected in [
        "test key",
        "On one device",
        "This browser",
        "Success",
        "href=\"/admin/users\"",
        "data-signal-user-id=",
        "data-signal-rp-id=\"localhost\"",
    ] {
        assert!(page.contains(expected), "{expected} is not in {page}");
    }
}

#[tokio::test]
async fn only_known_outcomes_are_announced() {
    let world = TestApp::new().await;
    let mut browser = world.administrator(&mut authenticator()).await;
    let known = browser.get("/security-info?done=passkey-renamed").await;
    assert!(known.body.contains("The passkey was renamed."));
    let unknown = browser.get("/security-info?done=you-won%3Cb%3E").await;
    assert!(!page::check(&unknown).contains("you-won"));
}

#[tokio::test]
async fn the_well_known_address_leads_to_the_password_page() {
    let world = TestApp::new().await;
    let answer = world.browser().get("/.well-known/change-password").await;
    answer.redirects_to("/security-info/password");
}

#[tokio::test]
async fn posts_without_a_token_are_refused() {
    let world = TestApp::new().await;
    let mut browser = world.administrator(&mut authenticator()).await;
    let id = "01a23179-de00-7ad6-8b46-b5d48ecabb31";
    for path in [
        format!("/security-info/passkeys/{id}/name"),
        format!("/security-info/passkeys/{id}/delete"),
        format!("/security-info/sessions/{id}/end"),
        "/security-info/password".to_owned(),
        "/security-info/totp".to_owned(),
        "/security-info/totp/remove".to_owned(),
        "/security-info/sign-out-everywhere".to_owned(),
        "/signout".to_owned(),
    ] {
        let answer = browser.post_bare(&path, &[("name", "x")]).await;
        answer.refused(403, "csrf_token_invalid");
    }
    assert_eq!(browser.get("/security-info").await.status, StatusCode::OK);
}
