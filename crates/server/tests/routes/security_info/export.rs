//! `/security-info/export` and its twin for administrators.

use policy::model::Role;

use crate::world::{TestApp, authenticator};

#[tokio::test]
async fn one_person_gets_what_is_kept_about_them_and_no_secret() {
    let world = TestApp::new().await;
    let (bob, mut browser) = world
        .user_with_passkey("bob@localhost", &mut authenticator())
        .await;
    world.password(&bob, "correct horse battery", false).await;
    let secret = world.totp(&bob).await;
    let file = browser.post("/security-info/export", &[]).await;
    assert_eq!(file.status, 200, "{}", file.body);
    let disposition = file.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.starts_with("attachment"), "{disposition}");
    assert_eq!(file.headers["cache-control"], "no-store");
    let document = file.json();
    assert_eq!(document["user"]["userPrincipalName"], "bob@localhost");
    assert_eq!(document["user"]["perUserMfaState"], "disabled");
    let passkey = &world.passkeys(&bob).await[0];
    assert_eq!(document["passkeys"][0]["id"], passkey.id.to_string());
    assert_eq!(document["passkeys"].as_array().unwrap().len(), 1);
    assert_eq!(document["sessions"].as_array().unwrap().len(), 1);
    assert!(document["oneTimeCodes"]["enrolledDateTime"].is_string());
    assert!(document["password"]["changedDateTime"].is_string());
    assert!(!document["signIns"].as_array().unwrap().is_empty());
    assert_eq!(document["signInsTruncated"], false);
    // The document tells of its own making, and the log does.
    let told = document["auditRecords"].as_array().unwrap().iter();
    let told: Vec<_> = told
        .filter(|one| one["activity"] == "Export personal data")
        .collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["by"], "themselves");
    let audits = world.audits(&bob).await;
    assert!(
        audits
            .iter()
            .any(|one| one.activity == "Export personal data")
    );
    let base32 = keyward::flow::totp::base32(&secret);
    for secret in ["$argon2", &base32] {
        assert!(!file.body.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn another_persons_address_is_not_theirs_to_have() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let bob = world.user("bob@localhost").await;
    admin.address = Some("203.0.113.99".to_owned());
    let path = format!("/admin/users/{}/disable", bob.id);
    admin.post(&path, &[]).await;
    world.set_enabled(&bob, true).await;
    let mut again = world.passkey_of(&bob, &mut authenticator()).await;
    let file = again.post("/security-info/export", &[]).await;
    assert!(file.body.contains("an administrator"), "{}", file.body);
    assert!(!file.body.contains("203.0.113.99"), "{}", file.body);
}

#[tokio::test]
async fn the_document_about_another_takes_every_role_that_its_parts_take() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let bob = world.user("bob@localhost").await;
    let path = format!("/admin/users/{}/export", bob.id);
    let file = admin.post(&path, &[]).await;
    assert_eq!(file.status, 200, "{}", file.body);
    assert_eq!(file.json()["user"]["id"], bob.id.to_string());
    for (name, role) in [
        ("helper@localhost", Role::AuthenticationAdministrator),
        ("logs@localhost", Role::ReportsReader),
    ] {
        let (user, mut browser) = world.user_with_passkey(name, &mut authenticator()).await;
        world.role(&user, role).await;
        let answer = browser.post(&path, &[]).await;
        answer.refused(403, "role_missing");
    }
    let mut nobody = world.browser();
    assert_ne!(nobody.post(&path, &[]).await.status, 200);
    let missing = "/admin/users/01a23179-de00-7ad6-8b46-b5d48ecabb31/export";
    admin.post(missing, &[]).await.refused(404, "not_found");
}
