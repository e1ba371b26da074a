//! `/security-info/passkeys/{passkey}/activate`: passkeys that somebody else registered.

use keyward::cli::tour::SoftwareAuthenticator;
use policy::model::{AuditResult, PassUse, Passkey, PasskeyMethod, User};
use serde_json::{Value, json};

use crate::graph::{Scene, ok};
use crate::page;
use crate::world::{Answer, Browser, authenticator};

/// A scene in which what is registered for others waits, and a user with a key that an application registered.
struct Desk {
    scene: Scene,
    user: User,
}

impl Desk {
    async fn new() -> (Self, SoftwareAuthenticator) {
        let scene = Scene::new().await;
        let waits = |method: &mut PasskeyMethod| method.owner_activates = true;
        scene.world.change_passkey_method(waits).await;
        let user = scene.world.user("ada@a.example").await;
        let mut key = authenticator();
        provision(&scene, &user, &mut key).await;
        (Self { scene, user }, key)
    }

    async fn passkey(&self) -> Passkey {
        self.scene.world.passkeys(&self.user).await.swap_remove(0)
    }

    /// A browser in which the user has signed in with a pass.
    async fn browser(&self) -> Browser<'_> {
        let pass = self.scene.world.pass(&self.user, PassUse::Many).await;
        let mut browser = self.scene.world.browser();
        let name = &self.user.user_principal_name;
        browser
            .sign_in_with_pass(name, &pass)
            .await
            .redirects_to("/security-info");
        browser
    }
}

pub async fn provision(scene: &Scene, user: &User, key: &mut SoftwareAuthenticator) -> Value {
    let app = scene.app().await;
    let path = format!("/v1.0/users/{}/authentication/fido2Methods", user.id);
    let options = ok(&app.get(&format!("{path}/creationOptions")).await, 200);
    let response = key
        .register(&options["publicKey"], scene.world.origin())
        .unwrap();
    let body = json!({"displayName": "Red key", "publicKeyCredential": response});
    ok(&app.post(&path, &body).await, 201)
}

fn path(passkey: &Passkey) -> String {
    format!("/security-info/passkeys/{}/activate", passkey.id)
}

async fn options(browser: &mut Browser<'_>, passkey: &Passkey) -> Answer {
    let path = format!("{}/options", path(passkey));
    browser.post_json(&path, &json!({})).await
}

pub async fn activate(
    browser: &mut Browser<'_>,
    passkey: &Passkey,
    key: &mut SoftwareAuthenticator,
    origin: &str,
) -> Answer {
    let options = options(browser, passkey).await;
    assert_eq!(options.status, 200, "{}", options.body);
    let response = key.sign_in(&options.json(), origin).unwrap();
    let body = json!({"credential": response});
    browser.post_json(&path(passkey), &body).await
}

#[tokio::test]
async fn a_key_made_by_others_waits_until_its_owner_has_shown_it() {
    let (desk, mut key) = Desk::new().await;
    let waiting = desk.passkey().await;
    assert!(waiting.waiting && !waiting.enabled);
    let mut early = desk.scene.world.browser();
    let refused = early.sign_in_with(&mut key).await;
    refused.refused(403, "passkey_not_activated");
    let mut browser = desk.browser().await;
    let answer = browser.get("/security-info").await;
    let shown = page::check(&answer);
    assert!(shown.contains("Not activated"), "{shown}");
    assert!(shown.contains(&path(&waiting)), "{shown}");
    let answer = browser.get(&path(&waiting)).await;
    let asked = page::check(&answer);
    assert!(asked.contains("Red key"), "{asked}");
    let origin = desk.scene.world.origin().to_owned();
    let done = activate(&mut browser, &waiting, &mut key, &origin).await;
    assert_eq!(done.status, 200, "{}", done.body);
    let said = browser.get(done.json()["next"].as_str().unwrap()).await;
    assert!(said.body.contains("The passkey is activated."));
    let awake = desk.passkey().await;
    assert!(awake.enabled && !awake.waiting);
    let mut again = desk.scene.world.browser();
    assert_eq!(again.sign_in_with(&mut key).await.status, 200);
}

#[tokio::test]
async fn the_log_has_both_steps() {
    let (desk, mut key) = Desk::new().await;
    let waiting = desk.passkey().await;
    let mut browser = desk.browser().await;
    let origin = desk.scene.world.origin().to_owned();
    activate(&mut browser, &waiting, &mut key, &origin).await;
    let audits = desk.scene.world.audits(&desk.user).await;
    let record = |activity: &str| audits.iter().find(|one| one.activity == activity).unwrap();
    let registered = record("Admin registered security info");
    let waits = ("WaitsForOwner".to_owned(), "True".to_owned());
    assert!(registered.details.contains(&waits));
    let activated = record("Activate Passkey (device-bound)");
    assert_eq!(activated.result, AuditResult::Success);
    assert_eq!(activated.credential_id, Some(waiting.credential_id));
}

#[tokio::test]
async fn only_that_very_key_activates_it() {
    let (desk, _) = Desk::new().await;
    let waiting = desk.passkey().await;
    let origin = desk.scene.world.origin().to_owned();
    let mut browser = desk.browser().await;
    let mut own = authenticator();
    browser.add_passkey(&mut own).await;
    let mut asked = options(&mut browser, &waiting).await.json();
    // The browser would not let another one answer; a program would.
    asked["publicKey"]["allowCredentials"] = json!([]);
    let response = own.sign_in(&asked, &origin).unwrap();
    let body = json!({"credential": response});
    let answer = browser.post_json(&path(&waiting), &body).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    let all = desk.scene.world.passkeys(&desk.user).await;
    assert!(all.iter().any(|one| one.id == waiting.id && one.waiting));
    let failed = desk.scene.world.audits(&desk.user).await;
    let failed = failed.iter().find(|one| one.activity == "Activate Passkey");
    assert_eq!(failed.unwrap().result, AuditResult::Failure);
}

#[tokio::test]
async fn a_sign_in_is_no_activation_and_an_activation_no_sign_in() {
    let (desk, mut key) = Desk::new().await;
    let waiting = desk.passkey().await;
    let origin = desk.scene.world.origin().to_owned();
    let mut browser = desk.browser().await;
    let context = desk.scene.world.context();
    let sign_in = browser.assertion_options(&context).await;
    let response = key.sign_in(&sign_in, &origin).unwrap();
    let body = json!({"credential": response});
    let answer = browser.post_json(&path(&waiting), &body).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert!(desk.passkey().await.waiting);
    let asked = options(&mut browser, &waiting).await.json();
    let response = key.sign_in(&asked, &origin).unwrap();
    let answer = browser.finish_assertion(&context, response).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
}

#[tokio::test]
async fn activating_takes_a_fresh_sign_in() {
    let (desk, _) = Desk::new().await;
    let waiting = desk.passkey().await;
    let world = &desk.scene.world;
    let pass = world.pass(&desk.user, PassUse::Once).await;
    let mut browser = world.browser();
    let name = &desk.user.user_principal_name;
    browser.sign_in_with_pass(name, &pass).await;
    assert_eq!(options(&mut browser, &waiting).await.status, 200);
    world.wait(11 * 60);
    options(&mut browser, &waiting)
        .await
        .refused(403, "pass_registration_window_over");
}

#[tokio::test]
async fn what_does_not_wait_or_is_somebody_else_s_cannot_be_activated() {
    let (desk, _) = Desk::new().await;
    let waiting = desk.passkey().await;
    let mut browser = desk.browser().await;
    let mut own = authenticator();
    browser.add_passkey(&mut own).await;
    let all = desk.scene.world.passkeys(&desk.user).await;
    let awake = all.iter().find(|one| !one.waiting).unwrap();
    options(&mut browser, awake)
        .await
        .refused(403, "activation_not_needed");
    let (_, mut other) = desk
        .scene
        .world
        .user_with_passkey("eve@a.example", &mut authenticator())
        .await;
    options(&mut other, &waiting)
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn what_people_register_themselves_does_not_wait_and_nothing_does_by_default() {
    let (desk, _) = Desk::new().await;
    let world = &desk.scene.world;
    let (_, browser) = world
        .user_with_passkey("eve@a.example", &mut authenticator())
        .await;
    drop(browser);
    let eve = world.stored_user("eve@a.example").await;
    assert!(world.passkeys(&eve).await[0].enabled);
    world
        .change_passkey_method(|method| method.owner_activates = false)
        .await;
    let grace = world.user("grace@a.example").await;
    let mut key = authenticator();
    provision(&desk.scene, &grace, &mut key).await;
    assert_eq!(world.browser().sign_in_with(&mut key).await.status, 200);
    // What waits already goes on waiting.
    assert!(desk.passkey().await.waiting);
}

#[tokio::test]
async fn graph_shows_the_switch_and_the_state() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let path =
        "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/Fido2";
    let shown = ok(&app.get(path).await, 200);
    assert_eq!(shown["keyward@isOwnerActivationRequired"], false);
    let body = json!({
        "@odata.type": "#microsoft.graph.fido2AuthenticationMethodConfiguration",
        "keyward@isOwnerActivationRequired": true,
    });
    ok(&app.patch(path, &body).await, 204);
    let shown = ok(&app.get(path).await, 200);
    assert_eq!(shown["keyward@isOwnerActivationRequired"], true);
    // A program that does not know it leaves it as it is.
    let body = json!({"isSelfServiceRegistrationAllowed": false});
    ok(&app.patch(path, &body).await, 204);
    let shown = ok(&app.get(path).await, 200);
    assert_eq!(shown["keyward@isOwnerActivationRequired"], true);
    let user = scene.world.user("ada@a.example").await;
    let made = provision(&scene, &user, &mut authenticator()).await;
    assert_eq!(made["keyward@isWaitingForOwner"], true);
    let about = json!({"signInIdentity": {"userId": user.id}});
    let told = ok(&app.post("/beta/keyward/explain", &about).await, 200);
    assert_eq!(
        told["passkeys"][0]["signIn"]["code"],
        "passkey_not_activated"
    );
}
