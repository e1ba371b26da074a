//! How the log grows.

use keyward::evidence::checkpoint;
use keyward::evidence::sequencer::{Sequencer, SequencerFault};
use store::evidence::{self, Log};

use super::{Chronicle, codes, size};
use crate::world::authenticator;

#[tokio::test]
async fn what_people_do_is_read_into_both_trees() {
    let mut log = Chronicle::begin().await;
    log.world.administrator(&mut authenticator()).await;
    let before = log.verify().await;
    assert_eq!(codes(&before), [""; 0]);
    let waiting: u64 = before.logs.iter().map(|one| one.unsequenced).sum();
    assert!(waiting >= 4, "{waiting}");
    assert_eq!(size(&before, Log::Audit), 0);
    log.fold().await;
    let after = log.verify().await;
    assert_eq!(codes(&after), [""; 0]);
    let read: u64 = after.logs.iter().map(|one| one.records).sum();
    assert_eq!(read, waiting);
    assert!(after.logs.iter().all(|one| one.unsequenced == 0));
}

#[tokio::test]
async fn many_records_are_read_in_by_portions_and_prove_themselves() {
    let mut log = Chronicle::begin().await;
    log.sign_ins(5_000).await;
    log.fold().await;
    log.sign_ins(3).await;
    log.publish().await;
    let report = log.verify_with(log.saved()).await;
    assert_eq!(codes(&report), [""; 0]);
    assert_eq!(size(&report, Log::SignIns), 5_003);
    assert_eq!(report.saved, 2);
}

#[tokio::test]
async fn a_head_is_given_out_after_five_minutes_if_the_log_has_grown() {
    let mut log = Chronicle::begin().await;
    for (minutes, expected) in [(0, 1), (1, 1), (4, 2), (9, 3)] {
        log.world.wait(minutes * 60);
        log.audits(1).await;
        log.fold().await;
        log.sequencer.publish(false).await.unwrap();
        assert_eq!(log.saved().len(), expected, "{minutes}");
    }
    log.world.wait(3_600);
    log.sequencer.publish(false).await.unwrap();
    assert_eq!(log.saved().len(), 3);
}

#[tokio::test]
async fn keys_change_after_ninety_days_and_old_checkpoints_still_verify() {
    let mut log = Chronicle::begin().await;
    log.publish().await;
    for _ in 0..2 {
        log.world.wait(91 * 86_400);
        log.audits(1).await;
        log.publish().await;
    }
    let tenant = log.tenant();
    let keys = log
        .world
        .write(move |tx| {
            Box::pin(async move {
                for number in 1..3 {
                    assert!(evidence::private_key(tx, tenant, number).await?.is_none());
                }
                assert!(evidence::private_key(tx, tenant, 3).await?.is_some());
                evidence::keys(tx, tenant).await
            })
        })
        .await;
    assert_eq!(keys.len(), 3);
    let report = log.verify_with(log.saved()).await;
    assert_eq!(codes(&report), [""; 0]);
    assert_eq!(report.saved, 3);
}

#[tokio::test]
async fn only_the_elected_node_reads_in_and_another_takes_over() {
    let mut log = Chronicle::begin().await;
    log.fold().await;
    let mut other = Sequencer::of(&log.world.app);
    log.audits(1).await;
    other.fold().await.unwrap();
    assert_eq!(size(&log.verify().await, Log::Audit), 1);
    log.world.wait(6);
    other.fold().await.unwrap();
    assert_eq!(size(&log.verify().await, Log::Audit), 2);
    log.audits(1).await;
    log.fold().await;
    assert_eq!(size(&log.verify().await, Log::Audit), 2);
    other.finish().await;
    log.fold().await;
    let report = log.verify().await;
    assert_eq!((codes(&report), size(&report, Log::Audit)), (vec![], 3));
}

#[tokio::test]
async fn records_of_older_programs_are_numbered_and_read_in() {
    let mut log = Chronicle::begin().await;
    log.sign_ins(2).await;
    log.audits(2).await;
    let database = log.database();
    for table in ["audit", "sign_ins"] {
        let forget = format!("UPDATE {table} SET shard = NULL, number = NULL, leaf = NULL");
        database.execute(&forget, []).unwrap();
    }
    database
        .execute_batch(
            "UPDATE sign_ins SET salt = NULL;
             UPDATE audit SET actor = '', actor_id = NULL, target_ids = '', user_agent = '',
                actor_salt = NULL, subject_salt = NULL;",
        )
        .unwrap();
    let before = log.verify().await;
    assert_eq!(codes(&before), [""; 0]);
    assert_eq!(before.logs.iter().map(|one| one.unnumbered).sum::<u64>(), 5);
    log.sequencer.adopt().await.unwrap();
    log.fold().await;
    let after = log.verify().await;
    assert_eq!(codes(&after), [""; 0]);
    assert_eq!(
        (size(&after, Log::Audit), size(&after, Log::SignIns)),
        (3, 2)
    );
}

#[tokio::test]
async fn nothing_is_signed_on_top_of_a_tree_that_was_changed() {
    for tamper in [
        "UPDATE evidence_tiles SET hashes = zeroblob(length(hashes)) WHERE level = 0",
        "UPDATE evidence_trees SET head = replace(head, 'dropped 0', 'dropped 1')",
        "UPDATE evidence_trees SET size = size - 1",
        "DELETE FROM evidence_trees",
        // With its tiles, so that a tree of later records alone would look like the first one.
        "DELETE FROM evidence_trees; DELETE FROM evidence_tiles; DELETE FROM evidence_ranges; DELETE FROM evidence_checkpoints",
        "DELETE FROM evidence_keys",
    ] {
        let mut log = Chronicle::begin().await;
        log.audits(3).await;
        log.fold().await;
        log.database().execute_batch(tamper).unwrap();
        log.audits(1).await;
        // A process that has just started knows nothing of the tree but what the database says.
        let mut fresh = Sequencer::of(&log.world.app);
        log.world.wait(6);
        fresh.fold().await.unwrap_err();
    }
}

#[tokio::test]
async fn a_database_that_was_rolled_back_under_the_server_is_not_extended() {
    let mut log = Chronicle::begin().await;
    log.fold().await;
    let copy = log.copy("old.db");
    log.audits(2).await;
    log.fold().await;
    let database = log.database();
    database
        .execute_batch(&format!(
            "ATTACH '{}' AS old;
             DELETE FROM evidence_trees; INSERT INTO evidence_trees SELECT * FROM old.evidence_trees;
             DELETE FROM evidence_folds; INSERT INTO evidence_folds SELECT * FROM old.evidence_folds;
             DELETE FROM evidence_tiles; INSERT INTO evidence_tiles SELECT * FROM old.evidence_tiles;",
            copy.display()
        ))
        .unwrap();
    let refused = log.sequencer.fold().await;
    assert!(
        matches!(refused, Err(SequencerFault::RolledBack)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_clock_that_was_set_back_makes_no_older_head() {
    let mut log = Chronicle::begin().await;
    log.fold().await;
    // An hour after its key was made: the head is what must not be undercut, not the key.
    log.world.wait(3_600);
    log.audits(1).await;
    log.fold().await;
    let tenant = log.tenant();
    // A node whose clock is an hour behind.
    let (behind, _) = keyward::clock::Clock::fake(crate::world::START);
    let app = &log.world.app;
    let (store, random) = (app.store.clone(), app.random.clone());
    log.sequencer.finish().await;
    log.audits(1).await;
    let mut other = Sequencer::new(store, behind, random, &log.world.app.config.data);
    other.fold().await.unwrap();
    let tree = log
        .world
        .write(move |tx| Box::pin(async move { evidence::tree(tx, tenant, Log::Audit).await }))
        .await
        .unwrap();
    let (head, _) = checkpoint::read(&tree.head).unwrap();
    assert_eq!((head.size, head.at), (3, log.world.app.clock.now()));
    assert_eq!(codes(&log.verify().await), [""; 0]);
}

/// Under the same salts both would hide the same names behind the same digests, and say so.
#[tokio::test]
async fn each_record_of_a_revocation_has_salts_of_its_own() {
    let chronicle = Chronicle::begin().await;
    let world = &chronicle.world;
    let mut admin = world.administrator(&mut authenticator()).await;
    world
        .passkey_of(&chronicle.user, &mut authenticator())
        .await;
    let passkey = world.passkeys(&chronicle.user).await.swap_remove(0).id;
    let path = format!(
        "/admin/users/{}/passkeys/{passkey}/revoke",
        chronicle.user.id
    );
    let before = salts(&chronicle).len();
    let revoked = admin.post(&path, &[]).await;
    assert!(!revoked.status.is_client_error(), "{}", revoked.body);
    let all = salts(&chronicle);
    assert_eq!(all.len(), before + 4, "two records, two salts each");
    let different: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(different.len(), all.len());
}

fn salts(chronicle: &Chronicle) -> Vec<Vec<u8>> {
    let database = chronicle.database();
    let sql = "SELECT actor_salt FROM audit UNION ALL SELECT subject_salt FROM audit";
    let mut query = database.prepare(sql).unwrap();
    let rows = query.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}
