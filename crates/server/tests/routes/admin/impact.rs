//! What a change would do, against what it then does.

use keyward::cli::tour::{Kind, SoftwareAuthenticator};
use keyward::flow::Caller;
use keyward::flow::govern::{Change, Edit, GovernRefusal, Governor, change, impact};
use policy::access::Verdict;
use policy::impact::{Effect, Tally};
use policy::model::*;
use policy::strength::PHISHING_RESISTANT;
use store::policies::Expected;

use crate::world::{TestApp, authenticator};

fn operator(world: &TestApp) -> Governor {
    Governor::operator(world.app.tenants.default().id, "test")
}

fn edit(document: PolicyDocument) -> Edit {
    Edit {
        change: Change::put(document),
        expected: Expected::Anything,
    }
}

async fn preview(world: &TestApp, edit: &Edit) -> Tally {
    let governor = operator(world);
    let both = impact::both(&world.app, &governor, edit).await.unwrap();
    let mut portions = 0;
    let tally = impact::impact(&world.app, &governor, &both, |_| portions += 1).await;
    assert!(portions > 0);
    tally.unwrap()
}

async fn make(world: &TestApp, edit: Edit) -> Result<(), GovernRefusal> {
    let caller = Caller::of_operator(CorrelationId::from_bytes([7; 16]));
    change(&world.app, &caller, &operator(world), edit)
        .await
        .map(drop)
}

/// A method in which everybody may use these models, and no others.
fn allowing(aaguids: &[uuid::Uuid]) -> PolicyDocument {
    let mut method = Policies::of_new_tenant().passkeys;
    for profile in &mut method.profiles {
        profile.restrictions = KeyRestrictions {
            enforced: true,
            kind: RestrictionKind::Allow,
            aaguids: aaguids.to_vec(),
        };
    }
    PolicyDocument::Passkeys(method)
}

fn on_everything(world: &TestApp, grant: AccessGrant) -> PolicyDocument {
    let now = world.app.clock.now();
    PolicyDocument::Access(Box::new(AccessPolicy {
        id: AccessPolicyId::from_bytes([9; 16]),
        name: "Everything".to_owned(),
        description: String::new(),
        state: AccessState::Enabled,
        created: now,
        modified: now,
        conditions: Conditions {
            users: Assignment::everyone(),
            target: AccessTarget::Applications {
                all: true,
                include: Vec::new(),
                exclude: Vec::new(),
                admin_portals: false,
            },
            ..Conditions::default()
        },
        grant,
        session: SessionControls::default(),
    }))
}

/// The preview names exactly the passkeys and users that the real change then refuses.
#[tokio::test]
async fn a_model_taken_off_the_list_is_previewed_and_then_refused() {
    let world = TestApp::new().await;
    let mut admins = authenticator();
    world.administrator(&mut admins).await;
    let mut kept = authenticator();
    let mut lost = SoftwareAuthenticator::new(Kind::synced().of_model([0xaa; 16]));
    world.user_with_passkey("kept@localhost", &mut kept).await;
    let (owner, _) = world.user_with_passkey("lost@localhost", &mut lost).await;
    let model = |keys: Vec<Passkey>| keys.first().map(|key| key.aaguid).unwrap();
    let lost_key = world.passkeys(&owner).await.remove(0);
    let stays = model(
        world
            .passkeys(&world.stored_user("kept@localhost").await)
            .await,
    );
    assert_ne!(
        stays, lost_key.aaguid,
        "the two authenticators are of different models"
    );
    make(&world, edit(allowing(&[stays, lost_key.aaguid])))
        .await
        .unwrap();

    let taken = edit(allowing(&[stays]));
    let told = preview(&world, &taken).await;
    assert_eq!((told.people, told.passkeys), (3, 3));
    assert_eq!((told.affected, told.passkeys_stopping), (1, 1));
    assert_eq!(told.findings[0].user, owner.id);
    let rule = policy::Denial::AaguidNotAllowed;
    let stops = Effect::PasskeyStops {
        passkey: lost_key.id,
        rule,
    };
    assert!(told.findings[0].effects.contains(&stops), "{told:?}");
    // Looking changes nothing.
    assert_eq!(world.browser().sign_in_with(&mut lost).await.status, 200);

    make(&world, taken).await.unwrap();
    let refused = world.browser().sign_in_with(&mut lost).await;
    refused.refused(403, rule.code());
    for key in [&mut kept, &mut admins] {
        assert_eq!(world.browser().sign_in_with(key).await.status, 200);
    }
}

#[tokio::test]
async fn a_change_that_would_leave_no_administrator_is_refused_and_writes_nothing() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.administrator(&mut key).await;
    let block = edit(on_everything(&world, AccessGrant::Block));
    let told = preview(&world, &block).await;
    assert!(told.locks_everybody_out());
    let refused = make(&world, block).await;
    assert_eq!(refused, Err(GovernRefusal::LocksEverybodyOut));
    let nothing = allowing(&[uuid::Uuid::from_u128(1)]);
    let refused = make(&world, edit(nothing)).await;
    assert_eq!(refused, Err(GovernRefusal::LocksEverybodyOut));
    assert_eq!(world.browser().sign_in_with(&mut key).await.status, 200);
    // A strength that the administrator's passkey satisfies is another matter.
    let strong = AccessGrant::Strength(PHISHING_RESISTANT);
    make(&world, edit(on_everything(&world, strong)))
        .await
        .unwrap();
}

#[tokio::test]
async fn stored_sign_ins_are_asked_again() {
    let world = TestApp::new().await;
    let mut key = authenticator();
    world.administrator(&mut key).await;
    world.wait(1);
    assert_eq!(world.browser().sign_in_with(&mut key).await.status, 200);
    let user = world.user("ada@localhost").await;
    world.password(&user, "a small green boat", false).await;
    let secret = world.totp(&user).await;
    let mut browser = world.browser();
    browser
        .sign_in_with_password("ada@localhost", "a small green boat")
        .await;
    let (context, code) = (world.context(), world.code(&secret));
    let fields = [("ctx", context.as_str()), ("code", code.as_str())];
    browser.post("/signin/totp", &fields).await;
    let fields = [("ctx", context.as_str())];
    let done = browser.post("/signin/nudge/skip", &fields).await;
    done.redirects_to("/security-info");

    let strong = AccessGrant::Strength(PHISHING_RESISTANT);
    let governor = operator(&world);
    let wanted = edit(on_everything(&world, strong));
    let both = impact::both(&world.app, &governor, &wanted).await.unwrap();
    let replay = impact::replay(&world.app, &governor, &both, 7)
        .await
        .unwrap();
    assert!(replay.asked >= 3, "{replay:?}");
    let of_ada = |one: &&impact::Replayed| one.user_principal_name == "ada@localhost";
    assert_eq!(replay.listed.iter().filter(of_ada).count(), 1, "{replay:?}");
    assert!(matches!(replay.listed[0].verdict, Verdict::Needs(_)));
    // With a passkey nothing would be different, whether it was used or made in the sign-in.
    assert_eq!(replay.different, 1, "{replay:?}");
    world.wait(8 * 24 * 3_600);
    let replay = impact::replay(&world.app, &governor, &both, 7)
        .await
        .unwrap();
    assert_eq!(replay.asked, 0);
}
