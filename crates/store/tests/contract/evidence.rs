//! What makes records provable: their leaves and their numbers.

use crate::contract;
use crate::records::record;
use crate::world::*;
use std::collections::BTreeMap;
use store::evidence::{self, Hidden, Log, StoredRecord};
use store::sign_ins::{self, Committed};
use store::{StoreError, audit};

/// Every record of the tenant, shard by shard in the order of their numbers; panics at a gap.
async fn numbered(world: &World, log: Log) -> BTreeMap<i64, Vec<StoredRecord>> {
    let tenant = world.tenant;
    let found = world.read(move |tx| {
        Box::pin(async move {
            let mut found = BTreeMap::new();
            let shards = evidence::shards(tx).await?;
            for shard in shards.iter().filter(|shard| shard.log == log) {
                let all = 0..i64::MAX;
                let records = evidence::numbered(tx, tenant, log, shard.shard, all, 999).await?;
                let numbers: Vec<_> = records.iter().map(|one| one.number).collect();
                let expected = (1..=shard.last).map(|number| Some((shard.shard, number)));
                assert_eq!(numbers, expected.collect::<Vec<_>>());
                found.insert(shard.shard, records);
            }
            Ok(found)
        })
    });
    found.await
}

contract! {
    async fn a_record_is_stored_with_the_hash_of_what_is_stored(world: World) {
        let user = world.user("ada").await;
        let passkey = world.passkey(&user).await;
        world.sign_in(&user, &passkey).await;
        let (row, failed) = (record(&world, user.id, NOW), made_up_record(&user, None));
        world.write(move |tx| Box::pin(async move {
            audit::record(tx, &row).await?;
            sign_ins::record(tx, &failed).await
        })).await;
        for (log, count, parts) in [(Log::Audit, 1, 2), (Log::SignIns, 2, 1)] {
            let records: Vec<_> = numbered(&world, log).await.into_values().flatten().collect();
            assert_eq!(records.len(), count);
            for stored in records {
                assert_eq!(stored.leaf, Some(stored.computed_leaf()));
                assert_eq!(stored.parts.len(), parts);
                assert!(stored.parts.iter().all(|part| matches!(part.hidden, Hidden::Salted(_))));
                assert_eq!(stored.user("user_id"), Some(user.id));
            }
        }
    }

    async fn each_value_of_a_record_is_in_its_leaf(world: World) {
        let user = world.user("ada").await;
        let row = record(&world, user.id, NOW);
        let (tenant, id) = (world.tenant, row.id);
        let stored = world.write(move |tx| Box::pin(async move {
            audit::record(tx, &row).await?;
            evidence::find(tx, tenant, Log::Audit, id).await
        })).await.unwrap();
        let leaf = stored.computed_leaf();
        for at in 0..stored.open.len() {
            let mut changed = stored.clone();
            changed.open[at].value = evidence::Value::Int(7);
            assert_ne!(changed.computed_leaf(), leaf, "{}", stored.open[at].name);
        }
        for (part, columns) in stored.parts.iter().map(|part| part.columns.len()).enumerate() {
            for at in 0..columns {
                let mut changed = stored.clone();
                changed.parts[part].columns[at].value = evidence::Value::Null;
                assert_ne!(changed.computed_leaf(), leaf, "{part}/{at}");
            }
        }
    }

    async fn numbers_have_no_gaps_although_writes_fail(world: World) {
        let user = world.user("ada").await;
        let tasks: Vec<_> = (0..60).map(|number| {
            let (store, row) = (world.store.clone(), record(&world, user.id, NOW));
            tokio::spawn(async move {
                store.write::<_, StoreError, _>(move |tx| Box::pin(async move {
                    audit::record(tx, &row).await?;
                    if number % 3 == 0 { Err(StoreError::Closed) } else { Ok(()) }
                })).await
            })
        }).collect();
        for task in tasks {
            let _ = task.await.unwrap();
        }
        let shards = numbered(&world, Log::Audit).await;
        assert_eq!(shards.values().map(Vec::len).sum::<usize>(), 40);
    }

    async fn a_sign_in_that_did_not_happen_draws_no_number(world: World) {
        let user = world.user("ada").await;
        let passkey = world.passkey(&user).await;
        let mut moved = passkey.clone();
        moved.sign_count += 1;
        let once = nonce();
        for (passkey, expected) in [
            (&moved, Committed::Stale),
            (&passkey, Committed::Done),
            (&moved, Committed::Spent),
        ] {
            let sign_in = passkey_sign_in(&user, passkey, once);
            assert_eq!(sign_ins::commit(&world.store, sign_in).await.unwrap(), expected);
        }
        let shards = numbered(&world, Log::SignIns).await;
        assert_eq!(shards.values().map(Vec::len).collect::<Vec<_>>(), [1]);
    }

    async fn a_record_without_a_salt_is_refused(world: World) {
        let user = world.user("ada").await;
        let (mut row, mut sign_in) = (record(&world, user.id, NOW), made_up_record(&user, None));
        (row.salts, sign_in.salt) = (None, None);
        let audited = world.store.write(move |tx| Box::pin(async move { audit::record(tx, &row).await }));
        assert!(matches!(audited.await, Err(StoreError::Unsalted)));
        let recorded = world.store.write(move |tx| Box::pin(async move { sign_ins::record(tx, &sign_in).await }));
        assert!(matches!(recorded.await, Err(StoreError::Unsalted)));
    }
}
