//! The compiled policies of each tenant: read once for each version, shared behind an `Arc`.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use policy::model::{Models, TenantId};
use policy::snapshot::Snapshot;
use store::StoreError;

use crate::app::AppState;

/// How often a change that is only judged by the policies is judged again when they move meanwhile. Nobody has to look at it
/// again, as at an edit of the policies themselves.
pub const ROUNDS: usize = 8;

/// Snapshots by tenant, each with the version it was read at.
#[derive(Debug, Default)]
pub struct Snapshots(RwLock<HashMap<TenantId, Arc<Snapshot>>>);

impl Snapshots {
    /// The policies of `tenant` at policy version `version`, which the caller has just read. If they have moved on by the
    /// time they are read here, the write that rests on the decision notices.
    pub async fn of(
        &self,
        app: &AppState,
        tenant: TenantId,
        version: i64,
    ) -> Result<Arc<Snapshot>, StoreError> {
        let models = app.models.facts();
        if let Some(held) = self.held(tenant, version, &models) {
            return Ok(held);
        }
        let policies = app
            .store
            .read_point(move |tx| Box::pin(async move { store::policies::load(tx, tenant).await }))
            .await?;
        let snapshot = Arc::new(Snapshot::compile(version, policies, models));
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(tenant, Arc::clone(&snapshot));
        Ok(snapshot)
    }

    /// The same, where it is held already; nothing is read.
    pub fn at_hand(&self, app: &AppState, tenant: TenantId, version: i64) -> Option<Arc<Snapshot>> {
        self.held(tenant, version, &app.models.facts())
    }

    /// The policies of `tenant` as they are now, for a change that says nothing about them and only has to be judged by them.
    pub async fn current(
        &self,
        app: &AppState,
        tenant: TenantId,
    ) -> Result<Arc<Snapshot>, StoreError> {
        let version = app
            .store
            .read_point(move |tx| Box::pin(async move { store::versions::of(tx, tenant).await }))
            .await?
            .unwrap_or_default()
            .policy;
        self.of(app, tenant, version).await
    }

    /// What is held, if it is of this version and of the catalogue in use.
    fn held(&self, tenant: TenantId, version: i64, models: &Arc<Models>) -> Option<Arc<Snapshot>> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let snapshot = all.get(&tenant)?;
        (snapshot.version() == version && snapshot.knows(models)).then(|| Arc::clone(snapshot))
    }
}
