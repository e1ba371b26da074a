use axum::http::StatusCode;

use super::{CHALLENGE, NATIVE, SECRET, STATE, Scene, WEB, refused, text};
use crate::world::Answer;

/// Pushes a request of the confidential client, with `more` added.
async fn push(scene: &Scene, more: &[(&str, &str)]) -> Answer {
    let client = scene.web.to_string();
    let path = format!("/{}/oauth2/v2.0/par", scene.tenant);
    let mut fields = vec![
        ("client_id", client.as_str()),
        ("client_secret", SECRET),
        ("response_type", "code"),
        ("redirect_uri", WEB),
        ("scope", "openid"),
        ("state", STATE),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    fields.retain(|(name, _)| !more.iter().any(|(other, _)| name == other));
    fields.extend_from_slice(more);
    scene.world.browser().post_bare(&path, &fields).await
}

async fn pushed(scene: &Scene) -> String {
    let answer = push(scene, &[]).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    let answer = answer.json();
    assert_eq!(answer["expires_in"], 300);
    text(&answer, "request_uri").to_owned()
}

#[tokio::test]
async fn a_pushed_request_is_what_counts_whatever_the_address_says() {
    let scene = Scene::new().await;
    let uri = pushed(&scene).await;
    assert!(!uri.contains(SECRET));
    let client = scene.web.to_string();
    let mut browser = scene.signed_in().await;
    for more in [
        vec![],
        vec![
            ("redirect_uri", "https://evil.example/"),
            ("scope", "openid User.Read"),
            ("state", "other"),
        ],
    ] {
        let mut all = vec![
            ("client_id", client.as_str()),
            ("request_uri", uri.as_str()),
        ];
        all.extend(more);
        let answer = browser.get(&scene.path("authorize", &all)).await;
        answer.redirects_to(WEB);
        assert_eq!(answer.location_parameter("state").as_deref(), Some(STATE));
        let code = answer.location_parameter("code").unwrap();
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", WEB),
            ("code_verifier", super::VERIFIER),
        ];
        let tokens = scene.token_basic(&client, SECRET, &fields).await.json();
        assert_eq!(text(&tokens, "scope"), "openid");
    }
}

#[tokio::test]
async fn what_would_be_refused_later_is_refused_at_once() {
    let scene = Scene::new().await;
    for (more, error, number, code) in [
        (
            ("redirect_uri", "https://evil.example/"),
            "invalid_request",
            50011,
            "redirect_unregistered",
        ),
        (
            ("response_type", "token"),
            "unsupported_response_type",
            700_051,
            "response_type_unsupported",
        ),
        (
            ("code_challenge_method", "plain"),
            "invalid_request",
            9_002_326,
            "pkce_plain",
        ),
        (
            ("request_uri", "urn:ietf:params:oauth:request_uri:x"),
            "request_uri_not_supported",
            900_141,
            "request_uri",
        ),
    ] {
        refused(&push(&scene, &[more]).await, 400, error, number, code);
    }
    let long = "s".repeat(9_000);
    let answer = push(&scene, &[("state", &long)]).await;
    refused(&answer, 400, "invalid_request", 90015, "parameter_too_long");
    let wrong = push(&scene, &[("client_secret", "wrong")]).await;
    refused(&wrong, 401, "invalid_client", 7_000_215, "secret_wrong");
}

#[tokio::test]
async fn a_reference_is_its_clients_unchanged_and_short_lived() {
    let scene = Scene::new().await;
    let uri = pushed(&scene).await;
    let (client, other) = (scene.web.to_string(), scene.public.to_string());
    let mut browser = scene.signed_in().await;
    let changed = format!("{}AAAA", uri.get(..uri.len() - 4).unwrap());
    for (client, uri) in [
        (other.as_str(), uri.as_str()),
        (client.as_str(), changed.as_str()),
        (
            client.as_str(),
            "urn:ietf:params:oauth:request_uri:nonsense",
        ),
    ] {
        let path = scene.path("authorize", &[("client_id", client), ("request_uri", uri)]);
        browser.get(&path).await.refused(400, "pushed_invalid");
    }
    let path = scene.path(
        "authorize",
        &[("client_id", &client), ("request_uri", &uri)],
    );
    let twice = format!("{path}&request_uri=x");
    browser.get(&twice).await.refused(400, "repeated_parameter");
    scene.world.wait(300);
    browser.get(&path).await.refused(400, "pushed_invalid");
}

#[tokio::test]
async fn an_address_of_somebody_else_is_not_fetched() {
    let scene = Scene::new().await;
    let mut browser = scene.signed_in().await;
    let answer = browser
        .get(&scene.authorize(&[("request_uri", "https://app.example/request.jwt")]))
        .await;
    answer.redirects_to(NATIVE);
    let error = answer.location_parameter("error");
    assert_eq!(error.as_deref(), Some("request_uri_not_supported"));
}
