//! Sessions: each request reads the row, so whatever ends it ends it now.

use crate::world::{TestApp, authenticator};

const NAME: &str = "ada@localhost";

#[tokio::test]
async fn an_administrator_revokes_a_passkey_and_its_session_is_over_at_the_next_request() {
    let world = TestApp::new().await;
    let mut admin_key = authenticator();
    world.administrator(&mut admin_key).await;
    let mut admin = world.browser();
    admin.sign_in_with(&mut admin_key).await;
    let mut key = authenticator();
    let (user, _) = world.user_with_passkey(NAME, &mut key).await;
    let mut browser = world.browser();
    browser.sign_in_with(&mut key).await;
    assert_eq!(browser.get("/security-info").await.status, 200);
    let passkey = world.passkeys(&user).await.swap_remove(0);
    let path = format!("/admin/users/{}/passkeys/{}/revoke", user.id, passkey.id);
    let revoked = admin.post(&path, &[]).await;
    assert!(
        !revoked.status.is_client_error() && !revoked.status.is_server_error(),
        "{}",
        revoked.body
    );
    browser.get("/security-info").await.redirects_to("/signin");
    world
        .browser()
        .sign_in_with(&mut key)
        .await
        .refused(401, "unknown_credential");
}

#[tokio::test]
async fn a_disabled_users_session_is_over_at_the_next_request() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    let (user, mut browser) = world.user_with_passkey(NAME, &mut key).await;
    world.set_enabled(&user, false).await;
    browser.get("/security-info").await.redirects_to("/signin");
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_browser() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.user_with_passkey(NAME, &mut key).await;
    let (mut one, mut two) = (world.browser(), world.browser());
    one.sign_in_with(&mut key).await;
    two.sign_in_with(&mut key).await;
    let answer = one.post("/security-info/sign-out-everywhere", &[]).await;
    assert!(
        answer.status.is_redirection() || answer.status.is_success(),
        "{}",
        answer.body
    );
    one.get("/security-info").await.redirects_to("/signin");
    two.get("/security-info").await.redirects_to("/signin");
}

#[tokio::test]
async fn signing_out_ends_this_browser_and_no_other() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.user_with_passkey(NAME, &mut key).await;
    let (mut one, mut two) = (world.browser(), world.browser());
    one.sign_in_with(&mut key).await;
    two.sign_in_with(&mut key).await;
    let mut stolen = one.clone();
    one.post("/signout", &[]).await;
    assert!(one.session_cookie().is_none());
    stolen.get("/security-info").await.redirects_to("/signin");
    assert_eq!(two.get("/security-info").await.status, 200);
}

#[tokio::test]
async fn a_session_ends_after_eight_idle_hours_and_after_a_day() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.user_with_passkey(NAME, &mut key).await;
    let mut idle = world.browser();
    idle.sign_in_with(&mut key).await;
    let mut busy = world.browser();
    busy.sign_in_with(&mut key).await;
    for _ in 0..4 {
        world.wait(5 * 3_600);
        assert_eq!(busy.get("/security-info").await.status, 200);
    }
    idle.get("/security-info").await.redirects_to("/signin");
    world.wait(5 * 3_600);
    busy.get("/security-info").await.redirects_to("/signin");
}

#[tokio::test]
async fn what_a_pass_opened_ends_with_the_pass() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    // The session that the interrupt opened rests on the pass, not on the passkey made in it.
    let (_, mut browser) = world.user_with_passkey(NAME, &mut key).await;
    world.wait(3_500);
    assert_eq!(browser.get("/security-info").await.status, 200);
    world.wait(200);
    browser.get("/security-info").await.redirects_to("/signin");
}

#[tokio::test]
async fn administration_is_for_role_holders() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    let (_, mut browser) = world.user_with_passkey(NAME, &mut key).await;
    browser
        .get("/admin/users")
        .await
        .refused(403, "role_required");
}

#[tokio::test]
async fn health_readiness_and_related_origins_answer() {
    let world = TestApp::new().await;
    let mut browser = world.browser();
    assert_eq!(browser.get("/healthz").await.body, "ok\n");
    assert_eq!(browser.get("/readyz").await.body, "ready\n");
    let origins = browser.get("/.well-known/webauthn").await.json();
    assert_eq!(origins["origins"][0], world.origin());
    assert_eq!(browser.get("/metrics").await.status, 404);
    assert!(browser.cookies.is_empty());
}
