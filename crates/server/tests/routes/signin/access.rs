//! Conditional access in the sign-in: blocks, step-up, registration, what the record says.

use policy::model::{AccessGrant, AccessState, PassUse, PasskeyDemand, PolicyDocument, Strength};
use policy::strength::PHISHING_RESISTANT;
use serde_json::{Value, json};

use crate::world::{Answer, Browser, TestApp, authenticator};

const NAME: &str = "ada@localhost";
const PASSWORD: &str = "a small green boat";
const STRONG: AccessGrant = AccessGrant::Strength(PHISHING_RESISTANT);

/// Somebody with a password and a one-time code generator; answers its secret.
async fn with_two_factors(world: &TestApp) -> [u8; 20] {
    let user = world.user(NAME).await;
    world.password(&user, PASSWORD, false).await;
    world.totp(&user).await
}

/// Password and code; answers what came after them.
async fn prove(world: &TestApp, browser: &mut Browser<'_>, secret: &[u8]) -> Answer {
    let answer = browser.sign_in_with_password(NAME, PASSWORD).await;
    answer.redirects_to("/signin/totp");
    let (context, code) = (world.context(), world.code(secret));
    let fields = [("ctx", context.as_str()), ("code", code.as_str())];
    browser.post("/signin/totp", &fields).await
}

async fn decision(world: &TestApp) -> Value {
    let newest = world.sign_ins().await.swap_remove(0);
    serde_json::from_str(&newest.decision).unwrap()
}

#[tokio::test]
async fn a_block_is_refused_with_a_code_and_recorded_with_the_policy() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.administrator(&mut key).await;
    world
        .access_policy(7, AccessState::Enabled, AccessGrant::Block)
        .await;
    world.wait(1);
    let answer = world.browser().sign_in_with(&mut key).await;
    answer.refused(403, "access_blocked");
    let newest = world.sign_ins().await.swap_remove(0);
    assert_eq!(newest.error_code, 53_003);
    assert!(newest.failure_reason.contains("Policy 7"), "{newest:?}");
    let applied = &decision(&world).await["conditionalAccess"][0];
    assert_eq!(applied["result"], "failure");
    assert_eq!(applied["enforcedGrantControls"], json!(["block"]));
}

#[tokio::test]
async fn report_only_stops_nothing_and_is_recorded() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.administrator(&mut key).await;
    world
        .access_policy(7, AccessState::ReportOnly, AccessGrant::Block)
        .await;
    world.access_policy(8, AccessState::Enabled, STRONG).await;
    world.wait(1);
    let answer = world.browser().sign_in_with(&mut key).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let decision = decision(&world).await;
    let results: Vec<_> = decision["conditionalAccess"]
        .as_array()
        .unwrap()
        .iter()
        .map(|policy| policy["result"].clone())
        .collect();
    assert_eq!(results, ["reportOnlyFailure", "success"]);
    let newest = world.sign_ins().await.swap_remove(0);
    assert_eq!(decision["policyVersion"], newest.policy_version);
}

#[tokio::test]
async fn a_strength_asks_for_the_passkey_that_is_there_and_keeps_what_was_shown() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.user_with_passkey(NAME, &mut key).await;
    let user = world.stored_user(NAME).await;
    world.password(&user, PASSWORD, false).await;
    let secret = world.totp(&user).await;
    world.access_policy(7, AccessState::Enabled, STRONG).await;
    world.wait(1);
    let mut browser = world.browser();
    let answer = prove(&world, &mut browser, &secret).await;
    answer.redirects_to("/signin/step-up");
    assert!(browser.session_cookie().is_none());
    let page = browser.get(answer.location()).await;
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains("Phishing-resistant MFA"),
        "{}",
        page.body
    );
    assert!(page.body.contains("data-passkey-signin"));
    let done = browser.sign_in_with(&mut key).await;
    assert_eq!(done.json()["next"], "/security-info");
    assert!(browser.session_cookie().is_some());
    let newest = world.sign_ins().await.swap_remove(0);
    assert_eq!(newest.error_code, 0);
}

#[tokio::test]
async fn what_somebody_else_showed_counts_for_nothing() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.user_with_passkey("eve@localhost", &mut key).await;
    let secret = with_two_factors(&world).await;
    let strength = Strength {
        combinations: vec![
            String::from("password,softwareOath,fido2")
                .try_into()
                .unwrap(),
        ],
        ..custom(PasskeyDemand::default())
    };
    let grant = AccessGrant::Strength(strength.id);
    world.policy(PolicyDocument::Strength(strength)).await;
    world.wait(1);
    let mut browser = world.browser();
    prove(&world, &mut browser, &secret).await;
    world.access_policy(7, AccessState::Enabled, grant).await;
    // The attempt in this browser is Ada's, the passkey is Eve's, who has shown neither password nor code.
    let answer = browser.sign_in_with(&mut key).await;
    answer.refused(403, "strength_unreachable");
    assert!(browser.session_cookie().is_none());
}

#[tokio::test]
async fn without_a_passkey_the_strength_leads_to_registering_one_which_satisfies_it() {
    let world = TestApp::new().await;
    let secret = with_two_factors(&world).await;
    world.access_policy(7, AccessState::Enabled, STRONG).await;
    let mut browser = world.browser();
    let answer = prove(&world, &mut browser, &secret).await;
    answer.redirects_to("/signin/register");
    // The passkey is what is asked for: leaving it out opens nothing.
    let context = world.context();
    let skipped = browser
        .post("/signin/nudge/skip", &[("ctx", &context)])
        .await;
    skipped.refused(401, "not_prompted");
    assert!(browser.session_cookie().is_none());
    let made = browser.register_in_interrupt(&mut authenticator()).await;
    assert_eq!(made.json()["next"], "/security-info");
    assert!(browser.session_cookie().is_some());
}

#[tokio::test]
async fn whoever_may_not_register_and_has_nothing_strong_enough_is_told_so() {
    let world = TestApp::new().await;
    let user = world.user(NAME).await;
    let pass = world.pass(&user, PassUse::Many).await;
    let strength = Strength {
        combinations: vec![String::from("password,sms").try_into().unwrap()],
        ..custom(PasskeyDemand::default())
    };
    let grant = AccessGrant::Strength(strength.id);
    world.policy(PolicyDocument::Strength(strength)).await;
    world.access_policy(7, AccessState::Enabled, grant).await;
    let answer = world.browser().sign_in_with_pass(NAME, &pass).await;
    answer.refused(403, "strength_unreachable");
}

#[tokio::test]
async fn a_strength_can_ask_for_two_different_passkeys() {
    let world = TestApp::new().await;
    let (mut first, mut second) = (authenticator(), authenticator());
    let (_, mut registered) = world.user_with_passkey(NAME, &mut first).await;
    add_passkey(&world, &mut registered, &mut second).await;
    let strength = custom(PasskeyDemand {
        two_different: true,
        ..PasskeyDemand::default()
    });
    let grant = AccessGrant::Strength(strength.id);
    world.policy(PolicyDocument::Strength(strength)).await;
    world.access_policy(7, AccessState::Enabled, grant).await;
    let mut browser = world.browser();
    let again = |answer: &Answer| answer.json()["next"].as_str().unwrap().to_owned();
    let answer = browser.sign_in_with(&mut first).await;
    assert!(
        again(&answer).starts_with("/signin/step-up"),
        "{}",
        answer.body
    );
    let answer = browser.sign_in_with(&mut first).await;
    assert!(
        again(&answer).starts_with("/signin/step-up"),
        "{}",
        answer.body
    );
    let answer = browser.sign_in_with(&mut second).await;
    assert_eq!(again(&answer), "/security-info");
    assert!(browser.session_cookie().is_some());
}

#[tokio::test]
async fn an_assertion_begins_one_attempt_only() {
    let world = TestApp::new().await;
    let mut key =
        keyward::cli::tour::SoftwareAuthenticator::new(keyward::cli::tour::Kind::synced());
    world.user_with_passkey(NAME, &mut key).await;
    let strength = custom(PasskeyDemand {
        two_different: true,
        ..PasskeyDemand::default()
    });
    let grant = AccessGrant::Strength(strength.id);
    let mut other = authenticator();
    let (_, mut browser) = (0, world.browser());
    browser.sign_in_with(&mut key).await;
    add_passkey(&world, &mut browser, &mut other).await;
    world.policy(PolicyDocument::Strength(strength)).await;
    world.access_policy(7, AccessState::Enabled, grant).await;
    let context = world.context();
    let options = browser.assertion_options(&context).await;
    let response = key.sign_in(&options, world.origin()).unwrap();
    let first = browser.finish_assertion(&context, response.clone()).await;
    assert_eq!(first.status, 200, "{}", first.body);
    browser
        .finish_assertion(&context, response)
        .await
        .refused(400, "challenge_spent");
}

/// A strength of passkeys with this demand.
fn custom(passkey: PasskeyDemand) -> Strength {
    Strength {
        id: policy::model::StrengthId::from_bytes([0x51; 16]),
        name: "Special".to_owned(),
        combinations: vec![String::from("fido2").try_into().unwrap()],
        passkey,
        ..policy::strength::built_in().remove(0)
    }
}

/// Adds a passkey on the security info page.
async fn add_passkey(
    world: &TestApp,
    browser: &mut Browser<'_>,
    key: &mut keyward::cli::tour::SoftwareAuthenticator,
) {
    let options = browser
        .post_json("/security-info/passkeys/options", &json!({}))
        .await;
    assert_eq!(options.status, 200, "{}", options.body);
    let response = key.register(&options.json(), world.origin()).unwrap();
    let made = browser
        .post_json(
            "/security-info/passkeys",
            &json!({ "credential": response }),
        )
        .await;
    assert!(made.status.is_success(), "{}", made.body);
}

/// A policy of its own on registering sign-in methods.
async fn protect_registration(world: &TestApp, grant: AccessGrant) {
    let now = world.app.clock.now();
    let policy = policy::model::AccessPolicy {
        id: policy::model::AccessPolicyId::from_bytes([9; 16]),
        name: "Registration".to_owned(),
        description: String::new(),
        state: AccessState::Enabled,
        created: now,
        modified: now,
        conditions: policy::model::Conditions {
            users: policy::model::Assignment::everyone(),
            target: policy::model::AccessTarget::RegisterSecurityInfo,
            ..policy::model::Conditions::default()
        },
        grant,
        session: policy::model::SessionControls::default(),
    };
    world.policy(PolicyDocument::Access(Box::new(policy))).await;
}

#[tokio::test]
async fn registering_has_a_requirement_of_its_own() {
    let world = TestApp::new().await;
    let secret = with_two_factors(&world).await;
    let mut browser = world.browser();
    prove(&world, &mut browser, &secret).await;
    protect_registration(&world, STRONG).await;
    // In the interrupt: what was shown is not enough for registering, whatever it is enough for elsewhere.
    let context = world.context();
    let options = browser
        .post_json("/signin/register/options", &json!({ "ctx": context }))
        .await;
    options.refused(403, "step_up_required");
    let page = browser
        .get(&format!("/signin/register?ctx={context}"))
        .await;
    assert!(page.body.contains("step_up_required"), "{}", page.body);
}

#[tokio::test]
async fn a_block_on_registering_holds_on_the_own_page_and_stops_no_sign_in() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.user_with_passkey(NAME, &mut key).await;
    protect_registration(&world, AccessGrant::Block).await;
    let mut browser = world.browser();
    assert_eq!(browser.sign_in_with(&mut key).await.status, 200);
    for path in ["/security-info/passkeys/add", "/security-info/totp"] {
        browser.get(path).await.refused(403, "access_blocked");
    }
    browser
        .post_json("/security-info/passkeys/options", &json!({}))
        .await
        .refused(403, "access_blocked");
    assert_eq!(browser.get("/security-info").await.status, 200);
}

/// An attempt that goes on from a session of an hour ago has not shown two factors lately.
#[tokio::test]
async fn an_old_session_does_not_become_fresh_by_a_step_up() {
    let world = TestApp::new().await;
    let secret = with_two_factors(&world).await;
    let mut browser = world.browser();
    prove(&world, &mut browser, &secret).await;
    let context = world.context();
    let fields = [("ctx", context.as_str())];
    browser.post("/signin/nudge/skip", &fields).await;
    world.access_policy(7, AccessState::Enabled, STRONG).await;
    world.wait(3_600);
    let context = world.context();
    let answer = browser
        .get(&format!("/signin/continue?ctx={context}"))
        .await;
    answer.refused(403, "strength_unreachable");
}
