//! Attacks that RFC 9700 describes, each against the whole server. What is told of a code or a refresh token alone is in
//! `token.rs` and `refresh.rs`.

use axum::http::StatusCode;
use keyward::jose::{self, TokenType};
use serde_json::{Value, json};

use super::{CHALLENGE, NATIVE, Scene, WEB, refused, text};

fn unsigned(header: &Value, claims: &Value) -> String {
    format!(
        "{}.{}.",
        jose::encode(header.to_string()),
        jose::encode(claims.to_string())
    )
}

#[tokio::test]
async fn a_token_cannot_choose_how_it_is_checked() {
    let scene = Scene::new().await;
    let tokens = scene.tokens().await;
    let real = text(&tokens, "access_token");
    let claims = scene.claims(TokenType::AccessToken, real).await;
    let key = jose::key_id(real).unwrap().unwrap();
    let jwks = scene
        .world
        .browser()
        .get(&format!("/{}/discovery/v2.0/keys", scene.tenant))
        .await
        .json();
    let secret = jwks["keys"][0].to_string();
    let hmac = |alg: &str| {
        let header = json!({"alg": alg, "typ": "at+jwt", "kid": key});
        let signed = unsigned(&header, &claims);
        let signed = signed.trim_end_matches('.');
        let secret = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.as_bytes());
        let tag = aws_lc_rs::hmac::sign(&secret, signed.as_bytes());
        format!("{signed}.{}", jose::encode(tag))
    };
    let none = |alg: &str| unsigned(&json!({"alg": alg, "typ": "at+jwt", "kid": key}), &claims);
    for forged in [
        none("none"),
        none("None"),
        none("ES256"),
        hmac("HS256"),
        hmac("ES256"),
        hmac("RS256"),
    ] {
        let answer = scene.userinfo(&forged).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{forged}");
        let hinted = scene
            .signed_in()
            .await
            .get(&scene.authorize(&[("id_token_hint", &forged)]))
            .await;
        assert_eq!(
            hinted.location_parameter("error_subcode").as_deref(),
            Some("hint_malformed")
        );
    }
}

#[tokio::test]
async fn every_answer_names_its_issuer_so_that_clients_cannot_mix_providers_up() {
    let scene = Scene::new().await;
    let mut browser = scene.signed_in().await;
    for changes in [
        [("prompt", "none"), ("scope", "openid")],
        [("prompt", "none login"), ("scope", "openid")],
        [("scope", "openid"), ("response_type", "token")],
    ] {
        let answer = browser.get(&scene.authorize(&changes)).await;
        answer.redirects_to(NATIVE);
        assert_eq!(answer.location_parameter("iss"), Some(scene.issuer()));
    }
    let document = browser
        .get(&format!(
            "/{}/v2.0/.well-known/openid-configuration",
            scene.tenant
        ))
        .await
        .json();
    assert_eq!(
        document["authorization_response_iss_parameter_supported"],
        true
    );
    assert_eq!(text(&document, "issuer"), scene.issuer());
}

#[tokio::test]
async fn a_token_for_one_application_is_not_one_of_another() {
    let scene = Scene::new().await;
    let tokens = scene.tokens().await;
    let (id_token, access) = (text(&tokens, "id_token"), text(&tokens, "access_token"));
    let claims = scene.claims(TokenType::IdToken, id_token).await;
    assert_eq!(text(&claims, "aud"), scene.public.to_string());
    let access_claims = scene.claims(TokenType::AccessToken, access).await;
    assert_ne!(text(&access_claims, "aud"), text(&claims, "aud"));
    // Neither of them is a code or a refresh token, and none of those is an access token.
    let as_code = scene.redeem(access, &[]).await;
    refused(&as_code, 400, "invalid_grant", 70000, "code_unknown");
    let as_refresh = scene.refresh(id_token).await;
    refused(&as_refresh, 400, "invalid_grant", 70000, "refresh_unknown");
    let refresh = text(&tokens, "refresh_token");
    let answer = scene.redeem(refresh, &[]).await;
    refused(&answer, 400, "invalid_grant", 70000, "code_unknown");
}

#[tokio::test]
async fn a_stolen_code_put_into_another_browsers_flow_is_refused() {
    let scene = Scene::new().await;
    let code = scene.code().await;
    // The victim's own client has another verifier, and redeems what it was handed.
    let injected = scene
        .redeem(&code, &[("code_verifier", &"v".repeat(43))])
        .await;
    refused(&injected, 400, "invalid_grant", 501_481, "verifier_wrong");
    let elsewhere = scene.redeem(&code, &[("redirect_uri", WEB)]).await;
    refused(
        &elsewhere,
        400,
        "invalid_grant",
        500_112,
        "redirect_mismatch",
    );
    let without = scene.redeem(&code, &[("redirect_uri", "")]).await;
    refused(&without, 400, "invalid_grant", 500_112, "redirect_mismatch");
    // Nobody could burn it on the way.
    assert_eq!(scene.redeem(&code, &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn pkce_cannot_be_talked_down() {
    let scene = Scene::new().await;
    let mut browser = scene.signed_in().await;
    for (changes, code) in [
        (
            vec![("code_challenge", ""), ("code_challenge_method", "")],
            "pkce_missing",
        ),
        (vec![("code_challenge_method", "plain")], "pkce_plain"),
        (vec![("code_challenge_method", "")], "pkce_plain"),
        (vec![("code_challenge", "short")], "pkce_malformed"),
    ] {
        let answer = browser.get(&scene.authorize(&changes)).await;
        answer.redirects_to(NATIVE);
        assert_eq!(
            answer.location_parameter("error_subcode").as_deref(),
            Some(code)
        );
    }
    let code = scene.code().await;
    let verifier = scene.redeem(&code, &[("code_verifier", CHALLENGE)]).await;
    refused(&verifier, 400, "invalid_grant", 501_481, "verifier_wrong");
    let without = scene.redeem(&code, &[("code_verifier", "")]).await;
    refused(&without, 400, "invalid_grant", 50148, "verifier_missing");
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_a_link_names() {
    let scene = Scene::new().await;
    let evil = "https://evil.example/";
    let mut browser = scene.signed_in().await;
    for path in [
        scene.authorize(&[("redirect_uri", evil)]),
        scene.authorize(&[("redirect_uri", evil), ("prompt", "none")]),
        scene.authorize(&[("redirect_uri", evil), ("response_mode", "form_post")]),
        scene.authorize(&[("redirect_uri", evil), ("client_id", "nobody")]),
        scene.path("logout", &[("post_logout_redirect_uri", evil)]),
        scene.path("deliver", &[("answer", evil)]),
        format!("/signin?ctx={evil}"),
        format!("/signin?next={evil}"),
        format!("/signin/continue?ctx={evil}&next={evil}"),
        format!("/signin/resume?ctx={evil}"),
        format!("/signed-out?next={evil}"),
        format!("/?next={evil}"),
        "//evil.example/".to_owned(),
        "/%2F%2Fevil.example/".to_owned(),
    ] {
        let answer = browser.get(&path).await;
        let target = answer.location();
        let stays = target.is_empty() || (target.starts_with('/') && !target.starts_with("//"));
        assert!(stays, "{path} leads to {target}");
        let form = answer.body.contains("action=\"https://evil");
        assert!(!form, "{path}: {}", answer.body);
    }
}
