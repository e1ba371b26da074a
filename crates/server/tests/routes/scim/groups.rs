//! Groups: made, found, filled and emptied, deleted.

use axum::http::Method;
use policy::model::{Actor, Group, GroupId, Scope as Whom};
use policy::scopes::Scope;
use serde_json::{Value, json};

use super::{GROUP, GROUPS, full_name, make_user, ok, patch, path_of, refused, send, send_if};
use crate::graph::{Program, Scene};
use crate::world::authenticator;

async fn sync(scene: &Scene) -> Program<'_> {
    scene.app_with(&[Scope::SynchronizationUpload]).await
}

async fn make_group(app: &Program<'_>, name: &str, members: &[&Value]) -> Value {
    let members: Vec<_> = members
        .iter()
        .map(|one| json!({"value": one["id"]}))
        .collect();
    let body = json!({
        "schemas": [GROUP], "displayName": name, "externalId": format!("g-{name}"), "members": members,
    });
    let answer = send(app, Method::POST, GROUPS, Some(&body)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()
}

/// The ids of members, sorted.
fn members(group: &Value) -> Vec<String> {
    let all = group["members"].as_array().into_iter().flatten();
    let mut ids: Vec<_> = all.map(|one| id(one, "value")).collect();
    ids.sort();
    ids
}

fn id(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap().to_owned()
}

fn sorted(people: &[&Value]) -> Vec<String> {
    let mut ids: Vec<_> = people.iter().map(|one| id(one, "id")).collect();
    ids.sort();
    ids
}

/// What a filter finds, by name, sorted.
async fn names(app: &Program<'_>, filter: &str) -> Vec<String> {
    let filter: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
    let list = ok(&send(app, Method::GET, &format!("{GROUPS}?filter={filter}"), None).await);
    let rows = list["Resources"].as_array().unwrap().iter();
    let mut names: Vec<_> = rows.map(|row| id(row, "displayName")).collect();
    assert_eq!(list["totalResults"], names.len());
    names.sort();
    names
}

/// A group to which roles may be given.
async fn protected(scene: &Scene) -> GroupId {
    let (tenant, now) = (scene.tenant, scene.world.app.clock.now());
    let group = Group {
        tenant,
        id: GroupId::new(now, scene.world.app.random.bytes()),
        display_name: "Administrators".to_owned(),
        description: String::new(),
        role_assignable: true,
        created: now,
    };
    let id = group.id;
    scene
        .world
        .write(move |tx| Box::pin(async move { store::groups::create(tx, &group).await }))
        .await;
    id
}

#[tokio::test]
async fn a_group_is_made_with_its_members() {
    let scene = Scene::new().await;
    let app = sync(&scene).await;
    let (ada, bob) = (
        make_user(&app, &scene, "ada").await,
        make_user(&app, &scene, "bob").await,
    );
    let made = make_group(&app, "Pilots", &[&ada, &bob]).await;
    assert_eq!(made["externalId"], "g-Pilots");
    assert_eq!(made["meta"]["resourceType"], "Group");
    assert_eq!(members(&made), sorted(&[&ada, &bob]));
    let first = &made["members"][0];
    assert!(
        first["$ref"]
            .as_str()
            .unwrap()
            .ends_with(first["value"].as_str().unwrap())
    );
    assert_eq!(first["type"], "User");
    assert_eq!(
        ok(&send(&app, Method::GET, &path_of(&made), None).await),
        made
    );
    let user = scene.world.stored_user(&full_name(&scene, "ada")).await;
    let audits = scene.world.audits(&user).await;
    let record = audits
        .iter()
        .find(|one| one.activity == "Add member to group")
        .unwrap();
    assert!(matches!(record.initiated_by, Actor::App { .. }));
    let schema = format!("/scim/v2/Schemas/{GROUP}");
    assert_eq!(
        ok(&send(&app, Method::GET, &schema, None).await)["name"],
        "Group"
    );
}

#[tokio::test]
async fn what_is_no_group_is_refused() {
    let scene = Scene::new().await;
    let app = sync(&scene).await;
    let pilots = make_group(&app, "Pilots", &[]).await;
    for wrong in [
        json!({}),
        json!({"displayName": ""}),
        json!({"displayName": 7}),
        json!({"displayName": "x", "externalId": "x".repeat(300)}),
        json!({"displayName": "x", "members": "ada"}),
        json!({"displayName": "x", "members": [{"value": "ada"}]}),
        json!({"displayName": "x", "members": [{"display": "ada"}]}),
        // Groups are not members of groups, and nobody is nobody.
        json!({"displayName": "x", "members": [{"value": pilots["id"]}]}),
    ] {
        let answer = send(&app, Method::POST, GROUPS, Some(&wrong)).await;
        refused(&answer, 400, Some("invalidValue"), "field_invalid");
    }
    let many: Vec<_> = (0..1001)
        .map(|number| json!({"value": format!("0198f0a0-0000-7000-8000-{number:012}")}))
        .collect();
    let many = json!({"displayName": "x", "members": many});
    let answer = send(&app, Method::POST, GROUPS, Some(&many)).await;
    refused(&answer, 400, Some("tooMany"), "too_many");
    assert_eq!(
        names(&app, "displayName eq \"x\"").await,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn members_come_and_go() {
    let scene = Scene::new().await;
    let app = sync(&scene).await;
    let (ada, bob, cyd) = (
        make_user(&app, &scene, "ada").await,
        make_user(&app, &scene, "bob").await,
        make_user(&app, &scene, "cyd").await,
    );
    let path = path_of(&make_group(&app, "Pilots", &[&ada]).await);
    let after = async |operations: Value| members(&ok(&patch(&app, &path, operations).await));
    let add = json!([{"op": "Add", "path": "members", "value": [{"value": bob["id"]}, {"value": cyd["id"]}]}]);
    assert_eq!(after(add.clone()).await, sorted(&[&ada, &bob, &cyd]));
    assert_eq!(
        after(add).await,
        sorted(&[&ada, &bob, &cyd]),
        "twice is once"
    );
    let one = format!("members[value eq \"{}\"]", id(&bob, "id"));
    let one = json!([{"op": "Remove", "path": one}]);
    assert_eq!(after(one.clone()).await, sorted(&[&ada, &cyd]));
    assert_eq!(
        after(one).await,
        sorted(&[&ada, &cyd]),
        "who is gone is gone"
    );
    let list = json!([{"op": "Remove", "path": "members", "value": [{"value": cyd["id"]}]}]);
    assert_eq!(after(list).await, sorted(&[&ada]));
    let instead = json!([{"op": "replace", "value": {"members": [{"value": bob["id"]}], "displayName": "First"}}]);
    assert_eq!(after(instead).await, sorted(&[&bob]));
    let then = json!([
        {"op": "replace", "path": "members", "value": [{"value": ada["id"]}, {"value": bob["id"]}]},
        {"op": "remove", "path": format!("members[value eq \"{}\"]", id(&ada, "id"))},
        {"op": "add", "path": "members", "value": {"value": cyd["id"]}},
    ]);
    assert_eq!(after(then).await, sorted(&[&bob, &cyd]));
    let user = scene.world.stored_user(&full_name(&scene, "ada")).await;
    let audits = scene.world.audits(&user).await;
    let count = |activity: &str| audits.iter().filter(|one| one.activity == activity).count();
    assert_eq!(
        (
            count("Add member to group"),
            count("Remove member from group")
        ),
        (1, 1)
    );
    assert_eq!(
        after(json!([{"op": "remove", "path": "members"}])).await,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn a_change_of_a_group_is_made_whole_or_not_at_all() {
    let scene = Scene::new().await;
    let app = sync(&scene).await;
    let (ada, bob) = (
        make_user(&app, &scene, "ada").await,
        make_user(&app, &scene, "bob").await,
    );
    let made = make_group(&app, "Pilots", &[&ada]).await;
    let path = path_of(&made);
    let nobody = "0198f0a0-0000-7000-8000-000000000000";
    for (operations, kind, code) in [
        (
            json!([{"op": "replace", "path": "displayName", "value": "x"}, {"op": "add", "path": "members", "value": [{"value": bob["id"]}, {"value": nobody}]}]),
            "invalidValue",
            "field_invalid",
        ),
        (
            json!([{"op": "add", "path": "members", "value": [{"value": bob["id"]}]}, {"op": "replace", "path": "displayName", "value": ""}]),
            "invalidValue",
            "field_invalid",
        ),
        (
            json!([{"op": "remove", "path": "displayName"}]),
            "mutability",
            "attribute_read_only",
        ),
        (
            json!([{"op": "replace", "path": "id", "value": "x"}]),
            "mutability",
            "attribute_read_only",
        ),
        (
            json!([{"op": "remove", "path": "members[display eq \"ada\"]"}]),
            "invalidValue",
            "field_invalid",
        ),
        (
            json!([{"op": "replace", "path": "members[value eq \"x\"]", "value": {}}]),
            "noTarget",
            "no_target",
        ),
        (
            json!([{"op": "add", "path": "members.value", "value": "x"}]),
            "invalidValue",
            "field_invalid",
        ),
        (
            json!([{"op": "add", "path": "owners", "value": "x"}]),
            "invalidPath",
            "path_invalid",
        ),
    ] {
        refused(&patch(&app, &path, operations).await, 400, Some(kind), code);
    }
    assert_eq!(ok(&send(&app, Method::GET, &path, None).await), made);
    // A whole one takes the place of what was there.
    let body =
        json!({"schemas": [GROUP], "displayName": "Second", "members": [{"value": bob["id"]}]});
    let after = ok(&send(&app, Method::PUT, &path, Some(&body)).await);
    assert_eq!(
        (&after["displayName"], members(&after)),
        (&json!("Second"), sorted(&[&bob]))
    );
    assert!(after.get("externalId").is_none());
    let old = made["meta"]["version"].as_str().unwrap();
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        let body = json!({"displayName": "x", "Operations": []});
        let sent = Some(&body).filter(|_| method != Method::DELETE);
        let stale = send_if(&app, method, &path, sent, ("if-match", old)).await;
        refused(&stale, 412, None, "precondition_failed");
    }
    assert_eq!(send(&app, Method::DELETE, &path, None).await.status, 204);
    refused(
        &send(&app, Method::GET, &path, None).await,
        404,
        None,
        "not_found",
    );
}

#[tokio::test]
async fn groups_are_found() {
    let scene = Scene::new().await;
    let app = sync(&scene).await;
    let (ada, bob) = (
        make_user(&app, &scene, "ada").await,
        make_user(&app, &scene, "bob").await,
    );
    make_group(&app, "Pilots", &[&ada, &bob]).await;
    make_group(&app, "Crew", &[&bob]).await;
    assert_eq!(names(&app, "displayName eq \"PILOTS\"").await, ["Pilots"]);
    assert_eq!(names(&app, "externalId eq \"g-Crew\"").await, ["Crew"]);
    assert_eq!(names(&app, "displayName co \"r\"").await, ["Crew"]);
    let of = |user: &Value| format!("members[value eq \"{}\"]", id(user, "id"));
    assert_eq!(names(&app, &of(&ada)).await, ["Pilots"]);
    assert_eq!(names(&app, &of(&bob)).await, ["Crew", "Pilots"]);
    let dotted = format!(
        "members.value eq \"{}\" and displayName sw \"c\"",
        id(&bob, "id")
    );
    assert_eq!(names(&app, &dotted).await, ["Crew"]);
    let path = format!("{GROUPS}?filter=members%20pr");
    let answer = send(&app, Method::GET, &path, None).await;
    refused(&answer, 400, Some("invalidFilter"), "filter_wrong_kind");
    let path = format!("{GROUPS}?excludedAttributes=members&count=1&startIndex=2");
    let page = ok(&send(&app, Method::GET, &path, None).await);
    assert_eq!(
        (&page["totalResults"], &page["itemsPerPage"]),
        (&json!(2), &json!(1))
    );
    assert!(page["Resources"][0].get("members").is_none());
}

#[tokio::test]
async fn no_application_fills_a_group_that_makes_administrators() {
    let scene = Scene::new().await;
    let app = sync(&scene).await;
    let ada = make_user(&app, &scene, "ada").await;
    let path = format!("{GROUPS}/{}", protected(&scene).await);
    let add = json!([{"op": "add", "path": "members", "value": [{"value": ada["id"]}]}]);
    refused(
        &patch(&app, &path, add).await,
        403,
        None,
        "target_protected",
    );
    let body = json!({"displayName": "x", "members": [{"value": ada["id"]}]});
    let put = send(&app, Method::PUT, &path, Some(&body)).await;
    refused(&put, 403, None, "target_protected");
    let gone = send(&app, Method::DELETE, &path, None).await;
    refused(&gone, 403, None, "target_protected");
    assert!(members(&ok(&send(&app, Method::GET, &path, None).await)).is_empty());
    let reader = scene.app_with(&[Scope::GroupReadAll]).await;
    let path = path_of(&make_group(&app, "Pilots", &[]).await);
    ok(&send(&reader, Method::GET, &path, None).await);
    let body = json!({"displayName": "x"});
    for answer in [
        send(&reader, Method::POST, GROUPS, Some(&body)).await,
        send(&reader, Method::PUT, &path, Some(&body)).await,
        patch(&reader, &path, json!([])).await,
        send(&reader, Method::DELETE, &path, None).await,
    ] {
        refused(&answer, 403, None, "scope_missing");
    }
}

#[tokio::test]
async fn what_would_leave_nobody_or_takes_a_group_from_a_policy_is_refused() {
    let scene = Scene::new().await;
    let app = sync(&scene).await;
    scene.world.administrator(&mut authenticator()).await;
    let me = scene
        .world
        .stored_user(&scene.world.first.administrator)
        .await;
    let ada = make_user(&app, &scene, "ada").await;
    let barred = make_group(&app, "Barred", &[]).await;
    let group: GroupId = id(&barred, "id").parse().unwrap();
    scene
        .world
        .change_passkey_method(|method| method.exclude = Whom::group(group))
        .await;
    let path = path_of(&barred);
    let both = json!([{"value": ada["id"]}, {"value": me.id.to_string()}]);
    let add = json!([{"op": "add", "path": "members", "value": both}]);
    refused(
        &patch(&app, &path, add).await,
        409,
        None,
        "locks_everybody_out",
    );
    let left = ok(&send(&app, Method::GET, &path, None).await);
    assert_eq!(left, barred, "not even the other came in");
    let gone = send(&app, Method::DELETE, &path, None).await;
    refused(&gone, 409, None, "group_in_use");
}
