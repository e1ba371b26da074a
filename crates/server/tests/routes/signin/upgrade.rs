//! Conditional create: `POST /signin/register…` with `silent`, and `/signin/upgrade` between a finished sign-in and where it leads.

use axum::http::{StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keyward::cli::tour::{Kind, SoftwareAuthenticator};
use policy::model::{AttestationRule, AuditRecord, AuditResult, PassUse, Provenance, User};
use serde_json::{Value, json};
use store::StoreError;

use crate::page;
use crate::world::{Answer, Browser, TestApp, authenticator};

const NAME: &str = "ada@localhost";
const PASSWORD: &str = "a small green boat";

/// What a provider makes without asking anybody: presence and verification are clear.
fn without_hand(mut response: Value) -> Value {
    let object = response["response"]["attestationObject"].as_str().unwrap();
    let mut bytes = URL_SAFE_NO_PAD.decode(object).unwrap();
    // The flags stand behind the hash of the relying party id.
    let start = b"authData\x58".len() + 1;
    let place = bytes
        .windows(9)
        .position(|at| at == b"authData\x58")
        .unwrap();
    bytes[place + start + 32] &= !0x05;
    response["response"]["attestationObject"] = URL_SAFE_NO_PAD.encode(bytes).into();
    response
}

fn provider() -> SoftwareAuthenticator {
    SoftwareAuthenticator::new(Kind::synced())
}

async fn with_password_and_code(world: &TestApp) -> (User, [u8; 20]) {
    let user = world.user(NAME).await;
    world.password(&user, PASSWORD, false).await;
    let secret = world.totp(&user).await;
    (user, secret)
}

/// Signs in with password and code; `can` is what the script of the page says of the browser.
async fn prove(world: &TestApp, browser: &mut Browser<'_>, secret: &[u8], can: bool) -> Answer {
    // A code counts once.
    world.wait(31);
    let context = world.context();
    let password = browser.sign_in_with_password(NAME, PASSWORD).await;
    password.redirects_to("/signin/totp");
    let code = world.code(secret);
    let mut fields = vec![("ctx", context.as_str()), ("code", code.as_str())];
    if can {
        fields.push(("upgrade", "1"));
    }
    browser.post("/signin/totp", &fields).await
}

async fn silent_options(browser: &mut Browser<'_>, context: &str) -> Answer {
    let body = json!({ "ctx": context, "silent": true });
    browser
        .script()
        .post_json("/signin/register/options", &body)
        .await
}

/// The interrupt, in which the browser makes a passkey by itself.
async fn made_in_the_interrupt<'w>(
    world: &'w TestApp,
    secret: &[u8],
    key: &mut SoftwareAuthenticator,
) -> Browser<'w> {
    let mut browser = world.browser();
    let asked = prove(world, &mut browser, secret, true).await;
    asked.redirects_to("/signin/nudge");
    let context = world.context();
    let options = silent_options(&mut browser, &context).await.json();
    let selection = &options["publicKey"]["authenticatorSelection"];
    assert_eq!(selection["userVerification"], "preferred", "{options}");
    let response = without_hand(key.register(&options, world.origin()).unwrap());
    let body = json!({ "ctx": context, "credential": response, "silent": true });
    let made = browser.post_json("/signin/register", &body).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    assert_eq!(made.json()["next"], "/security-info");
    browser
}

async fn audits(world: &TestApp, user: &User) -> Vec<AuditRecord> {
    let (tenant, filter) = (user.tenant, store::audit::Filter::User(user.id));
    let found = world.app.store.read(move |tx| {
        Box::pin(
            async move { store::audit::list(tx, tenant, filter, store::Page::first(50)).await },
        )
    });
    let found: Result<Vec<AuditRecord>, StoreError> = found.await;
    found.unwrap()
}

#[tokio::test]
async fn the_browser_makes_a_passkey_while_the_interrupt_waits_for_the_person() {
    let world = TestApp::new().await;
    let (user, secret) = with_password_and_code(&world).await;
    let mut browser = made_in_the_interrupt(&world, &secret, &mut provider()).await;
    let passkey = world.passkeys(&user).await.swap_remove(0);
    assert_eq!(passkey.provenance, Provenance::ConditionalCreate);
    assert!(!passkey.user_verified && !passkey.counts());
    let info = browser.get("/security-info").await;
    let page = page::check(&info);
    assert!(page.contains("Not yet used"), "{page}");
    assert!(
        page.contains("Your passkey waits for its first use"),
        "{page}"
    );
    let records = audits(&world, &user).await;
    let registered = records
        .iter()
        .find(|record| record.activity == "User registered security info")
        .unwrap();
    let provenance = ("Provenance".to_owned(), "conditionalCreate".to_owned());
    assert!(registered.details.contains(&provenance));
    assert!(
        records
            .iter()
            .any(|record| record.activity == "Add Passkey (synced)"),
        "{records:?}"
    );
}

#[tokio::test]
async fn what_the_browser_made_counts_from_its_first_use_on() {
    let world = TestApp::new().await;
    let (user, secret) = with_password_and_code(&world).await;
    let mut key = provider();
    made_in_the_interrupt(&world, &secret, &mut key).await;
    let mut browser = world.browser();
    let again = prove(&world, &mut browser, &secret, false).await;
    again.redirects_to("/signin/nudge");
    let asked = browser.get(again.location()).await;
    let page = page::check(&asked);
    assert!(
        page.contains("Your passkey waits for its first use"),
        "{page}"
    );
    assert!(
        page.contains("data-passkey-signin"),
        "it can be used right there"
    );
    let used = browser.sign_in_with(&mut key).await;
    assert_eq!(used.json()["next"], "/security-info", "{}", used.body);
    assert!(world.passkeys(&user).await.swap_remove(0).counts());
    let enough = prove(&world, &mut world.browser(), &secret, false).await;
    enough.redirects_to("/security-info");
}

#[tokio::test]
async fn an_unused_passkey_is_nobodys_last_way_in() {
    let world = TestApp::new().await;
    let (user, secret) = with_password_and_code(&world).await;
    let mut hidden = provider();
    let mut browser = made_in_the_interrupt(&world, &secret, &mut hidden).await;
    let options = browser
        .post_json("/security-info/passkeys/options", &json!({}))
        .await;
    let mut key = authenticator();
    let response = key.register(&options.json(), world.origin()).unwrap();
    let body = json!({ "credential": response });
    let added = browser.post_json("/security-info/passkeys", &body).await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.body);
    let (tenant, id) = (user.tenant, user.id);
    world
        .write(move |tx| Box::pin(async move { store::passwords::remove(tx, tenant, id).await }))
        .await;
    let mut known = world.passkeys(&user).await;
    known.retain(|passkey| passkey.user_verified);
    let known = known.swap_remove(0).id;
    let path = format!("/security-info/passkeys/{known}/delete");
    let asked = browser.get(&path).await;
    assert!(page::check(&asked).contains("This is your last passkey"));
    browser.post(&path, &[]).await.refused(409, "last_way_in");
    world.browser().sign_in_with(&mut hidden).await;
    browser
        .post(&path, &[])
        .await
        .redirects_to("/security-info?done=passkey-deleted");
}

#[tokio::test]
async fn a_registration_that_a_person_asked_for_still_needs_their_hand() {
    let world = TestApp::new().await;
    let (_, secret) = with_password_and_code(&world).await;
    let mut browser = world.browser();
    prove(&world, &mut browser, &secret, true).await;
    let context = world.context();
    let asked = json!({ "ctx": context });
    let options = browser.post_json("/signin/register/options", &asked).await;
    let response = provider()
        .register(&options.json(), world.origin())
        .unwrap();
    let body = json!({ "ctx": context, "credential": without_hand(response) });
    let refused = browser.script().post_json("/signin/register", &body).await;
    refused.refused(400, "up_not_set");
}

#[tokio::test]
async fn the_challenge_of_a_silent_registration_is_good_for_no_other() {
    let world = TestApp::new().await;
    let (_, secret) = with_password_and_code(&world).await;
    let mut browser = world.browser();
    prove(&world, &mut browser, &secret, true).await;
    let context = world.context();
    for silent in [true, false] {
        let asked = json!({ "ctx": context, "silent": silent });
        let options = browser.post_json("/signin/register/options", &asked).await;
        let response = provider()
            .register(&options.json(), world.origin())
            .unwrap();
        let body = json!({ "ctx": context, "credential": response, "silent": !silent });
        let refused = browser.script().post_json("/signin/register", &body).await;
        refused.refused(400, "challenge_other_ceremony");
    }
}

#[tokio::test]
async fn nothing_is_made_silently_after_a_pass_or_a_password_alone() {
    let world = TestApp::new().await;
    let user = world.user(NAME).await;
    let pass = world.pass(&user, PassUse::Many).await;
    let context = world.context();
    let mut browser = world.browser();
    browser
        .sign_in_with_pass(NAME, &pass)
        .await
        .redirects_to("/signin/register");
    silent_options(&mut browser, &context)
        .await
        .refused(403, "fresh_mfa_required");
    world.password(&user, PASSWORD, false).await;
    let mut browser = world.browser();
    browser
        .sign_in_with_password(NAME, PASSWORD)
        .await
        .redirects_to("/signin/register");
    silent_options(&mut browser, &context)
        .await
        .refused(403, "fresh_mfa_required");
}

/// A user with a security key, who signs in with password and code in a browser that makes passkeys by itself.
async fn on_the_way_round(world: &TestApp) -> (User, [u8; 20], Browser<'_>, String) {
    let (user, secret) = with_password_and_code(world).await;
    let pass = world.pass(&user, PassUse::Many).await;
    let mut browser = world.browser();
    browser.sign_in_with_pass(NAME, &pass).await;
    browser.register_in_interrupt(&mut authenticator()).await;
    let mut browser = world.browser();
    let answer = prove(world, &mut browser, &secret, true).await;
    answer.redirects_to("/signin/upgrade?to=");
    let to = answer.location_parameter("to").unwrap();
    (user, secret, browser, to)
}

#[tokio::test]
async fn a_passkey_is_made_between_the_sign_in_and_where_it_leads() {
    let world = TestApp::new().await;
    let (user, secret, mut browser, to) = on_the_way_round(&world).await;
    let shown = browser.get(&format!("/signin/upgrade?to={to}")).await;
    let page = page::check(&shown);
    assert!(page.contains("href=\"/security-info\""), "{page}");
    // Whatever the browser does, the page goes on.
    assert_eq!(shown.headers[header::REFRESH], "15; url=/security-info");
    let body = json!({ "to": to });
    let options = browser.post_json("/signin/upgrade/options", &body).await;
    let mut key = provider();
    let response = without_hand(key.register(&options.json(), world.origin()).unwrap());
    let body = json!({ "to": to, "credential": response });
    let made = browser.script().post_json("/signin/upgrade", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let passkeys = world.passkeys(&user).await;
    assert_eq!(passkeys.len(), 2);
    assert_eq!(passkeys[1].provenance, Provenance::ConditionalCreate);
    // The same answer again is refused, but its passkey is known: the provider must not be told to forget it.
    let again = browser.script().post_json("/signin/upgrade", &body).await;
    again.refused(403, "upgrade_not_needed");
    assert_eq!(again.json()["signal"], Value::Null);
    // One of each kind is enough.
    let answer = prove(&world, &mut world.browser(), &secret, true).await;
    answer.redirects_to("/security-info");
}

#[tokio::test]
async fn the_way_round_is_only_for_browsers_that_can() {
    let world = TestApp::new().await;
    let (_, secret, _, _) = on_the_way_round(&world).await;
    let answer = prove(&world, &mut world.browser(), &secret, false).await;
    answer.redirects_to("/security-info");
}

#[tokio::test]
async fn where_attestation_is_asked_nobody_is_led_the_way_round() {
    let world = TestApp::new().await;
    let (_, secret, browser, to) = on_the_way_round(&world).await;
    world
        .change_passkey_method(|method| {
            for profile in &mut method.profiles {
                profile.attestation = AttestationRule::RegistrationOnly;
            }
        })
        .await;
    let body = json!({ "to": to });
    let late = browser
        .script()
        .post_json("/signin/upgrade/options", &body)
        .await;
    late.refused(403, "attestation_required");
    let answer = prove(&world, &mut world.browser(), &secret, true).await;
    // An unattested key that could not be made today is no reason not to ask; the browser alone could not answer.
    answer.redirects_to("/signin/nudge");
}

#[tokio::test]
async fn a_refused_silent_passkey_is_taken_back_and_the_session_stays() {
    let world = TestApp::new().await;
    let (user, _, mut browser, to) = on_the_way_round(&world).await;
    let body = json!({ "to": to });
    let options = browser.post_json("/signin/upgrade/options", &body).await;
    let response = provider()
        .register(&options.json(), "https://elsewhere.example")
        .unwrap();
    let id = response["id"].clone();
    let body = json!({ "to": to, "credential": response });
    let refused = browser.script().post_json("/signin/upgrade", &body).await;
    refused.refused(400, "origin_mismatch");
    let signal = &refused.json()["signal"];
    assert_eq!(signal["kind"], "unknownCredential");
    assert_eq!(signal["credentialId"], id);
    assert_eq!(browser.get("/security-info").await.status, 200);
    assert_eq!(world.passkeys(&user).await.len(), 1);
    let records = audits(&world, &user).await;
    let failed = records
        .iter()
        .find(|record| record.result == AuditResult::Failure)
        .unwrap();
    assert_eq!(failed.reason, "origin_mismatch");
}

#[tokio::test]
async fn the_way_round_is_this_browsers_and_short() {
    let world = TestApp::new().await;
    let (_, _, mut browser, to) = on_the_way_round(&world).await;
    let path = format!("/signin/upgrade?to={to}");
    let elsewhere = world.browser().get(&path).await;
    elsewhere.refused(400, "sign_in_context_invalid");
    page::check(&elsewhere);
    for broken in ["", "x", "x.y", &format!("{to}A")] {
        let answer = browser.get(&format!("/signin/upgrade?to={broken}")).await;
        answer.refused(400, "sign_in_context_invalid");
    }
    world.wait(60);
    browser.get(&path).await.refused(400, "sign_in_expired");
}
