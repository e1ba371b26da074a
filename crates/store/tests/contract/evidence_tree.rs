//! The tree as rows, the keys that sign it, and the lease of the node that extends it.

use crate::contract;
use crate::records::record;
use crate::world::*;
use policy::model::{AuditSalts, NodeId, RecordId, SecretBytes, Span, Timestamp};
use store::evidence::{self, Hash, Log, Portion, Range, Shard, StoredKey, Tile, Tree};
use store::{StoreError, audit, leases};

const LEASE: &str = "test";

fn node(number: u8) -> NodeId {
    NodeId::from_bytes([number; 16])
}

fn soon() -> Timestamp {
    NOW.plus(Span::seconds(5))
}

fn key(world: &World, number: i64) -> (StoredKey, SecretBytes) {
    let key = StoredKey {
        tenant: world.tenant,
        number,
        created: NOW,
        ed25519: [1; 32],
        ml_dsa: vec![2; 1_952],
        statement: format!("statement {number}"),
    };
    (key, SecretBytes::new(vec![7; 64]))
}

fn hash(number: u8) -> Hash {
    [number; 32]
}

fn range(position: u64, shard: i64, number: i64, count: u64) -> Range {
    Range {
        position,
        shard,
        number,
        count,
    }
}

/// `leaves` more leaves of shard 3, the first of them number `number`.
fn portion(world: &World, before: Option<(u64, u64)>, number: i64, leaves: u8) -> Portion {
    let size = before.map_or(0, |(size, _)| size);
    let end = number + i64::from(leaves);
    Portion {
        tree: Tree {
            tenant: world.tenant,
            log: Log::Audit,
            size: size + u64::from(leaves),
            dropped: before.map_or(0, |(_, dropped)| dropped),
            head: format!("head {end}"),
        },
        before,
        tiles: vec![Tile {
            level: 0,
            place: 0,
            hashes: (1..u8::try_from(end).unwrap()).map(hash).collect(),
        }],
        ranges: vec![range(size, 3, number, leaves.into())],
        folded: vec![(3, end - 1)],
        key: 1,
    }
}

async fn with_key(world: &World) {
    let (key, private) = key(world, 1);
    let added = world
        .write(move |tx| Box::pin(async move { evidence::add_key(tx, &key, &private).await }))
        .await;
    assert!(added);
}

async fn append(world: &World, portion: Portion) -> bool {
    world
        .write(move |tx| Box::pin(async move { evidence::append(tx, &portion).await }))
        .await
}

contract! {
    async fn a_lease_has_one_holder_and_its_epoch_grows_with_each_new_one(world: World) {
        let taken = world.write(move |tx| Box::pin(async move {
            let mut taken = Vec::new();
            for (who, now, until) in [
                (1, NOW, soon()),
                (2, NOW, soon()),
                (1, NOW, soon()),
                (2, soon(), LATER),
                (1, soon(), LATER),
            ] {
                taken.push(leases::take(tx, LEASE, node(who), now, until).await?);
            }
            leases::give_back(tx, LEASE, node(1)).await?;
            let held = leases::find(tx, LEASE).await?;
            assert_eq!(held.map(|held| (held.holder, held.epoch)), Some((node(2), 2)));
            leases::give_back(tx, LEASE, node(2)).await?;
            assert_eq!(leases::find(tx, LEASE).await?, None);
            taken.push(leases::take(tx, LEASE, node(1), NOW, soon()).await?);
            Ok(taken)
        })).await;
        assert_eq!(taken, [Some(1), None, Some(1), Some(2), None, Some(3)]);
    }

    async fn of_many_nodes_that_want_a_lease_one_gets_it(world: World) {
        let tasks: Vec<_> = (1..20).map(|number| {
            let store = world.store.clone();
            tokio::spawn(async move {
                store.write::<_, StoreError, _>(move |tx| Box::pin(async move {
                    leases::take(tx, LEASE, node(number), NOW, soon()).await
                })).await.unwrap()
            })
        }).collect();
        let mut taken = 0;
        for task in tasks {
            taken += usize::from(task.await.unwrap().is_some());
        }
        assert_eq!(taken, 1);
    }

    async fn a_tree_grows_only_from_what_was_read(world: World) {
        with_key(&world).await;
        assert!(append(&world, portion(&world, None, 1, 3)).await);
        assert!(!append(&world, portion(&world, None, 1, 3)).await);
        assert!(!append(&world, portion(&world, Some((2, 0)), 3, 1)).await);
        assert!(!append(&world, portion(&world, Some((3, 4096)), 4, 1)).await);
        assert!(append(&world, portion(&world, Some((3, 0)), 4, 2)).await);
        let tenant = world.tenant;
        let (tree, tile, ranges) = world.read(move |tx| Box::pin(async move {
            Ok((
                evidence::tree(tx, tenant, Log::Audit).await?.unwrap(),
                evidence::tile(tx, tenant, Log::Audit, 0, 0).await?.unwrap(),
                evidence::ranges(tx, tenant, Log::Audit, 4, 9).await?,
            ))
        })).await;
        assert_eq!((tree.size, tree.head.as_str()), (5, "head 6"));
        assert_eq!(tile.hashes, [1, 2, 3, 4, 5].map(hash));
        // What goes on where the last one ended is one range.
        assert_eq!(ranges, [range(0, 3, 1, 5)]);
    }

    async fn a_head_of_an_older_key_is_not_written(world: World) {
        with_key(&world).await;
        let (second, private) = key(&world, 2);
        let tenant = world.tenant;
        world.write(move |tx| Box::pin(async move {
            assert!(evidence::add_key(tx, &second, &private).await?);
            assert!(!evidence::add_key(tx, &second, &private).await?);
            assert!(evidence::private_key(tx, tenant, 1).await?.is_none());
            let private = evidence::private_key(tx, tenant, 2).await?.unwrap();
            assert_eq!(private.expose(), [7; 64]);
            let numbers: Vec<_> = evidence::keys(tx, tenant).await?;
            assert_eq!(numbers.iter().map(|key| key.number).collect::<Vec<_>>(), [1, 2]);
            Ok(())
        })).await;
        assert!(!append(&world, portion(&world, None, 1, 3)).await);
    }

    async fn ranges_are_found_by_leaf_and_by_record(world: World) {
        with_key(&world).await;
        let mut first = portion(&world, None, 1, 3);
        first.ranges = vec![range(0, 3, 1, 2), range(2, 4, 1, 1)];
        let mut second = portion(&world, Some((3, 0)), 4, 4);
        second.ranges = vec![range(3, 3, 3, 4)];
        assert!(append(&world, first).await && append(&world, second).await);
        let tenant = world.tenant;
        world.read(move |tx| Box::pin(async move {
            let by_leaf = evidence::ranges(tx, tenant, Log::Audit, 1, 2).await?;
            assert_eq!(by_leaf, [range(0, 3, 1, 2), range(2, 4, 1, 1)]);
            let by_leaf = evidence::ranges(tx, tenant, Log::Audit, 5, 9).await?;
            assert_eq!(by_leaf, [range(3, 3, 3, 4)]);
            let shard = Shard { tenant, log: Log::Audit, shard: 3, last: 6 };
            let of_shard = evidence::ranges_of_shard(tx, shard, 2, 9).await?;
            assert_eq!(of_shard, [range(3, 3, 3, 4)]);
            for (shard, number, expected) in [
                (3, 2, Some(range(0, 3, 1, 2))),
                (3, 6, Some(range(3, 3, 3, 4))),
                (3, 7, None),
                (4, 1, Some(range(2, 4, 1, 1))),
                (5, 1, None),
            ] {
                let found = evidence::range_of(tx, tenant, Log::Audit, shard, number).await?;
                assert_eq!(found, expected, "{shard}/{number}");
            }
            assert_eq!(evidence::shards_of(tx, tenant, Log::Audit).await?, [3, 4]);
            Ok(())
        })).await;
    }

    async fn progress_says_what_is_not_in_the_tree_yet(world: World) {
        with_key(&world).await;
        let user = world.user("ada").await;
        let rows: Vec<_> = (0..3).map(|_| record(&world, user.id, NOW)).collect();
        world.write(move |tx| Box::pin(async move {
            for row in &rows {
                audit::record(tx, row).await?;
            }
            Ok(())
        })).await;
        let progress = world.read(|tx| Box::pin(evidence::progress(tx))).await;
        let (shard, tenant) = (progress[0].shard, world.tenant);
        assert_eq!((progress.len(), shard.last, progress[0].folded), (1, 3, 0));
        let (leaves, numbers) = world.read(move |tx| Box::pin(async move {
            Ok((
                evidence::leaves(tx, shard, 1, 9).await?,
                evidence::numbers(tx, tenant, Log::Audit, shard.shard).await?,
            ))
        })).await;
        assert_eq!(leaves.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [2, 3]);
        assert!(leaves.iter().all(|(_, leaf)| leaf.is_some()));
        assert_eq!((numbers.newest, numbers.folded), (3, 0));
        // PostgreSQL counts in a row per backend; SQLite's writer is alone and looks at the newest.
        assert_eq!(numbers.given, (shard.shard > 0).then_some(3));
    }

    async fn a_record_without_a_number_gets_one(world: World) {
        let user = world.user("ada").await;
        let (row, sign_in, tenant) =
            (record(&world, user.id, NOW), made_up_record(&user, None), world.tenant);
        let (id, failed) = (row.id, sign_in.id);
        world.write(move |tx| Box::pin(async move {
            audit::record(tx, &row).await?;
            store::sign_ins::record(tx, &sign_in).await
        })).await;
        world.forget_numbers().await;
        let found = world.write(move |tx| Box::pin(async move {
            let salts = AuditSalts { actor: salt(), subject: salt() };
            for (log, id) in [(Log::Audit, id), (Log::SignIns, failed)] {
                assert_eq!(evidence::unnumbered(tx, tenant, log, 9).await?, [id]);
                assert_eq!(evidence::count_unnumbered(tx, tenant, log).await?, (1, 0));
            }
            evidence::adopt_audit(tx, tenant, id, salts).await?;
            evidence::adopt_sign_in(tx, tenant, failed, salt()).await?;
            // Once is enough.
            evidence::adopt_audit(tx, tenant, id, salts).await?;
            evidence::adopt_audit(tx, tenant, RecordId::from_bytes([1; 16]), salts).await?;
            Ok([
                evidence::find(tx, tenant, Log::Audit, id).await?.unwrap(),
                evidence::find(tx, tenant, Log::SignIns, failed).await?.unwrap(),
            ])
        })).await;
        for stored in found {
            assert_eq!(stored.number, Some((0, 1)));
            assert_eq!(stored.leaf, Some(stored.computed_leaf()));
        }
    }

    async fn checkpoints_are_listed_by_size(world: World) {
        let tenant = world.tenant;
        let tree = move |size| Tree {
            tenant,
            log: Log::SignIns,
            size,
            dropped: 0,
            head: format!("note {size}"),
        };
        let (listed, newest) = world.write(move |tx| Box::pin(async move {
            for (size, made) in [(5, NOW), (3, NOW), (5, NOW), (9, LATER)] {
                evidence::publish(tx, &tree(size), made).await?;
            }
            let listed = evidence::checkpoints(tx, tenant, Log::SignIns, (3, NOW), 9).await?;
            Ok((listed, evidence::newest_checkpoint(tx, tenant, Log::SignIns).await?.unwrap()))
        })).await;
        assert_eq!(listed.iter().map(|one| one.size).collect::<Vec<_>>(), [5, 9]);
        assert_eq!((newest.size, newest.made, newest.note.as_str()), (9, LATER, "note 9"));
    }

    async fn a_snapshot_sees_one_state_and_writes_nothing(world: World) {
        let store = world.store.clone();
        let user = world.made_up_user("ada");
        let counts = world.store.snapshot::<_, StoreError, _>(move |tx| Box::pin(async move {
            let before = store::tenants::list(tx).await?.len();
            let refused = store::users::create(tx, &user).await;
            assert!(matches!(refused, Err(StoreError::ReadOnly)));
            Ok(before)
        })).await.unwrap();
        assert_eq!(counts, 1);
        // The connection is as good as before.
        let again = store.read(|tx| Box::pin(store::tenants::list(tx))).await;
        assert_eq!(again.unwrap().len(), 1);
    }

    async fn nothing_is_wrong_with_a_fresh_database(world: World) {
        let (problems, strays, tenants) = world.read(|tx| Box::pin(async move {
            Ok((
                evidence::integrity(tx).await?,
                evidence::count_of_no_log(tx).await?,
                evidence::tenants(tx).await?,
            ))
        })).await;
        assert_eq!((problems, strays, tenants), (vec![], 0, vec![world.tenant]));
    }
}
