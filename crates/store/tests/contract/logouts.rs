//! Applications that are told of a logout.

use policy::model::{EndReason, Session, SessionId, Span, Timestamp, User};
use store::logouts::{self, Claimed, SessionClient};
use store::sessions;

use crate::contract;
use crate::world::{NOW, World, nonce, passkey_sign_in_under};

async fn remember(world: &World, session: &Session) -> SessionClient {
    let client = SessionClient {
        tenant: world.tenant,
        sid: session.id,
        application: world.application().await.id,
        user: session.user,
        since: NOW,
    };
    let row = client.clone();
    world
        .write(move |tx| Box::pin(async move { logouts::remember(tx, &row).await }))
        .await;
    client
}

async fn claim(world: &World, now: Timestamp) -> Vec<Claimed> {
    let lease = now.plus(Span::minutes(1));
    let due = world
        .read(move |tx| Box::pin(logouts::is_due(tx, now)))
        .await;
    let claimed = world
        .write(move |tx| Box::pin(logouts::claim(tx, now, lease, 10)))
        .await;
    assert_eq!(due, !claimed.is_empty());
    claimed
}

async fn end(world: &World, user: &User, id: SessionId, reason: EndReason) {
    let (tenant, user) = (world.tenant, user.id);
    world
        .write(move |tx| {
            Box::pin(async move {
                sessions::end(tx, tenant, user, id, reason, NOW)
                    .await
                    .map(drop)
            })
        })
        .await;
}

contract! {
    async fn an_ended_session_is_told_to_its_applications_and_to_no_others(world: World) {
        let ada = world.user("ada").await;
        let (one, two) = (world.session(&ada, None).await, world.session(&ada, None).await);
        let (first, second) = (remember(&world, &one).await, remember(&world, &one).await);
        let other = remember(&world, &two).await;
        assert!(claim(&world, NOW).await.is_empty());
        end(&world, &ada, one.id, EndReason::SignedOut).await;
        let mut told: Vec<_> = claim(&world, NOW).await.into_iter().map(|one| one.client).collect();
        told.sort_by_key(|one| one.application);
        assert_eq!(told, [first, second]);
        let (tenant, user) = (world.tenant, ada.id);
        world.write(move |tx| Box::pin(async move {
            let why = EndReason::SessionsRevoked;
            sessions::end_of_user(tx, tenant, user, why, NOW).await.map(drop)
        })).await;
        let told = claim(&world, NOW).await;
        assert_eq!(told.len(), 1);
        assert_eq!((&told[0].client, told[0].ended), (&other, NOW));
    }

    async fn one_node_tells_and_the_lease_decides_which(world: World) {
        let ada = world.user("ada").await;
        let session = world.session(&ada, None).await;
        remember(&world, &session).await;
        end(&world, &ada, session.id, EndReason::SignedOut).await;
        let first = claim(&world, NOW).await.remove(0);
        assert!(claim(&world, NOW).await.is_empty(), "claimed twice");
        let second = claim(&world, NOW.plus(Span::minutes(2))).await.remove(0);
        assert_eq!((first.attempts, second.attempts), (1, 2));
        let later = NOW.plus(Span::hours(1));
        world.write(move |tx| Box::pin(async move {
            assert!(!logouts::settle(tx, &first).await?);
            assert!(!logouts::postpone(tx, &first, later).await?);
            assert!(logouts::postpone(tx, &second, later).await?);
            Ok(())
        })).await;
        assert!(claim(&world, later.minus(Span::seconds(1))).await.is_empty());
        let third = claim(&world, later).await.remove(0);
        world.write(move |tx| Box::pin(async move {
            assert!(logouts::settle(tx, &third).await?);
            assert!(!logouts::settle(tx, &third).await?);
            Ok(())
        })).await;
        assert!(claim(&world, later.plus(Span::hours(9))).await.is_empty());
    }

    async fn a_session_that_takes_the_place_of_another_takes_its_applications(world: World) {
        let ada = world.user("ada").await;
        let passkey = world.passkey(&ada).await;
        let old = world.sign_in(&ada, &passkey).await;
        let client = remember(&world, &old).await;
        let second = world.passkey(&ada).await;
        // Registering the application raised the policy version to 2.
        let mut sign_in = passkey_sign_in_under(2, &ada, &second, nonce());
        sign_in.replaces = Some(old.id);
        let new = sign_in.session.session().id;
        let done = store::sign_ins::commit(&world.store, sign_in).await.unwrap();
        assert_eq!(done, store::sign_ins::Committed::Done);
        assert!(claim(&world, NOW).await.is_empty(), "the person is still there");
        end(&world, &ada, new, EndReason::SignedOut).await;
        let told = claim(&world, NOW).await;
        assert_eq!(told.iter().map(|one| &one.client).collect::<Vec<_>>(), [&client]);
    }

    async fn a_session_that_ran_out_is_forgotten(world: World) {
        let ada = world.user("ada").await;
        remember(&world, &world.session(&ada, None).await).await;
        let purge = |now: Timestamp| world.write(move |tx| Box::pin(async move {
            store::retention::purge(tx, now, now, 10).await.map(drop)
        }));
        purge(NOW.plus(Span::days(366))).await;
        let (tenant, user) = (world.tenant, ada.id);
        world.write(move |tx| Box::pin(async move {
            let why = EndReason::SessionsRevoked;
            sessions::end_of_user(tx, tenant, user, why, NOW).await.map(drop)
        })).await;
        assert!(claim(&world, NOW).await.is_empty());
    }
}
