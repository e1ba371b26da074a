//! DPoP (RFC 9449). Proofs are made with another library than the one that checks them.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{EncodingKey, Header, jwk::Jwk};
use keyward::jose::{SigningAlgorithm, SigningKey, TokenType};
use serde_json::{Value, json};

use super::{SECRET, Scene, WEB, refused, text};
use crate::world::Answer;

/// A client's key.
struct Key {
    signs: EncodingKey,
    jwk: Value,
}

impl Key {
    fn new() -> Self {
        let made = SigningKey::generate(SigningAlgorithm::Es256, "unused").unwrap();
        Self {
            signs: EncodingKey::from_ec_der(&made.to_pkcs8().unwrap()),
            jwk: made.jwk().clone(),
        }
    }

    /// RFC 7638, by hand.
    fn thumbprint(&self) -> String {
        let part = |name| text(&self.jwk, name);
        let canonical = format!(
            r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#,
            part("x"),
            part("y")
        );
        hash(&canonical)
    }

    fn sign(&self, typ: &str, jwk: Option<&Value>, claims: &Value) -> String {
        let mut header = Header::new(jsonwebtoken::Algorithm::ES256);
        header.typ = Some(typ.to_owned());
        header.jwk = jwk.map(|jwk| serde_json::from_value::<Jwk>(jwk.clone()).unwrap());
        jsonwebtoken::encode(&header, claims, &self.signs).unwrap()
    }

    fn proof(&self, claims: &Value) -> String {
        self.sign("dpop+jwt", Some(&self.jwk), claims)
    }
}

fn hash(text: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    URL_SAFE_NO_PAD.encode(digest)
}

/// What a proof for a token request says.
fn claims(scene: &Scene) -> Value {
    let path = format!("/{}/oauth2/v2.0/token", scene.tenant);
    for_request(scene, "POST", &path)
}

fn for_request(scene: &Scene, method: &str, path: &str) -> Value {
    json!({
        "jti": format!("{:x}", u128::from_be_bytes(scene.world.app.random.bytes())),
        "htm": method,
        "htu": format!("{}{path}", scene.world.origin()),
        "iat": scene.now().as_seconds(),
    })
}

fn for_userinfo(scene: &Scene, token: &str) -> Value {
    let mut claims = for_request(scene, "GET", "/oidc/userinfo");
    claims["ath"] = hash(token).into();
    claims
}

/// A form with proofs.
async fn post(scene: &Scene, end: &str, fields: &[(&str, &str)], proofs: &[&str]) -> Answer {
    let mut browser = scene.world.browser();
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let path = format!("/{}/oauth2/v2.0/{end}", scene.tenant);
    let mut request = browser
        .request(Method::POST, &path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    for proof in proofs {
        request = request.header("dpop", *proof);
    }
    browser.send(request.body(Body::from(body)).unwrap()).await
}

async fn redeem(scene: &Scene, code: &str, proofs: &[&str]) -> Answer {
    let client = scene.public.to_string();
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", client.as_str()),
        ("code", code),
        ("redirect_uri", super::NATIVE),
        ("code_verifier", super::VERIFIER),
    ];
    post(scene, "token", &fields, proofs).await
}

async fn refresh(scene: &Scene, token: &str, proofs: &[&str]) -> Answer {
    let client = scene.public.to_string();
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", client.as_str()),
        ("refresh_token", token),
    ];
    post(scene, "token", &fields, proofs).await
}

async fn userinfo(scene: &Scene, scheme: &str, token: &str, proof: Option<&str>) -> Answer {
    let mut browser = scene.world.browser();
    let mut request = browser
        .request(Method::GET, "/oidc/userinfo")
        .header(header::AUTHORIZATION, format!("{scheme} {token}"));
    if let Some(proof) = proof {
        request = request.header("dpop", proof);
    }
    browser.send(request.body(Body::empty()).unwrap()).await
}

/// Tokens of the public client, bound to `key`.
async fn bound(scene: &Scene, key: &Key) -> Value {
    let proof = key.proof(&claims(scene));
    let answer = redeem(scene, &scene.code().await, &[&proof]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()
}

fn challenge(answer: &Answer) -> &str {
    answer
        .headers
        .get(header::WWW_AUTHENTICATE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

#[tokio::test]
async fn what_a_proof_was_shown_for_is_bound_to_its_key() {
    let scene = Scene::new().await;
    let key = Key::new();
    let tokens = bound(&scene, &key).await;
    assert_eq!(tokens["token_type"], "DPoP");
    let token = text(&tokens, "access_token");
    let said = scene.claims(TokenType::AccessToken, token).await;
    assert_eq!(said["cnf"], json!({"jkt": key.thumbprint()}));
    let proof = key.proof(&for_userinfo(&scene, token));
    let answer = userinfo(&scene, "DPoP", token, Some(&proof)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);

    // Without a proof nothing is bound, and a token that is not bound takes none.
    let free = scene.tokens().await;
    assert_eq!(free["token_type"], "Bearer");
    let token = text(&free, "access_token");
    let proof = key.proof(&for_userinfo(&scene, token));
    let answer = userinfo(&scene, "DPoP", token, Some(&proof)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.body.contains("token_not_bound"), "{}", answer.body);
}

#[tokio::test]
async fn a_bound_token_opens_nothing_without_its_key() {
    let scene = Scene::new().await;
    let key = Key::new();
    let tokens = bound(&scene, &key).await;
    let token = text(&tokens, "access_token");
    let proof = key.proof(&for_userinfo(&scene, token));
    let strange = Key::new().proof(&for_userinfo(&scene, token));
    let mut other = for_userinfo(&scene, token);
    other["ath"] = hash("another token").into();
    let other = key.proof(&other);
    for (scheme, proof, code, error) in [
        ("Bearer", None, "proof_missing", "invalid_token"),
        // With the proof, but as if it were any token.
        ("Bearer", Some(&proof), "proof_missing", "invalid_token"),
        ("DPoP", None, "proof_missing", "invalid_token"),
        (
            "DPoP",
            Some(&strange),
            "proof_by_another_key",
            "invalid_dpop_proof",
        ),
        (
            "DPoP",
            Some(&other),
            "proof_for_another_token",
            "invalid_dpop_proof",
        ),
    ] {
        let answer = userinfo(&scene, scheme, token, proof.map(String::as_str)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{code}");
        assert!(answer.body.contains(code), "{code}: {}", answer.body);
        let said = challenge(&answer);
        assert!(said.starts_with("DPoP ") && said.contains(error), "{said}");
        assert!(said.contains("algs=\"ES256 "), "{said}");
    }
    // Graph and the signals are asked in the same way.
    for path in ["/v1.0/me", "/ssf/streams", "/scim/v2/Users"] {
        let mut browser = scene.world.browser();
        let request = browser
            .request(Method::GET, path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap();
        let answer = browser.send(request).await;
        assert_eq!(
            answer.status,
            StatusCode::UNAUTHORIZED,
            "{path}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn graph_takes_a_bound_token_with_its_proof() {
    let scene = Scene::new().await;
    let key = Key::new();
    let client = scene.web.to_string();
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", client.as_str()),
        ("client_secret", SECRET),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let proof = key.proof(&claims(&scene));
    let answer = post(&scene, "token", &fields, &[&proof]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let tokens = answer.json();
    assert_eq!(tokens["token_type"], "DPoP");
    let token = text(&tokens, "access_token");
    for (named, status) in [
        ("/v1.0/users", StatusCode::OK),
        ("/v1.0/users?$top=1", StatusCode::OK),
        ("/beta/users", StatusCode::UNAUTHORIZED),
    ] {
        let mut said = for_request(&scene, "GET", named);
        said["ath"] = hash(token).into();
        let mut browser = scene.world.browser();
        let request = browser
            .request(Method::GET, "/v1.0/users?$top=2")
            .header(header::AUTHORIZATION, format!("dpop {token}"))
            .header("dpop", key.proof(&said))
            .body(Body::empty())
            .unwrap();
        let answer = browser.send(request).await;
        assert_eq!(answer.status, status, "{named}: {}", answer.body);
    }
}

#[tokio::test]
async fn each_rule_of_a_proof_has_its_refusal() {
    let scene = Scene::new().await;
    let key = Key::new();
    let now = scene.now().as_seconds();
    let code = scene.code().await;
    for (name, value, refusal) in [
        ("htm", json!("GET"), "proof_for_another_request"),
        (
            "htu",
            json!("https://elsewhere.example/"),
            "proof_for_another_request",
        ),
        ("htu", json!("nowhere"), "proof_for_another_request"),
        ("iat", json!(now - 121), "proof_out_of_time"),
        ("iat", json!(now + 61), "proof_out_of_time"),
        ("iat", json!(i64::MAX), "proof_out_of_time"),
        ("iat", json!(i64::MIN), "proof_out_of_time"),
        ("jti", json!(""), "proof_malformed"),
        ("jti", json!("j".repeat(257)), "proof_malformed"),
        ("jti", Value::Null, "proof_malformed"),
    ] {
        let mut said = claims(&scene);
        said[name] = value;
        let answer = redeem(&scene, &code, &[&key.proof(&said)]).await;
        refused(&answer, 400, "invalid_dpop_proof", 90023, refusal);
    }
    let good = claims(&scene);
    let mut private = key.jwk.clone();
    private["d"] = "AAAA".into();
    let shown = {
        // The library would leave the private member out, so the header is put together by hand.
        let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": private});
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&good));
        let signature = jsonwebtoken::crypto::sign(
            signed.as_bytes(),
            &key.signs,
            jsonwebtoken::Algorithm::ES256,
        );
        format!("{signed}.{}", signature.unwrap())
    };
    let stranger = Key::new();
    let twice = key.proof(&good);
    for (proofs, refusal) in [
        (
            vec![key.sign("JWT", Some(&key.jwk), &good)],
            "proof_malformed",
        ),
        (vec![key.sign("dpop+jwt", None, &good)], "proof_malformed"),
        // The key in it is not the one that signed.
        (
            vec![key.sign("dpop+jwt", Some(&stranger.jwk), &good)],
            "proof_malformed",
        ),
        (vec![shown], "proof_malformed"),
        (vec!["nonsense".to_owned()], "proof_malformed"),
        (vec![twice.clone(), twice], "proof_repeated"),
    ] {
        let proofs: Vec<&str> = proofs.iter().map(String::as_str).collect();
        let answer = redeem(&scene, &code, &proofs).await;
        refused(&answer, 400, "invalid_dpop_proof", 90023, refusal);
    }
    // None of it used the code up.
    let answer = redeem(&scene, &code, &[&key.proof(&claims(&scene))]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

#[tokio::test]
async fn a_proof_works_once() {
    let scene = Scene::new().await;
    let key = Key::new();
    let proof = key.proof(&claims(&scene));
    let answer = redeem(&scene, &scene.code().await, &[&proof]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let again = redeem(&scene, &scene.code().await, &[&proof]).await;
    refused(&again, 400, "invalid_dpop_proof", 90023, "proof_replayed");
    let answer = answer.json();
    let token = text(&answer, "access_token");
    let proof = key.proof(&for_userinfo(&scene, token));
    let first = userinfo(&scene, "DPoP", token, Some(&proof)).await;
    assert_eq!(first.status, StatusCode::OK);
    let second = userinfo(&scene, "DPoP", token, Some(&proof)).await;
    assert!(second.body.contains("proof_replayed"), "{}", second.body);
}

#[tokio::test]
async fn refreshing_needs_the_key_of_a_public_client() {
    let scene = Scene::new().await;
    let key = Key::new();
    let tokens = bound(&scene, &key).await;
    let token = text(&tokens, "refresh_token");
    let none = refresh(&scene, token, &[]).await;
    refused(&none, 400, "invalid_dpop_proof", 90023, "proof_missing");
    let strange = Key::new().proof(&claims(&scene));
    let other = refresh(&scene, token, &[&strange]).await;
    refused(
        &other,
        400,
        "invalid_dpop_proof",
        90023,
        "proof_by_another_key",
    );
    let proof = key.proof(&claims(&scene));
    let answer = refresh(&scene, token, &[&proof]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.json()["token_type"], "DPoP");
}

#[tokio::test]
async fn a_code_goes_only_to_the_key_that_was_named_for_it() {
    let scene = Scene::new().await;
    let key = Key::new();
    let code = scene.code_with(&[("dpop_jkt", &key.thumbprint())]).await;
    let none = redeem(&scene, &code, &[]).await;
    refused(&none, 400, "invalid_dpop_proof", 90023, "proof_missing");
    let strange = Key::new().proof(&claims(&scene));
    let other = redeem(&scene, &code, &[&strange]).await;
    refused(
        &other,
        400,
        "invalid_dpop_proof",
        90023,
        "proof_by_another_key",
    );
    let proof = key.proof(&claims(&scene));
    let answer = redeem(&scene, &code, &[&proof]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    for wrong in ["abc", "!", &hash("x")[1..]] {
        let path = scene.authorize(&[("dpop_jkt", wrong)]);
        let answer = scene.signed_in().await.get(&path).await;
        assert_eq!(
            answer.location_parameter("error").as_deref(),
            Some("invalid_request"),
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn a_pushed_request_is_bound_to_the_key_it_was_pushed_with() {
    let scene = Scene::new().await;
    let key = Key::new();
    let client = scene.web.to_string();
    let path = format!("/{}/oauth2/v2.0/par", scene.tenant);
    let push = async |more: &[(&str, &str)], key: &Key| {
        let mut fields = vec![
            ("client_id", client.as_str()),
            ("client_secret", SECRET),
            ("response_type", "code"),
            ("redirect_uri", WEB),
            ("scope", "openid"),
        ];
        fields.extend_from_slice(more);
        let proof = key.proof(&for_request(&scene, "POST", &path));
        post(&scene, "par", &fields, &[&proof]).await
    };
    let other = push(&[("dpop_jkt", &Key::new().thumbprint())], &key).await;
    refused(
        &other,
        400,
        "invalid_dpop_proof",
        90023,
        "proof_by_another_key",
    );
    let pushed = push(&[], &key).await;
    assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.body);
    let pushed = pushed.json();
    let request = [
        ("client_id", client.as_str()),
        ("request_uri", text(&pushed, "request_uri")),
    ];
    let answer = scene
        .signed_in()
        .await
        .get(&scene.path("authorize", &request))
        .await;
    let code = answer.location_parameter("code").unwrap();
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", client.as_str()),
        ("client_secret", SECRET),
        ("code", code.as_str()),
        ("redirect_uri", WEB),
    ];
    let none = post(&scene, "token", &fields, &[]).await;
    refused(&none, 400, "invalid_dpop_proof", 90023, "proof_missing");
    let proof = key.proof(&claims(&scene));
    let answer = post(&scene, "token", &fields, &[&proof]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

#[tokio::test]
async fn an_application_can_be_held_to_proofs() {
    let scene = Scene::new().await;
    let (tenant, public) = (scene.tenant, scene.public);
    let change = scene.world.write(move |tx| {
        Box::pin(async move {
            let found = store::applications::find(tx, tenant, public).await?;
            let mut application = found.unwrap();
            application.settings.bound_tokens = true;
            store::applications::put(tx, &application).await
        })
    });
    change.await;
    let code = scene.code().await;
    let none = redeem(&scene, &code, &[]).await;
    refused(&none, 400, "invalid_dpop_proof", 90023, "proof_missing");
    bound(&scene, &Key::new()).await;
}

#[tokio::test]
async fn introspection_says_which_key_a_token_needs() {
    let scene = Scene::new().await;
    let key = Key::new();
    let client = scene.web.to_string();
    let mut fields = vec![
        ("grant_type", "client_credentials"),
        ("client_id", client.as_str()),
        ("client_secret", SECRET),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let proof = key.proof(&claims(&scene));
    let tokens = post(&scene, "token", &fields, &[&proof]).await.json();
    fields.truncate(0);
    fields.extend([
        ("client_id", client.as_str()),
        ("client_secret", SECRET),
        ("token", text(&tokens, "access_token")),
    ]);
    let said = post(&scene, "introspect", &fields, &[]).await.json();
    assert_eq!(said["active"], true, "{said}");
    assert_eq!(said["token_type"], "DPoP");
    assert_eq!(said["cnf"], json!({"jkt": key.thumbprint()}));
}
