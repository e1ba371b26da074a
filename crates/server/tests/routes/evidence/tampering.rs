//! Whatever is done to the stored log is found.

use super::backdoor::{Backdoor, Kind, Value};
use super::{Chronicle, Place, codes};

/// Everything that evidence rests on. `evidence_shards` is empty on SQLite, and on PostgreSQL the contract of the store looks at it.
const TABLES: [&str; 8] = [
    "audit",
    "sign_ins",
    "evidence_trees",
    "evidence_tiles",
    "evidence_ranges",
    "evidence_folds",
    "evidence_checkpoints",
    "evidence_keys",
];

/// A log with two keys, two checkpoints of each tree, and records that are not in the tree yet.
async fn furnished(place: Place) -> Chronicle {
    let mut log = Chronicle::begin_on(place).await;
    log.sign_ins(70).await;
    log.audits(3).await;
    log.publish().await;
    log.world.wait(91 * 86_400);
    log.sign_ins(3).await;
    log.audits(2).await;
    log.publish().await;
    log.world.wait(1);
    log.sign_ins(2).await;
    log.audits(1).await;
    assert_eq!(codes(&log.verify().await), [""; 0]);
    log
}

struct Cell {
    table: &'static str,
    column: String,
    kind: Kind,
    key: Vec<(String, Value)>,
    value: Value,
}

/// Every column of the first, the last and a few rows between.
async fn cells(database: &Backdoor, table: &'static str) -> Vec<Cell> {
    let columns = database.columns(table).await;
    let rows = database.rows(table, &columns).await;
    let mut chosen = vec![0, rows.len() / 2, rows.len() - 1];
    chosen.dedup();
    let mut cells = Vec::new();
    for row in chosen.into_iter().map(|at| &rows[at]) {
        let values = || columns.iter().zip(row);
        let key: Vec<_> = values()
            .filter(|(column, _)| column.is_key)
            .map(|(column, value)| (column.name.clone(), value.clone()))
            .collect();
        cells.extend(values().map(|(column, value)| Cell {
            table,
            column: column.name.clone(),
            kind: column.kind,
            key: key.clone(),
            value: value.clone(),
        }));
    }
    cells
}

/// The value with one bit changed; something where there was nothing.
fn changed(cell: &Cell, at: usize) -> Value {
    let flip = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        let at = at % bytes.len().max(1);
        match bytes.get_mut(at) {
            Some(byte) => *byte ^= 1,
            None => bytes.push(b'x'),
        }
        bytes
    };
    match (&cell.value, cell.kind) {
        (Value::Null, Kind::Int) => Value::Int(7),
        (Value::Null, Kind::Text) => Value::Text("x".to_owned()),
        (Value::Null, Kind::Blob) => Value::Blob(vec![7; 16]),
        (Value::Int(number), _) => Value::Int(number ^ 1),
        (Value::Text(text), _) => {
            Value::Text(String::from_utf8_lossy(&flip(text.as_bytes())).into())
        }
        (Value::Blob(bytes), _) => Value::Blob(flip(bytes)),
    }
}

impl Cell {
    /// Puts `value` there; false where the schema itself refuses it.
    async fn set(&self, database: &Backdoor, from: &Value, to: &Value) -> bool {
        // A column of the key is found by what it holds now.
        let condition = self.key.iter().map(|(name, value)| {
            let held = if *name == self.column { from } else { value };
            format!("{name} = {}", database.literal(held))
        });
        let condition: Vec<_> = condition.collect();
        let sql = format!(
            "UPDATE {} SET {} = {} WHERE {}",
            self.table,
            self.column,
            database.literal(to),
            condition.join(" AND ")
        );
        let Ok(changed) = database.run(&sql).await else {
            return false;
        };
        assert_eq!(changed, 1, "{}.{}", self.table, self.column);
        true
    }
}

async fn one_changed_bit_is_found(place: Place) {
    let log = furnished(place).await;
    let database = log.backdoor().await;
    let (mut tried, mut refused) = (0, 0);
    for table in TABLES {
        for cell in cells(&database, table).await {
            for at in [11 + tried * 7, usize::MAX] {
                let other = changed(&cell, at);
                if !cell.set(&database, &cell.value, &other).await {
                    refused += 1;
                    continue;
                }
                let report = log.verify().await;
                assert!(cell.set(&database, &other, &cell.value).await);
                assert!(
                    report.findings.total() > 0,
                    "{}.{} {:?} -> {other:?} was not found",
                    cell.table,
                    cell.column,
                    cell.value
                );
                tried += 1;
            }
        }
    }
    assert!(tried > 400 && refused < tried / 10, "{tried}, {refused}");
    assert_eq!(codes(&log.verify().await), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_changed_bit_anywhere_is_found() {
    one_changed_bit_is_found(Place::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_changed_bit_anywhere_is_found_on_postgres() {
    one_changed_bit_is_found(Place::Postgres).await;
}

/// The newest sign-in record, or the one before it: neither is in the tree yet. PostgreSQL numbers the records of each connection
/// apart, so a number alone names none of the few.
const NEWEST: &str = "(shard, number) = (SELECT shard, max(number) FROM sign_ins
    WHERE happened = (SELECT max(happened) FROM sign_ins) GROUP BY shard)";
const NEWEST_BUT_ONE: &str = "(shard, number) = (SELECT shard, max(number) - 1 FROM sign_ins
    WHERE happened = (SELECT max(happened) FROM sign_ins) GROUP BY shard)";

/// What an attacker does to whole records, and what it is called.
async fn whole_records(place: Place) {
    for (tamper, code) in [
        ("DELETE FROM sign_ins WHERE number = 7", "record_missing"),
        ("DELETE FROM sign_ins WHERE {NEWEST_BUT_ONE}", "shard_gap"),
        ("DELETE FROM audit WHERE number <= 2", "record_missing"),
        (
            "UPDATE sign_ins SET number = CASE number WHEN 5 THEN -6 ELSE -5 END
                WHERE number IN (5, 6);
             UPDATE sign_ins SET number = -number WHERE number < 0",
            "record_changed",
        ),
        (
            "UPDATE sign_ins SET user_agent = (SELECT max(user_agent) || 'x' FROM sign_ins
                WHERE number = 6) WHERE number = 5",
            "record_changed",
        ),
        (
            "UPDATE sign_ins SET number = 0 WHERE {NEWEST}",
            "record_added",
        ),
        ("UPDATE sign_ins SET shard = 5 WHERE {NEWEST}", "shard_gap"),
        (
            "UPDATE sign_ins SET number = 9000000000000000000 WHERE {NEWEST}",
            "shard_gap",
        ),
        (
            "UPDATE audit SET number = NULL WHERE happened = (SELECT max(happened) FROM audit)",
            "record_added",
        ),
        (
            "DELETE FROM evidence_ranges WHERE log = 'audit'",
            "range_wrong",
        ),
        (
            "UPDATE evidence_ranges SET count = 9000000000000000000",
            "range_wrong",
        ),
        ("DELETE FROM evidence_tiles WHERE level = 1", "tile_missing"),
        (
            "UPDATE evidence_tiles SET hashes = {ZEROS 2048}
                WHERE log = 'sign-ins' AND level = 0 AND place = 0",
            "tile_changed",
        ),
        (
            "UPDATE evidence_tiles SET hashes = {ZEROS 320}
                WHERE log = 'sign-ins' AND level = 0 AND place = 1",
            "tile_changed",
        ),
        (
            "UPDATE evidence_tiles SET hashes = {ZEROS length(hashes)}
                WHERE log = 'audit' AND level = 0",
            "root_mismatch",
        ),
        (
            "UPDATE evidence_tiles SET hashes = {ZEROS 1} WHERE log = 'audit'",
            "value_unreadable",
        ),
        (
            "UPDATE evidence_trees SET size = size + 1 WHERE log = 'audit'",
            "head_mismatch",
        ),
        (
            "UPDATE evidence_trees SET head = replace(head, '— keyward', '— keyworn')",
            "head_refused",
        ),
        (
            "UPDATE evidence_checkpoints SET made = made + 1 WHERE log = 'audit'",
            "checkpoint_mismatch",
        ),
        (
            "UPDATE evidence_checkpoints SET note = replace(note, '— keyward', '— keyworn')",
            "checkpoint_refused",
        ),
        (
            "UPDATE evidence_checkpoints SET log = 'others'",
            "value_unreadable",
        ),
        (
            "UPDATE sign_ins SET leaf = {ZEROS 32} WHERE number = 3",
            "record_changed",
        ),
        (
            "UPDATE sign_ins SET leaf = {ZEROS 32} WHERE {NEWEST}",
            "record_changed",
        ),
        (
            "DELETE FROM evidence_trees WHERE log = 'audit'",
            "head_missing",
        ),
        ("DELETE FROM evidence_keys WHERE number = 2", "head_refused"),
        ("DELETE FROM evidence_keys WHERE number = 1", "key_chain"),
        (
            "UPDATE evidence_keys SET wrapped = (SELECT wrapped FROM evidence_keys
                WHERE number = 2) WHERE number = 1",
            "key_private",
        ),
    ] {
        let log = furnished(place).await;
        let database = log.backdoor().await;
        let tamper = tamper
            .replace("{NEWEST}", NEWEST)
            .replace("{NEWEST_BUT_ONE}", NEWEST_BUT_ONE);
        for statement in tamper.split(';') {
            let done = database.run(statement).await;
            assert!(done.unwrap() > 0, "{statement}");
        }
        let found = codes(&log.verify().await);
        assert!(found.contains(&code), "{tamper}: {found:?}");
    }
}

#[tokio::test]
async fn records_that_were_removed_added_or_moved_are_found() {
    whole_records(Place::Sqlite).await;
}

#[tokio::test]
async fn records_that_were_removed_added_or_moved_are_found_on_postgres() {
    whole_records(Place::Postgres).await;
}
