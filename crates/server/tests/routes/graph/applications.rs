//! Applications, their service principals, their secrets and keys, and what they may do.

use axum::http::StatusCode;
use keyward::jose::{SigningAlgorithm, SigningKey};
use policy::model::{Application, ApplicationId, ClientKind, Consent, Role};
use policy::permissions::{self, GRAPH};
use policy::scopes::Scope;
use serde_json::{Value, json};

use super::schema::{all_valid, valid};
use super::{Program, Scene, ok, refused};

const LIST: &str = "/v1.0/applications";

fn ids<'l>(list: &'l Value, member: &str) -> Vec<&'l str> {
    let rows = list["value"].as_array().unwrap().iter();
    rows.map(|row| row[member].as_str().unwrap()).collect()
}

async fn make(program: &Program<'_>, body: Value) -> (String, String) {
    let made = ok(&program.post(LIST, &body).await, 201);
    valid("application", &made);
    let id = made["id"].as_str().unwrap().to_owned();
    (format!("{LIST}/{id}"), id)
}

impl Scene {
    async fn stored(&self, id: &str) -> Application {
        let (tenant, id) = (self.tenant, id.parse::<ApplicationId>().unwrap());
        let found = self
            .world
            .write(move |tx| {
                Box::pin(async move { store::applications::find(tx, tenant, id).await })
            })
            .await;
        found.unwrap()
    }

    /// What the token endpoint says to these fields.
    async fn token(&self, fields: &[(&str, &str)]) -> (StatusCode, Value) {
        let path = format!("/{}/oauth2/v2.0/token", self.tenant);
        let answer = self.world.browser().post_bare(&path, fields).await;
        (answer.status, answer.json())
    }

    async fn by_secret(&self, id: &str, secret: &str) -> (StatusCode, Value) {
        let scope = format!("{}/.default", self.world.origin());
        self.token(&[
            ("grant_type", "client_credentials"),
            ("client_id", id),
            ("client_secret", secret),
            ("scope", &scope),
        ])
        .await
    }
}

#[tokio::test]
async fn an_application_is_registered_changed_and_deleted() {
    let scene = Scene::new().await;
    // Ids are sorted by the moment they were made in.
    scene.world.wait(1);
    let app = scene.app().await;
    let (path, id) = make(&app, json!({
        "displayName": "Orders",
        "signInAudience": "AzureADMyOrg",
        "web": {
            "redirectUris": ["https://orders.example/back"],
            "implicitGrantSettings": {"enableAccessTokenIssuance": false, "enableIdTokenIssuance": false},
        },
        "api": {"requestedAccessTokenVersion": 2, "knownClientApplications": []},
        "tags": [],
        "requiredResourceAccess": [{
            "resourceAppId": "00000003-0000-0000-c000-000000000000",
            "resourceAccess": [{"id": "e1fe6dd8-ba31-4d61-89e7-88639da4683d", "type": "Scope"}],
        }],
    })).await;
    let stored = scene.stored(&id).await;
    assert_eq!(stored.kind, ClientKind::Confidential);
    assert_eq!(stored.logout_uris, ["https://orders.example/back"]);
    assert!(stored.app_permissions.is_empty() && stored.settings.consented.is_empty());
    let change = json!({
        "displayName": "Orders 2",
        "description": "of the shop",
        "identifierUris": [format!("api://{id}")],
        "web": {"redirectUris": ["https://orders.example/other", "http://localhost:9/back"]},
    });
    ok(&app.patch(&path, &change).await, 204);
    for path in [
        path.clone(),
        format!("{LIST}(appId='{id}')"),
        format!("{LIST}('{id}')"),
    ] {
        let read = ok(&app.get(&path).await, 200);
        valid("application", &read);
        assert_eq!(read["displayName"], "Orders 2", "{path}");
        assert_eq!(
            read["web"]["redirectUris"][0],
            "https://orders.example/other"
        );
        let required = &read["requiredResourceAccess"][0]["resourceAccess"][0];
        assert_eq!(required["type"], "Scope");
    }
    assert_eq!(
        scene.stored(&id).await.logout_uris,
        ["https://orders.example/other", "http://localhost:9/back"]
    );
    for filter in [
        format!("appId%20eq%20'{id}'"),
        "displayName%20eq%20'Orders%202'".to_owned(),
        format!("identifierUris/any(u:u%20eq%20'api://{id}')"),
    ] {
        let found = ok(&app.get(&format!("{LIST}?$filter={filter}")).await, 200);
        all_valid("application", &found);
        assert_eq!(ids(&found, "id"), [id.as_str()], "{filter}");
    }
    let paged = ok(&app.get(&format!("{LIST}?$top=1&$count=true")).await, 200);
    assert_eq!(paged["@odata.count"], 2);
    let next = paged["@odata.nextLink"].as_str().unwrap();
    let rest = app
        .get(next.strip_prefix(scene.world.origin()).unwrap())
        .await;
    assert_eq!(ids(&ok(&rest, 200), "id"), [id.as_str()]);
    ok(&app.delete(&path).await, 204);
    refused(&app.get(&path).await, 404, "not_found");
    refused(&app.delete(&path).await, 404, "not_found");
}

#[tokio::test]
async fn what_is_no_application_is_refused() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    for body in [
        json!({}),
        json!({"displayName": ""}),
        json!({"displayName": "x\u{7}"}),
        json!({"displayName": "x", "signInAudience": "AzureADMultipleOrgs"}),
        json!({"displayName": "x", "web": {"redirectUris": ["http://orders.example/"]}}),
        json!({"displayName": "x", "web": {"redirectUris": ["https://*.example/"]}}),
        json!({"displayName": "x", "web": {"redirectUris": ["https://orders.example/#x"]}}),
        json!({"displayName": "x", "spa": {"redirectUris": ["javascript:alert(1)"]}}),
        json!({"displayName": "x", "web": {"logoutUrl": "http://orders.example/out"}}),
        json!({"displayName": "x", "web": {"implicitGrantSettings": {"enableIdTokenIssuance": true}}}),
        json!({"displayName": "x", "identifierUris": ["orders"]}),
        json!({"displayName": "x", "optionalClaims": {"idToken": [{"name": "email"}]}}),
        json!({"displayName": "x", "passwordCredentials": [{"secretText": "mine"}]}),
        json!({"displayName": "x", "requiredResourceAccess": [{"resourceAppId": "x"}]}),
    ] {
        let answer = app.post(LIST, &body).await;
        refused(&answer, 400, "field_invalid");
    }
    let mixed = json!({
        "displayName": "x",
        "web": {"redirectUris": ["https://orders.example/"]},
        "spa": {"redirectUris": ["https://orders.example/page"]},
    });
    refused(
        &app.post(LIST, &mixed).await,
        409,
        "public_and_confidential",
    );
    let all = ok(&app.get(LIST).await, 200);
    assert_eq!(ids(&all, "id").len(), 1, "nothing was made");
    let nobody = format!("{LIST}/0198f0a0-0000-7000-8000-000000000000");
    refused(
        &app.patch(&nobody, &json!({"displayName": "x"})).await,
        404,
        "not_found",
    );
}

#[tokio::test]
async fn a_public_client_has_no_secret_and_may_let_devices_wait() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let (path, id) = make(
        &app,
        json!({
            "displayName": "Installed",
            "isFallbackPublicClient": true,
            "publicClient": {"redirectUris": ["http://localhost"]},
        }),
    )
    .await;
    let stored = scene.stored(&id).await;
    assert_eq!(stored.kind, ClientKind::Public);
    assert!(stored.settings.device_code);
    let secret = app.post(&format!("{path}/addPassword"), &json!({})).await;
    refused(&secret, 409, "public_and_confidential");
    let device = format!("/{}/oauth2/v2.0/devicecode", scene.tenant);
    let fields = [("client_id", id.as_str()), ("scope", "openid")];
    let begun = scene.world.browser().post_bare(&device, &fields).await;
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.body);
    ok(
        &app.patch(&path, &json!({"isFallbackPublicClient": "false"}))
            .await,
        204,
    );
    let refusal = scene.world.browser().post_bare(&device, &fields).await;
    assert_eq!(refusal.status, StatusCode::BAD_REQUEST, "{}", refusal.body);
}

#[tokio::test]
async fn a_secret_is_shown_once_and_counts_within_its_days() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let (path, id) = make(&app, json!({"displayName": "Orders"})).await;
    let wish = json!({"passwordCredential": {"displayName": "first", "endDateTime": "2026-12-02T00:00:00Z"}});
    let made = ok(&app.post(&format!("{path}/addPassword"), &wish).await, 200);
    valid("passwordCredential", &made);
    let text = made["secretText"].as_str().unwrap();
    assert!(text.len() >= 40 && text.starts_with(made["hint"].as_str().unwrap()));
    let read = ok(&app.get(&path).await, 200);
    valid("application", &read);
    let shown = &read["passwordCredentials"][0];
    assert_eq!(shown["displayName"], "first");
    assert_eq!(shown["secretText"], Value::Null);
    assert!(!read.to_string().contains(text));
    let (status, token) = scene.by_secret(&id, text).await;
    assert_eq!(status, StatusCode::OK, "{token}");
    let (status, _) = scene.by_secret(&id, "wrong").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    // One that begins tomorrow does not count today.
    let wish = json!({"passwordCredential": {"startDateTime": "2026-12-02T00:00:00Z"}});
    let later = ok(&app.post(&format!("{path}/addPassword"), &wish).await, 200);
    let later_text = later["secretText"].as_str().unwrap();
    let (status, _) = scene.by_secret(&id, later_text).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    scene.world.wait(12 * 3600);
    let (status, _) = scene.by_secret(&id, text).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "its days are over");
    let (status, _) = scene.by_secret(&id, later_text).await;
    assert_eq!(status, StatusCode::OK);
    let app = scene.app().await;
    let gone = json!({"keyId": later["keyId"]});
    ok(
        &app.post(&format!("{path}/removePassword"), &gone).await,
        204,
    );
    refused(
        &app.post(&format!("{path}/removePassword"), &gone).await,
        404,
        "not_found",
    );
    let (status, _) = scene.by_secret(&id, later_text).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    for wish in [
        json!({"endDateTime": "2020-01-01T00:00:00Z"}),
        json!({"startDateTime": "2027-01-02T00:00:00Z", "endDateTime": "2027-01-01T00:00:00Z"}),
        json!({"endDateTime": "2999-01-01T00:00:00Z"}),
        json!({"endDateTime": "tomorrow"}),
        json!({"displayName": "x".repeat(121)}),
    ] {
        let wish = json!({"passwordCredential": wish});
        let answer = app.post(&format!("{path}/addPassword"), &wish).await;
        refused(&answer, 400, "field_invalid");
    }
    // What was there before secrets had ids is seen and taken away as well.
    let own = format!("{LIST}/{}", scene.application.id);
    let old = ok(&app.get(&own).await, 200)["passwordCredentials"][0]["keyId"].clone();
    let gone = json!({"keyId": old});
    ok(
        &app.post(&format!("{own}/removePassword"), &gone).await,
        204,
    );
    assert!(
        scene
            .stored(&scene.application.id.to_string())
            .await
            .secrets
            .is_empty()
    );
}

#[tokio::test]
async fn a_key_is_public_and_has_a_name_of_its_own() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let (path, id) = make(&app, json!({"displayName": "Orders"})).await;
    let key = SigningKey::generate(SigningAlgorithm::Es256, "orders-1").unwrap();
    let wish = |jwk: &Value| {
        let key = ceremony::base64url::encode(jwk.to_string());
        json!({"keyCredential": {"type": "JsonWebKey", "usage": "Verify", "key": key}, "proof": "x"})
    };
    let add = format!("{path}/addKey");
    let made = ok(&app.post(&add, &wish(key.jwk())).await, 200);
    valid("keyCredential", &made);
    assert_eq!(made["displayName"], "orders-1");
    assert_eq!(
        scene.stored(&id).await.settings.assertion_keys,
        [key.jwk().clone()]
    );
    valid("application", &ok(&app.get(&path).await, 200));
    refused(
        &app.post(&add, &wish(key.jwk())).await,
        409,
        "given_already",
    );
    let mut private = key.jwk().clone();
    private["kid"] = json!("orders-2");
    private["d"] = json!("c2VjcmV0");
    refused(&app.post(&add, &wish(&private)).await, 400, "field_invalid");
    refused(
        &app.post(&add, &wish(&json!({"kty": "oct", "k": "eA"})))
            .await,
        400,
        "field_invalid",
    );
    for (kind, key) in [
        ("AsymmetricX509Cert", "MIIB"),
        ("X509CertAndPassword", "MIIB"),
    ] {
        let wish = json!({"keyCredential": {"type": kind, "usage": "Verify", "key": key}});
        refused(&app.post(&add, &wish).await, 400, "field_invalid");
    }
    let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    let certificate = rcgen::CertificateParams::new(Vec::new()).unwrap();
    let certificate = certificate.self_signed(&pair).unwrap();
    let wish = |bytes: &[u8]| {
        let key = ceremony::base64url::encode(bytes);
        json!({"keyCredential": {"type": "AsymmetricX509Cert", "usage": "Verify", "key": key}})
    };
    let added = ok(&app.post(&add, &wish(certificate.der())).await, 200);
    valid("keyCredential", &added);
    assert_eq!(added["type"], "AsymmetricX509Cert");
    assert!(added["endDateTime"].is_string() && added["key"].is_null());
    let pem = wish(certificate.pem().as_bytes());
    refused(&app.post(&add, &pem).await, 409, "given_already");
    // Nobody signs assertions with another kind of key.
    let pair = rcgen::KeyPair::generate().unwrap();
    let other = rcgen::CertificateParams::new(Vec::new()).unwrap();
    let other = other.self_signed(&pair).unwrap();
    refused(
        &app.post(&add, &wish(other.der())).await,
        400,
        "field_invalid",
    );
    let gone = json!({"keyId": made["keyId"], "proof": "x"});
    ok(&app.post(&format!("{path}/removeKey"), &gone).await, 204);
    refused(
        &app.post(&format!("{path}/removeKey"), &gone).await,
        404,
        "not_found",
    );
}

#[tokio::test]
async fn the_keys_of_an_application_are_written_as_a_whole() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let (path, id) = make(&app, json!({"displayName": "Orders"})).await;
    let certificate = || {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
        let made = rcgen::CertificateParams::new(Vec::new()).unwrap();
        let der = made.self_signed(&pair).unwrap().der().to_vec();
        let key = ceremony::base64url::encode(&der);
        json!({"type": "AsymmetricX509Cert", "usage": "Verify", "key": key, "displayName": "CN=x"})
    };
    let keys = |list: Value| json!({"keyCredentials": list});
    let (first, second) = (certificate(), certificate());
    ok(&app.patch(&path, &keys(json!([first]))).await, 204);
    let read = ok(&app.get(&path).await, 200);
    let held = read["keyCredentials"][0].clone();
    assert!(held["key"].is_null() && held["keyId"].is_string());
    // As clients do it that add one: what is there goes back as it came.
    ok(&app.patch(&path, &keys(json!([held, second]))).await, 204);
    let stored = scene.stored(&id).await.settings.assertion_keys;
    assert_eq!(stored.len(), 2);
    for (list, status, code) in [
        (json!([held, held]), 409, "given_already"),
        (json!([first, first]), 409, "given_already"),
        (
            json!([{"keyId": "0198f0a0-0000-7000-8000-000000000000"}]),
            400,
            "field_invalid",
        ),
        (json!([{"keyId": "x"}]), 400, "field_invalid"),
        (json!([{}]), 400, "field_invalid"),
        (
            json!([{"type": "AsymmetricX509Cert", "key": "MIIB"}]),
            400,
            "field_invalid",
        ),
        (
            json!([{"type": "Symmetric", "key": "MIIB"}]),
            400,
            "field_invalid",
        ),
        (json!([1]), 400, "field_invalid"),
        (json!("x"), 400, "field_invalid"),
    ] {
        refused(&app.patch(&path, &keys(list)).await, status, code);
    }
    assert_eq!(scene.stored(&id).await.settings.assertion_keys, stored);
    ok(&app.patch(&path, &keys(json!([held]))).await, 204);
    assert_eq!(scene.stored(&id).await.settings.assertion_keys, stored[..1]);
    ok(&app.patch(&path, &keys(json!([]))).await, 204);
    assert!(scene.stored(&id).await.settings.assertion_keys.is_empty());
    // In one request with the application itself, too.
    let (_, id) = make(
        &app,
        json!({"displayName": "Stock", "keyCredentials": [certificate()]}),
    )
    .await;
    assert_eq!(scene.stored(&id).await.settings.assertion_keys.len(), 1);
}

#[tokio::test]
async fn a_service_principal_is_the_application_as_it_acts() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let (path, id) = make(&app, json!({"displayName": "Orders"})).await;
    let secret = ok(
        &app.post(&format!("{path}/addPassword"), &json!({})).await,
        200,
    );
    let secret = secret["secretText"].as_str().unwrap();
    let made = ok(
        &app.post("/v1.0/servicePrincipals", &json!({"appId": id}))
            .await,
        201,
    );
    valid("servicePrincipal", &made);
    assert_eq!(made["appId"], id.as_str());
    let principal = format!("/v1.0/servicePrincipals/{id}");
    for path in [
        principal.clone(),
        format!("/v1.0/servicePrincipals(appId='{id}')"),
    ] {
        valid("servicePrincipal", &ok(&app.get(&path).await, 200));
    }
    ok(
        &app.patch(&principal, &json!({"accountEnabled": false}))
            .await,
        204,
    );
    let (status, _) = scene.by_secret(&id, secret).await;
    assert_ne!(
        status,
        StatusCode::OK,
        "a disabled application gets nothing"
    );
    ok(
        &app.patch(&principal, &json!({"accountEnabled": true}))
            .await,
        204,
    );
    let (status, _) = scene.by_secret(&id, secret).await;
    assert_eq!(status, StatusCode::OK);
    let required = json!({"appRoleAssignmentRequired": true});
    refused(
        &app.patch(&principal, &required).await,
        400,
        "field_invalid",
    );
    let all = ok(&app.get("/v1.0/servicePrincipals").await, 200);
    all_valid("servicePrincipal", &all);
    assert_eq!(ids(&all, "id")[0], GRAPH.to_string());
    let interface = format!("/v1.0/servicePrincipals?$filter=appId%20eq%20'{GRAPH}'");
    let interface = ok(&app.get(&interface).await, 200);
    assert_eq!(ids(&interface, "displayName"), ["Microsoft Graph"]);
    let roles = interface["value"][0]["appRoles"].as_array().unwrap();
    let known = roles
        .iter()
        .find(|role| role["value"] == "User.Read.All")
        .unwrap();
    assert_eq!(known["id"], "df021288-bdef-4463-88db-98f22de89214");
    let read = ok(
        &app.get(&format!("/v1.0/servicePrincipals/{GRAPH}")).await,
        200,
    );
    valid("servicePrincipal", &read);
    let change = json!({"accountEnabled": false});
    let path = format!("/v1.0/servicePrincipals/{GRAPH}");
    refused(&app.patch(&path, &change).await, 404, "not_found");
}

#[tokio::test]
async fn a_page_that_browsers_open_is_the_applications_own() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let (path, id) = make(
        &app,
        json!({
            "displayName": "Orders",
            "web": {"redirectUris": ["https://orders.example/back", "http://localhost:9/back"]},
        }),
    )
    .await;
    let to = |page: Value| json!({"keyward@frontChannelLogoutUrl": page});
    for bad in [
        json!("https://other.example/out"),
        json!("https://orders.example:444/out"),
        json!("http://orders.example/out"),
        json!("http://localhost:10/out"),
        json!("https://orders.example/out#x"),
        json!("javascript:alert(1)"),
        json!("data:text/html,x"),
        json!("x"),
        json!(1),
    ] {
        let refusal = app.patch(&path, &to(bad)).await;
        refused(&refusal, 400, "field_invalid");
    }
    for good in ["https://orders.example/out?app=1", "http://localhost:9/out"] {
        ok(&app.patch(&path, &to(json!(good))).await, 204);
        let read = ok(&app.get(&path).await, 200);
        valid("application", &read);
        assert_eq!(read["keyward@frontChannelLogoutUrl"], good);
    }
    // With its addresses gone it is not its own any more.
    let gone = json!({"web": {"redirectUris": ["https://new.example/back"]}});
    refused(&app.patch(&path, &gone).await, 400, "field_invalid");
    ok(&app.patch(&path, &to(Value::Null)).await, 204);
    assert!(
        scene
            .stored(&id)
            .await
            .settings
            .front_channel_logout
            .is_none()
    );
    let bound = json!({"keyward@dpopBoundAccessTokens": true});
    ok(&app.patch(&path, &bound).await, 204);
    assert!(scene.stored(&id).await.settings.bound_tokens);
    assert_eq!(
        ok(&app.get(&path).await, 200)["keyward@dpopBoundAccessTokens"],
        true
    );
}

#[tokio::test]
async fn an_application_says_where_it_hears_of_a_logout() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let (path, id) = make(&app, json!({"displayName": "Orders"})).await;
    let to = |address: Value| json!({"web": {"logoutUrl": address}});
    let address = "https://orders.example/told";
    ok(&app.patch(&path, &to(json!(address))).await, 204);
    let stored = scene.stored(&id).await;
    assert_eq!(
        stored.settings.back_channel_logout.as_deref(),
        Some(address)
    );
    let read = ok(&app.get(&path).await, 200);
    valid("application", &read);
    assert_eq!(read["web"]["logoutUrl"], address);
    for bad in [
        json!("http://orders.example/told"),
        json!("https://10.0.0.1/told"),
        json!("https://localhost/told"),
        json!("https://u:p@orders.example/"),
        json!("x"),
        json!(1),
    ] {
        let refusal = app.patch(&path, &to(bad)).await;
        refused(&refusal, 400, "field_invalid");
    }
    let spa = json!({"spa": {"logoutUrl": address}});
    refused(&app.patch(&path, &spa).await, 400, "field_invalid");
    // What is not said stays.
    ok(
        &app.patch(&path, &json!({"web": {"redirectUris": []}}))
            .await,
        204,
    );
    assert!(
        scene
            .stored(&id)
            .await
            .settings
            .back_channel_logout
            .is_some()
    );
    ok(&app.patch(&path, &to(Value::Null)).await, 204);
    assert!(
        scene
            .stored(&id)
            .await
            .settings
            .back_channel_logout
            .is_none()
    );
}

#[tokio::test]
async fn what_people_agreed_to_is_listed_behind_and_can_be_taken_back() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let grants = "/v1.0/oauth2PermissionGrants";
    let (_, id) = make(&app, json!({"displayName": "Orders"})).await;
    let (_, other) = make(&app, json!({"displayName": "Other"})).await;
    for client in [&id, &other] {
        let body = json!({
            "clientId": client, "consentType": "AllPrincipals",
            "resourceId": GRAPH.to_string(), "scope": "Group.Read.All",
        });
        ok(&app.post(grants, &body).await, 201);
    }
    let bob = scene.world.user("bob@localhost").await;
    let consent = Consent {
        tenant: scene.tenant,
        user: bob.id,
        application: id.parse().unwrap(),
        scopes: vec!["User.ReadBasic.All".to_owned()],
        given: scene.world.app.clock.now(),
    };
    scene
        .world
        .write(move |tx| Box::pin(async move { store::consents::give(tx, &consent).await }))
        .await;
    let all = ok(&app.get(&format!("{grants}?$top=2")).await, 200);
    assert_eq!(ids(&all, "consentType"), ["AllPrincipals", "AllPrincipals"]);
    let next = all["@odata.nextLink"].as_str().unwrap();
    let next = next.strip_prefix(scene.world.origin()).unwrap();
    let rest = ok(&app.get(next).await, 200);
    all_valid("oAuth2PermissionGrant", &rest);
    assert_eq!(ids(&rest, "principalId"), [bob.id.to_string()]);
    let narrow =
        format!("{grants}?$filter=clientId%20eq%20'{id}'%20and%20consentType%20eq%20'Principal'");
    let found = ok(&app.get(&narrow).await, 200);
    assert_eq!(ids(&found, "scope"), ["User.ReadBasic.All"]);
    let path = format!("{grants}/{id}_{}", bob.id);
    valid("oAuth2PermissionGrant", &ok(&app.get(&path).await, 200));
    let change = json!({"scope": "User.ReadWrite.All"});
    refused(&app.patch(&path, &change).await, 400, "field_invalid");
    let stranger = format!("{grants}/{other}_{}", bob.id);
    refused(&app.get(&stranger).await, 404, "not_found");
    refused(&app.delete(&stranger).await, 404, "not_found");
    ok(&app.delete(&path).await, 204);
    refused(&app.get(&path).await, 404, "not_found");
}

#[tokio::test]
async fn consent_is_given_changed_and_taken_back() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let (_, id) = make(&app, json!({"displayName": "Orders"})).await;
    let grants = "/v1.0/oauth2PermissionGrants";
    let body = json!({
        "clientId": id,
        "consentType": "AllPrincipals",
        "principalId": null,
        "resourceId": GRAPH.to_string(),
        "scope": "openid User.Read user.read.all",
    });
    let made = ok(&app.post(grants, &body).await, 201);
    valid("oAuth2PermissionGrant", &made);
    assert_eq!(made["scope"], "User.Read User.Read.All");
    assert_eq!(
        scene.stored(&id).await.settings.consented,
        ["User.Read", "User.Read.All"]
    );
    refused(&app.post(grants, &body).await, 409, "given_already");
    let path = format!("{grants}/{}", made["id"].as_str().unwrap());
    valid("oAuth2PermissionGrant", &ok(&app.get(&path).await, 200));
    for list in [
        grants.to_owned(),
        format!(
            "{grants}?$filter=clientId%20eq%20'{id}'%20and%20consentType%20eq%20'AllPrincipals'"
        ),
        format!("/v1.0/servicePrincipals/{id}/oauth2PermissionGrants"),
    ] {
        let found = ok(&app.get(&list).await, 200);
        all_valid("oAuth2PermissionGrant", &found);
        assert_eq!(ids(&found, "clientId"), [id.as_str()], "{list}");
    }
    ok(
        &app.patch(&path, &json!({"scope": "Group.Read.All"})).await,
        204,
    );
    assert_eq!(
        scene.stored(&id).await.settings.consented,
        ["Group.Read.All"]
    );
    for (member, value) in [
        ("consentType", json!("Principal")),
        ("resourceId", json!(id)),
        ("scope", json!("Mail.Read")),
        ("scope", json!("openid")),
        ("scope", Value::Null),
        ("clientId", json!("x")),
    ] {
        let mut body = body.clone();
        body[member] = value;
        refused(&app.post(grants, &body).await, 400, "field_invalid");
    }
    ok(&app.delete(&path).await, 204);
    assert!(scene.stored(&id).await.settings.consented.is_empty());
    refused(&app.delete(&path).await, 404, "not_found");
    refused(&app.get(&path).await, 404, "not_found");
    refused(
        &app.patch(&path, &json!({"scope": "User.Read"})).await,
        404,
        "not_found",
    );
}

#[tokio::test]
async fn a_permission_is_given_and_taken_and_counts_at_once() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let (path, id) = make(&app, json!({"displayName": "Orders"})).await;
    let secret = ok(
        &app.post(&format!("{path}/addPassword"), &json!({})).await,
        200,
    );
    let secret = secret["secretText"].as_str().unwrap();
    let principal = format!("/v1.0/servicePrincipals/{id}");
    let role = permissions::app_role_id("User.Read.All");
    let body = json!({"principalId": id, "resourceId": GRAPH.to_string(), "appRoleId": role});
    let list = format!("{principal}/appRoleAssignments");
    let made = ok(&app.post(&list, &body).await, 201);
    valid("appRoleAssignment", &made);
    refused(&app.post(&list, &body).await, 409, "given_already");
    all_valid("appRoleAssignment", &ok(&app.get(&list).await, 200));
    let (_, token) = scene.by_secret(&id, secret).await;
    let holder = scene.bearer(token["access_token"].as_str().unwrap().to_owned());
    ok(&holder.get("/v1.0/users").await, 200);
    let one = format!("{list}/{}", made["id"].as_str().unwrap());
    ok(&app.delete(&one).await, 204);
    refused(&holder.get("/v1.0/users").await, 403, "scope_missing");
    refused(&app.delete(&one).await, 404, "not_found");
    let to = format!("/v1.0/servicePrincipals/{GRAPH}/appRoleAssignedTo");
    let made = ok(&app.post(&to, &body).await, 201);
    ok(
        &app.delete(&format!("{to}/{}", made["id"].as_str().unwrap()))
            .await,
        204,
    );
    for (member, value) in [
        ("appRoleId", json!("0198f0a0-0000-7000-8000-000000000000")),
        ("resourceId", json!(id)),
        ("principalId", json!(scene.application.id.to_string())),
    ] {
        let mut body = body.clone();
        body[member] = value;
        refused(&app.post(&list, &body).await, 400, "field_invalid");
    }
}

/// Whoever can give it a secret is that application.
#[tokio::test]
async fn an_application_with_permissions_is_changed_by_who_may_give_them() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let app = scene.app().await;
    let (plain, id) = make(&app, json!({"displayName": "Orders"})).await;
    let powerful = format!("{LIST}/{}", scene.application.id);
    let manager = world.user("manager@a.example").await;
    world
        .role(&manager, Role::CloudApplicationAdministrator)
        .await;
    let manager = scene.as_user(&manager, Scope::ALL).await.program;
    let (name, secret) = (json!({"displayName": "x"}), json!({}));
    ok(&manager.patch(&plain, &name).await, 204);
    ok(
        &manager.post(&format!("{plain}/addPassword"), &secret).await,
        200,
    );
    let alone = scene.app_with(&[Scope::ApplicationReadWriteAll]).await;
    ok(&alone.patch(&plain, &name).await, 204);
    for program in [&manager, &alone] {
        let add = program
            .post(&format!("{powerful}/addPassword"), &secret)
            .await;
        refused(&add, 403, "target_protected");
        let redirect = json!({"web": {"redirectUris": ["https://thief.example/"]}});
        refused(
            &program.patch(&powerful, &redirect).await,
            403,
            "target_protected",
        );
        refused(&program.delete(&powerful).await, 403, "target_protected");
    }
    let both = [
        Scope::ApplicationReadWriteAll,
        Scope::AppRoleAssignmentReadWriteAll,
    ];
    let both = scene.app_with(&both).await;
    ok(
        &both.post(&format!("{powerful}/addPassword"), &secret).await,
        200,
    );
    let chief = world.stored_user(&world.first.administrator).await;
    let chief = scene
        .as_user(&chief, &[Scope::ApplicationReadWriteAll])
        .await
        .program;
    ok(&chief.patch(&powerful, &name).await, 204);
    // An application administrator consents for people, and gives applications nothing.
    let consent = json!({
        "clientId": id, "consentType": "AllPrincipals",
        "resourceId": GRAPH.to_string(), "scope": "User.Read.All",
    });
    ok(
        &manager.post("/v1.0/oauth2PermissionGrants", &consent).await,
        201,
    );
    let permission = json!({
        "principalId": id, "resourceId": GRAPH.to_string(),
        "appRoleId": permissions::app_role_id("User.Read.All"),
    });
    let list = format!("/v1.0/servicePrincipals/{id}/appRoleAssignments");
    refused(&manager.post(&list, &permission).await, 403, "role_missing");
    refused(&alone.post(&list, &permission).await, 403, "scope_missing");
    refused(
        &alone.post("/v1.0/oauth2PermissionGrants", &consent).await,
        403,
        "scope_missing",
    );
}
