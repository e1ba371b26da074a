//! Changes of policies, as every surface makes them.

use keyward::flow::Caller;
use keyward::flow::govern::{Change, Changed, Edit, GovernRefusal, Governor, change, groups, read};
use policy::model::*;
use policy::validate::{Fault, Rule};
use store::policies::Expected;

use crate::world::TestApp;

fn caller() -> Caller {
    Caller::of_operator(CorrelationId::from_bytes([7; 16]))
}

fn operator(world: &TestApp) -> Governor {
    Governor::operator(world.app.tenants.default().id, "test")
}

fn context(name: &str) -> PolicyDocument {
    PolicyDocument::Context(AuthenticationContext {
        id: "c1".to_owned(),
        name: name.to_owned(),
        description: String::new(),
        available: true,
    })
}

fn strength(world: &TestApp) -> Strength {
    Strength {
        id: StrengthId::new(world.app.clock.now(), [1; 10]),
        name: "Keys only".to_owned(),
        description: String::new(),
        created: Timestamp::from_seconds(0),
        modified: Timestamp::from_seconds(0),
        combinations: vec!["fido2".to_owned().try_into().unwrap()],
        allowed_aaguids: Vec::new(),
        passkey: PasskeyDemand::default(),
        binds_first_factor: false,
    }
}

fn asking(world: &TestApp, grant: AccessGrant) -> AccessPolicy {
    AccessPolicy {
        id: AccessPolicyId::new(world.app.clock.now(), [2; 10]),
        name: "For everybody".to_owned(),
        description: String::new(),
        state: AccessState::Disabled,
        created: Timestamp::from_seconds(0),
        modified: Timestamp::from_seconds(0),
        conditions: Conditions {
            users: Assignment::everyone(),
            target: AccessTarget::RegisterSecurityInfo,
            ..Conditions::default()
        },
        grant,
        session: SessionControls::default(),
    }
}

async fn edit(
    world: &TestApp,
    change_to: Change,
    expected: Expected,
) -> Result<Changed, GovernRefusal> {
    // Records sort by their moment, so each change has its own.
    world.wait(1);
    let edit = Edit {
        change: change_to,
        expected,
    };
    change(&world.app, &caller(), &operator(world), edit).await
}

async fn records(world: &TestApp) -> Vec<AuditRecord> {
    let tenant = world.app.tenants.default().id;
    let all = store::audit::Filter::Correlation(caller().correlation);
    world
        .write(move |tx| {
            Box::pin(
                async move { store::audit::list(tx, tenant, all, store::Page::first(50)).await },
            )
        })
        .await
}

async fn policies(world: &TestApp) -> read::Everything {
    read::everything(&world.app, &operator(world))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_change_and_its_record_name_each_other() {
    let world = TestApp::new().await;
    let made = edit(&world, Change::put(context("Payments")), Expected::Absent).await;
    let changed = edit(
        &world,
        Change::put(context("Salaries")),
        Expected::Version(1),
    )
    .await;
    let gone = Change::Remove(PolicyKind::Context, "c1".to_owned());
    let removed = edit(&world, gone, Expected::Version(2)).await;
    let versions = [made, changed, removed].map(|done| done.unwrap());
    assert_eq!(versions.map(|done| done.version), [1, 2, 2]);
    let log = records(&world).await;
    let said: Vec<_> = log
        .iter()
        .rev()
        .map(|one| (one.activity.as_str(), one.category, one.service.as_str()))
        .collect();
    let entry = |activity| (activity, Category::Policy, "Conditional Access");
    assert_eq!(
        said,
        [
            entry("Add AuthenticationContext"),
            entry("Update AuthenticationContext"),
            entry("Delete AuthenticationContext"),
        ]
    );
    for (record, done) in log.iter().rev().zip(versions) {
        assert!(
            record
                .details
                .contains(&("policyVersion".to_owned(), done.policy_version.to_string()))
        );
    }
    let modified = &log[1].targets[0].modified_properties;
    assert_eq!(
        modified[..],
        [ModifiedProperty {
            display_name: "name".to_owned(),
            old_value: Some("\"Payments\"".to_owned()),
            new_value: Some("\"Salaries\"".to_owned()),
        }]
    );
}

#[tokio::test]
async fn lists_of_models_have_records_of_their_own() {
    let world = TestApp::new().await;
    let mut one = strength(&world);
    one.allowed_aaguids.push(AaguidConfiguration {
        id: uuid::Uuid::from_bytes([1; 16]),
        aaguids: vec![uuid::Uuid::from_bytes([2; 16])],
    });
    let document = PolicyDocument::Strength(one.clone());
    edit(&world, Change::put(document), Expected::Absent)
        .await
        .unwrap();
    one.allowed_aaguids.clear();
    let document = PolicyDocument::Strength(one);
    edit(&world, Change::put(document), Expected::Version(1))
        .await
        .unwrap();
    let log = records(&world).await;
    let mut said: Vec<_> = log.iter().map(|one| one.activity.as_str()).collect();
    said.sort_unstable();
    assert_eq!(
        said,
        [
            "Authentication Strength Combination Configuration Create",
            "Authentication Strength Combination Configuration Delete",
            "Authentication Strength Policy Create",
            "Authentication Strength Policy Update",
        ]
    );
}

#[tokio::test]
async fn the_moments_of_a_document_are_set_here() {
    let world = TestApp::new().await;
    let started = world.app.clock.now().plus(Span::seconds(1));
    let one = strength(&world);
    edit(
        &world,
        Change::put(PolicyDocument::Strength(one.clone())),
        Expected::Absent,
    )
    .await
    .unwrap();
    world.wait(59);
    edit(
        &world,
        Change::put(PolicyDocument::Strength(one)),
        Expected::Version(1),
    )
    .await
    .unwrap();
    let kept = &policies(&world).await.policies.strengths[0];
    assert_eq!(kept.created, started);
    assert_eq!(kept.modified, started.plus(Span::minutes(1)));
}

#[tokio::test]
async fn a_stale_edit_writes_nothing_but_its_refusal() {
    let world = TestApp::new().await;
    edit(&world, Change::put(context("First")), Expected::Absent)
        .await
        .unwrap();
    let before = policies(&world).await;
    for expected in [Expected::Absent, Expected::Version(2)] {
        let refused = edit(&world, Change::put(context("Late")), expected).await;
        assert_eq!(refused, Err(GovernRefusal::Stale(1)));
    }
    let after = policies(&world).await;
    assert_eq!(after.policies, before.policies);
    assert_eq!(after.version(PolicyKind::Context, "c1"), 1);
    let newest = records(&world).await.remove(0);
    assert_eq!(newest.result, AuditResult::Failure);
    assert_eq!(newest.reason, "policy_stale");
}

#[tokio::test]
async fn a_partly_valid_change_writes_nothing() {
    let world = TestApp::new().await;
    let mut method = Policies::of_new_tenant().passkeys;
    method.self_service = false;
    method.profiles[0].types.clear();
    method.include[0].who.groups = vec![GroupId::from_bytes([9; 16])];
    let refused = edit(
        &world,
        Change::put(PolicyDocument::Passkeys(method)),
        Expected::Absent,
    )
    .await;
    let fault = |field: &str, rule| Fault {
        field: field.to_owned(),
        rule,
    };
    assert_eq!(
        refused,
        Err(GovernRefusal::Invalid(vec![
            fault("include[0].who.groups[0]", Rule::UnknownGroup),
            fault("profiles[0].types", Rule::TypesMissing),
        ]))
    );
    assert_eq!(policies(&world).await.policies, Policies::of_new_tenant());
    let newest = records(&world).await.remove(0);
    assert_eq!(newest.activity, "Authentication Methods Policy Update");
    assert_eq!(newest.reason, "policy_invalid");
}

#[tokio::test]
async fn of_two_edits_at_once_one_is_kept() {
    let world = TestApp::new().await;
    let names: Vec<String> = (0..8).map(|number| format!("Edit {number}")).collect();
    let edits = names
        .iter()
        .map(|name| edit(&world, Change::put(context(name)), Expected::Absent));
    let outcomes = futures_util::future::join_all(edits).await;
    let kept = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(kept, 1, "{outcomes:?}");
    let stale = |outcome: &&Result<_, _>| **outcome == Err(GovernRefusal::Stale(1));
    assert_eq!(outcomes.iter().filter(stale).count(), 7, "{outcomes:?}");
}

/// Each of the two is right by itself, and both together would leave a policy that asks for nothing that exists.
#[tokio::test]
async fn a_change_is_judged_again_when_the_others_moved() {
    let world = TestApp::new().await;
    for _ in 0..10 {
        let one = strength(&world);
        let id = one.id;
        let document = PolicyDocument::Strength(one);
        edit(&world, Change::put(document), Expected::Absent)
            .await
            .unwrap();
        let asks = PolicyDocument::Access(Box::new(asking(&world, AccessGrant::Strength(id))));
        let remove = Change::Remove(PolicyKind::Strength, id.to_string());
        let (named, removed) = tokio::join!(
            edit(&world, Change::put(asks.clone()), Expected::Absent),
            edit(&world, remove.clone(), Expected::Anything),
        );
        assert!(named.is_ok() != removed.is_ok(), "{named:?} {removed:?}");
        if named.is_ok() {
            let gone = Change::Remove(PolicyKind::Access, asks.id());
            edit(&world, gone, Expected::Anything).await.unwrap();
            edit(&world, remove, Expected::Anything).await.unwrap();
        }
    }
}

#[tokio::test]
async fn the_only_one_of_its_kind_goes_back_when_it_is_removed() {
    let world = TestApp::new().await;
    let mut method = Policies::of_new_tenant().passkeys;
    method.self_service = false;
    edit(
        &world,
        Change::put(PolicyDocument::Passkeys(method)),
        Expected::Absent,
    )
    .await
    .unwrap();
    let reset = Change::Remove(PolicyKind::Passkeys, String::new());
    edit(&world, reset.clone(), Expected::Version(1))
        .await
        .unwrap();
    assert_eq!(policies(&world).await.policies, Policies::of_new_tenant());
    let log = records(&world).await;
    let activities: Vec<_> = log.iter().map(|one| one.activity.as_str()).collect();
    assert!(
        activities.contains(&"Authentication Methods Policy Reset"),
        "{activities:?}"
    );
    let again = edit(&world, reset, Expected::Anything).await;
    assert_eq!(again, Err(GovernRefusal::NotFound));
}

#[tokio::test]
async fn a_group_that_a_policy_names_stays() {
    let world = TestApp::new().await;
    let (app, governor) = (&world.app, operator(&world));
    let names = groups::Names {
        display_name: "Pilots".to_owned(),
        description: String::new(),
    };
    let group = groups::create(app, &caller(), &governor, names, false)
        .await
        .unwrap();
    let mut method = Policies::of_new_tenant().passkeys;
    method.exclude.groups = vec![group.id];
    edit(
        &world,
        Change::put(PolicyDocument::Passkeys(method)),
        Expected::Absent,
    )
    .await
    .unwrap();
    let refused = groups::delete(app, &caller(), &governor, group.id).await;
    assert_eq!(
        refused,
        Err(GovernRefusal::GroupInUse(vec!["passkeys".to_owned()]))
    );
    let reset = Change::Remove(PolicyKind::Passkeys, String::new());
    edit(&world, reset, Expected::Anything).await.unwrap();
    groups::delete(app, &caller(), &governor, group.id)
        .await
        .unwrap();
    let gone = groups::details(app, &governor, group.id, None).await;
    assert_eq!(gone.map(drop), Err(GovernRefusal::NotFound));
}

#[tokio::test]
async fn members_come_and_go_with_records() {
    let world = TestApp::new().await;
    let (app, governor) = (&world.app, operator(&world));
    let ada = world.user("ada@localhost").await;
    let names = groups::Names {
        display_name: "Pilots".to_owned(),
        description: String::new(),
    };
    let group = groups::create(app, &caller(), &governor, names, false)
        .await
        .unwrap();
    for _ in 0..2 {
        world.wait(1);
        groups::add_member(app, &caller(), &governor, group.id, " ADA@localhost")
            .await
            .unwrap();
    }
    let found = groups::details(app, &governor, group.id, None)
        .await
        .unwrap();
    assert_eq!(
        found.members.iter().map(|user| user.id).collect::<Vec<_>>(),
        [ada.id]
    );
    world.wait(1);
    groups::remove_member(app, &caller(), &governor, group.id, ada.id)
        .await
        .unwrap();
    let found = groups::details(app, &governor, group.id, None)
        .await
        .unwrap();
    assert!(found.members.is_empty());
    let nobody = groups::add_member(app, &caller(), &governor, group.id, "nobody@localhost").await;
    assert_eq!(nobody.map(drop), Err(GovernRefusal::FieldInvalid("user")));
    let log = records(&world).await;
    let activities: Vec<_> = log.iter().rev().map(|one| one.activity.as_str()).collect();
    assert_eq!(
        activities,
        [
            "Add group",
            "Add member to group",
            "Remove member from group"
        ]
    );
    assert_eq!(log[0].user, Some(ada.id));
}
