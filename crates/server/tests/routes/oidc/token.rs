use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use keyward::jose::{SigningAlgorithm, SigningKey, TokenType};
use policy::model::EndReason;

use super::{NONCE, Scene, VERIFIER, WEB, refused, text};

#[tokio::test]
async fn a_code_gives_tokens_whose_claims_are_those_of_the_sign_in() {
    let scene = Scene::new().await;
    let tokens = scene.tokens().await;
    assert_eq!(
        (text(&tokens, "token_type"), tokens["expires_in"].as_i64()),
        ("Bearer", Some(600))
    );
    let claims = scene
        .claims(TokenType::IdToken, text(&tokens, "id_token"))
        .await;
    let now = scene.now().as_seconds();
    for (name, expected) in [
        ("iss", scene.issuer()),
        ("aud", scene.public.to_string()),
        ("tid", scene.tenant.to_string()),
        ("oid", scene.user.id.to_string()),
        ("preferred_username", scene.user.user_principal_name.clone()),
        ("name", scene.user.display_name.clone()),
        ("nonce", NONCE.to_owned()),
        ("ver", "2.0".to_owned()),
    ] {
        assert_eq!(text(&claims, name), expected, "{name}");
    }
    for (name, expected) in [
        ("iat", now),
        ("nbf", now),
        ("exp", now + 600),
        ("auth_time", now),
    ] {
        assert_eq!(claims[name].as_i64(), Some(expected), "{name}");
    }
    assert_eq!(claims["amr"], serde_json::json!(["pwd", "otp", "mfa"]));
    for name in ["sub", "sid", "uti"] {
        assert!(!text(&claims, name).is_empty(), "{name}");
    }
    let access = scene
        .claims(TokenType::AccessToken, text(&tokens, "access_token"))
        .await;
    assert_eq!(text(&access, "aud"), scene.world.origin());
    assert_eq!(text(&access, "azp"), scene.public.to_string());
    assert_ne!(text(&access, "uti"), text(&claims, "uti"));
}

#[tokio::test]
async fn a_code_presented_twice_ends_what_it_gave() {
    let scene = Scene::new().await;
    let code = scene.code().await;
    let tokens = scene.redeem(&code, &[]).await.json();
    assert_eq!(
        scene.userinfo(text(&tokens, "access_token")).await.status,
        StatusCode::OK
    );
    refused(
        &scene.redeem(&code, &[]).await,
        400,
        "invalid_grant",
        54005,
        "code_spent",
    );
    refused(
        &scene.refresh(text(&tokens, "refresh_token")).await,
        400,
        "invalid_grant",
        54005,
        "code_spent",
    );
    assert_eq!(
        scene.userinfo(text(&tokens, "access_token")).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn of_two_that_redeem_at_once_one_wins() {
    let scene = Scene::new().await;
    let code = scene.code().await;
    let (one, two) = tokio::join!(scene.redeem(&code, &[]), scene.redeem(&code, &[]));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
}

#[tokio::test]
async fn a_code_lives_sixty_seconds() {
    let scene = Scene::new().await;
    let (early, late) = (scene.code().await, scene.code().await);
    scene.world.wait(59);
    assert_eq!(scene.redeem(&early, &[]).await.status, StatusCode::OK);
    scene.world.wait(1);
    refused(
        &scene.redeem(&late, &[]).await,
        400,
        "invalid_grant",
        70008,
        "code_expired",
    );
}

#[tokio::test]
async fn a_code_needs_its_verifier_and_address() {
    let scene = Scene::new().await;
    let code = scene.code().await;
    let other = "x".repeat(43);
    for (changes, number, reason) in [
        ([("code_verifier", "")], 50148, "verifier_missing"),
        (
            [("code_verifier", other.as_str())],
            501_481,
            "verifier_wrong",
        ),
        (
            [("code_verifier", super::CHALLENGE)],
            501_481,
            "verifier_wrong",
        ),
        (
            [("redirect_uri", "http://localhost:53683")],
            500_112,
            "redirect_mismatch",
        ),
        (
            [("redirect_uri", "http://localhost:1/")],
            500_112,
            "redirect_mismatch",
        ),
        ([("redirect_uri", "")], 500_112, "redirect_mismatch"),
    ] {
        refused(
            &scene.redeem(&code, &changes).await,
            400,
            "invalid_grant",
            number,
            reason,
        );
    }
    // None of these spent it: whoever guesses cannot take the code away from its owner.
    assert_eq!(scene.redeem(&code, &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_code_is_of_no_use_to_another_client() {
    let scene = Scene::new().await;
    let code = scene.code().await;
    let other = scene.other.to_string();
    let stolen = scene.redeem(&code, &[("client_id", &other)]).await;
    refused(
        &stolen,
        400,
        "invalid_grant",
        70000,
        "code_of_another_client",
    );
    assert_eq!(scene.redeem(&code, &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn nonsense_is_no_code() {
    let scene = Scene::new().await;
    refused(
        &scene.redeem("abc", &[]).await,
        400,
        "invalid_grant",
        70000,
        "code_unknown",
    );
    refused(
        &scene.redeem("", &[("code", "")]).await,
        400,
        "invalid_request",
        900_144,
        "code_missing",
    );
}

#[tokio::test]
async fn what_was_revoked_before_the_code_was_redeemed_gives_nothing() {
    let scene = Scene::new().await;
    let code = scene.code().await;
    scene.revoke_user(EndReason::SessionsRevoked).await;
    refused(
        &scene.redeem(&code, &[]).await,
        400,
        "invalid_grant",
        50173,
        "grant_revoked",
    );
}

#[tokio::test]
async fn a_disabled_user_gets_nothing() {
    let scene = Scene::new().await;
    let code = scene.code().await;
    scene.set_enabled(false).await;
    refused(
        &scene.redeem(&code, &[]).await,
        400,
        "invalid_grant",
        50057,
        "account_disabled",
    );
}

#[tokio::test]
async fn a_client_has_to_authenticate_as_it_was_registered() {
    let scene = Scene::new().await;
    let (web, public) = (scene.web.to_string(), scene.public.to_string());
    let grant = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    let wrong = scene.token_basic(&web, "wrong", &grant).await;
    refused(&wrong, 401, "invalid_client", 7_000_215, "secret_wrong");
    assert!(
        wrong
            .headers
            .get(header::WWW_AUTHENTICATE)
            .unwrap()
            .to_str()
            .unwrap()
            .starts_with("Basic")
    );
    let with = |more: &[(&'static str, &str)]| -> Vec<(String, String)> {
        grant
            .iter()
            .chain(more)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    };
    for (more, status, error, number, code) in [
        (
            with(&[("client_id", &web), ("client_secret", "wrong")]),
            401,
            "invalid_client",
            7_000_215,
            "secret_wrong",
        ),
        (
            with(&[("client_id", &web)]),
            401,
            "invalid_client",
            7_000_218,
            "secret_missing",
        ),
        (
            with(&[("client_id", &public), ("client_secret", "x")]),
            401,
            "invalid_client",
            700_025,
            "secret_for_public_client",
        ),
        (
            with(&[("client_id", "nobody")]),
            400,
            "unauthorized_client",
            700_016,
            "client_unknown",
        ),
        (with(&[]), 400, "invalid_request", 900_144, "client_missing"),
        (
            with(&[("client_id", &public), ("client_id", &web)]),
            400,
            "invalid_request",
            900_143,
            "repeated_parameter",
        ),
    ] {
        let fields: Vec<(&str, &str)> = more
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        refused(&scene.token(&fields).await, status, error, number, code);
    }
    let twice = scene
        .token_basic(&web, super::SECRET, &[("client_secret", super::SECRET)])
        .await;
    refused(
        &twice,
        400,
        "invalid_request",
        7_000_221,
        "two_authentications",
    );
}

#[tokio::test]
async fn both_ways_to_send_a_secret_work() {
    let scene = Scene::new().await;
    let web = scene.web.to_string();
    for by_header in [true, false] {
        let code = scene
            .signed_in()
            .await
            .get(&scene.authorize_web(&[]))
            .await
            .location_parameter("code")
            .unwrap();
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", WEB),
            ("code_verifier", VERIFIER),
        ];
        let answer = if by_header {
            scene.token_basic(&web, super::SECRET, &fields).await
        } else {
            fields.extend([
                ("client_id", web.as_str()),
                ("client_secret", super::SECRET),
            ]);
            scene.token(&fields).await
        };
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }
}

#[tokio::test]
async fn odd_requests_have_stable_refusals() {
    let scene = Scene::new().await;
    let public = scene.public.to_string();
    let client = ("client_id", public.as_str());
    refused(
        &scene.token(&[client]).await,
        400,
        "invalid_request",
        900_144,
        "grant_type_missing",
    );
    let password = scene.token(&[client, ("grant_type", "password")]).await;
    refused(
        &password,
        400,
        "unsupported_grant_type",
        70003,
        "grant_type_unsupported",
    );
    let mut browser = scene.world.browser();
    let request = browser
        .request(
            Method::POST,
            &format!("/{}/oauth2/v2.0/token", scene.tenant),
        )
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from("{}"))
        .unwrap();
    refused(
        &browser.send(request).await,
        400,
        "invalid_request",
        900_144,
        "not_a_form",
    );
    let elsewhere = browser
        .post_bare("/elsewhere.example/oauth2/v2.0/token", &[client])
        .await;
    refused(&elsewhere, 400, "invalid_request", 90002, "unknown_tenant");
}

#[tokio::test]
async fn tokens_stay_out_of_caches() {
    let scene = Scene::new().await;
    let answer = scene.redeem(&scene.code().await, &[]).await;
    assert_eq!(
        answer.headers.get(header::CACHE_CONTROL).unwrap(),
        "no-store"
    );
    assert_eq!(
        answer
            .headers
            .get(header::ACCESS_CONTROL_ALLOW_ORIGIN)
            .unwrap(),
        "*"
    );
}

#[tokio::test]
async fn what_was_not_asked_for_is_not_given() {
    let scene = Scene::new().await;
    let tokens = scene
        .redeem(&scene.code_with(&[("scope", "openid")]).await, &[])
        .await
        .json();
    assert!(tokens.get("refresh_token").is_none() && tokens.get("client_info").is_none());
    let claims = scene
        .claims(TokenType::IdToken, text(&tokens, "id_token"))
        .await;
    assert!(
        claims.get("name").is_none()
            && claims.get("preferred_username").is_none()
            && claims.get("email").is_none()
    );
    let plain = scene
        .redeem(
            &scene.code_with(&[("scope", "User.Read")]).await,
            &[("client_info", "1")],
        )
        .await
        .json();
    assert!(plain.get("id_token").is_none());
    assert!(plain.get("client_info").is_some());
}

#[tokio::test]
async fn an_application_acts_as_itself_with_its_own_permissions_only() {
    let scene = Scene::new().await;
    let (web, public) = (scene.web.to_string(), scene.public.to_string());
    let ask = |scope: &'static str| [("grant_type", "client_credentials"), ("scope", scope)];
    for scope in [
        "https://graph.microsoft.com/.default",
        "https://localhost:8443/.default",
    ] {
        let tokens = scene
            .token_basic(&web, super::SECRET, &ask(scope))
            .await
            .json();
        let claims = scene
            .claims(TokenType::AccessToken, text(&tokens, "access_token"))
            .await;
        assert_eq!(claims["roles"], serde_json::json!(["User.ReadWrite.All"]));
        assert_eq!(
            (text(&claims, "idtyp"), text(&claims, "sub")),
            ("app", web.as_str())
        );
        assert!(tokens.get("refresh_token").is_none());
        let userinfo = scene.userinfo(text(&tokens, "access_token")).await;
        assert_eq!(
            userinfo.status,
            StatusCode::UNAUTHORIZED,
            "there is no user"
        );
    }
    for scope in ["", ".default", "User.Read", "https://evil.example/.default"] {
        let answer = scene.token_basic(&web, super::SECRET, &ask(scope)).await;
        refused(&answer, 400, "invalid_scope", 1_002_012, "scope_missing");
    }
    let answer = scene
        .token(&[("client_id", &public), ("grant_type", "client_credentials")])
        .await;
    refused(
        &answer,
        400,
        "unauthorized_client",
        700_025,
        "app_only_for_public_client",
    );
}

#[tokio::test]
async fn a_token_signed_by_somebody_else_opens_nothing() {
    let scene = Scene::new().await;
    let tokens = scene.tokens().await;
    let real = text(&tokens, "access_token");
    let claims = scene.claims(TokenType::AccessToken, real).await;
    let kid = keyward::jose::key_id(real).unwrap().unwrap();
    let forger = SigningKey::generate(SigningAlgorithm::Es256, &kid).unwrap();
    let forged = forger.sign(TokenType::AccessToken, &claims).unwrap();
    let answer = scene.userinfo(&forged).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        text(&answer.json(), "error_description"),
        "jws_bad_signature"
    );
}

#[tokio::test]
async fn an_application_that_knows_rs256_only_gets_it() {
    let scene = Scene::new().await;
    let (tenant, web) = (scene.tenant, scene.web);
    scene
        .world
        .app
        .store
        .write(move |tx| {
            Box::pin(async move {
                let Some(mut application) = store::applications::find(tx, tenant, web).await?
                else {
                    return Ok(());
                };
                application.id_token_algorithm = Some("RS256".to_owned());
                store::applications::put(tx, &application).await
            })
        })
        .await
        .unwrap();
    let code = scene
        .signed_in()
        .await
        .get(&scene.authorize_web(&[]))
        .await
        .location_parameter("code")
        .unwrap();
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", WEB),
        ("code_verifier", VERIFIER),
    ];
    let tokens = scene
        .token_basic(&web.to_string(), super::SECRET, &fields)
        .await
        .json();
    let header = text(&tokens, "id_token")
        .split('.')
        .next()
        .and_then(keyward::jose::decode)
        .unwrap();
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
    assert_eq!(text(&header, "alg"), "RS256");
    scene
        .claims(TokenType::IdToken, text(&tokens, "id_token"))
        .await;
}

#[tokio::test]
async fn an_application_that_asks_for_a_post_quantum_signature_gets_it() {
    let scene = Scene::new().await;
    let (tenant, public) = (scene.tenant, scene.public);
    let plain = scene.tokens().await;
    let change = scene.world.app.store.write(move |tx| {
        Box::pin(async move {
            let found = store::applications::find(tx, tenant, public).await?;
            let Some(mut application) = found else {
                return Ok::<_, store::StoreError>(());
            };
            application.id_token_algorithm = Some("ML-DSA-65".to_owned());
            store::applications::put(tx, &application).await
        })
    });
    change.await.unwrap();
    // Keys are read again once a minute.
    scene.world.wait(61);
    let tokens = scene.tokens().await;
    let algorithm = |token: &str| {
        let header = token.split('.').next().and_then(keyward::jose::decode);
        let header: serde_json::Value = serde_json::from_slice(&header.unwrap()).unwrap();
        text(&header, "alg").to_owned()
    };
    assert_eq!(algorithm(text(&plain, "id_token")), "ES256");
    assert_eq!(algorithm(text(&tokens, "id_token")), "ML-DSA-65");
    assert_eq!(algorithm(text(&tokens, "access_token")), "ES256");
    scene
        .claims(TokenType::IdToken, text(&tokens, "id_token"))
        .await;
    let path = format!("/{tenant}/v2.0/.well-known/openid-configuration");
    let document = scene.world.browser().get(&path).await.json();
    let offered = &document["id_token_signing_alg_values_supported"];
    assert!(
        offered.as_array().unwrap().contains(&"ML-DSA-65".into()),
        "{offered}"
    );
}
