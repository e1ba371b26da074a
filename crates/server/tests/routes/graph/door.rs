//! Who comes in, and what the door says to everybody else.

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use policy::model::{Role, Span};
use policy::scopes::Scope;
use serde_json::{Value, json};

use super::{Scene, ok, put, refused};

#[tokio::test]
async fn without_a_token_the_door_says_where_one_is_had() {
    let scene = Scene::new().await;
    let mut nobody = scene.bearer(String::new());
    nobody.authorization = String::new();
    let answer = nobody.get("/v1.0/organization").await;
    refused(&answer, 401, "token_missing");
    assert_eq!(answer.json()["error"]["code"], "InvalidAuthenticationToken");
    let challenge = answer.headers["www-authenticate"].to_str().unwrap();
    assert!(challenge.starts_with("Bearer "), "{challenge}");
    assert!(challenge.contains("authorization_uri=\""), "{challenge}");
}

#[tokio::test]
async fn an_application_comes_in_with_its_token_with_and_without_the_word() {
    let scene = Scene::new().await;
    let mut app = scene.app().await;
    let answer = app.get("/v1.0/organization").await;
    let body = ok(&answer, 200);
    assert_eq!(body["value"][0]["id"], scene.tenant.to_string());
    assert!(answer.headers.contains_key("request-id"));
    app.authorization = app.authorization.replace("Bearer ", "");
    ok(&app.get("/beta/organization").await, 200);
}

#[tokio::test]
async fn ids_of_the_client_come_back() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let sent = [("client-request-id", "mine-1")];
    let answer = app
        .send_raw(Method::GET, "/v1.0/nowhere", None, String::new(), &sent)
        .await;
    refused(&answer, 404, "segment_unknown");
    let inner = &answer.json()["error"]["innerError"];
    assert_eq!(inner["client-request-id"], "mine-1");
    assert_eq!(answer.headers["client-request-id"], "mine-1");
    assert_eq!(
        inner["request-id"].as_str().unwrap(),
        answer.headers["request-id"].to_str().unwrap()
    );
}

#[tokio::test]
async fn a_token_of_another_audience_or_a_past_one_opens_nothing() {
    let scene = Scene::new().await;
    let user = scene.world.user("ada@a.example").await;
    let app = &scene.world.app;
    let issuer = keyward::oidc::metadata::issuer(scene.world.origin(), scene.tenant);
    let claims = |now| {
        keyward::oidc::claims::AccessClaims::app_only(
            &issuer,
            scene.world.origin(),
            &scene.application,
            vec!["User.Read.All".to_owned()],
            now,
            Span::hours(1),
            app.random.bytes(),
        )
    };
    let path = format!("/v1.0/users/{}", user.id);
    let good = scene.sign(&claims(app.clock.now())).await;
    ok(&scene.bearer(good).get(&path).await, 200);
    let mut other = claims(app.clock.now());
    other.aud = "https://elsewhere.example".to_owned();
    let other = scene.sign(&other).await;
    refused(
        &scene.bearer(other).get(&path).await,
        401,
        "token_for_another_audience",
    );
    let past = scene
        .sign(&claims(app.clock.now().minus(Span::hours(2))))
        .await;
    let answer = scene.bearer(past).get(&path).await;
    refused(&answer, 401, "token_expired");
}

#[tokio::test]
async fn what_was_revoked_is_over_at_once_and_says_so() {
    let scene = Scene::new().await;
    let user = scene.world.user("ada@a.example").await;
    let ada = scene.as_user(&user, &[Scope::UserRead]).await.program;
    ok(&ada.get("/v1.0/me").await, 200);
    scene.world.wait(1);
    scene.revoke(&user).await;
    let answer = ada.get("/v1.0/me").await;
    refused(&answer, 401, "grant_revoked");
    let challenge = answer.headers["www-authenticate"].to_str().unwrap();
    assert!(
        challenge.contains("error=\"insufficient_claims\""),
        "{challenge}"
    );
    let (_, claims) = challenge.split_once("claims=\"").unwrap();
    let claims = STANDARD.decode(claims.trim_end_matches('"')).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["access_token"]["nbf"]["essential"], true);
}

#[tokio::test]
async fn a_disabled_account_and_a_disabled_application_open_nothing() {
    let scene = Scene::new().await;
    let user = scene.world.user("ada@a.example").await;
    let ada = scene.as_user(&user, &[Scope::UserRead]).await.program;
    let app = scene.app().await;
    scene.world.set_enabled(&user, false).await;
    refused(&ada.get("/v1.0/me").await, 401, "account_disabled");
    scene.world.set_enabled(&user, true).await;
    let mut off = scene.application.clone();
    off.enabled = false;
    put(&scene.world, &off).await;
    refused(&ada.get("/v1.0/me").await, 401, "application_disabled");
    refused(
        &app.get("/v1.0/organization").await,
        401,
        "application_disabled",
    );
}

#[tokio::test]
async fn a_permission_that_was_taken_away_is_gone_at_once() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    ok(&app.get("/v1.0/organization").await, 200);
    let mut less = scene.application.clone();
    less.app_permissions = vec!["AuditLog.Read.All".to_owned()];
    put(&scene.world, &less).await;
    refused(&app.get("/v1.0/organization").await, 403, "scope_missing");
}

#[tokio::test]
async fn a_scope_without_the_role_and_a_role_without_the_scope_read_nobody() {
    let scene = Scene::new().await;
    let other = scene.world.user("grace@a.example").await;
    let user = scene.world.user("ada@a.example").await;
    let path = format!("/v1.0/users/{}", other.id);
    let plain = scene.as_user(&user, &[Scope::UserReadAll]).await.program;
    refused(&plain.get(&path).await, 403, "role_missing");
    scene.world.role(&user, Role::DirectoryReaders).await;
    ok(&plain.get(&path).await, 200);
    let narrow = scene.as_user(&user, &[Scope::UserRead]).await.program;
    refused(&narrow.get(&path).await, 403, "scope_missing");
    let own = ok(&narrow.get("/v1.0/me").await, 200);
    assert_eq!(own["userPrincipalName"], "ada@a.example");
    let own = format!("/v1.0/users/{}", user.user_principal_name);
    ok(&narrow.get(&own).await, 200);
}

#[tokio::test]
async fn me_is_a_person() {
    let scene = Scene::new().await;
    let answer = scene.app().await.get("/v1.0/me").await;
    refused(&answer, 400, "token_without_user");
}

#[tokio::test]
async fn addresses_are_compared_without_case_and_keys_stand_in_parentheses() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let name = &scene.world.first.administrator;
    for path in [
        format!("/v1.0/Users/{name}"),
        format!("/v1.0/users('{name}')"),
        format!("/beta/users/{}/", name.replace('@', "%40")),
    ] {
        let user = ok(&app.get(&path).await, 200);
        assert_eq!(user["userPrincipalName"], name.as_str(), "{path}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_in_the_same_form() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    refused(
        &app.get("/v1.0/users/nobody@a.example").await,
        404,
        "not_found",
    );
    refused(&app.get("/v1.0/users/%ff").await, 400, "malformed_request");
    let answer = app.send(Method::PUT, "/v1.0/organization", None).await;
    refused(&answer, 405, "method_not_allowed");
    assert_eq!(answer.headers["allow"], "GET");
    let long = json!({ "x": "a".repeat(keyward::graph::BODY) });
    let answer = app.post("/v1.0/organization", &long).await;
    refused(&answer, 413, "too_large");
}
