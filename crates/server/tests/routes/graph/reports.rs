//! Reports about methods and their use.

use policy::model::{Role, User};
use policy::scopes::Scope;
use serde_json::{Value, json};

use super::schema::{all_valid, valid};
use super::{Program, Scene, ok, refused};
use crate::world::authenticator;

const REPORTS: &str = "/v1.0/reports/authenticationMethods";

async fn get(program: &Program<'_>, path: &str) -> Value {
    ok(&program.get(&format!("{REPORTS}/{path}")).await, 200)
}

fn without_context(mut object: Value) -> Value {
    object.as_object_mut().unwrap().remove("@odata.context");
    object
}

fn row<'l>(list: &'l Value, user: &User) -> Option<&'l Value> {
    let mut rows = list["value"].as_array().unwrap().iter();
    rows.find(|row| row["id"] == user.id.to_string())
}

/// Ada has a passkey, Bob nothing, Cyd is disabled.
async fn people(scene: &Scene) -> [User; 3] {
    let (ada, _) = scene
        .world
        .user_with_passkey("ada@a.example", &mut authenticator())
        .await;
    let bob = scene.world.user("bob@a.example").await;
    let cyd = scene.world.user("cyd@a.example").await;
    scene.world.role(&ada, Role::ReportsReader).await;
    scene.world.set_enabled(&cyd, false).await;
    [ada, bob, cyd]
}

#[tokio::test]
async fn who_has_registered_what_is_said_of_everybody_who_is_enabled() {
    let scene = Scene::new().await;
    let [ada, bob, cyd] = people(&scene).await;
    let app = scene.app().await;
    let list = get(&app, "userRegistrationDetails").await;
    all_valid("userRegistrationDetails", &list);
    let of_ada = row(&list, &ada).unwrap();
    assert_eq!(of_ada["methodsRegistered"][0], "passKeyDeviceBound");
    assert_eq!(of_ada["isAdmin"], true);
    for member in ["isMfaRegistered", "isMfaCapable", "isPasswordlessCapable"] {
        assert_eq!(of_ada[member], true, "{member}");
        assert_eq!(row(&list, &bob).unwrap()[member], false, "{member}");
    }
    assert!(row(&list, &cyd).is_none());
    let one = get(&app, &format!("userRegistrationDetails/{}", ada.id)).await;
    valid("userRegistrationDetails", &without_context(one.clone()));
    assert_eq!(one["userPrincipalName"], "ada@a.example");
    for id in [cyd.id.to_string(), "x".to_owned()] {
        let answer = app
            .get(&format!("{REPORTS}/userRegistrationDetails/{id}"))
            .await;
        refused(&answer, 404, "not_found");
    }
    for (filter, expected) in [
        ("isPasswordlessCapable%20eq%20true", true),
        ("isPasswordlessCapable%20eq%20false", false),
        (
            "methodsRegistered/any(m:%20m%20eq%20'passKeyDeviceBound')",
            true,
        ),
        ("startswith(userPrincipalName,'bob')", false),
        ("isMfaCapable%20and%20isAdmin", true),
    ] {
        let list = get(&app, &format!("userRegistrationDetails?$filter={filter}")).await;
        assert_eq!(row(&list, &ada).is_some(), expected, "{filter}");
        assert_eq!(row(&list, &bob).is_some(), !expected, "{filter}");
    }
    let beta = "/beta/reports/authenticationMethods/userRegistrationDetails?$top=1";
    let page = ok(&app.get(beta).await, 200);
    assert_eq!(page["value"][0]["defaultMfaMethod"], "none");
    assert!(page["@odata.nextLink"].is_string(), "{page}");
}

#[tokio::test]
async fn a_passkey_that_policy_refuses_is_registered_and_makes_nobody_capable() {
    let scene = Scene::new().await;
    let [ada, ..] = people(&scene).await;
    let app = scene.app().await;
    let off = json!({"@odata.type": "#microsoft.graph.fido2AuthenticationMethodConfiguration", "state": "disabled"});
    let path =
        "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/Fido2";
    let answer = app.patch(path, &off).await;
    assert!(answer.status.is_success(), "{}", answer.body);
    let one = get(&app, &format!("userRegistrationDetails/{}", ada.id)).await;
    assert_eq!(one["methodsRegistered"][0], "passKeyDeviceBound");
    assert_eq!(one["isMfaRegistered"], true);
    assert_eq!(one["isMfaCapable"], false);
    assert_eq!(one["isPasswordlessCapable"], false);
}

#[tokio::test]
async fn sums_are_about_those_who_are_meant() {
    let scene = Scene::new().await;
    let _ = people(&scene).await;
    let app = scene.app().await;
    let all = get(
        &app,
        "usersRegisteredByMethod(includedUserTypes='all',includedUserRoles='all')",
    )
    .await;
    valid(
        "userRegistrationMethodSummary",
        &without_context(all.clone()),
    );
    let count = |summary: &Value, name: &str| {
        let counts = summary["userRegistrationMethodCounts"].as_array().unwrap();
        let found = counts
            .iter()
            .find(|one| one["authenticationMethod"] == name);
        found.unwrap()["userCount"].as_u64().unwrap()
    };
    let people = all["totalUserCount"].as_u64().unwrap();
    assert!(people >= 2, "{all}");
    assert!(count(&all, "passKeyDeviceBound") >= 1);
    assert_eq!(
        get(&app, "usersRegisteredByMethod()").await["totalUserCount"],
        people
    );
    let users = get(
        &app,
        "usersRegisteredByMethod(includedUserTypes='member',includedUserRoles='user')",
    )
    .await;
    assert_eq!(count(&users, "passKeyDeviceBound"), 0);
    assert_eq!(users["userRoles"], "user");
    let guests = get(
        &app,
        "usersRegisteredByMethod(includedUserTypes='guest',includedUserRoles='all')",
    )
    .await;
    assert_eq!(guests["totalUserCount"], 0);
    let admins = get(
        &app,
        "usersRegisteredByFeature(includedUserTypes='all',includedUserRoles='admin')",
    )
    .await;
    valid(
        "userRegistrationFeatureSummary",
        &without_context(admins.clone()),
    );
    let features = admins["userRegistrationFeatureCounts"].as_array().unwrap();
    let capable = features
        .iter()
        .find(|one| one["feature"] == "passwordlessCapable");
    assert!(
        capable.unwrap()["userCount"].as_u64().unwrap() >= 1,
        "{admins}"
    );
    let wrong = format!(
        "{REPORTS}/usersRegisteredByMethod(includedUserTypes='robot',includedUserRoles='all')"
    );
    refused(&app.get(&wrong).await, 400, "field_invalid");
}

#[tokio::test]
async fn beta_counts_sign_ins_by_day_and_lists_registrations() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let ada = scene.world.user("ada@a.example").await;
    let mut record = super::logs::sign_in(&scene, &ada, 60);
    super::logs::write(&scene, &record).await;
    record = super::logs::sign_in(&scene, &ada, 90);
    record.multi_factor = false;
    super::logs::write(&scene, &record).await;
    record = super::logs::sign_in(&scene, &ada, 95);
    record.error_code = 50126;
    super::logs::write(&scene, &record).await;
    let beta = "/beta/reports/authenticationMethods";
    let days = ok(&app.get(&format!("{beta}/userMfaSignInSummary")).await, 200);
    let sum = |name: &str| {
        let rows = days["value"].as_array().unwrap().iter();
        rows.map(|day| day[name].as_i64().unwrap()).sum::<i64>()
    };
    assert_eq!(
        (
            sum("multiFactorSignIns"),
            sum("singleFactorSignIns"),
            sum("totalSignIns")
        ),
        (1, 1, 2)
    );
    let pass = json!({"lifetimeInMinutes": 60, "isUsableOnce": false});
    let path = format!(
        "/v1.0/users/{}/authentication/temporaryAccessPassMethods",
        ada.id
    );
    ok(&app.post(&path, &pass).await, 201);
    let events = ok(
        &app.get(&format!(
            "{beta}/userEventsSummary?$filter=isSuccess%20eq%20true"
        ))
        .await,
        200,
    );
    let event = &events["value"][0];
    assert_eq!(event["userPrincipalName"], "ada@a.example");
    assert_eq!(event["authMethod"], "temporaryAccessPass");
    assert_eq!(event["feature"], "registration");
    for name in ["userMfaSignInSummary", "userEventsSummary"] {
        refused(
            &app.get(&format!("{REPORTS}/{name}")).await,
            404,
            "segment_unknown",
        );
    }
}

#[tokio::test]
async fn reports_are_read_with_their_permission_and_people_by_who_may_see_them_sign_in() {
    let scene = Scene::new().await;
    let [ada, bob, _] = people(&scene).await;
    let counts = format!("{REPORTS}/usersRegisteredByMethod()");
    let names = format!("{REPORTS}/userRegistrationDetails");
    let blind = scene.app_with(&[Scope::UserReadAll]).await;
    refused(&blind.get(&counts).await, 403, "scope_missing");
    refused(&blind.get(&names).await, 403, "scope_missing");
    let reports = scene.app_with(&[Scope::ReportsReadAll]).await;
    ok(&reports.get(&counts).await, 200);
    refused(&reports.get(&names).await, 403, "scope_missing");
    let logs = scene.app_with(&[Scope::AuditLogReadAll]).await;
    ok(&logs.get(&counts).await, 200);
    ok(&logs.get(&names).await, 200);
    let scopes = [Scope::AuditLogReadAll, Scope::ReportsReadAll];
    let reader = scene.as_user(&ada, &scopes).await.program;
    ok(&reader.get(&names).await, 200);
    scene
        .world
        .role(&bob, Role::AuthenticationPolicyAdministrator)
        .await;
    let policies = scene.as_user(&bob, &scopes).await.program;
    ok(&policies.get(&counts).await, 200);
    refused(&policies.get(&names).await, 403, "role_missing");
}
