//! Forward-only migrations: numbered texts, each recorded with its name and SHA-256.
//!
//! SQLite's lock is the database itself (`BEGIN IMMEDIATE`); PostgreSQL's is one row of `leases`,
//! held by the transaction that migrates and so released by the server if this process dies.

use crate::dialect::Dialect;
use crate::kek::{Kek, same};
use crate::{StoreError, postgres};
use aws_lc_rs::digest::{SHA256, digest};
use rusqlite::OptionalExtension as _;

/// Every migration in order. A text that was released never changes.
const MIGRATIONS: &[(&str, &str)] = &[
    ("0001_house", include_str!("../migrations/0001_house.sql")),
    (
        "0002_policies",
        include_str!("../migrations/0002_policies.sql"),
    ),
    (
        "0003_evidence",
        include_str!("../migrations/0003_evidence.sql"),
    ),
    (
        "0004_notices",
        include_str!("../migrations/0004_notices.sql"),
    ),
    ("0005_signin", include_str!("../migrations/0005_signin.sql")),
    (
        "0006_lifecycle",
        include_str!("../migrations/0006_lifecycle.sql"),
    ),
    (
        "0007_campaigns",
        include_str!("../migrations/0007_campaigns.sql"),
    ),
    (
        "0009_assurance",
        include_str!("../migrations/0009_assurance.sql"),
    ),
    ("0010_ended", include_str!("../migrations/0010_ended.sql")),
    (
        "0013_clients",
        include_str!("../migrations/0013_clients.sql"),
    ),
    (
        "0014_signals",
        include_str!("../migrations/0014_signals.sql"),
    ),
    (
        "0015_log_streams",
        include_str!("../migrations/0015_log_streams.sql"),
    ),
    (
        "0012_log_indexes",
        include_str!("../migrations/0012_log_indexes.sql"),
    ),
    (
        "0020_proofs_valid_from",
        include_str!("../migrations/0020_proofs_valid_from.sql"),
    ),
    (
        "0016_consents",
        include_str!("../migrations/0016_consents.sql"),
    ),
    (
        "0017_logouts",
        include_str!("../migrations/0017_logouts.sql"),
    ),
    (
        "0018_registrars",
        include_str!("../migrations/0018_registrars.sql"),
    ),
    (
        "0019_activation",
        include_str!("../migrations/0019_activation.sql"),
    ),
    (
        "0011_provisioned",
        include_str!("../migrations/0011_provisioned.sql"),
    ),
    (
        "0022_proof_keys",
        include_str!("../migrations/0022_proof_keys.sql"),
    ),
    (
        "0023_per_user_mfa",
        include_str!("../migrations/0023_per_user_mfa.sql"),
    ),
    (
        "0021_approvals",
        include_str!("../migrations/0021_approvals.sql"),
    ),
    (
        "0024_key_stores",
        include_str!("../migrations/0024_key_stores.sql"),
    ),
    (
        "0025_feedback",
        include_str!("../migrations/0025_feedback.sql"),
    ),
];

const BOOK: &str = "CREATE TABLE IF NOT EXISTS migrations (
    number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, sha256 {BLOB} NOT NULL);
  CREATE TABLE IF NOT EXISTS leases (name TEXT NOT NULL PRIMARY KEY, epoch BIGINT NOT NULL);
  CREATE TABLE IF NOT EXISTS key_check (
    only_row BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1), fingerprint {BLOB} NOT NULL);
  INSERT INTO leases (name, epoch) VALUES ('migrate', 0) ON CONFLICT DO NOTHING;";

/// Brings an SQLite database to this version.
pub fn sqlite(connection: &mut rusqlite::Connection, kek: &Kek) -> Result<(), StoreError> {
    let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    tx.execute_batch(&Dialect::Sqlite.schema(BOOK))?;
    let done = {
        let mut book = tx.prepare("SELECT name, sha256 FROM migrations ORDER BY number")?;
        let rows = book.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<Result<Vec<(String, Vec<u8>)>, _>>()?
    };
    for (number, name, text) in outstanding(&done)? {
        tx.execute_batch(&Dialect::Sqlite.schema(text))?;
        tx.execute(
            "INSERT INTO migrations (number, name, sha256) VALUES (?1, ?2, ?3)",
            (number, name, sha256(text)),
        )?;
    }
    tx.execute(
        "INSERT INTO key_check (only_row, fingerprint) VALUES (1, ?1) ON CONFLICT DO NOTHING",
        [kek.fingerprint()],
    )?;
    let fingerprint: Option<Vec<u8>> = tx
        .query_row("SELECT fingerprint FROM key_check", [], |row| row.get(0))
        .optional()?;
    check_key(kek, fingerprint.as_deref())?;
    tx.commit()?;
    Ok(())
}

/// Brings a PostgreSQL database to this version.
pub async fn postgres(leased: &mut postgres::Leased, kek: &Kek) -> Result<(), StoreError> {
    make_book(leased).await?;
    leased.begin().await?;
    let client = leased.client()?;
    client
        .query(
            "SELECT epoch FROM leases WHERE name = 'migrate' FOR UPDATE",
            &[],
        )
        .await?;
    let rows = client
        .query("SELECT name, sha256 FROM migrations ORDER BY number", &[])
        .await?;
    let done = rows
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect::<Result<Vec<(String, Vec<u8>)>, StoreError>>()?;
    for (number, name, text) in outstanding(&done)? {
        client
            .batch_execute(&Dialect::Postgres.schema(text))
            .await?;
        client
            .execute(
                "INSERT INTO migrations (number, name, sha256) VALUES ($1, $2, $3)",
                &[&number, &name, &sha256(text)],
            )
            .await?;
    }
    client
        .execute(
            "INSERT INTO key_check (only_row, fingerprint) VALUES (1, $1) ON CONFLICT DO NOTHING",
            &[&kek.fingerprint().as_slice()],
        )
        .await?;
    let row = client
        .query_opt("SELECT fingerprint FROM key_check", &[])
        .await?;
    let fingerprint: Option<Vec<u8>> = row.map(|row| row.try_get(0)).transpose()?;
    check_key(kek, fingerprint.as_deref())?;
    client
        .execute(
            "UPDATE leases SET epoch = epoch + 1 WHERE name = 'migrate'",
            &[],
        )
        .await?;
    leased.end("COMMIT").await
}

/// `CREATE TABLE IF NOT EXISTS` of two nodes at once can fail in the catalogue; the loser tries again.
async fn make_book(leased: &mut postgres::Leased) -> Result<(), StoreError> {
    let book = Dialect::Postgres.schema(BOOK);
    let mut last = Ok(());
    for _ in 0..5 {
        last = leased.client()?.batch_execute(&book).await;
        if last.is_ok() {
            return Ok(());
        }
    }
    last.map_err(StoreError::from)
}

/// What is still to do, after checking that what was done is what this program knows.
fn outstanding(
    done: &[(String, Vec<u8>)],
) -> Result<Vec<(i64, &'static str, &'static str)>, StoreError> {
    for (at, (name, hash)) in done.iter().enumerate() {
        let problem = match MIGRATIONS.get(at) {
            None => "made by a newer version of this program",
            Some((known, _)) if known != name => "has another name here",
            Some((_, text)) if sha256(text) != *hash => "has another text here",
            Some(_) => continue,
        };
        return Err(StoreError::Migration {
            name: name.clone(),
            problem,
        });
    }
    let numbered = (1..).zip(MIGRATIONS).skip(done.len());
    Ok(numbered
        .map(|(number, (name, text))| (number, *name, *text))
        .collect())
}

fn check_key(kek: &Kek, stored: Option<&[u8]>) -> Result<(), StoreError> {
    match stored {
        Some(stored) if same(stored, kek.fingerprint()) => Ok(()),
        _ => Err(StoreError::WrongKey),
    }
}

fn sha256(text: &str) -> Vec<u8> {
    digest(&SHA256, text.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    fn done() -> Vec<(String, Vec<u8>)> {
        MIGRATIONS
            .iter()
            .map(|(name, text)| ((*name).to_owned(), sha256(text)))
            .collect()
    }

    fn house() -> rusqlite::Connection {
        let mut connection = rusqlite::Connection::open_in_memory().unwrap();
        sqlite(&mut connection, &Kek::from_bytes([1; 32]).unwrap()).unwrap();
        connection
    }

    fn names(connection: &rusqlite::Connection, sql: &str) -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    fn tables(connection: &rusqlite::Connection) -> Vec<String> {
        let sql =
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
        names(connection, sql)
    }

    /// Deleting a user or tenant looks for its rows in each table that refers to it.
    #[test]
    fn every_foreign_key_has_an_index() {
        let connection = house();
        for table in tables(&connection) {
            let indexes: Vec<Vec<String>> = names(
                &connection,
                &format!("SELECT name FROM pragma_index_list('{table}')"),
            )
            .iter()
            .map(|index| {
                // A part that is an expression has no name.
                let sql = "SELECT coalesce(name, '') FROM pragma_index_info('{}') ORDER BY seqno";
                names(&connection, &sql.replace("{}", index))
            })
            .collect();
            let keys = format!("SELECT DISTINCT id FROM pragma_foreign_key_list('{table}')");
            let mut statement = connection.prepare(&keys).unwrap();
            let keys: Vec<i64> = statement
                .query_map([], |row| row.get(0))
                .unwrap()
                .collect::<Result<_, _>>()
                .unwrap();
            for key in keys {
                let columns = names(
                    &connection,
                    &format!(
                        "SELECT \"from\" FROM pragma_foreign_key_list('{table}')
                         WHERE id = {key} ORDER BY seq"
                    ),
                );
                let covered = indexes.iter().any(|index| index.starts_with(&columns));
                assert!(covered, "{table} has no index on {columns:?}");
            }
        }
    }

    #[test]
    fn the_tenant_is_the_first_part_of_every_key() {
        let of_the_deployment = [
            "migrations",
            "leases",
            "node_leases",
            "key_check",
            "tenants",
            "tenant_domains",
            "bootstrap",
            "seal_keys",
            "metadata_blob",
        ];
        let connection = house();
        for table in tables(&connection) {
            // PostgreSQL would take the bytes of an id for text, and refuse them.
            let sql =
                format!("SELECT type FROM pragma_table_info('{table}') WHERE name = 'tenant_id'");
            assert!(
                names(&connection, &sql).iter().all(|kind| kind == "BLOB"),
                "{table}"
            );
            let sql = format!("SELECT name FROM pragma_table_info('{table}') WHERE pk = 1");
            let tenant_first = names(&connection, &sql) == ["tenant_id"];
            assert_ne!(
                tenant_first,
                of_the_deployment.contains(&table.as_str()),
                "{table}"
            );
        }
    }

    #[test]
    fn an_edited_or_newer_schema_is_refused() {
        assert!(outstanding(&done()).unwrap().is_empty());
        let mut edited = done();
        edited.first_mut().unwrap().1 = vec![0; 32];
        assert!(matches!(
            outstanding(&edited),
            Err(StoreError::Migration { .. })
        ));
        let mut newer = done();
        newer.push(("9999_later".to_owned(), vec![0; 32]));
        assert!(matches!(
            outstanding(&newer),
            Err(StoreError::Migration { .. })
        ));
    }
}
