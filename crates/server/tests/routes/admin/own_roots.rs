//! Attestation roots of the administrators' own: how they are kept, and what they vouch for.

use std::sync::Arc;

use keyward::cli::tour::{Attestation, AttestationAuthority, Kind, SoftwareAuthenticator};
use keyward::flow::lifecycle::{self, Watch};
use policy::model::{
    AttestationLevel, AttestationRoot, AttestationRule, PassUse, Passkey, PasskeyProfile,
    PolicyDocument, RootCertificate, Sha256, Timestamp, User,
};
use serde_json::json;

use super::policy_pages::{Fields, save};
use crate::page;
use crate::world::{Answer, Browser, TestApp, authenticator};

const NAME: &str = "ada@localhost";
const PASSWORD: &str = "correct horse battery staple";
const AAGUID: [u8; 16] = [0x5a; 16];
const ROOTS: &str = "/admin/policies/roots";
const PROFILE: &str = "/admin/policies/profiles/00000000-0000-0000-0000-000000000001";

fn authority() -> Arc<AttestationAuthority> {
    AttestationAuthority::new(AAGUID).unwrap()
}

fn certificate(authority: &AttestationAuthority) -> RootCertificate {
    use base64::Engine as _;
    let der = base64::engine::general_purpose::STANDARD.encode(authority.root());
    RootCertificate::parse(&der).unwrap()
}

fn key(authority: &Arc<AttestationAuthority>) -> SoftwareAuthenticator {
    let attestation = Attestation::Certified(Arc::clone(authority));
    SoftwareAuthenticator::new(Kind {
        aaguid: AAGUID,
        ..Kind::device_bound().with_attestation(attestation)
    })
}

/// Trusts a root behind the pages.
async fn trust(world: &TestApp, authority: &AttestationAuthority) -> Sha256 {
    let certificate = certificate(authority);
    let root = certificate.fingerprint();
    let document = AttestationRoot {
        name: "House".to_owned(),
        created: Timestamp::from_micros(0),
        modified: Timestamp::from_micros(0),
        certificate,
        models: Vec::new(),
    };
    world.policy(PolicyDocument::Root(document)).await;
    root
}

/// Has the profile of everybody ask for attestation, always, by these roots.
async fn ask_for(world: &TestApp, roots: Vec<Sha256>) {
    world
        .change_passkey_method(|method| {
            let mut profiles = method.profiles.iter_mut();
            let profile = profiles.find(|one| one.id == PasskeyProfile::DEFAULT);
            let profile = profile.unwrap();
            profile.attestation = AttestationRule::Always;
            profile.roots = roots;
        })
        .await;
}

async fn register(world: &TestApp, user: &User, key: &mut SoftwareAuthenticator) -> Answer {
    let pass = world.pass(user, PassUse::Many).await;
    let mut browser = world.browser();
    let begun = browser
        .sign_in_with_pass(&user.user_principal_name, &pass)
        .await;
    begun.redirects_to("/signin/register");
    let context = world.context();
    let body = json!({ "ctx": context });
    let options = browser.post_json("/signin/register/options", &body).await;
    let response = key.register(&options.json(), world.origin()).unwrap();
    let body = json!({ "ctx": context, "credential": response, "name": "test key" });
    browser.post_json("/signin/register", &body).await
}

async fn passkey(world: &TestApp, user: &User) -> Passkey {
    world.passkeys(user).await.swap_remove(0)
}

async fn round(world: &TestApp, watch: &mut Watch) {
    world.wait(1);
    lifecycle::round(&world.app, watch).await;
}

async fn administrator(world: &TestApp) -> Browser<'_> {
    world.administrator(&mut authenticator()).await
}

#[tokio::test]
async fn a_root_is_pasted_named_and_vouches() {
    let world = TestApp::new().await;
    let mut admin = administrator(&world).await;
    let authority = authority();
    let certificate = certificate(&authority);
    let pem = certificate.to_pem();
    let new = format!("{ROOTS}/new");
    let saved = save(&mut admin, &new, |fields| {
        fields.set("name", "House keys").set("certificate", &pem)
    });
    saved.await.redirects_to(ROOTS);
    let list = admin.get(ROOTS).await;
    let list = page::check(&list);
    let fingerprint = certificate.fingerprint().to_string();
    for shown in [
        "House keys",
        "Tour Root",
        "4096-01-01",
        fingerprint.as_str(),
    ] {
        assert!(list.contains(shown), "{shown} is not in {list}");
    }
    let one = admin.get(&format!("{ROOTS}/{fingerprint}")).await;
    let one = page::check(&one);
    assert!(
        one.contains("Tour Root") && !one.contains("name=\"certificate\""),
        "{one}"
    );
    let again = Fields::of(&admin.get(&new).await);
    let again = again
        .set("name", "The same keys")
        .set("certificate", &pem)
        .post(&mut admin, &new)
        .await;
    assert!(again.status.is_client_error(), "{}", again.body);
    assert!(again.body.contains("is kept already"), "{}", again.body);
    let saved = save(&mut admin, PROFILE, |fields| {
        fields
            .set("types", "deviceBound")
            .set("attestation", "registrationOnly")
            .add("ownRoots", &fingerprint)
    });
    saved.await.redirects_to("/admin/policies/passkeys");

    let user = world.user(NAME).await;
    let made = register(&world, &user, &mut key(&authority)).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let passkey = passkey(&world, &user).await;
    assert_eq!(passkey.attestation_level, AttestationLevel::Attested);
    assert_eq!(passkey.attestation_root, Some(certificate.fingerprint()));
    // Directories name a certificate by its SHA-1.
    let thumbprint = passkey.attestation_certificate.unwrap_or_default();
    assert_eq!(thumbprint.len(), 40, "{thumbprint}");
    // It stays as long as it is named.
    let path = format!("{ROOTS}/{fingerprint}");
    let form = admin.get(&path).await;
    let removed = Fields::of(&form)
        .set("delete", "1")
        .post(&mut admin, &path)
        .await;
    assert!(!removed.status.is_server_error());
    let stranger = world.user("eve@localhost").await;
    let refused = register(&world, &stranger, &mut key(&self::authority())).await;
    refused.refused(403, "attestation_required");
}

#[tokio::test]
async fn what_is_no_root_is_said_at_its_field() {
    let world = TestApp::new().await;
    let mut admin = administrator(&world).await;
    let path = format!("{ROOTS}/new");
    let leaf = include_str!("../../../../policy/src/model/certificates/leaf.pem");
    let short = include_str!("../../../../policy/src/model/certificates/short.pem");
    let kind = "PRIVATE KEY";
    let private = format!("-----BEGIN {kind}-----\nAAAA\n-----END {kind}-----");
    let long = "A".repeat(40_000);
    for (pasted, said) in [
        (leaf, "may not issue others"),
        (short, "of a kind that is not used here"),
        (&private, "not one certificate"),
        (&long, "not one certificate"),
    ] {
        let form = Fields::of(&admin.get(&path).await);
        let form = form.set("name", "House").set("certificate", pasted);
        let refused = form.post(&mut admin, &path).await;
        assert!(refused.status.is_client_error(), "{}", refused.body);
        assert!(refused.body.contains(said), "{said}: {}", refused.body);
    }
    let list = admin.get(ROOTS).await;
    assert!(!list.body.contains("House"), "{}", list.body);
}

#[tokio::test]
async fn a_root_vouches_only_where_it_is_named() {
    let world = TestApp::new().await;
    let authority = authority();
    let own = trust(&world, &authority).await;
    let user = world.user(NAME).await;
    // Attestation is asked for, by any root; nobody named this one.
    ask_for(&world, Vec::new()).await;
    let refused = register(&world, &user, &mut key(&authority)).await;
    refused.refused(403, "attestation_required");
    ask_for(&world, vec![own]).await;
    let made = register(&world, &user, &mut key(&authority)).await;
    assert_eq!(made.status, 200, "{}", made.body);
}

#[tokio::test]
async fn what_is_known_of_a_model_wins_over_a_root_of_ones_own() {
    let world = TestApp::new().await;
    let authority = authority();
    let own = trust(&world, &authority).await;
    ask_for(&world, vec![own]).await;
    let aaguid = uuid::Uuid::from_bytes(AAGUID).to_string();
    let bad = json!([{ "aaguid": aaguid, "statusReports": [{ "status": "REVOKED" }],
        "metadataStatement": { "attestationTypes": ["basic_full"] } }]);
    world.publish_metadata(1, bad).await;
    let user = world.user(NAME).await;
    let refused = register(&world, &user, &mut key(&authority)).await;
    assert!(
        refused.body.contains("authenticator_compromised"),
        "{}",
        refused.body
    );
}

#[tokio::test]
async fn passkeys_are_judged_again_when_roots_come_and_go() {
    let world = TestApp::new().await;
    let authority = authority();
    let (mut watch, mut key) = (Watch::default(), key(&authority));
    let user = world.user(NAME).await;
    register(&world, &user, &mut key).await;
    world.password(&user, PASSWORD, false).await;
    world.wait(3_601);
    round(&world, &mut watch).await;
    let level = passkey(&world, &user).await.attestation_level;
    assert_eq!(level, AttestationLevel::NotAttested);

    let own = trust(&world, &authority).await;
    ask_for(&world, vec![own]).await;
    round(&world, &mut watch).await;
    let held = passkey(&world, &user).await;
    assert_eq!(held.attestation_level, AttestationLevel::Attested);
    assert_eq!(held.attestation_root, Some(own));
    let signed_in = world.browser().sign_in_with(&mut key).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.body);

    // Named by nobody, it vouches for nothing: at once for the profile, with the next round on the record.
    ask_for(&world, Vec::new()).await;
    let refused = world.browser().sign_in_with(&mut key).await;
    refused.refused(403, "attestation_required");
    round(&world, &mut watch).await;
    let held = passkey(&world, &user).await;
    assert_eq!(held.attestation_level, AttestationLevel::NotAttested);
    let records = world.audits(&user).await;
    let updates = records
        .iter()
        .filter(|one| one.activity == "Update attestation of Passkey (device-bound)");
    assert_eq!(updates.count(), 2);
}

/// Authenticators that the organisation enrols get into the catalogue by the root that vouches for them, and its word counts for no
/// other model.
#[tokio::test]
async fn a_root_vouches_for_the_models_that_it_names() {
    let world = TestApp::new().await;
    let mut admin = administrator(&world).await;
    let authority = authority();
    let own = trust(&world, &authority).await;
    ask_for(&world, vec![own]).await;
    let user = world.user(NAME).await;
    let path = format!("{ROOTS}/{own}");
    let other = "0fb9bcbc-a0d4-4042-bbb0-559bc1631e28";
    let saved = save(&mut admin, &path, |fields| fields.set("models", other));
    saved.await.redirects_to(ROOTS);
    let refused = register(&world, &user, &mut key(&authority)).await;
    refused.refused(403, "attestation_required");
    let model = uuid::Uuid::from_bytes(AAGUID).to_string();
    let both = format!("{other}\n{model}");
    let saved = save(&mut admin, &path, |fields| fields.set("models", &both));
    saved.await.redirects_to(ROOTS);
    let list = admin.get(ROOTS).await;
    assert!(list.body.contains("2 models"), "{}", list.body);
    let made = register(&world, &user, &mut key(&authority)).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let nil = uuid::Uuid::nil().to_string();
    let form = Fields::of(&admin.get(&path).await).set("models", &nil);
    let refused = form.post(&mut admin, &path).await;
    assert!(refused.status.is_client_error(), "{}", refused.body);
    assert!(refused.body.contains("is no model"), "{}", refused.body);
}
