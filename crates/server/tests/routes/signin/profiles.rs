//! Passkey profiles: asked at every sign-in and registration, with the policies of that moment.

use authenticator::Algorithm;
use keyward::cli::tour::{Kind, SoftwareAuthenticator};
use policy::model::{
    AttestationRule, GroupId, KeyRestrictions, Membership, PasskeyMethod, PasskeyProfile,
    PasskeyTarget, PasskeyType, ProfileId, RestrictionKind, Role, Scope, User,
};
use serde_json::{Value, json};

use crate::world::{Answer, Browser, TestApp, authenticator};

const NAME: &str = "ada@localhost";

async fn sign_in(world: &TestApp, key: &mut SoftwareAuthenticator) -> Answer {
    world.browser().sign_in_with(key).await
}

/// Changes the profile that everybody without a role has.
async fn change_profile(world: &TestApp, change: impl FnOnce(&mut PasskeyProfile)) {
    world
        .change_passkey_method(|method| {
            let profiles = &mut method.profiles;
            change(
                profiles
                    .iter_mut()
                    .find(|one| one.id == PasskeyProfile::DEFAULT)
                    .unwrap(),
            );
        })
        .await;
}

async fn options(browser: &mut Browser<'_>) -> Answer {
    browser
        .script()
        .post_json("/security-info/passkeys/options", &json!({}))
        .await
}

async fn add(world: &TestApp, browser: &mut Browser<'_>, mut key: SoftwareAuthenticator) -> Answer {
    let asked = options(browser).await;
    if !asked.status.is_success() {
        return asked;
    }
    let response = key.register(&asked.json(), world.origin()).unwrap();
    browser
        .script()
        .post_json(
            "/security-info/passkeys",
            &json!({ "credential": response }),
        )
        .await
}

#[tokio::test]
async fn a_type_that_is_no_longer_allowed_stops_signing_in() {
    let world = TestApp::new().await;
    let mut key = SoftwareAuthenticator::new(Kind::synced());
    world.user_with_passkey(NAME, &mut key).await;
    assert_eq!(sign_in(&world, &mut key).await.status, 200);
    change_profile(&world, |profile| {
        profile.types = vec![PasskeyType::DeviceBound]
    })
    .await;
    world.wait(1);
    let refused = sign_in(&world, &mut key).await;
    refused.refused(403, "passkey_type_not_allowed");
    let newest = world.sign_ins().await.swap_remove(0);
    assert_eq!(newest.failure_code, "passkey_type_not_allowed");
    change_profile(&world, |profile| profile.types.push(PasskeyType::Synced)).await;
    assert_eq!(sign_in(&world, &mut key).await.status, 200);
}

#[tokio::test]
async fn a_model_that_left_the_allow_list_stops_signing_in() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    let (user, _) = world.user_with_passkey(NAME, &mut key).await;
    let model = world.passkeys(&user).await.swap_remove(0).aaguid;
    let allow = |aaguids| KeyRestrictions {
        enforced: true,
        kind: RestrictionKind::Allow,
        aaguids,
    };
    change_profile(&world, |profile| profile.restrictions = allow(vec![model])).await;
    assert_eq!(sign_in(&world, &mut key).await.status, 200);
    change_profile(&world, |profile| profile.restrictions = allow(Vec::new())).await;
    sign_in(&world, &mut key)
        .await
        .refused(403, "aaguid_not_allowed");
}

#[tokio::test]
async fn attestation_turned_on_later_stops_new_passkeys_and_no_old_one() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    let (_, mut browser) = world.user_with_passkey(NAME, &mut key).await;
    change_profile(&world, |profile| {
        profile.attestation = AttestationRule::RegistrationOnly;
    })
    .await;
    assert_eq!(browser.sign_in_with(&mut key).await.status, 200);
    add(&world, &mut browser, authenticator())
        .await
        .refused(403, "attestation_required");
    change_profile(&world, |profile| {
        profile.attestation = AttestationRule::Always
    })
    .await;
    sign_in(&world, &mut key)
        .await
        .refused(403, "attestation_required");
}

#[tokio::test]
async fn exclusion_ends_passkeys_for_a_group_at_once() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    let (user, mut browser) = world.user_with_passkey(NAME, &mut key).await;
    let group = group(&world, &user).await;
    world
        .change_passkey_method(|method| method.exclude = Scope::group(group))
        .await;
    sign_in(&world, &mut key)
        .await
        .refused(403, "passkeys_barred");
    options(&mut browser).await.refused(403, "passkeys_barred");
    leave(&world, &user, group).await;
    assert_eq!(sign_in(&world, &mut key).await.status, 200);
}

#[tokio::test]
async fn holders_of_a_role_sign_in_with_device_bound_passkeys_only() {
    let world = TestApp::new().await;
    let mut key = SoftwareAuthenticator::new(Kind::synced());
    let (user, _) = world.user_with_passkey(NAME, &mut key).await;
    let (tenant, id, now) = (user.tenant, user.id, world.app.clock.now());
    world
        .write(move |tx| {
            Box::pin(async move {
                store::roles::assign(tx, tenant, id, Role::GlobalReader, now)
                    .await
                    .map(drop)
            })
        })
        .await;
    sign_in(&world, &mut key)
        .await
        .refused(403, "passkey_type_not_allowed");
}

#[tokio::test]
async fn the_method_off_is_off_for_everybody() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    let (_, mut browser) = world.user_with_passkey(NAME, &mut key).await;
    world
        .change_passkey_method(|method| method.enabled = false)
        .await;
    sign_in(&world, &mut key).await.refused(403, "passkeys_off");
    options(&mut browser).await.refused(403, "passkeys_off");
}

#[tokio::test]
async fn what_no_key_could_change_is_said_before_the_gesture() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    let (_, mut browser) = world.user_with_passkey(NAME, &mut key).await;
    change_profile(&world, |profile| profile.self_service = Some(false)).await;
    options(&mut browser).await.refused(403, "self_service_off");
    change_profile(&world, |profile| {
        profile.self_service = None;
        profile.maximum_per_user = Some(1);
    })
    .await;
    options(&mut browser)
        .await
        .refused(403, "too_many_passkeys");
    change_profile(&world, |profile| profile.maximum_per_user = Some(2)).await;
    assert_eq!(options(&mut browser).await.status, 200);
}

#[tokio::test]
async fn options_name_only_what_could_pass() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    let (_, mut browser) = world.user_with_passkey(NAME, &mut key).await;
    let offered = |answer: &Answer| -> Vec<i64> {
        let list = &answer.json()["publicKey"]["pubKeyCredParams"];
        let numbers = list.as_array().unwrap().iter();
        numbers.map(|one| one["alg"].as_i64().unwrap()).collect()
    };
    let open = options(&mut browser).await;
    assert_eq!(offered(&open)[..3], [-7, -8, -48]);
    assert_eq!(open.json()["publicKey"]["hints"], Value::Null);
    change_profile(&world, |profile| {
        profile.post_quantum_only = true;
        profile.types = vec![PasskeyType::DeviceBound];
    })
    .await;
    let narrowed = options(&mut browser).await;
    assert_eq!(offered(&narrowed), [-48, -49, -50]);
    // A security key, this device or a phone: each may hold a device-bound passkey.
    assert_eq!(narrowed.json()["publicKey"]["hints"], Value::Null);
    let ml_dsa = Kind::device_bound().with_algorithm(Algorithm::MlDsa44);
    let added = add(&world, &mut browser, SoftwareAuthenticator::new(ml_dsa)).await;
    assert_eq!(added.status, 200, "{}", added.body);
    sign_in(&world, &mut key)
        .await
        .refused(403, "post_quantum_required");
}

#[tokio::test]
async fn a_policy_that_changed_after_the_options_decides() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    let (_, mut browser) = world.user_with_passkey(NAME, &mut key).await;
    let asked = options(&mut browser).await.json();
    let mut synced = SoftwareAuthenticator::new(Kind::synced());
    let response = synced.register(&asked, world.origin()).unwrap();
    change_profile(&world, |profile| {
        profile.types = vec![PasskeyType::DeviceBound]
    })
    .await;
    browser
        .script()
        .post_json(
            "/security-info/passkeys",
            &json!({ "credential": response }),
        )
        .await
        .refused(403, "passkey_type_not_allowed");
}

#[tokio::test]
async fn a_guest_uses_passkeys_only_under_a_profile_for_guests() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    let profile = ProfileId::from_bytes([9; 16]);
    let guest = world.guest(NAME).await;
    world.first_passkey(&guest, &mut key).await;
    let open_to = |guests| {
        move |method: &mut PasskeyMethod| {
            method.profiles = vec![PasskeyProfile {
                guests,
                ..PasskeyProfile::open(profile, "Guests")
            }];
            method.include = vec![PasskeyTarget {
                who: Scope {
                    guests: true,
                    ..Scope::default()
                },
                except: Scope::default(),
                registration_required: false,
                profiles: vec![profile],
            }];
        }
    };
    world.change_passkey_method(open_to(false)).await;
    sign_in(&world, &mut key)
        .await
        .refused(403, "passkeys_not_for_guests");
    world.change_passkey_method(open_to(true)).await;
    assert_eq!(sign_in(&world, &mut key).await.status, 200);
}

/// A group with this one member.
async fn group(world: &TestApp, user: &User) -> GroupId {
    let now = world.app.clock.now();
    let group = policy::model::Group {
        tenant: user.tenant,
        id: GroupId::new(now, world.app.random.bytes()),
        display_name: "Pilots".to_owned(),
        description: String::new(),
        role_assignable: false,
        created: now,
    };
    let at = Membership {
        group: group.id,
        user: user.id,
    };
    let tenant = user.tenant;
    world
        .write(move |tx| {
            Box::pin(async move {
                store::groups::create(tx, &group).await?;
                store::groups::add_member(tx, tenant, at).await.map(drop)
            })
        })
        .await;
    at.group
}

async fn leave(world: &TestApp, user: &User, group: GroupId) {
    let (tenant, user) = (user.tenant, user.id);
    world
        .write(move |tx| {
            Box::pin(async move {
                let at = Membership { group, user };
                store::groups::remove_member(tx, tenant, at).await.map(drop)
            })
        })
        .await;
}
