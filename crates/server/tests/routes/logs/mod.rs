//! Log streams: every record once, in order, wherever it goes, whatever breaks on the way.

mod syslog;

use std::path::PathBuf;

use axum::http::StatusCode;
use keyward::evidence::sequencer::Sequencer;
use keyward::logs::Worker;
use policy::model::{PassUse, User};
use serde_json::{Value, json};

use crate::notices::file_of;
use crate::signals::Receiver;
use crate::world::{TestApp, authenticator};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NAME: &str = "ada@localhost";
const OTHER: &str = "ben@localhost";

/// A server with one stream, configured by the lines of its table.
pub async fn with_stream(lines: &str) -> TestApp {
    let text = format!("[[log-streams]]\nname = \"siem\"\n{lines}\n");
    TestApp::with(|settings| {
        file_of(settings, "secret", SECRET);
        let folder = settings.data.as_ref().unwrap().display().to_string();
        file_of(settings, "keyward.toml", &text.replace("DATA", &folder));
    })
    .await
}

pub fn worker(world: &TestApp) -> Worker {
    Worker::new(&world.app, world.app.config.log_streams[0].clone()).unwrap()
}

/// Reads what was written into the tree.
pub async fn fold(world: &TestApp) {
    let mut sequencer = Sequencer::of(&world.app);
    sequencer.fold().await.unwrap();
    sequencer.leave().await.unwrap();
}

async fn user(world: &TestApp) -> User {
    let tenant = world.app.tenants.default().id;
    let found = world
        .write(move |tx| Box::pin(store::users::find_by_name(tx, tenant, NAME)))
        .await;
    match found {
        Some(user) => user,
        None => world.user(NAME).await,
    }
}

/// Some records of both logs.
pub async fn records(world: &TestApp) {
    let user = user(world).await;
    world.pass(&user, PassUse::Many).await;
    for _ in 0..2 {
        world.browser().sign_in_with_pass(NAME, "wrong-pass").await;
    }
    fold(world).await;
}

fn lines(world: &TestApp) -> Vec<Value> {
    let file: PathBuf = world.app.config.data.join("records.jsonl");
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The positions of the lines of one kind.
fn positions(lines: &[Value], kind: &str) -> Vec<u64> {
    let of = lines.iter().filter(|line| line["type"] == kind);
    of.map(|line| line["position"].as_u64().unwrap()).collect()
}

fn counted(count: usize) -> Vec<u64> {
    (0..).take(count).collect()
}

#[tokio::test]
async fn every_record_is_written_once_and_in_order_across_a_restart() {
    let world = with_stream("kind = \"file\"\npath = \"DATA/records.jsonl\"").await;
    records(&world).await;
    let mut first = worker(&world);
    let sent = first.round().await.unwrap();
    let before = lines(&world);
    assert_eq!(before.len(), sent);
    let audits = positions(&before, "audit").len();
    let sign_ins = positions(&before, "signIn").len();
    assert!(audits > 0 && sign_ins > 1, "{before:?}");
    assert_eq!(positions(&before, "audit"), counted(audits));
    assert_eq!(positions(&before, "signIn"), counted(sign_ins));
    assert_eq!(first.round().await.unwrap(), 0);
    drop(first);
    let world = world.restart().await;
    world.wait(31);
    records(&world).await;
    worker(&world).round().await.unwrap();
    let after = lines(&world);
    assert!(after.len() > before.len());
    let all = positions(&after, "signIn");
    assert_eq!(
        all,
        counted(all.len()),
        "from where it was, without a gap or a repetition"
    );
}

#[tokio::test]
async fn a_redacted_stream_names_nobody() {
    let table = "kind = \"file\"\npath = \"DATA/records.jsonl\"\nredact = true";
    let world = with_stream(table).await;
    world.user_with_passkey(OTHER, &mut authenticator()).await;
    records(&world).await;
    worker(&world).round().await.unwrap();
    let lines = lines(&world);
    let text = Value::from(lines.clone()).to_string();
    for personal in [NAME, OTHER, "127.0.0.1", "\"test\""] {
        assert!(!text.contains(personal), "{personal} is in {text}");
    }
    let failed = lines
        .iter()
        .find(|line| line["type"] == "signIn" && line["record"]["status"]["errorCode"] != json!(0));
    let failed = failed.unwrap();
    assert_ne!(failed["record"]["status"]["failureCode"], "");
    let world = with_stream(&table.replace("true", "false")).await;
    world.user_with_passkey(OTHER, &mut authenticator()).await;
    records(&world).await;
    worker(&world).round().await.unwrap();
    let (audits, sign_ins): (Vec<_>, Vec<_>) = self::lines(&world)
        .into_iter()
        .partition(|line| line["type"] == "audit");
    assert!(Value::from(audits).to_string().contains(OTHER));
    let text = Value::from(sign_ins).to_string();
    assert!(text.contains(NAME) && text.contains("127.0.0.1"));
}

#[tokio::test]
async fn checkpoints_are_sent_and_only_what_was_asked_for() {
    let table = "kind = \"file\"\npath = \"DATA/records.jsonl\"\nrecords = [\"checkpoints\"]";
    let world = with_stream(table).await;
    records(&world).await;
    Sequencer::of(&world.app).publish(true).await.unwrap();
    let mut worker = worker(&world);
    worker.round().await.unwrap();
    worker.round().await.unwrap();
    let lines = lines(&world);
    assert_eq!(lines.len(), 2, "one of each log, once: {lines:?}");
    assert!(lines.iter().all(|line| line["type"] == "checkpoint"));
    assert!(
        lines[0]["record"]["note"]
            .as_str()
            .unwrap()
            .starts_with("keyward/")
    );
}

#[tokio::test]
async fn a_webhook_that_fails_gets_the_same_batch_again() {
    let (receiver, address) = Receiver::start().await;
    let table = format!(
        "kind = \"webhook\"\nurl = \"http://{address}/events\"\nsecret-file = \"DATA/secret\"\nrecords = [\"sign-ins\"]"
    );
    let world = with_stream(&table).await;
    records(&world).await;
    let mut worker = worker(&world);
    receiver.answer(StatusCode::SERVICE_UNAVAILABLE, "");
    assert!(worker.round().await.is_err());
    let sent = worker.round().await.unwrap();
    let posts = receiver.posts.lock().unwrap().clone();
    let [(first, one), (second, two)]: [_; 2] = posts.try_into().unwrap();
    assert_eq!(first["webhook-id"], second["webhook-id"]);
    assert_eq!(one, two);
    let body: Value = serde_json::from_str(&two).unwrap();
    assert_eq!(body["records"].as_array().unwrap().len(), sent);
    let id = second["webhook-id"].to_str().unwrap();
    let secrets = match &world.app.config.log_streams[0].target {
        keyward::config::LogTarget::Webhook { secrets, .. } => secrets.clone(),
        other => panic!("{other:?}"),
    };
    let now = world.app.clock.now();
    let expected = keyward::notify::signature(&secrets, id, now, two.as_bytes());
    assert_eq!(second["webhook-signature"], expected.as_str());
}

#[tokio::test]
async fn a_collector_gets_opentelemetry_logs_and_may_not_reject_some() {
    let (receiver, address) = Receiver::start().await;
    let table =
        format!("kind = \"otlp\"\nurl = \"http://{address}/events\"\nrecords = [\"sign-ins\"]");
    let world = with_stream(&table).await;
    records(&world).await;
    let mut worker = worker(&world);
    let rejected = r#"{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"no"}}"#;
    receiver.answer(StatusCode::OK, rejected);
    assert!(worker.round().await.is_err());
    receiver.answer(StatusCode::OK, r#"{"partialSuccess":{}}"#);
    worker.round().await.unwrap();
    let (_, text) = receiver.posts.lock().unwrap().pop().unwrap();
    let body: Value = serde_json::from_str(&text).unwrap();
    let records = body
        .pointer("/resourceLogs/0/scopeLogs/0/logRecords")
        .unwrap();
    let mut record = records[0].clone();
    assert_eq!(record["timeUnixNano"], "1796126400000000000");
    record["body"] = "…".into();
    record["attributes"][1]["value"]["stringValue"] = "…".into();
    record["attributes"][2]["value"]["stringValue"] = "…".into();
    insta::assert_json_snapshot!(record, @r#"
    {
      "attributes": [
        {
          "key": "keyward.type",
          "value": {
            "stringValue": "signIn"
          }
        },
        {
          "key": "keyward.tenant.id",
          "value": {
            "stringValue": "…"
          }
        },
        {
          "key": "keyward.record.id",
          "value": {
            "stringValue": "…"
          }
        },
        {
          "key": "keyward.position",
          "value": {
            "intValue": "0"
          }
        }
      ],
      "body": "…",
      "eventName": "keyward.signIn",
      "observedTimeUnixNano": "1796126400000000000",
      "severityNumber": 13,
      "severityText": "WARN",
      "timeUnixNano": "1796126400000000000"
    }
    "#);
}

#[tokio::test]
async fn one_node_at_a_time_sends_a_stream() {
    let world = with_stream("kind = \"file\"\npath = \"DATA/records.jsonl\"").await;
    records(&world).await;
    let (mut one, mut other) = (worker(&world), worker(&world));
    assert!(one.round().await.unwrap() > 0);
    records(&world).await;
    let before = lines(&world).len();
    assert_eq!(other.round().await.unwrap(), 0, "it is not its turn");
    assert_eq!(lines(&world).len(), before, "nothing was sent either");
    world.wait(31);
    assert!(other.round().await.unwrap() > 0);
    records(&world).await;
    assert_eq!(one.round().await.unwrap(), 0);
}
