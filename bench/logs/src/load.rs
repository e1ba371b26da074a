//! Millions of rows at once, past the store: without indexes, which are made again afterwards from their own texts.

use std::path::Path;

use tokio_postgres::NoTls;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};

use crate::rows::{COLUMNS, DECISION, Log, Row, TENANT, USER_AGENT};

pub fn sqlite(path: &Path, log: Log) -> anyhow::Result<()> {
    let mut database = rusqlite::Connection::open(path)?;
    database.execute_batch(
        "PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; PRAGMA temp_store = FILE;",
    )?;
    let indexes: Vec<(String, String)> = {
        let sql = "SELECT name, sql FROM sqlite_master
            WHERE type = 'index' AND tbl_name = 'sign_ins' AND sql IS NOT NULL";
        let mut statement = database.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<Result<_, _>>()?
    };
    let tx = database.transaction()?;
    for (name, _) in &indexes {
        tx.execute_batch(&format!("DROP INDEX {name}"))?;
    }
    {
        let places: Vec<_> = (1..=COLUMNS.split(',').count())
            .map(|at| format!("?{at}"))
            .collect();
        let sql = format!(
            "INSERT INTO sign_ins ({COLUMNS}) VALUES ({})",
            places.join(", ")
        );
        let mut insertion = tx.prepare(&sql)?;
        for number in 0..log.rows {
            let row = log.row(number);
            insertion.execute(rusqlite::params![
                TENANT.as_bytes(),
                row.id.as_bytes(),
                row.at.as_micros(),
                row.user.as_bytes(),
                row.name,
                row.display_name,
                row.application.as_bytes(),
                row.application_name,
                1_i64,
                row.error_code,
                row.failure.0,
                row.failure.1,
                row.steps,
                1_i64,
                row.credential_id,
                &row.noise[..16],
                "deviceBound",
                0_i64,
                row.session.as_bytes(),
                row.ip_address,
                USER_AGENT,
                DECISION,
                12_i64,
                row.correlation.as_bytes(),
                &row.noise[..16],
                row.noise,
                0_i64,
                row.number,
            ])?;
        }
    }
    for (_, text) in &indexes {
        tx.execute_batch(text)?;
    }
    tx.commit()?;
    database.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(())
}

pub async fn postgres(address: &str, log: Log) -> anyhow::Result<()> {
    let (mut client, connection) = tokio_postgres::connect(address, NoTls).await?;
    let driver = tokio::spawn(connection);
    let sql = "SELECT indexname, indexdef FROM pg_indexes
        WHERE schemaname = current_schema() AND tablename = 'sign_ins' AND indexname <> 'sign_ins_pkey'";
    let indexes = client.query(sql, &[]).await?;
    let indexes: Vec<(String, String)> =
        indexes.iter().map(|row| (row.get(0), row.get(1))).collect();
    let tx = client.transaction().await?;
    for (name, _) in &indexes {
        tx.batch_execute(&format!("DROP INDEX {name}")).await?;
    }
    let sink = tx
        .copy_in(&format!("COPY sign_ins ({COLUMNS}) FROM STDIN BINARY"))
        .await?;
    let writer = BinaryCopyInWriter::new(sink, &types());
    tokio::pin!(writer);
    for number in 0..log.rows {
        let row = log.row(number);
        let values = values(&row);
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|one| &**one as _).collect();
        writer.as_mut().write(&values).await?;
    }
    writer.finish().await?;
    for (_, text) in &indexes {
        tx.batch_execute(text).await?;
    }
    tx.commit().await?;
    // What the server does by itself after a while.
    client.batch_execute("VACUUM (ANALYZE) sign_ins").await?;
    drop(client);
    driver.await??;
    Ok(())
}

fn types() -> Vec<Type> {
    let numbers = [
        "happened",
        "interactive",
        "error_code",
        "multi_factor",
        "backed_up",
        "policy_version",
        "shard",
        "number",
    ];
    let blobs = [
        "tenant_id",
        "id",
        "user_id",
        "application_id",
        "credential_id",
        "aaguid",
        "session_id",
        "correlation",
        "salt",
        "leaf",
    ];
    let kind = |name: &str| match name.trim() {
        name if numbers.contains(&name) => Type::INT8,
        name if blobs.contains(&name) => Type::BYTEA,
        _ => Type::TEXT,
    };
    COLUMNS.split(',').map(kind).collect()
}

fn values(row: &Row) -> Vec<Box<dyn ToSql + Sync + '_>> {
    let blob = |bytes: &'_ [u8]| bytes.to_vec();
    vec![
        Box::new(blob(TENANT.as_bytes())),
        Box::new(blob(row.id.as_bytes())),
        Box::new(row.at.as_micros()),
        Box::new(blob(row.user.as_bytes())),
        Box::new(&row.name),
        Box::new(&row.display_name),
        Box::new(blob(row.application.as_bytes())),
        Box::new(&row.application_name),
        Box::new(1_i64),
        Box::new(row.error_code),
        Box::new(row.failure.0),
        Box::new(row.failure.1),
        Box::new(&row.steps),
        Box::new(1_i64),
        Box::new(blob(&row.credential_id)),
        Box::new(blob(&row.noise[..16])),
        Box::new("deviceBound"),
        Box::new(0_i64),
        Box::new(blob(row.session.as_bytes())),
        Box::new(&row.ip_address),
        Box::new(USER_AGENT),
        Box::new(DECISION),
        Box::new(12_i64),
        Box::new(blob(row.correlation.as_bytes())),
        Box::new(blob(&row.noise[..16])),
        Box::new(blob(&row.noise)),
        Box::new(0_i64),
        Box::new(row.number),
    ]
}
