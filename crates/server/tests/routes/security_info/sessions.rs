//! `/security-info/sessions/…`, signing out here and everywhere.

use crate::page;
use crate::world::{TestApp, authenticator};

#[tokio::test]
async fn another_session_is_ended_and_over_at_once() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    let mut here = world.administrator(&mut key).await;
    let mut there = world.browser();
    there.sign_in_with(&mut key).await;
    let page = here.get("/security-info").await.body;
    let end = page.find("/end\"").unwrap();
    let start = page[..end].rfind('"').unwrap() + 1;
    let ended = here.post(&page[start..end + 4], &[]).await;
    ended.redirects_to("/security-info?done=session-ended");
    there.get("/security-info").await.redirects_to("/signin");
    assert!(
        here.get("/security-info")
            .await
            .body
            .contains("This browser")
    );
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_browser() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    let mut here = world.administrator(&mut key).await;
    let mut there = world.browser();
    there.sign_in_with(&mut key).await;
    let out = here.post("/security-info/sign-out-everywhere", &[]).await;
    out.redirects_to("/signed-out");
    here.get("/security-info").await.redirects_to("/signin");
    there.get("/security-info").await.redirects_to("/signin");
}

#[tokio::test]
async fn signing_out_here_takes_the_cookie_and_leaves_the_others() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    let mut here = world.administrator(&mut key).await;
    let mut there = world.browser();
    there.sign_in_with(&mut key).await;
    here.post("/signout", &[]).await.redirects_to("/signed-out");
    assert!(here.session_cookie().is_none());
    page::check(&there.get("/security-info").await);
}

#[tokio::test]
async fn sessions_that_are_not_ones_own_do_not_exist() {
    let world = TestApp::new().await;
    let mut browser = world.administrator(&mut authenticator()).await;
    let path = "/security-info/sessions/01a23179-de00-7ad6-8b46-b5d48ecabb31/end";
    browser.post(path, &[]).await.refused(404, "not_found");
}
