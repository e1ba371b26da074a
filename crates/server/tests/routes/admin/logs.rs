//! `/admin/sign-ins` and `/admin/audit`.

use axum::http::StatusCode;

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
