use policy::model::{Application, ApplicationId, Tenant};
use std::sync::Arc;

use super::metadata::Door;
use crate::app::AppState;

impl Door {
    /// The door with this path segment: `common`, `organizations`, a tenant's id in any case, or one of its domains.
    pub fn open(app: &AppState, segment: &str) -> Option<Self> {
        match segment {
            "common" => Some(Self::Common),
            "organizations" => Some(Self::Organizations),
            name => app
                .tenants
                .by_name(name)
                .map(|tenant| Self::Tenant(tenant.id)),
        }
    }

    /// The tenants behind it.
    pub fn tenants(self, app: &AppState) -> Vec<Arc<Tenant>> {
        match self {
            Self::Tenant(id) => app.tenants.by_id(id).cloned().into_iter().collect(),
            Self::Common | Self::Organizations => app.tenants.all().cloned().collect(),
        }
    }

    /// The application that `client_id` names behind this door. Ids are random, so behind `common` there is one at most.
    pub async fn application(
        self,
        app: &AppState,
        client_id: &str,
    ) -> Result<Option<Application>, store::StoreError> {
        let Ok(id) = client_id.parse::<ApplicationId>() else {
            return Ok(None);
        };
        for tenant in self.tenants(app) {
            let tenant = tenant.id;
            let found = app
                .store
                .read(move |tx| {
                    Box::pin(async move { store::applications::find(tx, tenant, id).await })
                })
                .await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }
}
