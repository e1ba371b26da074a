//! `/admin/users/…`.

use axum::http::StatusCode;

use crate::page;
use crate::world::{Browser, TestApp, authenticator};

const NAME: &str = "Ada <b>\"Countess\"</b>";

async fn create(browser: &mut Browser<'_>, principal: &str) -> String {
    let fields = [
        ("display_name", NAME),
        ("user_principal_name", principal),
        ("mail", ""),
    ];
    let answer = browser.post("/admin/users/new", &fields).await;
    answer.redirects_to("/admin/users/");
    answer.location().split('?').next().unwrap().to_owned()
}

/// The code on a page that shows it once.
fn secret(page: &str) -> &str {
    let start = page.find("id=\"secret\"").unwrap();
    let rest = &page[start..];
    &rest[rest.find('>').unwrap() + 1..rest.find("</p>").unwrap()]
}

#[tokio::test]
async fn a_user_is_created_found_given_a_pass_and_registers() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    page::check(&admin.get("/admin/users/new").await);
    let path = create(&mut admin, "ada@localhost").await;
    let found = admin.get("/admin/users?search=ADA").await;
    assert!(page::check(&found).contains(&path));
    assert!(!found.body.contains("<b>"));
    assert!(!page::check(&admin.get(&path).await).contains("<b>"));

    let pass = format!("{path}/pass");
    page::check(&admin.get(&pass).await);
    let issued = admin
        .post(&pass, &[("minutes", "60"), ("once", "true")])
        .await;
    assert_eq!(issued.status, StatusCode::OK, "{}", issued.body);
    let code = secret(page::check(&issued)).to_owned();
    assert!(!admin.get(&path).await.body.contains(&code), "shown twice");

    let mut ada = world.browser();
    let signed_in = ada.sign_in_with_pass("ada@localhost", &code).await;
    signed_in.redirects_to("/signin/register");
    page::check(&ada.get(signed_in.location()).await);
    ada.register_in_interrupt(&mut authenticator()).await;
    let own = ada.get("/security-info").await;
    assert!(!page::check(&own).contains("/admin/users"));
}

#[tokio::test]
async fn people_without_a_role_are_told_so() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let path = create(&mut admin, "ada@localhost").await;
    let issued = admin
        .post(&format!("{path}/pass"), &[("minutes", "60")])
        .await;
    let mut ada = world.browser();
    let code = secret(&issued.body);
    ada.sign_in_with_pass("ada@localhost", code).await;
    ada.register_in_interrupt(&mut authenticator()).await;
    for page in ["/admin/users", "/admin/sign-ins", "/admin/audit", &path] {
        let answer = ada.get(page).await;
        answer.refused(403, "role_required");
        assert!(page::check(&answer).contains("href=\"/security-info\""));
    }
    let disable = format!("{path}/disable");
    ada.post(&disable, &[]).await.refused(403, "role_required");
}

#[tokio::test]
async fn a_revoked_passkey_is_refused_and_its_session_is_over() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let path = create(&mut admin, "ada@localhost").await;
    let issued = admin
        .post(&format!("{path}/pass"), &[("minutes", "60")])
        .await;
    let mut key = authenticator();
    let mut ada = world.browser();
    ada.sign_in_with_pass("ada@localhost", secret(&issued.body))
        .await;
    ada.register_in_interrupt(&mut key).await;
    let mut elsewhere = world.browser();
    elsewhere.sign_in_with(&mut key).await;

    let user = admin.get(&path).await.body;
    let end = user.find("/revoke\"").unwrap();
    let start = user[..end].rfind('"').unwrap() + 1;
    let revoke = &user[start..end + "/revoke".len()];
    assert!(page::check(&admin.get(revoke).await).contains("test key"));
    let revoked = admin.post(revoke, &[]).await;
    revoked.redirects_to(&format!("{path}?done=passkey-revoked"));
    elsewhere
        .get("/security-info")
        .await
        .redirects_to("/signin");
    let refused = world.browser().sign_in_with(&mut key).await;
    refused.refused(401, "unknown_credential");
    let id = refused.json()["correlationId"].as_str().unwrap().to_owned();
    let log = admin
        .get(&format!("/admin/sign-ins?correlation={id}"))
        .await;
    assert!(page::check(&log).contains("unknown_credential"));
}

#[tokio::test]
async fn what_the_flows_would_refuse_is_not_offered() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let path = create(&mut admin, "ada@localhost").await;
    let of_ada = admin.get(&path).await.body;
    for action in ["disable", "pass", "password"] {
        assert!(of_ada.contains(&format!("{path}/{action}\"")), "{action}");
    }
    let users = admin.get("/admin/users").await.body;
    let own = users.find("\">Administrator</a>").unwrap();
    let start = users[..own].rfind('"').unwrap() + 1;
    let own = users[start..own].to_owned();
    let of_oneself = admin.get(&own).await.body;
    for action in ["disable", "pass"] {
        assert!(!of_oneself.contains(&format!("{own}/{action}\"")));
        let answer = admin
            .post(&format!("{own}/{action}"), &[("minutes", "60")])
            .await;
        answer.refused(403, "not_for_oneself");
    }
}

#[tokio::test]
async fn a_disabled_user_is_out_until_enabled() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let path = create(&mut admin, "ada@localhost").await;
    let disable = format!("{path}/disable");
    page::check(&admin.get(&disable).await);
    admin
        .post(&disable, &[])
        .await
        .redirects_to(&format!("{path}?done=user-disabled"));
    assert!(admin.get(&path).await.body.contains("Disabled"));
    admin
        .post(&format!("{path}/enable"), &[])
        .await
        .redirects_to(&format!("{path}?done=user-enabled"));
}

#[tokio::test]
async fn a_reset_password_is_shown_once_and_has_to_be_changed() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let path = create(&mut admin, "ada@localhost").await;
    let reset = format!("{path}/password");
    page::check(&admin.get(&reset).await);
    let answer = admin.post(&reset, &[]).await;
    let password = secret(page::check(&answer)).to_owned();
    let mut ada = world.browser();
    let signed_in = ada.sign_in_with_password("ada@localhost", &password).await;
    signed_in.redirects_to("/signin/new-password");
    page::check(&ada.get(signed_in.location()).await);
}

#[tokio::test]
async fn mistakes_in_forms_are_said_on_the_form() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let path = create(&mut admin, "ada@localhost").await;
    for minutes in ["9", "43201", "-1", "", "many", "99999999999999999999"] {
        let answer = admin
            .post(&format!("{path}/pass"), &[("minutes", minutes)])
            .await;
        assert!(answer.status.is_client_error(), "{minutes}");
        page::check(&answer);
    }
    for principal in [
        "ada@localhost",
        "ada",
        "ada@elsewhere.example",
        "@localhost",
        "",
    ] {
        let fields = [("display_name", "Ada"), ("user_principal_name", principal)];
        let answer = admin.post("/admin/users/new", &fields).await;
        assert!(answer.status.is_client_error(), "{principal}");
        let page = page::check(&answer);
        assert_eq!(page::field(page, "user_principal_name"), Some(principal));
    }
}

#[tokio::test]
async fn users_that_do_not_exist_are_not_found() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    for id in ["01a23179-de00-7ad6-8b46-b5d48ecabb31", "x", "%00"] {
        for page in ["", "/disable", "/pass", "/password"] {
            let path = format!("/admin/users/{id}{page}");
            admin.get(&path).await.refused(404, "not_found");
        }
        for action in ["enable", "disable", "sign-out-everywhere", "password"] {
            let path = format!("/admin/users/{id}/{action}");
            admin.post(&path, &[]).await.refused(404, "not_found");
        }
    }
}

#[tokio::test]
async fn posts_without_a_token_are_refused() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let path = create(&mut admin, "ada@localhost").await;
    for action in [
        "enable",
        "disable",
        "pass",
        "password",
        "sign-out-everywhere",
    ] {
        let answer = admin
            .post_bare(&format!("{path}/{action}"), &[("minutes", "60")])
            .await;
        answer.refused(403, "csrf_token_invalid");
    }
    let fields = [
        ("display_name", "x"),
        ("user_principal_name", "x@localhost"),
    ];
    let answer = admin.post_bare("/admin/users/new", &fields).await;
    answer.refused(403, "csrf_token_invalid");
}
