use axum::body::Body;
use axum::http::{Method, StatusCode, header};

use super::{Scene, text};

#[tokio::test]
async fn a_tenant_answers_by_id_in_any_case_and_by_domain() {
    let scene = Scene::new().await;
    let domain = scene
        .world
        .app
        .tenants
        .default()
        .domains
        .first()
        .unwrap()
        .clone();
    let id = scene.tenant.to_string();
    for name in [id.clone(), id.to_uppercase(), domain] {
        let answer = scene
            .world
            .browser()
            .get(&format!("/{name}/v2.0/.well-known/openid-configuration"))
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{name}");
        assert_eq!(text(&answer.json(), "issuer"), scene.issuer());
    }
}

#[tokio::test]
async fn an_unknown_tenant_is_not_found() {
    let scene = Scene::new().await;
    for end in [
        "v2.0/.well-known/openid-configuration",
        "discovery/v2.0/keys",
    ] {
        let answer = scene
            .world
            .browser()
            .get(&format!("/elsewhere.example/{end}"))
            .await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn every_address_in_the_document_answers() {
    let scene = Scene::new().await;
    for door in [
        scene.tenant.to_string(),
        "common".to_owned(),
        "organizations".to_owned(),
    ] {
        let document = scene
            .world
            .browser()
            .get(&format!("/{door}/v2.0/.well-known/openid-configuration"))
            .await
            .json();
        for name in [
            "authorization_endpoint",
            "token_endpoint",
            "end_session_endpoint",
            "jwks_uri",
            "userinfo_endpoint",
        ] {
            let path = text(&document, name)
                .strip_prefix(scene.world.origin())
                .unwrap()
                .to_owned();
            let answer = scene.world.browser().get(&path).await;
            assert_ne!(answer.status, StatusCode::NOT_FOUND, "{name} of {door}");
        }
    }
}

#[tokio::test]
async fn the_document_without_a_version_has_the_tenant_in_the_address_of_userinfo() {
    let scene = Scene::new().await;
    let domain = scene.world.app.tenants.default().domains[0].clone();
    let read = async |path: &str| scene.world.browser().get(path).await.json();
    let first = read(&format!("/{domain}/.well-known/openid-configuration")).await;
    let mut second = read(&format!("/{domain}/v2.0/.well-known/openid-configuration")).await;
    let userinfo = text(&first, "userinfo_endpoint").to_owned();
    assert_eq!(
        userinfo.split('/').nth(3),
        Some(scene.tenant.to_string().as_str())
    );
    second["userinfo_endpoint"] = first["userinfo_endpoint"].clone();
    assert_eq!(first, second);
    let tokens = scene.tokens().await;
    let answer = scene
        .world
        .browser()
        .post_bare(
            userinfo.strip_prefix(scene.world.origin()).unwrap(),
            &[("access_token", text(&tokens, "access_token"))],
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn published_keys_carry_no_private_part_and_may_be_cached() {
    let scene = Scene::new().await;
    let answer = scene
        .world
        .browser()
        .get(&format!("/{}/discovery/v2.0/keys", scene.tenant))
        .await;
    let document = answer.json();
    let keys = document["keys"].as_array().unwrap();
    assert!(!keys.is_empty());
    for key in keys {
        assert_eq!(text(key, "use"), "sig");
        for private in ["d", "p", "q", "dp", "dq", "qi", "k", "priv"] {
            assert!(key.get(private).is_none(), "{key}");
        }
    }
    assert_eq!(
        answer.headers.get(header::CACHE_CONTROL).unwrap(),
        "public, max-age=3600"
    );
}

#[tokio::test]
async fn a_key_is_published_before_it_signs_and_after() {
    let scene = Scene::new().await;
    let path = format!("/{}/discovery/v2.0/keys", scene.tenant);
    let count = async || {
        scene.world.browser().get(&path).await.json()["keys"]
            .as_array()
            .unwrap()
            .len()
    };
    let first = scene.tokens().await;
    let before = count().await;
    let day = 86_400;
    scene.world.wait(89 * day + 60);
    assert!(
        count().await > before,
        "the next key is published a day ahead"
    );
    scene.world.wait(day);
    // Reading does what is due, one thing at a time.
    count().await;
    scene.world.wait(61);
    let second = scene.tokens().await;
    let [old, new] =
        [&first, &second].map(|tokens| keyward::jose::key_id(text(tokens, "id_token")).unwrap());
    assert_ne!(old, new, "another key signs");
    assert!(
        scene
            .world
            .browser()
            .get(&path)
            .await
            .body
            .contains(&old.unwrap()),
        "the old one is still published"
    );
}

#[tokio::test]
async fn pages_of_any_origin_may_read_and_ask_but_not_with_cookies() {
    let scene = Scene::new().await;
    let mut browser = scene.world.browser();
    for path in [
        format!("/{}/v2.0/.well-known/openid-configuration", scene.tenant),
        format!("/{}/oauth2/v2.0/token", scene.tenant),
        "/oidc/userinfo".to_owned(),
    ] {
        let request = browser
            .request(Method::OPTIONS, &path)
            .header(header::ORIGIN, "https://app.example")
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
            .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization")
            .body(Body::empty())
            .unwrap();
        let answer = browser.send(request).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{path}");
        assert_eq!(
            answer
                .headers
                .get(header::ACCESS_CONTROL_ALLOW_ORIGIN)
                .unwrap(),
            "*"
        );
        assert!(
            answer
                .headers
                .get(header::ACCESS_CONTROL_ALLOW_CREDENTIALS)
                .is_none()
        );
        let allowed = answer
            .headers
            .get(header::ACCESS_CONTROL_ALLOW_HEADERS)
            .unwrap()
            .to_str()
            .unwrap();
        assert!(allowed.contains("authorization"), "{allowed}");
    }
}

#[tokio::test]
async fn pages_with_a_person_in_front_are_not_open_to_other_origins() {
    let scene = Scene::new().await;
    let answer = scene.world.browser().get(&scene.authorize(&[])).await;
    assert!(
        answer
            .headers
            .get(header::ACCESS_CONTROL_ALLOW_ORIGIN)
            .is_none()
    );
}
