//! `/beta/keyward/…`: what Microsoft Graph has no address for.

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use keyward::evidence::merkle::verify_inclusion;
use keyward::evidence::sequencer::Sequencer;
use keyward::evidence::{checkpoint, merkle::Hash};
use policy::model::{
    AccessGrant, AccessState, AttestationRoot, Compromise, CompromiseReason, Measure, PasskeyType,
    Policies, PolicyDocument, Role, RootCertificate, Timestamp,
};
use policy::scopes::Scope;
use policy::strength::PHISHING_RESISTANT;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Scene, ok, refused};
use crate::world::authenticator;

const EXPLAIN: &str = "/beta/keyward/explain";
const IMPACT: &str = "/beta/keyward/impact";

fn about(user: &policy::model::User) -> Value {
    json!({"signInIdentity": {"userId": user.id}})
}

#[tokio::test]
async fn a_program_is_told_which_rule_keeps_a_passkey_out() {
    let scene = Scene::new().await;
    let user = scene.world.user("ada@a.example").await;
    let mut key = authenticator();
    scene.world.passkey_of(&user, &mut key).await;
    let strong = AccessGrant::Strength(PHISHING_RESISTANT);
    let enabled = AccessState::Enabled;
    scene.world.access_policy(3, enabled, strong).await;
    let app = scene.app().await;
    let told = ok(&app.post(EXPLAIN, &about(&user)).await, 200);
    let passkey = &told["passkeys"][0];
    assert_eq!(passkey["signIn"]["allowed"], true, "{told}");
    let listed = format!("/beta/users/{}/authentication/fido2Methods", user.id);
    let listed = ok(&app.get(&listed).await, 200);
    assert_eq!(passkey["id"], listed["value"][0]["id"]);
    let policies = told["signInAccess"]["policies"].as_array().unwrap();
    assert_eq!(policies[0]["displayName"], "Policy 3", "{told}");
    let way = &told["signInAccess"]["methods"][0];
    assert_eq!(way["authenticationMethods"], json!(["fido2"]));
    assert_eq!(way["isSufficient"], true);
    scene
        .world
        .change_passkey_method(|method| {
            for profile in &mut method.profiles {
                profile.types = vec![PasskeyType::Synced];
            }
        })
        .await;
    let told = ok(&app.post(EXPLAIN, &about(&user)).await, 200);
    let said = &told["passkeys"][0]["signIn"];
    assert_eq!(said["allowed"], false);
    assert_eq!(said["code"], "passkey_type_not_allowed");
    assert!(said["reason"].is_string());
    let against = &told["passkeys"][0]["passkeyProfiles"][0]["against"][0];
    assert!(against["code"].is_string(), "{told}");
}

#[tokio::test]
async fn what_policies_say_is_explained_only_to_those_who_may_see_them() {
    let scene = Scene::new().await;
    let user = scene.world.user("ada@a.example").await;
    let enabled = AccessState::Enabled;
    let block = AccessGrant::Block;
    scene.world.access_policy(3, enabled, block).await;
    scene
        .world
        .password(&user, "a long enough password", false)
        .await;
    let narrow = scene.app_with(&[Scope::MethodsReadAll]).await;
    let told = ok(&narrow.post(EXPLAIN, &about(&user)).await, 200);
    let access = &told["signInAccess"];
    assert_eq!(access["policies"], json!([]));
    assert_eq!(access["methods"][0]["isSufficient"], false);
    assert_eq!(access["methods"][0]["failedPolicyId"], Value::Null);
    let policies = scene.app_with(&[Scope::PolicyReadAll]).await;
    refused(
        &policies.post(EXPLAIN, &about(&user)).await,
        403,
        "scope_missing",
    );
}

#[tokio::test]
async fn questions_about_nobody_or_from_nowhere_are_refused() {
    let scene = Scene::new().await;
    let user = scene.world.user("ada@a.example").await;
    let app = scene.app().await;
    let nobody = json!({"signInIdentity": {"userId": scene.application.id}});
    refused(&app.post(EXPLAIN, &nobody).await, 404, "not_found");
    for body in [
        json!({}),
        json!({"signInIdentity": {"userId": "ada"}}),
        json!({"signInIdentity": {"userId": user.id}, "signInConditions": {"ipAddress": "here"}}),
        json!({"signInIdentity": {"userId": user.id}, "signInContext": {}}),
    ] {
        refused(&app.post(EXPLAIN, &body).await, 400, "field_invalid");
    }
    // Microsoft's own version has no such address.
    let v1 = app.post("/v1.0/keyward/explain", &about(&user)).await;
    refused(&v1, 404, "segment_unknown");
}

fn synced_only() -> Value {
    let mut method = Policies::of_new_tenant().passkeys;
    for profile in &mut method.profiles {
        profile.types = vec![PasskeyType::Synced];
    }
    serde_json::to_value(PolicyDocument::Passkeys(method)).unwrap()
}

#[tokio::test]
async fn a_change_is_looked_at_before_it_is_made() {
    let scene = Scene::new().await;
    let user = scene.world.user("ada@a.example").await;
    scene.world.passkey_of(&user, &mut authenticator()).await;
    let app = scene.app().await;
    let wish = json!({"kind": "passkeys", "document": synced_only()});
    let told = ok(&app.post(IMPACT, &wish).await, 200);
    assert_eq!(told["kind"], "passkeys");
    assert_eq!(told["passkeysStopping"], 1, "{told}");
    let found = told["findings"].as_array().unwrap();
    let hers = found
        .iter()
        .find(|one| one["userId"] == user.id.to_string());
    let hers = hers.unwrap();
    assert_eq!(hers["userPrincipalName"], "ada@a.example");
    let effect = &hers["effects"][0];
    assert_eq!(effect["effect"], "passkeyStops");
    assert_eq!(effect["code"], "passkey_type_not_allowed");
    assert!(!told["modifiedProperties"].as_array().unwrap().is_empty());
    // Nothing was changed by asking.
    let explained = ok(&app.post(EXPLAIN, &about(&user)).await, 200);
    assert_eq!(explained["passkeys"][0]["signIn"]["allowed"], true);
}

#[tokio::test]
async fn a_change_that_would_lock_everybody_out_says_so_beforehand() {
    let scene = Scene::new().await;
    scene.world.administrator(&mut authenticator()).await;
    let app = scene.app().await;
    let mut method = Policies::of_new_tenant().passkeys;
    method.enabled = false;
    let document = serde_json::to_value(PolicyDocument::Passkeys(method)).unwrap();
    let wish = json!({"kind": "passkeys", "document": document});
    let told = ok(&app.post(IMPACT, &wish).await, 200);
    assert_eq!(told["administratorsBefore"], 1, "{told}");
    assert_eq!(told["locksEverybodyOut"], true, "{told}");
}

#[tokio::test]
async fn who_may_not_make_a_change_does_not_see_what_it_would_do() {
    let scene = Scene::new().await;
    let wish = json!({"kind": "passkeys", "document": synced_only()});
    let other = scene.app_with(&[Scope::PolicyWriteAccess]).await;
    refused(&other.post(IMPACT, &wish).await, 403, "scope_missing");
    let reader = scene.world.user("reader@a.example").await;
    scene.world.role(&reader, Role::GlobalReader).await;
    let reader = scene.as_user(&reader, Scope::ALL).await.program;
    refused(&reader.post(IMPACT, &wish).await, 403, "role_missing");
    // Names are for those who may see people.
    let user = scene.world.user("ada@a.example").await;
    scene.world.passkey_of(&user, &mut authenticator()).await;
    let narrow = scene.app_with(&[Scope::PolicyWriteMethods]).await;
    let told = ok(&narrow.post(IMPACT, &wish).await, 200);
    assert_eq!(told["passkeysStopping"], 1);
    assert_eq!(told["findings"][0]["userPrincipalName"], Value::Null);
}

#[tokio::test]
async fn a_document_that_is_none_is_refused() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    for (body, code) in [
        (json!({"kind": "weather", "document": {}}), "field_invalid"),
        (json!({"document": {}}), "field_invalid"),
        (json!({"kind": "passkeys"}), "malformed_request"),
        (
            json!({"kind": "passkeys", "document": {"enabled": 1}}),
            "field_invalid",
        ),
        (
            json!({"kind": "passkeys", "document": synced_only(), "removedId": "x"}),
            "malformed_request",
        ),
    ] {
        refused(&app.post(IMPACT, &body).await, 400, code);
    }
    let unknown = json!({"kind": "access", "removedId": scene.application.id});
    refused(&app.post(IMPACT, &unknown).await, 404, "not_found");
}

fn hash(text: &Value) -> Hash {
    let bytes = BASE64.decode(text.as_str().unwrap()).unwrap();
    bytes.try_into().unwrap()
}

#[tokio::test]
async fn a_record_comes_with_its_proof() {
    let scene = Scene::new().await;
    let user = scene.world.user("ada@a.example").await;
    scene.world.passkey_of(&user, &mut authenticator()).await;
    let app = scene.app().await;
    let list = ok(&app.get("/beta/auditLogs/directoryAudits").await, 200);
    let id = list["value"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/beta/keyward/evidence/directoryAudits/{id}");
    refused(&app.get(&path).await, 409, "record_not_in_tree");
    Sequencer::of(&scene.world.app).fold().await.unwrap();
    let proof = ok(&app.get(&path).await, 200);
    assert_eq!(proof["record"]["id"], id);
    assert_eq!(proof["log"], "audit");
    let (head, _) = checkpoint::read(proof["checkpoint"].as_str().unwrap()).unwrap();
    let way: Vec<Hash> = proof["inclusion"]
        .as_array()
        .unwrap()
        .iter()
        .map(hash)
        .collect();
    let (index, size) = (
        proof["index"].as_u64().unwrap(),
        proof["size"].as_u64().unwrap(),
    );
    let leaf = hash(&proof["record"]["leaf"]);
    verify_inclusion(&leaf, index, size, &way, &head.root).unwrap();
    // The heads are those that the proofs lead to.
    let heads = ok(&app.get("/beta/keyward/evidence/checkpoints").await, 200);
    let audits = &heads["value"][0];
    assert_eq!(audits["id"], "directoryAudits");
    assert_eq!(audits["size"], size);
    assert_eq!(audits["checkpoint"], proof["checkpoint"]);
    // A record is proved in its own log only.
    let other = format!("/beta/keyward/evidence/signIns/{id}");
    refused(&app.get(&other).await, 404, "not_found");
    refused(
        &app.get("/beta/keyward/evidence/signIns/1").await,
        404,
        "not_found",
    );
}

#[tokio::test]
async fn a_proof_takes_what_its_log_takes() {
    let scene = Scene::new().await;
    let reader = scene.world.user("reports@a.example").await;
    scene
        .world
        .role(&reader, Role::ApplicationAdministrator)
        .await;
    let reader = scene
        .as_user(&reader, &[Scope::AuditLogReadAll])
        .await
        .program;
    let id = scene.application.id;
    for (path, status, code) in [
        (format!("signIns/{id}"), 404, "not_found"),
        (format!("directoryAudits/{id}"), 403, "role_missing"),
        ("checkpoints".to_owned(), 403, "role_missing"),
    ] {
        let answer = reader.get(&format!("/beta/keyward/evidence/{path}")).await;
        refused(&answer, status, code);
    }
}

const CAMPAIGNS: &str = "/beta/keyward/campaigns";

#[tokio::test]
async fn a_program_walks_a_campaign_through_its_life() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let wish = json!({
        "displayName": "Autumn",
        "position": 3,
        "state": "enabled",
        "includeTargets": [{"targetType": "group", "id": "all_users"}],
        "snoozeDurationInDays": 2,
        "startDateTime": "2026-12-01T00:00:00Z",
        "waves": [{"startDateTime": "2026-12-01T00:00:00Z", "percentage": 25}],
        "isSilentFirst": true,
    });
    let made = ok(&app.post(CAMPAIGNS, &wish).await, 201);
    assert_eq!(made["currentPercentage"], 25, "{made}");
    assert_eq!(made["enforceRegistrationAfterAllowedSnoozes"], true);
    let one = format!("{CAMPAIGNS}/{}", made["id"].as_str().unwrap());
    let listed = ok(
        &app.get(&format!("{CAMPAIGNS}?$filter=displayName eq 'Autumn'").replace(' ', "%20"))
            .await,
        200,
    );
    assert_eq!(listed["value"].as_array().unwrap().len(), 1);
    let got = app.get(&one).await;
    let etag = ok(&got, 200)["@odata.etag"].as_str().unwrap().to_owned();
    // What was got can be sent back as it is.
    ok(&app.patch(&one, &got.json()).await, 204);
    let stale = [("if-match", etag.as_str())];
    let body = json!({"displayName": "Winter", "startDateTime": null}).to_string();
    let kind = Some("application/json");
    let answer = app
        .send_raw(Method::PATCH, &one, kind, body.clone(), &stale)
        .await;
    refused(&answer, 412, "precondition_failed");
    ok(
        &app.send_raw(Method::PATCH, &one, kind, body, &[]).await,
        204,
    );
    let now = ok(&app.get(&one).await, 200);
    assert_eq!(now["displayName"], "Winter");
    assert_eq!(now["startDateTime"], Value::Null);
    assert_eq!(now["snoozeDurationInDays"], 2);
    let counts = ok(&app.get(&format!("{one}/promptCounts")).await, 200);
    assert_eq!(counts["value"], json!([]));
    ok(&app.delete(&one).await, 204);
    refused(&app.get(&one).await, 404, "not_found");
}

#[tokio::test]
async fn a_campaign_that_makes_no_sense_changes_nothing() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    for (body, code) in [
        (json!({}), "field_invalid"),
        (
            json!({"displayName": "x", "state": "running"}),
            "field_invalid",
        ),
        (
            json!({"displayName": "x", "weather": "good"}),
            "field_invalid",
        ),
        (
            json!({"displayName": "x", "snoozeDurationInDays": 15}),
            "policy_invalid",
        ),
        (
            json!({"displayName": "x", "waves": [{"percentage": 5}]}),
            "field_invalid",
        ),
        (
            json!({"displayName": "x", "waves": [{"startDateTime": "2026-12-01T00:00:00Z", "percentage": 101}]}),
            "policy_invalid",
        ),
        (
            json!({"displayName": "x", "endDateTime": "soon"}),
            "field_invalid",
        ),
    ] {
        refused(&app.post(CAMPAIGNS, &body).await, 400, code);
    }
    let all = ok(&app.get(CAMPAIGNS).await, 200);
    assert_eq!(all["value"].as_array().unwrap().len(), 1, "{all}");
    let reader = scene.app_with(&[Scope::PolicyReadMethods]).await;
    ok(&reader.get(CAMPAIGNS).await, 200);
    let wish = json!({"displayName": "x"});
    refused(&reader.post(CAMPAIGNS, &wish).await, 403, "scope_missing");
    let reset = format!("{CAMPAIGNS}/resetSnoozes");
    refused(&reader.post(&reset, &json!({})).await, 403, "scope_missing");
    let done = ok(&app.post(&reset, &json!({})).await, 200);
    assert_eq!(done["people"], 0);
}

#[tokio::test]
async fn the_catalogue_says_what_is_known_of_models_and_what_is_not() {
    let scene = Scene::new().await;
    let app = scene.app_with(&[Scope::PolicyReadMethods]).await;
    let google = "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4";
    let one = ok(
        &app.get(&format!("/beta/keyward/authenticators/{google}"))
            .await,
        200,
    );
    assert_eq!(one["displayName"], "Google Password Manager");
    assert_eq!(one["isSyncedProvider"], true);
    assert_eq!(one["protections"]["isSecondFactorNeededToSetUp"], true);
    assert_eq!(one["protections"]["isDeviceLockNeeded"], Value::Null);
    assert!(one["sources"][0]["url"].is_string(), "{one}");
    let page = ok(
        &app.get("/beta/keyward/authenticators?$top=2&$count=true")
            .await,
        200,
    );
    assert_eq!(page["value"].as_array().unwrap().len(), 2);
    let next = page["@odata.nextLink"].as_str().unwrap();
    let path = next.strip_prefix(scene.world.origin()).unwrap();
    let second = ok(&app.get(path).await, 200);
    assert_ne!(second["value"][0]["id"], page["value"][0]["id"]);
    let synced = ok(
        &app.get(
            "/beta/keyward/authenticators?$filter=isSyncedProvider%20eq%20true&$select=displayName",
        )
        .await,
        200,
    );
    assert!(synced["value"].as_array().unwrap().len() > 1, "{synced}");
    let unknown = "/beta/keyward/authenticators/00000000-0000-0000-0000-000000000000";
    refused(&app.get(unknown).await, 404, "not_found");
    let other = scene.app_with(&[Scope::UserReadAll]).await;
    refused(
        &other.get("/beta/keyward/authenticators").await,
        403,
        "scope_missing",
    );
}

/// Authenticators that the organisation vouches for itself are models of the catalogue, with the root that does.
#[tokio::test]
async fn enrolled_authenticators_are_in_the_catalogue() {
    let scene = Scene::new().await;
    let app = scene.app_with(&[Scope::PolicyReadMethods]).await;
    let model = Uuid::from_bytes([0x5a; 16]);
    let path = format!("/beta/keyward/authenticators/{model}");
    refused(&app.get(&path).await, 404, "not_found");
    let pem = include_str!("../../../../policy/src/model/certificates/root.pem");
    let certificate = RootCertificate::parse(pem).unwrap();
    let fingerprint = certificate.fingerprint().to_string();
    let root = AttestationRoot {
        name: "House authenticator".to_owned(),
        created: Timestamp::from_seconds(0),
        modified: Timestamp::from_seconds(0),
        certificate,
        models: vec![model],
    };
    scene.world.policy(PolicyDocument::Root(root)).await;
    let one = ok(&app.get(&path).await, 200);
    assert_eq!(one["displayName"], "House authenticator");
    assert_eq!(one["isEnrolled"], true);
    let expected = json!([{
        "sha256": fingerprint,
        "displayName": "House authenticator",
        "source": "organization",
    }]);
    assert_eq!(one["attestationRoots"], expected);
    let path = "/beta/keyward/authenticators?$filter=isEnrolled%20eq%20true";
    let listed = ok(&app.get(path).await, 200);
    let listed = listed["value"].as_array().unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["id"], model.to_string());
}

const AVAILABILITY: &str = "/beta/keyward/passkeyAvailability";

#[tokio::test]
async fn a_program_says_that_there_are_no_passkeys() {
    let scene = Scene::new().await;
    let chief = scene
        .world
        .stored_user(&scene.world.first.administrator)
        .await;
    scene.world.passkey_of(&chief, &mut authenticator()).await;
    let reader = scene.app_with(&[Scope::PolicyReadMethods]).await;
    assert_eq!(
        ok(&reader.get(AVAILABILITY).await, 200)["isAvailable"],
        true
    );
    let off = json!({"isAvailable": false, "reason": "None in this cloud."});
    refused(
        &reader.patch(AVAILABILITY, &off).await,
        403,
        "scope_missing",
    );
    let app = scene.app().await;
    let silent = json!({"isAvailable": false});
    refused(
        &app.patch(AVAILABILITY, &silent).await,
        400,
        "policy_invalid",
    );
    ok(&app.patch(AVAILABILITY, &off).await, 204);
    let told = ok(&app.get(AVAILABILITY).await, 200);
    assert_eq!(told["isAvailable"], false);
    assert_eq!(told["reason"], "None in this cloud.");
    ok(
        &app.patch(AVAILABILITY, &json!({"isAvailable": true})).await,
        204,
    );
}

#[tokio::test]
async fn a_program_limits_passkeys_of_other_devices() {
    const METHOD: &str =
        "/beta/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/fido2";
    let scene = Scene::new().await;
    let app = scene.app().await;
    let before = ok(&app.get(METHOD).await, 200);
    let open = json!({"registration": "allowed", "signIn": "allowed"});
    assert_eq!(before["passkeyProfiles"][0]["keyward@crossDevice"], open);
    let mut profiles = before["passkeyProfiles"].clone();
    profiles[0]["keyward@crossDevice"] = json!({"registration": "blocked"});
    let body = json!({"passkeyProfiles": profiles});
    ok(&app.patch(METHOD, &body).await, 204);
    let after = ok(&app.get(METHOD).await, 200);
    let limited = json!({"registration": "blocked", "signIn": "allowed"});
    assert_eq!(after["passkeyProfiles"][0]["keyward@crossDevice"], limited);
    for wrong in [
        json!({"registration": "never"}),
        json!({"signin": "blocked"}),
        json!("blocked"),
    ] {
        profiles[0]["keyward@crossDevice"] = wrong;
        let body = json!({"passkeyProfiles": profiles});
        refused(&app.patch(METHOD, &body).await, 400, "field_invalid");
    }
}

const LIFECYCLE: &str = "/beta/keyward/lifecycle";

#[tokio::test]
async fn what_needs_attention_is_listed_and_let_go_on() {
    let scene = Scene::new().await;
    let user = scene.world.user("ada@a.example").await;
    let mut key = authenticator();
    scene.world.passkey_of(&user, &mut key).await;
    let app = scene.app().await;
    assert_eq!(ok(&app.get(LIFECYCLE).await, 200)["value"], json!([]));
    let passkey = scene.world.passkeys(&user).await.swap_remove(0);
    let id = ceremony::base64url::encode(&passkey.credential_id);
    let release = format!("/beta/keyward/users/{}/passkeys/{id}/release", user.id);
    // There is nothing to overrule.
    refused(&app.post(&release, &json!({})).await, 404, "not_found");
    let news = Compromise {
        since: scene.world.app.clock.now(),
        reason: CompromiseReason::ModelRevoked,
        measure: Measure::Quarantine,
    };
    scene
        .world
        .write(move |tx| {
            Box::pin(
                async move { store::lifecycle::set_compromise(tx, &passkey, Some(news)).await },
            )
        })
        .await;
    let listed = ok(&app.get(LIFECYCLE).await, 200);
    let person = &listed["value"][0];
    assert_eq!(person["id"], user.id.to_string());
    assert_eq!(person["userPrincipalName"], "ada@a.example");
    let quarantined = &person["passkeys"][0];
    assert_eq!(quarantined["id"], id);
    assert_eq!(quarantined["standing"], "quarantined");
    assert_eq!(quarantined["badNews"]["reason"], "modelRevoked");
    let narrow = scene.app_with(&[Scope::PasskeysReadAll]).await;
    let listed = ok(&narrow.get(LIFECYCLE).await, 200);
    assert_eq!(listed["value"][0]["userPrincipalName"], Value::Null);
    refused(
        &narrow.post(&release, &json!({})).await,
        403,
        "scope_missing",
    );
    let refused_now = scene.world.browser().sign_in_with(&mut key).await;
    refused_now.refused(403, "passkey_quarantined");
    ok(&app.post(&release, &json!({})).await, 204);
    assert_eq!(ok(&app.get(LIFECYCLE).await, 200)["value"], json!([]));
    let again = scene.world.browser().sign_in_with(&mut key).await;
    assert_eq!(again.status.as_u16(), 200, "{}", again.body);
}

#[tokio::test]
async fn a_role_that_may_not_touch_somebody_releases_nothing_of_theirs() {
    let scene = Scene::new().await;
    let admin = scene.world.user("auth@a.example").await;
    let role = Role::AuthenticationAdministrator;
    scene.world.role(&admin, role).await;
    let chief = &scene.world.first.administrator;
    let chief = scene.world.stored_user(chief).await;
    let by = scene.as_user(&admin, Scope::ALL).await.program;
    let path = format!("/beta/keyward/users/{}/passkeys/AAAA/release", chief.id);
    let answer = by.post(&path, &json!({})).await;
    refused(&answer, 403, "target_protected");
}
