//! The server's database, read past the server: what it says about itself is not asked here.

use anyhow::{Context as _, Result};
use rusqlite::types::ValueRef;
use tokio_postgres::{NoTls, SimpleQueryMessage};

use crate::server::Place;

/// A connection of this rig's own. Both databases take the same statements.
pub enum Database {
    Sqlite(rusqlite::Connection),
    Postgres(tokio_postgres::Client),
}

/// A row, each value as text, bytes as `\x…`.
pub type Row = Vec<Option<String>>;

impl Database {
    pub async fn open(place: &Place) -> Result<Self> {
        let Some(postgres) = &place.postgres else {
            let file = place.data.join("keyward.db");
            let connection = rusqlite::Connection::open(file)?;
            connection.busy_timeout(std::time::Duration::from_secs(5))?;
            return Ok(Self::Sqlite(connection));
        };
        let (client, connection) = tokio_postgres::connect(&postgres.address(), NoTls).await?;
        // It ends with the client.
        tokio::spawn(connection);
        Ok(Self::Postgres(client))
    }

    pub async fn rows(&self, sql: &str) -> Result<Vec<Row>> {
        let found = match self {
            Self::Sqlite(connection) => sqlite_rows(connection, sql),
            Self::Postgres(client) => postgres_rows(client, sql).await,
        };
        found.with_context(|| format!("the database refuses {sql}"))
    }

    /// Everything read inside `BEGIN` and `ROLLBACK` is of one moment, and what is changed there is never kept.
    pub async fn begin(&self) -> Result<()> {
        let begin = match self {
            Self::Sqlite(_) => "BEGIN",
            Self::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ",
        };
        self.rows(begin).await.map(drop)
    }

    pub async fn roll_back(&self) -> Result<()> {
        self.rows("ROLLBACK").await.map(drop)
    }
}

fn sqlite_rows(connection: &rusqlite::Connection, sql: &str) -> Result<Vec<Row>> {
    let mut statement = connection.prepare(sql)?;
    let width = statement.column_count();
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let cells = (0..width).map(|at| Ok(text(row.get_ref(at)?)));
        all.push(cells.collect::<Result<_>>()?);
    }
    Ok(all)
}

fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => {
            let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
            Some(format!("\\x{}", digits.collect::<String>()))
        }
    }
}

async fn postgres_rows(client: &tokio_postgres::Client, sql: &str) -> Result<Vec<Row>> {
    let answers = client.simple_query(sql).await?;
    let rows = answers.into_iter().filter_map(|answer| match answer {
        SimpleQueryMessage::Row(row) => Some(
            (0..row.len())
                .map(|at| row.get(at).map(str::to_owned))
                .collect(),
        ),
        _ => None,
    });
    Ok(rows.collect())
}
