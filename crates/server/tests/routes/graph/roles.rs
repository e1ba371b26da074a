//! Directory roles: which there are, who holds them, who may give and take them.

use axum::http::Method;
use policy::model::{AuditResult, Role, User};
use policy::scopes::Scope;
use serde_json::{Value, json};

use super::schema::{all_valid, valid};
use super::{Scene, ok, refused};

const ASSIGNMENTS: &str = "/v1.0/roleManagement/directory/roleAssignments";

fn id(role: Role) -> String {
    role.template_id().to_string()
}

fn wish(user: &User, role: Role) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.unifiedRoleAssignment",
        "principalId": user.id.to_string(),
        "roleDefinitionId": id(role),
        "directoryScopeId": "/",
    })
}

fn ids<'l>(list: &'l Value, member: &str) -> Vec<&'l str> {
    let rows = list["value"].as_array().unwrap().iter();
    rows.map(|row| row[member].as_str().unwrap()).collect()
}

#[tokio::test]
async fn every_role_is_there_under_the_id_of_its_template() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let roles = ok(&app.get("/v1.0/directoryRoles").await, 200);
    all_valid("directoryRole", &roles);
    assert_eq!(ids(&roles, "roleTemplateId").len(), Role::ALL.len());
    let chief = id(Role::GlobalAdministrator);
    let found = "/v1.0/directoryRoles?$filter=displayName%20eq%20'Global%20Administrator'";
    assert_eq!(ids(&ok(&app.get(found).await, 200), "id"), [chief.as_str()]);
    for path in [
        format!("/v1.0/directoryRoles/{chief}"),
        format!("/v1.0/directoryRoles(roleTemplateId='{chief}')"),
        format!("/v1.0/directoryRoles('{chief}')"),
    ] {
        let role = ok(&app.get(&path).await, 200);
        valid("directoryRole", &role);
        assert_eq!(role["displayName"], "Global Administrator", "{path}");
    }
    let templates = ok(&app.get("/v1.0/directoryRoleTemplates").await, 200);
    all_valid("directoryRoleTemplate", &templates);
    let path = format!("/v1.0/directoryRoleTemplates/{chief}");
    valid("directoryRoleTemplate", &ok(&app.get(&path).await, 200));
    let definitions = "/v1.0/roleManagement/directory/roleDefinitions";
    let definitions_list = ok(&app.get(definitions).await, 200);
    all_valid("unifiedRoleDefinition", &definitions_list);
    let one = ok(&app.get(&format!("{definitions}/{chief}")).await, 200);
    valid("unifiedRoleDefinition", &one);
    assert_eq!(one["isBuiltIn"], true);
    let nobodys = "/v1.0/directoryRoles/0198f0a0-0000-7000-8000-000000000000";
    refused(&app.get(nobodys).await, 404, "not_found");
}

#[tokio::test]
async fn a_role_is_given_found_and_taken() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let user = scene.world.user("ada@a.example").await;
    let made = app
        .post(ASSIGNMENTS, &wish(&user, Role::SecurityReader))
        .await;
    let made = ok(&made, 201);
    valid("unifiedRoleAssignment", &made);
    let path = format!("{ASSIGNMENTS}/{}", made["id"].as_str().unwrap());
    let read = ok(
        &app.get(&format!("{path}?$expand=principal,roleDefinition"))
            .await,
        200,
    );
    valid("unifiedRoleAssignment", &read);
    assert_eq!(read["principal"]["userPrincipalName"], "ada@a.example");
    assert_eq!(read["roleDefinition"]["displayName"], "Security Reader");
    // Whoever has it keeps it, and nothing is written down twice.
    ok(
        &app.post(ASSIGNMENTS, &wish(&user, Role::SecurityReader))
            .await,
        201,
    );
    for filter in [
        format!("principalId%20eq%20'{}'", user.id),
        format!("roleDefinitionId%20eq%20'{}'", id(Role::SecurityReader)),
        format!(
            "principalId%20eq%20'{}'%20and%20roleDefinitionId%20eq%20'{}'",
            user.id,
            id(Role::SecurityReader)
        ),
    ] {
        let found = ok(
            &app.get(&format!("{ASSIGNMENTS}?$filter={filter}")).await,
            200,
        );
        all_valid("unifiedRoleAssignment", &found);
        assert_eq!(
            ids(&found, "principalId"),
            [user.id.to_string()],
            "{filter}"
        );
    }
    let other = format!(
        "{ASSIGNMENTS}?$filter=principalId%20eq%20'{}'%20and%20roleDefinitionId%20eq%20'{}'",
        user.id,
        id(Role::GlobalReader)
    );
    assert_eq!(ok(&app.get(&other).await, 200)["value"], json!([]));
    let me = format!("/v1.0/users/{}", user.id);
    for list in [
        "memberOf",
        "transitiveMemberOf",
        "transitiveMemberOf/microsoft.graph.directoryRole",
    ] {
        let found = ok(&app.get(&format!("{me}/{list}")).await, 200);
        assert_eq!(
            ids(&found, "@odata.type"),
            ["#microsoft.graph.directoryRole"],
            "{list}"
        );
        all_valid("directoryRole", &found);
    }
    let groups = ok(
        &app.get(&format!("{me}/memberOf/microsoft.graph.group"))
            .await,
        200,
    );
    assert_eq!(groups["value"], json!([]));
    ok(&app.delete(&path).await, 204);
    refused(&app.delete(&path).await, 404, "not_found");
    refused(&app.get(&path).await, 404, "not_found");
    let audits = scene.world.audits(&user).await;
    let done: Vec<_> = audits.iter().map(|one| one.activity.as_str()).collect();
    for activity in ["Add member to role", "Remove member from role"] {
        assert_eq!(
            done.iter().filter(|one| **one == activity).count(),
            1,
            "{done:?}"
        );
    }
    let given = audits
        .iter()
        .find(|one| one.activity == "Add member to role")
        .unwrap();
    assert_eq!(given.category.as_str(), "RoleManagement");
    let properties = &given.targets[0].modified_properties;
    assert_eq!(properties[0].new_value.as_deref(), Some("Security Reader"));
}

#[tokio::test]
async fn the_members_of_a_role_are_its_holders() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let role = format!("/v1.0/directoryRoles/{}/members", id(Role::ReportsReader));
    for name in ["ada@a.example", "bob@a.example", "cyd@a.example"] {
        // Ids are sorted by the moment they were made in.
        scene.world.wait(1);
        let user = scene.world.user(name).await;
        let reference = json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{}", user.id)});
        for _ in 0..2 {
            ok(&app.post(&format!("{role}/$ref"), &reference).await, 204);
        }
    }
    let first = ok(&app.get(&format!("{role}?$top=2")).await, 200);
    all_valid("user", &first);
    assert_eq!(
        ids(&first, "userPrincipalName"),
        ["ada@a.example", "bob@a.example"]
    );
    let next = first["@odata.nextLink"].as_str().unwrap();
    let rest = app
        .get(next.strip_prefix(scene.world.origin()).unwrap())
        .await;
    let rest = ok(&rest, 200);
    assert_eq!(ids(&rest, "userPrincipalName"), ["cyd@a.example"]);
    let cyd = ids(&rest, "id")[0];
    let named = format!(
        "/v1.0/directoryRoles(roleTemplateId='{}')/members/{cyd}/$ref",
        id(Role::ReportsReader)
    );
    ok(&app.delete(&named).await, 204);
    refused(&app.delete(&named).await, 404, "not_found");
    // Pages of assignments go on behind the last one.
    let mut path = format!("{ASSIGNMENTS}?$top=1");
    let mut seen = Vec::new();
    loop {
        let page = ok(&app.get(&path).await, 200);
        seen.extend(ids(&page, "id").into_iter().map(str::to_owned));
        match page["@odata.nextLink"].as_str() {
            Some(next) => path = next.strip_prefix(scene.world.origin()).unwrap().to_owned(),
            None => break,
        }
    }
    assert_eq!(
        seen.len(),
        3,
        "the first administrator, ada and bob: {seen:?}"
    );
    let wrong = format!("{ASSIGNMENTS}?$skiptoken=x");
    refused(&app.get(&wrong).await, 400, "query_bad_token");
}

#[tokio::test]
async fn what_is_no_assignment_is_refused() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let user = scene.world.user("ada@a.example").await;
    let good = wish(&user, Role::SecurityReader);
    for (member, value) in [
        ("principalId", json!("x")),
        ("principalId", Value::Null),
        (
            "roleDefinitionId",
            json!("0198f0a0-0000-7000-8000-000000000000"),
        ),
        ("directoryScopeId", json!("/administrativeUnits/1")),
        ("appScopeId", json!("/")),
        ("condition", json!("x")),
    ] {
        let mut body = good.clone();
        body[member] = value;
        refused(&app.post(ASSIGNMENTS, &body).await, 400, "field_invalid");
    }
    let mut nobody = good;
    nobody["principalId"] = json!("0198f0a0-0000-7000-8000-000000000000");
    refused(&app.post(ASSIGNMENTS, &nobody).await, 404, "not_found");
    let path = format!(
        "/v1.0/directoryRoles/{}/members/$ref",
        id(Role::SecurityReader)
    );
    refused(
        &app.post(&path, &json!({"@odata.id": "x"})).await,
        400,
        "field_invalid",
    );
    assert_eq!(scene.world.audits(&user).await.len(), 0);
}

#[tokio::test]
async fn roles_are_given_by_two_roles_and_one_scope() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let ada = world.user("ada@a.example").await;
    let body = wish(&ada, Role::ReportsReader);
    let scopes = [Scope::RoleManagementReadWrite];
    for role in Role::ALL.iter().copied() {
        let caller = world
            .user(&format!("{}@a.example", role.template_id()))
            .await;
        world.role(&caller, role).await;
        let program = scene.as_user(&caller, &scopes).await.program;
        let answer = program.post(ASSIGNMENTS, &body).await;
        match role {
            Role::GlobalAdministrator | Role::PrivilegedRoleAdministrator => {
                let made = ok(&answer, 201);
                let path = format!("{ASSIGNMENTS}/{}", made["id"].as_str().unwrap());
                ok(&program.delete(&path).await, 204);
                ok(&program.get("/v1.0/directoryRoles").await, 200);
            }
            _ => refused(&answer, 403, "role_missing"),
        }
    }
    let reader = scene
        .app_with(&[Scope::RoleManagementRead, Scope::DirectoryReadWriteAll])
        .await;
    ok(&reader.get(ASSIGNMENTS).await, 200);
    refused(&reader.post(ASSIGNMENTS, &body).await, 403, "scope_missing");
    let reference = json!({"@odata.id": format!("users/{}", ada.id)});
    let path = format!(
        "/v1.0/directoryRoles/{}/members/$ref",
        id(Role::ReportsReader)
    );
    refused(&reader.post(&path, &reference).await, 403, "scope_missing");
    let alone = scene.app_with(&[Scope::RoleManagementReadWrite]).await;
    ok(&alone.post(&path, &reference).await, 204);
}

/// A session goes on, and is worth what its person may do at each request.
#[tokio::test]
async fn a_role_counts_from_the_next_request_on() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let ada = scene.world.user("ada@a.example").await;
    let program = scene.as_user(&ada, &[Scope::UserReadAll]).await.program;
    refused(&program.get("/v1.0/users").await, 403, "role_missing");
    let made = ok(
        &app.post(ASSIGNMENTS, &wish(&ada, Role::DirectoryReaders))
            .await,
        201,
    );
    ok(&program.get("/v1.0/users").await, 200);
    let path = format!("{ASSIGNMENTS}/{}", made["id"].as_str().unwrap());
    ok(&app.delete(&path).await, 204);
    refused(&program.get("/v1.0/users").await, 403, "role_missing");
}

#[tokio::test]
async fn the_last_administrator_keeps_the_role() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let world = &scene.world;
    let last = world.stored_user(&world.first.administrator).await;
    let chief = id(Role::GlobalAdministrator);
    let path = format!("{ASSIGNMENTS}/{chief}_{}", last.id);
    refused(&app.delete(&path).await, 409, "last_administrator");
    let other = world.user("other@a.example").await;
    world.role(&other, Role::GlobalAdministrator).await;
    world.set_enabled(&other, false).await;
    let member = format!("/v1.0/directoryRoles/{chief}/members/{}/$ref", last.id);
    let answer = app.send(Method::DELETE, &member, None).await;
    refused(&answer, 409, "last_administrator");
    let audits = world.audits(&last).await;
    let failed = audits
        .iter()
        .find(|one| one.activity == "Remove member from role");
    assert_eq!(failed.unwrap().result, AuditResult::Failure);
    // The other can come in: then the role goes, and nothing else does.
    world.set_enabled(&other, true).await;
    world.password(&other, "a long first secret", false).await;
    world.totp(&other).await;
    ok(&app.delete(&path).await, 204);
    refused(
        &app.delete(&format!("{ASSIGNMENTS}/{chief}_{}", other.id))
            .await,
        409,
        "last_administrator",
    );
}

/// An account that is enabled is not yet one that comes in.
#[tokio::test]
async fn somebody_who_comes_in_keeps_the_role() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let world = &scene.world;
    let last = world.stored_user(&world.first.administrator).await;
    let other = world.user("other@a.example").await;
    world.role(&other, Role::GlobalAdministrator).await;
    let path = format!(
        "{ASSIGNMENTS}/{}_{}",
        id(Role::GlobalAdministrator),
        last.id
    );
    refused(&app.delete(&path).await, 409, "locks_everybody_out");
}
