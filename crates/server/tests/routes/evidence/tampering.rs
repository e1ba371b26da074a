//! Whatever is done to the stored log is found.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::{Chronicle, codes};

/// Everything that evidence rests on. `evidence_shards` is empty on SQLite; the contract of the store looks at it.
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
async fn furnished() -> Chronicle {
    let mut log = Chronicle::begin().await;
    log.sign_ins(70).await;
    log.audits(3).await;
    log.publish().await;
    log.world.wait(91 * 86_400);
    log.sign_ins(3).await;
    log.audits(2).await;
    log.publish().await;
    log.sign_ins(2).await;
    log.audits(1).await;
    assert_eq!(codes(&log.verify().await), [""; 0]);
    log
}

struct Cell {
    table: &'static str,
    column: String,
    key: Vec<(String, Value)>,
    value: Value,
}

/// Every column of the first, the last and a few rows between.
fn cells(database: &Connection, table: &'static str) -> Vec<Cell> {
    let mut info = database
        .prepare(&format!(
            "SELECT name, pk FROM pragma_table_info('{table}')"
        ))
        .unwrap();
    let columns: Vec<(String, i64)> = info
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let names: Vec<_> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let mut rows = database
        .prepare(&format!("SELECT {} FROM {table}", names.join(", ")))
        .unwrap();
    let rows: Vec<Vec<Value>> = rows
        .query_map([], |row| (0..columns.len()).map(|at| row.get(at)).collect())
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let mut chosen = vec![0, rows.len() / 2, rows.len() - 1];
    chosen.dedup();
    let mut cells = Vec::new();
    for row in chosen.into_iter().map(|at| &rows[at]) {
        let values = || columns.iter().zip(row);
        let key: Vec<_> = values()
            .filter(|((_, pk), _)| *pk > 0)
            .map(|((name, _), value)| (name.clone(), value.clone()))
            .collect();
        cells.extend(values().map(|((column, _), value)| Cell {
            table,
            column: column.clone(),
            key: key.clone(),
            value: value.clone(),
        }));
    }
    cells
}

/// The value with one bit changed; something where there was nothing.
fn changed(value: &Value, at: usize) -> Value {
    let flip = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        let at = at % bytes.len().max(1);
        match bytes.get_mut(at) {
            Some(byte) => *byte ^= 1,
            None => bytes.push(b'x'),
        }
        bytes
    };
    match value {
        Value::Null => Value::Blob(vec![7; 16]),
        Value::Integer(number) => Value::Integer(number ^ 1),
        Value::Text(text) => Value::Text(String::from_utf8_lossy(&flip(text.as_bytes())).into()),
        Value::Blob(bytes) => Value::Blob(flip(bytes)),
        Value::Real(_) => Value::Null,
    }
}

impl Cell {
    /// Puts `value` there; false where the schema itself refuses it.
    fn set(&self, database: &Connection, from: &Value, to: &Value) -> bool {
        // A column of the key is found by what it holds now.
        let key: Vec<_> = self
            .key
            .iter()
            .map(|(name, value)| if *name == self.column { from } else { value })
            .collect();
        let condition: Vec<_> = (2..)
            .zip(&self.key)
            .map(|(number, (name, _))| format!("{name} = ?{number}"))
            .collect();
        let sql = format!(
            "UPDATE {} SET {} = ?1 WHERE {}",
            self.table,
            self.column,
            condition.join(" AND ")
        );
        let values = std::iter::once(to).chain(key);
        let Ok(changed) = database.execute(&sql, params_from_iter(values)) else {
            return false;
        };
        assert_eq!(changed, 1, "{}.{}", self.table, self.column);
        true
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_changed_bit_anywhere_is_found() {
    let log = furnished().await;
    let database = log.database();
    let (mut tried, mut refused) = (0, 0);
    for cell in TABLES.iter().flat_map(|table| cells(&database, table)) {
        for at in [11 + tried * 7, usize::MAX] {
            let other = changed(&cell.value, at);
            if !cell.set(&database, &cell.value, &other) {
                refused += 1;
                continue;
            }
            let report = log.verify().await;
            assert!(cell.set(&database, &other, &cell.value));
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
    assert!(tried > 400 && refused < tried / 10, "{tried}, {refused}");
    assert_eq!(codes(&log.verify().await), [""; 0]);
}

/// What an attacker does to whole records, and what it is called.
#[tokio::test]
async fn records_that_were_removed_added_or_moved_are_found() {
    for (tamper, code) in [
        ("DELETE FROM sign_ins WHERE number = 7", "record_missing"),
        ("DELETE FROM sign_ins WHERE number = 74", "shard_gap"),
        ("DELETE FROM audit WHERE number <= 2", "record_missing"),
        (
            "UPDATE sign_ins SET number = CASE number WHEN 5 THEN -6 ELSE -5 END
                WHERE number IN (5, 6);
             UPDATE sign_ins SET number = -number WHERE number < 0",
            "record_changed",
        ),
        (
            "UPDATE sign_ins SET user_agent = (SELECT user_agent || 'x' FROM sign_ins
                WHERE number = 6) WHERE number = 5",
            "record_changed",
        ),
        (
            "UPDATE sign_ins SET number = 0 WHERE number = 75",
            "record_added",
        ),
        (
            "UPDATE sign_ins SET shard = 5 WHERE number = 75",
            "shard_gap",
        ),
        (
            "UPDATE sign_ins SET number = 9000000000000000000 WHERE number = 75",
            "shard_gap",
        ),
        (
            "UPDATE audit SET number = NULL WHERE number = 7",
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
            "UPDATE evidence_tiles SET hashes = zeroblob(2048)
                WHERE log = 'sign-ins' AND level = 0 AND place = 0",
            "tile_changed",
        ),
        (
            "UPDATE evidence_tiles SET hashes = zeroblob(320)
                WHERE log = 'sign-ins' AND level = 0 AND place = 1",
            "tile_changed",
        ),
        (
            "UPDATE evidence_tiles SET hashes = zeroblob(length(hashes))
                WHERE log = 'audit' AND level = 0",
            "root_mismatch",
        ),
        (
            "UPDATE evidence_tiles SET hashes = x'00' WHERE log = 'audit'",
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
            "UPDATE sign_ins SET leaf = zeroblob(32) WHERE number = 3",
            "record_changed",
        ),
        (
            "UPDATE sign_ins SET leaf = zeroblob(32) WHERE number = 75",
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
        let log = furnished().await;
        log.database().execute_batch(tamper).unwrap();
        let found = codes(&log.verify().await);
        assert!(found.contains(&code), "{tamper}: {found:?}");
    }
}
