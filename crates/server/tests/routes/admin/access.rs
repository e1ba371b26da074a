//! Conditional access on the administration pages themselves.

use policy::model::{
    AccessGrant, AccessPolicy, AccessPolicyId, AccessState, AccessTarget, Assignment, Conditions,
    PolicyDocument, SessionControls, SignInFrequency,
};
use policy::strength::PHISHING_RESISTANT;

use keyward::cli::tour::SoftwareAuthenticator;

use crate::world::{Browser, TestApp, authenticator};

/// A passkey, at most an hour ago.
async fn protect(world: &TestApp) {
    let now = world.app.clock.now();
    let policy = AccessPolicy {
        id: AccessPolicyId::from_bytes([9; 16]),
        name: "Administration".to_owned(),
        description: String::new(),
        state: AccessState::Enabled,
        created: now,
        modified: now,
        conditions: Conditions {
            users: Assignment::everyone(),
            target: AccessTarget::Applications {
                all: false,
                include: Vec::new(),
                exclude: Vec::new(),
                admin_portals: true,
            },
            ..Conditions::default()
        },
        grant: AccessGrant::Strength(PHISHING_RESISTANT),
        session: SessionControls {
            sign_in_frequency: Some(SignInFrequency::Minutes(60)),
            ..SessionControls::default()
        },
    };
    world.policy(PolicyDocument::Access(Box::new(policy))).await;
}

/// An administrator who signed in with the passkey: what the first pass opened would end with the pass.
async fn signed_in<'w>(world: &'w TestApp, key: &mut SoftwareAuthenticator) -> Browser<'w> {
    world.administrator(key).await;
    let mut browser = world.browser();
    assert_eq!(browser.sign_in_with(key).await.status, 200);
    browser
}

#[tokio::test]
async fn a_session_that_grew_too_old_for_administration_is_asked_again_and_comes_back() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    let mut browser = signed_in(&world, &mut key).await;
    protect(&world).await;
    assert_eq!(browser.get("/admin/users").await.status, 200);
    world.wait(61 * 60);
    let answer = browser.get("/admin/users").await;
    answer.redirects_to("/signin/continue");
    let answer = browser.get(answer.location()).await;
    answer.redirects_to("/signin/step-up");
    let context = answer.location_parameter("ctx").unwrap();
    let options = browser.assertion_options(&context).await;
    let response = key.sign_in(&options, world.origin()).unwrap();
    let done = browser.finish_assertion(&context, response).await;
    assert_eq!(done.json()["next"], "/admin/users");
    assert_eq!(browser.get("/admin/users").await.status, 200);
}

#[tokio::test]
async fn a_post_of_a_session_that_grew_too_old_changes_nothing() {
    let world = TestApp::new().await;
    let mut browser = signed_in(&world, &mut authenticator()).await;
    protect(&world).await;
    world.wait(61 * 60);
    let fields = [
        ("user_principal_name", "eve@localhost"),
        ("display_name", "Eve"),
    ];
    let answer = browser.post("/admin/users/new", &fields).await;
    answer.refused(403, "step_up_required");
    // The security info page is another matter.
    assert_eq!(browser.get("/security-info").await.status, 200);
}
