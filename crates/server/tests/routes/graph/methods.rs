//! `users/{user}/authentication` and `me/authentication`.

use axum::http::{Method, StatusCode};
use keyward::cli::tour::SoftwareAuthenticator;
use policy::model::{Actor, AuditResult, PassUse, Proof, Provenance, Role, User};
use policy::scopes::Scope;
use serde_json::{Value, json};

use super::schema::valid;
use super::{Program, Scene, ok, refused};
use crate::world::authenticator;

const METHODS: [Scope; 1] = [Scope::MethodsReadWriteAll];
const OWN: [Scope; 2] = [Scope::MethodsReadWrite, Scope::UserRead];

fn at(user: &User, rest: &str) -> String {
    format!("/v1.0/users/{}/authentication/{rest}", user.id)
}

/// What a program posts after it made a passkey for `options` by itself.
fn made(key: &mut SoftwareAuthenticator, options: &Value, origin: &str) -> Value {
    let response = key.register(&options["publicKey"], origin).unwrap();
    json!({
        "displayName": "Red key",
        "publicKeyCredential": {
            "id": response["id"],
            "response": {
                "clientDataJSON": response["response"]["clientDataJSON"],
                "attestationObject": response["response"]["attestationObject"],
            },
        },
    })
}

async fn provision(by: &Program<'_>, user: &User, key: &mut SoftwareAuthenticator) -> Value {
    let options = ok(
        &by.get(&at(user, "fido2Methods/creationOptions")).await,
        200,
    );
    let origin = by.scene.world.origin().to_owned();
    let body = made(key, &options, &origin);
    ok(&by.post(&at(user, "fido2Methods"), &body).await, 201)
}

#[tokio::test]
async fn a_program_walks_a_passkey_through_its_life() {
    let scene = Scene::new().await;
    let user = scene.world.user("ada@a.example").await;
    let app = scene.app().await;
    let mut key = authenticator();
    let passkey = provision(&app, &user, &mut key).await;
    for (name, value) in [
        ("displayName", "Red key"),
        ("attestationLevel", "notAttested"),
        ("passkeyType", "deviceBound"),
    ] {
        assert_eq!(passkey[name], value, "{passkey}");
    }
    assert!(passkey["attestationCertificates"].is_array(), "{passkey}");
    let id = passkey["id"].as_str().unwrap();
    let one = at(&user, &format!("fido2Methods/{id}"));
    assert_eq!(ok(&app.get(&one).await, 200)["id"], id);
    let missing = (4 - id.len() % 4) % 4;
    ok(&app.get(&format!("{one}{missing}")).await, 200);
    let renamed = app.patch(&one, &json!({"displayName": "Blue key"})).await;
    assert_eq!(ok(&renamed, 200)["displayName"], "Blue key");
    let all = ok(&app.get(&at(&user, "methods")).await, 200);
    assert_eq!(
        all["value"][0]["@odata.type"],
        "#microsoft.graph.fido2AuthenticationMethod"
    );
    // It opens the door.
    let mut browser = scene.world.browser();
    let signed_in = browser.sign_in_with(&mut key).await;
    assert_eq!(signed_in.status.as_u16(), 200, "{}", signed_in.body);
    let gone = app.delete(&one).await;
    ok(&gone, 204);
    assert_eq!(gone.body, "");
    refused(&app.get(&one).await, 404, "not_found");
    let list = ok(&app.get(&at(&user, "fido2Methods")).await, 200);
    assert_eq!(list["value"], json!([]));
}

#[tokio::test]
async fn the_log_names_the_application_and_the_passkey_says_that_it_was_provisioned() {
    let scene = Scene::new().await;
    let user = scene.world.user("ada@a.example").await;
    provision(&scene.app().await, &user, &mut authenticator()).await;
    let stored = scene.world.passkeys(&user).await;
    assert_eq!(stored[0].provenance, Provenance::Provisioned);
    let audits = scene.world.audits(&user).await;
    for activity in [
        "Get passkey creation options",
        "Add Passkey (device-bound)",
        "Admin registered security info",
    ] {
        let record = audits.iter().find(|one| one.activity == activity);
        let record = record.unwrap_or_else(|| panic!("{activity} is missing"));
        let expected = Actor::App {
            id: scene.application.id,
            display_name: scene.application.display_name.clone(),
        };
        assert_eq!(record.initiated_by, expected, "{activity}");
    }
}

#[tokio::test]
async fn a_passkey_says_whose_hand_added_it() {
    let scene = Scene::new().await;
    let user = scene.world.user("ada@a.example").await;
    let application = json!({
        "kind": "application",
        "id": scene.application.id,
        "displayName": scene.application.display_name,
    });
    let made = provision(&scene.app().await, &user, &mut authenticator()).await;
    assert_eq!(made["keyward@registeredBy"], application);
    let administrator = scene.world.user("eve@a.example").await;
    scene
        .world
        .role(&administrator, Role::AuthenticationAdministrator)
        .await;
    let by = scene.as_user(&administrator, &METHODS).await.program;
    let made = provision(&by, &user, &mut authenticator()).await;
    let registrar = &made["keyward@registeredBy"];
    assert_eq!(registrar["kind"], "administrator");
    assert_eq!(registrar["id"], administrator.id.to_string());
    let own = scene.as_user(&user, &OWN).await.program;
    let me = "/beta/me/authentication/fido2Methods";
    let options = ok(&own.get(&format!("{me}/creationOptions")).await, 200);
    let body = self::made(&mut authenticator(), &options, scene.world.origin());
    ok(&own.post(me, &body).await, 201);
    let list = ok(&own.get(me).await, 200);
    let list = list["value"].as_array().unwrap();
    let told: Vec<_> = list
        .iter()
        .map(|one| &one["keyward@registeredBy"])
        .collect();
    let word = |kind: &str, id: Value| json!({"kind": kind, "id": id});
    for expected in [
        application,
        // Who exactly, the owner need not know.
        word("administrator", Value::Null),
        word("owner", json!(user.id)),
    ] {
        assert!(told.contains(&&expected), "{expected} is not in {told:?}");
    }
}

#[tokio::test]
async fn both_pages_say_who_added_a_passkey() {
    let scene = Scene::new().await;
    let mut key = authenticator();
    let mut admin = scene.world.administrator(&mut key).await;
    let user = scene.world.user("ada@a.example").await;
    let mut hers = authenticator();
    provision(&scene.app().await, &user, &mut hers).await;
    let by_application = "by the application Provisioning";
    let page = admin.get(&format!("/admin/users/{}", user.id)).await;
    assert!(page.body.contains(by_application), "{}", page.body);
    let own = admin.get("/security-info").await;
    assert!(own.body.contains(" by you ·"), "{}", own.body);
    let mut browser = scene.world.browser();
    browser.sign_in_with(&mut hers).await;
    let own = browser.get("/security-info").await;
    assert!(own.body.contains(by_application), "{}", own.body);
    assert!(!own.body.contains(" by you ·"), "{}", own.body);
}

#[tokio::test]
async fn creation_options_come_for_every_spelling() {
    let scene = Scene::new().await;
    let user = scene.world.user("ada@a.example").await;
    let app = scene.app().await;
    for (spelling, ends) in [
        ("creationOptions", "2026-12-01T12:05:00Z"),
        ("creationOptions()", "2026-12-01T12:05:00Z"),
        (
            "creationOptions(challengeTimeoutInMinutes=10)",
            "2026-12-01T12:10:00Z",
        ),
        (
            "creationOptions(challengeTimeoutInMinutes=@p)?@p=20",
            "2026-12-01T12:20:00Z",
        ),
        (
            "creationOptions?challengeTimeoutInMinutes=43200",
            "2026-12-31T12:00:00Z",
        ),
        (
            "creationOptions(challengeTimeoutInMinutes=@challengeTimeoutInMinutes)?challengeTimeoutInMinutes=30",
            "2026-12-01T12:30:00Z",
        ),
    ] {
        let path = at(&user, &format!("fido2Methods/{spelling}"));
        let beta = path.replace("/v1.0/", "/beta/");
        let options = ok(&app.get(&beta).await, 200);
        assert_eq!(options["challengeTimeoutDateTime"], ends, "{spelling}");
        let challenge = options["publicKey"]["challenge"].as_str().unwrap();
        let handle = options["publicKey"]["user"]["id"].as_str().unwrap();
        // One admin tool decodes without padding.
        assert_eq!(challenge.len() % 4, 0);
        assert_eq!(handle.len() % 4, 0);
        let published = ok(&app.get(&path).await, 200);
        valid("webauthnCredentialCreationOptions", &published);
    }
    for out in ["4", "43201", "x", "-5", "5.5", ""] {
        let path = at(
            &user,
            &format!("fido2Methods/creationOptions?challengeTimeoutInMinutes={out}"),
        );
        refused(&app.get(&path).await, 400, "field_invalid");
    }
}

#[tokio::test]
async fn a_challenge_lives_as_long_as_was_asked_and_works_once() {
    let scene = Scene::new().await;
    let user = scene.world.user("ada@a.example").await;
    let other = scene.world.user("grace@a.example").await;
    let app = scene.app().await;
    let path = at(
        &user,
        "fido2Methods/creationOptions?challengeTimeoutInMinutes=600",
    );
    let options = ok(&app.get(&path).await, 200);
    let body = made(&mut authenticator(), &options, scene.world.origin());
    // For nobody else.
    let elsewhere = app.post(&at(&other, "fido2Methods"), &body).await;
    refused(&elsewhere, 400, "challenge_other_context");
    scene.world.wait(9 * 60 * 60 + 50 * 60);
    let late = scene.app().await;
    ok(&late.post(&at(&user, "fido2Methods"), &body).await, 201);
    let again = late.post(&at(&user, "fido2Methods"), &body).await;
    assert!(again.status.is_client_error(), "{}", again.body);
    let options = ok(
        &late.get(&at(&user, "fido2Methods/creationOptions")).await,
        200,
    );
    let body = made(&mut authenticator(), &options, scene.world.origin());
    scene.world.wait(301);
    let answer = late.post(&at(&user, "fido2Methods"), &body).await;
    refused(&answer, 400, "challenge_expired");
}

#[tokio::test]
async fn a_challenge_for_others_is_none_for_oneself() {
    let scene = Scene::new().await;
    let user = scene.world.user("ada@a.example").await;
    let app = scene.app().await;
    let options = ok(
        &app.get(&at(&user, "fido2Methods/creationOptions")).await,
        200,
    );
    let body = made(&mut authenticator(), &options, scene.world.origin());
    let ada = scene.as_user(&user, &OWN).await.program;
    let answer = ada
        .post("/v1.0/me/authentication/fido2Methods", &body)
        .await;
    refused(&answer, 400, "challenge_other_ceremony");
}

#[tokio::test]
async fn bodies_of_admin_tools_are_taken_as_they_come() {
    let scene = Scene::new().await;
    let user = scene.world.user("ada@a.example").await;
    let app = scene.app().await;
    for results in [
        json!(null),
        json!({}),
        json!({"credProtect": 2, "hmac-secret": true}),
    ] {
        let options = ok(
            &app.get(&at(&user, "fido2Methods/creationOptions")).await,
            200,
        );
        // They know the relying party's id only, and make the origin of it.
        let mut body = made(&mut authenticator(), &options, "https://localhost");
        body["@odata.type"] = json!("#microsoft.graph.fido2AuthenticationMethod");
        body["publicKeyCredential@odata.context"] = json!("x");
        body["unknown"] = json!(1);
        let credential = &mut body["publicKeyCredential"];
        if results.is_null() {
            credential.as_object_mut().unwrap().remove("id");
        }
        credential["@odata.type"] = json!("#microsoft.graph.webauthnPublicKeyCredential");
        credential["clientExtensionResults"] = results;
        for name in ["clientDataJSON", "attestationObject"] {
            let text = credential["response"][name].as_str().unwrap();
            let padding = "=".repeat((4 - text.len() % 4) % 4);
            let standard = text.replace('-', "+").replace('_', "/") + &padding;
            credential["response"][name] = json!(standard);
        }
        ok(&app.post(&at(&user, "fido2Methods"), &body).await, 201);
    }
}

#[tokio::test]
async fn bad_bodies_change_nothing() {
    let scene = Scene::new().await;
    let user = scene.world.user("ada@a.example").await;
    let app = scene.app().await;
    let path = at(&user, "fido2Methods");
    for (body, code) in [
        (json!([]), "malformed_request"),
        (json!({}), "field_invalid"),
        (json!({"publicKeyCredential": 1}), "malformed_request"),
        (json!({"publicKeyCredential": {}}), "malformed_response"),
        (
            json!({"displayName": 1, "publicKeyCredential": {}}),
            "field_invalid",
        ),
    ] {
        refused(&app.post(&path, &body).await, 400, code);
    }
    let bare = app.send_raw(Method::POST, &path, None, "{}".to_owned(), &[]);
    refused(&bare.await, 415, "unsupported_type");
    let kind = Some("application/json");
    let broken = app.send_raw(Method::POST, &path, kind, "{".to_owned(), &[]);
    refused(&broken.await, 400, "malformed_request");
    assert!(scene.world.passkeys(&user).await.is_empty());
    // Another site's origin.
    let options = ok(
        &app.get(&at(&user, "fido2Methods/creationOptions")).await,
        200,
    );
    let body = made(&mut authenticator(), &options, "https://evil.example");
    let answer = app.post(&path, &body).await;
    assert_eq!(answer.status.as_u16(), 400, "{}", answer.body);
    assert!(scene.world.passkeys(&user).await.is_empty());
    let audits = scene.world.audits(&user).await;
    assert!(audits.iter().any(|one| one.result == AuditResult::Failure));
}

#[tokio::test]
async fn who_may_act_on_whom_holds_here_too() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let admin = world.user("auth@a.example").await;
    world.role(&admin, Role::AuthenticationAdministrator).await;
    let member = world.user("ada@a.example").await;
    let chief = world.stored_user(&world.first.administrator).await;
    let by = scene.as_user(&admin, &METHODS).await.program;
    ok(
        &by.get(&at(&member, "fido2Methods/creationOptions")).await,
        200,
    );
    for path in ["fido2Methods/creationOptions"] {
        refused(&by.get(&at(&chief, path)).await, 403, "target_protected");
    }
    let pass = at(&chief, "temporaryAccessPassMethods");
    refused(&by.post(&pass, &json!({})).await, 403, "target_protected");
    let reset = format!(
        "methods/{}/resetPassword",
        "28c10230-6103-485e-b985-444c60001490"
    );
    let answer = by.post(&at(&chief, &reset), &json!({})).await;
    refused(&answer, 403, "target_protected");
    // A reader reads and changes nothing, whatever the scope says.
    let reader = world.user("reader@a.example").await;
    world.role(&reader, Role::GlobalReader).await;
    let reader = scene.as_user(&reader, &METHODS).await.program;
    ok(&reader.get(&at(&member, "methods")).await, 200);
    let options = at(&member, "fido2Methods/creationOptions");
    refused(&reader.get(&options).await, 403, "role_missing");
    // An application acts on everybody: its permission is the only bound.
    let app = scene.app_with(&[Scope::PasskeysReadWriteAll]).await;
    ok(
        &app.get(&at(&chief, "fido2Methods/creationOptions")).await,
        200,
    );
    refused(&app.post(&pass, &json!({})).await, 403, "scope_missing");
    refused(&app.get(&at(&chief, "methods")).await, 403, "scope_missing");
}

#[tokio::test]
async fn a_person_does_with_their_own_passkeys_what_the_page_lets_them() {
    let scene = Scene::new().await;
    let user = scene.world.user("ada@a.example").await;
    let ada = scene.as_user(&user, &OWN).await.program;
    let me = "/v1.0/me/authentication/fido2Methods";
    let options = ok(&ada.get(&format!("{me}/creationOptions")).await, 200);
    let body = made(&mut authenticator(), &options, scene.world.origin());
    let passkey = ok(&ada.post(me, &body).await, 201);
    let stored = scene.world.passkeys(&user).await;
    assert_eq!(stored[0].provenance, Provenance::SelfService);
    let one = format!("{me}/{}", passkey["id"].as_str().unwrap());
    // Six minutes later the sign-in is no longer fresh enough for another one.
    scene.world.wait(6 * 60);
    let answer = ada.get(&format!("{me}/creationOptions")).await;
    refused(&answer, 403, "fresh_mfa_required");
    // One factor is not enough to take it away.
    let now = scene.world.app.clock.now();
    let weak = scene
        .as_user_with(&user, &OWN, vec![Proof::password(now)], false)
        .await
        .program;
    refused(&weak.delete(&one).await, 403, "mfa_not_fresh");
    // Nor is it the last way in that goes.
    refused(&ada.delete(&one).await, 409, "last_way_in");
    scene.world.pass(&user, PassUse::Many).await;
    // Only one's own.
    let narrow = scene.as_user(&user, &[Scope::PasskeysRead]).await.program;
    ok(&narrow.get(me).await, 200);
    refused(&narrow.delete(&one).await, 403, "scope_missing");
    let grace = scene.world.user("grace@a.example").await;
    let theirs = at(&grace, "fido2Methods");
    refused(&ada.get(&theirs).await, 403, "scope_missing");
}

#[tokio::test]
async fn a_pass_is_shown_once_and_replaced_by_the_next() {
    let scene = Scene::new().await;
    let user = scene.world.user("ada@a.example").await;
    let app = scene.app().await;
    let path = at(&user, "temporaryAccessPassMethods");
    let wish = json!({"lifetimeInMinutes": 60, "isUsableOnce": true});
    let issued = ok(&app.post(&path, &wish).await, 201);
    assert!(issued["temporaryAccessPass"].as_str().unwrap().len() >= 8);
    assert_eq!(issued["isUsable"], true);
    assert_eq!(issued["methodUsabilityReason"], "EnabledByPolicy");
    let one = format!("{path}/{}", issued["id"].as_str().unwrap());
    assert_eq!(
        ok(&app.get(&one).await, 200)["temporaryAccessPass"],
        Value::Null
    );
    let second = ok(&app.post(&path, &json!({})).await, 201);
    assert_ne!(second["id"], issued["id"]);
    refused(&app.get(&one).await, 404, "not_found");
    refused(&app.delete(&one).await, 404, "not_found");
    let list = ok(&app.get(&path).await, 200);
    assert_eq!(list["value"].as_array().unwrap().len(), 1);
    let out = json!({"lifetimeInMinutes": 9});
    let answer = app.post(&path, &out).await;
    assert!(answer.status.is_client_error(), "{}", answer.body);
    let one = format!("{path}/{}", second["id"].as_str().unwrap());
    ok(&app.delete(&one).await, 204);
    // Later, with a beginning of its own.
    let later = json!({"startDateTime": "2026-12-01T15:00:00Z"});
    let pass = ok(&app.post(&path, &later).await, 201);
    assert_eq!(pass["isUsable"], false);
    assert_eq!(pass["methodUsabilityReason"], "NotYetValid");
}

#[tokio::test]
async fn nobody_issues_a_pass_to_themselves_and_guests_get_none() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let chief = world.stored_user(&world.first.administrator).await;
    let guest = world.guest("guest@a.example").await;
    let by = scene.as_user(&chief, &METHODS).await.program;
    let me = "/v1.0/me/authentication/temporaryAccessPassMethods";
    refused(&by.post(me, &json!({})).await, 403, "not_for_oneself");
    let path = at(&guest, "temporaryAccessPassMethods");
    refused(&by.post(&path, &json!({})).await, 403, "pass_for_guest");
    let app = scene.app().await;
    refused(&app.post(&path, &json!({})).await, 403, "pass_for_guest");
}

#[tokio::test]
async fn a_password_is_reset_to_a_given_or_a_random_one() {
    let scene = Scene::new().await;
    let user = scene.world.user("ada@a.example").await;
    scene
        .world
        .password(&user, "correct horse battery", false)
        .await;
    let app = scene.app().await;
    let list = ok(&app.get(&at(&user, "passwordMethods")).await, 200);
    let id = list["value"][0]["id"].as_str().unwrap();
    let path = at(&user, &format!("passwordMethods/{id}/resetPassword"));
    let random = ok(&app.post(&path, &json!({})).await, 200);
    assert!(random["newPassword"].as_str().unwrap().len() >= 8);
    let wish = json!({"newPassword": "a longer new secret"});
    let given = ok(&app.post(&path, &wish).await, 200);
    assert_eq!(given["newPassword"], Value::Null);
    let weak = app.post(&path, &json!({"newPassword": "password"})).await;
    refused(&weak, 400, "field_invalid");
    let qualified = at(
        &user,
        &format!("methods/{id}/microsoft.graph.resetPassword"),
    );
    ok(&app.send(Method::POST, &qualified, None).await, 200);
}

#[tokio::test]
async fn a_code_generator_is_listed_and_taken_away() {
    let scene = Scene::new().await;
    let user = scene.world.user("ada@a.example").await;
    scene.world.totp(&user).await;
    let app = scene.app().await;
    let path = at(&user, "softwareOathMethods");
    let list = ok(&app.get(&path).await, 200);
    assert_eq!(list["value"][0]["secretKey"], Value::Null);
    let one = format!("{path}/{}", list["value"][0]["id"].as_str().unwrap());
    let passkeys = scene.app_with(&[Scope::PasskeysReadWriteAll]).await;
    refused(&passkeys.delete(&one).await, 403, "scope_missing");
    ok(&app.delete(&one).await, 204);
    refused(&app.delete(&one).await, 404, "not_found");
}

#[tokio::test]
async fn kinds_that_do_not_exist_here_are_empty() {
    let scene = Scene::new().await;
    let user = scene.world.user("ada@a.example").await;
    let app = scene.app().await;
    for kind in [
        "phoneMethods",
        "emailMethods",
        "microsoftAuthenticatorMethods",
        "windowsHelloForBusinessMethods",
        "platformCredentialMethods",
        "externalAuthenticationMethods",
        "operations",
    ] {
        assert_eq!(
            ok(&app.get(&at(&user, kind)).await, 200)["value"],
            json!([])
        );
    }
    refused(
        &app.get(&at(&user, "requirements")).await,
        404,
        "segment_unknown",
    );
    let beta = at(&user, "requirements").replace("v1.0", "beta");
    assert_eq!(
        ok(&app.get(&beta).await, 200)["perUserMfaState"],
        "disabled"
    );
}

#[tokio::test]
async fn two_factors_can_be_asked_of_one_person() {
    let scene = Scene::new().await;
    let user = scene.world.user("ada@a.example").await;
    let app = scene.app().await;
    let beta = |rest: &str| at(&user, rest).replace("v1.0", "beta");
    let requirements = beta("requirements");
    let to = |state: Value| json!({"perUserMfaState": state});
    for state in ["enforced", "enabled", "disabled", "enforced"] {
        ok(&app.patch(&requirements, &to(json!(state))).await, 204);
        let read = ok(&app.get(&requirements).await, 200);
        assert_eq!(read["perUserMfaState"], state);
    }
    for bad in [json!("on"), json!("Enforced"), json!(true), Value::Null] {
        let answer = app.patch(&requirements, &to(bad)).await;
        refused(&answer, 400, "field_invalid");
    }
    let more = json!({"perUserMfaState": "disabled", "other": 1});
    refused(&app.patch(&requirements, &more).await, 400, "field_invalid");
    let reader = scene.app_with(&[Scope::MethodsReadAll]).await;
    let answer = reader.patch(&requirements, &to(json!("disabled"))).await;
    refused(&answer, 403, "scope_missing");
    // Nobody takes it from themselves.
    let own = scene.as_user(&user, Scope::ALL).await;
    let answer = own
        .program
        .patch(&requirements, &to(json!("disabled")))
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.body);
    assert_eq!(
        ok(&app.get(&requirements).await, 200)["perUserMfaState"],
        "enforced"
    );

    let app = scene.app_with(&METHODS).await;
    let preferences = beta("signInPreferences");
    const SECOND: &str = "userPreferredMethodForSecondaryAuthentication";
    ok(
        &app.patch(&preferences, &json!({SECOND: "none"})).await,
        204,
    );
    let oath = json!({SECOND: "oath"});
    refused(&app.patch(&preferences, &oath).await, 400, "field_invalid");
    scene.world.totp(&user).await;
    ok(&app.patch(&preferences, &oath).await, 204);
    let off = json!({"isSystemPreferredAuthenticationMethodEnabled": false});
    refused(&app.patch(&preferences, &off).await, 400, "field_invalid");
    let on = json!({"isSystemPreferredAuthenticationMethodEnabled": true});
    ok(&app.patch(&preferences, &on).await, 204);
}
