use axum::http::StatusCode;

use super::{Scene, refused, text};

const OUT: &str = "https://app.example/out";

#[tokio::test]
async fn a_client_that_proves_itself_signs_the_person_out() {
    let scene = Scene::new().await;
    let mut browser = scene.signed_in().await;
    let code = browser
        .get(&scene.authorize(&[]))
        .await
        .location_parameter("code")
        .unwrap();
    let tokens = scene.redeem(&code, &[]).await.json();
    let hint = text(&tokens, "id_token");
    let path = scene.path(
        "logout",
        &[
            ("id_token_hint", hint),
            ("post_logout_redirect_uri", OUT),
            ("state", "a&b"),
        ],
    );
    let answer = browser.get(&path).await;
    answer.redirects_to(&format!("{OUT}?state=a%26b"));
    assert!(browser.session_cookie().is_none());
    refused(
        &scene.refresh(text(&tokens, "refresh_token")).await,
        400,
        "invalid_grant",
        50133,
        "session_ended",
    );
    assert_eq!(
        scene.userinfo(text(&tokens, "access_token")).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn the_session_is_over_also_for_who_kept_the_cookie() {
    let scene = Scene::new().await;
    let mut browser = scene.signed_in().await;
    let mut thief = browser.clone();
    let hint = scene.tokens().await;
    browser
        .get(&scene.path("logout", &[("id_token_hint", text(&hint, "id_token"))]))
        .await
        .redirects_to("/signed-out");
    thief
        .get(&scene.authorize(&[]))
        .await
        .redirects_to("/signin?ctx=");
}

#[tokio::test]
async fn anybody_elses_link_only_asks() {
    let scene = Scene::new().await;
    let mut browser = scene.signed_in().await;
    let client = scene.public.to_string();
    let page = browser
        .get(&scene.path(
            "logout",
            &[("client_id", &client), ("post_logout_redirect_uri", OUT)],
        ))
        .await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("/logout/confirm"), "{}", page.body);
    assert!(
        browser
            .get(&scene.authorize(&[]))
            .await
            .location_parameter("code")
            .is_some(),
        "still signed in"
    );
}

#[tokio::test]
async fn the_question_can_only_be_answered_from_our_page() {
    let scene = Scene::new().await;
    let mut browser = scene.signed_in().await;
    let path = format!("/{}/oauth2/v2.0/logout/confirm", scene.tenant);
    let client = scene.public.to_string();
    let fields = [
        ("client_id", client.as_str()),
        ("post_logout_redirect_uri", OUT),
        ("state", "s"),
    ];
    browser
        .post_bare(&path, &fields)
        .await
        .refused(403, "csrf_token_invalid");
    assert!(
        browser
            .get(&scene.authorize(&[]))
            .await
            .location_parameter("code")
            .is_some(),
        "still signed in"
    );
    browser
        .post(&path, &fields)
        .await
        .redirects_to(&format!("{OUT}?state=s"));
    browser
        .get(&scene.authorize(&[]))
        .await
        .redirects_to("/signin?ctx=");
}

#[tokio::test]
async fn logout_is_no_open_redirector() {
    let scene = Scene::new().await;
    let hint = scene.tokens().await;
    let hint = text(&hint, "id_token");
    for evil in [
        "https://evil.example/",
        "https://app.example/out/",
        "https://app.example/OUT",
        "//evil.example",
    ] {
        let path = scene.path(
            "logout",
            &[("id_token_hint", hint), ("post_logout_redirect_uri", evil)],
        );
        for mut browser in [scene.world.browser(), scene.signed_in().await] {
            browser.get(&path).await.redirects_to("/signed-out");
        }
    }
    // Without a client there is no list to compare with.
    let path = scene.path("logout", &[("post_logout_redirect_uri", OUT)]);
    scene
        .world
        .browser()
        .get(&path)
        .await
        .redirects_to("/signed-out");
}

#[tokio::test]
async fn a_hint_that_is_none_is_refused() {
    let scene = Scene::new().await;
    let tokens = scene.tokens().await;
    for odd in ["x.y.z", text(&tokens, "access_token")] {
        let answer = scene
            .signed_in()
            .await
            .get(&scene.path("logout", &[("id_token_hint", odd)]))
            .await;
        answer.refused(400, "hint_malformed");
    }
    let other = scene.other.to_string();
    let path = scene.path(
        "logout",
        &[
            ("id_token_hint", text(&tokens, "id_token")),
            ("client_id", &other),
        ],
    );
    scene
        .signed_in()
        .await
        .get(&path)
        .await
        .refused(400, "client_mismatch");
}

#[tokio::test]
async fn an_old_hint_still_says_who_it_was() {
    let scene = Scene::new().await;
    let tokens = scene.tokens().await;
    scene.world.wait(3_600);
    let mut browser = scene.signed_in().await;
    let path = scene.path(
        "logout",
        &[
            ("id_token_hint", text(&tokens, "id_token")),
            ("post_logout_redirect_uri", OUT),
        ],
    );
    browser.get(&path).await.redirects_to(OUT);
}
