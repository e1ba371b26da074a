use std::ops::Range;
use std::time::Duration;

use axum::http::StatusCode;
use keyward::flow::applications::key_of_certificate;
use keyward::jose::{self, SigningAlgorithm, SigningKey, TokenType};
use serde_json::{Value, json};

use super::{SECRET, Scene, refused, text};
use crate::world::Answer;

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A scene whose confidential application has a key.
async fn scene() -> (Scene, SigningKey) {
    let scene = Scene::new().await;
    let key = SigningKey::generate(SigningAlgorithm::Es256, "k1").unwrap();
    let (tenant, web, jwk) = (scene.tenant, scene.web, key.jwk().clone());
    let change = scene.world.app.store.write(move |tx| {
        Box::pin(async move {
            let found = store::applications::find(tx, tenant, web).await?;
            let Some(mut application) = found else {
                return Ok::<_, store::StoreError>(());
            };
            application.settings.assertion_keys.push(jwk);
            store::applications::put(tx, &application).await
        })
    });
    change.await.unwrap();
    (scene, key)
}

fn claims(scene: &Scene) -> Value {
    let now = scene.now().as_seconds();
    json!({
        "iss": scene.web.to_string(),
        "sub": scene.web.to_string(),
        "aud": scene.issuer(),
        "jti": format!("{:x}", u128::from_be_bytes(scene.world.app.random.bytes())),
        "iat": now,
        "exp": now + 60,
    })
}

async fn ask(scene: &Scene, assertion: &str, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("grant_type", "client_credentials"),
        ("scope", "https://graph.microsoft.com/.default"),
        ("client_assertion_type", TYPE),
        ("client_assertion", assertion),
    ];
    fields.extend_from_slice(more);
    scene.token(&fields).await
}

#[tokio::test]
async fn a_client_can_sign_instead_of_sending_a_secret() {
    let (scene, key) = scene().await;
    let token_endpoint = format!(
        "{}/{}/oauth2/v2.0/token",
        scene.world.origin(),
        scene.tenant
    );
    let client = scene.web.to_string();
    for (aud, more) in [
        (json!(scene.issuer()), vec![]),
        (
            json!([token_endpoint, "https://elsewhere.example"]),
            vec![("client_id", client.as_str())],
        ),
    ] {
        let mut claims = claims(&scene);
        claims["aud"] = aud;
        let assertion = key.sign(TokenType::IdToken, &claims).unwrap();
        let answer = ask(&scene, &assertion, &more).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert!(!text(&answer.json(), "access_token").is_empty());
    }
}

#[tokio::test]
async fn moments_may_have_fractions() {
    let (scene, key) = scene().await;
    let now = scene.now().as_seconds();
    let mut claims = claims(&scene);
    claims["iat"] = json!(now as f64 + 0.25);
    claims["exp"] = json!(now as f64 + 599.75);
    let assertion = key.sign(TokenType::IdToken, &claims).unwrap();
    assert_eq!(ask(&scene, &assertion, &[]).await.status, StatusCode::OK);
    for absurd in [json!(1e300), json!(-1e17), json!("1"), json!(true)] {
        claims["exp"] = absurd;
        let assertion = key.sign(TokenType::IdToken, &claims).unwrap();
        let answer = ask(&scene, &assertion, &[]).await;
        refused(&answer, 401, "invalid_client", 700_027, "assertion_invalid");
    }
}

#[tokio::test]
async fn an_assertion_works_once() {
    let (scene, key) = scene().await;
    let assertion = key.sign(TokenType::IdToken, &claims(&scene)).unwrap();
    assert_eq!(ask(&scene, &assertion, &[]).await.status, StatusCode::OK);
    let again = ask(&scene, &assertion, &[]).await;
    refused(&again, 401, "invalid_client", 700_024, "assertion_replayed");
    // Signed again with another date it is still the same one.
    let mut claims = claims(&scene);
    claims["jti"] = "fixed".into();
    let first = key.sign(TokenType::IdToken, &claims).unwrap();
    assert_eq!(ask(&scene, &first, &[]).await.status, StatusCode::OK);
    claims["exp"] = (scene.now().as_seconds() + 90).into();
    let second = key.sign(TokenType::IdToken, &claims).unwrap();
    let again = ask(&scene, &second, &[]).await;
    refused(&again, 401, "invalid_client", 700_024, "assertion_replayed");
}

#[tokio::test]
async fn each_rule_of_an_assertion_has_its_refusal() {
    let (scene, key) = scene().await;
    let now = scene.now().as_seconds();
    let other = scene.other.to_string();
    for (name, value, number, code) in [
        ("iss", json!(other), 700_021, "assertion_of_another_client"),
        (
            "aud",
            json!("https://elsewhere.example"),
            700_023,
            "assertion_for_another_audience",
        ),
        ("aud", json!([]), 700_023, "assertion_for_another_audience"),
        ("exp", json!(now - 61), 700_024, "assertion_out_of_time"),
        ("exp", json!(now + 3_700), 700_024, "assertion_out_of_time"),
        ("exp", json!(i64::MAX), 700_024, "assertion_out_of_time"),
        ("nbf", json!(now + 120), 700_024, "assertion_out_of_time"),
        ("iat", json!(now + 120), 700_024, "assertion_out_of_time"),
        ("jti", json!(""), 700_027, "assertion_invalid"),
        ("jti", json!("x".repeat(300)), 700_027, "assertion_invalid"),
        ("exp", Value::Null, 700_027, "assertion_invalid"),
    ] {
        let mut claims = claims(&scene);
        claims[name] = value;
        let assertion = key.sign(TokenType::IdToken, &claims).unwrap();
        let answer = ask(&scene, &assertion, &[]).await;
        refused(&answer, 401, "invalid_client", number, code);
    }
}

#[tokio::test]
async fn only_a_key_of_the_application_signs_for_it() {
    let (scene, key) = scene().await;
    let forger = SigningKey::generate(SigningAlgorithm::Es256, "k1").unwrap();
    let stranger = SigningKey::generate(SigningAlgorithm::Es256, "k2").unwrap();
    for forged in [
        forger.sign(TokenType::IdToken, &claims(&scene)).unwrap(),
        stranger.sign(TokenType::IdToken, &claims(&scene)).unwrap(),
        // An access token is none, whoever signed it.
        key.sign(TokenType::AccessToken, &claims(&scene)).unwrap(),
    ] {
        let answer = ask(&scene, &forged, &[]).await;
        refused(&answer, 401, "invalid_client", 700_027, "assertion_invalid");
    }
}

#[tokio::test]
async fn a_client_authenticates_in_one_way() {
    let (scene, key) = scene().await;
    let assertion = || key.sign(TokenType::IdToken, &claims(&scene)).unwrap();
    let public = scene.public.to_string();
    for more in [
        [("client_secret", SECRET)],
        [("client_id", public.as_str())],
    ] {
        let answer = ask(&scene, &assertion(), &more).await;
        refused(
            &answer,
            400,
            "invalid_request",
            7_000_221,
            "two_authentications",
        );
    }
    let signed = assertion();
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", "urn:elsewhere"),
        ("client_assertion", signed.as_str()),
    ];
    let answer = scene.token(&fields).await;
    refused(
        &answer,
        401,
        "invalid_client",
        700_211,
        "assertion_type_unknown",
    );
}

/// A certificate of `key`, which is RSA.
fn certificate(key: &SigningKey, days: Range<i64>) -> Vec<u8> {
    let pkcs8 = key.to_pkcs8().unwrap();
    let pair = rcgen::KeyPair::try_from(pkcs8.as_slice()).unwrap();
    let mut wish = rcgen::CertificateParams::new(Vec::new()).unwrap();
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let day = |days: i64| epoch + Duration::from_secs(u64::try_from(days).unwrap() * 86_400);
    (wish.not_before, wish.not_after) = (day(days.start), day(days.end));
    wish.self_signed(&pair).unwrap().der().to_vec()
}

/// An assertion with a header of the caller's.
fn signed(key: &SigningKey, header: &Value, claims: &Value) -> String {
    use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
    let part = |value: &Value| jose::encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let pair = RsaKeyPair::from_pkcs8(&key.to_pkcs8().unwrap()).unwrap();
    let mut signature = vec![0; pair.public_modulus_len()];
    let padding: &'static dyn RsaEncoding = match header["alg"].as_str() {
        Some("PS256") => &RSA_PSS_SHA256,
        _ => &RSA_PKCS1_SHA256,
    };
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, message.as_bytes());
    pair.sign_digest(padding, &hash, &mut signature).unwrap();
    format!("{message}.{}", jose::encode(signature))
}

#[tokio::test]
async fn a_certificate_signs_under_its_thumbprint_with_the_algorithm_that_belongs_to_it() {
    let scene = Scene::new().await;
    let key = SigningKey::generate(SigningAlgorithm::Rs256, "any").unwrap();
    let today = scene.now().as_seconds() / 86_400;
    let entry =
        |from, to| key_of_certificate(&certificate(&key, today + from..today + to)).unwrap();
    let set = |entry: Value| {
        let (tenant, web) = (scene.tenant, scene.web);
        scene.world.write(move |tx| {
            Box::pin(async move {
                let found = store::applications::find(tx, tenant, web).await?;
                let mut application = found.unwrap();
                application.settings.assertion_keys = vec![entry];
                store::applications::put(tx, &application).await
            })
        })
    };
    let held = entry(-1, 30);
    set(held.clone()).await;
    let (sha1, sha256) = (
        text(&held, "x5t").to_owned(),
        text(&held, "x5t#S256").to_owned(),
    );
    // As msal and azure-identity write them: with the padding on.
    let newer = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": format!("{sha256}=")});
    let older = json!({"alg": "RS256", "typ": "JWT", "x5t": format!("{sha1}=")});
    for header in [&newer, &older] {
        let answer = ask(&scene, &signed(&key, header, &claims(&scene)), &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }
    let forger = SigningKey::generate(SigningAlgorithm::Rs256, "any").unwrap();
    for (who, header) in [
        (&forger, newer.clone()),
        (&key, json!({"alg": "RS256", "x5t#S256": sha256})),
        (&key, json!({"alg": "PS256", "x5t": sha1})),
        (&key, json!({"alg": "PS256", "x5t#S256": sha1})),
        (&key, json!({"alg": "PS256"})),
    ] {
        let answer = ask(&scene, &signed(who, &header, &claims(&scene)), &[]).await;
        refused(&answer, 401, "invalid_client", 700_027, "assertion_invalid");
    }
    for (from, to) in [(-30, -1), (1, 30)] {
        set(entry(from, to)).await;
        let answer = ask(&scene, &signed(&key, &newer, &claims(&scene)), &[]).await;
        refused(&answer, 401, "invalid_client", 700_027, "assertion_invalid");
    }
}
