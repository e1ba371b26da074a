//! Reports count what is there.

use crate::contract;
use crate::world::*;
use policy::model::*;
use policy::register::NewPasskey;
use store::reports::{self, Coverage};

/// A passkey that counts: its owner was verified with it.
async fn used(world: &World, user: &User) {
    let passkey = Passkey {
        user_verified: true,
        ..made_up_passkey(user, &token())
    };
    let tenant = world.tenant;
    let made = world.write(move |tx| {
        Box::pin(async move {
            let versions = store::versions::of(tx, tenant).await?.unwrap_or_default();
            let new = NewPasskey::made_up(passkey, 1, versions.policy);
            store::passkeys::insert(tx, &new).await
        })
    });
    assert_eq!(made.await, store::passkeys::Inserted::Done);
}

contract! {
    async fn coverage_counts_enabled_people_and_their_methods(world: World) {
        let (ada, bob, carol) = (world.user("ada").await, world.user("bob").await, world.user("carol").await);
        used(&world, &ada).await;
        used(&world, &ada).await;
        used(&world, &bob).await;
        // Made by a browser alone and never used.
        world.passkey(&carol).await;
        let (tenant, gone) = (world.tenant, world.user("gone").await.id);
        let (coverage, without) = world.write(move |tx| Box::pin(async move {
            store::users::set_enabled(tx, tenant, gone, false).await?;
            Ok((reports::coverage(tx, tenant).await?, reports::without_two(tx, tenant).await?))
        })).await;
        let expected = Coverage { people: 3, with_passkey: 2, without_two: 2, ..Coverage::default() };
        assert_eq!(coverage, expected);
        assert_eq!(without.iter().map(|one| one.0).collect::<Vec<_>>(), [bob.id, carol.id]);
    }

    async fn sign_ins_are_counted_by_day(world: World) {
        let ada = world.user("ada").await;
        let made = |ago: i64, code: i64, multi_factor: bool| {
            let at = NOW.minus(Span::hours(ago));
            SignInRecord {
                id: RecordId::new(at, seed()),
                at,
                error_code: code,
                multi_factor,
                ..made_up_record(&ada, None)
            }
        };
        // It is eight in the morning.
        let rows = [made(1, 0, true), made(2, 0, false), made(3, 50126, true), made(9, 0, true), made(100, 0, true)];
        let tenant = world.tenant;
        let days = world.write(move |tx| Box::pin(async move {
            for row in &rows {
                store::sign_ins::record(tx, row).await?;
            }
            reports::days(tx, tenant, NOW.minus(Span::days(2))).await
        })).await;
        let found: Vec<_> = days.iter().map(|day| (day.multi_factor, day.all)).collect();
        assert_eq!(found, [(1, 2), (1, 1)]);
        assert_eq!(days[0].begins, NOW.minus(Span::hours(8)));
    }

    async fn passkeys_are_counted_by_model_and_algorithm_and_age(world: World) {
        let ada = world.user("ada").await;
        let key = world.passkey(&ada).await;
        world.passkey(&ada).await;
        let (tenant, elsewhere) = (world.tenant, TenantId::from_bytes([9; 16]));
        let (models, algorithms, fresh, stale, others) = world.read(move |tx| Box::pin(async move {
            Ok((
                reports::models(tx, tenant).await?,
                reports::algorithms(tx, tenant).await?,
                reports::stale(tx, tenant, NOW.minus(Span::days(1))).await?,
                reports::stale(tx, tenant, LATER).await?,
                reports::models(tx, elsewhere).await?,
            ))
        })).await;
        assert_eq!(models.iter().map(|one| one.count).sum::<i64>(), 2);
        assert_eq!(algorithms, [(key.algorithm, 2)]);
        assert_eq!(fresh, (0, Vec::new()));
        assert_eq!((stale.0, stale.1.len()), (2, 2));
        assert_eq!(stale.1[0].user, ada.id);
        assert!(others.is_empty());
    }
}
