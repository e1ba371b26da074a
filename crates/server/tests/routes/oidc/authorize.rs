use axum::http::{StatusCode, header};

use super::{NATIVE, STATE, Scene, WEB, text};
use crate::world::Answer;

/// Asserts that the client is told `error`, with its state and our issuer, and nothing else.
#[track_caller]
fn told(scene: &Scene, answer: &Answer, error: &str, code: &str) {
    answer.redirects_to(NATIVE);
    let parameter = |name: &str| answer.location_parameter(name).unwrap_or_default();
    assert_eq!(
        (
            parameter("error").as_str(),
            parameter("error_subcode").as_str()
        ),
        (error, code),
        "{}",
        answer.location()
    );
    assert_eq!(parameter("state"), STATE);
    assert_eq!(parameter("iss"), scene.issuer());
    assert!(answer.location_parameter("code").is_none());
}

#[tokio::test]
async fn a_session_is_answered_with_code_state_and_issuer() {
    let scene = Scene::new().await;
    let answer = scene
        .signed_in()
        .await
        .get(&scene.authorize(&[("client_info", "1")]))
        .await;
    answer.redirects_to(NATIVE);
    assert_eq!(answer.location_parameter("state").as_deref(), Some(STATE));
    assert_eq!(answer.location_parameter("iss"), Some(scene.issuer()));
    assert!(
        answer
            .location_parameter("code")
            .is_some_and(|code| code.len() == 43)
    );
    assert!(answer.location_parameter("client_info").is_some());
}

#[tokio::test]
async fn without_a_session_the_sign_in_page_follows() {
    let scene = Scene::new().await;
    scene
        .world
        .browser()
        .get(&scene.authorize(&[]))
        .await
        .redirects_to("/signin?ctx=");
}

#[tokio::test]
async fn a_changed_context_is_refused() {
    let scene = Scene::new().await;
    let answer = scene.world.browser().get(&scene.authorize(&[])).await;
    let context = answer.location_parameter("ctx").unwrap();
    for at in [0, 30, context.len() / 2, context.len() - 1] {
        let mut changed: Vec<char> = context.chars().collect();
        let letter = changed.get_mut(at).unwrap();
        *letter = if *letter == 'A' { 'B' } else { 'A' };
        let changed: String = changed.into_iter().collect();
        let answer = scene
            .world
            .browser()
            .get(&format!("/signin?ctx={changed}"))
            .await;
        answer.refused(400, "sign_in_context_invalid");
    }
}

#[tokio::test]
async fn nothing_leads_to_an_unregistered_address() {
    let scene = Scene::new().await;
    let mut browser = scene.signed_in().await;
    for evil in [
        "https://evil.example/",
        "http://localhost:53683",
        "http://localhost:53683/x",
        "http://LOCALHOST:53683/",
        "http://localhost:53683/?next=https://evil.example",
        "http://localhost:53683/#x",
        "http://localhost:53683@evil.example/",
        "http://127.0.0.1:53683/",
        "//evil.example/",
        "javascript:alert(1)",
    ] {
        let answer = browser
            .get(&scene.authorize(&[("redirect_uri", evil)]))
            .await;
        answer.refused(400, "redirect_unregistered");
        assert_eq!(answer.location(), "", "{evil}");
    }
    let answer = browser.get(&scene.authorize(&[("redirect_uri", "")])).await;
    answer.refused(400, "redirect_missing");
}

#[tokio::test]
async fn a_native_client_may_listen_on_any_loopback_port() {
    let scene = Scene::new().await;
    let elsewhere = "http://localhost:40123/";
    let answer = scene
        .signed_in()
        .await
        .get(&scene.authorize(&[("redirect_uri", elsewhere)]))
        .await;
    answer.redirects_to(elsewhere);
}

#[tokio::test]
async fn a_second_address_in_the_request_is_not_followed() {
    let scene = Scene::new().await;
    let path = scene.authorize(&[]) + "&redirect_uri=https%3A%2F%2Fevil.example%2F";
    scene
        .signed_in()
        .await
        .get(&path)
        .await
        .refused(400, "repeated_parameter");
}

#[tokio::test]
async fn an_unknown_client_is_told_on_a_page() {
    let scene = Scene::new().await;
    for (client, code) in [
        ("", "client_missing"),
        ("not-an-id", "client_unknown"),
        ("01a20365-ce9d-7c9c-9ee4-ffe86c4e6ede", "client_unknown"),
    ] {
        let answer = scene
            .signed_in()
            .await
            .get(&scene.authorize(&[("client_id", client)]))
            .await;
        answer.refused(400, code);
    }
}

#[tokio::test]
async fn an_address_of_another_client_is_not_an_address_of_this_one() {
    let scene = Scene::new().await;
    let other = scene.other.to_string();
    let answer = scene
        .signed_in()
        .await
        .get(&scene.authorize(&[("client_id", &other), ("redirect_uri", WEB)]))
        .await;
    answer.refused(400, "redirect_unregistered");
}

#[tokio::test]
async fn rules_of_the_request_are_told_to_the_client() {
    let scene = Scene::new().await;
    let mut browser = scene.signed_in().await;
    for (changes, error, code) in [
        (
            vec![("response_type", "token")],
            "unsupported_response_type",
            "response_type_unsupported",
        ),
        (
            vec![("response_type", "")],
            "invalid_request",
            "response_type_missing",
        ),
        (
            vec![("code_challenge", ""), ("code_challenge_method", "")],
            "invalid_request",
            "pkce_missing",
        ),
        (
            vec![("code_challenge_method", "plain")],
            "invalid_request",
            "pkce_plain",
        ),
        (
            vec![("code_challenge_method", "")],
            "invalid_request",
            "pkce_plain",
        ),
        (
            vec![("code_challenge", "short")],
            "invalid_request",
            "pkce_malformed",
        ),
        (vec![("scope", "unknown")], "invalid_scope", "scope_missing"),
        (
            vec![("request", "x")],
            "request_not_supported",
            "request_object",
        ),
        (
            vec![("request_uri", "https://a.example/")],
            "request_uri_not_supported",
            "request_uri",
        ),
        (
            vec![("prompt", "none login")],
            "invalid_request",
            "prompt_malformed",
        ),
        (
            vec![("id_token_hint", "x.y.z")],
            "invalid_request",
            "hint_malformed",
        ),
    ] {
        let answer = browser.get(&scene.authorize(&changes)).await;
        told(&scene, &answer, error, code);
    }
}

#[tokio::test]
async fn prompt_none_never_asks() {
    let scene = Scene::new().await;
    let path = scene.authorize(&[("prompt", "none")]);
    told(
        &scene,
        &scene.world.browser().get(&path).await,
        "login_required",
        "login_required",
    );
    assert!(
        scene
            .signed_in()
            .await
            .get(&path)
            .await
            .location_parameter("code")
            .is_some()
    );
}

#[tokio::test]
async fn prompt_login_and_max_age_ask_again() {
    let scene = Scene::new().await;
    let mut browser = scene.signed_in().await;
    scene.world.wait(120);
    for (name, value) in [
        ("prompt", "login"),
        ("prompt", "select_account"),
        ("max_age", "60"),
        ("max_age", "0"),
    ] {
        browser
            .get(&scene.authorize(&[(name, value)]))
            .await
            .redirects_to("/signin?ctx=");
    }
    assert!(
        browser
            .get(&scene.authorize(&[("max_age", "600")]))
            .await
            .location_parameter("code")
            .is_some()
    );
    let silent = scene.authorize(&[("max_age", "60"), ("prompt", "none")]);
    told(
        &scene,
        &browser.get(&silent).await,
        "login_required",
        "login_required",
    );
}

#[tokio::test]
async fn a_hint_binds_the_request_to_its_user_and_must_be_an_id_token_for_this_client() {
    let scene = Scene::new().await;
    let tokens = scene.tokens().await;
    let mut browser = scene.signed_in().await;
    let hint = text(&tokens, "id_token");
    assert!(
        browser
            .get(&scene.authorize(&[("id_token_hint", hint)]))
            .await
            .location_parameter("code")
            .is_some()
    );
    let other = scene.other.to_string();
    let changes = [
        ("id_token_hint", hint),
        ("client_id", other.as_str()),
        ("redirect_uri", "http://localhost:53684/"),
    ];
    let answer = browser.get(&scene.authorize(&changes)).await;
    assert_eq!(
        answer.location_parameter("error_subcode").as_deref(),
        Some("hint_malformed")
    );
    let access = text(&tokens, "access_token");
    told(
        &scene,
        &browser
            .get(&scene.authorize(&[("id_token_hint", access)]))
            .await,
        "invalid_request",
        "hint_malformed",
    );
}

#[tokio::test]
async fn a_form_of_the_client_is_asked_for_again_by_get() {
    let scene = Scene::new().await;
    let path = scene.authorize(&[]);
    let (address, query) = path.split_once('?').unwrap();
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    // A page of another site sends it, hence no cookie and a foreign origin.
    let answer = scene.world.browser().post_bare(address, &fields).await;
    answer.redirects_to(address);
    let location = answer.location().to_owned();
    assert!(
        scene
            .signed_in()
            .await
            .get(&location)
            .await
            .location_parameter("code")
            .is_some()
    );
}

#[tokio::test]
async fn a_fragment_answer_is_in_the_fragment() {
    let scene = Scene::new().await;
    let answer = scene
        .signed_in()
        .await
        .get(&scene.authorize(&[("response_mode", "fragment")]))
        .await;
    answer.redirects_to(&format!("{NATIVE}#code="));
}

#[tokio::test]
async fn a_posted_answer_is_delivered_by_a_sealed_page() {
    let scene = Scene::new().await;
    let state = "\"><script>alert(1)</script>";
    let mut browser = scene.signed_in().await;
    let answer = browser
        .get(&scene.authorize_web(&[("response_mode", "form_post"), ("state", state)]))
        .await;
    let page = browser.get(answer.redirects_to("/").location()).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains(&format!("action=\"{WEB}\"")),
        "{}",
        page.body
    );
    assert!(
        page.body.contains("name=\"code\"") && !page.body.contains("<script>alert"),
        "{}",
        page.body
    );
    let policy = page
        .headers
        .get(header::CONTENT_SECURITY_POLICY)
        .unwrap()
        .to_str()
        .unwrap();
    assert!(
        policy.ends_with("form-action 'self' https://app.example"),
        "{policy}"
    );
    let mut changed = answer.location().to_owned();
    changed.truncate(changed.len() - 4);
    browser
        .get(&(changed + "AAAA"))
        .await
        .refused(400, "malformed_request");
    scene.world.wait(61);
    browser
        .get(answer.location())
        .await
        .refused(400, "delivery_expired");
}

#[tokio::test]
async fn an_overlong_request_is_refused() {
    let scene = Scene::new().await;
    let long = "s".repeat(5_000);
    scene
        .signed_in()
        .await
        .get(&scene.authorize(&[("state", &long)]))
        .await
        .refused(400, "parameter_too_long");
    let longer = "s".repeat(20_000);
    scene
        .signed_in()
        .await
        .get(&scene.authorize(&[("other", &longer)]))
        .await
        .refused(400, "parameter_too_long");
}

#[tokio::test]
async fn a_confidential_client_may_go_without_pkce_and_nobody_may_take_it_away() {
    let scene = Scene::new().await;
    let bare = scene.authorize_web(&[("code_challenge", ""), ("code_challenge_method", "")]);
    let code = scene
        .signed_in()
        .await
        .get(&bare)
        .await
        .location_parameter("code")
        .unwrap();
    let client = scene.web.to_string();
    let fields = |verifier: &'static str| {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("redirect_uri", WEB),
            ("code", code.as_str()),
        ];
        if !verifier.is_empty() {
            fields.push(("code_verifier", verifier));
        }
        fields
    };
    let downgraded = scene
        .token_basic(&client, super::SECRET, &fields(super::VERIFIER))
        .await;
    super::refused(
        &downgraded,
        400,
        "invalid_grant",
        501_481,
        "verifier_unexpected",
    );
    assert_eq!(
        scene
            .token_basic(&client, super::SECRET, &fields(""))
            .await
            .status,
        StatusCode::OK
    );
}
