//! `/security-info/password` and `/security-info/totp`.

use axum::http::StatusCode;

use crate::page;
use crate::world::{TestApp, authenticator};

#[tokio::test]
async fn the_password_page_points_at_the_field_that_is_wrong() {
    let world = TestApp::new().await;
    let mut browser = world.administrator(&mut authenticator()).await;
    page::check(&browser.get("/security-info/password").await);
    let fields = [
        ("current", "one of mine"),
        ("new", "a brand new phrase"),
        ("again", "another phrase"),
    ];
    let answer = browser.post("/security-info/password", &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = page::check(&answer);
    assert!(page.contains("href=\"#again\""));
    for secret in ["one of mine", "brand new", "another phrase"] {
        assert!(!page.contains(secret));
    }
}

#[tokio::test]
async fn a_wrong_code_shows_the_same_secret_again() {
    let world = TestApp::new().await;
    let mut browser = world.administrator(&mut authenticator()).await;
    let offered = browser.get("/security-info/totp").await;
    let page = page::check(&offered);
    assert!(page.contains("<svg"));
    let secret = secret(page);
    let enrolment = page::field(page, "enrolment").unwrap();
    let fields = [("enrolment", enrolment), ("code", "000000")];
    let answer = browser.post("/security-info/totp", &fields).await;
    answer.refused(422, "wrong_code");
    assert_eq!(secret, self::secret(page::check(&answer)));
}

#[tokio::test]
async fn a_forged_enrolment_is_refused() {
    let world = TestApp::new().await;
    let mut browser = world.administrator(&mut authenticator()).await;
    let fields = [("enrolment", "AAAA"), ("code", "000000")];
    let answer = browser.post("/security-info/totp", &fields).await;
    answer.refused(400, "enrolment_expired");
    page::check(&answer);
}

fn secret(page: &str) -> &str {
    let start = page.find("id=\"secret\"").unwrap();
    let rest = &page[start..];
    &rest[rest.find('>').unwrap() + 1..rest.find("</p>").unwrap()]
}
