//! A strength that binds the first factor: what is offered, what is refused, what is recorded.

use policy::model::{
    AccessGrant, AccessState, PassUse, PolicyDocument, Scope, SignInRecord, Strength, StrengthId,
};
use serde_json::{Value, json};

use crate::world::{Answer, Browser, TestApp, authenticator};

const NAME: &str = "ada@localhost";
const PASSWORD: &str = "a small green boat";
const BOUND: StrengthId = StrengthId::from_bytes([0xb0; 16]);

/// Passkeys only, from the first step on.
async fn bound(world: &TestApp, state: AccessState) {
    bound_to(world, state, "fido2").await;
}

async fn bound_to(world: &TestApp, state: AccessState, combination: &str) {
    let strength = Strength {
        id: BOUND,
        name: "Passkey first".to_owned(),
        combinations: vec![combination.to_owned().try_into().unwrap()],
        binds_first_factor: true,
        ..policy::strength::built_in().remove(0)
    };
    world.policy(PolicyDocument::Strength(strength)).await;
    world
        .access_policy(7, state, AccessGrant::Strength(BOUND))
        .await;
    // Records of one millisecond have no order.
    world.wait(1);
}

/// Somebody with a password and a one-time code generator; answers its secret.
async fn with_two_factors(world: &TestApp) -> [u8; 20] {
    let user = world.user(NAME).await;
    world.password(&user, PASSWORD, false).await;
    world.totp(&user).await
}

async fn newest(world: &TestApp) -> (SignInRecord, Value) {
    let newest = world.sign_ins().await.swap_remove(0);
    let decision: Value = serde_json::from_str(&newest.decision).unwrap();
    let applied = decision["conditionalAccess"][0].clone();
    (newest, applied)
}

/// The page after the username.
async fn after_name(browser: &mut Browser<'_>, name: &str, method: &str) -> Answer {
    let context = browser.get("/signin").await;
    let context = crate::page::field(&context.body, "ctx").unwrap().to_owned();
    let fields = [
        ("ctx", context.as_str()),
        ("username", name),
        ("method", method),
    ];
    let answer = browser.post("/signin/identifier", &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}

fn offers(page: &Answer) -> [bool; 3] {
    [
        "data-passkey-signin",
        "type=\"password\"",
        "name=\"method\" value=\"pass\"",
    ]
    .map(|part| page.body.contains(part))
}

#[tokio::test]
async fn a_password_is_refused_before_the_code_is_asked_for() {
    let world = TestApp::new().await;
    with_two_factors(&world).await;
    bound(&world, AccessState::Enabled).await;
    // A wrong one is wrong like any other: nothing is said of policies to whoever does not know it.
    let mut browser = world.browser();
    let wrong = browser.sign_in_with_password(NAME, "something else").await;
    wrong.refused(401, "wrong_credentials");
    world.wait(1);
    let refused = browser.sign_in_with_password(NAME, PASSWORD).await;
    refused.refused(403, "first_factor_not_allowed");
    assert!(refused.body.contains("/signin?ctx="), "a way on");
    assert!(!browser.cookies.keys().any(|name| name.contains("attempt")));
    let (record, applied) = newest(&world).await;
    assert_eq!(record.failure_code, "first_factor_not_allowed");
    assert_eq!(record.error_code, 53_003);
    assert!(record.failure_reason.contains("Policy 7"), "{record:?}");
    assert_eq!(applied["result"], "failure");
    let controls = json!(["Passkey first", "firstFactor"]);
    assert_eq!(applied["enforcedGrantControls"], controls);
}

#[tokio::test]
async fn a_password_alone_is_refused_too() {
    let world = TestApp::new().await;
    let user = world.user(NAME).await;
    world.password(&user, PASSWORD, false).await;
    bound(&world, AccessState::Enabled).await;
    let mut browser = world.browser();
    let refused = browser.sign_in_with_password(NAME, PASSWORD).await;
    refused.refused(403, "first_factor_not_allowed");
    assert_eq!(browser.session_cookie(), None);
}

#[tokio::test]
async fn a_code_does_not_go_on_from_a_password_that_is_no_beginning_any_more() {
    let world = TestApp::new().await;
    let secret = with_two_factors(&world).await;
    let mut browser = world.browser();
    let answer = browser.sign_in_with_password(NAME, PASSWORD).await;
    answer.redirects_to("/signin/totp");
    bound(&world, AccessState::Enabled).await;
    let (context, code) = (world.context(), world.code(&secret));
    let fields = [("ctx", context.as_str()), ("code", code.as_str())];
    let refused = browser.post("/signin/totp", &fields).await;
    refused.refused(403, "first_factor_not_allowed");
}

#[tokio::test]
async fn a_passkey_is_refused_where_only_a_password_begins() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.user_with_passkey(NAME, &mut key).await;
    bound_to(&world, AccessState::Enabled, "password,softwareOath").await;
    let refused = world.browser().sign_in_with(&mut key).await;
    refused.refused(403, "first_factor_not_allowed");
    let page = after_name(&mut world.browser(), NAME, "password").await;
    assert_eq!(offers(&page), [false, true, false], "{}", page.body);
}

#[tokio::test]
async fn pages_offer_what_can_satisfy_and_say_nothing_of_names() {
    let world = TestApp::new().await;
    with_two_factors(&world).await;
    let page = after_name(&mut world.browser(), NAME, "password").await;
    assert_eq!(offers(&page), [true, true, true], "{}", page.body);
    bound(&world, AccessState::Enabled).await;
    for name in [NAME, "nobody@localhost"] {
        let page = after_name(&mut world.browser(), name, "password").await;
        crate::page::check(&page);
        assert_eq!(offers(&page), [true, false, true], "{}", page.body);
        let pass = after_name(&mut world.browser(), name, "pass").await;
        assert!(pass.body.contains("name=\"pass\""), "{}", pass.body);
        assert!(!pass.body.contains("value=\"password\""), "{}", pass.body);
    }
}

#[tokio::test]
async fn a_passkey_begins_and_is_enough() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.user_with_passkey(NAME, &mut key).await;
    bound(&world, AccessState::Enabled).await;
    let mut browser = world.browser();
    let answer = browser.sign_in_with(&mut key).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(browser.session_cookie().is_some());
}

/// The registration loop: the passkey that is asked for can be made, and only that.
#[tokio::test]
async fn a_pass_leads_to_the_passkey_and_to_nothing_else() {
    let world = TestApp::new().await;
    bound(&world, AccessState::Enabled).await;
    let user = world.user(NAME).await;
    let pass = world.pass(&user, PassUse::Many).await;
    let mut browser = world.browser();
    let answer = browser.sign_in_with_pass(NAME, &pass).await;
    answer.redirects_to("/signin/register");
    let context = world.context();
    let skipped = browser
        .post("/signin/nudge/skip", &[("ctx", &context)])
        .await;
    skipped.refused(401, "not_prompted");
    assert_eq!(browser.session_cookie(), None);
    browser.register_in_interrupt(&mut authenticator()).await;
    assert!(browser.session_cookie().is_some());
}

#[tokio::test]
async fn report_only_binds_nothing_and_is_recorded() {
    let world = TestApp::new().await;
    let user = world.user(NAME).await;
    world.password(&user, PASSWORD, false).await;
    let mut key = authenticator();
    world.passkey_of(&user, &mut key).await;
    bound(&world, AccessState::ReportOnly).await;
    let page = after_name(&mut world.browser(), NAME, "password").await;
    assert_eq!(offers(&page), [true, true, true], "{}", page.body);
    let mut browser = world.browser();
    browser.sign_in_with_password(NAME, PASSWORD).await;
    assert!(browser.session_cookie().is_some());
    let (record, applied) = newest(&world).await;
    assert_eq!(record.error_code, 0);
    assert_eq!(applied["result"], "reportOnlyFailure");
}

/// A session was opened under what was asked for then; what is asked for now is stepped up to.
#[tokio::test]
async fn a_session_steps_up_whatever_it_began_with() {
    let world = TestApp::new().await;
    let user = world.user(NAME).await;
    world.password(&user, PASSWORD, false).await;
    let mut key = authenticator();
    world.passkey_of(&user, &mut key).await;
    let mut browser = world.browser();
    browser.sign_in_with_password(NAME, PASSWORD).await;
    assert!(browser.session_cookie().is_some());
    bound(&world, AccessState::Enabled).await;
    let context = world.context();
    let more = browser
        .get(&format!("/signin/continue?ctx={context}"))
        .await;
    more.redirects_to("/signin/step-up");
    let done = browser.sign_in_with(&mut key).await;
    assert_eq!(done.json()["next"], "/security-info", "{}", done.body);
}

#[tokio::test]
async fn whoever_is_excluded_begins_as_they_like() {
    let world = TestApp::new().await;
    let user = world.user(NAME).await;
    world.password(&user, PASSWORD, false).await;
    let mut key = authenticator();
    world.passkey_of(&user, &mut key).await;
    bound(&world, AccessState::Enabled).await;
    let tenant = user.tenant;
    let mut access = world
        .write(move |tx| Box::pin(async move { store::policies::load(tx, tenant).await }))
        .await
        .access;
    let mut policy = access.swap_remove(0);
    policy.conditions.users.exclude = Scope {
        users: vec![user.id],
        ..Scope::default()
    };
    world.policy(PolicyDocument::Access(Box::new(policy))).await;
    let page = after_name(&mut world.browser(), NAME, "password").await;
    assert_eq!(offers(&page), [true, true, true], "{}", page.body);
    let mut browser = world.browser();
    browser.sign_in_with_password(NAME, PASSWORD).await;
    assert!(browser.session_cookie().is_some());
}
