//! `/security-info/passkeys/…`: add, name and delete.

use axum::http::StatusCode;
use keyward::cli::tour::{Kind, SoftwareAuthenticator};
use policy::model::{PassUse, PasskeyType};
use serde_json::json;

use crate::page;
use crate::world::{Browser, TestApp, authenticator};

const MARKUP: &str = "<b>\"key\"</b>";

/// The id in the first address of the page that ends with `ending`.
fn id_before(page: &str, ending: &str) -> String {
    let end = page.find(ending).unwrap();
    let start = page[..end].rfind('/').unwrap() + 1;
    page[start..end].to_owned()
}

async fn first_passkey(browser: &mut Browser<'_>) -> String {
    let answer = browser.get("/security-info").await;
    id_before(&answer.body, "/delete")
}

#[tokio::test]
async fn a_second_passkey_is_added_named_and_deleted() {
    let world = TestApp::new().await;
    let mut browser = world.administrator(&mut authenticator()).await;
    page::check(&browser.get("/security-info/passkeys/add").await);
    let options = browser
        .post_json("/security-info/passkeys/options", &json!({}))
        .await;
    let mut key = authenticator();
    let response = key.register(&options.json(), world.origin()).unwrap();
    let made = browser
        .post_json(
            "/security-info/passkeys",
            &json!({ "credential": response }),
        )
        .await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let next = made.json()["next"].as_str().unwrap().to_owned();
    let naming = browser.get(&next).await;
    assert!(page::check(&naming).contains("Passkey created"));

    let path = next.split('?').next().unwrap();
    let named = browser.post(path, &[("name", MARKUP), ("new", "1")]).await;
    named.redirects_to("/security-info?done=passkey-added");
    let listed = browser.get("/security-info").await;
    assert!(!page::check(&listed).contains("<b>"));
    assert!(listed.body.contains("2 passkeys"));

    let delete = path.replace("/name", "/delete");
    assert!(page::check(&browser.get(&delete).await).contains("Delete this passkey?"));
    let deleted = browser.post(&delete, &[]).await;
    deleted.redirects_to("/security-info?done=passkey-deleted");
    assert!(
        browser
            .get("/security-info")
            .await
            .body
            .contains("One passkey")
    );
    let refused = world.browser().sign_in_with(&mut key).await;
    refused.refused(401, "unknown_credential");
    assert_eq!(refused.json()["signal"]["kind"], "unknownCredential");
}

#[tokio::test]
async fn a_name_that_cannot_be_is_refused_on_the_form() {
    let world = TestApp::new().await;
    let mut browser = world.administrator(&mut authenticator()).await;
    let id = first_passkey(&mut browser).await;
    let path = format!("/security-info/passkeys/{id}/name");
    for name in ["", "   ", &"x".repeat(65)] {
        let answer = browser.post(&path, &[("name", name)]).await;
        answer.refused(400, "name_invalid");
        assert!(page::check(&answer).contains("aria-invalid"));
    }
    let renamed = browser.post(&path, &[("name", "Desk drawer")]).await;
    renamed.redirects_to("/security-info?done=passkey-renamed");
    assert!(
        browser
            .get("/security-info")
            .await
            .body
            .contains("Desk drawer")
    );
}

#[tokio::test]
async fn the_last_way_in_is_warned_about_and_kept() {
    let world = TestApp::new().await;
    let mut browser = world.administrator(&mut authenticator()).await;
    let id = first_passkey(&mut browser).await;
    let path = format!("/security-info/passkeys/{id}/delete");
    let asked = browser.get(&path).await;
    assert!(page::check(&asked).contains("This is your last passkey"));
    let answer = browser.post(&path, &[]).await;
    answer.refused(409, "last_way_in");
    page::check(&answer);
}

/// A passkey that policy refuses is nobody's way in, so it does not make another one dispensable.
#[tokio::test]
async fn what_policy_refuses_is_no_other_way_in() {
    let world = TestApp::new().await;
    let (mut key, mut synced) = (authenticator(), SoftwareAuthenticator::new(Kind::synced()));
    let (user, mut browser) = world.user_with_passkey("ada@localhost", &mut key).await;
    let first = world.passkeys(&user).await.swap_remove(0).id;
    browser.add_passkey(&mut synced).await;
    // The pass is over.
    world.wait(3_601);
    let mut browser = world.browser();
    browser.sign_in_with(&mut key).await;
    let path = format!("/security-info/passkeys/{first}/delete");
    world
        .change_passkey_method(|method| {
            for profile in &mut method.profiles {
                profile.types = vec![PasskeyType::DeviceBound];
            }
        })
        .await;
    browser.post(&path, &[]).await.refused(409, "last_way_in");
    // The refused one can go, and so can the other once there is a pass.
    let passkeys = world.passkeys(&user).await;
    let other = passkeys.iter().find(|one| one.id != first).unwrap().id;
    let gone = browser
        .post(&format!("/security-info/passkeys/{other}/delete"), &[])
        .await;
    assert!(!gone.status.is_client_error(), "{}", gone.body);
    world.pass(&user, PassUse::Once).await;
    let gone = browser.post(&path, &[]).await;
    assert!(!gone.status.is_client_error(), "{}", gone.body);
    assert!(world.passkeys(&user).await.is_empty());
}

#[tokio::test]
async fn deleting_the_passkey_of_this_session_ends_it_and_tells_the_provider() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    let mut browser = world.administrator(&mut key).await;
    let fields = [("name", "first")];
    let first = first_passkey(&mut browser).await;
    let path = format!("/security-info/passkeys/{first}/name");
    browser.post(&path, &fields).await;
    let options = browser
        .post_json("/security-info/passkeys/options", &json!({}))
        .await;
    let mut second = authenticator();
    let response = second.register(&options.json(), world.origin()).unwrap();
    let body = json!({ "credential": response });
    browser.post_json("/security-info/passkeys", &body).await;

    let mut with_it = world.browser();
    with_it.sign_in_with(&mut key).await;
    let path = format!("/security-info/passkeys/{first}/delete");
    let answer = with_it.post(&path, &[]).await;
    assert_eq!(answer.status, StatusCode::OK);
    let page = page::check(&answer);
    assert!(page.contains("data-signal-unknown=\""), "{page}");
    with_it.get("/security-info").await.redirects_to("/signin");
}

#[tokio::test]
async fn passkeys_that_are_not_ones_own_do_not_exist() {
    let world = TestApp::new().await;
    let mut browser = world.administrator(&mut authenticator()).await;
    for id in ["01a23179-de00-7ad6-8b46-b5d48ecabb31", "x", "..", "%00"] {
        for action in ["name", "delete"] {
            let path = format!("/security-info/passkeys/{id}/{action}");
            browser.get(&path).await.refused(404, "not_found");
            let posted = browser.post(&path, &[("name", "mine now")]).await;
            posted.refused(404, "not_found");
        }
    }
}
