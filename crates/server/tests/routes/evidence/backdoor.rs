//! A way into the database that no rule of the server stands in, on SQLite and on PostgreSQL.

use rusqlite::types::ValueRef;
use tokio_postgres::{Client, SimpleQueryMessage};

pub enum Backdoor {
    Sqlite(rusqlite::Connection),
    Postgres(Client),
}

/// What the schema uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Int,
    Text,
    Blob,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
}

pub struct Column {
    pub name: String,
    pub kind: Kind,
    pub is_key: bool,
}

/// The database refuses the statement.
#[derive(Debug)]
pub struct Refused;

impl Backdoor {
    /// Runs a statement in which `{ZEROS n}` stands for so many zero bytes; answers how many rows it changed.
    pub async fn run(&self, statement: &str) -> Result<u64, Refused> {
        let sql = self.with_zeros(statement);
        match self {
            Self::Sqlite(database) => {
                let changed = database.execute(&sql, []).map_err(|_| Refused)?;
                Ok(changed as u64)
            }
            Self::Postgres(client) => {
                let answers = client.simple_query(&sql).await.map_err(|_| Refused)?;
                let changed = answers.iter().map(|answer| match answer {
                    SimpleQueryMessage::CommandComplete(rows) => *rows,
                    _ => 0,
                });
                Ok(changed.sum())
            }
        }
    }

    pub async fn columns(&self, table: &str) -> Vec<Column> {
        let sql = match self {
            Self::Sqlite(_) => {
                format!("SELECT name, lower(type), pk > 0 FROM pragma_table_info('{table}')")
            }
            Self::Postgres(_) => format!(
                "SELECT c.column_name, c.data_type, CASE WHEN k.column_name IS NULL THEN 0 ELSE 1 END
                 FROM information_schema.columns c
                 LEFT JOIN information_schema.key_column_usage k
                    ON k.table_schema = c.table_schema AND k.table_name = c.table_name
                        AND k.column_name = c.column_name AND k.constraint_name = c.table_name || '_pkey'
                 WHERE c.table_schema = current_schema() AND c.table_name = '{table}'
                 ORDER BY c.ordinal_position"
            ),
        };
        let columns = self.texts(&sql).await.into_iter().map(|row| {
            let [name, kind, key] = row.try_into().unwrap();
            Column {
                name: name.unwrap(),
                kind: match kind.unwrap().as_str() {
                    "bigint" => Kind::Int,
                    "text" => Kind::Text,
                    "blob" | "bytea" => Kind::Blob,
                    other => panic!("{table} has a column of type {other}"),
                },
                is_key: key.unwrap() == "1",
            }
        });
        columns.collect()
    }

    /// All rows, in the order of their key.
    pub async fn rows(&self, table: &str, columns: &[Column]) -> Vec<Vec<Value>> {
        let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
        let keys = columns.iter().filter(|column| column.is_key);
        let keys: Vec<_> = keys.map(|column| column.name.as_str()).collect();
        let sql = format!(
            "SELECT {} FROM {table} ORDER BY {}",
            names.join(", "),
            keys.join(", ")
        );
        let read = |(column, text): (&Column, Option<String>)| match (column.kind, text) {
            (_, None) => Value::Null,
            (Kind::Int, Some(text)) => Value::Int(text.parse().unwrap()),
            (Kind::Text, Some(text)) => Value::Text(text),
            (Kind::Blob, Some(text)) => Value::Blob(bytes(&text)),
        };
        let rows = self.texts(&sql).await.into_iter();
        rows.map(|row| columns.iter().zip(row).map(read).collect())
            .collect()
    }

    /// How a value is written in a statement.
    pub fn literal(&self, value: &Value) -> String {
        match (self, value) {
            (_, Value::Null) => "NULL".to_owned(),
            (_, Value::Int(number)) => number.to_string(),
            (_, Value::Text(text)) => format!("'{}'", text.replace('\'', "''")),
            (Self::Sqlite(_), Value::Blob(bytes)) => format!("x'{}'", hex(bytes)),
            (Self::Postgres(_), Value::Blob(bytes)) => format!("'\\x{}'::bytea", hex(bytes)),
        }
    }

    /// Copies all tables of a schema of PostgreSQL into a new one.
    pub async fn copy_schema(&self, from: &str, to: &str) {
        self.run(&format!("CREATE SCHEMA {to}")).await.unwrap();
        let tables = format!(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = '{from}'"
        );
        for row in self.texts(&tables).await {
            let table = row[0].as_deref().unwrap();
            let made = format!("CREATE TABLE {to}.{table} (LIKE {from}.{table} INCLUDING ALL)");
            self.run(&made).await.unwrap();
            let filled = format!("INSERT INTO {to}.{table} SELECT * FROM {from}.{table}");
            self.run(&filled).await.unwrap();
        }
    }

    fn with_zeros(&self, statement: &str) -> String {
        let Some((before, rest)) = statement.split_once("{ZEROS ") else {
            return statement.to_owned();
        };
        let (count, after) = rest.split_once('}').unwrap();
        match self {
            Self::Sqlite(_) => format!("{before}zeroblob({count}){after}"),
            Self::Postgres(_) => format!("{before}decode(repeat('00', {count}), 'hex'){after}"),
        }
    }

    /// Every value as text, bytes as `\x…`.
    async fn texts(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        match self {
            Self::Sqlite(database) => {
                let mut statement = database.prepare(sql).unwrap();
                let width = statement.column_count();
                let read = |row: &rusqlite::Row<'_>| {
                    (0..width)
                        .map(|at| Ok(text(row.get_ref(at)?)))
                        .collect::<rusqlite::Result<Vec<_>>>()
                };
                let rows = statement.query_map([], read).unwrap();
                rows.map(Result::unwrap).collect()
            }
            Self::Postgres(client) => {
                let answers = client.simple_query(sql).await.unwrap();
                let rows = answers.into_iter().filter_map(|answer| match answer {
                    SimpleQueryMessage::Row(row) => Some(
                        (0..row.len())
                            .map(|at| row.get(at).map(str::to_owned))
                            .collect(),
                    ),
                    _ => None,
                });
                rows.collect()
            }
        }
    }
}

fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Some(format!("\\x{}", hex(bytes))),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(text: &str) -> Vec<u8> {
    let digits = text.strip_prefix("\\x").unwrap();
    let at = (0..digits.len()).step_by(2);
    at.map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect()
}
