//! Accounts: made, found, changed whole and in parts, deleted.

use axum::http::Method;
use keyward::flow::Caller;
use keyward::flow::administer::AdministerRefusal;
use keyward::flow::directory;
use keyward::flow::govern::Governor;
use keyward::flow::provision::{self, Account, Rights};
use policy::model::{Actor, CorrelationId, Role};
use policy::scopes::Scope;
use serde_json::{Value, json};

use super::{USER, USERS, full_name, make_user, ok, patch, path_of, refused, send, send_if};
use crate::graph::{Program, Scene};

async fn sync(scene: &Scene) -> Program<'_> {
    scene.app_with(&[Scope::SynchronizationUpload]).await
}

async fn found(app: &Program<'_>, query: &str) -> Value {
    ok(&send(app, Method::GET, &format!("{USERS}?{query}"), None).await)
}

/// What a filter finds, by the first part of the name; sorted, because accounts of one moment have no order.
async fn names(app: &Program<'_>, filter: &str) -> Vec<String> {
    let filter: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
    let list = found(app, &format!("filter={filter}")).await;
    let rows = list["Resources"].as_array().unwrap().iter();
    let name = |row: &Value| {
        row["userName"]
            .as_str()
            .unwrap()
            .split('@')
            .next()
            .unwrap()
            .to_owned()
    };
    let mut names: Vec<_> = rows.map(name).collect();
    assert_eq!(list["totalResults"], names.len());
    names.sort();
    names
}

#[tokio::test]
async fn an_account_is_made_and_comes_back_as_it_was_sent() {
    let scene = Scene::new().await;
    let app = sync(&scene).await;
    let name = full_name(&scene, "ada");
    let body = json!({
        "schemas": [USER, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "USERNAME": name, "externalId": "HR-7", "password": "never kept",
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [{"value": "home@post.example", "type": "home"}, {"value": "ada@post.example", "type": "work"}],
        "title": "Countess", "phoneNumbers": [{"value": "1"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "x"},
    });
    let answer = send(&app, Method::POST, USERS, Some(&body)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let made = answer.json();
    let location = format!("{}{}", scene.world.origin(), path_of(&made));
    assert_eq!(answer.headers["location"], location.as_str());
    assert_eq!(
        answer.headers["etag"],
        made["meta"]["version"].as_str().unwrap()
    );
    assert_eq!(made["meta"]["location"], location);
    let id = made["id"].clone();
    let meta = made["meta"].clone();
    assert_eq!(
        made,
        json!({
            "schemas": [USER], "id": id, "externalId": "HR-7", "userName": name,
            "name": {"formatted": "Ada Lovelace", "givenName": "Ada", "familyName": "Lovelace"},
            "displayName": "Ada Lovelace", "active": true,
            "emails": [{"value": "ada@post.example", "type": "work", "primary": true}],
            "meta": meta,
        })
    );
    assert_eq!(
        ok(&send(&app, Method::GET, &path_of(&made), None).await),
        made
    );
    let stored = scene.world.stored_user(&name).await;
    let audits = scene.world.audits(&stored).await;
    let record = audits
        .iter()
        .find(|one| one.activity == "Add user")
        .unwrap();
    assert!(matches!(record.initiated_by, Actor::App { .. }));
    // The same name in other letters is the same name.
    let again = json!({"userName": name.to_uppercase()});
    let again = send(&app, Method::POST, USERS, Some(&again)).await;
    refused(&again, 409, Some("uniqueness"), "name_taken");
}

#[tokio::test]
async fn what_is_no_account_is_refused() {
    let scene = Scene::new().await;
    let app = sync(&scene).await;
    let name = full_name(&scene, "ada");
    for wrong in [
        json!({}),
        json!({"userName": "ada@elsewhere.example"}),
        json!({"userName": "ada"}),
        json!({"userName": name, "active": "perhaps"}),
        json!({"userName": name, "displayName": 7}),
        json!({"userName": name, "displayName": "x".repeat(300)}),
        json!({"userName": name, "externalId": "x".repeat(300)}),
        json!({"userName": name, "externalId": "a\u{0}b"}),
        json!({"userName": name, "name": {"givenName": "x".repeat(300)}}),
        json!({"userName": name, "emails": [{"value": "nowhere"}]}),
        json!({"userName": name, "emails": "a@b"}),
    ] {
        let answer = send(&app, Method::POST, USERS, Some(&wrong)).await;
        refused(&answer, 400, Some("invalidValue"), "field_invalid");
    }
    assert!(
        names(&app, &format!("userName eq \"{name}\""))
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn filters_find_what_they_say() {
    let scene = Scene::new().await;
    let app = sync(&scene).await;
    for name in ["ada", "bob", "cyd"] {
        make_user(&app, &scene, name).await;
    }
    let bob = full_name(&scene, "BOB");
    assert_eq!(
        names(&app, &format!("userName eq \"{bob}\"")).await,
        ["bob"]
    );
    assert_eq!(names(&app, "externalId eq \"hr-cyd\"").await, ["cyd"]);
    assert!(names(&app, "externalId eq \"HR-cyd\"").await.is_empty());
    assert!(names(&app, "id eq \"nonsense\"").await.is_empty());
    assert_eq!(
        names(&app, "externalId sw \"hr-\" and not (userName sw \"b\")").await,
        ["ada", "cyd"]
    );
    assert_eq!(
        names(&app, "emails[type eq \"work\" and value co \"ada\"]").await,
        ["ada"]
    );
    assert_eq!(
        names(&app, "userName sw \"ada\" or name.givenName eq \"Bob\"").await,
        ["ada", "bob"]
    );
    // What names one account is still asked of it.
    let off = format!("userName eq \"{bob}\" and active eq false");
    assert!(names(&app, &off).await.is_empty());
    for (filter, code) in [
        ("userName", "filter_malformed"),
        ("nickName eq \"x\"", "filter_unknown_attribute"),
        ("active gt true", "filter_wrong_kind"),
    ] {
        let filter: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        let path = format!("{USERS}?filter={filter}");
        let answer = send(&app, Method::GET, &path, None).await;
        refused(&answer, 400, Some("invalidFilter"), code);
    }
}

#[tokio::test]
async fn a_search_says_in_its_body_what_a_query_says() {
    let scene = Scene::new().await;
    let app = sync(&scene).await;
    for name in ["ada", "bob", "cyd"] {
        make_user(&app, &scene, name).await;
    }
    let search = format!("{USERS}/.search");
    let schema = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
    let body = json!({
        "schemas": [schema],
        "filter": "userName sw \"a\" or userName sw \"b\"",
        "attributes": ["userName", "active"],
        "startIndex": 2,
        "count": 1,
    });
    let list = ok(&send(&app, Method::POST, &search, Some(&body)).await);
    assert_eq!(
        (&list["totalResults"], &list["itemsPerPage"]),
        (&json!(3), &json!(1))
    );
    let row = list["Resources"][0].as_object().unwrap();
    assert!(row.contains_key("userName") && !row.contains_key("displayName"));
    let everything = json!({"schemas": [schema]});
    let groups = "/scim/v2/Groups/.search";
    let groups = send(&app, Method::POST, groups, Some(&everything)).await;
    assert_eq!(ok(&groups)["totalResults"], 0);
    for bad in [
        json!([]),
        json!({"filter": {"userName": "x"}}),
        json!({"attributes": [1]}),
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}),
    ] {
        let answer = send(&app, Method::POST, &search, Some(&bad)).await;
        refused(&answer, 400, Some("invalidSyntax"), "malformed_request");
    }
    let bad = json!({"filter": "userName"});
    let answer = send(&app, Method::POST, &search, Some(&bad)).await;
    refused(&answer, 400, Some("invalidFilter"), "filter_malformed");
}

#[tokio::test]
async fn a_list_is_read_from_any_place() {
    let scene = Scene::new().await;
    let app = sync(&scene).await;
    for name in ["ada", "bob", "cyd", "dan"] {
        make_user(&app, &scene, name).await;
    }
    let all = found(&app, "").await;
    let total = all["totalResults"].as_u64().unwrap();
    assert_eq!(all["itemsPerPage"], total);
    let page = found(&app, "startIndex=2&count=2").await;
    assert_eq!(
        (&page["startIndex"], &page["itemsPerPage"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(page["totalResults"], total);
    assert_eq!(page["Resources"][0], all["Resources"][1]);
    let filter = "filter=externalId%20pr";
    let whole = found(&app, filter).await;
    let filtered = found(&app, &format!("{filter}&startIndex=2&count=2")).await;
    assert_eq!(filtered["totalResults"], 4);
    assert_eq!(filtered["Resources"].as_array().unwrap().len(), 2);
    assert_eq!(filtered["Resources"][0], whole["Resources"][1]);
    let none = found(&app, "count=-1&startIndex=-5").await;
    assert_eq!(
        (&none["startIndex"], &none["itemsPerPage"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(found(&app, "startIndex=99").await["Resources"], json!([]));
    for wrong in ["count=many", "startIndex=1.5"] {
        let answer = send(&app, Method::GET, &format!("{USERS}?{wrong}"), None).await;
        refused(&answer, 400, Some("invalidValue"), "field_invalid");
    }
}

#[tokio::test]
async fn a_client_says_which_attributes_it_wants() {
    let scene = Scene::new().await;
    let app = sync(&scene).await;
    let made = make_user(&app, &scene, "ada").await;
    let path = path_of(&made);
    let get =
        async |query: &str| ok(&send(&app, Method::GET, &format!("{path}?{query}"), None).await);
    let id = made["id"].clone();
    assert_eq!(
        get("attributes=USERNAME,name.givenName,nonsense").await,
        json!({"schemas": [USER], "id": id, "userName": made["userName"], "name": {"givenName": "ada"}})
    );
    let without = get("excludedAttributes=id,emails,name.formatted,meta").await;
    assert_eq!(without["id"], id);
    assert!(without.get("emails").is_none() && without.get("meta").is_none());
    assert_eq!(
        without["name"],
        json!({"givenName": "ada", "familyName": "Tester"})
    );
    let urn = get(&format!("attributes={USER}:active")).await;
    assert_eq!(urn, json!({"schemas": [USER], "id": id, "active": true}));
    let listed = found(&app, "attributes=active&filter=externalId%20pr").await;
    assert_eq!(listed["Resources"][0], urn);
    let both = format!("{path}?attributes=id&excludedAttributes=name");
    let both = send(&app, Method::GET, &both, None).await;
    refused(&both, 400, Some("invalidValue"), "field_invalid");
}

#[tokio::test]
async fn a_whole_account_takes_the_place_of_another() {
    let scene = Scene::new().await;
    let app = sync(&scene).await;
    let made = make_user(&app, &scene, "ada").await;
    let path = path_of(&made);
    patch(
        &app,
        &path,
        json!([{"op": "replace", "path": "active", "value": false}]),
    )
    .await;
    let king = full_name(&scene, "king");
    let body = json!({"schemas": [USER], "id": "other", "userName": king, "externalId": "HR-8"});
    let after = ok(&send(&app, Method::PUT, &path, Some(&body)).await);
    assert_eq!(after["id"], made["id"]);
    assert_eq!(
        (&after["userName"], &after["displayName"]),
        (&json!(king), &json!(king))
    );
    assert_eq!(after["externalId"], "HR-8");
    assert!(after.get("name").is_none() && after.get("emails").is_none());
    assert_eq!(
        after["active"], false,
        "what is not said brings nobody back"
    );
    let ada = full_name(&scene, "ada");
    assert!(
        names(&app, &format!("userName eq \"{ada}\""))
            .await
            .is_empty()
    );
    let bob = make_user(&app, &scene, "bob").await;
    let taken = json!({"userName": bob["userName"]});
    let taken = send(&app, Method::PUT, &path, Some(&taken)).await;
    refused(&taken, 409, Some("uniqueness"), "name_taken");
    let stored = scene.world.stored_user(&king).await;
    let audits = scene.world.audits(&stored).await;
    let changed: Vec<_> = audits
        .iter()
        .filter(|one| one.activity == "Update user")
        .flat_map(|one| one.targets[0].modified_properties.clone())
        .map(|one| one.display_name)
        .collect();
    for property in [
        "UserPrincipalName",
        "DisplayName",
        "Mail",
        "ExternalId",
        "GivenName",
        "Surname",
    ] {
        assert!(
            changed.iter().any(|one| one == property),
            "{property}: {changed:?}"
        );
    }
}

#[tokio::test]
async fn parts_are_changed_all_at_once_or_not_at_all() {
    let scene = Scene::new().await;
    let app = sync(&scene).await;
    let made = make_user(&app, &scene, "ada").await;
    let path = path_of(&made);
    let done = ok(&patch(
        &app,
        &path,
        json!([
            {"op": "Replace", "path": "displayName", "value": "Ada L."},
            {"op": "Add", "path": "emails[type eq \"work\"].value", "value": "new@post.example"},
            {"op": "Replace", "path": "name.familyName", "value": "King"},
            {"op": "Add", "path": "title", "value": "Countess"},
        ]),
    )
    .await);
    assert_eq!(done["displayName"], "Ada L.");
    assert_eq!(done["emails"][0]["value"], "new@post.example");
    assert_eq!(done["name"]["formatted"], "ada King");
    assert_ne!(done["meta"]["version"], made["meta"]["version"]);
    // Nothing differs: nothing is written, not even a version.
    let same = json!([{"op": "replace", "path": "displayName", "value": "Ada L."}]);
    assert_eq!(ok(&patch(&app, &path, same).await), done);
    for (operations, status, kind, code) in [
        (
            json!([{"op": "replace", "path": "displayName", "value": "x"}, {"op": "replace", "path": "userName", "value": "x@elsewhere.example"}]),
            400,
            "invalidValue",
            "field_invalid",
        ),
        (
            json!([{"op": "replace", "path": "displayName", "value": "x"}, {"op": "replace", "path": "actve", "value": false}]),
            400,
            "invalidPath",
            "path_invalid",
        ),
        (
            json!([{"op": "replace", "path": "displayName", "value": "x"}, {"op": "remove", "path": "userName"}]),
            400,
            "mutability",
            "attribute_read_only",
        ),
        (
            json!([{"op": "replace", "path": "displayName", "value": "x"}, {"op": "replace", "path": "emails[type eq \"home\"].value", "value": "x@y"}]),
            400,
            "noTarget",
            "no_target",
        ),
        (
            json!([{"op": "replace", "path": "displayName", "value": "x"}, {"op": "replace", "path": "id", "value": "x"}]),
            400,
            "mutability",
            "attribute_read_only",
        ),
    ] {
        refused(
            &patch(&app, &path, operations).await,
            status,
            Some(kind),
            code,
        );
    }
    assert_eq!(ok(&send(&app, Method::GET, &path, None).await), done);
}

#[tokio::test]
async fn whoever_is_disabled_is_out_at_once() {
    let scene = Scene::new().await;
    let app = sync(&scene).await;
    let user = scene.world.user(&full_name(&scene, "ada")).await;
    let person = scene.as_user(&user, &[Scope::UserRead]).await.program;
    assert_eq!(person.get("/v1.0/me").await.status, 200);
    let path = format!("{USERS}/{}", user.id);
    let off = json!([{"op": "Replace", "path": "active", "value": "False"}]);
    assert_eq!(ok(&patch(&app, &path, off).await)["active"], false);
    assert_eq!(person.get("/v1.0/me").await.status, 401);
    let audits = scene.world.audits(&user).await;
    let record = audits
        .iter()
        .find(|one| one.activity == "Disable account")
        .unwrap();
    assert!(matches!(record.initiated_by, Actor::App { .. }));
    let on = json!([{"op": "replace", "value": {"active": true}}]);
    assert_eq!(ok(&patch(&app, &path, on).await)["active"], true);
    assert_eq!(
        person.get("/v1.0/me").await.status,
        401,
        "what ended stays ended"
    );
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let scene = Scene::new().await;
    let app = sync(&scene).await;
    let root = scene.world.user(&full_name(&scene, "root")).await;
    scene.world.role(&root, Role::GlobalAdministrator).await;
    let first = &scene.world.first.administrator;
    let first = scene.world.stored_user(first).await;
    scene.world.set_enabled(&first, false).await;
    let path = format!("{USERS}/{}", root.id);
    // Together with another change, which is not made either.
    let off = json!([{"op": "replace", "value": {"active": false, "displayName": "x"}}]);
    refused(
        &patch(&app, &path, off).await,
        409,
        None,
        "last_administrator",
    );
    let left = ok(&send(&app, Method::GET, &path, None).await);
    assert_eq!(left["active"], true);
    assert_ne!(left["displayName"], "x");
    let gone = send(&app, Method::DELETE, &path, None).await;
    refused(&gone, 409, None, "last_administrator");
    let second = scene.world.user(&full_name(&scene, "second")).await;
    scene.world.role(&second, Role::GlobalAdministrator).await;
    assert_eq!(send(&app, Method::DELETE, &path, None).await.status, 204);
}

#[tokio::test]
async fn a_change_is_of_the_version_that_was_read() {
    let scene = Scene::new().await;
    let app = sync(&scene).await;
    let made = make_user(&app, &scene, "ada").await;
    let path = path_of(&made);
    let old = made["meta"]["version"].as_str().unwrap().to_owned();
    let known = send_if(&app, Method::GET, &path, None, ("if-none-match", &old)).await;
    assert_eq!((known.status.as_u16(), known.body.as_str()), (304, ""));
    let rename = json!([{"op": "replace", "path": "displayName", "value": "x"}]);
    let after = ok(&patch(&app, &path, rename.clone()).await);
    let body = json!({"userName": made["userName"], "Operations": rename});
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        let sent = Some(&body).filter(|_| method != Method::DELETE);
        let stale = send_if(&app, method, &path, sent, ("if-match", &old)).await;
        refused(&stale, 412, None, "precondition_failed");
    }
    assert_eq!(ok(&send(&app, Method::GET, &path, None).await), after);
    let fresh = after["meta"]["version"].as_str().unwrap().to_owned();
    let list = format!("W/\"0\", {fresh}");
    let done = send_if(&app, Method::DELETE, &path, None, ("if-match", &list)).await;
    assert_eq!(done.status, 204, "{}", done.body);
    refused(
        &send(&app, Method::GET, &path, None).await,
        404,
        None,
        "not_found",
    );
    let gone = send(&app, Method::DELETE, &path, None).await;
    refused(&gone, 404, None, "not_found");
}

#[tokio::test]
async fn a_change_that_was_overtaken_is_not_made() {
    let scene = Scene::new().await;
    let app = sync(&scene).await;
    let made = make_user(&app, &scene, "ada").await;
    let (server, tenant) = (&scene.world.app, scene.tenant);
    let by = Governor::operator(tenant, "test");
    let caller = Caller::of_operator(CorrelationId::new(server.clock.now(), [7; 10]));
    let id = made["id"].as_str().unwrap().parse().unwrap();
    let read = provision::person(server, &by, id).await.unwrap();
    let other = json!([{"op": "replace", "path": "displayName", "value": "theirs"}]);
    let theirs = ok(&patch(&app, &path_of(&made), other).await);
    let mut wanted = Account::of(&read);
    wanted.display_name = "ours".to_owned();
    let rights = Rights {
        profile: by.clone(),
        switch: by.clone(),
    };
    let at = (read.user.id, Some(read.user.version));
    let done = provision::change(server, &caller, &rights, read, wanted).await;
    assert!(
        matches!(done, Err(AdministerRefusal::Contended)),
        "{done:?}"
    );
    let gone = directory::delete_user(server, &caller, &by, at).await;
    assert!(matches!(gone, Err(AdministerRefusal::Stale)), "{gone:?}");
    let left = ok(&send(&app, Method::GET, &path_of(&made), None).await);
    assert_eq!(left, theirs);
}
