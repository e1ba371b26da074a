//! What authenticators of the organisation ask and tell.

use authenticator::Milliseconds;
use authenticator::rules::Refusal;
use authenticator::rules::feedback::{Bundle, FeedbackId, ID_RANDOM, MAX_BUNDLE};
use authenticator::rules::incidents::{Cause, Incident, Operation};
use authenticator::rules::os_support::Os;
use axum::body::Body;
use axum::http::{Method, header};
use policy::model::Role;
use policy::scopes::Scope;

use crate::graph::{Scene, ok, refused};
use crate::page;
use crate::world::{Answer, TestApp, authenticator};

fn bundle(seed: u8, rp_id: &str) -> (FeedbackId, Vec<u8>) {
    let id = FeedbackId::from_random([seed; ID_RANDOM]);
    let incident = Incident {
        at: Milliseconds(5_000),
        operation: Operation::Register,
        rp_id: rp_id.to_owned(),
        cause: Cause::Refused(Refusal::NoSecureHardware),
    };
    let now = Milliseconds(65_000);
    let bundle = Bundle::new(id, Os::Ios { version: 18 }, [&incident].into_iter(), now);
    (id, bundle.encode())
}

async fn send(world: &TestApp, bytes: &[u8]) -> Answer {
    let tenant = world.app.tenants.default().id;
    let path = format!("/{tenant}/authenticator/feedback");
    post(world, &path, "application/cbor", bytes).await
}

/// As an app does, without cookies and tokens of a page.
async fn post(world: &TestApp, path: &str, kind: &str, bytes: &[u8]) -> Answer {
    let mut browser = world.browser();
    let request = browser
        .request(Method::POST, path)
        .header(header::CONTENT_TYPE, kind)
        .header(header::ACCEPT, "application/json")
        .body(Body::from(bytes.to_vec()))
        .unwrap();
    browser.send(request).await
}

#[tokio::test]
async fn feedback_is_found_by_the_id_that_somebody_reads_out() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let (id, bytes) = bundle(7, "login.contoso.com");
    let sent = send(&world, &bytes).await;
    assert_eq!(sent.status, 201, "{}", sent.body);
    assert_eq!(sent.json()["id"], id.to_string());
    // Sent twice, because the answer was lost.
    assert_eq!(send(&world, &bytes).await.status, 200);
    let (_, other) = bundle(7, "login.example");
    send(&world, &other).await.refused(409, "feedback_id_taken");

    let empty = admin.get("/admin/feedback").await;
    page::check(&empty);
    let spoken = id.to_string().to_lowercase().replace('-', "%20");
    let found = admin.get(&format!("/admin/feedback?id={spoken}")).await;
    let found = page::check(&found);
    for shown in [
        id.to_string().as_str(),
        "ios 18",
        "login.contoso.com",
        "no_secure_hardware",
    ] {
        assert!(found.contains(shown), "{shown} is not in {found}");
    }
    let unknown = FeedbackId::from_random([8; ID_RANDOM]);
    let missing = admin.get(&format!("/admin/feedback?id={unknown}")).await;
    assert_eq!(missing.status, 404);
    assert!(
        missing.body.contains("feedback_not_found"),
        "{}",
        missing.body
    );
    let wrong = admin.get("/admin/feedback?id=hello").await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.body.contains("feedback_id_invalid"), "{}", wrong.body);
}

#[tokio::test]
async fn only_who_reads_the_audit_log_reads_feedback() {
    let scene = Scene::new().await;
    let (id, bytes) = bundle(9, "");
    assert_eq!(send(&scene.world, &bytes).await.status, 201);
    let path = format!("/beta/keyward/authenticatorFeedback/{id}");
    let reader = scene.app_with(&[Scope::AuditLogReadAll]).await;
    let told = ok(&reader.get(&path).await, 200);
    assert_eq!(told["id"], id.to_string());
    assert_eq!(told["incidents"][0]["code"], "no_secure_hardware");
    assert_eq!(told["incidents"][0]["secondsBeforeFeedback"], 60);
    let other = scene.app_with(&[Scope::UserReadAll]).await;
    refused(&other.get(&path).await, 403, "scope_missing");
    let nobody = "/beta/keyward/authenticatorFeedback/0000-0000-0000";
    refused(&reader.get(nobody).await, 404, "not_found");
    let mut key = authenticator();
    let (user, mut browser) = scene
        .world
        .user_with_passkey("bob@localhost", &mut key)
        .await;
    scene.world.role(&user, Role::GroupsAdministrator).await;
    let page = browser.get(&format!("/admin/feedback?id={id}")).await;
    assert!(matches!(page.status.as_u16(), 401 | 403), "{}", page.body);
}

#[tokio::test]
async fn what_is_no_feedback_is_refused() {
    let world = TestApp::new().await;
    let long = vec![0xa0; MAX_BUNDLE + 1];
    for bytes in [&b""[..], b"\xa0", b"{}", &long] {
        send(&world, bytes).await.refused(400, "feedback_malformed");
    }
    let tenant = world.app.tenants.default().id;
    let path = format!("/{tenant}/authenticator/feedback");
    let (_, bytes) = bundle(7, "");
    let typed = post(&world, &path, "text/plain", &bytes).await;
    typed.refused(415, "feedback_type");
    let common = "/common/authenticator/feedback";
    let common = post(&world, common, "application/cbor", &bytes).await;
    common.refused(404, "not_found");
}
