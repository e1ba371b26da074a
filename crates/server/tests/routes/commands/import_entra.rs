//! `keyward admin import-entra`.

use policy::model::{AccessState, CampaignState, Group, GroupId, Policies};
use serde_json::{Value, json};

use super::{admin_with, json, told};
use crate::world::{TestApp, authenticator};

const STAFF: &str = "11111111-1111-4111-8111-111111111111";
const STRENGTH: &str = "22222222-2222-4222-8222-222222222222";
const PROFILE: &str = "33333333-3333-4333-8333-333333333333";
const DEFAULT: &str = "00000000-0000-0000-0000-000000000001";
const MODEL: &str = "90a3ccdf-635c-4729-a248-9b709135078f";

/// Writes an export into a folder; answers the folder.
fn export(world: &TestApp, files: &[Value]) -> String {
    let folder = world.app.config.data.join("export");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    for (at, file) in files.iter().enumerate() {
        std::fs::write(folder.join(format!("{at}.json")), file.to_string()).unwrap();
    }
    folder.to_str().unwrap().to_owned()
}

async fn policies(world: &TestApp) -> Policies {
    let tenant = world.app.tenants.default().id;
    let found = world
        .app
        .store
        .read(move |tx| Box::pin(async move { store::policies::load(tx, tenant).await }));
    let found: Result<_, store::StoreError> = found.await;
    found.unwrap()
}

async fn group(world: &TestApp, name: &str) -> GroupId {
    let (app, now) = (&world.app, world.app.clock.now());
    let group = Group {
        tenant: app.tenants.default().id,
        id: GroupId::new(now, app.random.bytes()),
        display_name: name.to_owned(),
        description: String::new(),
        role_assignable: false,
        created: now,
    };
    let id = group.id;
    world
        .write(move |tx| Box::pin(async move { store::groups::create(tx, &group).await }))
        .await;
    id
}

fn passkeys(state: &str) -> Value {
    let restrictions = json!({ "isEnforced": false, "enforcementType": "allow", "aaGuids": [] });
    let profile = |id: &str, name: &str, types: &str, attestation: &str| {
        json!({ "id": id, "name": name, "passkeyTypes": types,
            "attestationEnforcement": attestation, "keyRestrictions": restrictions })
    };
    json!({
        "@odata.type": "#microsoft.graph.fido2AuthenticationMethodConfiguration",
        "id": "Fido2", "state": state, "isSelfServiceRegistrationAllowed": true,
        "includeTargets": [{ "targetType": "group", "id": STAFF, "isRegistrationRequired": false,
            "allowedPasskeyProfiles": [DEFAULT, PROFILE] }],
        "excludeTargets": [],
        "passkeyProfiles": [
            profile(DEFAULT, "Default passkey profile", "deviceBound,synced", "disabled"),
            profile(PROFILE, "Keys of makers", "deviceBound", "registrationOnly"),
        ],
    })
}

fn strengths() -> Value {
    let built_in = json!({ "id": "00000000-0000-0000-0000-000000000004", "displayName": "Phishing-resistant MFA",
        "policyType": "builtIn", "allowedCombinations": ["fido2"] });
    let lists = json!([{ "id": "44444444-4444-4444-8444-444444444444",
        "appliesToCombinations": ["fido2"], "allowedAAGUIDs": [MODEL] }]);
    json!({ "value": [built_in, { "id": STRENGTH, "displayName": "One model", "policyType": "custom",
        "allowedCombinations": ["fido2"], "combinationConfigurations": lists }] })
}

fn access(id: &str, name: &str, risks: &[&str]) -> Value {
    json!({
        "id": id, "displayName": name, "state": "enabled",
        "conditions": {
            "users": { "includeUsers": ["All"], "excludeGroups": [STAFF] },
            "applications": { "includeApplications": ["All"] },
            "clientAppTypes": ["all"], "signInRiskLevels": risks,
        },
        "grantControls": { "operator": "OR", "builtInControls": [],
            "authenticationStrength": { "id": STRENGTH, "displayName": "One model" } },
    })
}

fn groups() -> Value {
    json!({ "value": [{ "id": STAFF, "displayName": "Staff", "securityEnabled": true }] })
}

/// Name and outcome of each object.
fn outcomes(report: &Value) -> Vec<(String, String)> {
    let objects = report["objects"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    objects
        .map(|one| (text(&one["name"]), text(&one["outcome"])))
        .collect()
}

fn expected(names: &[&str], outcome: &str) -> Vec<(String, String)> {
    let names = names.iter();
    names
        .map(|name| ((*name).to_owned(), outcome.to_owned()))
        .collect()
}

#[tokio::test]
async fn what_was_decided_there_is_reported_and_carried_over() {
    let world = TestApp::new().await;
    let _browser = world.administrator(&mut authenticator()).await;
    let staff = group(&world, "Staff").await;
    let before = policies(&world).await;
    let folder = export(
        &world,
        &[
            groups(),
            json!({ "id": "authenticationMethodsPolicy", "authenticationMethodConfigurations": [passkeys("enabled")] }),
            strengths(),
            json!({ "value": [{ "@odata.type": "#microsoft.graph.ipNamedLocation", "isTrusted": true,
                "id": "55555555-5555-4555-8555-555555555555", "displayName": "Office",
                "ipRanges": [{ "@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "192.0.2.0/24" }] }] }),
            json!({ "value": [access("66666666-6666-4666-8666-666666666666", "Keys", &[])] }),
        ],
    );
    let names = ["Office", "One model", "Fido2", "Keys"];
    let looked = json(&admin_with(&world, "import-entra", &folder, &["--json"]));
    let mut new = expected(&names, "new");
    new[2].1 = "changed".to_owned();
    assert_eq!(outcomes(&looked), new, "{looked}");
    assert_eq!(policies(&world).await, before, "looking writes nothing");
    let applied = admin_with(&world, "import-entra", &folder, &["--json", "--apply"]);
    assert!(applied.status.success(), "{applied:?}");
    assert_eq!(outcomes(&json(&applied)), new);
    let after = policies(&world).await;
    assert_eq!(after.strengths[0].id.to_string(), STRENGTH);
    assert_eq!(
        after.strengths[0].allowed_aaguids[0].aaguids[0].to_string(),
        MODEL
    );
    assert!(
        after
            .passkeys
            .profiles
            .iter()
            .any(|one| one.id.to_string() == PROFILE)
    );
    for profile in &before.passkeys.profiles {
        assert!(
            after
                .passkeys
                .profiles
                .iter()
                .any(|one| one.id == profile.id)
        );
    }
    let targets = &after.passkeys.include;
    assert!(
        targets.iter().any(|one| one.who.groups == [staff]),
        "by name: {targets:?}"
    );
    assert_eq!(after.access[0].state, AccessState::ReportOnly);
    assert_eq!(after.access[0].conditions.users.exclude.groups, [staff]);
    let again = json(&admin_with(
        &world,
        "import-entra",
        &folder,
        &["--json", "--apply"],
    ));
    assert_eq!(outcomes(&again), expected(&names, "same"));
}

#[tokio::test]
async fn what_cannot_be_here_what_it_is_there_is_refused_with_the_reason() {
    let world = TestApp::new().await;
    let folder = export(
        &world,
        &[
            strengths(),
            passkeys("enabled"),
            json!([{ "id": "55555555-5555-4555-8555-555555555555", "displayName": "Countries",
                "countriesAndRegions": ["DE"] }]),
            json!([access(
                "66666666-6666-4666-8666-666666666666",
                "Nobody here",
                &[]
            )]),
            groups(),
            json!([{ "id": "77777777-7777-4777-8777-777777777777", "displayName": "Risky", "state": "enabled",
                "conditions": { "users": { "includeUsers": ["All"] }, "signInRiskLevels": ["high"],
                    "applications": { "includeApplications": ["All"] } },
                "grantControls": { "operator": "OR", "builtInControls": ["mfa"] } }]),
        ],
    );
    let refused = admin_with(&world, "import-entra", &folder, &["--json", "--apply"]);
    assert_eq!(refused.status.code(), Some(1));
    let report = json(&refused);
    let object = |name: &str| {
        let mut objects = report["objects"].as_array().unwrap().iter();
        objects.find(|one| one["name"] == name).unwrap().clone()
    };
    assert_eq!(object("Countries")["code"], "field_invalid");
    assert_eq!(object("Nobody here")["code"], "names_missing");
    assert!(
        object("Nobody here")["message"]
            .as_str()
            .unwrap()
            .contains("“Staff”")
    );
    assert_eq!(object("Risky")["code"], "field_invalid");
    assert!(
        object("Risky")["message"]
            .as_str()
            .unwrap()
            .contains("signInRiskLevels")
    );
    // Profiles come; targets that name somebody who is not here do not.
    assert_eq!(object("Fido2")["outcome"], "changed");
    let before = Policies::of_new_tenant();
    let after = policies(&world).await;
    assert_eq!(after.passkeys.include, before.passkeys.include);
    assert!(after.access.is_empty() && after.locations.is_empty());
    assert_eq!(after.strengths.len(), 1, "each object by itself");
}

#[tokio::test]
async fn nothing_is_carried_over_that_leaves_nobody_to_administer() {
    let world = TestApp::new().await;
    let _browser = world.administrator(&mut authenticator()).await;
    let folder = export(&world, &[groups(), passkeys("disabled")]);
    for flags in [&["--json"][..], &["--json", "--apply"]] {
        let refused = admin_with(&world, "import-entra", &folder, flags);
        let report = json(&refused);
        assert_eq!(
            report["objects"][0]["code"], "locks_everybody_out",
            "{report}"
        );
    }
    assert!(policies(&world).await.passkeys.enabled);
}

#[tokio::test]
async fn whose_passkeys_stay_behind_is_known_and_asked_for_new_ones() {
    let world = TestApp::new().await;
    let _browser = world.administrator(&mut authenticator()).await;
    let ada = world.user("ada@localhost").await;
    let key =
        json!({ "id": "k", "aaGuid": MODEL, "model": "Some key", "passkeyType": "deviceBound" });
    let folder = export(
        &world,
        &[
            json!({ "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users('ADA%40localhost')/authentication/fido2Methods",
                "value": [key, key] }),
            json!({ "value": [
                { "id": "1", "userPrincipalName": "eve@localhost", "methodsRegistered": ["passKeySynced"] },
                { "id": "2", "userPrincipalName": world.first.administrator, "methodsRegistered": ["fido2SecurityKey"] },
            ] }),
            json!({ "value": [], "@odata.nextLink": "https://graph.microsoft.com/next" }),
        ],
    );
    let text = told(&admin_with(&world, "import-entra", &folder, &[]));
    for part in [
        "passkeys of 3 people stay in Entra",
        "never to localhost",
        "2 × Some key (deviceBound)",
        "import-csv: eve@localhost",
        "export_one_page",
        "nothing is written without --apply",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let before = policies(&world).await.campaigns.len();
    let report = json(&admin_with(
        &world,
        "import-entra",
        &folder,
        &["--json", "--apply"],
    ));
    let passkeys = &report["passkeys"];
    assert_eq!(passkeys["movable"], 0);
    assert_eq!(
        passkeys["toRegister"][0]["userPrincipalName"],
        "ada@localhost"
    );
    assert_eq!(passkeys["withoutAccount"], json!(["eve@localhost"]));
    assert_eq!(passkeys["withPasskeyHere"], 1);
    let campaigns = policies(&world).await.campaigns;
    assert_eq!(campaigns.len(), before + 1);
    let made = campaigns
        .iter()
        .find(|one| !one.who.include.users.is_empty());
    let made = made.unwrap();
    assert_eq!(made.who.include.users, [ada.id]);
    assert_eq!(
        made.state,
        CampaignState::Disabled,
        "whoever runs the tenant turns it on"
    );
}
