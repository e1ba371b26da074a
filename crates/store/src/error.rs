use std::fmt;
use thiserror::Error;
use tokio_postgres::error::SqlState;

/// What can go wrong below the level of outcomes. None of these texts is for the public.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The database refused or could not be reached.
    #[error("database: {0}")]
    Database(Cause),
    /// PostgreSQL gave this transaction up in favour of another one; running it again may succeed.
    #[error("overtaken by another transaction")]
    Overtaken,
    /// The address of the database cannot be understood.
    #[error("database address: {0}")]
    Address(&'static str),
    /// The writer is gone or stopping.
    #[error("the store is closed")]
    Closed,
    /// A job awaited something else than its transaction.
    #[error("a job waited for something outside its transaction")]
    ForeignAwait,
    /// A write inside `read`.
    #[error("a write was attempted in a read")]
    ReadOnly,
    /// A stored value does not have the form it was written in.
    #[error("stored value of {0} is damaged")]
    Damaged(&'static str),
    /// A record that was read, or made without randomness, was to be written.
    #[error("a record without a salt cannot be written")]
    Unsalted,
    /// The key file does not belong to this database.
    #[error("the key file does not belong to this database")]
    WrongKey,
    /// The key file cannot be read, or others can read it.
    #[error("key file: {0}")]
    KeyFile(String),
    /// The schema was made by a newer version or was edited.
    #[error("migration {name}: {problem}")]
    Migration {
        /// Which one.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl StoreError {
    /// Stable code for logs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Database(_) => "database",
            Self::Overtaken => "overtaken",
            Self::Address(_) => "database_address",
            Self::Closed => "store_closed",
            Self::ForeignAwait => "job_foreign_await",
            Self::ReadOnly => "write_in_read",
            Self::Damaged(_) => "value_damaged",
            Self::Unsalted => "record_unsalted",
            Self::WrongKey => "wrong_key_file",
            Self::KeyFile(_) => "key_file",
            Self::Migration { .. } => "migration",
        }
    }
}

/// The text of a driver's error; parameters and row values never appear in it.
#[derive(Debug, Clone)]
pub struct Cause(String);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Cause {}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(Cause(error.to_string()))
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        let overtaken = [
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
        ];
        if error.code().is_some_and(|code| overtaken.contains(code)) {
            return Self::Overtaken;
        }
        // The server's `detail` may quote row values, so only code and message are kept.
        let text = match error.as_db_error() {
            Some(db) => format!("{} ({})", db.message(), db.code().code()),
            None => error.to_string(),
        };
        Self::Database(Cause(text))
    }
}

impl From<deadpool_postgres::PoolError> for StoreError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        match error {
            deadpool_postgres::PoolError::Backend(backend) => backend.into(),
            deadpool_postgres::PoolError::Closed => Self::Closed,
            other => Self::Database(Cause(other.to_string())),
        }
    }
}
