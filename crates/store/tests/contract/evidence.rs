//! What makes records provable: their leaves and their numbers.

use crate::contract;
use crate::records::record;
use crate::world::*;
use policy::model::{RecordId, Span};
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

/// A record of each log about the user, and their ids.
async fn one_of_each(world: &World, user: &policy::model::User) -> [RecordId; 2] {
    let (row, sign_in) = (record(world, user.id, NOW), made_up_record(user, None));
    let ids = [row.id, sign_in.id];
    world
        .write(move |tx| {
            Box::pin(async move {
                audit::record(tx, &row).await?;
                sign_ins::record(tx, &sign_in).await
            })
        })
        .await;
    ids
}

contract! {
    async fn an_erased_record_keeps_its_leaf_and_loses_the_person(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let tenant = world.tenant;
        for (log, id) in Log::ALL.into_iter().zip(one_of_each(&world, &ada).await) {
            let (before, other, first, again, after) = world.write(move |tx| Box::pin(async move {
                Ok((
                    evidence::find(tx, tenant, log, id).await?.unwrap(),
                    evidence::erase(tx, tenant, log, id, bob.id).await?,
                    evidence::erase(tx, tenant, log, id, ada.id).await?,
                    evidence::erase(tx, tenant, log, id, ada.id).await?,
                    evidence::find(tx, tenant, log, id).await?.unwrap(),
                ))
            })).await;
            assert_eq!((other, first, again), (false, true, false));
            assert_eq!(after.leaf, Some(after.computed_leaf()));
            assert_eq!(after.leaf, before.leaf);
            assert!(after.parts.iter().all(|part| matches!(part.hidden, Hidden::Erased(_))));
            assert!(after.erased_parts_are_empty());
            let shown = format!("{after:?}");
            assert!(!shown.contains("ada@example.org") && !shown.contains("192.0.2.1"), "{shown}");
        }
    }

    async fn a_part_of_somebody_else_is_not_erased(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let mut row = record(&world, ada.id, NOW);
        row.user = Some(bob.id);
        let (tenant, id) = (world.tenant, row.id);
        let stored = world.write(move |tx| Box::pin(async move {
            audit::record(tx, &row).await?;
            assert!(evidence::erase(tx, tenant, Log::Audit, id, ada.id).await?);
            evidence::find(tx, tenant, Log::Audit, id).await
        })).await.unwrap();
        assert!(matches!(stored.parts[0].hidden, Hidden::Erased(_)));
        assert!(matches!(stored.parts[1].hidden, Hidden::Salted(_)));
        assert_eq!(stored.leaf, Some(stored.computed_leaf()));
        let tenant = world.tenant;
        let of = |user: policy::model::UserId| {
            let first = RecordId::from_bytes([0; 16]);
            world.read(move |tx| Box::pin(async move {
                evidence::records_of(tx, tenant, Log::Audit, user, first, 9).await
            }))
        };
        assert_eq!((of(ada.id).await, of(bob.id).await), (vec![id], vec![id]));
    }

    async fn dropped_records_go_in_portions_and_their_ranges_with_them(world: World) {
        let user = world.user("ada").await;
        let tenant = world.tenant;
        let rows: Vec<_> = (0..9).map(|at| record(&world, user.id, NOW.plus(Span::seconds(at)))).collect();
        world.write(move |tx| Box::pin(async move {
            for row in &rows {
                audit::record(tx, row).await?;
            }
            Ok(())
        })).await;
        let shard = world.read(|tx| Box::pin(evidence::shards(tx))).await[0].shard;
        world.raw(&format!(
            "INSERT INTO evidence_ranges SELECT id, 'audit', 0, {shard}, 1, 4 FROM tenants;
             INSERT INTO evidence_ranges SELECT id, 'audit', 4, {shard}, 5, 5 FROM tenants;
             INSERT INTO evidence_tiles SELECT id, 'audit', 0, 0, id FROM tenants;
             INSERT INTO evidence_tiles SELECT id, 'audit', 0, 1, id FROM tenants;
             INSERT INTO evidence_tiles SELECT id, 'audit', 1, 0, id FROM tenants;
             INSERT INTO evidence_tiles SELECT id, 'audit', 2, 0, id FROM tenants;"
        )).await;
        let (newest, none) = world.read(move |tx| Box::pin(async move {
            Ok((
                evidence::newest_of(tx, tenant, Log::Audit, shard, 2..5).await?,
                evidence::newest_of(tx, tenant, Log::Audit, shard, 20..50).await?,
            ))
        })).await;
        assert_eq!(newest, (3, Some(NOW.plus(Span::seconds(3)))));
        assert_eq!(none, (0, None));
        let mut rounds = 0;
        while world.write(move |tx| Box::pin(async move {
            evidence::remove_tiles(tx, tenant, Log::Audit, [1, 1]).await?;
            evidence::remove_dropped(tx, tenant, Log::Audit, 6, 2).await
        })).await {
            rounds += 1;
        }
        assert!(rounds >= 4, "{rounds}");
        let (left, ranges) = world.read(move |tx| Box::pin(async move {
            let all = 0..i64::MAX;
            let left = evidence::numbered(tx, tenant, Log::Audit, shard, all, 99).await?;
            let left: Vec<_> = left.iter().map(|one| one.number.unwrap().1).collect();
            Ok((left, evidence::ranges(tx, tenant, Log::Audit, 0, 9).await?))
        })).await;
        assert_eq!(left, [7, 8, 9]);
        let kept = evidence::Range { position: 6, shard, number: 7, count: 3 };
        assert_eq!(ranges, [kept]);
    }

    async fn the_last_checkpoint_of_a_day_is_kept(world: World) {
        let tenant = world.tenant;
        let noon = policy::model::Timestamp::from_seconds(1_800_000_000 / 86_400 * 86_400 + 43_200);
        let kept = world.write(move |tx| Box::pin(async move {
            for (size, made) in [
                (1, noon),
                (2, noon.plus(Span::hours(1))),
                (3, noon.plus(Span::hours(24))),
                (4, noon.plus(Span::hours(25))),
            ] {
                let head = format!("note {size}");
                let tree = evidence::Tree { tenant, log: Log::Audit, size, dropped: 0, head };
                evidence::publish(tx, &tree, made).await?;
            }
            let before = noon.plus(Span::hours(25));
            assert_eq!(evidence::thin_checkpoints(tx, tenant, Log::Audit, before).await?, 2);
            let all = (0, policy::model::Timestamp::from_micros(0));
            evidence::checkpoints(tx, tenant, Log::Audit, all, 9).await
        })).await;
        assert_eq!(kept.iter().map(|one| one.size).collect::<Vec<_>>(), [2, 4]);
    }
}
