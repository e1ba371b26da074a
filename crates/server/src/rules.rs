//! The compiled policy of each tenant: read once for each version, shared behind an `Arc`.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use policy::model::TenantId;
use policy::register::Rules;
use store::StoreError;

use crate::app::AppState;

/// The settings document that holds the rules for passkeys.
pub const DOCUMENT: &str = "passkeyRules";

/// Snapshots by tenant, each with the version it was read at.
#[derive(Debug, Default)]
pub struct RuleBook(RwLock<HashMap<TenantId, (i64, Arc<Rules>)>>);

impl RuleBook {
    /// The rules of `tenant` at policy version `version`, which the caller has just read.
    pub async fn of(
        &self,
        app: &AppState,
        tenant: TenantId,
        version: i64,
    ) -> Result<Arc<Rules>, StoreError> {
        if let Some(held) = self.held(tenant, version) {
            return Ok(held);
        }
        let text = app
            .store
            .read_point(move |tx| {
                Box::pin(async move { store::settings::get(tx, tenant, DOCUMENT).await })
            })
            .await?;
        let rules = match text {
            Some(text) => {
                serde_json::from_str(&text).map_err(|_| StoreError::Damaged("passkey rules"))?
            }
            None => Rules::default(),
        };
        let rules = Arc::new(rules);
        let mut all = self
            .0
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        all.insert(tenant, (version, Arc::clone(&rules)));
        Ok(rules)
    }

    fn held(&self, tenant: TenantId, version: i64) -> Option<Arc<Rules>> {
        let all = self
            .0
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let (of, rules) = all.get(&tenant)?;
        (*of == version).then(|| Arc::clone(rules))
    }
}
