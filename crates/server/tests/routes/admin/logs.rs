//! `/admin/sign-ins` and `/admin/audit`.

use axum::http::StatusCode;
use policy::model::{AccessGrant, AccessState, Role};

use crate::page;
use crate::world::{TestApp, authenticator};

#[tokio::test]
async fn a_refusal_is_found_by_its_correlation_id() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let refused = world
        .browser()
        .sign_in_with_password(&world.first.administrator, "not it at all")
        .await;
    let id = refused.headers["x-correlation-id"].to_str().unwrap();
    let found = admin
        .get(&format!("/admin/sign-ins?correlation={id}"))
        .await;
    let page = page::check(&found);
    assert!(page.contains("wrong_credentials"), "{page}");
    assert!(!page.contains("Success"), "{page}");
}

#[tokio::test]
async fn logs_are_filtered_by_user_id_and_by_name() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let name = world.first.administrator.clone();
    for log in ["sign-ins", "audit"] {
        let found = admin.get(&format!("/admin/{log}?user={name}")).await;
        assert!(page::check(&found).contains(&name), "{log}");
    }
}

#[tokio::test]
async fn a_filter_that_can_name_nothing_lists_nothing_and_never_everything() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    for log in ["sign-ins", "audit"] {
        for filter in ["correlation=x", "user=nobody", "correlation=%3Cb%3E"] {
            let answer = admin.get(&format!("/admin/{log}?{filter}")).await;
            assert_eq!(answer.status, StatusCode::OK);
            let page = page::check(&answer);
            assert!(page.contains("filter_invalid"), "{log} {filter}");
            assert!(page.contains("No records found"), "{log} {filter}");
            assert!(!page.contains("<b>"), "{log} {filter}");
        }
    }
}

#[tokio::test]
async fn a_place_in_the_list_that_is_none_is_refused() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    for page in ["/admin/users", "/admin/sign-ins", "/admin/audit"] {
        let answer = admin.get(&format!("{page}?after=x")).await;
        answer.refused(400, "malformed_request");
    }
}

#[tokio::test]
async fn one_sign_in_shows_its_steps_and_what_each_policy_said() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    world
        .access_policy(1, AccessState::Enabled, AccessGrant::Mfa)
        .await;
    world
        .access_policy(2, AccessState::ReportOnly, AccessGrant::Block)
        .await;
    world
        .user_with_passkey("bob@localhost", &mut authenticator())
        .await;
    let list = admin.get("/admin/sign-ins?user=bob@localhost").await;
    let record = first_link(page::check(&list));
    let shown = admin.get(&record).await;
    let shown = page::check(&shown);
    for expected in [
        "bob@localhost",
        "Satisfied",
        "Would have refused",
        "AAGUID",
        "Version ",
    ] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    // As in Entra, seeing the log is not seeing the policies.
    let (reader, mut browser) = world
        .user_with_passkey("logs@localhost", &mut authenticator())
        .await;
    world.role(&reader, Role::ReportsReader).await;
    let shown = browser.get(&record).await;
    let shown = page::check(&shown);
    assert!(shown.contains("bob@localhost"), "{shown}");
    assert!(!shown.contains("Would have refused"), "{shown}");
    assert!(!shown.contains("Satisfied"), "{shown}");
}

#[tokio::test]
async fn a_sign_in_takes_the_role_that_the_log_takes() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let record = first_link(&admin.get("/admin/sign-ins").await.body);
    let (helper, mut browser) = world
        .user_with_passkey("helper@localhost", &mut authenticator())
        .await;
    world
        .role(&helper, Role::AuthenticationPolicyAdministrator)
        .await;
    browser.get(&record).await.refused(403, "role_missing");
    let missing = "/admin/sign-ins/01a23179-de00-7ad6-8b46-b5d48ecabb31";
    admin.get(missing).await.refused(404, "not_found");
}

/// The address of the newest record on the page of the log.
fn first_link(page: &str) -> String {
    let start = page.find("/admin/sign-ins/").unwrap();
    let rest = &page[start..];
    rest[..rest.find('"').unwrap()].to_owned()
}
