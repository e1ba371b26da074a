//! `/admin/approvals/…`.

use axum::http::StatusCode;
use policy::model::{PolicyDocument, Role};

use super::ON;
use crate::page;
use crate::world::{Answer, Browser, TestApp, authenticator};

const CONTEXT: &str = r#"{"id":"c1","name":"Payments","description":"","available":true}"#;

/// A second Global Administrator in a browser of theirs.
async fn second(world: &TestApp) -> Browser<'_> {
    let bob = world.user("bob@localhost").await;
    world.role(&bob, Role::GlobalAdministrator).await;
    world.passkey_of(&bob, &mut authenticator()).await
}

async fn save(by: &mut Browser<'_>) -> Answer {
    let fields = [
        ("kind", "context"),
        ("id", "c1"),
        ("version", "0"),
        ("document", CONTEXT),
    ];
    by.post("/admin/policies/save", &fields).await
}

/// The page of the request that a change was kept as.
#[track_caller]
fn kept(answer: &Answer) -> String {
    answer.redirects_to("/admin/approvals/");
    let (path, query) = answer.location().split_once('?').unwrap();
    assert_eq!(query, "done=approval-kept");
    path.to_owned()
}

#[tokio::test]
async fn a_change_is_asked_for_on_one_page_and_approved_on_another() {
    let world = TestApp::new().await;
    let mut ada = world.administrator(&mut authenticator()).await;
    let mut bob = second(&world).await;
    world.policy(PolicyDocument::SecondPerson(ON)).await;
    let asked = save(&mut ada).await;
    let path = kept(&asked);
    let own = ada.get(asked.location()).await;
    let own = page::check(&own);
    assert!(own.contains("waits for a second person"));
    assert!(own.contains("Payments") && own.contains("/withdraw\""));
    assert!(!own.contains("/approve\"") && !own.contains("/deny\""));
    let list = ada.get("/admin/policies/contexts").await;
    assert!(!list.body.contains("Payments"));

    let list = bob.get("/admin/approvals").await;
    assert!(page::check(&list).contains(&path));
    let shown = bob.get(&path).await;
    let shown = page::check(&shown);
    assert!(shown.contains("/approve\"") && !shown.contains("/withdraw\""));
    let approve = format!("{path}/approve");
    ada.post(&approve, &[])
        .await
        .refused(403, "approval_own_request");
    let without = bob.post_bare(&approve, &[]).await;
    without.refused(403, "csrf_token_invalid");
    let done = bob.post(&approve, &[]).await;
    done.redirects_to(&format!("{path}?done=approval-approved"));
    page::check(&bob.get(done.location()).await);
    let list = ada.get("/admin/policies/contexts").await;
    assert!(list.body.contains("Payments"));
    bob.post(&approve, &[])
        .await
        .refused(409, "approval_settled");
    let list = bob.get("/admin/approvals").await;
    assert!(!page::check(&list).contains(&path));
    let list = bob.get("/admin/approvals?all=true").await;
    assert!(page::check(&list).contains(&path));
}

#[tokio::test]
async fn a_request_is_refused_or_taken_back_on_its_page() {
    let world = TestApp::new().await;
    let mut ada = world.administrator(&mut authenticator()).await;
    let mut bob = second(&world).await;
    world.policy(PolicyDocument::SecondPerson(ON)).await;
    let path = kept(&save(&mut ada).await);
    let deny = format!("{path}/deny");
    let empty = bob.post(&deny, &[("reason", " ")]).await;
    empty.refused(422, "approval_reason_invalid");
    page::check(&empty);
    bob.post_bare(&deny, &[("reason", "Later")])
        .await
        .refused(403, "csrf_token_invalid");
    let denied = bob.post(&deny, &[("reason", "Later, <b>please</b>")]).await;
    denied.redirects_to(&format!("{path}?done=approval-denied"));
    let shown = ada.get(&path).await;
    let shown = page::check(&shown);
    assert!(shown.contains("Later, ") && !shown.contains("<b>please"));

    let path = kept(&save(&mut ada).await);
    let withdraw = format!("{path}/withdraw");
    bob.post(&withdraw, &[])
        .await
        .refused(403, "approval_not_own_request");
    ada.post_bare(&withdraw, &[])
        .await
        .refused(403, "csrf_token_invalid");
    let taken = ada.post(&withdraw, &[]).await;
    taken.redirects_to(&format!("{path}?done=approval-withdrawn"));
}

#[tokio::test]
async fn a_pass_is_shown_to_who_approves() {
    let world = TestApp::new().await;
    let mut ada = world.administrator(&mut authenticator()).await;
    let mut bob = second(&world).await;
    world.policy(PolicyDocument::SecondPerson(ON)).await;
    let amy = world.user("amy@localhost").await;
    world.role(&amy, Role::SecurityAdministrator).await;
    let fields = [("minutes", "60"), ("once", "true")];
    let pass = format!("/admin/users/{}/pass", amy.id);
    let path = kept(&ada.post(&pass, &fields).await);
    assert!(world.stored_pass(&amy).await.is_none());
    page::check(&bob.get(&path).await);
    let shown = bob.post(&format!("{path}/approve"), &[]).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.body);
    assert!(page::check(&shown).contains("id=\"secret\""));
    assert!(world.stored_pass(&amy).await.is_some());
}

#[tokio::test]
async fn the_setting_has_a_page() {
    let world = TestApp::new().await;
    let mut ada = world.administrator(&mut authenticator()).await;
    let here = "/admin/approvals/setting";
    page::check(&ada.get(here).await);
    let on = [
        ("version", "0"),
        ("policies", "true"),
        ("roles", "true"),
        ("methods", "true"),
        ("hours", "24"),
    ];
    let alone = ada.post(here, &on).await;
    alone.refused(409, "approval_too_few_people");
    let mut bob = second(&world).await;
    let half = [("version", "0"), ("policies", "true"), ("hours", "24")];
    let half = ada.post(here, &half).await;
    assert_eq!(half.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page::check(&half).contains("give themselves a second account"));
    let saved = ada.post(here, &on).await;
    saved.redirects_to("/admin/approvals?done=approval-setting");
    let off = [("version", "1"), ("hours", "24")];
    let path = kept(&ada.post(here, &off).await);
    let done = bob.post(&format!("{path}/approve"), &[]).await;
    done.redirects_to(&path);
    let mut german = bob.clone();
    german.language = Some("de".to_owned());
    assert!(page::check(&german.get("/admin/approvals").await).contains("zweite Person"));
    let reader = world.user("rae@localhost").await;
    world.role(&reader, Role::GroupsAdministrator).await;
    let mut reader = world.passkey_of(&reader, &mut authenticator()).await;
    reader
        .get("/admin/approvals")
        .await
        .refused(403, "role_missing");
}
