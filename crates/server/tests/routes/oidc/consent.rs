use axum::http::StatusCode;
use keyward::jose::TokenType;

use super::{Scene, refused, text};

const ASKED: &str =
    "openid offline_access User.Read User.Read.All Policy.ReadWrite.ConditionalAccess";

/// What an administrator agreed to for the public application.
async fn agree(scene: &Scene, scopes: &[&str]) {
    let (tenant, public) = (scene.tenant, scene.public);
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let change = scene.world.app.store.write(move |tx| {
        Box::pin(async move {
            let found = store::applications::find(tx, tenant, public).await?;
            let Some(mut application) = found else {
                return Ok::<_, store::StoreError>(());
            };
            application.settings.consented = scopes;
            store::applications::put(tx, &application).await
        })
    });
    change.await.unwrap();
}

#[tokio::test]
async fn an_application_gets_no_scope_that_nobody_agreed_to() {
    let scene = Scene::new().await;
    for (agreed, given) in [
        (vec![], "openid offline_access User.Read"),
        (
            vec!["User.Read.All"],
            "openid offline_access User.Read User.Read.All",
        ),
    ] {
        agree(&scene, &agreed).await;
        let code = scene.code_with(&[("scope", ASKED)]).await;
        let tokens = scene.redeem(&code, &[]).await.json();
        assert_eq!(text(&tokens, "scope"), given);
        let access = text(&tokens, "access_token");
        let claims = scene.claims(TokenType::AccessToken, access).await;
        assert_eq!(text(&claims, "scp"), given);
    }
    // All that there is, by one name.
    let code = scene
        .code_with(&[("scope", "https://graph.microsoft.com/.default")])
        .await;
    let tokens = scene.redeem(&code, &[]).await.json();
    assert_eq!(text(&tokens, "scope"), "User.Read User.Read.All");
}

#[tokio::test]
async fn a_consent_that_was_taken_back_is_over_at_the_next_refresh() {
    let scene = Scene::new().await;
    agree(&scene, &["User.Read.All"]).await;
    let code = scene.code_with(&[("scope", ASKED)]).await;
    let first = scene.redeem(&code, &[]).await.json();
    agree(&scene, &[]).await;
    let second = scene.refresh(text(&first, "refresh_token")).await;
    assert_eq!(second.status, StatusCode::OK, "{}", second.body);
    let second = second.json();
    assert_eq!(text(&second, "scope"), "openid offline_access User.Read");
    // Given again, it is the person's grant that counts.
    agree(&scene, &["User.Read.All", "Group.Read.All"]).await;
    let more = [("scope", "Group.Read.All")];
    let more = scene
        .refresh_with(text(&second, "refresh_token"), &more)
        .await;
    refused(&more, 400, "invalid_scope", 70011, "scope_beyond_grant");
}
