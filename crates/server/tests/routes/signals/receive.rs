//! Security events of other systems: who is believed, and what is done.

use axum::body::Body;
use axum::http::{Request, header};
use keyward::jose::{SigningAlgorithm, SigningKey, TokenType};
use policy::model::{
    AuditRecord, PassUse, PolicyDocument, Reaction, Reactions, ReceivedKind, SignalSource,
    SignalSourceId, User,
};
use serde_json::{Value, json};

use super::{STRAY, refused};
use crate::world::{Answer, Browser, TestApp, authenticator};

const ISSUER: &str = "https://guard.example";
const COMPROMISED: &str =
    "https://schemas.openid.net/secevent/risc/event-type/credential-compromise";
const REVOKED: &str = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
/// Registering asks the policies each time.
const ADD: &str = "/security-info/passkeys/add";
const ACTIVITY: &str = "Security event received";

/// A server that takes events of another system, which signs with `key`.
struct Scene {
    world: TestApp,
    key: SigningKey,
    source: SignalSource,
    user: User,
}

impl Scene {
    async fn new(kind: ReceivedKind, reaction: Reaction) -> Self {
        let world = TestApp::new().await;
        let key = SigningKey::generate(SigningAlgorithm::Es256, "one").unwrap();
        let now = world.app.clock.now();
        let mut reactions = Reactions::default();
        *reactions.place(kind) = reaction;
        let source = SignalSource {
            id: SignalSourceId::new(now, [7; 10]),
            name: "Guard".to_owned(),
            created: now,
            modified: now,
            enabled: true,
            issuer: ISSUER.to_owned(),
            keys: vec![key.jwk().clone()],
            reactions,
        };
        world.policy(PolicyDocument::Source(source.clone())).await;
        let user = world.user("ada@localhost").await;
        Self {
            world,
            key,
            source,
            user,
        }
    }

    fn path(&self) -> String {
        let tenant = self.user.tenant;
        format!("/ssf/receive/{tenant}/{}", self.source.id)
    }

    /// What a token says about the user.
    fn claims(&self, jti: &str, event: &str) -> Value {
        let now = self.world.app.clock.now().as_seconds();
        json!({
            "iss": ISSUER,
            "aud": format!("{}{}", self.world.origin(), self.path()),
            "iat": now,
            "jti": jti,
            "sub_id": {"format": "email", "email": self.user.user_principal_name},
            "events": {event: {"event_timestamp": now}},
        })
    }

    fn signed(&self, claims: &Value) -> String {
        self.key.sign(TokenType::SecurityEvent, claims).unwrap()
    }

    async fn push(&self, claims: &Value) -> Answer {
        self.post(
            &self.path(),
            "application/secevent+jwt",
            self.signed(claims),
        )
        .await
    }

    async fn post(&self, path: &str, kind: &str, body: String) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body))
            .unwrap();
        self.world.browser().send(request).await
    }

    async fn records(&self) -> Vec<AuditRecord> {
        let all = self.world.audits(&self.user).await;
        all.into_iter()
            .filter(|record| record.activity == ACTIVITY)
            .collect()
    }

    async fn open(&self) -> Browser<'_> {
        let pass = self.world.pass(&self.user, PassUse::Many).await;
        let mut browser = self.world.browser();
        let begun = browser
            .sign_in_with_pass(&self.user.user_principal_name, &pass)
            .await;
        begun.redirects_to("/signin/register");
        let mut key = authenticator();
        browser.register_in_interrupt(&mut key).await;
        assert_eq!(browser.get("/security-info").await.status, 200);
        browser
    }
}

fn taken(answer: &Answer) {
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (202, ""));
}

#[tokio::test]
async fn an_event_ends_sessions_where_that_was_decided() {
    let scene = Scene::new(ReceivedKind::SessionRevoked, Reaction::Revoke).await;
    let mut browser = scene.open().await;
    scene.world.wait(1);
    taken(&scene.push(&scene.claims("1", REVOKED)).await);
    assert_ne!(browser.get("/security-info").await.status, 200);
    let records = scene.records().await;
    assert_eq!(records.len(), 1);
    let said = |name: &str| {
        records[0]
            .details
            .iter()
            .find(|(one, _)| one == name)
            .map(|(_, value)| value.as_str())
    };
    assert_eq!(said("event"), Some("sessionRevoked"));
    assert_eq!(said("reaction"), Some("revoke"));
    assert_eq!(said("endedSessions"), Some("1"));
    // The next one finds nothing open: it is recorded, and nothing is told to anybody.
    let before = scene
        .world
        .stored_user(&scene.user.user_principal_name)
        .await;
    scene.world.wait(1);
    taken(&scene.push(&scene.claims("2", REVOKED)).await);
    let after = scene
        .world
        .stored_user(&scene.user.user_principal_name)
        .await;
    assert_eq!(after.sessions_valid_from, before.sessions_valid_from);
    assert_eq!(scene.records().await.len(), 2);
}

#[tokio::test]
async fn a_token_that_comes_again_does_nothing_again() {
    let scene = Scene::new(ReceivedKind::SessionRevoked, Reaction::Revoke).await;
    let claims = scene.claims("1", REVOKED);
    taken(&scene.push(&claims).await);
    let mut browser = scene.open().await;
    taken(&scene.push(&claims).await);
    assert_eq!(browser.get("/security-info").await.status, 200);
    assert_eq!(scene.records().await.len(), 1);
}

#[tokio::test]
async fn an_event_asks_for_two_factors_again() {
    let scene = Scene::new(ReceivedKind::CredentialCompromised, Reaction::StepUp).await;
    let world = &scene.world;
    let mut key = authenticator();
    let mut browser = world.passkey_of(&scene.user, &mut key).await;
    assert_eq!(browser.get(ADD).await.status, 200);
    world.wait(60);
    taken(&scene.push(&scene.claims("1", COMPROMISED)).await);
    let stopped = browser.get(ADD).await;
    assert_eq!(stopped.status, 303, "{}", stopped.body);
    world.wait(1);
    browser.sign_in_with(&mut key).await;
    assert_eq!(browser.get(ADD).await.status, 200);
    // What happened before that sign-in asks for nothing more, however late it is told.
    let mut late = scene.claims("2", COMPROMISED);
    late["events"][COMPROMISED]["event_timestamp"] =
        (world.app.clock.now().as_seconds() - 30).into();
    taken(&scene.push(&late).await);
    assert_eq!(browser.get(ADD).await.status, 200);
}

#[tokio::test]
async fn what_is_only_to_be_noted_changes_nothing() {
    let scene = Scene::new(ReceivedKind::SessionRevoked, Reaction::Note).await;
    let mut browser = scene.open().await;
    taken(&scene.push(&scene.claims("1", REVOKED)).await);
    assert_eq!(browser.get("/security-info").await.status, 200);
    assert_eq!(scene.records().await.len(), 1);
}

#[tokio::test]
async fn people_are_named_in_every_way_of_the_standard() {
    let scene = Scene::new(ReceivedKind::SessionRevoked, Reaction::Note).await;
    let (id, tenant) = (scene.user.id.to_string(), scene.user.tenant);
    let opaque = json!({"format": "opaque", "id": id});
    let ours = format!("{}/{tenant}/v2.0", scene.world.origin());
    let subjects = [
        opaque.clone(),
        json!({"format": "iss_sub", "iss": ours, "sub": id}),
        json!({"format": "complex", "user": opaque, "device": {"format": "opaque", "id": "x"}}),
        json!({"format": "aliases", "identifiers": [{"format": "phone_number", "phone_number": "+1"}, opaque]}),
    ];
    for (at, subject) in subjects.into_iter().enumerate() {
        let mut claims = scene.claims(&at.to_string(), REVOKED);
        claims["sub_id"] = subject;
        taken(&scene.push(&claims).await);
        assert_eq!(scene.records().await.len(), at + 1, "{claims}");
    }
    let strangers = [
        json!({"format": "email", "email": "nobody@localhost"}),
        json!({"format": "opaque", "id": STRAY}),
        json!({"format": "iss_sub", "iss": ISSUER, "sub": id}),
        json!({"format": "unheard-of"}),
        json!("ada@localhost"),
    ];
    let before = scene.records().await.len();
    for (at, subject) in strangers.into_iter().enumerate() {
        let mut claims = scene.claims(&format!("s{at}"), REVOKED);
        claims["sub_id"] = subject;
        taken(&scene.push(&claims).await);
    }
    assert_eq!(scene.records().await.len(), before);
}

#[tokio::test]
async fn what_is_not_known_is_taken_and_left_alone() {
    let scene = Scene::new(ReceivedKind::SessionRevoked, Reaction::Revoke).await;
    for (at, event) in [
        "https://schemas.openid.net/secevent/ssf/event-type/verification",
        "https://schemas.openid.net/secevent/risc/event-type/account-enabled",
        "https://example.org/something",
    ]
    .into_iter()
    .enumerate()
    {
        taken(&scene.push(&scene.claims(&at.to_string(), event)).await);
    }
    assert_eq!(scene.records().await.len(), 0);
}

#[tokio::test]
async fn what_cannot_be_believed_is_refused_and_does_nothing() {
    let scene = Scene::new(ReceivedKind::SessionRevoked, Reaction::Revoke).await;
    let mut browser = scene.open().await;
    let now = scene.world.app.clock.now().as_seconds();
    let changes: [(&str, Value, &str); 11] = [
        ("iss", json!("https://other.example"), "invalid_issuer"),
        ("aud", json!("https://other.example"), "invalid_audience"),
        ("aud", json!([]), "invalid_audience"),
        ("iat", Value::Null, "out_of_time"),
        ("iat", json!(now - 15 * 86_400), "out_of_time"),
        ("iat", json!(now + 3_600), "out_of_time"),
        ("jti", json!(""), "token_id_invalid"),
        ("jti", json!("x".repeat(257)), "token_id_invalid"),
        ("events", json!({}), "not_one_event"),
        (
            "events",
            json!({REVOKED: {}, COMPROMISED: {}}),
            "not_one_event",
        ),
        ("events", json!([]), "jws_bad_claims"),
    ];
    for (at, (member, value, code)) in changes.into_iter().enumerate() {
        let mut claims = scene.claims(&format!("c{at}"), REVOKED);
        claims[member] = value;
        refused(&scene.push(&claims).await, 400, code);
    }
    let good = scene.claims("good", REVOKED);
    let kind = "application/secevent+jwt";
    let path = scene.path();
    // The right key under another kind of token; another key under the right name; a key nobody knows; no token at all.
    let as_access = scene.key.sign(TokenType::AccessToken, &good).unwrap();
    refused(
        &scene.post(&path, kind, as_access).await,
        400,
        "jws_wrong_type",
    );
    let forged = SigningKey::generate(SigningAlgorithm::Es256, "one").unwrap();
    let forged = forged.sign(TokenType::SecurityEvent, &good).unwrap();
    refused(&scene.post(&path, kind, forged).await, 400, "invalid_key");
    let unknown = SigningKey::generate(SigningAlgorithm::Es256, "two").unwrap();
    let unknown = unknown.sign(TokenType::SecurityEvent, &good).unwrap();
    refused(&scene.post(&path, kind, unknown).await, 400, "invalid_key");
    refused(
        &scene.post(&path, kind, "x".to_owned()).await,
        400,
        "invalid_request",
    );
    refused(
        &scene
            .post(&path, "application/json", scene.signed(&good))
            .await,
        400,
        "not_a_token",
    );
    let elsewhere = format!("/ssf/receive/{}/{STRAY}", scene.user.tenant);
    refused(
        &scene.post(&elsewhere, kind, scene.signed(&good)).await,
        404,
        "unknown_source",
    );
    let nowhere = format!("/ssf/receive/{STRAY}/{}", scene.source.id);
    refused(
        &scene.post(&nowhere, kind, scene.signed(&good)).await,
        404,
        "unknown_source",
    );
    let off = SignalSource {
        enabled: false,
        ..scene.source.clone()
    };
    scene.world.policy(PolicyDocument::Source(off)).await;
    refused(&scene.push(&good).await, 404, "unknown_source");
    assert_eq!(scene.records().await.len(), 0);
    assert_eq!(browser.get("/security-info").await.status, 200);
}
