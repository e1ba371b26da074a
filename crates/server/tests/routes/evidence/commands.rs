//! `keyward log …` as an operator runs it.

use std::process::{Command, Output};

use serde_json::Value;

use super::Chronicle;
use super::independent::check;

fn keyward(log: &Chronicle, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyward"));
    command.arg("log").args(arguments);
    command.arg("--data").arg(&log.world.app.config.data);
    command.output().unwrap()
}

fn told(output: &Output) -> String {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(output.status.success(), "{text} {output:?}");
    text
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn verify_answers_with_exit_code_and_one_clear_line() {
    let mut log = Chronicle::begin().await;
    log.sign_ins(3).await;
    log.publish().await;
    let text = told(&keyward(&log, &["verify"]));
    assert!(
        text.contains("the evidence log verifies (2 checkpoints from outside"),
        "{text}"
    );
    assert!(text.contains("3 records verified of 3"), "{text}");
    let folder = &log.world.app.config.data;
    let (kept, nonsense) = (folder.join("kept.jsonl"), folder.join("nonsense"));
    std::fs::write(&kept, told(&keyward(&log, &["checkpoint"]))).unwrap();
    std::fs::write(&nonsense, "").unwrap();
    let from = |file: &std::path::Path| {
        let file = file.to_str().unwrap().to_owned();
        keyward(&log, &["verify", "--json", "--from", &file])
    };
    let answer = json(&from(&kept));
    assert_eq!(
        (answer["ok"].as_bool(), answer["savedCheckpoints"].as_u64()),
        (Some(true), Some(4))
    );
    let refused = from(&nonsense);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("holds no checkpoint"));
    log.database()
        .execute("UPDATE sign_ins SET error_code = 0 WHERE number = 2", [])
        .unwrap();
    let refused = keyward(&log, &["verify"]);
    assert_eq!(refused.status.code(), Some(1));
    let line = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(
        line,
        "keyward: the evidence log does not verify: 1 findings, the first is record_changed\n"
    );
    let answer = json(&keyward(&log, &["verify", "--json"]));
    assert_eq!(answer["findings"][0]["code"], "record_changed");
    assert_eq!(
        keyward(&log, &["verify", "--frm", "x"]).status.code(),
        Some(2)
    );
}

#[tokio::test]
async fn checkpoints_proofs_and_exports_are_for_others() {
    let mut log = Chronicle::begin().await;
    log.sign_ins(3).await;
    log.fold().await;
    let note = told(&keyward(&log, &["checkpoint", "--log", "sign-ins"]));
    assert!(
        note.starts_with("keyward/") && note.contains("/sign-ins\n3\n"),
        "{note}"
    );
    let heads = json(&keyward(&log, &["checkpoint", "--json"]));
    assert_eq!(heads[1]["note"], note);
    let id = log.world.sign_ins().await[1].id.to_string();
    let proof = told(&keyward(&log, &["prove", &id]));
    let export = told(&keyward(&log, &["export"]));
    assert_eq!(check(&format!("{export}{proof}")).unwrap().len(), 3);
    let unknown = keyward(&log, &["prove", "00000000-0000-7000-8000-000000000000"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert_eq!(keyward(&log, &["prove", "x"]).status.code(), Some(2));
}

#[tokio::test]
async fn a_person_is_exported_and_erased_by_name_or_id() {
    let mut log = Chronicle::begin().await;
    log.sign_ins(2).await;
    log.fold().await;
    let of = |name: &str| keyward(&log, &["export", "--user", name]);
    assert_eq!(
        json(&of("ADA@localhost"))["signIns"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(of("nobody@localhost").status.code(), Some(1));
    let id = log.user.id.to_string();
    let answer = json(&keyward(
        &log,
        &["erase", "--user", "ada@localhost", "--json"],
    ));
    assert_eq!(
        (answer["userId"].as_str(), answer["signIns"].as_u64()),
        (Some(id.as_str()), Some(2))
    );
    let left = json(&of(&id));
    assert_eq!(left["signIns"][0]["ipAddress"], "");
    assert!(told(&keyward(&log, &["erase", "--user", &id])).contains("erased"));
    log.fold().await;
    told(&keyward(&log, &["verify"]));
}

#[tokio::test]
async fn retention_is_set_shown_and_audited() {
    let mut log = Chronicle::begin().await;
    let shown = told(&keyward(&log, &["retention"]));
    assert_eq!(shown, "audit: kept for ever\nsign-ins: kept for ever\n");
    let set = keyward(&log, &["retention", "--sign-ins", "365", "--json"]);
    assert_eq!(json(&set)["signInDays"], 365);
    told(&keyward(&log, &["retention", "--sign-ins", "365"]));
    let shown = told(&keyward(
        &log,
        &["retention", "--audit", "3650", "--sign-ins", "forever"],
    ));
    assert_eq!(shown, "audit: kept 3650 days\nsign-ins: kept for ever\n");
    for bad in ["0", "-1", "soon"] {
        let refused = keyward(&log, &["retention", "--audit", bad]);
        assert_eq!(refused.status.code(), Some(2), "{bad}");
    }
    let changes: i64 = log
        .database()
        .query_row(
            "SELECT count(*) FROM audit WHERE activity = 'Update log retention'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(changes, 2);
    log.fold().await;
    told(&keyward(&log, &["verify"]));
}
