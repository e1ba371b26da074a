//! `/admin/campaigns` and the counts of snoozes.

use policy::campaign::{Event, Outcome, Provider, Snoozes};
use policy::client::Client;
use policy::model::*;
use store::campaigns::{self, Answer};

use crate::page;
use crate::world::{Browser, TestApp, authenticator};

const CHROME: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36";

fn default_page() -> String {
    format!("/admin/campaigns/{}", Campaign::DEFAULT)
}

/// A browser in which somebody with this role has signed in.
async fn with_role<'w>(world: &'w TestApp, name: &str, role: Role) -> Browser<'w> {
    let (user, _) = world.user_with_passkey(name, &mut authenticator()).await;
    let now = world.app.clock.now();
    world
        .write(move |tx| {
            Box::pin(async move { store::roles::assign(tx, user.tenant, user.id, role, now).await })
        })
        .await;
    let mut browser = world.browser();
    let pass = world
        .pass(&world.stored_user(name).await, PassUse::Many)
        .await;
    browser.sign_in_with_pass(name, &pass).await;
    browser
}

async fn put_off(world: &TestApp, user: &User) {
    let (tenant, user, now) = (user.tenant, user.id, world.app.clock.now());
    world
        .write(move |tx| {
            Box::pin(async move {
                let to = TokenHash::from_bytes([9; 32]);
                campaigns::show(tx, tenant, user, &to, now).await?;
                campaigns::answer(tx, tenant, user, &to, Answer::Snoozed, now).await
            })
        })
        .await;
}

async fn snoozes(world: &TestApp, user: &User) -> Snoozes {
    let (tenant, user) = (user.tenant, user.id);
    world
        .write(move |tx| Box::pin(async move { campaigns::snoozes(tx, tenant, user).await }))
        .await
}

async fn last_records(world: &TestApp) -> Vec<AuditRecord> {
    let tenant = world.app.tenants.default().id;
    world
        .write(move |tx| {
            Box::pin(async move {
                let page = store::Page::first(3);
                store::audit::list(tx, tenant, store::audit::Filter::All, page).await
            })
        })
        .await
}

fn detail<'r>(record: &'r AuditRecord, name: &str) -> Option<&'r str> {
    let mut details = record.details.iter();
    let found = details.find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str())
}

fn form<'f>(changes: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let mut fields = vec![
        ("version", "0"),
        ("name", "Everybody"),
        ("position", "0"),
        ("state", "enabled"),
        ("snooze_days", "3"),
        ("limited_snoozes", "on"),
        ("everyone", "on"),
        ("groups", ""),
        ("users", ""),
        ("except_groups", ""),
        ("except_users", ""),
        ("starts", ""),
        ("ends", ""),
        ("waves", ""),
    ];
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    fields
}

#[tokio::test]
async fn a_new_tenant_has_one_campaign_that_the_server_manages() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let list = admin.get("/admin/campaigns").await;
    assert!(page::check(&list).contains(&default_page()));
    let one = admin.get(&default_page()).await;
    assert!(page::check(&one).contains("Managed by this server"));
    page::check(&admin.get(&format!("{}/edit", default_page())).await);
    page::check(&admin.get("/admin/campaigns/new").await);
    let none = format!("/admin/campaigns/{}", CampaignId::from_bytes([9; 16]));
    admin.get(&none).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_campaign_is_made_changed_and_deleted_with_its_records() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    world.user("ada@localhost").await;
    let fields = form(&[
        ("version", "-1"),
        ("name", "Pilots"),
        ("everyone", "on"),
        ("except_users", "ADA@localhost"),
        ("starts", "2030-01-01T08:00"),
        ("waves", "2030-01-02 10\n2030-01-09 100"),
        ("single_sign_on", "on"),
    ]);
    let made = admin.post("/admin/campaigns/new", &fields).await;
    made.redirects_to("/admin/campaigns/");
    let path = made.location().split('?').next().unwrap().to_owned();
    let shown = admin.get(&path).await;
    let body = page::check(&shown);
    for part in [
        "Pilots",
        "one exception",
        "2030-01-09",
        "100 %",
        "session was there",
    ] {
        assert!(body.contains(part), "{part}");
    }
    let edit = admin.get(&format!("{path}/edit")).await;
    assert_eq!(page::field(page::check(&edit), "version"), Some("1"));
    assert!(edit.body.contains("ada@localhost"));

    world.wait(1);
    let renamed = form(&[("version", "1"), ("name", "Renamed")]);
    admin
        .post(&format!("{path}/edit"), &renamed)
        .await
        .redirects_to(&path);
    world.wait(1);
    let stale = admin.post(&format!("{path}/edit"), &renamed).await;
    stale.refused(409, "policy_stale");
    assert!(page::check(&stale).contains("Renamed"));
    let activity = last_records(&world).await;
    assert_eq!(activity[1].activity, "Authentication Methods Policy Update");
    assert_eq!(activity[0].result, AuditResult::Failure);
    admin
        .post(&format!("{path}/delete"), &[])
        .await
        .redirects_to("/admin/campaigns");
    admin.get(&path).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_form_that_makes_no_sense_is_shown_again_with_the_reason() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let edit = format!("{}/edit", default_page());
    for (field, value, code) in [
        ("waves", "soon 10", "field_invalid"),
        ("starts", "tomorrow", "field_invalid"),
        ("position", "-1", "field_invalid"),
        ("state", "maybe", "field_invalid"),
        ("groups", "Nobody knows them", "field_invalid"),
        ("except_users", "nobody@localhost", "field_invalid"),
        ("snooze_days", "15", "policy_invalid"),
        ("waves", "2030-01-02 10\n2030-01-01 20", "policy_invalid"),
        ("name", "", "policy_invalid"),
    ] {
        let answer = admin.post(&edit, &form(&[(field, value)])).await;
        answer.refused(422, code);
        page::check(&answer);
    }
    let nobody = form(&[("everyone", "on")]);
    let nobody: Vec<_> = nobody
        .into_iter()
        .filter(|(name, _)| *name != "everyone")
        .collect();
    admin
        .post(&edit, &nobody)
        .await
        .refused(422, "policy_invalid");
}

#[tokio::test]
async fn the_funnel_is_shown_in_numbers_and_bars() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let (tenant, now) = (world.app.tenants.default().id, world.app.clock.now());
    let event = |outcome| Event::new(Campaign::DEFAULT, Client::of(CHROME), outcome);
    let accepted = Event {
        provider: Some(Provider::WindowsHello),
        ..event(Outcome::Accepted)
    };
    let failed = Event {
        why: "aaguid_not_allowed",
        ..event(Outcome::Failed)
    };
    let events = [
        event(Outcome::Shown),
        event(Outcome::Shown),
        accepted,
        failed,
    ];
    world
        .write(move |tx| {
            Box::pin(async move {
                for event in &events {
                    campaigns::count(tx, tenant, event, now).await?;
                }
                Ok(())
            })
        })
        .await;
    let shown = admin.get(&default_page()).await;
    let body = page::check(&shown);
    for part in [
        "<svg",
        "width=\"50\"",
        "Chrome, Windows",
        "Windows Hello",
        "aaguid_not_allowed",
    ] {
        assert!(body.contains(part), "{part}");
    }
}

#[tokio::test]
async fn counts_are_set_back_for_one_person_or_everybody_with_a_record() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let (ada, ben) = (
        world.user("ada@localhost").await,
        world.user("ben@localhost").await,
    );
    put_off(&world, &ada).await;
    put_off(&world, &ben).await;
    let path = format!("/admin/users/{}", ada.id);
    assert!(page::check(&admin.get(&path).await).contains("snoozes-reset"));
    world.wait(1);
    admin
        .post(&format!("{path}/snoozes-reset"), &[])
        .await
        .redirects_to(&path);
    assert_eq!(snoozes(&world, &ada).await, Snoozes::default());
    assert_eq!(snoozes(&world, &ben).await.count, 1);
    let record = last_records(&world).await.remove(0);
    assert_eq!(record.activity, "Admin updated security info");
    assert_eq!(detail(&record, "SnoozeCount"), Some("1"));
    assert_eq!(record.user, Some(ada.id));

    world.wait(1);
    let all = "/admin/campaigns/snoozes-reset";
    page::check(&admin.get(all).await);
    admin
        .post(all, &[])
        .await
        .redirects_to("/admin/campaigns?done=");
    assert_eq!(snoozes(&world, &ben).await, Snoozes::default());
    let record = last_records(&world).await.remove(0);
    assert_eq!(record.activity, "Authentication Methods Policy Update");
    assert_eq!(detail(&record, "People"), Some("1"));
}

/// Who may look need not be allowed to change, and a helpdesk changes nothing for everybody.
#[tokio::test]
async fn counts_are_set_back_by_those_only_who_may() {
    let world = TestApp::new().await;
    let (boss, _) = world
        .user_with_passkey("boss@localhost", &mut authenticator())
        .await;
    let tenant = boss.tenant;
    world
        .write(move |tx| {
            Box::pin(async move {
                let now = Timestamp::from_seconds(1);
                store::roles::assign(tx, tenant, boss.id, Role::GlobalAdministrator, now).await
            })
        })
        .await;
    let ada = world.user("ada@localhost").await;
    put_off(&world, &ada).await;
    let mut reader = with_role(&world, "reader@localhost", Role::GlobalReader).await;
    let mut helpdesk = with_role(&world, "help@localhost", Role::AuthenticationAdministrator).await;
    let one = format!("/admin/users/{}/snoozes-reset", ada.id);
    let boss = format!("/admin/users/{}/snoozes-reset", boss.id);
    let all = "/admin/campaigns/snoozes-reset";
    assert!(!reader.get("/admin/campaigns").await.body.contains(all));
    reader.post(all, &[]).await.refused(403, "role_missing");
    reader.post(&one, &[]).await.refused(403, "role_missing");
    helpdesk.post(all, &[]).await.refused(403, "role_missing");
    world.wait(1);
    helpdesk
        .post(&boss, &[])
        .await
        .refused(403, "target_protected");
    assert_eq!(snoozes(&world, &ada).await.count, 1);
    let refused = last_records(&world).await.remove(0);
    assert_eq!(refused.result, AuditResult::Failure);
    helpdesk.post(&one, &[]).await.redirects_to("/admin/users/");
    assert_eq!(snoozes(&world, &ada).await.count, 0);
}
