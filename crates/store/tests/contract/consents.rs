//! What people agreed to give applications.

use policy::model::{Application, Consent, GrantEnd, Span, User, UserId};
use store::consents::{self, Position};
use store::grants;

use crate::contract;
use crate::world::{NOW, World};

fn consent(user: &User, application: &Application, scopes: &[&str]) -> Consent {
    Consent {
        tenant: user.tenant,
        user: user.id,
        application: application.id,
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        given: NOW,
    }
}

async fn give(world: &World, consent: &Consent) {
    let row = consent.clone();
    world
        .write(move |tx| Box::pin(async move { consents::give(tx, &row).await }))
        .await;
}

async fn find(world: &World, user: &User, application: &Application) -> Option<Consent> {
    let (tenant, user, id) = (user.tenant, user.id, application.id);
    world
        .read(move |tx| Box::pin(async move { consents::find(tx, tenant, user, id).await }))
        .await
}

async fn list(
    world: &World,
    only: Option<&Application>,
    after: Option<Position>,
    limit: u32,
) -> Vec<UserId> {
    let (tenant, only) = (world.tenant, only.map(|one| one.id));
    let found = world.read(move |tx| {
        Box::pin(async move { consents::list(tx, tenant, only, after, limit).await })
    });
    found.await.iter().map(|one| one.user).collect()
}

contract! {
    async fn a_consent_grows_and_is_of_one_person_and_one_application(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let (one, two) = (world.application().await, world.application().await);
        give(&world, &consent(&ada, &one, &["User.ReadBasic.All"])).await;
        let later = Consent {
            given: NOW.plus(Span::hours(1)),
            ..consent(&ada, &one, &["UserAuthenticationMethod.Read", "User.ReadBasic.All"])
        };
        give(&world, &later).await;
        let found = find(&world, &ada, &one).await.unwrap();
        assert_eq!(found.scopes, ["User.ReadBasic.All", "UserAuthenticationMethod.Read"]);
        assert_eq!(found.given, later.given);
        assert_eq!(find(&world, &bob, &one).await, None);
        assert_eq!(find(&world, &ada, &two).await, None);
        let (tenant, user) = (world.tenant, ada.id);
        let named = world.read(move |tx| Box::pin(async move {
            consents::of_user(tx, tenant, user, 10).await
        })).await;
        assert_eq!(named.len(), 1);
        assert_eq!((&named[0].consent, &named[0].application), (&found, &one.display_name));
    }

    async fn a_list_goes_on_where_it_stopped(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let (one, two) = (world.application().await, world.application().await);
        for (user, application) in [(&bob, &two), (&ada, &one), (&bob, &one), (&ada, &two)] {
            give(&world, &consent(user, application, &["User.ReadBasic.All"])).await;
        }
        let everything = [ada.id, bob.id, ada.id, bob.id];
        assert_eq!(list(&world, None, None, 10).await, everything);
        assert_eq!(list(&world, None, None, 3).await, everything[..3]);
        assert_eq!(list(&world, None, Some((one.id, bob.id)), 10).await, everything[2..]);
        assert_eq!(list(&world, Some(&two), None, 10).await, [ada.id, bob.id]);
        assert_eq!(list(&world, Some(&two), Some((one.id, bob.id)), 10).await, [ada.id, bob.id]);
        assert_eq!(list(&world, Some(&two), Some((two.id, ada.id)), 10).await, [bob.id]);
        assert!(list(&world, Some(&one), Some((two.id, ada.id)), 10).await.is_empty());
    }

    async fn what_is_taken_back_ends_with_what_it_gave(world: World) {
        let ada = world.user("ada").await;
        let (one, two) = (world.application().await, world.application().await);
        give(&world, &consent(&ada, &one, &["User.ReadBasic.All"])).await;
        let session = world.session(&ada, None).await;
        let (ended, _) = world.redeem(&world.code(&session, &one).await).await;
        let (kept, _) = world.redeem(&world.code(&session, &two).await).await;
        let waiting = world.code(&session, &one).await;
        let (tenant, user) = (world.tenant, ada.id);
        world.write(move |tx| Box::pin(async move {
            assert!(!consents::take(tx, tenant, user, two.id, NOW).await?);
            assert!(consents::take(tx, tenant, user, one.id, NOW).await?);
            assert!(!consents::take(tx, tenant, user, one.id, NOW).await?);
            let grant = grants::find(tx, tenant, ended.id).await?.unwrap();
            assert_eq!(grant.ended, Some((NOW, GrantEnd::GivenBack)));
            assert_eq!(grants::find(tx, tenant, kept.id).await?.unwrap().ended, None);
            let (grant, refresh, _) = crate::world::made_up_grant(&waiting);
            let redeemed = grants::redeem(tx, &waiting.code, &grant, Some(&refresh), NOW).await?;
            assert_eq!(redeemed, grants::Redeemed::Ended);
            Ok(())
        })).await;
    }

    async fn a_consent_goes_with_its_application(world: World) {
        let ada = world.user("ada").await;
        let one = world.application().await;
        give(&world, &consent(&ada, &one, &["User.ReadBasic.All"])).await;
        let (tenant, id) = (world.tenant, one.id);
        world.write(move |tx| Box::pin(async move {
            store::applications::delete(tx, tenant, id).await.map(drop)
        })).await;
        assert_eq!(find(&world, &ada, &one).await, None);
    }
}
