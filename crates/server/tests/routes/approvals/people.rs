//! Roles, and ways in to accounts that hold them.

use axum::http::StatusCode;
use policy::model::{PassUse, Role, User};
use policy::scopes::Scope;
use serde_json::{Value, json};

use super::{Two, approve, holder, kept, status};
use crate::graph::{Program, ok, refused};

const ASSIGNMENTS: &str = "/v1.0/roleManagement/directory/roleAssignments";

fn wish(user: &User, role: Role) -> Value {
    json!({
        "principalId": user.id.to_string(),
        "roleDefinitionId": role.template_id().to_string(),
        "directoryScopeId": "/",
    })
}

async fn holds(by: &Program<'_>, user: &User) -> usize {
    let path = format!("{ASSIGNMENTS}?$filter=principalId%20eq%20'{}'", user.id);
    let found = ok(&by.get(&path).await, 200);
    found["value"].as_array().unwrap().len()
}

fn methods(user: &User) -> String {
    format!("/v1.0/users/{}/authentication", user.id)
}

#[tokio::test]
async fn a_role_is_given_and_taken_by_two() {
    let two = Two::new().await;
    let (ada, bob) = (two.ada().await, two.bob().await);
    let eve = two.scene.world.user("eve@a.example").await;
    let path = kept(
        &ada.post(ASSIGNMENTS, &wish(&eve, Role::SecurityReader))
            .await,
    );
    assert_eq!(holds(&ada, &eve).await, 0);
    let asked = ok(&bob.get(&path).await, 200);
    assert_eq!(asked["operation"], "assignRole");
    assert_eq!(asked["target"]["userPrincipalName"], "eve@a.example");
    assert_eq!(asked["roleDisplayName"], "Security Reader");
    refused(&approve(&ada, &path).await, 403, "approval_own_request");
    let lesser = two.other("uma@a.example", Role::UserAdministrator).await;
    refused(&approve(&lesser, &path).await, 404, "not_found");
    ok(&approve(&bob, &path).await, 200);
    assert_eq!(holds(&ada, &eve).await, 1);
    // What is there already needs nobody.
    let again = ada
        .post(ASSIGNMENTS, &wish(&eve, Role::SecurityReader))
        .await;
    assert_eq!(again.status, StatusCode::CREATED, "{}", again.body);

    let role = Role::SecurityReader.template_id();
    let member = format!("/v1.0/directoryRoles/{role}/members/{}/$ref", eve.id);
    let path = kept(&ada.delete(&member).await);
    assert_eq!(holds(&ada, &eve).await, 1);
    ok(&approve(&bob, &path).await, 200);
    assert_eq!(holds(&ada, &eve).await, 0);
    refused(&ada.delete(&member).await, 404, "not_found");
}

#[tokio::test]
async fn nobody_approves_a_role_for_themselves() {
    let two = Two::new().await;
    let (ada, bob) = (two.ada().await, two.bob().await);
    let path = kept(
        &ada.post(ASSIGNMENTS, &wish(&two.bob, Role::SecurityReader))
            .await,
    );
    refused(
        &approve(&bob, &path).await,
        403,
        "approval_concerns_oneself",
    );
    assert_eq!(status(&bob, &path).await, "pending");
    assert_eq!(holds(&ada, &two.bob).await, 1);
}

#[tokio::test]
async fn an_account_that_changed_makes_a_request_outdated() {
    let two = Two::new().await;
    let (ada, bob) = (two.ada().await, two.bob().await);
    let eve = two.scene.world.user("eve@a.example").await;
    let path = kept(
        &ada.post(ASSIGNMENTS, &wish(&eve, Role::SecurityReader))
            .await,
    );
    two.scene.world.set_enabled(&eve, false).await;
    refused(&approve(&bob, &path).await, 409, "approval_outdated");
    assert_eq!(status(&bob, &path).await, "outdated");
    assert_eq!(holds(&ada, &eve).await, 0);
}

#[tokio::test]
async fn the_last_global_administrator_keeps_the_role_whoever_approves() {
    let two = Two::new().await;
    let world = &two.scene.world;
    let give = Role::PrivilegedRoleAdministrator;
    let (one, other) = (
        two.other("one@a.example", give).await,
        two.other("two@a.example", give).await,
    );
    let chief = world.stored_user(&world.first.administrator).await;
    let role = Role::GlobalAdministrator.template_id();
    let member = format!("/v1.0/directoryRoles/{role}/members/{}/$ref", chief.id);
    let path = kept(&one.delete(&member).await);
    for user in [&two.ada, &two.bob] {
        let (tenant, id) = (user.tenant, user.id);
        world
            .write(move |tx| {
                Box::pin(async move {
                    let role = Role::GlobalAdministrator;
                    store::roles::unassign(tx, tenant, id, role).await
                })
            })
            .await;
    }
    refused(&approve(&other, &path).await, 409, "last_administrator");
    assert_eq!(status(&other, &path).await, "pending");
    assert_eq!(holds(&one, &chief).await, 1);
}

#[tokio::test]
async fn a_pass_for_an_administrator_waits_and_its_code_is_for_who_approves() {
    let two = Two::new().await;
    let world = &two.scene.world;
    let (ada, bob) = (two.ada().await, two.bob().await);
    let chief = world.stored_user(&world.first.administrator).await;
    let before = world.stored_pass(&chief).await.map(|pass| pass.id);
    let passes = format!("{}/temporaryAccessPassMethods", methods(&chief));
    let asked = ada
        .post(
            &passes,
            &json!({"lifetimeInMinutes": 120, "isUsableOnce": true}),
        )
        .await;
    let path = kept(&asked);
    assert!(!asked.body.contains("temporaryAccessPass"));
    let stored = world.stored_pass(&chief).await;
    assert_eq!(
        stored.map(|pass| pass.id),
        before,
        "nothing before approval"
    );
    let lesser = Role::AuthenticationAdministrator;
    let lesser = two.other("amy@a.example", lesser).await;
    refused(&approve(&lesser, &path).await, 403, "target_protected");
    let done = ok(&approve(&bob, &path).await, 200);
    let code = done["temporaryAccessPass"].as_str().unwrap();
    let stored = world.stored_pass(&chief).await.unwrap();
    assert_eq!(stored.usable, PassUse::Once);
    assert_eq!(stored.lifetime.as_seconds(), 120 * 60);
    for by in [&ada, &bob] {
        let shown = ok(&by.get(&path).await, 200);
        assert!(!shown.to_string().contains(code));
        assert_eq!(shown["lifetimeInMinutes"], 120);
    }
    let mut browser = world.browser();
    let signed_in = browser.sign_in_with_pass(&chief.user_principal_name, code);
    signed_in.await.redirects_to("/signin/register");
}

#[tokio::test]
async fn a_password_for_an_administrator_is_the_servers_and_waits() {
    let two = Two::new().await;
    let (ada, bob) = (two.ada().await, two.bob().await);
    let amy = holder(&two.scene, "amy@a.example", Role::SecurityAdministrator).await;
    let id = "28c10230-6103-485e-b985-444c60001490";
    let reset = format!("{}/methods/{id}/resetPassword", methods(&amy));
    let given = json!({"newPassword": "a long enough passphrase"});
    let given = ada.post(&reset, &given).await;
    refused(&given, 400, "approval_password_given");
    let path = kept(&ada.post(&reset, &json!({})).await);
    let done = ok(&approve(&bob, &path).await, 200);
    let password = done["newPassword"].as_str().unwrap();
    let again = ok(&ada.get(&path).await, 200);
    assert!(!again.to_string().contains(password));
}

#[tokio::test]
async fn the_code_generator_of_an_administrator_is_removed_by_two() {
    let two = Two::new().await;
    let (ada, bob) = (two.ada().await, two.bob().await);
    let amy = holder(&two.scene, "amy@a.example", Role::SecurityAdministrator).await;
    two.scene.world.totp(&amy).await;
    let id = "b0a1b5b6-6d0b-4d4c-9a2c-6b3f1f1c9f10";
    let totp = format!("{}/softwareOathMethods/{id}", methods(&amy));
    let path = kept(&ada.delete(&totp).await);
    ok(&ada.get(&totp).await, 200);
    ok(&approve(&bob, &path).await, 200);
    refused(&ada.get(&totp).await, 404, "not_found");
}

#[tokio::test]
async fn a_passkey_for_an_administrator_is_registered_by_themselves() {
    let two = Two::new().await;
    let ada = two.ada().await;
    let options = |user: &User| {
        format!(
            "/beta/users/{}/authentication/fido2Methods/creationOptions",
            user.id
        )
    };
    let own = ada.get(&options(&two.bob)).await;
    refused(&own, 403, "approval_pass_instead");
    let program = two.scene.app().await;
    let alone = program.get(&options(&two.bob)).await;
    refused(&alone, 403, "approval_needs_person");
    let eve = two.scene.world.user("eve@a.example").await;
    ok(&ada.get(&options(&eve)).await, 200);
}

#[tokio::test]
async fn whoever_holds_nothing_privileged_needs_nobody() {
    let two = Two::new().await;
    let ada = two.ada().await;
    let eve = two.scene.world.user("eve@a.example").await;
    let rae = holder(&two.scene, "rae@a.example", Role::ReportsReader).await;
    for user in [&eve, &rae] {
        let passes = format!("{}/temporaryAccessPassMethods", methods(user));
        ok(&ada.post(&passes, &json!({})).await, 201);
    }
    let program = two.scene.app_with(&[Scope::PassesReadWriteAll]).await;
    let passes = format!("{}/temporaryAccessPassMethods", methods(&eve));
    ok(&program.post(&passes, &json!({})).await, 201);
    let passes = format!("{}/temporaryAccessPassMethods", methods(&two.bob));
    let alone = program.post(&passes, &json!({})).await;
    refused(&alone, 403, "approval_needs_person");
}
