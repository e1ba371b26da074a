//! Opening again.

use crate::contract;
use crate::world::*;
use store::{Store, sessions, settings};

contract! {
    async fn what_was_written_is_there_after_opening_again(world: World) {
        let user = world.user("ada").await;
        let passkey = world.passkey(&user).await;
        let session = world.sign_in(&user, &passkey).await;
        let (tenant, token) = (world.tenant, session.token);
        let again = Store::open(&world.url, kek()).await.unwrap();
        let loaded = again.read(move |tx| Box::pin(async move {
            sessions::load(tx, tenant, &token).await
        })).await.unwrap();
        assert_eq!(loaded.map(|loaded| loaded.session), Some(session));
    }

    async fn many_nodes_open_a_database_at_once(world: World) {
        let mut nodes = Vec::new();
        for _ in 0..4 {
            let url = world.url.clone();
            nodes.push(tokio::spawn(async move { Store::open(&url, kek()).await.unwrap() }));
        }
        let tenant = world.tenant;
        for (number, node) in nodes.into_iter().enumerate() {
            let name = format!("node{number}");
            let node = node.await.unwrap();
            let job = node.write(move |tx| Box::pin(async move {
                settings::put(tx, tenant, &name, "{}", NOW).await
            }));
            job.await.unwrap();
        }
        let last = world.read(move |tx| Box::pin(async move {
            settings::get(tx, tenant, "node3").await
        })).await;
        assert!(last.is_some(), "one node sees what another wrote");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_nodes_migrate_an_empty_postgres_at_once() {
    let url: store::DatabaseUrl = crate::database::new_postgres().await.parse().unwrap();
    let mut nodes = Vec::new();
    for _ in 0..6 {
        let url = url.clone();
        nodes.push(tokio::spawn(async move { Store::open(&url, kek()).await }));
    }
    for node in nodes {
        node.await.unwrap().unwrap();
    }
}
