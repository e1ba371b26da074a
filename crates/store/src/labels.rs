//! What people call what policies name by id, and the other way round.

use crate::row::vals;
use crate::{StoreError, Tx};
use policy::model::{ApplicationId, GroupId, TenantId, UserId};
use policy::validate::Names;
use std::collections::BTreeMap;

/// Names by id. What does not exist has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    /// User principal names.
    pub users: BTreeMap<UserId, String>,
    /// Display names of groups.
    pub groups: BTreeMap<GroupId, String>,
    /// Display names of applications.
    pub applications: BTreeMap<ApplicationId, String>,
}

impl Labels {
    /// What exists.
    #[must_use]
    pub fn names(&self) -> Names {
        Names {
            users: self.users.keys().copied().collect(),
            groups: self.groups.keys().copied().collect(),
            applications: self.applications.keys().copied().collect(),
        }
    }
}

/// What those of `names` that exist are called.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn of(tx: &mut Tx, tenant: TenantId, names: &Names) -> Result<Labels, StoreError> {
    let mut labels = Labels::default();
    for id in &names.users {
        let sql = "SELECT user_principal_name FROM users WHERE tenant_id = $1 AND id = $2";
        if let Some(mut row) = tx.first(sql, vals![&tenant, id]).await? {
            labels.users.insert(*id, row.take("user name")?);
        }
    }
    for id in &names.groups {
        let sql = "SELECT display_name FROM user_groups WHERE tenant_id = $1 AND id = $2";
        if let Some(mut row) = tx.first(sql, vals![&tenant, id]).await? {
            labels.groups.insert(*id, row.take("group name")?);
        }
    }
    for id in &names.applications {
        let sql = "SELECT display_name FROM applications WHERE tenant_id = $1 AND id = $2";
        if let Some(mut row) = tx.first(sql, vals![&tenant, id]).await? {
            labels
                .applications
                .insert(*id, row.take("application name")?);
        }
    }
    Ok(labels)
}

/// The groups with exactly this name, without regard to case; two are enough to know that it is not clear which is meant.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn groups_called(
    tx: &mut Tx,
    tenant: TenantId,
    name: &str,
) -> Result<Vec<GroupId>, StoreError> {
    let sql = "SELECT id FROM user_groups
        WHERE tenant_id = $1 AND lower(display_name) = $2 ORDER BY id LIMIT 2";
    let name = name.trim().to_lowercase();
    let rows = tx.query(sql, vals![&tenant, &name]).await?;
    rows.into_iter()
        .map(|mut row| row.take("group id"))
        .collect()
}
