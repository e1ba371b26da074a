//! `POST /signin/passkey/options` and `POST /signin/passkey`.

use crate::world::{TestApp, authenticator};

#[tokio::test]
async fn a_registered_passkey_signs_in() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.administrator(&mut key).await;
    let mut browser = world.browser();
    let answer = browser.sign_in_with(&mut key).await;
    assert_eq!(answer.json()["next"], "/security-info");
    assert!(browser.session_cookie().is_some());
}
