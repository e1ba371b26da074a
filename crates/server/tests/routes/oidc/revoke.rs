use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{SECRET, Scene, VERIFIER, WEB, refused, text};
use crate::world::Answer;

/// Posts to `end` as the public client.
async fn public(scene: &Scene, end: &str, token: &str) -> Answer {
    let client = scene.public.to_string();
    let path = format!("/{}/oauth2/v2.0/{end}", scene.tenant);
    let fields = [("client_id", client.as_str()), ("token", token)];
    scene.world.browser().post_bare(&path, &fields).await
}

/// Posts to `end` as the confidential client.
async fn web(scene: &Scene, end: &str, token: &str) -> Answer {
    let client = scene.web.to_string();
    let path = format!("/{}/oauth2/v2.0/{end}", scene.tenant);
    let fields = [
        ("client_id", client.as_str()),
        ("client_secret", SECRET),
        ("token", token),
    ];
    scene.world.browser().post_bare(&path, &fields).await
}

/// Tokens of the confidential client.
async fn web_tokens(scene: &Scene) -> Value {
    let mut browser = scene.signed_in().await;
    let answer = browser.get(&scene.authorize_web(&[])).await;
    let code = answer.location_parameter("code").unwrap();
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", WEB),
        ("code_verifier", VERIFIER),
    ];
    let answer = scene
        .token_basic(&scene.web.to_string(), SECRET, &fields)
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()
}

#[tokio::test]
async fn what_is_given_back_is_over_at_once() {
    for which in ["refresh_token", "access_token"] {
        let scene = Scene::new().await;
        let tokens = scene.tokens().await;
        let answer = public(&scene, "revoke", text(&tokens, which)).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""));
        refused(
            &scene.refresh(text(&tokens, "refresh_token")).await,
            400,
            "invalid_grant",
            50173,
            "grant_revoked",
        );
        let access = text(&tokens, "access_token");
        assert_eq!(
            scene.userinfo(access).await.status,
            StatusCode::UNAUTHORIZED
        );
        // Again, and of nonsense, is no mistake.
        for token in [text(&tokens, which), "nonsense", "a.b.c"] {
            assert_eq!(
                public(&scene, "revoke", token).await.status,
                StatusCode::OK,
                "{token}"
            );
        }
    }
}

#[tokio::test]
async fn nobody_gives_back_what_is_another_clients() {
    let scene = Scene::new().await;
    let tokens = scene.tokens().await;
    for which in ["refresh_token", "access_token"] {
        let answer = web(&scene, "revoke", text(&tokens, which)).await;
        refused(
            &answer,
            400,
            "invalid_grant",
            70000,
            "token_of_another_client",
        );
    }
    let still = scene.refresh(text(&tokens, "refresh_token")).await;
    assert_eq!(still.status, StatusCode::OK);
}

#[tokio::test]
async fn revoking_needs_the_client_and_a_token() {
    let scene = Scene::new().await;
    let (client, path) = (
        scene.web.to_string(),
        format!("/{}/oauth2/v2.0/revoke", scene.tenant),
    );
    let mut browser = scene.world.browser();
    let bare = browser
        .post_bare(&path, &[("client_id", &client), ("token", "x")])
        .await;
    refused(&bare, 401, "invalid_client", 7_000_218, "secret_missing");
    let empty = web(&scene, "revoke", "").await;
    refused(&empty, 400, "invalid_request", 900_144, "token_missing");
    let app_only = scene
        .token_basic(
            &client,
            SECRET,
            &[
                ("grant_type", "client_credentials"),
                ("scope", "https://graph.microsoft.com/.default"),
            ],
        )
        .await
        .json();
    let answer = web(&scene, "revoke", text(&app_only, "access_token")).await;
    refused(
        &answer,
        400,
        "unsupported_token_type",
        70000,
        "token_cannot_be_revoked",
    );
}

#[tokio::test]
async fn a_client_learns_what_its_own_living_tokens_are() {
    let scene = Scene::new().await;
    let tokens = web_tokens(&scene).await;
    let access = web(&scene, "introspect", text(&tokens, "access_token"))
        .await
        .json();
    assert_eq!(access["active"], true);
    for (name, wanted) in [
        ("client_id", scene.web.to_string()),
        ("username", scene.user.user_principal_name.clone()),
        ("oid", scene.user.id.to_string()),
        ("iss", scene.issuer()),
        ("token_type", "Bearer".to_owned()),
        ("scope", "openid profile email offline_access".to_owned()),
    ] {
        assert_eq!(text(&access, name), wanted, "{name}");
    }
    assert!(access.get("rh").is_none(), "{access}");
    assert_eq!(text(&access, "jti"), text(&access, "uti"));
    let refresh = web(&scene, "introspect", text(&tokens, "refresh_token"))
        .await
        .json();
    assert_eq!(
        (&refresh["active"], text(&refresh, "sub")),
        (&json!(true), text(&access, "sub"))
    );
    assert!(refresh["exp"].as_i64() > access["exp"].as_i64());
}

#[tokio::test]
async fn of_anything_else_only_that_it_is_not_active() {
    let nothing = json!({"active": false});
    let scene = Scene::new().await;
    let foreign = scene.tokens().await;
    let own = web_tokens(&scene).await;
    for token in [
        text(&foreign, "access_token"),
        text(&foreign, "refresh_token"),
        text(&own, "id_token"),
        "nonsense",
        "a.b.c",
    ] {
        assert_eq!(
            web(&scene, "introspect", token).await.json(),
            nothing,
            "{token}"
        );
    }
    scene.set_enabled(false).await;
    for which in ["access_token", "refresh_token"] {
        assert_eq!(
            web(&scene, "introspect", text(&own, which)).await.json(),
            nothing
        );
    }
    scene.set_enabled(true).await;
    web(&scene, "revoke", text(&own, "refresh_token")).await;
    for which in ["access_token", "refresh_token"] {
        assert_eq!(
            web(&scene, "introspect", text(&own, which)).await.json(),
            nothing
        );
    }
    let public = public(&scene, "introspect", text(&foreign, "access_token")).await;
    refused(
        &public,
        400,
        "unauthorized_client",
        700_025,
        "introspection_for_public_client",
    );
}

#[tokio::test]
async fn an_exchanged_refresh_token_is_active_for_its_grace() {
    let scene = Scene::new().await;
    let tokens = web_tokens(&scene).await;
    let token = text(&tokens, "refresh_token");
    let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
    scene
        .token_basic(&scene.web.to_string(), SECRET, &fields)
        .await;
    assert_eq!(
        web(&scene, "introspect", token).await.json()["active"],
        true
    );
    scene.world.wait(31);
    assert_eq!(
        web(&scene, "introspect", token).await.json()["active"],
        false
    );
}

#[tokio::test]
async fn a_client_that_can_is_told_by_a_claims_challenge() {
    let scene = Scene::new().await;
    let capable = [(
        "claims",
        r#"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#,
    )];
    let tokens = scene.redeem(&scene.code().await, &capable).await.json();
    let plain = scene.tokens().await;
    for tokens in [&tokens, &plain] {
        public(&scene, "revoke", text(tokens, "refresh_token")).await;
    }
    let challenge = |answer: &Answer| {
        let value = answer.headers["www-authenticate"].to_str().unwrap();
        value.to_owned()
    };
    let told = challenge(&scene.userinfo(text(&tokens, "access_token")).await);
    assert!(
        told.starts_with("Bearer error=\"insufficient_claims\","),
        "{told}"
    );
    let claims = told
        .split("claims=\"")
        .nth(1)
        .unwrap()
        .trim_end_matches('"');
    let claims = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, claims);
    let claims: Value = serde_json::from_slice(&claims.unwrap()).unwrap();
    let since = claims.pointer("/access_token/nbf/value").unwrap();
    assert_eq!(since, &json!(scene.now().as_seconds().to_string()));
    let told = challenge(&scene.userinfo(text(&plain, "access_token")).await);
    assert!(told.starts_with("Bearer error=\"invalid_token\""), "{told}");
}
