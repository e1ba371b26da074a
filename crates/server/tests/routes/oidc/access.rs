//! Conditional access at the authorization endpoint: step-up out of a session, authentication contexts, `acr`.

use keyward::jose::TokenType;
use policy::model::{
    AccessGrant, AccessPolicy, AccessPolicyId, AccessState, AccessTarget, Assignment,
    AuthenticationContext, Conditions, PolicyDocument, SessionControls,
};
use policy::strength::PHISHING_RESISTANT;
use serde_json::{Value, json};

use super::{NATIVE, STATE, Scene, text};
use crate::world::{Browser, authenticator};

const STRONG: AccessGrant = AccessGrant::Strength(PHISHING_RESISTANT);

/// A policy on the authentication context `c1`.
async fn protect_c1(scene: &Scene) {
    let now = scene.now();
    let policy = AccessPolicy {
        id: AccessPolicyId::from_bytes([9; 16]),
        name: "Payments".to_owned(),
        description: String::new(),
        state: AccessState::Enabled,
        created: now,
        modified: now,
        conditions: Conditions {
            users: Assignment::everyone(),
            target: AccessTarget::Contexts(vec!["c1".to_owned()]),
            ..Conditions::default()
        },
        grant: STRONG,
        session: SessionControls::default(),
    };
    let context = AuthenticationContext {
        id: "c1".to_owned(),
        name: "Payments".to_owned(),
        description: String::new(),
        available: true,
    };
    let world = &scene.world;
    world.policy(PolicyDocument::Access(Box::new(policy))).await;
    world.policy(PolicyDocument::Context(context)).await;
}

fn asking(context: &str) -> String {
    json!({ "id_token": { "acrs": { "essential": true, "value": context } } }).to_string()
}

/// The claims of the ID token for the code in an answer's address.
async fn id_claims(scene: &Scene, location: &str) -> Value {
    let (_, query) = location.split_once('?').unwrap();
    let code = url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "code")
        .map(|(_, code)| code.into_owned())
        .unwrap();
    let tokens = scene.redeem(&code, &[]).await.json();
    let access = text(&tokens, "access_token");
    let access = scene.claims(TokenType::AccessToken, access).await;
    let id = scene
        .claims(TokenType::IdToken, text(&tokens, "id_token"))
        .await;
    assert_eq!((&id["acr"], &id["acrs"]), (&access["acr"], &access["acrs"]));
    id
}

/// A browser with a session of password and code, whose owner has a passkey as well.
async fn with_spare_passkey<'s>(
    scene: &'s Scene,
    key: &mut keyward::cli::tour::SoftwareAuthenticator,
) -> Browser<'s> {
    let mut browser = scene.signed_in().await;
    let options = browser
        .post_json("/security-info/passkeys/options", &json!({}))
        .await;
    let response = key.register(&options.json(), scene.world.origin()).unwrap();
    let body = json!({ "credential": response });
    let made = browser.post_json("/security-info/passkeys", &body).await;
    assert!(made.status.is_success(), "{}", made.body);
    browser
}

#[tokio::test]
async fn a_session_that_is_too_weak_is_stepped_up_and_not_begun_again() {
    let scene = Scene::new().await;
    let mut key = authenticator();
    let mut browser = with_spare_passkey(&scene, &mut key).await;
    protect_c1(&scene).await;
    let plain = browser.get(&scene.authorize(&[])).await;
    assert_eq!(
        id_claims(&scene, plain.location()).await["acrs"],
        Value::Null
    );

    let claims = asking("c1");
    let address = scene.authorize(&[("claims", &claims)]);
    let answer = browser.get(&address).await;
    answer.redirects_to("/signin/step-up");
    let context = answer.location_parameter("ctx").unwrap();
    assert!(
        browser
            .get(answer.location())
            .await
            .body
            .contains("data-passkey-signin")
    );
    let options = browser.assertion_options(&context).await;
    let response = key.sign_in(&options, scene.world.origin()).unwrap();
    let done = browser.finish_assertion(&context, response).await;
    let next = done.json()["next"].as_str().unwrap().to_owned();
    assert!(next.starts_with(NATIVE), "{next}");
    let claims = id_claims(&scene, &next).await;
    assert_eq!(claims["acrs"], json!(["c1"]));
    assert_eq!(claims["acr"], "phr");
    assert_eq!(claims["amr"].as_array().unwrap().first().unwrap(), "pwd");

    // The session is strong now: the same request needs nobody.
    let again = browser.get(&address).await;
    assert_eq!(
        id_claims(&scene, again.location()).await["acrs"],
        json!(["c1"])
    );
}

#[tokio::test]
async fn prompt_none_is_told_that_somebody_has_to_be_asked() {
    let scene = Scene::new().await;
    let mut browser = with_spare_passkey(&scene, &mut authenticator()).await;
    protect_c1(&scene).await;
    let claims = asking("c1");
    let address = scene.authorize(&[("claims", &claims), ("prompt", "none")]);
    let answer = browser.get(&address).await;
    answer.redirects_to(NATIVE);
    let parameter = |name: &str| answer.location_parameter(name).unwrap_or_default();
    assert_eq!(parameter("error"), "interaction_required");
    assert_eq!(parameter("state"), STATE);
    assert!(answer.location_parameter("code").is_none());
}

#[tokio::test]
async fn a_context_that_nobody_defined_is_never_said_to_be_satisfied() {
    let scene = Scene::new().await;
    let claims = asking("c7");
    let mut browser = scene.signed_in().await;
    let answer = browser.get(&scene.authorize(&[("claims", &claims)])).await;
    assert_eq!(
        id_claims(&scene, answer.location()).await["acrs"],
        Value::Null
    );
}

#[tokio::test]
async fn an_application_may_ask_for_a_phishing_resistant_sign_in() {
    let scene = Scene::new().await;
    let mut browser = with_spare_passkey(&scene, &mut authenticator()).await;
    let answer = browser
        .get(&scene.authorize(&[("acr_values", "phr")]))
        .await;
    answer.redirects_to("/signin/step-up");
    // A passkey whose maker does not vouch for it is not hardware-protected, whatever it claims.
    let answer = browser
        .get(&scene.authorize(&[("acr_values", "phrh")]))
        .await;
    assert!(
        !answer.location().starts_with(NATIVE),
        "{}",
        answer.location()
    );
}

#[tokio::test]
async fn a_block_stops_a_session_that_is_there() {
    let scene = Scene::new().await;
    let mut browser = scene.signed_in().await;
    let world = &scene.world;
    world
        .access_policy(7, AccessState::Enabled, AccessGrant::Block)
        .await;
    let answer = browser.get(&scene.authorize(&[])).await;
    answer.refused(403, "access_blocked");
    world.wait(1);
    let newest = world.sign_ins().await.swap_remove(0);
    assert_eq!(newest.failure_code, "access_blocked");
}
