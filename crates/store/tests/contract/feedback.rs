//! What authenticators say went wrong.

use policy::lifetimes::FEEDBACK_KEPT;
use policy::model::{Span, TenantId};
use store::feedback::{self, Feedback, Kept};

use crate::contract;
use crate::world::{NOW, World};

const ID: &str = "0123456789AB";

fn bundle(byte: u8) -> Feedback {
    Feedback {
        received: NOW,
        bundle: vec![byte; 40],
    }
}

async fn keep(world: &World, tenant: TenantId, id: &'static str, byte: u8, most: i64) -> Kept {
    let new = bundle(byte);
    let kept = world
        .write(move |tx| Box::pin(async move { feedback::keep(tx, tenant, id, &new, most).await }));
    kept.await
}

async fn find(world: &World, tenant: TenantId) -> Option<Feedback> {
    world
        .read(move |tx| Box::pin(async move { feedback::find(tx, tenant, ID).await }))
        .await
}

contract! {
    async fn the_first_under_an_id_stays(world: World) {
        let tenant = world.user("ada@a.example").await.tenant;
        assert_eq!(find(&world, tenant).await, None);
        assert_eq!(keep(&world, tenant, ID, 1, 10).await, Kept::New);
        // Sent twice, because the answer was lost.
        assert_eq!(keep(&world, tenant, ID, 1, 10).await, Kept::Already);
        assert_eq!(keep(&world, tenant, ID, 2, 10).await, Kept::Another);
        assert_eq!(find(&world, tenant).await, Some(bundle(1)));
        let other = TenantId::from_bytes([9; 16]);
        assert_eq!(find(&world, other).await, None);
    }

    async fn a_tenant_has_so_many_and_no_more(world: World) {
        let tenant = world.user("ada@a.example").await.tenant;
        assert_eq!(keep(&world, tenant, "000000000001", 1, 2).await, Kept::New);
        assert_eq!(keep(&world, tenant, "000000000002", 1, 2).await, Kept::New);
        assert_eq!(keep(&world, tenant, ID, 1, 2).await, Kept::Full);
        assert_eq!(find(&world, tenant).await, None);
        // What is there already needs no room.
        assert_eq!(keep(&world, tenant, "000000000002", 1, 2).await, Kept::Already);
    }

    async fn it_is_forgotten_after_its_time(world: World) {
        let tenant = world.user("ada@a.example").await.tenant;
        assert_eq!(keep(&world, tenant, ID, 1, 10).await, Kept::New);
        for (later, is_there) in [(Span::seconds(0), true), (Span::seconds(1), false)] {
            let now = NOW.plus(FEEDBACK_KEPT).plus(later);
            world
                .write(move |tx| {
                    Box::pin(async move { store::retention::purge(tx, now, NOW, 100).await })
                })
                .await;
            assert_eq!(find(&world, tenant).await.is_some(), is_there, "{later:?}");
        }
    }
}
