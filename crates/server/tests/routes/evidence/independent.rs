//! Roots and proofs are recomputed by a program that shares no code with the server.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use keyward::cli::log::export;
use keyward::evidence::prove::{self, ProveRefusal};
use policy::model::RecordId;
use serde_json::Value;
use store::evidence::Log;

use super::{Chronicle, codes};

/// Somewhere to write to that can be read afterwards.
#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub async fn exported(log: &Chronicle) -> String {
    let out = Buffer::default();
    let (store, tenant) = (&log.world.app.store, log.tenant());
    export::of_tenant(store, tenant, Box::new(out.clone()))
        .await
        .unwrap();
    let bytes = out.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

/// What the Python program says; `Err` with its complaint if it does not agree.
pub fn check(lines: &str) -> Result<Vec<Value>, String> {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/evidence_check.py");
    let mut python = Command::new("python3")
        .arg(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = python.stdin.take().unwrap();
    let lines = lines.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = python.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    if output.status.success() {
        Ok(serde_json::from_slice(&output.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// The ids of records in an export, by log.
pub fn ids(export: &str, log: Log) -> Vec<RecordId> {
    let lines = export
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    lines
        .filter(|line: &Value| line["kind"] == "record" && line["log"] == log.as_str())
        .map(|line| line["record"]["id"].as_str().unwrap().parse().unwrap())
        .collect()
}

#[tokio::test]
async fn roots_and_proofs_are_recomputed_by_somebody_else() {
    let mut log = Chronicle::begin().await;
    log.audits(6).await;
    log.sign_ins(130).await;
    log.fold().await;
    log.sign_ins(7).await;
    log.fold().await;
    let mut lines = exported(&log).await;
    for (log_name, position) in [(Log::Audit, 3), (Log::SignIns, 0), (Log::SignIns, 136)] {
        let id = ids(&lines, log_name)[position];
        let proof = prove::prove(&log.world.app.store, id).await.unwrap();
        lines.push_str(&serde_json::to_string(&proof).unwrap());
        lines.push('\n');
    }
    let found = check(&lines).unwrap();
    let report = log.verify().await;
    assert_eq!(codes(&report), [""; 0]);
    assert_eq!(found.len(), 5);
    for (recomputed, own) in found.iter().zip(&report.logs) {
        let head = own.head.as_ref().unwrap();
        let root = serde_json::to_value(checkpoint_root(head)).unwrap();
        assert_eq!(
            (&recomputed["root"], recomputed["size"].as_u64()),
            (&root, Some(head.size))
        );
    }
}

fn checkpoint_root(head: &keyward::evidence::checkpoint::Checkpoint) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(head.root)
}

/// The other program is no rubber stamp: a changed value, a changed hash and a missing line are noticed.
#[tokio::test]
async fn the_other_program_notices_changes_too() {
    let mut log = Chronicle::begin().await;
    log.sign_ins(9).await;
    log.fold().await;
    let lines = exported(&log).await;
    let id = ids(&lines, Log::SignIns)[4];
    let proof = prove::prove(&log.world.app.store, id).await.unwrap();
    let proof = serde_json::to_string(&proof).unwrap();
    assert!(check(&lines).is_ok() && check(&proof).is_ok());
    assert!(check(&lines.replace("192.0.2.7", "192.0.2.8")).is_err());
    assert!(check(&lines.replace("bad_signature", "bad_signaturE")).is_err());
    let (first, _) = lines.rsplit_once("{\"kind\":\"record\"").unwrap();
    assert!(check(first).is_err());
    assert!(check(&proof.replace("\"index\":4", "\"index\":5")).is_err());
    assert!(check(&proof.replace("192.0.2.7", "192.0.2.8")).is_err());
}

#[tokio::test]
async fn what_cannot_be_proved_is_said() {
    let mut log = Chronicle::begin().await;
    log.fold().await;
    log.sign_ins(1).await;
    let store = &log.world.app.store;
    let record = log.world.sign_ins().await[0].id;
    let refused = prove::prove(store, record).await;
    assert!(
        matches!(refused, Err(ProveRefusal::NotInTree)),
        "{refused:?}"
    );
    let unknown = prove::prove(store, RecordId::from_bytes([1; 16])).await;
    assert!(matches!(unknown, Err(ProveRefusal::NoSuchRecord)));
    log.fold().await;
    let store = &log.world.app.store;
    prove::prove(store, record).await.unwrap();
    log.database()
        .execute("UPDATE sign_ins SET ip_address = '192.0.2.9'", [])
        .unwrap();
    let damaged = prove::prove(store, record).await;
    assert!(matches!(damaged, Err(ProveRefusal::Damaged)));
}
