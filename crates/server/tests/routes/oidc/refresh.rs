use axum::http::StatusCode;
use keyward::jose::TokenType;
use policy::model::{EndReason, Span, Timestamp};
use serde_json::Value;

use super::{SECRET, Scene, refused, text};

fn refresh_token(tokens: &Value) -> &str {
    text(tokens, "refresh_token")
}

#[tokio::test]
async fn a_refresh_token_is_exchanged_for_its_successor() {
    let scene = Scene::new().await;
    let first = scene.tokens().await;
    let second = scene.refresh(refresh_token(&first)).await.json();
    assert_ne!(refresh_token(&first), refresh_token(&second));
    let before = scene
        .claims(TokenType::IdToken, text(&first, "id_token"))
        .await;
    let after = scene
        .claims(TokenType::IdToken, text(&second, "id_token"))
        .await;
    for same in ["sub", "oid", "auth_time", "sid", "iss", "aud"] {
        assert_eq!(before[same], after[same], "{same}");
    }
    assert!(after.get("nonce").is_none(), "Core section 12.2");
    assert_eq!(
        scene.refresh(refresh_token(&second)).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn several_caches_that_refresh_at_once_get_one_successor() {
    let scene = Scene::new().await;
    let first = scene.tokens().await;
    let one = scene.refresh(refresh_token(&first)).await.json();
    scene.world.wait(30);
    let two = scene.refresh(refresh_token(&first)).await.json();
    assert_eq!(refresh_token(&one), refresh_token(&two));
}

#[tokio::test]
async fn a_used_token_after_its_grace_ends_the_family() {
    let scene = Scene::new().await;
    let first = scene.tokens().await;
    let second = scene.refresh(refresh_token(&first)).await.json();
    scene.world.wait(31);
    refused(
        &scene.refresh(refresh_token(&first)).await,
        400,
        "invalid_grant",
        70000,
        "refresh_reused",
    );
    refused(
        &scene.refresh(refresh_token(&second)).await,
        400,
        "invalid_grant",
        70000,
        "refresh_reused",
    );
    assert_eq!(
        scene.userinfo(text(&second, "access_token")).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn another_client_can_neither_use_a_token_nor_end_its_family() {
    let scene = Scene::new().await;
    let first = scene.tokens().await;
    let other = scene.other.to_string();
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", other.as_str()),
        ("refresh_token", refresh_token(&first)),
    ];
    refused(
        &scene.token(&fields).await,
        400,
        "invalid_grant",
        70000,
        "refresh_of_another_client",
    );
    let web = scene.web.to_string();
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token(&first)),
    ];
    refused(
        &scene.token_basic(&web, SECRET, &fields).await,
        400,
        "invalid_grant",
        70000,
        "refresh_of_another_client",
    );
    assert_eq!(
        scene.refresh(refresh_token(&first)).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_revocation_is_noticed_at_once() {
    for (why, number, code) in [
        (EndReason::SessionsRevoked, 50173, "grant_revoked"),
        (EndReason::PasskeyRevoked, 50173, "grant_revoked"),
        (EndReason::PasswordChanged, 50173, "grant_revoked"),
        (EndReason::SignedOut, 50133, "session_ended"),
    ] {
        let scene = Scene::new().await;
        let tokens = scene.tokens().await;
        scene.revoke_user(why).await;
        refused(
            &scene.refresh(refresh_token(&tokens)).await,
            400,
            "invalid_grant",
            number,
            code,
        );
        assert_eq!(
            scene.userinfo(text(&tokens, "access_token")).await.status,
            StatusCode::UNAUTHORIZED
        );
    }
}

#[tokio::test]
async fn a_disabled_user_is_not_refreshed() {
    let scene = Scene::new().await;
    let tokens = scene.tokens().await;
    scene.set_enabled(false).await;
    refused(
        &scene.refresh(refresh_token(&tokens)).await,
        400,
        "invalid_grant",
        50057,
        "account_disabled",
    );
}

#[tokio::test]
async fn a_grant_from_before_an_alarm_is_not_refreshed() {
    let scene = Scene::new().await;
    let tokens = scene.tokens().await;
    let doubt = |since: Timestamp| {
        let (tenant, user) = (scene.user.tenant, scene.user.id);
        scene.world.write(move |tx| {
            Box::pin(async move { store::users::doubt_proofs(tx, tenant, user, since).await })
        })
    };
    let now = scene.world.app.clock.now();
    doubt(now.minus(Span::minutes(10))).await;
    let first = scene.refresh(refresh_token(&tokens)).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    doubt(now.plus(Span::seconds(1))).await;
    refused(
        &scene.refresh(refresh_token(&first.json())).await,
        400,
        "invalid_grant",
        50076,
        "proofs_outdated",
    );
}

#[tokio::test]
async fn scopes_can_shrink_and_not_grow() {
    let scene = Scene::new().await;
    let tokens = scene.tokens().await;
    let fewer = scene
        .refresh_with(refresh_token(&tokens), &[("scope", "openid")])
        .await
        .json();
    assert_eq!(text(&fewer, "scope"), "openid");
    let more = scene
        .refresh_with(refresh_token(&fewer), &[("scope", "openid User.Read")])
        .await;
    refused(&more, 400, "invalid_scope", 70011, "scope_beyond_grant");
    // The family keeps what it was given.
    let all = scene.refresh(refresh_token(&fewer)).await.json();
    assert_eq!(text(&all, "scope"), text(&tokens, "scope"));
}

#[tokio::test]
async fn an_unused_token_ends_after_ninety_days() {
    let scene = Scene::new().await;
    let tokens = scene.tokens().await;
    scene.world.wait(90 * 86_400);
    refused(
        &scene.refresh(refresh_token(&tokens)).await,
        400,
        "invalid_grant",
        700_082,
        "refresh_expired",
    );
}

#[tokio::test]
async fn nonsense_is_no_refresh_token() {
    let scene = Scene::new().await;
    for odd in ["abc", "!!!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        refused(
            &scene.refresh(odd).await,
            400,
            "invalid_grant",
            70000,
            "refresh_unknown",
        );
    }
    refused(
        &scene.refresh("").await,
        400,
        "invalid_request",
        900_144,
        "refresh_missing",
    );
}
