//! Policy objects: what programs read, what they send, and that nothing half-understood is kept.

use axum::http::Method;
use policy::model::{PasskeyMethod, Role};
use policy::scopes::Scope;
use serde_json::{Value, json};

use super::schema::{all_valid, valid};
use super::{Program, Scene, ok, refused};

const FIDO2: &str =
    "/beta/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/Fido2";
const POLICY: &str = "/beta/policies/authenticationMethodsPolicy";
const DEFAULT: &str = "00000000-0000-0000-0000-000000000001";
const STRENGTHS: &str = "/beta/policies/authenticationStrengthPolicies";
const ACCESS: &str = "/v1.0/identity/conditionalAccess/policies";

async fn method(scene: &Scene) -> PasskeyMethod {
    let tenant = scene.tenant;
    let policies = scene
        .world
        .write(move |tx| Box::pin(async move { store::policies::load(tx, tenant).await }));
    policies.await.passkeys
}

async fn patch(by: &Program<'_>, body: Value) {
    ok(&by.patch(FIDO2, &body).await, 204);
}

#[tokio::test]
async fn the_passkey_method_is_read_at_every_address_that_programs_use() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    for path in [
        "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/fido2",
        "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations('Fido2')",
        "/beta/policies/authenticationmethodspolicy/authenticationMethodConfigurations/Fido2",
        "/beta/authenticationMethodsPolicy/authenticationMethodConfigurations/fido2",
    ] {
        let read = ok(&app.get(path).await, 200);
        valid("fido2AuthenticationMethodConfiguration", &read);
        assert_eq!(read["id"], "Fido2");
        assert_eq!(read["state"], "enabled");
        assert_eq!(read["defaultPasskeyProfile"], DEFAULT);
        assert_eq!(read["keyRestrictions"]["isEnforced"], false);
    }
    let policy = ok(
        &app.get("/v1.0/policies/authenticationMethodsPolicy").await,
        200,
    );
    valid("authenticationMethodsPolicy", &policy);
    let list = "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations";
    all_valid(
        "authenticationMethodConfiguration",
        &ok(&app.get(&format!("{list}?$select=id,state")).await, 200),
    );
    let pass = ok(
        &app.get(&format!("{list}('TemporaryAccessPass')")).await,
        200,
    );
    valid(
        "temporaryAccessPassAuthenticationMethodConfiguration",
        &pass,
    );
    assert_eq!(pass["isUsableOnce"], false);
    refused(&app.get(&format!("{list}/Carrier")).await, 404, "not_found");
}

#[tokio::test]
async fn the_published_body_is_taken_and_what_graph_cannot_say_stays() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let before = method(&scene).await;
    patch(&app, json!({
        "@odata.type": "#microsoft.graph.fido2AuthenticationMethodConfiguration",
        "id": "Fido2", "state": "enabled",
        "isSelfServiceRegistrationAllowed": true, "isAttestationEnforced": true,
        "keyRestrictions": { "isEnforced": false, "enforcementType": "block", "aaGuids": [] },
        "includeTargets": [{ "targetType": "group", "id": "all_users", "isRegistrationRequired": false,
            "allowedPasskeyProfiles": [DEFAULT] }],
        "excludeTargets": [],
        "passkeyProfiles": [
            { "id": DEFAULT, "name": "Default passkey profile", "passkeyTypes": "deviceBound,synced",
              "attestationEnforcement": "disabled",
              "keyRestrictions": { "isEnforced": false, "enforcementType": "allow", "aaGuids": [] } },
            { "id": "00000000-0000-0000-0000-000000000002", "name": "Administrators: device-bound" },
        ],
    })).await;
    // The targets by role and the exception, which Graph cannot name, and everything beyond Entra.
    assert_eq!(method(&scene).await, before);
}

#[tokio::test]
async fn bodies_of_administration_tools_are_taken() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let model = "90a3ccdf-635c-4729-a248-9b709135078f";
    // entraYK: annotations, an empty list of profiles, and the older pair.
    patch(&app, json!({
        "@odata.type": "#microsoft.graph.fido2AuthenticationMethodConfiguration",
        "isAttestationEnforced": "true",
        "keyRestrictions": { "isEnforced": true, "enforcementType": "allow", "aaGuids": [model] },
        "includeTargets@odata.context": "https://graph.microsoft.com/beta/$metadata#x",
        "includeTargets": [{ "targetType": "group", "id": "all_users" }],
        "passkeyProfiles": [],
    })).await;
    let read = ok(&app.get(FIDO2).await, 200);
    assert_eq!(read["isAttestationEnforced"], true);
    assert_eq!(
        read["passkeyProfiles"][0]["attestationEnforcement"],
        "registrationOnly"
    );
    assert_eq!(
        read["passkeyProfiles"][0]["keyRestrictions"]["aaGuids"],
        json!([model])
    );
    assert_eq!(read["passkeyProfiles"].as_array().unwrap().len(), 2);
    // CIPP: a display name inside a target, in the path of its own spelling.
    let path =
        "/beta/policies/authenticationmethodspolicy/authenticationMethodConfigurations/Fido2";
    let body = json!({
        "@odata.type": "#microsoft.graph.fido2AuthenticationMethodConfiguration",
        "state": "enabled",
        "includeTargets": [{ "id": "all_users", "displayName": "All users", "targetType": "group" }],
    });
    ok(&app.patch(path, &body).await, 204);
    // A read-modify-write through an SDK that drops flags.
    let mut read = ok(&app.get(FIDO2).await, 200);
    for profile in read["passkeyProfiles"].as_array_mut().unwrap() {
        profile.as_object_mut().unwrap().remove("passkeyTypes");
    }
    let before = method(&scene).await;
    patch(&app, read).await;
    assert_eq!(method(&scene).await, before);
    // Microsoft365DSC: the pass method.
    let pass = "/beta/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/TemporaryAccessPass";
    let body = json!({
        "@odata.type": "#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration",
        "state": "enabled", "isUsableOnce": true, "defaultLength": 10, "defaultLifetimeInMinutes": 90,
        "minimumLifetimeInMinutes": 30, "maximumLifetimeInMinutes": 120,
        "includeTargets": [{ "id": "all_users", "targetType": "group" }], "excludeTargets": [],
    });
    ok(&app.patch(pass, &body).await, 204);
    let read = ok(&app.get(pass).await, 200);
    assert_eq!(
        (&read["isUsableOnce"], &read["defaultLength"]),
        (&json!(true), &json!(10))
    );
}

#[tokio::test]
async fn a_wrong_body_changes_nothing() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let before = method(&scene).await;
    let odd = "11111111-1111-1111-1111-111111111111";
    for (body, code) in [
        (
            json!({ "@odata.type": "#microsoft.graph.smsAuthenticationMethodConfiguration" }),
            "field_invalid",
        ),
        (json!({ "state": "on" }), "field_invalid"),
        (
            json!({ "isSelfServiceRegistrationAllowed": 1 }),
            "field_invalid",
        ),
        (
            json!({ "keyRestrictions": { "aaGuids": ["x"] } }),
            "field_invalid",
        ),
        (
            json!({ "keyRestrictions": { "isEnforced": true, "enforcementType": "allow", "aaGuids": [] } }),
            "policy_invalid",
        ),
        (json!({ "includeTargets": "all_users" }), "field_invalid"),
        (
            json!({ "includeTargets": [{ "id": "everybody" }] }),
            "field_invalid",
        ),
        (
            json!({ "includeTargets": [{ "id": odd, "targetType": "group" }] }),
            "policy_invalid",
        ),
        (
            json!({ "includeTargets": [{ "id": "all_users", "allowedPasskeyProfiles": [odd] }] }),
            "policy_invalid",
        ),
        (
            json!({ "passkeyProfiles": [{ "id": odd, "name": "New" }] }),
            "field_invalid",
        ),
        (
            json!({ "passkeyProfiles": [{ "id": odd, "name": "New", "passkeyTypes": "none" }] }),
            "field_invalid",
        ),
        (
            json!({ "passkeyProfiles": [{ "name": "New", "passkeyTypes": "synced" }] }),
            "field_invalid",
        ),
        // A target names the profile that would go.
        (
            json!({ "passkeyProfiles": [{ "id": DEFAULT, "name": "Only this" }] }),
            "policy_invalid",
        ),
        (json!([]), "malformed_request"),
    ] {
        let answer = app.patch(FIDO2, &body).await;
        refused(&answer, 400, code);
    }
    assert_eq!(method(&scene).await, before);
    let sms = FIDO2.replace("Fido2", "Sms");
    refused(
        &app.patch(&sms, &json!({ "state": "enabled" })).await,
        400,
        "malformed_request",
    );
}

#[tokio::test]
async fn a_stale_edit_is_refused_and_a_fresh_one_taken() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let answer = app.get(FIDO2).await;
    let old = answer.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(answer.json()["@odata.etag"], old.as_str());
    patch(&app, json!({ "isSelfServiceRegistrationAllowed": false })).await;
    let body = json!({ "isSelfServiceRegistrationAllowed": true }).to_string();
    let json = Some("application/json");
    let stale = [("if-match", old.as_str())];
    let answer = app
        .send_raw(Method::PATCH, FIDO2, json, body.clone(), &stale)
        .await;
    refused(&answer, 412, "precondition_failed");
    assert!(!method(&scene).await.self_service);
    let new = app.get(FIDO2).await.headers["etag"]
        .to_str()
        .unwrap()
        .to_owned();
    let fresh = [("if-match", new.as_str())];
    ok(
        &app.send_raw(Method::PATCH, FIDO2, json, body, &fresh).await,
        204,
    );
    assert!(method(&scene).await.self_service);
    // Back to what a new tenant has.
    ok(&app.delete(FIDO2).await, 204);
    ok(&app.delete(FIDO2).await, 204);
}

#[tokio::test]
async fn the_campaign_and_what_is_preferred_change_together_or_not_at_all() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let campaign = |days: i64| {
        json!({
            "registrationEnforcement": { "authenticationMethodsRegistrationCampaign": {
                "snoozeDurationInDays": days, "enforceRegistrationAfterAllowedSnoozes": false, "state": "enabled",
                "excludeTargets": [],
                "includeTargets": [{ "id": "all_users", "targetType": "group", "targetedAuthenticationMethod": "fido2" }],
            } },
            "systemCredentialPreferences": { "state": "disabled", "includeTargets": [{ "id": "all_users", "targetType": "group" }],
                "excludeTargets": [] },
        })
    };
    ok(&app.patch(POLICY, &campaign(3)).await, 204);
    let read = ok(&app.get(POLICY).await, 200);
    let held = &read["registrationEnforcement"]["authenticationMethodsRegistrationCampaign"];
    assert_eq!(
        (&held["snoozeDurationInDays"], &held["state"]),
        (&json!(3), &json!("enabled"))
    );
    assert_eq!(held["enforceRegistrationAfterAllowedSnoozes"], false);
    assert_eq!(read["systemCredentialPreferences"]["state"], "disabled");
    // One half cannot be: neither is written.
    let mut half = campaign(5);
    half["systemCredentialPreferences"] = json!({ "state": "enabled", "includeTargets":
        [{ "id": "11111111-1111-1111-1111-111111111111", "targetType": "group" }] });
    refused(&app.patch(POLICY, &half).await, 400, "policy_invalid");
    refused(
        &app.patch(POLICY, &campaign(99)).await,
        400,
        "policy_invalid",
    );
    let mut other = campaign(5);
    other["registrationEnforcement"]["authenticationMethodsRegistrationCampaign"]["includeTargets"]
        [0]["targetedAuthenticationMethod"] = json!("microsoftAuthenticator");
    refused(&app.patch(POLICY, &other).await, 400, "field_invalid");
    assert_eq!(
        ok(&app.get(POLICY).await, 200)["registrationEnforcement"],
        read["registrationEnforcement"]
    );
}

#[tokio::test]
async fn a_strength_is_made_changed_used_and_deleted_as_microsoft365dsc_does() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let list = ok(
        &app.get("/v1.0/policies/authenticationStrengthPolicies")
            .await,
        200,
    );
    all_valid("authenticationStrengthPolicy", &list);
    let built_in = list["value"].as_array().unwrap();
    assert_eq!(built_in[2]["displayName"], "Phishing-resistant MFA");
    assert_eq!(built_in[2]["requirementsSatisfied"], "mfa");
    let body =
        json!({ "displayName": "Keys only", "description": "d", "allowedCombinations": ["fido2"] });
    let made = ok(&app.post(STRENGTHS, &body).await, 201);
    assert_eq!(
        (&made["policyType"], &made["requirementsSatisfied"]),
        (&json!("custom"), &json!("mfa"))
    );
    let one = format!("{STRENGTHS}/{}", made["id"].as_str().unwrap());
    ok(
        &app.patch(&one, &json!({ "displayName": "Keys", "description": "e" }))
            .await,
        204,
    );
    let body = json!({ "allowedCombinations": ["fido2", "password, softwareOath"] });
    let done = ok(
        &app.post(&format!("{one}/updateAllowedCombinations"), &body)
            .await,
        200,
    );
    valid("updateAllowedCombinationsResult", &done);
    assert_eq!(done["previousCombinations"], json!(["fido2"]));
    assert_eq!(
        done["currentCombinations"],
        json!(["fido2", "password,softwareOath"])
    );
    // Models that count, at the address that Terraform uses.
    let configurations = format!("{one}/combinationConfigurations");
    let body = json!({ "@odata.type": "#microsoft.graph.fido2CombinationConfiguration", "appliesToCombinations": ["fido2"],
        "allowedAAGUIDs": ["90a3ccdf-635c-4729-a248-9b709135078f"] });
    let configuration = ok(&app.post(&configurations, &body).await, 201);
    valid("fido2CombinationConfiguration", &configuration);
    let at = format!("{configurations}/{}", configuration["id"].as_str().unwrap());
    let body = json!({ "allowedAAGUIDs": ["de1e552d-db1d-4423-a619-566b625cdc84"] });
    ok(&app.patch(&at, &body).await, 200);
    assert_eq!(
        ok(&app.get(&at).await, 200)["allowedAAGUIDs"],
        body["allowedAAGUIDs"]
    );
    // By name, by method, and by the other root.
    let found = ok(
        &app.get(&format!("{STRENGTHS}?$filter=displayName eq 'keys'").replace(' ', "%20"))
            .await,
        200,
    );
    assert_eq!(found["value"].as_array().unwrap().len(), 1);
    let found = ok(
        &app.get(&format!(
            "{STRENGTHS}?$filter=allowedCombinations/any(x:x%20has%20'sms,%20password')"
        ))
        .await,
        200,
    );
    assert_eq!(found["value"].as_array().unwrap().len(), 1);
    let found = ok(
        &app.get(&format!(
            "{STRENGTHS}/findByMethodMode(authenticationMethodModes=['softwareOath'])"
        ))
        .await,
        200,
    );
    assert_eq!(found["value"].as_array().unwrap().len(), 2);
    let root = one.replace(
        "policies/authenticationStrengthPolicies",
        "identity/conditionalAccess/authenticationStrength/policies",
    );
    assert_eq!(ok(&app.get(&root).await, 200)["displayName"], "Keys");
    // In use.
    let policy = json!({ "displayName": "P", "state": "disabled", "conditions": { "users": { "includeUsers": ["All"] },
        "applications": { "includeApplications": ["All"] } },
        "grantControls": { "operator": "OR", "builtInControls": [], "authenticationStrength": { "id": made["id"] } } });
    let policy = ok(&app.post(ACCESS, &policy).await, 201);
    assert_eq!(
        policy["grantControls"]["authenticationStrength"]["displayName"],
        "Keys"
    );
    let usage = ok(&app.get(&format!("{one}/usage")).await, 200);
    assert_eq!(usage["mfa"][0]["id"], policy["id"]);
    refused(&app.delete(&one).await, 400, "policy_invalid");
    ok(
        &app.delete(&format!("{ACCESS}/{}", policy["id"].as_str().unwrap()))
            .await,
        204,
    );
    ok(&app.delete(&at).await, 204);
    ok(&app.delete(&one).await, 204);
    refused(&app.get(&one).await, 404, "not_found");
}

#[tokio::test]
async fn a_built_in_strength_and_unknown_combinations_are_refused() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let built_in = format!("{STRENGTHS}/00000000-0000-0000-0000-000000000004");
    for answer in [
        app.patch(&built_in, &json!({ "displayName": "x" })).await,
        app.delete(&built_in).await,
        app.post(
            &format!("{built_in}/updateAllowedCombinations"),
            &json!({ "allowedCombinations": ["fido2"] }),
        )
        .await,
    ] {
        refused(&answer, 400, "malformed_request");
    }
    let body = json!({ "displayName": "x", "allowedCombinations": ["carrierPigeon"] });
    refused(&app.post(STRENGTHS, &body).await, 400, "field_invalid");
    let body = json!({ "displayName": "x" });
    refused(&app.post(STRENGTHS, &body).await, 400, "field_invalid");
    refused(
        &app.get(&format!("{STRENGTHS}?$filter=color%20eq%20'red'"))
            .await,
        400,
        "query_unknown_field",
    );
    refused(
        &app.get(&format!("{STRENGTHS}?$frob=1")).await,
        400,
        "query_unknown_option",
    );
    let list = ok(&app.get(STRENGTHS).await, 200);
    assert_eq!(list["value"].as_array().unwrap().len(), 3);
}

fn access_body() -> Value {
    json!({
        "displayName": "Administrators with passkeys", "state": "enabledForReportingButNotEnforced",
        "conditions": {
            "clientAppTypes": ["all"], "userRiskLevels": [], "signInRiskLevels": [], "devices": null,
            "users": { "includeUsers": [], "includeRoles": ["62e90394-69f5-4237-9190-012177145e10"], "excludeUsers": [] },
            "applications": { "includeApplications": ["All"], "excludeApplications": [], "includeUserActions": [] },
            "platforms": { "includePlatforms": ["all"], "excludePlatforms": ["android", "iOS"] },
            "locations": { "includeLocations": ["All"], "excludeLocations": ["AllTrusted"] },
        },
        "grantControls": { "operator": "OR", "builtInControls": ["mfa"], "customAuthenticationFactors": [], "termsOfUse": [] },
        "sessionControls": {
            "signInFrequency": { "isEnabled": true, "value": 4, "type": "hours", "frequencyInterval": "timeBased",
                "authenticationType": "primaryAndSecondaryAuthentication" },
            "persistentBrowser": { "isEnabled": true, "mode": "never" },
        },
    })
}

#[tokio::test]
async fn a_conditional_access_policy_lives_dies_and_comes_back() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let answer = app.post(ACCESS, &access_body()).await;
    let made = ok(&answer, 201);
    valid("conditionalAccessPolicy", &made);
    let one = format!("{ACCESS}/{}", made["id"].as_str().unwrap());
    assert_eq!(answer.location(), format!("{}{one}", scene.world.origin()));
    let answer = app.get(&one).await;
    let read = ok(&answer, 200);
    for name in [
        "displayName",
        "state",
        "conditions",
        "grantControls",
        "sessionControls",
    ] {
        assert_eq!(read[name], made[name], "{name}");
    }
    assert_eq!(
        read["conditions"]["platforms"]["excludePlatforms"],
        json!(["android", "iOS"])
    );
    assert_eq!(read["sessionControls"]["signInFrequency"]["value"], 4);
    // What was read can be sent back and changes nothing.
    ok(&app.patch(&one, &read).await, 204);
    let again = ok(&app.get(&one).await, 200);
    assert_eq!(again["conditions"], read["conditions"]);
    assert_eq!(again["sessionControls"], read["sessionControls"]);
    // A part of it is changed; the rest stays.
    let body = json!({ "state": "disabled", "conditions": { "users": { "excludeRoles": ["c4e39bd9-1100-46d3-8c65-fb160da0071f"] } } });
    ok(&app.patch(&one, &body).await, 204);
    let changed = ok(&app.get(&one).await, 200);
    assert_eq!(
        changed["conditions"]["users"]["includeRoles"],
        read["conditions"]["users"]["includeRoles"]
    );
    assert_eq!(
        changed["conditions"]["users"]["excludeRoles"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let stale = [("if-match", answer.headers["etag"].to_str().unwrap())];
    let late = app
        .send_raw(Method::DELETE, &one, None, String::new(), &stale)
        .await;
    refused(&late, 412, "precondition_failed");
    ok(&app.delete(&one).await, 204);
    refused(&app.get(&one).await, 404, "not_found");
    let bin = "/v1.0/identity/conditionalAccess/deletedItems/policies";
    let list = ok(&app.get(bin).await, 200);
    all_valid("conditionalAccessPolicy", &list);
    assert_eq!(list["value"][0]["id"], made["id"]);
    assert!(list["value"][0]["deletedDateTime"].is_string());
    let back = format!("{bin}/{}/restore", made["id"].as_str().unwrap());
    ok(&app.post(&back, &json!({})).await, 200);
    assert_eq!(ok(&app.get(&one).await, 200)["state"], "disabled");
    assert_eq!(ok(&app.get(bin).await, 200)["value"], json!([]));
    refused(&app.post(&back, &json!({})).await, 404, "not_found");
    ok(&app.delete(&one).await, 204);
    scene.world.wait(31 * 24 * 3600);
    let app = scene.app().await;
    assert_eq!(ok(&app.get(bin).await, 200)["value"], json!([]));
}

#[tokio::test]
async fn a_condition_that_cannot_be_honoured_is_refused_and_not_left_out() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    for (path, value) in [
        ("/conditions/userRiskLevels", json!(["high"])),
        ("/conditions/signInRiskLevels", json!(["medium"])),
        (
            "/conditions/devices",
            json!({ "deviceFilter": { "mode": "include", "rule": "x" } }),
        ),
        ("/conditions/madeUp", json!("x")),
        (
            "/conditions/applications/includeApplications",
            json!(["Office365"]),
        ),
        (
            "/conditions/applications/applicationFilter",
            json!({ "mode": "include", "rule": "x" }),
        ),
        (
            "/conditions/applications/includeUserActions",
            json!(["urn:user:registerdevice"]),
        ),
        (
            "/conditions/users/includeGuestsOrExternalUsers",
            json!({ "guestOrExternalUserTypes": "internalGuest" }),
        ),
        (
            "/conditions/users/includeRoles",
            json!(["11111111-1111-1111-1111-111111111111"]),
        ),
        ("/conditions/users/includeUsers", json!(["nobody"])),
        ("/conditions/platforms/includePlatforms", json!(["amiga"])),
        ("/conditions/clientAppTypes", json!(["telnet"])),
        ("/grantControls/builtInControls", json!(["compliantDevice"])),
        ("/grantControls/builtInControls", json!(["mfa", "block"])),
        ("/grantControls/termsOfUse", json!(["x"])),
        (
            "/grantControls/authenticationStrength",
            json!({ "id": "00000000-0000-0000-0000-000000000004" }),
        ),
        (
            "/sessionControls/cloudAppSecurity",
            json!({ "isEnabled": true, "cloudAppSecurityType": "monitorOnly" }),
        ),
        ("/sessionControls/disableResilienceDefaults", json!(true)),
        ("/sessionControls/signInFrequency/type", json!("weeks")),
        ("/state", json!("on")),
        ("/displayName", Value::Null),
        ("/conditions", Value::Null),
    ] {
        let mut body = access_body();
        let (parent, name) = path.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[name] = value;
        let answer = app.post(ACCESS, &body).await;
        assert_eq!(answer.status.as_u16(), 400, "{path}: {}", answer.body);
    }
    let mut nobody = access_body();
    nobody["conditions"]["users"] = json!({ "includeUsers": ["None"] });
    refused(&app.post(ACCESS, &nobody).await, 400, "policy_invalid");
    assert_eq!(ok(&app.get(ACCESS).await, 200)["value"], json!([]));
}

#[tokio::test]
async fn locations_and_contexts_are_kept() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let list = "/v1.0/identity/conditionalAccess/namedLocations";
    let body = json!({ "@odata.type": "#microsoft.graph.ipNamedLocation", "displayName": "Office", "isTrusted": true,
        "ipRanges": [{ "@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "192.0.2.0/24" },
            { "@odata.type": "#microsoft.graph.iPv6CidrRange", "cidrAddress": "2001:db8::/32" }] });
    let made = ok(&app.post(list, &body).await, 201);
    valid("ipNamedLocation", &made);
    assert_eq!(made["ipRanges"], body["ipRanges"]);
    let one = format!("{list}/{}", made["id"].as_str().unwrap());
    ok(
        &app.patch(&one, &json!({ "displayName": "House" })).await,
        204,
    );
    assert_eq!(ok(&app.get(&one).await, 200)["displayName"], "House");
    let country = json!({ "@odata.type": "#microsoft.graph.countryNamedLocation", "displayName": "x", "countriesAndRegions": ["DE"] });
    refused(&app.post(list, &country).await, 400, "field_invalid");
    let wrong = json!({ "displayName": "x", "ipRanges": [{ "cidrAddress": "192.0.2.1/24" }] });
    refused(&app.post(list, &wrong).await, 400, "field_invalid");
    ok(&app.delete(&one).await, 204);
    let contexts = "/v1.0/identity/conditionalAccess/authenticationContextClassReferences";
    let body = json!({ "displayName": "Payroll", "description": "d", "isAvailable": true });
    ok(&app.patch(&format!("{contexts}/c7"), &body).await, 204);
    let list = ok(&app.get(contexts).await, 200);
    all_valid("authenticationContextClassReference", &list);
    assert_eq!(list["value"][0]["displayName"], "Payroll");
    refused(
        &app.patch(&format!("{contexts}/x7"), &body).await,
        400,
        "policy_invalid",
    );
    let twice = json!({ "id": "c7", "displayName": "Again" });
    refused(&app.post(contexts, &twice).await, 409, "context_exists");
    ok(&app.delete(&format!("{contexts}/c7")).await, 204);
}

#[tokio::test]
async fn what_if_says_of_each_policy_why_it_does_not_apply() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let user = scene.world.user("ada@a.example").await;
    let mut everybody = access_body();
    everybody["displayName"] = json!("Everybody");
    everybody["state"] = json!("enabledForReportingButNotEnforced");
    everybody["conditions"] = json!({ "users": { "includeUsers": ["All"] }, "applications": { "includeApplications": ["All"] } });
    let mut elsewhere = everybody.clone();
    elsewhere["displayName"] = json!("Elsewhere");
    elsewhere["conditions"]["locations"] =
        json!({ "includeLocations": ["All"], "excludeLocations": ["AllTrusted"] });
    let mut off = everybody.clone();
    off["displayName"] = json!("Off");
    off["state"] = json!("disabled");
    for body in [&access_body(), &everybody, &elsewhere, &off] {
        ok(&app.post(ACCESS, body).await, 201);
    }
    let question = json!({
        "signInIdentity": { "@odata.type": "#microsoft.graph.userSignIn", "userId": user.id.to_string() },
        "signInContext": { "@odata.type": "#microsoft.graph.applicationContext", "includeApplications": [scene.application.id.to_string()] },
        "signInConditions": { "devicePlatform": "windows", "clientAppType": "browser" },
        "appliedPoliciesOnly": false,
    });
    let path = "/v1.0/identity/conditionalAccess/evaluate";
    let said = ok(&app.post(path, &question).await, 200);
    all_valid("whatIfAnalysisResult", &said);
    let reasons = |name: &str| {
        let all = said["value"].as_array().unwrap();
        let one = all.iter().find(|one| one["displayName"] == name).unwrap();
        (
            one["policyApplies"].as_bool().unwrap(),
            one["analysisReasons"].as_str().unwrap().to_owned(),
        )
    };
    assert_eq!(reasons("Everybody"), (true, "notSet".to_owned()));
    assert_eq!(reasons("Off"), (false, "policyNotEnabled".to_owned()));
    assert_eq!(
        reasons("Elsewhere"),
        (false, "notEnoughInformation".to_owned())
    );
    assert_eq!(
        reasons("Administrators with passkeys"),
        (false, "users".to_owned())
    );
    let mut only = question.clone();
    only["appliedPoliciesOnly"] = json!(true);
    assert_eq!(
        ok(
            &app.post("/beta/identity/conditionalAccess/evaluate", &only)
                .await,
            200
        )["value"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    for (path_of, value) in [
        ("/signInIdentity", Value::Null),
        ("/signInIdentity/userId", json!("x")),
        ("/signInContext/includeApplications", json!([])),
        ("/signInConditions/ipAddress", json!("here")),
        ("/signInConditions/devicePlatform", json!("amiga")),
    ] {
        let mut body = question.clone();
        *body.pointer_mut(path_of).unwrap_or(&mut Value::Null) = value.clone();
        if path_of.ends_with("ipAddress") {
            body["signInConditions"]["ipAddress"] = value;
        }
        refused(&app.post(path, &body).await, 400, "field_invalid");
    }
}

#[tokio::test]
async fn reading_and_writing_take_their_own_scopes_and_roles() {
    let scene = Scene::new().await;
    let reader = scene.app_with(&[Scope::PolicyReadAll]).await;
    ok(&reader.get(FIDO2).await, 200);
    ok(&reader.get(ACCESS).await, 200);
    for answer in [
        reader.patch(FIDO2, &json!({})).await,
        reader.patch(POLICY, &json!({})).await,
        reader.delete(FIDO2).await,
        reader.post(ACCESS, &access_body()).await,
        reader
            .post(
                STRENGTHS,
                &json!({ "displayName": "x", "allowedCombinations": ["fido2"] }),
            )
            .await,
    ] {
        refused(&answer, 403, "scope_missing");
    }
    let other = scene.app_with(&[Scope::AuditLogReadAll]).await;
    refused(&other.get(FIDO2).await, 403, "scope_missing");
    // A person needs the role besides.
    let user = scene.world.user("ada@a.example").await;
    let ada = scene
        .as_user(&user, &[Scope::PolicyReadAll, Scope::PolicyWriteAccess])
        .await
        .program;
    refused(&ada.get(ACCESS).await, 403, "role_missing");
    scene.world.role(&user, Role::GlobalReader).await;
    ok(&ada.get(ACCESS).await, 200);
    refused(&ada.post(ACCESS, &access_body()).await, 403, "role_missing");
    scene
        .world
        .role(&user, Role::ConditionalAccessAdministrator)
        .await;
    ok(&ada.post(ACCESS, &access_body()).await, 201);
    refused(&ada.patch(FIDO2, &json!({})).await, 403, "scope_missing");
}

#[tokio::test]
async fn a_change_that_would_lock_every_administrator_out_is_refused() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    scene
        .world
        .administrator(&mut crate::world::authenticator())
        .await;
    let body = json!({ "displayName": "Nobody", "state": "enabled",
        "conditions": { "users": { "includeUsers": ["All"] }, "applications": { "includeApplications": ["All"] } },
        "grantControls": { "operator": "OR", "builtInControls": ["block"] } });
    refused(&app.post(ACCESS, &body).await, 409, "locks_everybody_out");
    assert_eq!(ok(&app.get(ACCESS).await, 200)["value"], json!([]));
}
