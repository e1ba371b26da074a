use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::{Scene, VERIFIER, text};
use crate::world::{Answer, TestApp};

const BACK: &str = "http://127.0.0.1:7777/back";

async fn scene() -> Scene {
    let world = TestApp::with(|settings| settings.localhost_registration = Some(true));
    Scene::over(world.await).await
}

async fn register(scene: &Scene, body: &str) -> Answer {
    let mut browser = scene.world.browser();
    let path = format!("/{}/oauth2/v2.0/register", scene.tenant);
    let request = browser
        .request(Method::POST, &path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_owned()))
        .unwrap();
    browser.send(request).await
}

async fn registered(scene: &Scene, body: &Value) -> Value {
    let answer = register(scene, &body.to_string()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    answer.json()
}

#[tokio::test]
async fn nobody_registers_unless_the_operator_lets_them() {
    let off = Scene::new().await;
    let body = json!({"redirect_uris": [BACK]}).to_string();
    assert_eq!(register(&off, &body).await.status, StatusCode::NOT_FOUND);
    for (scene, there) in [(off, false), (scene().await, true)] {
        for (door, told) in [
            (scene.tenant.to_string(), there),
            ("common".to_owned(), false),
        ] {
            let path = format!("/{door}/v2.0/.well-known/openid-configuration");
            let document = scene.world.browser().get(&path).await.json();
            assert_eq!(
                document.get("registration_endpoint").is_some(),
                told,
                "{door}"
            );
        }
    }
}

#[tokio::test]
async fn what_registered_itself_signs_people_in() {
    let scene = scene().await;
    for (method, has_secret) in [("none", false), ("client_secret_basic", true)] {
        let made = registered(
            &scene,
            &json!({
                "redirect_uris": [BACK],
                "client_name": "My first client",
                "token_endpoint_auth_method": method,
                "logo_uri": "https://elsewhere.example/logo.png",
            }),
        )
        .await;
        assert_eq!(made["client_name"], "My first client");
        assert_eq!(made["redirect_uris"], json!([BACK]));
        assert_eq!(made["token_endpoint_auth_method"], method);
        assert_eq!(made.get("client_secret").is_some(), has_secret);
        assert!(made.get("logo_uri").is_none());
        let id = text(&made, "client_id");
        let path = scene.authorize(&[("client_id", id), ("redirect_uri", BACK)]);
        let answer = scene.signed_in().await.get(&path).await;
        answer.redirects_to(BACK);
        let code = answer.location_parameter("code").unwrap();
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
        ];
        let answer = match made.get("client_secret") {
            Some(secret) => {
                let secret = secret.as_str().unwrap();
                scene.token_basic(id, secret, &fields).await
            }
            None => {
                let mut fields = fields.to_vec();
                fields.push(("client_id", id));
                scene.token(&fields).await
            }
        };
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }
    // Nothing but what signing in gives.
    let tenant = scene.tenant;
    let all = scene.world.app.store.read(move |tx| {
        Box::pin(async move { store::applications::list(tx, tenant, store::Page::first(50)).await })
    });
    let all: Vec<policy::model::Application> = all.await.unwrap();
    let mut own = 0;
    for one in all.iter().filter(|one| one.settings.self_registered) {
        own += 1;
        assert!(one.app_permissions.is_empty() && one.settings.consented.is_empty());
    }
    assert_eq!(own, 2);
}

#[tokio::test]
async fn only_addresses_on_this_machine_are_taken() {
    let scene = scene().await;
    for address in [
        "https://app.example/back",
        "http://localhost.evil.example/",
        "http://127.0.0.1@evil.example/",
        "http://10.0.0.1/back",
        "com.example.app:/back",
        "urn:ietf:wg:oauth:2.0:oob",
    ] {
        for body in [
            json!({"redirect_uris": [address]}),
            json!({"redirect_uris": [BACK, address]}),
            json!({"redirect_uris": [BACK], "post_logout_redirect_uris": [address]}),
            json!({"redirect_uris": [BACK], "frontchannel_logout_uri": address}),
        ] {
            let answer = register(&scene, &body.to_string()).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
            assert_eq!(answer.json()["error"], "invalid_redirect_uri", "{body}");
        }
    }
}

#[tokio::test]
async fn metadata_that_cannot_be_honoured_is_refused() {
    let scene = scene().await;
    let many: Vec<String> = (0..17).map(|n| format!("http://localhost:{n}/")).collect();
    for (body, error) in [
        ("".to_owned(), "invalid_client_metadata"),
        ("[]".to_owned(), "invalid_client_metadata"),
        (json!({}).to_string(), "invalid_client_metadata"),
        (
            json!({"redirect_uris": []}).to_string(),
            "invalid_redirect_uri",
        ),
        (
            json!({"redirect_uris": many}).to_string(),
            "invalid_redirect_uri",
        ),
        (
            json!({"redirect_uris": [1]}).to_string(),
            "invalid_client_metadata",
        ),
        (
            json!({"redirect_uris": ["http://localhost/#x"]}).to_string(),
            "invalid_client_metadata",
        ),
        (
            json!({"redirect_uris": [BACK], "grant_types": ["client_credentials"]}).to_string(),
            "invalid_client_metadata",
        ),
        (
            json!({"redirect_uris": [BACK], "response_types": ["token"]}).to_string(),
            "invalid_client_metadata",
        ),
        (
            json!({"redirect_uris": [BACK], "token_endpoint_auth_method": "tls_client_auth"})
                .to_string(),
            "invalid_client_metadata",
        ),
        (
            json!({"redirect_uris": [BACK], "client_name": "a\u{7}b"}).to_string(),
            "invalid_client_metadata",
        ),
        (
            json!({"redirect_uris": [BACK], "client_name": "x".repeat(1000)}).to_string(),
            "invalid_client_metadata",
        ),
    ] {
        let answer = register(&scene, &body).await;
        assert_eq!(
            answer.status,
            StatusCode::BAD_REQUEST,
            "{body}: {}",
            answer.body
        );
        let said = answer.json();
        assert_eq!(said["error"], error, "{body}");
        assert!(!text(&said, "error_description").is_empty() && said["correlation_id"].is_string());
    }
}

#[tokio::test]
async fn there_is_an_end_to_it() {
    let scene = scene().await;
    let body = json!({"redirect_uris": [BACK]}).to_string();
    for _ in 0..100 {
        assert_eq!(register(&scene, &body).await.status, StatusCode::CREATED);
    }
    let answer = register(&scene, &body).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.json()["error_subcode"], "too_many_applications");
}
