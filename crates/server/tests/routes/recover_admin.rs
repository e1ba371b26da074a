//! `keyward recover-admin`, and the way back in that it opens.

use keyward::cli::recover_admin::{recover, turn_off_second_person};
use policy::model::{CorrelationId, PolicyDocument, SecondPerson};

use crate::world::{TestApp, authenticator};

#[tokio::test]
async fn a_lost_administrator_gets_back_in_once_and_the_log_says_how() {
    let world = TestApp::new().await;
    world.administrator(&mut authenticator()).await;
    let admin = world.stored_user(&world.first.administrator).await;
    world.set_enabled(&admin, false).await;
    let (app, now) = (&world.app, world.app.clock.now());
    let made = recover(&app.store, &app.config, now, &app.random, None, None)
        .await
        .unwrap();
    assert_eq!(made.user.user_principal_name, world.first.administrator);
    let mut browser = world.browser();
    let back = browser
        .sign_in_with_pass(&world.first.administrator, made.code.expose())
        .await;
    back.redirects_to("/security-info");
    assert_eq!(browser.get("/admin/users").await.status, 200);
    let log = browser
        .get(&format!("/admin/audit?correlation={}", made.correlation))
        .await;
    assert!(log.body.contains("recover-admin"), "{}", log.body);
    world
        .browser()
        .sign_in_with_pass(&world.first.administrator, made.code.expose())
        .await
        .refused(403, "pass_used");
}

#[tokio::test]
async fn recovery_is_no_way_into_an_account_without_a_role() {
    let world = TestApp::new().await;
    world.user("ada@localhost").await;
    let (app, now) = (&world.app, world.app.clock.now());
    let name = Some("ada@localhost".to_owned());
    assert!(
        recover(&app.store, &app.config, now, &app.random, None, name)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn the_operator_turns_a_second_person_off_and_the_log_says_so() {
    let world = TestApp::new().await;
    let mut browser = world.administrator(&mut authenticator()).await;
    let on = SecondPerson {
        policies: true,
        roles: true,
        methods: true,
        hours: 24,
    };
    world.policy(PolicyDocument::SecondPerson(on)).await;
    let admin = world.stored_user(&world.first.administrator).await;
    let (app, now) = (&world.app, world.app.clock.now());
    let correlation = CorrelationId::from_bytes([7; 16]);
    let tenant = admin.tenant;
    for _ in 0..2 {
        turn_off_second_person(&app.store, &admin, now, &app.random, correlation)
            .await
            .unwrap();
    }
    let policies = world
        .write(move |tx| Box::pin(async move { store::policies::load(tx, tenant).await }))
        .await;
    assert_eq!(policies.second_person, SecondPerson::default());
    let log = format!("/admin/audit?correlation={correlation}");
    let log = browser.get(&log).await.body;
    assert!(log.contains("recover-admin"), "{log}");
    assert!(log.contains("Update change approval setting"), "{log}");
}
