//! Passkeys that another device holds, and profiles that do not take them.

use keyward::cli::tour::SoftwareAuthenticator;
use policy::model::{AttestationRule, CrossDevice, CrossDeviceRule, PasskeyProfile};
use serde_json::{Value, json};

use crate::world::{Answer, Browser, TestApp, authenticator};

const NAME: &str = "ada@localhost";

/// Where the browser says that the passkey is.
#[derive(Clone, Copy)]
enum From {
    ThisDevice,
    APhone,
    ASecurityKey,
    Nobody,
}

impl From {
    fn says(self, response: &mut Value) {
        let (attachment, transports) = match self {
            Self::ThisDevice => (json!("platform"), json!(["hybrid", "internal"])),
            Self::APhone => (json!("cross-platform"), json!(["hybrid", "internal"])),
            Self::ASecurityKey => (json!("cross-platform"), json!(["nfc", "usb"])),
            Self::Nobody => (Value::Null, json!(["hybrid", "internal"])),
        };
        response["authenticatorAttachment"] = attachment;
        if response["response"]["attestationObject"].is_string() {
            response["response"]["transports"] = transports;
        }
    }
}

async fn rule(world: &TestApp, attestation: AttestationRule, rule: CrossDeviceRule) {
    let change = |profile: &mut PasskeyProfile| {
        profile.attestation = attestation;
        profile.cross_device = rule;
    };
    world
        .change_passkey_method(|method| method.profiles.iter_mut().for_each(change))
        .await;
}

async fn options(browser: &mut Browser<'_>) -> Answer {
    let path = "/security-info/passkeys/options";
    browser.script().post_json(path, &json!({})).await
}

async fn add(world: &TestApp, browser: &mut Browser<'_>, from: From) -> Answer {
    let asked = options(browser).await.json();
    let mut response = authenticator().register(&asked, world.origin()).unwrap();
    from.says(&mut response);
    let body = json!({ "credential": response });
    browser
        .script()
        .post_json("/security-info/passkeys", &body)
        .await
}

async fn sign_in(world: &TestApp, key: &mut SoftwareAuthenticator, from: From) -> Answer {
    let context = world.context();
    let mut browser = world.browser();
    let body = json!({ "ctx": context });
    let asked = browser.post_json("/signin/passkey/options", &body).await;
    let mut response = key.sign_in(&asked.json(), world.origin()).unwrap();
    from.says(&mut response);
    let body = json!({ "ctx": context, "credential": response });
    world.wait(1);
    browser.post_json("/signin/passkey", &body).await
}

/// With a passkey that a phone made.
async fn registered(world: &TestApp) -> (SoftwareAuthenticator, Browser<'_>) {
    let mut first = authenticator();
    let (_, mut browser) = world.user_with_passkey(NAME, &mut first).await;
    let asked = options(&mut browser).await.json();
    let mut phone = authenticator();
    let mut response = phone.register(&asked, world.origin()).unwrap();
    From::APhone.says(&mut response);
    let body = json!({ "credential": response });
    let made = browser
        .script()
        .post_json("/security-info/passkeys", &body)
        .await;
    assert_eq!(made.status, 200, "{}", made.body);
    (phone, browser)
}

const NO: &str = "cross_device_not_allowed";

#[tokio::test]
async fn a_phone_is_taken_unless_a_profile_says_otherwise() {
    let world = TestApp::new().await;
    let (mut phone, _) = registered(&world).await;
    let user = world.stored_user(NAME).await;
    let names: Vec<_> = world
        .passkeys(&user)
        .await
        .into_iter()
        .map(|one| one.display_name)
        .collect();
    assert!(names.iter().any(|name| name == "Phone"), "{names:?}");
    for from in [From::APhone, From::ThisDevice, From::Nobody] {
        let answer = sign_in(&world, &mut phone, from).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

#[tokio::test]
async fn registration_across_devices_can_be_blocked_alone() {
    let world = TestApp::new().await;
    let (mut phone, mut browser) = registered(&world).await;
    let blocked = CrossDeviceRule {
        registration: CrossDevice::Blocked,
        ..CrossDeviceRule::default()
    };
    rule(&world, AttestationRule::Disabled, blocked).await;
    let hints = &options(&mut browser).await.json()["publicKey"]["hints"];
    assert_eq!(*hints, json!(["security-key", "client-device"]));
    let refused = add(&world, &mut browser, From::APhone).await;
    refused.refused(403, NO);
    // Its maker is told that nobody will ever accept it.
    assert_eq!(refused.json()["signal"]["kind"], "unknownCredential");
    add(&world, &mut browser, From::Nobody)
        .await
        .refused(403, NO);
    for from in [From::ThisDevice, From::ASecurityKey] {
        assert_eq!(add(&world, &mut browser, from).await.status, 200);
    }
    assert_eq!(sign_in(&world, &mut phone, From::APhone).await.status, 200);
    let user = world.stored_user(NAME).await;
    let audits = world.audits(&user).await;
    assert!(
        audits.iter().any(|one| one.reason.contains(NO)),
        "{audits:?}"
    );
}

#[tokio::test]
async fn sign_in_across_devices_can_be_blocked_alone() {
    let world = TestApp::new().await;
    let (mut phone, mut browser) = registered(&world).await;
    let blocked = CrossDeviceRule {
        sign_in: CrossDevice::Blocked,
        ..CrossDeviceRule::default()
    };
    rule(&world, AttestationRule::Disabled, blocked).await;
    sign_in(&world, &mut phone, From::APhone)
        .await
        .refused(403, NO);
    let newest = world.sign_ins().await.swap_remove(0);
    assert_eq!(newest.failure_code, NO);
    sign_in(&world, &mut phone, From::Nobody)
        .await
        .refused(403, NO);
    // On the phone itself it is no other device's.
    assert_eq!(
        sign_in(&world, &mut phone, From::ThisDevice).await.status,
        200
    );
    assert_eq!(add(&world, &mut browser, From::APhone).await.status, 200);
}

/// As in Entra: where attestation is enforced, nothing comes from another device.
#[tokio::test]
async fn entras_behaviour_can_be_had() {
    let world = TestApp::new().await;
    let (mut phone, mut browser) = registered(&world).await;
    let as_entra = CrossDeviceRule {
        registration: CrossDevice::NotWithAttestation,
        sign_in: CrossDevice::NotWithAttestation,
    };
    rule(&world, AttestationRule::Disabled, as_entra).await;
    assert_eq!(sign_in(&world, &mut phone, From::APhone).await.status, 200);
    assert_eq!(add(&world, &mut browser, From::APhone).await.status, 200);
    rule(&world, AttestationRule::RegistrationOnly, as_entra).await;
    sign_in(&world, &mut phone, From::APhone)
        .await
        .refused(403, NO);
    add(&world, &mut browser, From::APhone)
        .await
        .refused(403, NO);
    assert_eq!(
        sign_in(&world, &mut phone, From::ThisDevice).await.status,
        200
    );
}
