//! A tenant in a cloud without passkeys.

use policy::model::{PasskeyAvailability, PolicyDocument};
use serde_json::{Value, json};

use crate::world::{TestApp, authenticator};

const NAME: &str = "ada@localhost";
const REASON: &str = "The cloud of region N has no passkeys yet.";

fn document(available: bool) -> PolicyDocument {
    PolicyDocument::Availability(PasskeyAvailability {
        available,
        reason: if available { "" } else { REASON }.to_owned(),
    })
}

async fn configuration(world: &TestApp) -> Value {
    let tenant = world.app.tenants.default().id;
    let path = format!("/{tenant}/v2.0/.well-known/authenticator-configuration");
    let answer = world.browser().get(&path).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

#[tokio::test]
async fn everything_refuses_with_the_reason() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    let (_, mut browser) = world.user_with_passkey(NAME, &mut key).await;
    assert_eq!(world.browser().sign_in_with(&mut key).await.status, 200);
    world.policy(document(false)).await;
    world.wait(1);
    let refused = world.browser().sign_in_with(&mut key).await;
    refused.refused(403, "passkeys_unavailable");
    assert_eq!(refused.json()["detail"], REASON);
    let newest = world.sign_ins().await.swap_remove(0);
    assert_eq!(newest.failure_code, "passkeys_unavailable");
    let path = "/security-info/passkeys/options";
    let refused = browser.script().post_json(path, &json!({})).await;
    refused.refused(403, "passkeys_unavailable");
    assert_eq!(refused.json()["detail"], REASON);
    let page = browser.get("/security-info/passkeys/add").await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains(REASON), "{}", page.body);
    let told = configuration(&world).await;
    let expected = json!({"available": false, "reason": REASON});
    assert_eq!(told["passkey_availability"], expected);
    // Nothing is lost: the cloud may have passkeys one day.
    world.policy(document(true)).await;
    world.wait(1);
    assert_eq!(world.browser().sign_in_with(&mut key).await.status, 200);
}

#[tokio::test]
async fn authenticators_are_told_before_anybody_signs_in() {
    let world = TestApp::new().await;
    let told = configuration(&world).await;
    assert_eq!(
        told["passkey_availability"],
        json!({"available": true, "reason": null})
    );
    assert_eq!(told["rp_id"], "localhost");
    assert_eq!(told["tunnel"], Value::Null);
    let issuer = told["issuer"].as_str().unwrap();
    assert!(issuer.ends_with("/v2.0"), "{issuer}");
    let common = "/common/v2.0/.well-known/authenticator-configuration";
    assert_eq!(world.browser().get(common).await.status, 404);
}
