//! What only a checkpoint kept elsewhere can find: an older copy of the database, and another history.

use keyward::evidence::sequencer::Sequencer;
use keyward::evidence::verify::{self, Said, Saved, TreeName};
use policy::model::TenantId;
use store::evidence::Log;

use super::{Chronicle, Place, codes};

async fn yesterday_s_database_is_found(place: Place) {
    let mut log = Chronicle::begin_on(place).await;
    log.sign_ins(5).await;
    log.publish().await;
    let old = log.as_it_is_now("yesterday").await;
    log.world.wait(86_400);
    log.sign_ins(5).await;
    log.publish().await;
    let saved = log.saved();
    assert_eq!(codes(&log.verify_with(saved.clone()).await), [""; 0]);
    // In itself yesterday's database is whole; that is what makes it dangerous.
    let alone = verify::verify(&old, Vec::new()).await.unwrap();
    assert_eq!(codes(&alone), [""; 0]);
    let compared = verify::verify(&old, saved).await.unwrap();
    assert_eq!(codes(&compared), ["checkpoint_ahead"]);
    assert_eq!(compared.findings.total(), 1);
}

#[tokio::test]
async fn yesterday_s_database_is_found_by_today_s_checkpoint() {
    yesterday_s_database_is_found(Place::Sqlite).await;
}

#[tokio::test]
async fn yesterday_s_database_is_found_by_today_s_checkpoint_on_postgres() {
    yesterday_s_database_is_found(Place::Postgres).await;
}

#[tokio::test]
async fn a_history_that_was_lived_again_is_found() {
    let mut log = Chronicle::begin().await;
    log.publish().await;
    let copy = log.copy("before.db");
    log.audits(4).await;
    log.publish().await;
    // The same server goes on from the older copy, and its log becomes longer than the first one ever was.
    let store = log.open(&copy).await;
    let (clock, random) = (log.world.app.clock.clone(), log.world.app.random.clone());
    let elsewhere = log.world.app.config.data.join("elsewhere");
    let mut again = Sequencer::new(store.clone(), clock, random, &elsewhere);
    log.world.wait(60);
    let saved = log.saved();
    let rows = log.audit_rows(9);
    store
        .write(move |tx| {
            Box::pin(async move {
                for row in &rows {
                    store::audit::record(tx, row).await?;
                }
                Ok::<_, store::StoreError>(())
            })
        })
        .await
        .unwrap();
    again.fold().await.unwrap();
    let alone = verify::verify(&store, Vec::new()).await.unwrap();
    assert_eq!(codes(&alone), [""; 0]);
    let compared = verify::verify(&store, saved).await.unwrap();
    assert_eq!(codes(&compared), ["checkpoint_contradicted"]);
}

#[tokio::test]
async fn size_and_root_from_a_log_line_are_enough() {
    let mut log = Chronicle::begin().await;
    log.publish().await;
    let report = log.verify().await;
    let head = report.logs[0].head.clone().unwrap();
    let bare = |tenant: TenantId, size, root| {
        let tree = TreeName {
            tenant,
            log: Log::Audit,
        };
        let said = Said::Bare { tree, size, root };
        vec![Saved {
            source_name: "line".to_owned(),
            said,
        }]
    };
    let tenant = log.tenant();
    for (saved, expected) in [
        (bare(tenant, head.size, head.root), vec![]),
        (
            bare(tenant, head.size + 1, head.root),
            vec!["checkpoint_ahead"],
        ),
        (
            bare(tenant, head.size, [0; 32]),
            vec!["checkpoint_contradicted"],
        ),
        (
            bare(TenantId::from_bytes([9; 16]), 1, head.root),
            vec!["checkpoint_ahead"],
        ),
    ] {
        assert_eq!(codes(&log.verify_with(saved).await), expected);
    }
}

#[tokio::test]
async fn lines_of_the_file_are_read_with_or_without_signature() {
    let mut log = Chronicle::begin().await;
    log.publish().await;
    let file = log.world.app.config.data.join("evidence/checkpoints.jsonl");
    let text = std::fs::read_to_string(file).unwrap();
    let mut line: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
    let note = line["note"].as_str().unwrap().to_owned();
    line.as_object_mut().unwrap().remove("note");
    let bare = line.to_string();
    line["root"] = "AAAA".into();
    for (text, expected) in [
        (note.clone(), vec![]),
        (bare.clone(), vec![]),
        // A line that was being written when the power went.
        (format!("{bare}\n{{\"tena"), vec![]),
        (format!("{line}\n"), vec!["checkpoint_refused"]),
        (format!("nonsense\n{bare}\n"), vec!["checkpoint_refused"]),
        (
            note.replacen("\n1\n", "\n2\n", 1).replace('\n', "\\n"),
            vec!["checkpoint_refused"],
        ),
    ] {
        let saved = verify::read_saved("file", &text).unwrap();
        assert_eq!(codes(&log.verify_with(saved).await), expected, "{text}");
    }
    assert!(verify::read_saved("file", "").is_err());
    // A signature is checked before the root is believed.
    let forged = note.replacen("dropped 0", "dropped 4096", 1);
    let saved = verify::read_saved("file", &forged).unwrap();
    let report = log.verify_with(saved).await;
    assert_eq!(codes(&report), ["checkpoint_refused"]);
}
