//! The catalogue of authenticator models: the FIDO metadata that `keyward mds update` keeps in the store, and the table of
//! providers that ships with the server.

mod compile;
mod providers;

use std::sync::{Arc, PoisonError, RwLock};

use ceremony::UnixTime;
use ceremony::metadata::{Blob, read_kept_blob};
use policy::model::Models as ModelCatalogue;
use store::{Store, StoreError};

pub use providers::{Provider, Source, Table};

/// What is known of models.
pub struct Models {
    table: Table,
    blob: RwLock<Option<Arc<Blob>>>,
    /// What policy may ask of it.
    facts: RwLock<Arc<ModelCatalogue>>,
}

impl Models {
    /// What is known without metadata.
    pub fn new(at: UnixTime) -> Self {
        let table = Table::shipped();
        let facts = compile::compile(None, &table, at);
        Self {
            table,
            blob: RwLock::default(),
            facts: RwLock::new(Arc::new(facts)),
        }
    }

    /// The table of providers.
    pub const fn table(&self) -> &Table {
        &self.table
    }

    /// The metadata in use.
    pub fn current(&self) -> Option<Arc<Blob>> {
        self.blob
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The number of the metadata in use; 0 is none.
    pub fn number(&self) -> i64 {
        let number = self.current().map_or(0, |blob| blob.no());
        i64::try_from(number).unwrap_or(i64::MAX)
    }

    /// What policy knows of models. The same `Arc` until what it says changes.
    pub fn facts(&self) -> Arc<ModelCatalogue> {
        Arc::clone(&self.facts.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads what is kept, if it is not what is held, and looks at it as of `at`: reports take effect on their day. The BLOB
    /// was verified when it was accepted, and whoever can write the database can write keys as well, so its signature is not
    /// checked again.
    pub async fn reload(&self, store: &Store, at: UnixTime) -> Result<(), StoreError> {
        let kept = store
            .read_point(|tx| Box::pin(store::metadata::number(tx)))
            .await?;
        if kept.is_some_and(|number| number != self.number()) {
            self.read(store).await?;
        }
        self.look(at);
        Ok(())
    }

    async fn read(&self, store: &Store) -> Result<(), StoreError> {
        let Some(kept) = store.read(|tx| Box::pin(store::metadata::find(tx))).await? else {
            return Ok(());
        };
        let read = tokio::task::spawn_blocking(move || {
            let text = std::str::from_utf8(&kept.jwt).ok()?;
            read_kept_blob(text).ok()
        });
        let blob = read
            .await
            .ok()
            .flatten()
            .ok_or(StoreError::Damaged("metadata blob"))?;
        *self.blob.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(blob));
        Ok(())
    }

    fn look(&self, at: UnixTime) {
        let blob = self.current();
        let catalogue = blob.as_ref().map(|blob| blob.catalogue());
        let facts = compile::compile(catalogue, &self.table, at);
        let mut held = self.facts.write().unwrap_or_else(PoisonError::into_inner);
        if **held != facts {
            *held = Arc::new(facts);
        }
    }
}

impl std::fmt::Debug for Models {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Models({})", self.number())
    }
}
