use crate::kek::Kek;
use crate::tx::{JobFuture, Tx};
use crate::{StoreError, postgres, sqlite};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;

/// Where the data is: `sqlite:PATH`, or `postgres://…` as libpq writes it.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// A file; its folder must exist.
    Sqlite(PathBuf),
    /// A server. The configuration holds the password, so it is not shown.
    Postgres(Box<tokio_postgres::Config>),
}

/// How hard SQLite tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// `synchronous=FULL`: what was acknowledged survives a power cut.
    #[default]
    Full,
    /// `synchronous=OFF`. Exists so that a rig can show that its check is able to fail; no
    /// configuration of the server leads here.
    Off,
}

/// How to open a [`Store`].
#[derive(Debug, Clone)]
pub struct Options {
    /// Where.
    pub url: DatabaseUrl,
    /// Read-only connections to SQLite.
    pub readers: usize,
    /// Connections to PostgreSQL.
    pub connections: usize,
    /// TLS towards PostgreSQL; needed for `sslmode=require`.
    pub postgres_tls: Option<Arc<rustls::ClientConfig>>,
    /// Name of a registered SQLite VFS, for rigs.
    pub sqlite_vfs: Option<String>,
    /// Durability of SQLite, for rigs.
    pub sqlite_durability: Durability,
    /// Whether SQLite overwrites with zeros what is removed. It costs writes; for erasures.
    pub sqlite_secure_delete: bool,
}

/// A part of a list: what comes after `after` in the list's own order, `limit` entries at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page<Id> {
    /// The last entry of the part before.
    pub after: Option<Id>,
    /// How many.
    pub limit: u32,
}

impl<Id> Page<Id> {
    /// The first `limit` entries.
    #[must_use]
    pub const fn first(limit: u32) -> Self {
        Self { after: None, limit }
    }

    /// The `limit` entries after `id`.
    #[must_use]
    pub const fn after(id: Id, limit: u32) -> Self {
        Self {
            after: Some(id),
            limit,
        }
    }
}

/// The one store of the process. Cloning it is cheap.
#[derive(Clone)]
pub struct Store {
    backend: Arc<Backend>,
    signalled: Arc<watch::Sender<u64>>,
}

enum Backend {
    Sqlite(sqlite::Pool),
    Postgres(postgres::Pool),
}

impl Store {
    /// Opens (and makes or migrates) the database at `url` with the key-encryption key `kek`.
    ///
    /// # Errors
    /// [`StoreError::WrongKey`] when the database belongs to another key,
    /// [`StoreError::Migration`] when it was made by a newer version,
    /// [`StoreError::Database`] when it cannot be opened.
    pub async fn open(url: &DatabaseUrl, kek: Kek) -> Result<Self, StoreError> {
        Self::open_with(&Options::new(url.clone()), kek).await
    }

    /// [`Store::open`] with everything adjustable.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_with(options: &Options, kek: Kek) -> Result<Self, StoreError> {
        let kek = Arc::new(kek);
        let backend = match &options.url {
            DatabaseUrl::Sqlite(path) => Backend::Sqlite(sqlite::Pool::open(path, options, &kek)?),
            DatabaseUrl::Postgres(config) => {
                Backend::Postgres(postgres::Pool::open(config, options, &kek).await?)
            }
        };
        Ok(Self {
            backend: Arc::new(backend),
            signalled: Arc::new(watch::Sender::new(0)),
        })
    }

    /// Changes each time this process has committed something that is to be told to other systems ([`crate::signals`]).
    #[must_use]
    pub fn signalled(&self) -> watch::Receiver<u64> {
        self.signalled.subscribe()
    }

    /// Runs `job` in a transaction; answers after its commit is durable. An `Err` rolls back.
    ///
    /// # Errors
    /// What `job` answers, or a [`StoreError`] turned into `E`.
    pub async fn write<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> JobFuture<'t, T, E> + Send + 'static,
    {
        let rung = Arc::new(AtomicBool::new(false));
        let job = ringing(job, Arc::clone(&rung));
        let result = match &*self.backend {
            Backend::Sqlite(pool) => pool.write(job).await,
            Backend::Postgres(pool) => pool.write(job).await,
        };
        if result.is_ok() && rung.load(Ordering::Acquire) {
            self.signalled
                .send_modify(|count| *count = count.wrapping_add(1));
        }
        result
    }

    /// Runs `job` without the right to write. Each of its statements sees the newest commit.
    ///
    /// # Errors
    /// What `job` answers, or a [`StoreError`] turned into `E`.
    pub async fn read<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> JobFuture<'t, T, E> + Send + 'static,
    {
        match &*self.backend {
            Backend::Sqlite(pool) => pool.read(job).await,
            Backend::Postgres(pool) => pool.read(job).await,
        }
    }

    /// [`Store::read`] in which every statement sees the same state. For whoever compares much with much; on SQLite it keeps
    /// the write-ahead log from shrinking while it runs.
    ///
    /// # Errors
    /// What `job` answers, or a [`StoreError`] turned into `E`.
    pub async fn snapshot<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> JobFuture<'t, T, E> + Send + 'static,
    {
        match &*self.backend {
            Backend::Sqlite(pool) => pool.snapshot(job).await,
            Backend::Postgres(pool) => pool.snapshot(job).await,
        }
    }

    /// [`Store::read`] for lookups by key of a row or two: on SQLite it stays on the calling thread,
    /// because changing threads would cost more than the lookup.
    ///
    /// # Errors
    /// What `job` answers, or a [`StoreError`] turned into `E`.
    pub async fn read_point<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> JobFuture<'t, T, E> + Send + 'static,
    {
        match &*self.backend {
            Backend::Sqlite(pool) => pool.read_point(job).await,
            Backend::Postgres(pool) => pool.read(job).await,
        }
    }

    /// A write whose job is exactly one statement (on PostgreSQL without BEGIN and COMMIT).
    pub(crate) async fn write_one<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> JobFuture<'t, T, StoreError> + Send + 'static,
    {
        match &*self.backend {
            Backend::Sqlite(pool) => pool.write(job).await,
            Backend::Postgres(pool) => pool.write_one(job).await,
        }
    }
}

/// Runs `job` and leaves in `bell` whether somebody has to be woken.
fn ringing<T, E, F>(
    job: F,
    bell: Arc<AtomicBool>,
) -> impl for<'t> FnOnce(&'t mut Tx) -> JobFuture<'t, T, E> + Send + 'static
where
    T: Send + 'static,
    E: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> JobFuture<'t, T, E> + Send + 'static,
{
    move |tx| {
        Box::pin(async move {
            tx.begin_job();
            let result = job(tx).await;
            bell.store(tx.rung(), Ordering::Release);
            result
        })
    }
}

impl Options {
    /// The defaults: four readers, sixteen connections, full durability.
    #[must_use]
    pub const fn new(url: DatabaseUrl) -> Self {
        Self {
            url,
            readers: 4,
            connections: 16,
            postgres_tls: None,
            sqlite_vfs: None,
            sqlite_durability: Durability::Full,
            sqlite_secure_delete: false,
        }
    }
}

impl DatabaseUrl {
    /// A file.
    #[must_use]
    pub fn sqlite(path: impl AsRef<Path>) -> Self {
        Self::Sqlite(path.as_ref().to_owned())
    }
}

impl FromStr for DatabaseUrl {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return if path.is_empty() {
                Err(StoreError::Address("sqlite: needs a path after the colon"))
            } else {
                Ok(Self::sqlite(path))
            };
        }
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(StoreError::Address(
                "must begin with sqlite: or postgres://",
            ));
        }
        text.parse()
            .map(|config| Self::Postgres(Box::new(config)))
            .map_err(|_| StoreError::Address("this postgres:// address cannot be read"))
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(config) => {
                write!(f, "postgres:{}", config.get_dbname().unwrap_or("postgres"))
            }
        }
    }
}

/// Without the password.
impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &*self.backend {
            Backend::Sqlite(_) => "Store(SQLite)",
            Backend::Postgres(_) => "Store(PostgreSQL)",
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    #[test]
    fn an_address_never_shows_its_password() {
        let url: DatabaseUrl = "postgres://keyward:hunter2@db.example/kw".parse().unwrap();
        assert!(!format!("{url:?} {url}").contains("hunter2"));
    }

    #[test]
    fn unknown_addresses_are_refused() {
        for text in ["", "sqlite:", "mysql://x", "/some/path"] {
            assert!(text.parse::<DatabaseUrl>().is_err(), "{text}");
        }
    }
}
