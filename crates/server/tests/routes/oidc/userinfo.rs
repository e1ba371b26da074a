use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use keyward::jose::TokenType;

use super::{Scene, text};

#[tokio::test]
async fn userinfo_is_about_the_subject_of_the_id_token() {
    let scene = Scene::new().await;
    let tokens = scene.tokens().await;
    let claims = scene
        .claims(TokenType::IdToken, text(&tokens, "id_token"))
        .await;
    let access = text(&tokens, "access_token");
    let read = scene.userinfo(access).await.json();
    assert_eq!(read["sub"], claims["sub"]);
    assert_eq!(
        text(&read, "preferred_username"),
        scene.user.user_principal_name
    );
    let posted = scene
        .world
        .browser()
        .post_bare("/oidc/userinfo", &[("access_token", access)])
        .await;
    assert_eq!(posted.json(), read);
}

#[tokio::test]
async fn another_application_sees_another_subject() {
    let scene = Scene::new().await;
    let one = scene
        .userinfo(text(&scene.tokens().await, "access_token"))
        .await
        .json();
    let other = scene.other.to_string();
    let changes = [
        ("client_id", other.as_str()),
        ("redirect_uri", "http://localhost:53684/"),
    ];
    let code = scene.code_with(&changes).await;
    let tokens = scene.redeem(&code, &changes).await.json();
    let two = scene.userinfo(text(&tokens, "access_token")).await.json();
    assert_ne!(one["sub"], two["sub"]);
}

#[tokio::test]
async fn an_expired_token_is_refused() {
    let scene = Scene::new().await;
    let tokens = scene.tokens().await;
    scene.world.wait(599);
    assert_eq!(
        scene.userinfo(text(&tokens, "access_token")).await.status,
        StatusCode::OK
    );
    scene.world.wait(1);
    let answer = scene.userinfo(text(&tokens, "access_token")).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        answer.headers.get(header::WWW_AUTHENTICATE).unwrap(),
        "Bearer error=\"invalid_token\", error_description=\"token_expired\""
    );
}

#[tokio::test]
async fn only_an_access_token_opens_it() {
    let scene = Scene::new().await;
    let tokens = scene.tokens().await;
    let answer = scene.userinfo(text(&tokens, "id_token")).await;
    assert_eq!(text(&answer.json(), "error_description"), "jws_wrong_type");
    for odd in ["", "x", "a.b.c", text(&tokens, "refresh_token")] {
        assert_eq!(
            scene.userinfo(odd).await.status,
            StatusCode::UNAUTHORIZED,
            "{odd}"
        );
    }
}

#[tokio::test]
async fn a_token_in_the_address_or_in_two_places_is_not_taken() {
    let scene = Scene::new().await;
    let tokens = scene.tokens().await;
    let access = text(&tokens, "access_token");
    let answer = scene
        .world
        .browser()
        .get(&format!("/oidc/userinfo?access_token={access}"))
        .await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let mut browser = scene.world.browser();
    let request = browser
        .request(Method::POST, "/oidc/userinfo")
        .header(header::AUTHORIZATION, format!("Bearer {access}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("access_token={access}")))
        .unwrap();
    assert_eq!(browser.send(request).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_without_the_scope_is_not_enough() {
    let scene = Scene::new().await;
    let tokens = scene
        .redeem(&scene.code_with(&[("scope", "User.Read")]).await, &[])
        .await
        .json();
    let answer = scene.userinfo(text(&tokens, "access_token")).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(text(&answer.json(), "error"), "insufficient_scope");
}

#[tokio::test]
async fn what_is_told_is_what_is_true_now() {
    let scene = Scene::new().await;
    let tokens = scene.tokens().await;
    let (tenant, user) = (scene.tenant, scene.user.id);
    scene
        .world
        .app
        .store
        .write(move |tx| {
            Box::pin(async move {
                store::users::set_profile(
                    tx,
                    tenant,
                    user,
                    "Renamed",
                    Some("new@app.example"),
                    false,
                )
                .await
            })
        })
        .await
        .unwrap();
    let read = scene.userinfo(text(&tokens, "access_token")).await.json();
    assert_eq!(
        (text(&read, "name"), text(&read, "email")),
        ("Renamed", "new@app.example")
    );
    scene.set_enabled(false).await;
    assert_eq!(
        scene.userinfo(text(&tokens, "access_token")).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_token_of_another_issuer_or_for_another_audience_is_refused_even_with_our_signature() {
    let scene = Scene::new().await;
    let tokens = scene.tokens().await;
    let claims = scene
        .claims(TokenType::AccessToken, text(&tokens, "access_token"))
        .await;
    let keys = scene
        .world
        .app
        .keyring
        .of(&scene.world.app, scene.tenant)
        .await
        .unwrap();
    let later = serde_json::json!(scene.now().as_seconds() + 120);
    for (name, value, code) in [
        (
            "iss",
            "https://localhost:8443/01a20365-ce9d-7c9c-9ee4-ffe86c4e6ede/v2.0".into(),
            "token_of_another_issuer",
        ),
        (
            "aud",
            scene.public.to_string().into(),
            "token_for_another_audience",
        ),
        ("nbf", later, "token_not_yet_valid"),
        ("idtyp", "app".into(), "token_without_user"),
        (
            "rh",
            "01a20365-ce9d-7c9c-9ee4-ffe86c4e6ede".into(),
            "grant_revoked",
        ),
    ] {
        let mut changed = claims.clone();
        changed[name] = value;
        let signed = keys
            .active()
            .sign(TokenType::AccessToken, &changed)
            .unwrap();
        assert_eq!(
            text(&scene.userinfo(&signed).await.json(), "error_description"),
            code
        );
    }
}
