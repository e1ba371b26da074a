//! Tenants and their domains.

use crate::row::{Row, from_json, to_json, vals};
use crate::{StoreError, Tx};
use policy::model::{Tenant, TenantId};

/// How making a tenant ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// Done.
    Done,
    /// One of its domains belongs to another tenant; nothing was written.
    DomainTaken,
}

/// Makes a tenant with its domains and its row of versions.
///
/// # Errors
/// [`StoreError::Database`], also when the id exists.
pub async fn create(tx: &mut Tx, tenant: &Tenant) -> Result<Created, StoreError> {
    tx.exec(
        "INSERT INTO tenants (id, display_name, domains, created) VALUES ($1, $2, $3, $4)",
        vals![
            &tenant.id,
            &tenant.display_name,
            &to_json(&tenant.domains),
            tenant.created
        ],
    )
    .await?;
    tx.exec(
        "INSERT INTO versions (tenant_id, policy, revocation, keys) VALUES ($1, 1, 1, 1)",
        vals![&tenant.id],
    )
    .await?;
    for domain in &tenant.domains {
        let sql =
            "INSERT INTO tenant_domains (domain, tenant_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        if !tx
            .changed(sql, vals![&domain.to_lowercase(), &tenant.id])
            .await?
        {
            tx.exec("DELETE FROM tenants WHERE id = $1", vals![&tenant.id])
                .await?;
            return Ok(Created::DomainTaken);
        }
    }
    Ok(Created::Done)
}

/// The tenant with this id.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(tx: &mut Tx, id: TenantId) -> Result<Option<Tenant>, StoreError> {
    let sql = "SELECT id, display_name, domains, created FROM tenants WHERE id = $1";
    tx.first(sql, vals![&id]).await?.map(read).transpose()
}

/// The tenant that owns this domain; case does not matter.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find_by_domain(tx: &mut Tx, domain: &str) -> Result<Option<Tenant>, StoreError> {
    let sql = "SELECT t.id, t.display_name, t.domains, t.created FROM tenant_domains d
        JOIN tenants t ON t.id = d.tenant_id WHERE d.domain = $1";
    tx.first(sql, vals![&domain.to_lowercase()])
        .await?
        .map(read)
        .transpose()
}

/// Every tenant of the deployment, oldest first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list(tx: &mut Tx) -> Result<Vec<Tenant>, StoreError> {
    let sql = "SELECT id, display_name, domains, created FROM tenants ORDER BY id";
    tx.query(sql, &[]).await?.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<Tenant, StoreError> {
    Ok(Tenant {
        id: row.take("tenant id")?,
        display_name: row.take("tenant name")?,
        domains: from_json(&row.take::<String>("tenant domains")?, "tenant domains")?,
        created: row.take("tenant created")?,
    })
}
