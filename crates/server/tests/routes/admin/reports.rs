//! `/admin/reports`.

use keyward::cli::tour::{Kind, SoftwareAuthenticator};
use policy::model::Role;

use crate::page;
use crate::world::{Browser, TestApp, authenticator};

async fn holder<'w>(world: &'w TestApp, name: &str, role: Role) -> Browser<'w> {
    let (user, browser) = world.user_with_passkey(name, &mut authenticator()).await;
    let now = world.app.clock.now();
    world
        .write(move |tx| {
            Box::pin(async move { store::roles::assign(tx, user.tenant, user.id, role, now).await })
        })
        .await;
    browser
}

/// The table row of a report: its number and its percentage.
fn row(page: &str, label: &str, number: i64, percent: i64) -> bool {
    let wanted = format!(
        "<th scope=\"row\">{label}</th><td class=\"number\">{number}</td><td class=\"number\">{percent}</td>"
    );
    page.contains(&wanted)
}

#[tokio::test]
async fn reports_count_what_is_there_now() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let mut synced = SoftwareAuthenticator::new(Kind::synced());
    world
        .user_with_passkey("synced@localhost", &mut synced)
        .await;
    world.browser().sign_in_with(&mut synced).await;
    let ada = world.user("ada@localhost").await;
    world.password(&ada, "correct horse battery", false).await;
    world.totp(&ada).await;
    world.user("nothing@localhost").await;
    let answer = admin.get("/admin/reports").await;
    let shown = page::check(&answer);
    assert!(shown.contains("4 enabled accounts"), "{shown}");
    assert!(row(shown, "With a passkey", 2, 50), "{shown}");
    assert!(row(shown, "With a password", 1, 25), "{shown}");
    assert!(row(shown, "Without two methods", 3, 75), "{shown}");
    assert!(row(shown, "Other algorithms", 2, 100), "{shown}");
    assert!(shown.contains("Passkey: Synced"), "{shown}");
    assert!(shown.contains(">nothing@localhost</a>"), "{shown}");
    assert!(!shown.contains(">ada@localhost</a>"), "{shown}");
    assert!(shown.contains("Stale passkeys (0)"), "{shown}");
    world.set_enabled(&ada, false).await;
    let again = admin.get("/admin/reports").await;
    assert!(
        page::check(&again).contains("3 enabled accounts"),
        "{}",
        again.body
    );
}

#[tokio::test]
async fn reports_name_nobody_to_roles_that_may_not_see_methods() {
    let world = TestApp::new().await;
    world.administrator(&mut authenticator()).await;
    world.user("nothing@localhost").await;
    let mut reader = holder(&world, "reports@localhost", Role::ReportsReader).await;
    let answer = reader.get("/admin/reports").await;
    let shown = page::check(&answer);
    assert!(shown.contains("Without two methods (3)"), "{shown}");
    assert!(!shown.contains(">nothing@localhost</a>"), "{shown}");
    let mut helper = holder(&world, "groups@localhost", Role::GroupsAdministrator).await;
    helper
        .get("/admin/reports")
        .await
        .refused(403, "role_missing");
}
