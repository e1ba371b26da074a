use axum::http::{StatusCode, header};
use policy::model::ApplicationId;

use super::{Scene, text};
use crate::world::{Answer, Browser};

const PAGE: &str = "http://localhost:53683/out?app=1";

/// The application wants `page` opened.
async fn wish(scene: &Scene, which: ApplicationId, page: &str) {
    let (tenant, page) = (scene.tenant, page.to_owned());
    let change = scene.world.write(move |tx| {
        Box::pin(async move {
            let found = store::applications::find(tx, tenant, which).await?;
            let mut application = found.unwrap();
            application.settings.front_channel_logout = Some(page);
            store::applications::put(tx, &application).await
        })
    });
    change.await;
}

async fn sign_in(scene: &Scene, browser: &mut Browser<'_>) -> serde_json::Value {
    let answer = browser.get(&scene.authorize(&[])).await;
    let code = answer.location_parameter("code").unwrap();
    scene.redeem(&code, &[]).await.json()
}

/// What the page has opened.
fn opened(page: &Answer) -> Vec<String> {
    let frames = page.body.split("<iframe src=\"").skip(1);
    let sources = frames.filter_map(|rest| rest.split('"').next());
    sources
        .map(|source| source.replace("&#38;", "&").replace("&amp;", "&"))
        .collect()
}

fn policy(page: &Answer) -> &str {
    let value = page.headers.get(header::CONTENT_SECURITY_POLICY).unwrap();
    value.to_str().unwrap()
}

#[tokio::test]
async fn the_browser_opens_a_page_of_each_application_on_its_way_out() {
    let scene = Scene::new().await;
    wish(&scene, scene.public, PAGE).await;
    // Another one that nobody signed in to is left alone.
    wish(&scene, scene.other, "http://localhost:53684/out").await;
    let mut browser = scene.signed_in().await;
    let tokens = sign_in(&scene, &mut browser).await;
    let signed_in = scene
        .claims(keyward::jose::TokenType::IdToken, text(&tokens, "id_token"))
        .await;
    let out = [
        ("id_token_hint", text(&tokens, "id_token")),
        ("post_logout_redirect_uri", "https://app.example/out"),
        ("state", "s"),
    ];
    let answer = browser.get(&scene.path("logout", &out)).await;
    let way = format!("/{}/oauth2/v2.0/signedout?tell=", scene.tenant);
    answer.redirects_to(&way);
    assert!(browser.session_cookie().is_none());
    let page = browser.get(answer.location()).await;
    let escaped =
        |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let expected = format!(
        "{PAGE}&iss={}&sid={}",
        escaped(&scene.issuer()),
        text(&signed_in, "sid")
    );
    assert_eq!(opened(&page), [expected]);
    assert!(policy(&page).ends_with("; frame-src http://localhost:53683"));
    assert!(
        page.body
            .contains("href=\"https://app.example/out?state=s\"")
    );
    assert!(
        page.body
            .contains("sandbox=\"allow-same-origin allow-scripts\"")
    );
}

#[tokio::test]
async fn whoever_signs_out_here_tells_them_too() {
    let scene = Scene::new().await;
    wish(&scene, scene.public, PAGE).await;
    for way in ["/signout", "/security-info/sign-out-everywhere"] {
        let mut browser = scene.signed_in().await;
        sign_in(&scene, &mut browser).await;
        browser.get("/security-info").await;
        let answer = browser.post(way, &[]).await;
        let page = browser.get(answer.location()).await;
        assert_eq!(opened(&page).len(), 1, "{way}: {}", answer.location());
    }
}

#[tokio::test]
async fn nothing_is_opened_that_this_server_did_not_seal_or_that_is_old() {
    let scene = Scene::new().await;
    wish(&scene, scene.public, PAGE).await;
    let mut browser = scene.signed_in().await;
    let tokens = sign_in(&scene, &mut browser).await;
    let hint = [("id_token_hint", text(&tokens, "id_token"))];
    let answer = browser.get(&scene.path("logout", &hint)).await;
    let way = answer.location().to_owned();
    let mut changed = way.clone();
    changed.insert(way.len() - 5, 'A');
    let forged = browser.get(&changed).await;
    assert_eq!(forged.status, StatusCode::BAD_REQUEST);
    scene.world.wait(61);
    let old = browser.get(&way).await;
    assert_eq!(old.status, StatusCode::OK);
    assert!(opened(&old).is_empty() && !policy(&old).contains("frame-src"));
}

#[tokio::test]
async fn an_application_without_a_page_costs_nobody_a_stop() {
    let scene = Scene::new().await;
    let mut browser = scene.signed_in().await;
    let tokens = sign_in(&scene, &mut browser).await;
    let hint = [("id_token_hint", text(&tokens, "id_token"))];
    let answer = browser.get(&scene.path("logout", &hint)).await;
    answer.redirects_to("/signed-out");
}
