//! What pages show of policies: reads only.

use policy::model::{Policies, PolicyKind};
use policy::roles::Task;
use store::policies::Versioned;

use super::governor::Governor;
use super::refusal::GovernRefusal;
use crate::app::AppState;

/// All policies, and the version of each document.
#[derive(Clone, Debug)]
pub struct Everything {
    /// The policies.
    pub policies: Policies,
    /// Those that were ever written, with their versions.
    pub stored: Vec<Versioned>,
}

impl Everything {
    /// The version of a document; 0 where none was written.
    pub fn version(&self, kind: PolicyKind, id: &str) -> i64 {
        let stored = self.stored.iter();
        stored
            .filter(|one| one.document.kind() == kind && one.document.id() == id)
            .map(|one| one.version)
            .next()
            .unwrap_or(0)
    }
}

/// Everything that was decided for the tenant.
pub async fn everything(app: &AppState, governor: &Governor) -> Result<Everything, GovernRefusal> {
    governor.may(Task::ReadPolicies)?;
    let tenant = governor.tenant();
    let found = app.store.read(move |tx| {
        Box::pin(async move {
            let stored = store::policies::documents(tx, tenant).await?;
            let mut policies = Policies::of_new_tenant();
            for one in &stored {
                policies.put(one.document.clone());
            }
            Ok(Everything { policies, stored })
        })
    });
    found.await
}
