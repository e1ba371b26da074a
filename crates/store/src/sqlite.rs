//! SQLite: one writer thread with group commit, a few read-only connections.

use crate::kek::Kek;
use crate::open::{Durability, Options};
use crate::row::{Cell, Row, Val};
use crate::tx::{Connection, JobFuture, May, Tx};
use crate::{StoreError, migrate};
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{OpenFlags, Statement, ToSql};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use tokio::sync::{Semaphore, mpsc, oneshot};

/// Jobs that one commit may carry; bounds how long the first of them waits.
const BATCH: usize = 256;
/// Jobs that may wait; beyond it callers wait to enqueue.
const QUEUE: usize = 4_096;

/// The writer's queue and the readers.
pub struct Pool {
    jobs: mpsc::Sender<Job>,
    readers: Arc<Readers>,
}

/// A job as the writer sees it: runs, then is told whether the commit held.
type Job = Box<dyn FnOnce(&mut Tx) -> Ran + Send>;

/// A job that ran and waits for the commit.
struct Ran {
    keep: bool,
    answer: Box<dyn FnOnce(Result<(), StoreError>) + Send>,
}

struct Readers {
    idle: Mutex<Vec<Tx>>,
    permits: Semaphore,
}

impl Pool {
    pub fn open(path: &Path, options: &Options, kek: &Arc<Kek>) -> Result<Self, StoreError> {
        let mut writer = connect(path, options, May::Write)?;
        migrate::sqlite(&mut writer, kek)?;
        let readers = (0..options.readers.max(1))
            .map(|_| Ok(tx(connect(path, options, May::Read)?, May::Read, kek)))
            .collect::<Result<Vec<_>, StoreError>>()?;
        let permits = Semaphore::new(readers.len());
        let (jobs, queue) = mpsc::channel(QUEUE);
        let writer = tx(writer, May::Write, kek);
        thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || run_writer(writer, queue))
            .map_err(|_| StoreError::Closed)?;
        Ok(Self {
            jobs,
            readers: Arc::new(Readers {
                idle: Mutex::new(readers),
                permits,
            }),
        })
    }

    pub async fn write<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> JobFuture<'t, T, E> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let job: Job = Box::new(move |tx| {
            let result = poll_once(job(tx));
            Ran {
                keep: result.is_ok(),
                answer: Box::new(move |committed| {
                    // Nobody listens any more when the request was given up; the commit stands.
                    let _ = sender.send(committed.map_err(E::from).and(result));
                }),
            }
        });
        self.jobs.send(job).await.map_err(|_| StoreError::Closed)?;
        receiver.await.map_err(|_| StoreError::Closed)?
    }

    /// On a blocking thread: for lists and everything that may touch many pages.
    pub async fn read<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> JobFuture<'t, T, E> + Send + 'static,
    {
        let readers = Arc::clone(&self.readers);
        let handle = tokio::runtime::Handle::try_current().map_err(|_| StoreError::Closed)?;
        let permit = self
            .readers
            .permits
            .acquire()
            .await
            .map_err(|_| StoreError::Closed)?;
        // The permit travels by being forgotten here and given back where the connection is.
        permit.forget();
        handle
            .spawn_blocking(move || readers.with(job))
            .await
            .map_err(|_| StoreError::Closed)?
    }

    /// [`Pool::read`] inside a read transaction.
    pub async fn snapshot<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> JobFuture<'t, T, E> + Send + 'static,
    {
        self.read(move |tx| {
            Box::pin(async move {
                statement(tx, "BEGIN")?;
                let result = job(tx).await;
                statement(tx, "COMMIT")?;
                result
            })
        })
        .await
    }

    /// On the calling thread: a point read takes less time than a change of threads.
    pub async fn read_point<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> JobFuture<'t, T, E> + Send + 'static,
    {
        let permit = self
            .readers
            .permits
            .acquire()
            .await
            .map_err(|_| StoreError::Closed)?;
        permit.forget();
        self.readers.with(job)
    }
}

impl Readers {
    /// Runs `job` with an idle connection. The caller has taken a permit and forgotten it.
    fn with<T, E, F>(&self, job: F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: for<'t> FnOnce(&'t mut Tx) -> JobFuture<'t, T, E>,
    {
        let lent = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let Some(tx) = lent else {
            return Err(StoreError::Closed.into());
        };
        let mut lent = Lent {
            readers: self,
            tx: Some(tx),
        };
        match lent.tx.as_mut() {
            Some(tx) => poll_once(job(tx)),
            None => Err(StoreError::Closed.into()),
        }
    }
}

/// Gives connection and permit back, also when the job panics.
struct Lent<'r> {
    readers: &'r Readers,
    tx: Option<Tx>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(mut tx) = self.tx.take() {
            leave_transaction(&mut tx);
            self.readers
                .idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(tx);
        }
        self.readers.permits.add_permits(1);
    }
}

/// A job that panicked in a snapshot leaves it open; the next one would read yesterday's state.
fn leave_transaction(tx: &mut Tx) {
    let open = match tx.connection() {
        Connection::Sqlite(connection) => !connection.is_autocommit(),
        Connection::Postgres(_) => false,
    };
    if open && let Err(error) = statement(tx, "ROLLBACK") {
        tracing::error!(code = error.code(), %error, "a reader cannot leave its snapshot");
    }
}

/// Runs a statement; answers how many rows it changed.
pub fn exec(
    connection: &mut rusqlite::Connection,
    sql: &str,
    params: &[Val<'_>],
) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, params)?;
    let changed = statement.raw_execute()?;
    Ok(changed as u64)
}

/// Runs a query; answers all rows.
pub fn query(
    connection: &mut rusqlite::Connection,
    sql: &str,
    params: &[Val<'_>],
) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, params)?;
    let width = statement.column_count();
    let mut rows = statement.raw_query();
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let cells = (0..width)
            .map(|at| row.get_ref(at).map(cell))
            .collect::<Result<_, _>>()?;
        out.push(Row::new(cells));
    }
    Ok(out)
}

/// SQLite numbers `$7` by first use, not by its name, so each parameter is looked up by name.
fn bind(statement: &mut Statement<'_>, params: &[Val<'_>]) -> Result<(), StoreError> {
    for at in 1..=statement.parameter_count() {
        let number = statement
            .parameter_name(at)
            .and_then(|name| name.strip_prefix('$'))
            .and_then(|name| name.parse::<usize>().ok());
        let value = number
            .and_then(|number| params.get(number.wrapping_sub(1)))
            .ok_or(StoreError::Damaged("a statement's parameter list"))?;
        statement.raw_bind_parameter(at, value)?;
    }
    Ok(())
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Integer(value) => Cell::Int(value),
        ValueRef::Text(value) => Cell::Text(String::from_utf8_lossy(value).into_owned()),
        ValueRef::Blob(value) => Cell::Blob(value.to_vec()),
        ValueRef::Null | ValueRef::Real(_) => Cell::Null,
    }
}

impl ToSql for Val<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Blob(value) => ValueRef::Blob(value),
        }))
    }
}

fn tx(connection: rusqlite::Connection, may: May, kek: &Arc<Kek>) -> Tx {
    Tx::new(Connection::Sqlite(connection), may, Arc::clone(kek))
}

fn connect(path: &Path, options: &Options, may: May) -> Result<rusqlite::Connection, StoreError> {
    let access = match may {
        May::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        May::Write => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    };
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let path = PathBuf::from(path);
    let connection = match &options.sqlite_vfs {
        Some(vfs) => rusqlite::Connection::open_with_flags_and_vfs(path, flags, vfs.as_str())?,
        None => rusqlite::Connection::open_with_flags(path, flags)?,
    };
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(512);
    // Without it every new value that a partial index might care about plans the statement again: a fifth of a sign-in.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    if may == May::Write {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        if options.sqlite_secure_delete {
            connection.pragma_update(None, "secure_delete", "ON")?;
        }
        connection.pragma_update(
            None,
            "synchronous",
            match options.sqlite_durability {
                Durability::Full => "FULL",
                Durability::Off => "OFF",
            },
        )?;
    }
    Ok(connection)
}

fn run_writer(mut tx: Tx, mut queue: mpsc::Receiver<Job>) {
    while let Some(first) = queue.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH {
            match queue.try_recv() {
                Ok(job) => batch.push(job),
                Err(_) => break,
            }
        }
        run_batch(&mut tx, batch);
    }
}

/// One commit for all jobs of the batch; each is answered after it, never before.
fn run_batch(tx: &mut Tx, batch: Vec<Job>) {
    if let Err(error) = statement(tx, "BEGIN IMMEDIATE") {
        // Dropping the jobs unrun answers `Closed`; that is what a database gone looks like.
        tracing::error!(code = error.code(), %error, "the writer cannot begin");
        return;
    }
    let ran: Vec<Ran> = batch
        .into_iter()
        .filter_map(|job| run_job(tx, job))
        .collect();
    let committed = statement(tx, "COMMIT");
    if let Err(error) = &committed {
        tracing::error!(code = error.code(), %error, "the writer cannot commit");
        let _ = statement(tx, "ROLLBACK");
    }
    for one in ran {
        (one.answer)(match &committed {
            Ok(()) => Ok(()),
            Err(StoreError::Database(cause)) => Err(StoreError::Database(cause.clone())),
            Err(_) => Err(StoreError::Closed),
        });
    }
}

/// A job that fails or panics takes back only what it did itself.
fn run_job(tx: &mut Tx, job: Job) -> Option<Ran> {
    statement(tx, "SAVEPOINT job").ok()?;
    let ran = catch_unwind(AssertUnwindSafe(|| job(tx)));
    let keep = ran.as_ref().is_ok_and(|ran| ran.keep);
    match (end_job(tx, keep), ran) {
        (Ok(()), Ok(ran)) => Some(ran),
        (Err(error), Ok(ran)) => {
            (ran.answer)(Err(error));
            None
        }
        (_, Err(_)) => {
            tracing::error!("a write job panicked; it was rolled back");
            None
        }
    }
}

fn end_job(tx: &mut Tx, keep: bool) -> Result<(), StoreError> {
    if !keep {
        statement(tx, "ROLLBACK TO job")?;
    }
    statement(tx, "RELEASE job")
}

fn statement(tx: &mut Tx, sql: &str) -> Result<(), StoreError> {
    match tx.connection() {
        Connection::Sqlite(connection) => {
            connection.prepare_cached(sql)?.raw_execute()?;
            Ok(())
        }
        Connection::Postgres(_) => Err(StoreError::Closed),
    }
}

/// A job's future has nothing to wait for on SQLite: it is ready at the first poll.
fn poll_once<T, E: From<StoreError>>(
    mut job: Pin<Box<dyn Future<Output = Result<T, E>> + Send + '_>>,
) -> Result<T, E> {
    match job.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(StoreError::ForeignAwait.into()),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;
    use crate::dialect::Dialect;
    use crate::sign_ins;
    use rusqlite::StatementStatus;

    /// A new value is no reason to plan a statement again, also where a partial index might depend on it.
    #[test]
    fn a_statement_is_planned_once() {
        let options = Options::new("sqlite:unused".parse().unwrap());
        let mut connection = connect(Path::new(":memory:"), &options, May::Write).unwrap();
        migrate::sqlite(&mut connection, &Kek::from_bytes([1; 32]).unwrap()).unwrap();

        let sql = Dialect::Sqlite.statement(sign_ins::LOAD);
        for credential in [[1; 16], [2; 16], [3; 16]] {
            let place = [
                Val::Text("linux"),
                Val::Text("firefox"),
                Val::Text("platform"),
                Val::Text("192.0.2.0/24"),
            ];
            let params = [&[Val::Blob(&[7; 16]), Val::Blob(&credential)], &place[..]].concat();
            assert!(query(&mut connection, &sql, &params).unwrap().is_empty());
        }
        let statement = connection.prepare_cached(&sql).unwrap();
        assert_eq!(statement.get_status(StatementStatus::Run), 3);
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }
}
