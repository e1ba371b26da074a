//! Old segments go; what is left is proved as before.

use keyward::evidence::prove;
use keyward::evidence::retention::SETTING;
use keyward::evidence::sequencer::SequencerFault;
use keyward::evidence::verify::Report;
use store::evidence::Log;

use super::independent::{check, exported, ids};
use super::{Chronicle, codes, size};

const DAY: u64 = 86_400;

async fn keep(log: &Chronicle, setting: &'static str) {
    let (tenant, now) = (log.tenant(), log.world.app.clock.now());
    log.world
        .write(move |tx| {
            Box::pin(async move { store::settings::put(tx, tenant, SETTING, setting, now).await })
        })
        .await;
}

/// Two full segments of the first day, and some records of the eleventh.
async fn two_segments() -> Chronicle {
    let mut log = Chronicle::begin().await;
    log.sign_ins(2 * 4_096).await;
    log.publish().await;
    log.world.wait(10 * DAY);
    log.sign_ins(10).await;
    log.publish().await;
    log
}

fn rows(log: &Chronicle, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    log.database()
        .query_row(&sql, [], |row| row.get(0))
        .unwrap()
}

#[tokio::test]
async fn old_segments_are_dropped_whole_and_proofs_still_hold() {
    let mut log = two_segments().await;
    let saved = log.saved();
    log.sequencer.retain().await.unwrap();
    assert_eq!(
        rows(&log, "sign_ins"),
        8_202,
        "everything is kept unless said otherwise"
    );
    keep(&log, r#"{"auditDays":null,"signInDays":9}"#).await;
    log.sequencer.retain().await.unwrap();
    assert_eq!(rows(&log, "sign_ins"), 10);
    log.fold().await;
    let report = log.verify_with(saved).await;
    assert_eq!(codes(&report), [""; 0]);
    let of = report
        .logs
        .iter()
        .find(|one| one.tree.log == Log::SignIns)
        .unwrap();
    assert_eq!((of.records, of.leftover), (10, 0));
    assert_eq!(of.head.as_ref().unwrap().dropped, 8_192);
    assert_eq!(size(&report, Log::SignIns), 8_202);
    // A checkpoint of before the drop still verifies; its size is a whole number of segments.
    assert_eq!((report.saved, of.unprovable), (3, 0));
    let mut lines = exported(&log).await;
    let id = *ids(&lines, Log::SignIns).last().unwrap();
    let proof = prove::prove(&log.world.app.store, id).await.unwrap();
    lines.push_str(&serde_json::to_string(&proof).unwrap());
    check(&lines).unwrap();
    let audit = ids(&lines, Log::Audit);
    assert_eq!(audit.len(), 2, "the drop has its audit record");
    // The log goes on.
    log.sign_ins(4_100).await;
    log.publish().await;
    assert_eq!(codes(&log.verify_with(log.saved()).await), [""; 0]);
}

#[tokio::test]
async fn a_segment_with_one_young_record_stays_and_so_do_the_last_records() {
    let mut log = two_segments().await;
    keep(&log, r#"{"auditDays":1,"signInDays":10}"#).await;
    log.sequencer.retain().await.unwrap();
    assert_eq!(rows(&log, "sign_ins"), 8_202);
    log.world.wait(100 * DAY);
    keep(&log, r#"{"auditDays":1,"signInDays":1}"#).await;
    log.sequencer.retain().await.unwrap();
    assert_eq!(rows(&log, "sign_ins"), 10);
    assert_eq!(rows(&log, "audit"), 2);
    assert_eq!(codes(&log.verify().await), [""; 0]);
}

#[tokio::test]
async fn a_segment_with_missing_records_is_kept_as_evidence() {
    let mut log = two_segments().await;
    keep(&log, r#"{"auditDays":null,"signInDays":1}"#).await;
    log.database()
        .execute("DELETE FROM sign_ins WHERE number = 99", [])
        .unwrap();
    let refused = log.sequencer.retain().await;
    assert!(
        matches!(refused, Err(SequencerFault::SegmentDamaged(0))),
        "{refused:?}"
    );
    assert_eq!(codes(&log.verify().await), ["record_missing"]);
}

#[tokio::test]
async fn nobody_can_claim_that_records_were_dropped() {
    let log = two_segments().await;
    log.database()
        .execute_batch(
            "UPDATE evidence_trees SET dropped = 4096 WHERE log = 'sign-ins';
             DELETE FROM sign_ins WHERE number <= 4096;
             DELETE FROM evidence_tiles WHERE log = 'sign-ins' AND level = 0 AND place < 64;
             DELETE FROM evidence_tiles WHERE log = 'sign-ins' AND level = 1 AND place < 1;
             UPDATE evidence_ranges SET position = 4096, number = 4097, count = count - 4096
                WHERE log = 'sign-ins';",
        )
        .unwrap();
    assert!(codes(&log.verify().await).contains(&"head_mismatch"));
}

#[tokio::test]
async fn a_drop_that_was_interrupted_is_finished_later() {
    let mut log = two_segments().await;
    let copy = log.copy("before.db");
    keep(&log, r#"{"auditDays":null,"signInDays":9}"#).await;
    log.sequencer.retain().await.unwrap();
    // As if the server had died after the drop was signed and before the rows went.
    log.database()
        .execute_batch(&format!(
            "ATTACH '{}' AS old;
             INSERT INTO sign_ins SELECT * FROM old.sign_ins WHERE number <= 8192;
             INSERT INTO evidence_tiles SELECT * FROM old.evidence_tiles
                WHERE log = 'sign-ins' ON CONFLICT DO NOTHING;
             DELETE FROM evidence_ranges;
             INSERT INTO evidence_ranges SELECT * FROM old.evidence_ranges;",
            copy.display()
        ))
        .unwrap();
    let between = log.verify().await;
    assert_eq!(codes(&between), [""; 0]);
    let of = |report: &Report| {
        let found = report.logs.iter().find(|one| one.tree.log == Log::SignIns);
        let found = found.unwrap();
        (found.records, found.leftover)
    };
    assert_eq!(of(&between), (10, 8_192));
    log.sequencer.retain().await.unwrap();
    let after = log.verify().await;
    assert_eq!((codes(&after), of(&after)), (vec![], (10, 0)));
    assert_eq!(rows(&log, "sign_ins"), 10);
}

#[tokio::test]
async fn old_checkpoints_are_thinned_to_one_a_day() {
    let mut log = Chronicle::begin().await;
    for _ in 0..5 {
        log.audits(1).await;
        log.publish().await;
        log.world.wait(3_600);
    }
    assert_eq!(rows(&log, "evidence_checkpoints"), 5);
    log.world.wait(3 * DAY);
    log.sequencer.retain().await.unwrap();
    assert_eq!(rows(&log, "evidence_checkpoints"), 5);
    log.world.wait(5 * DAY);
    log.sequencer.retain().await.unwrap();
    assert_eq!(rows(&log, "evidence_checkpoints"), 1);
    assert_eq!(codes(&log.verify_with(log.saved()).await), [""; 0]);
}
