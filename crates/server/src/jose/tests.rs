#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed setup is a failed test"
)]

use jsonwebtoken::{DecodingKey, EncodingKey, Validation, jwk::Jwk};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{JwsRefusal, KeySet, SigningAlgorithm, SigningKey, TokenType, encode};

fn claims() -> Value {
    json!({"iss": "https://issuer.example", "sub": "ada", "exp": 4_000_000_000_u64, "nonce": "n"})
}

fn with_header(token: &str, header: Value) -> String {
    let rest = token.split_once('.').unwrap().1;
    format!("{}.{rest}", encode(header.to_string()))
}

#[test]
fn every_algorithm_signs_and_verifies_and_survives_storage() {
    for algorithm in SigningAlgorithm::ALL {
        let key = SigningKey::generate(algorithm, "k1").unwrap();
        let again = SigningKey::from_pkcs8(algorithm, "k1", &key.to_pkcs8().unwrap()).unwrap();
        assert_eq!(key.key_id(), again.key_id(), "{algorithm:?}");
        let token = again.sign(TokenType::IdToken, &claims()).unwrap();
        let read: Value = key
            .key_set()
            .unwrap()
            .verify(TokenType::IdToken, &token)
            .unwrap();
        assert_eq!(read, claims(), "{algorithm:?}");
    }
}

#[test]
fn the_oracle_reads_our_tokens() {
    for (ours, theirs) in [
        (SigningAlgorithm::Es256, jsonwebtoken::Algorithm::ES256),
        (SigningAlgorithm::Es384, jsonwebtoken::Algorithm::ES384),
        (SigningAlgorithm::EdDsa, jsonwebtoken::Algorithm::EdDSA),
        (SigningAlgorithm::Rs256, jsonwebtoken::Algorithm::RS256),
        (SigningAlgorithm::Ps256, jsonwebtoken::Algorithm::PS256),
    ] {
        let key = SigningKey::generate(ours, "k1").unwrap();
        let token = key.sign(TokenType::AccessToken, &claims()).unwrap();
        let jwk: Jwk = serde_json::from_value(key.jwk().clone()).unwrap();
        let mut rules = Validation::new(theirs);
        rules.validate_aud = false;
        let read =
            jsonwebtoken::decode::<Value>(&token, &DecodingKey::from_jwk(&jwk).unwrap(), &rules);
        assert_eq!(read.unwrap().claims, claims(), "{ours:?}");
    }
}

#[test]
fn we_read_the_oracles_tokens() {
    let key = SigningKey::generate(SigningAlgorithm::Es256, "k1").unwrap();
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::ES256);
    header.kid = Some(key.key_id().into());
    let secret = EncodingKey::from_ec_der(&key.to_pkcs8().unwrap());
    let token = jsonwebtoken::encode(&header, &claims(), &secret).unwrap();
    let read: Value = key
        .key_set()
        .unwrap()
        .verify(TokenType::IdToken, &token)
        .unwrap();
    assert_eq!(read, claims());
}

#[test]
fn a_token_without_signature_is_refused_whatever_its_header_says() {
    let key = SigningKey::generate(SigningAlgorithm::Es256, "k1").unwrap();
    let token = key.sign(TokenType::IdToken, &claims()).unwrap();
    for alg in ["none", "None", "NONE", ""] {
        let forged = with_header(
            &token,
            json!({"typ": "JWT", "alg": alg, "kid": key.key_id()}),
        );
        let bare = forged.rsplit_once('.').unwrap().0.to_owned() + ".";
        let refusal = key
            .key_set()
            .unwrap()
            .verify::<Value>(TokenType::IdToken, &bare);
        assert_eq!(refusal, Err(JwsRefusal::WrongAlgorithm), "{alg}");
    }
}

#[test]
fn the_public_key_is_no_hmac_secret() {
    let key = SigningKey::generate(SigningAlgorithm::Rs256, "k1").unwrap();
    let header = json!({"typ": "JWT", "alg": "HS256", "kid": key.key_id()});
    let signed = format!(
        "{}.{}",
        encode(header.to_string()),
        encode(claims().to_string())
    );
    let secret = aws_lc_rs::hmac::Key::new(
        aws_lc_rs::hmac::HMAC_SHA256,
        key.jwk().to_string().as_bytes(),
    );
    let forged = format!(
        "{signed}.{}",
        encode(aws_lc_rs::hmac::sign(&secret, signed.as_bytes()))
    );
    let refusal = key
        .key_set()
        .unwrap()
        .verify::<Value>(TokenType::IdToken, &forged);
    assert_eq!(refusal, Err(JwsRefusal::WrongAlgorithm));
}

#[test]
fn a_token_cannot_bring_its_own_key() {
    let ours = SigningKey::generate(SigningAlgorithm::Es256, "k1").unwrap();
    let theirs = SigningKey::generate(SigningAlgorithm::Es256, "k2").unwrap();
    let token = theirs.sign(TokenType::IdToken, &claims()).unwrap();
    let set = ours.key_set().unwrap();
    assert_eq!(
        set.verify::<Value>(TokenType::IdToken, &token),
        Err(JwsRefusal::UnknownKey)
    );
    let embedded = with_header(
        &token,
        json!({"typ": "JWT", "alg": "ES256", "kid": ours.key_id(), "jwk": theirs.jwk()}),
    );
    assert_eq!(
        set.verify::<Value>(TokenType::IdToken, &embedded),
        Err(JwsRefusal::BadSignature)
    );
}

#[test]
fn one_kind_of_token_is_not_another() {
    let key = SigningKey::generate(SigningAlgorithm::Es256, "k1").unwrap();
    let access = key.sign(TokenType::AccessToken, &claims()).unwrap();
    let refusal = key
        .key_set()
        .unwrap()
        .verify::<Value>(TokenType::IdToken, &access);
    assert_eq!(refusal, Err(JwsRefusal::WrongType));
}

#[test]
fn a_critical_extension_is_refused() {
    let key = SigningKey::generate(SigningAlgorithm::Es256, "k1").unwrap();
    let token = key.sign(TokenType::IdToken, &claims()).unwrap();
    let header =
        json!({"typ": "JWT", "alg": "ES256", "kid": key.key_id(), "crit": ["b64"], "b64": false});
    let refusal = key
        .key_set()
        .unwrap()
        .verify::<Value>(TokenType::IdToken, &with_header(&token, header));
    assert_eq!(refusal, Err(JwsRefusal::CriticalExtension));
}

#[test]
fn odd_shapes_are_refused() {
    let key = SigningKey::generate(SigningAlgorithm::EdDsa, "k1").unwrap();
    let set = key.key_set().unwrap();
    let token = key.sign(TokenType::IdToken, &claims()).unwrap();
    let long = token.clone() + &"A".repeat(20_000);
    let array = with_header(&token, json!(["ES256"]));
    for (odd, refusal) in [
        (long, JwsRefusal::TooLong),
        (String::new(), JwsRefusal::NotCompact),
        ("a.b".into(), JwsRefusal::NotCompact),
        (format!("{token}="), JwsRefusal::NotCompact),
        (format!("{token}.x"), JwsRefusal::NotCompact),
        (array, JwsRefusal::BadHeader),
    ] {
        assert_eq!(
            set.verify::<Value>(TokenType::IdToken, &odd),
            Err(refusal),
            "{odd:.40}"
        );
    }
}

#[test]
fn claims_must_fit() {
    let key = SigningKey::generate(SigningAlgorithm::Es256, "k1").unwrap();
    let token = key.sign(TokenType::IdToken, &json!("text")).unwrap();
    let refusal = key
        .key_set()
        .unwrap()
        .verify::<serde_json::Map<String, Value>>(TokenType::IdToken, &token);
    assert_eq!(refusal, Err(JwsRefusal::BadClaims));
}

#[test]
fn a_key_shows_no_secret() {
    let key = SigningKey::generate(SigningAlgorithm::Es256, "k1").unwrap();
    let jwk = key.jwk().as_object().unwrap();
    assert!(
        ["d", "p", "q", "priv", "k"]
            .iter()
            .all(|name| !jwk.contains_key(*name))
    );
    assert_eq!(
        format!("{key:?}"),
        format!(
            "SigningKey {{ algorithm: Es256, key_id: {:?}, .. }}",
            key.key_id()
        )
    );
}

#[test]
fn a_key_set_skips_what_it_does_not_know() {
    let key = SigningKey::generate(SigningAlgorithm::MlDsa44, "k1").unwrap();
    let document = json!({"keys": [
        {"kty": "oct", "k": "AAAA", "alg": "HS256", "kid": "x"},
        {"kty": "EC", "crv": "P-256", "alg": "ES256", "kid": "short", "x": "AA", "y": "AA"},
        key.jwk(),
    ]});
    let set = KeySet::from_jwks(&document);
    let token = key.sign(TokenType::IdToken, &claims()).unwrap();
    assert!(set.verify::<Value>(TokenType::IdToken, &token).is_ok());
    assert_eq!(
        super::key_id(&token).unwrap().as_deref(),
        Some(key.key_id())
    );
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in ".{0,200}") {
        let set = KeySet::default();
        prop_assert!(set.verify::<Value>(TokenType::IdToken, &text).is_err());
    }

    #[test]
    fn a_changed_byte_breaks_the_token(at in 0usize..200, with in 0u8..64) {
        let key = SigningKey::generate(SigningAlgorithm::Es256, "k1").unwrap();
        let token = key.sign(TokenType::IdToken, &claims()).unwrap();
        let mut bytes = token.clone().into_bytes();
        let at = at % bytes.len();
        bytes[at] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[usize::from(with)];
        let changed = String::from_utf8(bytes).unwrap();
        prop_assume!(changed != token);
        prop_assert!(key.key_set().unwrap().verify::<Value>(TokenType::IdToken, &changed).is_err());
    }
}
