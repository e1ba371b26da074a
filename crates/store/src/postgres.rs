//! PostgreSQL, and what speaks its protocol.

use crate::kek::Kek;
use crate::open::Options;
use crate::row::{Cell, Row, Val};
use crate::tx::{Connection, JobFuture, May, Tx};
use crate::{StoreError, migrate};
use deadpool_postgres::{Manager, ManagerConfig, Object, RecyclingMethod, Runtime};
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::config::SslMode;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long a request waits for a connection before it is told that the database is out of reach.
const PATIENCE: Duration = Duration::from_secs(5);

/// The pooled connections.
pub struct Pool {
    pool: deadpool_postgres::Pool,
    kek: Arc<Kek>,
}

/// A connection on loan. Dropped inside a transaction (a panic, a request given up), it is closed
/// instead of returned, so that nobody inherits the open transaction.
pub struct Leased {
    connection: Option<Object>,
    in_transaction: bool,
}

impl Pool {
    pub async fn open(
        config: &Config,
        options: &Options,
        kek: &Arc<Kek>,
    ) -> Result<Self, StoreError> {
        let manager = manager(config, options)?;
        let pool = deadpool_postgres::Pool::builder(manager)
            .max_size(options.connections.max(1))
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .recycle_timeout(Some(PATIENCE))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|_| StoreError::Closed)?;
        let opened = Self {
            pool,
            kek: Arc::clone(kek),
        };
        migrate::postgres(&mut opened.lease().await?, kek).await?;
        Ok(opened)
    }

    pub async fn write<T, E, F>(&self, job: F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: for<'t> FnOnce(&'t mut Tx) -> JobFuture<'t, T, E>,
    {
        let mut leased = self.lease().await?;
        leased.begin().await?;
        let mut tx = self.tx(leased, May::Write);
        let result = job(&mut tx).await;
        if let Connection::Postgres(leased) = tx.connection() {
            leased
                .end(if result.is_ok() { "COMMIT" } else { "ROLLBACK" })
                .await?;
        }
        result
    }

    /// Each statement of a read sees the newest state by itself, as on SQLite.
    pub async fn read<T, E, F>(&self, job: F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: for<'t> FnOnce(&'t mut Tx) -> JobFuture<'t, T, E>,
    {
        let mut tx = self.tx(self.lease().await?, May::Read);
        job(&mut tx).await
    }

    /// A read in which every statement sees the same state.
    pub async fn snapshot<T, E, F>(&self, job: F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: for<'t> FnOnce(&'t mut Tx) -> JobFuture<'t, T, E>,
    {
        let mut leased = self.lease().await?;
        leased
            .begin_as("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            .await?;
        let mut tx = self.tx(leased, May::Read);
        let result = job(&mut tx).await;
        if let Connection::Postgres(leased) = tx.connection() {
            leased.end("COMMIT").await?;
        }
        result
    }

    /// For a job that is one statement: no BEGIN and COMMIT around it.
    pub async fn write_one<T, E, F>(&self, job: F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: for<'t> FnOnce(&'t mut Tx) -> JobFuture<'t, T, E>,
    {
        let mut tx = self.tx(self.lease().await?, May::Write);
        job(&mut tx).await
    }

    async fn lease(&self) -> Result<Leased, StoreError> {
        let connection = self.pool.get().await?;
        Ok(Leased {
            connection: Some(connection),
            in_transaction: false,
        })
    }

    fn tx(&self, leased: Leased, may: May) -> Tx {
        Tx::new(Connection::Postgres(leased), may, Arc::clone(&self.kek))
    }
}

impl Leased {
    pub fn client(&self) -> Result<&Object, StoreError> {
        self.connection.as_ref().ok_or(StoreError::Closed)
    }

    pub async fn begin(&mut self) -> Result<(), StoreError> {
        self.begin_as("BEGIN").await
    }

    pub async fn begin_as(&mut self, how: &str) -> Result<(), StoreError> {
        self.in_transaction = true;
        self.client()?.batch_execute(how).await?;
        Ok(())
    }

    pub async fn end(&mut self, how: &str) -> Result<(), StoreError> {
        self.client()?.batch_execute(how).await?;
        self.in_transaction = false;
        Ok(())
    }
}

impl Drop for Leased {
    fn drop(&mut self) {
        if self.in_transaction
            && let Some(connection) = self.connection.take()
        {
            drop(Object::take(connection));
        }
    }
}

/// Runs a statement; answers how many rows it changed.
pub async fn exec(leased: &Leased, sql: &str, params: &[Val<'_>]) -> Result<u64, StoreError> {
    let client = leased.client()?;
    let statement = client.prepare_cached(sql).await?;
    Ok(client
        .execute_raw(&statement, params.iter().map(as_sql))
        .await?)
}

/// Runs a query; answers all rows.
pub async fn query(leased: &Leased, sql: &str, params: &[Val<'_>]) -> Result<Vec<Row>, StoreError> {
    let client = leased.client()?;
    let statement = client.prepare_cached(sql).await?;
    let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(as_sql).collect();
    client
        .query(&statement, &params)
        .await?
        .iter()
        .map(row)
        .collect()
}

fn as_sql<'v>(value: &'v Val<'_>) -> &'v (dyn ToSql + Sync) {
    value
}

fn row(row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    let cells = row
        .columns()
        .iter()
        .enumerate()
        .map(|(at, column)| cell(row, at, column.type_()));
    Ok(Row::new(cells.collect::<Result<_, _>>()?))
}

fn cell(row: &tokio_postgres::Row, at: usize, ty: &Type) -> Result<Cell, StoreError> {
    Ok(match *ty {
        Type::INT8 => row
            .try_get::<_, Option<i64>>(at)?
            .map_or(Cell::Null, Cell::Int),
        Type::INT4 => row
            .try_get::<_, Option<i32>>(at)?
            .map_or(Cell::Null, |value| Cell::Int(i64::from(value))),
        Type::TEXT => row
            .try_get::<_, Option<String>>(at)?
            .map_or(Cell::Null, Cell::Text),
        Type::BYTEA => row
            .try_get::<_, Option<Vec<u8>>>(at)?
            .map_or(Cell::Null, Cell::Blob),
        _ => return Err(StoreError::Damaged("a column's type")),
    })
}

fn manager(config: &Config, options: &Options) -> Result<Manager, StoreError> {
    let recycling = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    match (&options.postgres_tls, config.get_ssl_mode()) {
        (Some(tls), SslMode::Prefer | SslMode::Require) => Ok(Manager::from_config(
            config.clone(),
            MakeRustlsConnect::new(rustls::ClientConfig::clone(tls)),
            recycling,
        )),
        (None, SslMode::Require) => Err(StoreError::Address(
            "sslmode=require needs a TLS configuration",
        )),
        _ => Ok(Manager::from_config(config.clone(), NoTls, recycling)),
    }
}
