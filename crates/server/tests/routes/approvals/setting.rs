//! Which changes wait: turning it on takes two people, and turning it off a second one.

use keyward::flow::Caller;
use keyward::flow::govern::{Change, Edit, Governor, change};
use policy::model::{AuthenticationContext, CorrelationId, PolicyDocument, Role, SecondPerson};
use policy::scopes::Scope;
use serde_json::json;
use store::policies::Expected;

use super::{CAMPAIGNS, ON, Two, approve, kept, status};
use crate::graph::{Scene, ok, refused};
use crate::world::TestApp;

const SETTING: &str = "/beta/keyward/secondPerson";

fn all() -> serde_json::Value {
    json!({"policies": true, "roleAssignments": true, "signInMethods": true})
}

#[tokio::test]
async fn it_is_off_until_two_people_could_approve() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let chief = world.stored_user(&world.first.administrator).await;
    let by = scene.as_user(&chief, Scope::ALL).await.program;
    let off = ok(&by.get(SETTING).await, 200);
    assert_eq!(off["policies"], false);
    assert_eq!(off["requestLifetimeInHours"], 24);
    let alone = by.patch(SETTING, &all()).await;
    refused(&alone, 409, "approval_too_few_people");
    let eve = super::holder(&scene, "eve@a.example", Role::GlobalAdministrator).await;
    world.set_enabled(&eve, false).await;
    let disabled = by.patch(SETTING, &all()).await;
    refused(&disabled, 409, "approval_too_few_people");
    ok(
        &by.post(CAMPAIGNS, &json!({"displayName": "Pilots"})).await,
        201,
    );
    world.set_enabled(&eve, true).await;
    ok(&by.patch(SETTING, &all()).await, 204);
    kept(&by.post(CAMPAIGNS, &json!({"displayName": "Drivers"})).await);
    let on = ok(&by.get(SETTING).await, 200);
    assert_eq!(on["signInMethods"], true);
}

#[tokio::test]
async fn turning_it_off_or_changing_it_takes_a_second_person() {
    let two = Two::new().await;
    let (ada, bob) = (two.ada().await, two.bob().await);
    let off = json!({"policies": false, "roleAssignments": false, "signInMethods": false});
    let path = kept(&ada.patch(SETTING, &off).await);
    let asked = ok(&bob.get(&path).await, 200);
    assert_eq!(asked["policyKind"], "secondPerson");
    assert_eq!(asked["before"]["roles"], true);
    assert_eq!(ok(&ada.get(SETTING).await, 200)["policies"], true);
    refused(&approve(&ada, &path).await, 403, "approval_own_request");
    kept(
        &ada.patch(SETTING, &json!({"requestLifetimeInHours": 720}))
            .await,
    );
    let program = two.scene.app().await;
    let alone = program.patch(SETTING, &off).await;
    refused(&alone, 403, "approval_needs_person");
    ok(&approve(&bob, &path).await, 200);
    assert_eq!(status(&bob, &path).await, "approved");
    ok(
        &ada.post(CAMPAIGNS, &json!({"displayName": "Pilots"})).await,
        201,
    );
}

/// Where policies do not wait, the setting itself does.
#[tokio::test]
async fn the_setting_waits_even_where_policies_do_not() {
    let two = Two::of(TestApp::new().await).await;
    let setting = SecondPerson {
        policies: false,
        ..ON
    };
    let setting = PolicyDocument::SecondPerson(setting);
    two.scene.world.policy(setting).await;
    let ada = two.ada().await;
    ok(
        &ada.post(CAMPAIGNS, &json!({"displayName": "Pilots"})).await,
        201,
    );
    let off = json!({"roleAssignments": false, "signInMethods": false});
    kept(&ada.patch(SETTING, &off).await);
}

#[tokio::test]
async fn a_setting_that_one_person_could_get_round_is_refused() {
    let two = Two::of(TestApp::new().await).await;
    let ada = two.ada().await;
    for half in [
        json!({"policies": true}),
        json!({"policies": true, "roleAssignments": true}),
        json!({"signInMethods": true}),
    ] {
        let refusal = ada.patch(SETTING, &half).await;
        refused(&refusal, 400, "policy_invalid");
        assert!(refusal.body.contains("policy_second_person_bypassed"));
    }
    let mut long = all();
    long["requestLifetimeInHours"] = json!(721);
    refused(&ada.patch(SETTING, &long).await, 400, "policy_invalid");
    let reader = two.other("rae@a.example", Role::GlobalReader).await;
    ok(&reader.get(SETTING).await, 200);
    refused(&reader.patch(SETTING, &all()).await, 403, "role_missing");
    let policies = Role::ConditionalAccessAdministrator;
    let policies = two.other("cas@a.example", policies).await;
    refused(&policies.patch(SETTING, &all()).await, 403, "role_missing");
}

/// Whoever runs the server holds its data, and is not asked for somebody else.
#[tokio::test]
async fn the_operator_needs_nobody() {
    let two = Two::new().await;
    let app = &two.scene.world.app;
    let operator = Governor::operator(two.scene.tenant, "test");
    let caller = Caller::of_operator(CorrelationId::from_bytes([7; 16]));
    let edit = Edit {
        change: Change::put(PolicyDocument::Context(AuthenticationContext {
            id: "c1".to_owned(),
            name: "Payments".to_owned(),
            description: String::new(),
            available: true,
        })),
        expected: Expected::Absent,
    };
    assert!(change(app, &caller, &operator, edit).await.is_ok());
}
