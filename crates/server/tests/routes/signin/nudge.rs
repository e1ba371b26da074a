//! `/signin/nudge`: the prompt of a registration campaign between a granted sign-in and its session.

use keyward::cli::tour::{Kind, SoftwareAuthenticator};
use policy::campaign::{Outcome, Snoozes};
use policy::model::*;
use serde_json::json;

use crate::oidc::{NATIVE, Scene};
use crate::page;
use crate::world::{Answer, Browser, TestApp, authenticator};

const NAME: &str = "ada@localhost";
const PASSWORD: &str = "a small green boat";
const HOUR: u64 = 3_600;
const CHROME: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36";

/// Asked at every sign-in, three times.
fn strict() -> Campaign {
    Campaign {
        state: CampaignState::Enabled,
        snooze_days: 0,
        ..Campaign::of_new_tenant()
    }
}

async fn campaign(world: &TestApp, campaign: Campaign) {
    world.policy(PolicyDocument::Campaign(campaign)).await;
}

async fn with_password_and_code(world: &TestApp) -> (User, [u8; 20]) {
    let user = world.user(NAME).await;
    world.password(&user, PASSWORD, false).await;
    let secret = world.totp(&user).await;
    (user, secret)
}

/// Signs in with password and code, up to whatever comes then.
async fn prove(world: &TestApp, browser: &mut Browser<'_>, secret: &[u8]) -> Answer {
    prove_with(world, browser, secret, &[]).await
}

async fn prove_with(
    world: &TestApp,
    browser: &mut Browser<'_>,
    secret: &[u8],
    more: &[(&str, &str)],
) -> Answer {
    // A code counts once.
    world.wait(31);
    let context = world.context();
    let password = browser.sign_in_with_password(NAME, PASSWORD).await;
    password.redirects_to("/signin/totp");
    let code = world.code(secret);
    let mut fields = vec![("ctx", context.as_str()), ("code", code.as_str())];
    fields.extend_from_slice(more);
    browser.post("/signin/totp", &fields).await
}

async fn skip(world: &TestApp, browser: &mut Browser<'_>) -> Answer {
    let context = world.context();
    browser
        .post("/signin/nudge/skip", &[("ctx", &context)])
        .await
}

async fn after_error(world: &TestApp, browser: &mut Browser<'_>, trouble: &str) -> Answer {
    let context = world.context();
    let fields = [("ctx", context.as_str()), ("trouble", trouble)];
    browser.post("/signin/nudge/after-error", &fields).await
}

async fn snoozes(world: &TestApp, user: &User) -> Snoozes {
    let (tenant, user) = (user.tenant, user.id);
    world
        .write(move |tx| Box::pin(async move { store::campaigns::snoozes(tx, tenant, user).await }))
        .await
}

/// What was counted, in the order of outcomes: what, why, who keeps the passkey, how often.
async fn funnel(world: &TestApp) -> Vec<(Outcome, String, Option<&'static str>, i64)> {
    let tenant = world.app.tenants.default().id;
    let counts = world
        .write(move |tx| {
            Box::pin(
                async move { store::campaigns::funnel(tx, tenant, Campaign::DEFAULT, 0).await },
            )
        })
        .await;
    let mut seen: Vec<_> = counts
        .into_iter()
        .map(|one| {
            let provider = one.provider.map(|provider| provider.as_str());
            (one.outcome, one.why, provider, one.count)
        })
        .collect();
    seen.sort();
    seen
}

fn counted(outcome: Outcome, count: i64) -> (Outcome, String, Option<&'static str>, i64) {
    (outcome, String::new(), None, count)
}

#[tokio::test]
async fn three_times_it_can_be_skipped_and_then_no_more() {
    let world = TestApp::new().await;
    campaign(&world, strict()).await;
    let (user, secret) = with_password_and_code(&world).await;
    for left in ["3 more times", "2 more times", "one more time"] {
        let mut browser = world.browser();
        let asked = prove(&world, &mut browser, &secret).await;
        asked.redirects_to("/signin/nudge");
        assert!(browser.session_cookie().is_none(), "nothing is open yet");
        let shown = browser.get(asked.location()).await;
        assert!(page::check(&shown).contains(left), "{left}");
        skip(&world, &mut browser)
            .await
            .redirects_to("/security-info");
        assert!(browser.session_cookie().is_some());
    }
    assert_eq!(snoozes(&world, &user).await.count, 3);

    // Forced: no button, and none that somebody posts all the same.
    let mut browser = world.browser();
    let asked = prove(&world, &mut browser, &secret).await;
    let shown = browser.get(asked.location()).await;
    let body = page::check(&shown);
    assert!(!body.contains("/signin/nudge/skip"), "{body}");
    assert!(body.contains("asks you to make one now"), "{body}");
    skip(&world, &mut browser)
        .await
        .refused(403, "skip_not_allowed");
    assert!(browser.session_cookie().is_none());
    let mut key = authenticator();
    let made = browser.register_in_interrupt(&mut key).await;
    assert_eq!(made.json()["next"], "/security-info");
    assert!(browser.session_cookie().is_some());

    // Whoever has one is not asked again, whichever way they come in.
    let mut browser = world.browser();
    let done = browser.sign_in_with(&mut key).await;
    assert_eq!(done.json()["next"], "/security-info");
    let done = prove(&world, &mut world.browser(), &secret).await;
    done.redirects_to("/security-info");
    assert_eq!(
        funnel(&world).await,
        [
            counted(Outcome::Shown, 4),
            (Outcome::Accepted, String::new(), Some("other"), 1),
            counted(Outcome::Snoozed, 3),
        ]
    );
}

#[tokio::test]
async fn each_answer_is_in_the_audit_log_with_what_is_left() {
    let world = TestApp::new().await;
    campaign(&world, strict()).await;
    let (user, secret) = with_password_and_code(&world).await;
    let mut browser = world.browser();
    prove(&world, &mut browser, &secret).await;
    skip(&world, &mut browser).await;
    let mut browser = world.browser();
    prove(&world, &mut browser, &secret).await;
    after_error(&world, &mut browser, "cancelled").await;
    let records: Vec<_> = world
        .audits(&user)
        .await
        .into_iter()
        .filter(|record| record.activity == "User canceled security info registration")
        .collect();
    let details: Vec<_> = records
        .iter()
        .map(|record| {
            let told = |name: &str| {
                let mut all = record.details.iter();
                let found = all.find(|(known, _)| known == name);
                found.map(|(_, value)| value.clone()).unwrap_or_default()
            };
            [told("Answer"), told("SnoozesLeft"), told("Reason")].join(" ")
        })
        .collect();
    assert_eq!(details, ["errorSkipped  cancelled", "snoozed 2 "]);
}

#[tokio::test]
async fn an_answer_to_no_prompt_is_refused() {
    let world = TestApp::new().await;
    campaign(&world, strict()).await;
    let (user, secret) = with_password_and_code(&world).await;
    let mut stranger = world.browser();
    for path in ["skip", "after-error", "sign-in"] {
        let context = world.context();
        let path = format!("/signin/nudge/{path}");
        // Nobody's, a made-up one, and one that waits for a code.
        let answer = stranger.post(&path, &[("ctx", &context)]).await;
        answer.refused(401, "attempt_expired");
        let mut forged = world.browser();
        let token = keyward::web::cookies::Token::random(&world.app.random);
        let name = keyward::web::cookies::ATTEMPT.to_owned();
        forged.cookies.insert(name, token.text());
        let answer = forged.post(&path, &[("ctx", &context)]).await;
        answer.refused(401, "attempt_expired");
        let mut halfway = world.browser();
        halfway
            .sign_in_with_password(NAME, PASSWORD)
            .await
            .redirects_to("/signin/totp");
        let answer = halfway.post(&path, &[("ctx", &context)]).await;
        answer.refused(401, "not_prompted");
        assert!(halfway.session_cookie().is_none());
    }
    let pass = world.pass(&user, PassUse::Many).await;
    let mut newcomer = world.browser();
    newcomer
        .sign_in_with_pass(NAME, &pass)
        .await
        .redirects_to("/signin/register");
    skip(&world, &mut newcomer)
        .await
        .refused(401, "not_prompted");
    let context = world.context();
    let page = newcomer.get(&format!("/signin/nudge?ctx={context}")).await;
    page.redirects_to("/signin?ctx=");

    // An answer counts once, and in the browser that was asked.
    let mut browser = world.browser();
    prove(&world, &mut browser, &secret).await;
    let mut copy = browser.clone();
    skip(&world, &mut browser)
        .await
        .redirects_to("/security-info");
    skip(&world, &mut copy)
        .await
        .refused(401, "attempt_expired");
    assert_eq!(snoozes(&world, &user).await.count, 1);
}

#[tokio::test]
async fn nobody_is_asked_for_what_registering_would_refuse() {
    let world = TestApp::new().await;
    campaign(&world, strict()).await;
    let (user, secret) = with_password_and_code(&world).await;
    let asked = prove(&world, &mut world.browser(), &secret).await;
    asked.redirects_to("/signin/nudge");
    world
        .change_passkey_method(|method| method.self_service = false)
        .await;
    let done = prove(&world, &mut world.browser(), &secret).await;
    done.redirects_to("/security-info");
    world
        .change_passkey_method(|method| {
            method.self_service = true;
            method.exclude.users = vec![user.id];
        })
        .await;
    let done = prove(&world, &mut world.browser(), &secret).await;
    done.redirects_to("/security-info");
    world
        .change_passkey_method(|method| method.exclude = Scope::default())
        .await;
    let asked = prove(&world, &mut world.browser(), &secret).await;
    asked.redirects_to("/signin/nudge");
    let policy = AccessPolicy {
        id: AccessPolicyId::from_bytes([9; 16]),
        name: "Registering is for the office".to_owned(),
        description: String::new(),
        state: AccessState::Enabled,
        created: world.app.clock.now(),
        modified: world.app.clock.now(),
        conditions: Conditions {
            users: Assignment::everyone(),
            target: AccessTarget::RegisterSecurityInfo,
            ..Conditions::default()
        },
        grant: AccessGrant::Block,
        session: SessionControls::default(),
    };
    world.policy(PolicyDocument::Access(Box::new(policy))).await;
    let done = prove(&world, &mut world.browser(), &secret).await;
    done.redirects_to("/security-info");
}

#[tokio::test]
async fn an_error_holds_nobody_up_and_does_not_count() {
    let world = TestApp::new().await;
    campaign(&world, strict()).await;
    let (user, secret) = with_password_and_code(&world).await;
    for _ in 0..3 {
        let mut browser = world.browser();
        prove(&world, &mut browser, &secret).await;
        skip(&world, &mut browser).await;
    }
    for trouble in ["cancelled", "unsupported", "<script>"] {
        let mut browser = world.browser();
        prove(&world, &mut browser, &secret)
            .await
            .redirects_to("/signin/nudge");
        after_error(&world, &mut browser, trouble)
            .await
            .redirects_to("/security-info");
        assert!(browser.session_cookie().is_some());
    }
    assert_eq!(snoozes(&world, &user).await.count, 3);
    let errors: Vec<_> = funnel(&world)
        .await
        .into_iter()
        .filter(|(outcome, ..)| *outcome == Outcome::ErrorSkipped)
        .map(|(_, why, ..)| why)
        .collect();
    assert_eq!(errors, ["cancelled", "other", "unsupported"]);
}

#[tokio::test]
async fn a_passkey_that_is_refused_is_counted_with_its_reason_and_may_be_made_again() {
    let world = TestApp::new().await;
    campaign(&world, strict()).await;
    let (_, secret) = with_password_and_code(&world).await;
    let mut browser = world.browser();
    browser.program = CHROME.to_owned();
    prove(&world, &mut browser, &secret).await;
    let context = world.context();
    let asked = json!({ "ctx": context });
    let options = browser.post_json("/signin/register/options", &asked).await;
    let mut key = SoftwareAuthenticator::new(Kind::synced());
    let response = key
        .register(&options.json(), "https://elsewhere.example")
        .unwrap();
    let body = json!({ "ctx": context, "credential": response });
    let refused = browser.script().post_json("/signin/register", &body).await;
    refused.refused(400, "origin_mismatch");
    browser.register_in_interrupt(&mut authenticator()).await;
    let failed = (Outcome::Failed, "origin_mismatch".to_owned(), None, 1);
    assert!(funnel(&world).await.contains(&failed));

    // The page of the campaign shows it.
    let mut admin = world.administrator(&mut authenticator()).await;
    let path = format!("/admin/campaigns/{}", Campaign::DEFAULT);
    let shown = admin.get(&path).await;
    let body = page::check(&shown);
    for part in ["origin_mismatch", "Chrome, Windows", "Passkey registered"] {
        assert!(body.contains(part), "{part}: {body}");
    }
}

#[tokio::test]
async fn closing_the_browser_is_skipping() {
    let world = TestApp::new().await;
    let daily = Campaign {
        snooze_days: 1,
        ..strict()
    };
    campaign(&world, daily).await;
    let (user, secret) = with_password_and_code(&world).await;
    let asked = prove(&world, &mut world.browser(), &secret).await;
    asked.redirects_to("/signin/nudge");
    world.wait(HOUR);
    let put_off = prove(&world, &mut world.browser(), &secret).await;
    put_off.redirects_to("/security-info");
    world.wait(24 * HOUR);
    let mut browser = world.browser();
    let asked = prove(&world, &mut browser, &secret).await;
    asked.redirects_to("/signin/nudge");
    let shown = browser.get(asked.location()).await;
    assert!(shown.body.contains("2 more times"), "{}", shown.body);
    assert_eq!(snoozes(&world, &user).await.count, 1);
}

#[tokio::test]
async fn a_passkey_that_is_not_at_hand_here_is_no_reason_not_to_ask() {
    let world = TestApp::new().await;
    campaign(&world, strict()).await;
    let mut key = authenticator();
    world.user_with_passkey(NAME, &mut key).await;
    // Used through another device, on a system of which Entra's table knows what is at hand.
    let mut browser = world.browser();
    browser.program = CHROME.to_owned();
    let context = world.context();
    let options = browser.assertion_options(&context).await;
    let mut response = key.sign_in(&options, world.origin()).unwrap();
    response["authenticatorAttachment"] = "cross-platform".into();
    let asked = browser.finish_assertion(&context, response).await;
    let next = asked.json()["next"].as_str().unwrap().to_owned();
    assert!(next.starts_with("/signin/nudge"), "{next}");
    assert!(browser.session_cookie().is_none());
    skip(&world, &mut browser)
        .await
        .redirects_to("/security-info");
    // Used on this device, it is at hand.
    let context = world.context();
    let options = browser.assertion_options(&context).await;
    let mut response = key.sign_in(&options, world.origin()).unwrap();
    response["authenticatorAttachment"] = "platform".into();
    let done = browser.finish_assertion(&context, response).await;
    assert_eq!(done.json()["next"], "/security-info");
}

#[tokio::test]
async fn the_silent_stage_comes_first_and_once() {
    let world = TestApp::new().await;
    let silent = Campaign {
        silent_first: true,
        snooze_days: 1,
        ..strict()
    };
    campaign(&world, silent).await;
    let (user, secret) = with_password_and_code(&world).await;
    let can = [("upgrade", "1")];
    // A browser that cannot is asked at once.
    let mut plain = world.browser();
    prove(&world, &mut plain, &secret)
        .await
        .redirects_to("/signin/nudge");
    let mut browser = world.browser();
    world.wait(25 * HOUR);
    let offered = prove_with(&world, &mut browser, &secret, &can).await;
    offered.redirects_to("/signin/upgrade?to=");
    assert!(browser.session_cookie().is_some(), "it holds nobody up");
    assert_eq!(
        snoozes(&world, &user).await.silent,
        Some(world.app.clock.now())
    );
    // It made none: the next stage asks, after the pause.
    let pause = prove_with(&world, &mut world.browser(), &secret, &[]).await;
    pause.redirects_to("/security-info");
    world.wait(25 * HOUR);
    let asked = prove_with(&world, &mut world.browser(), &secret, &can).await;
    asked.redirects_to("/signin/nudge");
    // Made after all, on the page of the silent stage.
    let to = offered.location_parameter("to").unwrap();
    assert!(!to.is_empty());
    let seen = funnel(&world).await;
    assert!(
        seen.contains(&counted(Outcome::SilentOffered, 1)),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_passkey_made_silently_for_a_campaign_is_counted() {
    let world = TestApp::new().await;
    let silent = Campaign {
        silent_first: true,
        ..strict()
    };
    campaign(&world, silent).await;
    let (_, secret) = with_password_and_code(&world).await;
    let mut browser = world.browser();
    let offered = prove_with(&world, &mut browser, &secret, &[("upgrade", "1")]).await;
    let to = offered.location_parameter("to").unwrap();
    let options = browser
        .post_json("/signin/upgrade/options", &json!({ "to": to }))
        .await;
    let mut key = SoftwareAuthenticator::new(Kind::synced());
    let response = key.register(&options.json(), world.origin()).unwrap();
    let body = json!({ "to": to, "credential": response });
    let made = browser.post_json("/signin/upgrade", &body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(
        funnel(&world).await,
        [
            counted(Outcome::SilentOffered, 1),
            (Outcome::SilentMade, String::new(), Some("other"), 1),
        ]
    );
}

#[tokio::test]
async fn a_new_password_comes_before_the_prompt() {
    let world = TestApp::new().await;
    campaign(&world, strict()).await;
    let (user, secret) = with_password_and_code(&world).await;
    world.password(&user, PASSWORD, true).await;
    let mut browser = world.browser();
    let first = prove(&world, &mut browser, &secret).await;
    first.redirects_to("/signin/new-password");
    let context = world.context();
    let fields = [
        ("ctx", context.as_str()),
        ("new", "another green boat"),
        ("again", "another green boat"),
    ];
    let then = browser.post("/signin/new-password", &fields).await;
    then.redirects_to("/signin/nudge");
    // What had to be changed was changed. Nothing may be changed at the prompt.
    let again = browser.post("/signin/new-password", &fields).await;
    again.refused(401, "attempt_expired");
    skip(&world, &mut browser)
        .await
        .redirects_to("/security-info");
    assert_eq!(snoozes(&world, &user).await.count, 1);
}

/// The campaign asks in sessions too.
async fn asking_in_sessions() -> Scene {
    let scene = Scene::new().await;
    let campaign = Campaign {
        single_sign_on: true,
        ..strict()
    };
    scene.world.policy(PolicyDocument::Campaign(campaign)).await;
    scene
}

#[tokio::test]
async fn a_session_that_was_there_is_asked_once_and_goes_on_as_it_was() {
    let scene = asking_in_sessions().await;
    let mut browser = scene.signed_in().await;
    scene.world.wait(60);
    let cookie = browser.session_cookie().cloned();
    let asked = browser.get(&scene.authorize(&[])).await;
    asked.redirects_to("/signin/nudge");
    let shown = browser.get(asked.location()).await;
    let body = page::check(&shown).to_owned();
    assert!(body.contains("data-passkey-register"), "{body}");
    let context = page::field(&body, "ctx").unwrap().to_owned();
    let skipped = browser
        .post("/signin/nudge/skip", &[("ctx", &context)])
        .await;
    skipped.redirects_to("/signin/continue");
    let done = browser.get(skipped.location()).await;
    assert!(done.location().starts_with(NATIVE), "{}", done.location());
    assert_eq!(
        browser.session_cookie().cloned(),
        cookie,
        "no other session"
    );
    // Once in a session, however short the snooze.
    let again = browser.get(&scene.authorize(&[])).await;
    assert!(again.location().starts_with(NATIVE), "{}", again.location());
    let code = again.location_parameter("code").unwrap();
    let claims = scene
        .claims(
            keyward::jose::TokenType::IdToken,
            scene.redeem(&code, &[]).await.json()["id_token"]
                .as_str()
                .unwrap(),
        )
        .await;
    let authenticated = claims["auth_time"].as_i64().unwrap();
    assert!(
        authenticated <= scene.now().as_seconds() - 60,
        "a prompt that was put off makes no sign-in newer"
    );
}

#[tokio::test]
async fn a_request_that_forbids_to_ask_is_never_answered_by_a_prompt() {
    let scene = asking_in_sessions().await;
    let mut browser = scene.signed_in().await;
    let answer = browser.get(&scene.authorize(&[("prompt", "none")])).await;
    assert!(
        answer.location_parameter("code").is_some(),
        "{}",
        answer.location()
    );
    // And where the campaign waits for sign-ins, nobody is asked in a session at all.
    scene.world.policy(PolicyDocument::Campaign(strict())).await;
    let answer = browser.get(&scene.authorize(&[])).await;
    assert!(
        answer.location_parameter("code").is_some(),
        "{}",
        answer.location()
    );
}

#[tokio::test]
async fn in_an_old_session_two_factors_are_shown_again_before_a_passkey_is_made() {
    let scene = asking_in_sessions().await;
    let mut browser = scene.signed_in().await;
    scene.world.wait(2 * HOUR);
    let asked = browser.get(&scene.authorize(&[])).await;
    asked.redirects_to("/signin/nudge");
    let shown = browser.get(asked.location()).await;
    let body = page::check(&shown).to_owned();
    assert!(body.contains("/signin/nudge/sign-in"), "{body}");
    assert!(!body.contains("data-passkey-register"), "{body}");
    let context = page::field(&body, "ctx").unwrap().to_owned();
    let options = browser
        .script()
        .post_json("/signin/register/options", &json!({ "ctx": context }))
        .await;
    options.refused(403, "fresh_mfa_required");
    let agreed = browser
        .post("/signin/nudge/sign-in", &[("ctx", &context)])
        .await;
    agreed.redirects_to("/signin?ctx=");
    assert_eq!(snoozes(&scene.world, &scene.user).await, Snoozes::default());
}

#[tokio::test]
async fn a_passkey_made_in_a_session_leaves_the_session_as_it_was() {
    let scene = asking_in_sessions().await;
    let mut browser = scene.signed_in().await;
    let cookie = browser.session_cookie().cloned();
    let asked = browser.get(&scene.authorize(&[])).await;
    let shown = browser.get(asked.location()).await;
    let context = page::field(page::check(&shown), "ctx").unwrap().to_owned();
    let body = json!({ "ctx": context });
    let options = browser.post_json("/signin/register/options", &body).await;
    let response = authenticator()
        .register(&options.json(), scene.world.origin())
        .unwrap();
    let body = json!({ "ctx": context, "credential": response });
    let made = browser.post_json("/signin/register", &body).await;
    let next = made.json()["next"].as_str().unwrap().to_owned();
    assert!(next.starts_with("/signin/continue"), "{next}");
    assert_eq!(browser.session_cookie().cloned(), cookie);
    let done = browser.get(&next).await;
    assert!(done.location().starts_with(NATIVE), "{}", done.location());
}

#[tokio::test]
async fn an_old_session_does_not_go_on_to_what_asked_for_a_fresh_sign_in() {
    let scene = Scene::new().await;
    let mut browser = scene.signed_in().await;
    scene.world.wait(60);
    let asked = browser.get(&scene.authorize(&[("prompt", "login")])).await;
    asked.redirects_to("/signin?ctx=");
    let context = asked.location_parameter("ctx").unwrap();
    let answer = browser
        .get(&format!("/signin/continue?ctx={context}"))
        .await;
    answer.redirects_to("/signin?ctx=");
}

/// In a cloud without passkeys nobody is asked for one.
#[tokio::test]
async fn nobody_is_asked_for_what_there_is_not() {
    let world = TestApp::new().await;
    let (_, secret) = with_password_and_code(&world).await;
    campaign(&world, strict()).await;
    let asked = prove(&world, &mut world.browser(), &secret).await;
    asked.redirects_to("/signin/nudge");
    let unavailable = PasskeyAvailability {
        available: false,
        reason: "There are none.".to_owned(),
    };
    world
        .policy(PolicyDocument::Availability(unavailable))
        .await;
    let signed_in = prove(&world, &mut world.browser(), &secret).await;
    signed_in.redirects_to("/security-info");
}
