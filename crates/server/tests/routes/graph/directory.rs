//! Users, groups and their members.

use std::collections::BTreeSet;

use axum::http::Method;
use policy::model::{Actor, Role};
use policy::scopes::Scope;
use serde_json::{Value, json};

use super::{Program, Scene, ok, refused};

async fn make_user(app: &Program<'_>, name: &str) -> Value {
    let body = json!({
        "accountEnabled": true,
        "displayName": name,
        "mailNickname": name,
        "userPrincipalName": format!("{name}@{}", domain_of(app)),
        "passwordProfile": {"password": "a long first secret", "forceChangePasswordNextSignIn": true},
    });
    ok(&app.post("/v1.0/users", &body).await, 201)
}

fn domain_of(app: &Program<'_>) -> String {
    let domains = &app.scene.world.app.tenants.default().domains;
    domains.first().unwrap().clone()
}

fn names(list: &Value) -> Vec<&str> {
    let rows = list["value"].as_array().unwrap().iter();
    rows.map(|row| row["displayName"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn an_account_is_made_changed_disabled_and_deleted() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let made = make_user(&app, "ada").await;
    assert_eq!(made["userType"], "Member");
    assert!(made.get("passwordProfile").is_none(), "{made}");
    let path = format!("/v1.0/users/{}", made["id"].as_str().unwrap());
    let change = json!({"displayName": "Ada L.", "mail": "ada@post.example"});
    ok(&app.patch(&path, &change).await, 204);
    let read = ok(&app.get(&path).await, 200);
    assert_eq!(read["displayName"], "Ada L.");
    assert_eq!(read["mail"], "ada@post.example");
    ok(
        &app.patch(&path, &json!({"accountEnabled": false})).await,
        204,
    );
    assert_eq!(ok(&app.get(&path).await, 200)["accountEnabled"], false);
    let user = scene
        .world
        .stored_user(made["userPrincipalName"].as_str().unwrap())
        .await;
    let audits = scene.world.audits(&user).await;
    for activity in ["Add user", "Update user", "Disable account"] {
        let record = audits.iter().find(|one| one.activity == activity);
        let record = record.unwrap_or_else(|| panic!("{activity} is missing"));
        assert!(
            matches!(record.initiated_by, Actor::App { .. }),
            "{activity}"
        );
    }
    ok(&app.delete(&path).await, 204);
    refused(&app.get(&path).await, 404, "not_found");
}

#[tokio::test]
async fn what_is_no_account_is_refused() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let made = make_user(&app, "ada").await;
    let again = json!({"displayName": "x", "userPrincipalName": made["userPrincipalName"]});
    refused(&app.post("/v1.0/users", &again).await, 409, "name_taken");
    for body in [
        json!({}),
        json!({"displayName": "x"}),
        json!({"displayName": 1, "userPrincipalName": "x@y"}),
        json!({"displayName": "x", "userPrincipalName": "x@elsewhere.example"}),
        json!({"displayName": "x", "userPrincipalName": made["userPrincipalName"], "userType": "Robot"}),
    ] {
        refused(&app.post("/v1.0/users", &body).await, 400, "field_invalid");
    }
    let path = format!("/v1.0/users/{}", made["id"].as_str().unwrap());
    let body = json!({"userPrincipalName": "other@a.example"});
    refused(&app.patch(&path, &body).await, 400, "field_invalid");
}

#[tokio::test]
async fn lists_go_on_where_the_page_before_ended() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    for name in ["ada", "bob", "cyd", "dan", "eve"] {
        make_user(&app, name).await;
    }
    let mut path = "/v1.0/users?$top=2&$select=displayName".to_owned();
    let mut seen = BTreeSet::new();
    loop {
        let page = ok(&app.get(&path).await, 200);
        assert!(names(&page).len() <= 2);
        seen.extend(names(&page).into_iter().map(str::to_owned));
        assert!(
            page["value"][0].get("userPrincipalName").is_none(),
            "{page}"
        );
        match page["@odata.nextLink"].as_str() {
            Some(next) => path = next.strip_prefix(scene.world.origin()).unwrap().to_owned(),
            None => break,
        }
    }
    assert_eq!(seen.len(), 6, "{seen:?}");
    let found = ok(
        &app.get("/v1.0/users?$filter=startswith(displayName,'b')")
            .await,
        200,
    );
    assert_eq!(names(&found), ["bob"]);
    let picked = "startswith(surname,'b')%20or%20startswith(displayName,'b')";
    let found = ok(
        &app.get(&format!("/v1.0/users?$filter={picked}")).await,
        200,
    );
    assert_eq!(names(&found), ["bob"]);
    let sorted = ok(
        &app.get("/v1.0/users?$orderby=displayName%20desc&$top=2")
            .await,
        200,
    );
    assert_eq!(names(&sorted).len(), 2);
    let counted = ok(&app.get("/v1.0/users?$count=true&$top=1").await, 200);
    assert_eq!(counted["@odata.count"], 6);
    let wrong = app.get("/v1.0/users?$filter=shoeSize%20eq%201").await;
    refused(&wrong, 400, "query_unknown_field");
    refused(
        &app.get("/v1.0/users?$skiptoken=x").await,
        400,
        "query_bad_token",
    );
}

#[tokio::test]
async fn a_group_is_made_filled_and_emptied() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let user = make_user(&app, "ada").await;
    let id = user["id"].as_str().unwrap();
    let body = json!({"displayName": "Pilots", "mailEnabled": false, "mailNickname": "pilots", "securityEnabled": true});
    let group = ok(&app.post("/v1.0/groups", &body).await, 201);
    let path = format!("/v1.0/groups/{}", group["id"].as_str().unwrap());
    let reference =
        json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{id}")});
    ok(
        &app.post(&format!("{path}/members/$ref"), &reference).await,
        204,
    );
    let members = ok(
        &app.get(&format!("{path}/members?$select=id,userPrincipalName"))
            .await,
        200,
    );
    assert_eq!(members["value"][0]["id"], id);
    assert_eq!(members["value"][0]["@odata.type"], "#microsoft.graph.user");
    let of = ok(&app.get(&format!("/v1.0/users/{id}/memberOf")).await, 200);
    assert_eq!(of["value"][0]["@odata.type"], "#microsoft.graph.group");
    // As one admin tool asks, with a slash before the query.
    let found = app
        .get("/beta/groups/?$filter=displayName%20eq%20'Pilots'")
        .await;
    assert_eq!(names(&ok(&found, 200)), ["Pilots"]);
    ok(
        &app.patch(&path, &json!({"description": "of aeroplanes"}))
            .await,
        204,
    );
    let read = ok(&app.get(&path).await, 200);
    assert_eq!(read["displayName"], "Pilots");
    assert_eq!(read["description"], "of aeroplanes");
    ok(&app.delete(&format!("{path}/members/{id}/$ref")).await, 204);
    let members = ok(&app.get(&format!("{path}/members")).await, 200);
    assert_eq!(members["value"], json!([]));
    ok(&app.delete(&path).await, 204);
    refused(&app.get(&format!("{path}/members")).await, 404, "not_found");
}

#[tokio::test]
async fn a_group_that_roles_may_be_given_to_is_not_filled_by_an_application() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let body = json!({"displayName": "Admins", "isAssignableToRole": true});
    refused(
        &app.post("/v1.0/groups", &body).await,
        403,
        "target_protected",
    );
}

#[tokio::test]
async fn scopes_and_roles_bound_what_is_done_to_accounts() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let app = scene.app().await;
    let ada = make_user(&app, "ada").await;
    let path = format!("/v1.0/users/{}", ada["id"].as_str().unwrap());
    let reader = scene
        .app_with(&[Scope::UserReadAll, Scope::GroupReadAll])
        .await;
    ok(&reader.get("/v1.0/users").await, 200);
    refused(
        &reader.patch(&path, &json!({"displayName": "x"})).await,
        403,
        "scope_missing",
    );
    refused(&reader.delete(&path).await, 403, "scope_missing");
    refused(
        &reader
            .post("/v1.0/groups", &json!({"displayName": "x"}))
            .await,
        403,
        "scope_missing",
    );
    let revoke = format!("{path}/revokeSignInSessions");
    refused(
        &reader.send(Method::POST, &revoke, None).await,
        403,
        "scope_missing",
    );
    let all = [Scope::UserReadWriteAll, Scope::GroupReadWriteAll];
    let helpdesk = world.user("help@a.example").await;
    world.role(&helpdesk, Role::HelpdeskAdministrator).await;
    let helpdesk = scene.as_user(&helpdesk, &all).await.program;
    ok(&helpdesk.send(Method::POST, &revoke, None).await, 200);
    refused(
        &helpdesk.patch(&path, &json!({"displayName": "x"})).await,
        403,
        "role_missing",
    );
    refused(&helpdesk.delete(&path).await, 403, "role_missing");
    refused(
        &helpdesk
            .post(
                "/v1.0/users",
                &json!({"displayName": "x", "userPrincipalName": "x@y"}),
            )
            .await,
        403,
        "role_missing",
    );
    let manager = world.user("manager@a.example").await;
    world.role(&manager, Role::UserAdministrator).await;
    let manager = scene.as_user(&manager, &all).await.program;
    ok(
        &manager.patch(&path, &json!({"displayName": "x"})).await,
        204,
    );
    let chief = world.stored_user(&world.first.administrator).await;
    let chief = format!("/v1.0/users/{}", chief.id);
    refused(
        &manager
            .patch(&chief, &json!({"mail": "mine@a.example"}))
            .await,
        403,
        "target_protected",
    );
    refused(&manager.delete(&chief).await, 403, "target_protected");
    refused(&manager.delete("/v1.0/me").await, 403, "not_for_oneself");
    // Enabling takes a scope of its own, asked before anything is written.
    let narrow = scene.app_with(&[Scope::UserEnableDisableAll]).await;
    refused(
        &narrow.patch(&path, &json!({"accountEnabled": false})).await,
        403,
        "scope_missing",
    );
}

#[tokio::test]
async fn somebody_ends_their_own_sessions() {
    let scene = Scene::new().await;
    let user = scene.world.user("ada@a.example").await;
    let scopes = [Scope::UserRead, Scope::UserRevokeSessionsAll];
    let ada = scene.as_user(&user, &scopes).await.program;
    scene.world.wait(1);
    let answer = ada
        .send(Method::POST, "/v1.0/me/revokeSignInSessions", None)
        .await;
    assert_eq!(ok(&answer, 200)["value"], true);
    refused(&ada.get("/v1.0/me").await, 401, "grant_revoked");
}

/// A person cannot disable themselves, so they are left; a program has no self.
#[tokio::test]
async fn the_last_administrator_is_neither_disabled_nor_deleted() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let world = &scene.world;
    let last = world.stored_user(&world.first.administrator).await;
    let path = format!("/v1.0/users/{}", last.id);
    let off = json!({"accountEnabled": false});
    refused(&app.patch(&path, &off).await, 409, "last_administrator");
    refused(&app.delete(&path).await, 409, "last_administrator");
    let other = world.user("other@a.example").await;
    world.role(&other, Role::GlobalAdministrator).await;
    world.set_enabled(&other, false).await;
    refused(&app.patch(&path, &off).await, 409, "last_administrator");
    assert_eq!(ok(&app.get(&path).await, 200)["accountEnabled"], true);
    world.set_enabled(&other, true).await;
    ok(&app.patch(&path, &off).await, 204);
    let path = format!("/v1.0/users/{}", other.id);
    refused(&app.delete(&path).await, 409, "last_administrator");
}
