//! The catalogue of authenticator models, from the FIDO metadata that `keyward mds update` keeps in the store.

use std::sync::{Arc, PoisonError, RwLock};

use ceremony::metadata::{Blob, read_kept_blob};
use policy::model::Models as ModelCatalogue;
use store::{Store, StoreError};

/// What is known of models; nothing until metadata was loaded.
#[derive(Default)]
pub struct Models {
    blob: RwLock<Option<Arc<Blob>>>,
    /// What policy may ask of it.
    facts: RwLock<Arc<ModelCatalogue>>,
}

impl Models {
    /// The metadata in use.
    pub fn current(&self) -> Option<Arc<Blob>> {
        self.blob
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// What policy knows of models. The same `Arc` until the metadata changes.
    pub fn facts(&self) -> Arc<ModelCatalogue> {
        Arc::clone(&self.facts.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads what is kept. The BLOB was verified when it was accepted, and whoever can write the database can write keys as
    /// well, so its signature is not checked again.
    pub async fn reload(&self, store: &Store) -> Result<(), StoreError> {
        let Some(kept) = store.read(|tx| Box::pin(store::metadata::find(tx))).await? else {
            return Ok(());
        };
        if self
            .current()
            .is_some_and(|held| i64::try_from(held.no()) == Ok(kept.number))
        {
            return Ok(());
        }
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
}

impl std::fmt::Debug for Models {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Models({:?})", self.current().map(|blob| blob.no()))
    }
}
