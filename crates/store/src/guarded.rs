//! Several statements that stand or fall with one condition and one thing that can be spent once.
//!
//! The same statement texts become one CTE on PostgreSQL, which is one round trip and one commit,
//! and run one after the other on SQLite, where the writer is alone. In both the order is: look
//! (and lock), spend, then do the rest. What is not spent is not done.

use crate::dialect::{Dialect, shift_parameters};
use crate::row::Val;
use crate::tx::{Connection, Tx};
use crate::{StoreError, postgres, sqlite};

/// A statement with its parameters.
pub struct Statement<'v> {
    pub sql: &'static str,
    pub params: Vec<Val<'v>>,
}

/// A guarded batch. In `spend` and `then`, `{IF}` stands where the condition goes.
pub struct Guarded<'v> {
    /// A SELECT that answers a row if everything is still as it was read.
    pub guard: Statement<'v>,
    /// An INSERT, UPDATE or DELETE with RETURNING that answers a row the first time only.
    pub spend: Statement<'v>,
    /// Draws the number of the record that is written then.
    pub number: Statement<'v>,
    /// What is written then.
    pub then: Vec<Statement<'v>>,
}

/// How a batch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was written.
    Done,
    /// The guard answered nothing: nothing was written.
    Stale,
    /// It had been spent before: nothing was written.
    Spent,
}

impl Tx {
    /// Runs a batch. On PostgreSQL it is one statement.
    pub(crate) async fn guarded(&mut self, batch: &Guarded<'_>) -> Result<Outcome, StoreError> {
        match self.connection() {
            Connection::Sqlite(connection) => one_by_one(connection, batch),
            Connection::Postgres(leased) => as_one(leased, batch).await,
        }
    }

    /// Runs an INSERT that takes its number from `number`. On PostgreSQL both are one statement; on SQLite, where the writer
    /// is alone, the INSERT finds its number itself.
    pub(crate) async fn numbered(
        &mut self,
        number: &Statement<'_>,
        insert: &Statement<'_>,
    ) -> Result<(), StoreError> {
        match self.connection() {
            Connection::Sqlite(connection) => {
                let sql = Dialect::Sqlite.statement(insert.sql);
                sqlite::exec(connection, &sql, &insert.params)?;
            }
            Connection::Postgres(leased) => {
                let (sql, params) = compose_numbered(number, insert);
                postgres::exec(leased, &sql, &params).await?;
            }
        }
        Ok(())
    }
}

fn one_by_one(
    connection: &mut rusqlite::Connection,
    batch: &Guarded<'_>,
) -> Result<Outcome, StoreError> {
    let text = |sql| Dialect::Sqlite.statement(sql);
    if sqlite::query(connection, &text(batch.guard.sql), &batch.guard.params)?.is_empty() {
        return Ok(Outcome::Stale);
    }
    if sqlite::query(connection, &text(batch.spend.sql), &batch.spend.params)?.is_empty() {
        return Ok(Outcome::Spent);
    }
    for statement in &batch.then {
        sqlite::exec(connection, &text(statement.sql), &statement.params)?;
    }
    Ok(Outcome::Done)
}

async fn as_one(leased: &postgres::Leased, batch: &Guarded<'_>) -> Result<Outcome, StoreError> {
    let (sql, params) = compose(batch);
    let mut rows = postgres::query(leased, &sql, &params).await?;
    let Some(row) = rows.first_mut() else {
        return Ok(Outcome::Stale);
    };
    Ok(
        match (row.take::<i64>("guard")?, row.take::<i64>("spent")?) {
            (0, _) => Outcome::Stale,
            (_, 0) => Outcome::Spent,
            _ => Outcome::Done,
        },
    )
}

fn compose_numbered<'v>(number: &Statement<'v>, insert: &Statement<'v>) -> (String, Vec<Val<'v>>) {
    let text = |sql| Dialect::Postgres.statement(sql);
    let insertion = shift_parameters(&text(insert.sql), number.params.len());
    (
        format!("WITH numbered AS ({}) {insertion}", text(number.sql)),
        [number.params.as_slice(), &insert.params].concat(),
    )
}

fn compose<'v>(batch: &Guarded<'v>) -> (String, Vec<Val<'v>>) {
    let mut params = Vec::new();
    let mut part = |statement: &Statement<'v>, on: &str| {
        let condition = format!("EXISTS (SELECT 1 FROM {on})");
        let sql = Dialect::Postgres.conditional(statement.sql, &condition);
        let sql = shift_parameters(&sql, params.len());
        params.extend_from_slice(&statement.params);
        sql
    };
    let mut sql = format!("WITH guard AS ({})", part(&batch.guard, "guard"));
    sql.push_str(&format!(", spent AS ({})", part(&batch.spend, "guard")));
    sql.push_str(&format!(", numbered AS ({})", part(&batch.number, "spent")));
    for (at, statement) in batch.then.iter().enumerate() {
        sql.push_str(&format!(", then_{at} AS ({})", part(statement, "spent")));
    }
    sql.push_str(" SELECT (SELECT count(*) FROM guard), (SELECT count(*) FROM spent)");
    (sql, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_one_statement_with_one_parameter_list() {
        let statement = |sql, params: Vec<Val<'static>>| Statement { sql, params };
        let (sql, params) = compose(&Guarded {
            guard: statement(
                "SELECT 1 FROM users u WHERE id = $1 {SHARE u}",
                vec![Val::Int(1)],
            ),
            spend: statement(
                "DELETE FROM a WHERE k = $1 AND {IF} RETURNING 1",
                vec![Val::Int(2)],
            ),
            number: statement(
                "INSERT INTO n SELECT $1, {BACKEND} WHERE {IF} RETURNING shard, last",
                vec![Val::Int(3)],
            ),
            then: vec![statement(
                "INSERT INTO b SELECT $1, $2, {NUMBER b} WHERE {IF}",
                vec![Val::Null; 2],
            )],
        });
        assert_eq!(
            sql,
            "WITH guard AS (SELECT 1 FROM users u WHERE id = $1 FOR SHARE OF u), \
             spent AS (DELETE FROM a WHERE k = $2 AND EXISTS (SELECT 1 FROM guard) RETURNING 1), \
             numbered AS (INSERT INTO n SELECT $3, CAST(1 + pg_backend_pid() % 1024 AS BIGINT) \
             WHERE EXISTS (SELECT 1 FROM spent) RETURNING shard, last), \
             then_0 AS (INSERT INTO b SELECT $4, $5, (SELECT last FROM numbered) \
             WHERE EXISTS (SELECT 1 FROM spent)) \
             SELECT (SELECT count(*) FROM guard), (SELECT count(*) FROM spent)"
        );
        assert_eq!(params.len(), 5);
    }
}
