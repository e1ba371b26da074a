//! What pages show of policies: reads only.

use std::collections::BTreeMap;
use std::sync::Arc;

use policy::model::{Application, Group, GroupId, Models, Policies, PolicyKind, Timestamp, UserId};
use policy::roles::Task;
use policy::validate::Names;
use store::labels::Labels;
use store::policies::Versioned;
use store::{Page, StoreError, Tx};

use super::governor::Governor;
use super::refusal::GovernRefusal;
use crate::app::AppState;
use crate::flow::received;

/// Applications and groups that a form offers to tick. Where there are more groups, they are named.
pub const OFFERED: u32 = 200;

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

/// What a form about policies is drawn from.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The policies.
    pub everything: Everything,
    /// What is called how.
    pub labels: Labels,
    /// Applications, the first [`OFFERED`] of them.
    pub applications: Vec<Application>,
    /// Groups, the first [`OFFERED`] of them.
    pub groups: Vec<Group>,
    /// What is known of authenticator models.
    pub models: Arc<Models>,
    /// Where other systems push their security events to, without the id of the source.
    pub receives_at: String,
}

/// What was typed instead of ids, and what it means.
#[derive(Clone, Debug, Default)]
pub struct Lookup {
    /// By user principal name or id, as typed. Unknown ones are not there.
    pub users: BTreeMap<String, UserId>,
    /// By name or id, as typed. Unknown ones, and names that several groups have, are not there.
    pub groups: BTreeMap<String, GroupId>,
}

/// Everything that was decided for the tenant.
pub async fn everything(app: &AppState, governor: &Governor) -> Result<Everything, GovernRefusal> {
    governor.may(Task::ReadPolicies)?;
    let tenant = governor.tenant();
    let found = app.store.read(move |tx| {
        Box::pin(async move {
            let stored = store::policies::documents(tx, tenant).await?;
            Ok::<_, GovernRefusal>(gather(stored))
        })
    });
    found.await
}

/// Documents of this kind that were taken away at `since` or later.
pub async fn removed(
    app: &AppState,
    governor: &Governor,
    kind: PolicyKind,
    since: Timestamp,
) -> Result<Vec<Versioned>, GovernRefusal> {
    governor.may(Task::ReadPolicies)?;
    let tenant = governor.tenant();
    let found = app.store.read(move |tx| {
        Box::pin(async move { store::policies::removed(tx, tenant, kind, since).await })
    });
    Ok(found.await?)
}

/// The policies, with the names of whatever they name.
pub async fn desk(app: &AppState, governor: &Governor) -> Result<Desk, GovernRefusal> {
    governor.may(Task::ReadPolicies)?;
    let tenant = governor.tenant();
    let models = app.models.facts();
    let receives_at = received::address(app.config.origin(), tenant);
    let found = app.store.read(move |tx| {
        Box::pin(async move {
            let everything = gather(store::policies::documents(tx, tenant).await?);
            let names = named(&everything.policies);
            Ok(Desk {
                labels: store::labels::of(tx, tenant, &names).await?,
                applications: store::applications::list(tx, tenant, Page::first(OFFERED)).await?,
                groups: store::groups::list(tx, tenant, "", Page::first(OFFERED)).await?,
                everything,
                models,
                receives_at,
            })
        })
    });
    found.await
}

/// What these user principal names, group names and ids mean in the tenant.
pub async fn lookup(
    app: &AppState,
    governor: &Governor,
    users: Vec<String>,
    groups: Vec<String>,
) -> Result<Lookup, GovernRefusal> {
    governor.may(Task::ReadPolicies)?;
    let tenant = governor.tenant();
    let found = app.store.read(move |tx| {
        Box::pin(async move {
            let mut lookup = Lookup::default();
            for typed in users {
                if let Some(id) = user(tx, tenant, &typed).await? {
                    lookup.users.insert(typed, id);
                }
            }
            for typed in groups {
                if let Some(id) = group(tx, tenant, &typed).await? {
                    lookup.groups.insert(typed, id);
                }
            }
            Ok::<_, GovernRefusal>(lookup)
        })
    });
    found.await
}

fn gather(stored: Vec<Versioned>) -> Everything {
    let mut policies = Policies::of_new_tenant();
    for one in &stored {
        policies.put(one.document.clone());
    }
    Everything { policies, stored }
}

fn named(policies: &Policies) -> Names {
    let documents = PolicyKind::ALL
        .iter()
        .flat_map(|kind| policies.documents_of(*kind));
    documents.fold(Names::default(), |mut all, document| {
        let names = Names::in_document(&document);
        all.users.extend(names.users);
        all.groups.extend(names.groups);
        all.applications.extend(names.applications);
        all
    })
}

async fn user(
    tx: &mut Tx,
    tenant: policy::model::TenantId,
    typed: &str,
) -> Result<Option<UserId>, StoreError> {
    if let Ok(id) = typed.parse() {
        let found = store::users::find(tx, tenant, id).await?;
        return Ok(found.map(|user| user.id));
    }
    let found = store::users::find_by_name(tx, tenant, typed).await?;
    Ok(found.map(|user| user.id))
}

async fn group(
    tx: &mut Tx,
    tenant: policy::model::TenantId,
    typed: &str,
) -> Result<Option<GroupId>, StoreError> {
    if let Ok(id) = typed.parse() {
        let found = store::groups::find(tx, tenant, id).await?;
        return Ok(found.map(|group| group.id));
    }
    match store::labels::groups_called(tx, tenant, typed).await?[..] {
        [only] => Ok(Some(only)),
        _ => Ok(None),
    }
}
