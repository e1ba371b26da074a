//! Registering with the FIDO metadata at hand: a compromised model is refused, from the moment a BLOB says so.

use axum::http::StatusCode;
use keyward::cli::tour::{Attestation, Kind, SoftwareAuthenticator};
use policy::model::Passkey;
use serde_json::json;
use store::StoreError;
use uuid::Uuid;

use crate::world::{Answer, Browser, TestApp, authenticator};

async fn register(world: &TestApp, browser: &mut Browser<'_>) -> Answer {
    register_with(world, browser, authenticator()).await
}

async fn register_with(
    world: &TestApp,
    browser: &mut Browser<'_>,
    mut authenticator: SoftwareAuthenticator,
) -> Answer {
    let options = browser
        .post_json("/security-info/passkeys/options", &json!({}))
        .await;
    assert_eq!(options.status, StatusCode::OK, "{}", options.body);
    let response = authenticator
        .register(&options.json(), world.origin())
        .unwrap();
    browser
        .post_json(
            "/security-info/passkeys",
            &json!({ "credential": response }),
        )
        .await
}

/// The model of the administrator's first passkey.
async fn model(world: &TestApp) -> Uuid {
    let tenant = world.app.tenants.default().id;
    let name = world.first.administrator.clone();
    let passkeys = world.app.store.read(move |tx| {
        Box::pin(async move {
            let user = store::users::find_by_name(tx, tenant, &name).await?;
            store::passkeys::of_user(tx, tenant, user.unwrap().id).await
        })
    });
    let passkeys: Result<Vec<Passkey>, StoreError> = passkeys.await;
    passkeys.unwrap().first().unwrap().aaguid
}

#[tokio::test]
async fn a_self_attestation_of_a_model_that_makes_none_is_refused() {
    let world = TestApp::new().await;
    let mut browser = world.administrator(&mut authenticator()).await;
    let aaguid = model(&world).await.to_string();
    let entry = json!({ "aaguid": aaguid, "statusReports": [],
        "metadataStatement": { "attestationTypes": ["basic_full"] } });
    world.publish_metadata(1, json!([entry])).await;
    // Without any attestation the model is only a claim, and nothing about it is suspect.
    let accepted = register(&world, &mut browser).await;
    assert_eq!(accepted.status, StatusCode::OK, "{}", accepted.body);
    let kind = Kind::device_bound().with_attestation(Attestation::SelfSigned);
    let authenticator = SoftwareAuthenticator::new(kind);
    let refused = register_with(&world, &mut browser, authenticator).await;
    assert!(refused.status.is_client_error(), "{}", refused.status);
    assert!(
        refused.body.contains("self_attestation_suspect"),
        "{}",
        refused.body
    );
}

#[tokio::test]
async fn a_model_that_the_metadata_calls_compromised_is_refused() {
    let world = TestApp::new().await;
    let mut browser = world.administrator(&mut authenticator()).await;
    let aaguid = model(&world).await.to_string();
    let entry = |status: &str| {
        json!({ "aaguid": aaguid, "statusReports": [{ "status": status }],
            "metadataStatement": { "attestationTypes": ["basic_full", "basic_surrogate"] } })
    };
    world
        .publish_metadata(1, json!([entry("FIDO_CERTIFIED_L1")]))
        .await;
    let accepted = register(&world, &mut browser).await;
    assert_eq!(accepted.status, StatusCode::OK, "{}", accepted.body);
    world
        .publish_metadata(2, json!([entry("USER_KEY_REMOTE_COMPROMISE")]))
        .await;
    let refused = register(&world, &mut browser).await;
    assert!(refused.status.is_client_error(), "{}", refused.status);
    assert!(
        refused.body.contains("authenticator_compromised"),
        "{}",
        refused.body
    );
    // An update that says otherwise is noticed as well.
    world
        .publish_metadata(3, json!([entry("FIDO_CERTIFIED")]))
        .await;
    let accepted = register(&world, &mut browser).await;
    assert_eq!(accepted.status, StatusCode::OK, "{}", accepted.body);
}
