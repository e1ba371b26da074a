//! `GET /signin` and the pages that a name leads to: what they show, escape, offer and refuse.

use axum::http::{StatusCode, header};

use crate::page;
use crate::world::{TestApp, authenticator};

const MARKUP: &str = "\"><script>alert(1)</script>";

#[tokio::test]
async fn the_first_page_offers_autofill_and_the_button() {
    let world = TestApp::new().await;
    let answer = world.browser().get("/signin").await;
    assert_eq!(answer.status, StatusCode::OK);
    let page = page::check(&answer);
    assert!(page.contains("autocomplete=\"username webauthn\""));
    assert!(page.contains("Face, fingerprint, PIN or security key"));
    assert!(page.contains("data-autofill=\"true\""));
    assert!(page.contains("<noscript>"));
}

#[tokio::test]
async fn the_first_page_speaks_the_readers_language() {
    let world = TestApp::new().await;
    let mut browser = world.browser();
    let request = browser
        .request(axum::http::Method::GET, "/signin")
        .header(header::ACCEPT_LANGUAGE, "de-AT,de;q=0.9,en;q=0.5")
        .body(axum::body::Body::empty())
        .unwrap();
    let answer = browser.send(request).await;
    let page = page::check(&answer);
    assert!(page.contains("<html lang=\"de\">"));
    assert!(page.contains("Anmelden"));
}

#[tokio::test]
async fn a_broken_context_leads_to_the_beginning_and_not_to_a_dead_end() {
    let world = TestApp::new().await;
    for ctx in ["x", "%00", "AAAA", &"A".repeat(3000)] {
        let answer = world.browser().get(&format!("/signin?ctx={ctx}")).await;
        answer.refused(400, "sign_in_context_invalid");
        let page = page::check(&answer);
        assert!(page.contains("href=\"/signin\""), "{ctx}");
        assert!(page.contains(answer.headers["x-correlation-id"].to_str().unwrap()));
    }
}

#[tokio::test]
async fn a_context_that_became_too_old_says_so() {
    let world = TestApp::new().await;
    let ctx = world.context();
    world.wait(3601);
    let answer = world.browser().get(&format!("/signin?ctx={ctx}")).await;
    answer.refused(400, "sign_in_expired");
}

#[tokio::test]
async fn known_and_unknown_names_get_the_same_page() {
    let world = TestApp::new().await;
    let mut browser = world.browser();
    let ctx = world.context();
    let known = world.first.administrator.clone();
    let unknown = "n".repeat(known.len());
    let mut pages = Vec::new();
    for name in [known, unknown] {
        let fields = [("ctx", ctx.as_str()), ("username", name.as_str())];
        let answer = browser.post("/signin/identifier", &fields).await;
        assert_eq!(answer.status, StatusCode::OK);
        pages.push(page::check(&answer).replace(&name, "NAME"));
    }
    assert_eq!(pages[0], pages[1]);
}

#[tokio::test]
async fn every_page_with_a_name_offers_another_way() {
    let world = TestApp::new().await;
    let mut browser = world.browser();
    for (method, other) in [
        ("password", "Use a Temporary Access Pass"),
        ("pass", "Use your password"),
    ] {
        let fields = [
            ("ctx", ""),
            ("username", "ada@localhost"),
            ("method", method),
        ];
        let answer = browser.post("/signin/identifier", &fields).await;
        let page = page::check(&answer);
        assert!(page.contains(other), "{method}");
        assert!(page.contains("data-passkey-signin"), "{method}");
        assert_eq!(page::field(page, "username"), Some("ada@localhost"));
    }
}

#[tokio::test]
async fn markup_in_a_name_is_text() {
    let world = TestApp::new().await;
    let mut browser = world.browser();
    for path in ["/signin/identifier", "/signin/password", "/signin/pass"] {
        let fields = [
            ("ctx", ""),
            ("username", MARKUP),
            ("password", "wrong wrong"),
            ("pass", "wrong"),
        ];
        let answer = browser.post(path, &fields).await;
        assert!(!page::check(&answer).contains("<script>alert"), "{path}");
        assert!(answer.body.contains("alert(1)"), "{path}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_said_on_the_form_with_code_and_correlation_id() {
    let world = TestApp::new().await;
    let fields = [
        ("ctx", ""),
        ("username", "nobody@localhost"),
        ("password", "not the password"),
    ];
    let answer = world.browser().post("/signin/password", &fields).await;
    answer.refused(401, "wrong_credentials");
    let page = page::check(&answer);
    assert!(page.contains("role=\"alert\""));
    assert!(page.contains("aria-invalid=\"true\" aria-describedby=\"refusal\""));
    assert!(page.contains(answer.headers["x-correlation-id"].to_str().unwrap()));
    assert!(!page.contains("not the password"));
}

#[tokio::test]
async fn forms_without_a_token_or_with_another_browsers_are_refused() {
    let world = TestApp::new().await;
    let token = world.browser().csrf();
    let mut browser = world.browser();
    browser.csrf();
    for path in [
        "/signin/identifier",
        "/signin/password",
        "/signin/pass",
        "/signin/totp",
        "/signin/nudge/skip",
        "/signin/nudge/sign-in",
        "/signin/nudge/after-error",
        "/signin/new-password",
    ] {
        for fields in [
            vec![("username", "ada")],
            vec![("username", "ada"), ("csrf", token.as_str())],
            vec![("username", "ada"), ("csrf", "AAAA")],
        ] {
            let answer = browser.post_bare(path, &fields).await;
            let refused = matches!(
                answer.status,
                StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED
            );
            assert!(refused, "{path} {}", answer.status);
        }
    }
}

#[tokio::test]
async fn the_factor_pages_without_an_attempt_say_that_it_is_over() {
    let world = TestApp::new().await;
    let ctx = world.context();
    for path in ["totp", "new-password", "register", "nudge"] {
        let path = format!("/signin/{path}?ctx={ctx}");
        let answer = world.browser().get(&path).await;
        answer.refused(401, "attempt_expired");
        page::check(&answer);
    }
}

#[tokio::test]
async fn the_way_into_an_application_is_named_in_the_forms_policy_only_there() {
    let world = TestApp::new().await;
    let answer = world.browser().get("/signin").await;
    let policy = answer.headers[header::CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap();
    assert!(policy.ends_with("form-action 'self'"), "{policy}");
}

#[tokio::test]
async fn signing_out_without_a_session_is_no_error_page_without_a_way_on() {
    let world = TestApp::new().await;
    let answer = world.browser().post("/signout", &[]).await;
    answer.refused(401, "signed_out");
    assert!(page::check(&answer).contains("href=\"/signin"));
    let answer = world.browser().get("/signed-out").await;
    assert_eq!(answer.status, StatusCode::OK);
    page::check(&answer);
}

#[tokio::test]
async fn the_root_leads_to_the_persons_own_page() {
    let world = TestApp::new().await;
    world
        .browser()
        .get("/")
        .await
        .redirects_to("/security-info");
}

#[tokio::test]
async fn a_sign_in_resumes_in_the_session_it_began_and_in_no_older_one() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.administrator(&mut key).await;
    let mut browser = world.browser();
    let before = world.context();
    world.wait(1);
    browser.sign_in_with(&mut key).await;
    let resumed = browser.get(&format!("/signin/resume?ctx={before}")).await;
    resumed.redirects_to("/security-info");
    world.wait(1);
    let after = world.context();
    let asked = browser.get(&format!("/signin/resume?ctx={after}")).await;
    asked.redirects_to("/signin?ctx=");
}
