//! Accounts and groups that another directory provisions.

use crate::contract;
use crate::world::*;
use policy::model::*;
use store::provisioned::{self, Described};
use store::users::Named;
use store::{Page, groups, users};

fn described(external: &str) -> Described {
    Described {
        external_id: Some(external.to_owned()),
        given_name: Some("Ada".to_owned()),
        family_name: Some("Lovelace".to_owned()),
    }
}

fn group(world: &World, name: &str) -> Group {
    Group {
        tenant: world.tenant,
        id: GroupId::new(NOW, seed()),
        display_name: name.to_owned(),
        description: String::new(),
        role_assignable: false,
        created: NOW,
    }
}

contract! {
    async fn what_another_directory_says_is_kept_and_found(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let tenant = world.tenant;
        let (first, second) = (ada.id, bob.id);
        let found = world.write(move |tx| Box::pin(async move {
            provisioned::describe(tx, tenant, first, &Described::default()).await?;
            provisioned::describe(tx, tenant, first, &described("a-1")).await?;
            Ok((
                provisioned::person(tx, tenant, first).await?,
                provisioned::person(tx, tenant, second).await?,
                provisioned::people_called(tx, tenant, "a-1").await?,
                provisioned::people_called(tx, tenant, "A-1").await?,
            ))
        })).await;
        let person = found.0.unwrap();
        assert_eq!(person.described, described("a-1"));
        assert_eq!(person.user.version, ada.version + 2, "whoever read it has read an older one");
        assert_eq!(found.1.unwrap().described, Described::default());
        assert_eq!(found.2, [person]);
        assert!(found.3.is_empty(), "an external id is what it is, case and all");
    }

    async fn people_are_counted_off_and_gone_on_from(world: World) {
        let mut ids = Vec::new();
        for number in 0..5 {
            ids.push(world.user(&format!("user{number}")).await.id);
        }
        let tenant = world.tenant;
        let third = ids[2];
        let (skipped, behind) = world.read(move |tx| Box::pin(async move {
            Ok((
                provisioned::people(tx, tenant, Page::first(2), 1).await?,
                provisioned::people(tx, tenant, Page::after(third, 9), 0).await?,
            ))
        })).await;
        let of = |people: Vec<provisioned::Person>| {
            people.into_iter().map(|person| person.user.id).collect::<Vec<_>>()
        };
        assert_eq!(of(skipped), ids[1..3]);
        assert_eq!(of(behind), ids[3..]);
    }

    async fn another_name_frees_the_old_one_and_takes_nobodys(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let (tenant, first, second) = (world.tenant, ada.id, bob.id);
        world.write(move |tx| Box::pin(async move {
            assert_eq!(users::rename(tx, tenant, first, "BOB@example.org").await?, Named::NameTaken);
            assert_eq!(users::rename(tx, tenant, first, "ADA@example.org").await?, Named::Done);
            assert_eq!(users::rename(tx, tenant, first, "lovelace@example.org").await?, Named::Done);
            assert_eq!(users::rename(tx, tenant, second, "ada@example.org").await?, Named::Done);
            let old = users::find_by_name(tx, tenant, "ada@example.org").await?;
            let new = users::find_by_name(tx, tenant, "lovelace@example.org").await?;
            assert_eq!(old.map(|user| user.id), Some(second));
            let new = new.unwrap();
            assert_eq!((new.id, new.user_principal_name.as_str()), (first, "lovelace@example.org"));
            Ok(())
        })).await;
    }

    async fn a_group_moves_on_with_its_names_and_members(world: World) {
        let ada = world.user("ada").await;
        let (pilots, tenant, user) = (group(&world, "Pilots"), world.tenant, ada.id);
        world.write(move |tx| Box::pin(async move {
            groups::create(tx, &pilots).await?;
            let id = pilots.id;
            let made = provisioned::team(tx, tenant, id).await?.unwrap();
            assert_eq!((made.external_id.as_deref(), made.version), (None, 1));
            let at = Membership { group: id, user };
            groups::add_member(tx, tenant, at).await?;
            groups::add_member(tx, tenant, at).await?;
            assert!(!provisioned::hold_team(tx, &made).await?, "it moved on");
            let filled = provisioned::team(tx, tenant, id).await?.unwrap();
            assert_eq!(filled.version, 2, "what changes nothing is no change");
            assert!(provisioned::hold_team(tx, &filled).await?);
            groups::remove_member(tx, tenant, at).await?;
            groups::set_names(tx, tenant, id, "First", "").await?;
            provisioned::call_team(tx, tenant, id, Some("g-1")).await?;
            let found = provisioned::teams_called(tx, tenant, "g-1").await?;
            assert_eq!((found.len(), found[0].version), (1, 5));
            assert_eq!(provisioned::teams_named(tx, tenant, "FIRST").await?, found);
            assert!(provisioned::teams_named(tx, tenant, "Firs").await?.is_empty());
            groups::add_member(tx, tenant, at).await?;
            assert!(users::delete(tx, tenant, user, LATER).await?);
            let left = provisioned::teams(tx, tenant, Page::first(9), 0).await?;
            assert_eq!(left[0].version, 7, "it lost a member with the account");
            assert!(provisioned::teams(tx, tenant, Page::first(9), 1).await?.is_empty());
            assert_eq!(provisioned::count_teams(tx, tenant).await?, 1);
            Ok(())
        })).await;
    }
}
