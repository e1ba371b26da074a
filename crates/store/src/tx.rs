use crate::dialect::Dialect;
use crate::kek::Kek;
use crate::row::{Row, Val};
use crate::{StoreError, postgres, sqlite};
use aws_lc_rs::digest::{SHA256, digest};
use policy::model::{CorrelationId, StreamId, TokenHash};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// What a job returns: its future, boxed, borrowing the transaction.
pub type JobFuture<'t, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 't>>;

/// A connection inside a job. The topics of this crate take it; nobody else needs its inside.
pub struct Tx {
    connection: Connection,
    may: May,
    kek: Arc<Kek>,
    told: Told,
}

/// What the running job tells other systems.
#[derive(Default)]
struct Told {
    rung: bool,
    correlation: Option<CorrelationId>,
    written: Vec<(StreamId, i64)>,
}

/// What a job may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum May {
    Read,
    Write,
}

/// The two databases.
pub(crate) enum Connection {
    Sqlite(rusqlite::Connection),
    Postgres(postgres::Leased),
}

impl Tx {
    pub(crate) fn new(connection: Connection, may: May, kek: Arc<Kek>) -> Self {
        Self {
            connection,
            may,
            kek,
            told: Told::default(),
        }
    }

    /// A new job begins.
    pub(crate) fn begin_job(&mut self) {
        self.told = Told::default();
    }

    /// Has the deliverers of signals woken once the job is committed.
    pub(crate) const fn ring(&mut self) {
        self.told.rung = true;
    }

    /// Whether they have to be woken.
    pub(crate) const fn rung(&self) -> bool {
        self.told.rung
    }

    /// What the records of this job are found by, as far as it wrote one.
    pub(crate) const fn correlation(&self) -> Option<CorrelationId> {
        self.told.correlation
    }

    /// Remembers a signal that this job wrote.
    pub(crate) fn note_written(&mut self, stream: StreamId, number: i64) {
        if self.told.correlation.is_none() {
            self.told.written.push((stream, number));
        }
    }

    /// The signals written before anything said what the job's records are found by: this.
    pub(crate) fn written(&mut self, correlation: CorrelationId) -> Vec<(StreamId, i64)> {
        self.told.correlation = Some(correlation);
        std::mem::take(&mut self.told.written)
    }

    pub(crate) fn kek(&self) -> &Kek {
        &self.kek
    }

    pub(crate) const fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    pub(crate) const fn dialect(&self) -> Dialect {
        match self.connection {
            Connection::Sqlite(_) => Dialect::Sqlite,
            Connection::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Runs a statement; answers how many rows it changed.
    pub(crate) async fn exec(
        &mut self,
        sql: &'static str,
        params: &[Val<'_>],
    ) -> Result<u64, StoreError> {
        if self.may == May::Read {
            return Err(StoreError::ReadOnly);
        }
        let sql = self.dialect().statement(sql);
        match &mut self.connection {
            Connection::Sqlite(connection) => sqlite::exec(connection, &sql, params),
            Connection::Postgres(leased) => postgres::exec(leased, &sql, params).await,
        }
    }

    /// Runs a query (or a statement with `RETURNING` inside a write) and answers all rows.
    pub(crate) async fn query(
        &mut self,
        sql: &'static str,
        params: &[Val<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        if self.may == May::Read && !sql.trim_start().starts_with("SELECT") {
            return Err(StoreError::ReadOnly);
        }
        let sql = self.dialect().statement(sql);
        match &mut self.connection {
            Connection::Sqlite(connection) => sqlite::query(connection, &sql, params),
            Connection::Postgres(leased) => postgres::query(leased, &sql, params).await,
        }
    }

    /// How the database would answer a query: its own words, line by line.
    pub(crate) async fn explain(
        &mut self,
        sql: &'static str,
        params: &[Val<'_>],
    ) -> Result<Vec<String>, StoreError> {
        let sql = self.dialect().explained(sql);
        let rows = match &mut self.connection {
            Connection::Sqlite(connection) => sqlite::query(connection, &sql, params)?,
            Connection::Postgres(leased) => postgres::query(leased, &sql, params).await?,
        };
        rows.into_iter()
            .map(|row| row.last("line of a plan"))
            .collect()
    }

    /// The first row of a query, if there is one.
    pub(crate) async fn first(
        &mut self,
        sql: &'static str,
        params: &[Val<'_>],
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// Whether a statement changed exactly something.
    pub(crate) async fn changed(
        &mut self,
        sql: &'static str,
        params: &[Val<'_>],
    ) -> Result<bool, StoreError> {
        Ok(self.exec(sql, params).await? > 0)
    }
}

impl fmt::Debug for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tx({:?}, {:?})", self.dialect(), self.may)
    }
}

/// What is kept of a token that a client holds: its SHA-256. For random 256-bit values only.
#[must_use]
pub fn hash_token(token: &[u8]) -> TokenHash {
    let digest = digest(&SHA256, token);
    let mut hash = [0; 32];
    for (to, from) in hash.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    TokenHash::from_bytes(hash)
}
