//! Policy documents: versions, stale edits, history.

use crate::contract;
use crate::world::*;
use policy::model::*;
use policy::validate::Names;
use store::groups;
use store::labels::{self, Labels};
use store::policies::{self, Expected, Written};
use store::versions;

fn context(id: &str, name: &str) -> PolicyDocument {
    PolicyDocument::Context(AuthenticationContext {
        id: id.to_owned(),
        name: name.to_owned(),
        description: String::new(),
        available: true,
    })
}

async fn put(world: &World, document: PolicyDocument, expected: Expected) -> Written {
    let tenant = world.tenant;
    world
        .write(move |tx| {
            Box::pin(async move { policies::put(tx, tenant, &document, expected, NOW).await })
        })
        .await
}

async fn load(world: &World) -> (Policies, i64) {
    let tenant = world.tenant;
    world
        .read(move |tx| {
            Box::pin(async move {
                let version = versions::of(tx, tenant).await?.unwrap_or_default().policy;
                Ok((policies::load(tx, tenant).await?, version))
            })
        })
        .await
}

contract! {
    async fn without_decisions_the_policies_of_a_new_tenant_hold(world: World) {
        assert_eq!(load(&world).await.0, Policies::of_new_tenant());
    }

    async fn a_document_comes_back_and_raises_the_version(world: World) {
        let before = load(&world).await.1;
        let written = put(&world, context("c1", "Payments"), Expected::Absent).await;
        assert_eq!(written, Written::Done { version: 1, policy_version: before + 1 });
        let (policies, version) = load(&world).await;
        assert_eq!(version, before + 1);
        assert_eq!(policies.contexts.len(), 1);
        assert_eq!(policies.contexts[0].name, "Payments");
    }

    async fn what_was_taken_away_is_found_with_its_last_text(world: World) {
        let tenant = world.tenant;
        let remove = async |id: &'static str, at: Timestamp| {
            world.write(move |tx| Box::pin(async move {
                policies::remove(tx, tenant, PolicyKind::Context, id, Expected::Anything, at).await
            })).await;
        };
        let removed = async |since: Timestamp| {
            let found = world.read(move |tx| Box::pin(async move {
                policies::removed(tx, tenant, PolicyKind::Context, since).await
            })).await;
            found.iter().map(|one| (one.document.id(), one.document.name().to_owned())).collect::<Vec<_>>()
        };
        let (later, last) = (NOW.plus(Span::seconds(1)), NOW.plus(Span::seconds(2)));
        for id in ["c1", "c2", "c3"] {
            put(&world, context(id, "First"), Expected::Absent).await;
        }
        put(&world, context("c1", "Second"), Expected::Anything).await;
        assert_eq!(removed(NOW).await, []);
        remove("c1", NOW).await;
        remove("c2", later).await;
        remove("c3", last).await;
        // One that is there again is not gone.
        put(&world, context("c3", "Again"), Expected::Absent).await;
        let named = |id: &str, name: &str| (id.to_owned(), name.to_owned());
        assert_eq!(removed(NOW).await, [named("c2", "First"), named("c1", "Second")]);
        assert_eq!(removed(later).await, [named("c2", "First")]);
        assert_eq!(removed(last).await, []);
    }

    async fn a_stale_edit_changes_nothing(world: World) {
        put(&world, context("c1", "First"), Expected::Absent).await;
        put(&world, context("c1", "Second"), Expected::Version(1)).await;
        let (before, version) = load(&world).await;
        for expected in [Expected::Absent, Expected::Version(1), Expected::Version(3)] {
            let written = put(&world, context("c1", "Third"), expected).await;
            assert_eq!(written, Written::Stale { version: 2 });
        }
        assert_eq!(load(&world).await, (before, version));
    }

    async fn policies_are_found_as_they_were_at_any_version(world: World) {
        let (_, start) = load(&world).await;
        put(&world, context("c1", "First"), Expected::Absent).await;
        put(&world, context("c1", "Second"), Expected::Version(1)).await;
        let tenant = world.tenant;
        let removed = world.write(move |tx| Box::pin(async move {
            policies::remove(tx, tenant, PolicyKind::Context, "c1", Expected::Version(2), NOW).await
        })).await;
        assert_eq!(removed, Written::Done { version: 2, policy_version: start + 3 });
        let names = world.read(move |tx| Box::pin(async move {
            let mut names = Vec::new();
            for version in start..=start + 3 {
                let then = policies::as_of(tx, tenant, version).await?;
                names.push(then.contexts.first().map(|context| context.name.clone()));
            }
            Ok(names)
        })).await;
        let second = Some("Second".to_owned());
        assert_eq!(names, [None, Some("First".to_owned()), second, None]);
    }

    async fn what_is_not_there_cannot_be_removed(world: World) {
        let tenant = world.tenant;
        let (_, version) = load(&world).await;
        let removed = world.write(move |tx| Box::pin(async move {
            policies::remove(tx, tenant, PolicyKind::Campaign, "x", Expected::Anything, NOW).await
        })).await;
        assert_eq!(removed, Written::Stale { version: 0 });
        assert_eq!(load(&world).await.1, version);
    }

    async fn a_version_is_never_used_again(world: World) {
        let tenant = world.tenant;
        put(&world, context("c1", "First"), Expected::Absent).await;
        world.write(move |tx| Box::pin(async move {
            policies::remove(tx, tenant, PolicyKind::Context, "c1", Expected::Version(1), NOW).await
        })).await;
        let again = put(&world, context("c1", "Again"), Expected::Absent).await;
        assert!(matches!(again, Written::Done { version: 3, .. }), "{again:?}");
        let stale = put(&world, context("c1", "Late"), Expected::Version(1)).await;
        assert_eq!(stale, Written::Stale { version: 3 });
    }

    async fn policies_are_held_at_their_version_only(world: World) {
        let tenant = world.tenant;
        let (_, version) = load(&world).await;
        let held = world.write(move |tx| Box::pin(async move {
            Ok((
                policies::hold(tx, tenant, version).await?,
                policies::hold(tx, tenant, version + 1).await?,
            ))
        })).await;
        assert_eq!(held, (true, false));
    }

    async fn only_what_exists_in_the_tenant_is_known(world: World) {
        let ada = world.user("ada").await;
        let (tenant, elsewhere) = (world.tenant, TenantId::from_bytes([9; 16]));
        let group = Group {
            tenant,
            id: GroupId::new(NOW, seed()),
            display_name: "Pilots".to_owned(),
            description: String::new(),
            role_assignable: false,
            created: NOW,
        };
        let names = Names {
            users: [ada.id, UserId::from_bytes([9; 16])].into(),
            groups: [group.id, GroupId::from_bytes([9; 16])].into(),
            applications: [ApplicationId::from_bytes([9; 16])].into(),
        };
        let expected = Labels {
            users: [(ada.id, "ada@example.org".to_owned())].into(),
            groups: [(group.id, "Pilots".to_owned())].into(),
            applications: [].into(),
        };
        let id = group.id;
        let (here, there, called) = world.write(move |tx| Box::pin(async move {
            groups::create(tx, &group).await?;
            Ok((
                labels::of(tx, tenant, &names).await?,
                labels::of(tx, elsewhere, &names).await?,
                [
                    labels::groups_called(tx, tenant, " pilots").await?,
                    labels::groups_called(tx, tenant, "pilot").await?,
                    labels::groups_called(tx, elsewhere, "Pilots").await?,
                ],
            ))
        })).await;
        assert_eq!((here, there), (expected, Labels::default()));
        assert_eq!(called, [vec![id], vec![], vec![]]);
    }
}
