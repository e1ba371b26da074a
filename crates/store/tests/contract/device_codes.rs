use policy::model::{DeviceCode, Span};
use store::device_codes::{self, Polled};

use crate::contract;
use crate::world::{NOW, World, hash};

fn waiting(world: &World, application: &policy::model::Application) -> DeviceCode {
    DeviceCode {
        tenant: world.tenant,
        code: hash(),
        user_code: hash(),
        application: application.id,
        scopes: vec!["openid".to_owned()],
        created: NOW,
        expires: NOW.plus(Span::minutes(15)),
        pause: Span::seconds(5),
        polled: None,
        typed: None,
        declined: None,
    }
}

async fn begin(world: &World, row: &DeviceCode) -> bool {
    let row = row.clone();
    world
        .write(move |tx| Box::pin(async move { device_codes::begin(tx, &row).await }))
        .await
}

async fn answer(world: &World, row: &DeviceCode, yes: bool) -> bool {
    let (tenant, code) = (row.tenant, row.code);
    world
        .write(move |tx| {
            Box::pin(async move { device_codes::answer(tx, tenant, &code, yes, NOW).await })
        })
        .await
}

async fn poll(world: &World, row: &DeviceCode, after: i64) -> Polled {
    let (tenant, code, now) = (row.tenant, row.code, NOW.plus(Span::seconds(after)));
    let penalty = Span::seconds(5);
    world
        .write(move |tx| {
            Box::pin(async move { device_codes::poll(tx, tenant, &code, penalty, now).await })
        })
        .await
}

contract! {
    async fn a_user_code_is_answered_once(world: World) {
        let row = waiting(&world, &world.application().await);
        assert!(begin(&world, &row).await);
        let other = DeviceCode { code: hash(), ..row.clone() };
        assert!(!begin(&world, &other).await, "two devices with one user code");
        let (tenant, typed) = (world.tenant, row.user_code);
        let look = |now| world.write(move |tx| Box::pin(async move {
            device_codes::find_by_user_code(tx, tenant, &typed, now).await
        }));
        assert_eq!(look(NOW).await.as_ref(), Some(&row));
        assert_eq!(look(row.expires).await, None);
        assert!(answer(&world, &row, false).await);
        assert!(!answer(&world, &row, true).await);
        assert_eq!(look(NOW).await, None);
        let Polled::InTime(found) = poll(&world, &row, 1).await else {
            panic!("nobody asked before");
        };
        assert_eq!(found.declined, Some(NOW));
    }

    async fn impatience_makes_the_pause_longer(world: World) {
        let row = waiting(&world, &world.application().await);
        assert_eq!(poll(&world, &row, 0).await, Polled::Unknown);
        begin(&world, &row).await;
        assert!(matches!(poll(&world, &row, 0).await, Polled::InTime(_)));
        assert!(matches!(poll(&world, &row, 4).await, Polled::TooSoon(_)));
        assert!(matches!(poll(&world, &row, 13).await, Polled::TooSoon(_)));
        assert!(matches!(poll(&world, &row, 28).await, Polled::InTime(_)));
    }

    async fn what_nobody_waits_for_any_more_is_forgotten(world: World) {
        let row = waiting(&world, &world.application().await);
        begin(&world, &row).await;
        let late = row.expires.plus(Span::seconds(1));
        world
            .write(move |tx| Box::pin(async move {
                store::retention::purge(tx, late, NOW, 10).await
            }))
            .await;
        assert_eq!(poll(&world, &row, 0).await, Polled::Unknown);
    }
}
