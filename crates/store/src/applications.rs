//! Applications that sign people in here.

use crate::row::{Row, from_json, to_json, vals};
use crate::versions::{self, Counter};
use crate::{Page, StoreError, Tx};
use policy::model::{Application, ApplicationId, ClientKind, TenantId, TokenHash};

macro_rules! columns {
    () => {
        "a.tenant_id, a.id, a.display_name, a.kind, a.secrets, a.redirect_uris, a.logout_uris, \
         a.app_permissions, a.id_token_algorithm, a.settings, a.enabled, a.created"
    };
}

/// Registers an application, or replaces all of it but its creation time.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn put(tx: &mut Tx, application: &Application) -> Result<(), StoreError> {
    let secrets: Vec<&[u8; 32]> = application
        .secrets
        .iter()
        .map(TokenHash::as_bytes)
        .collect();
    tx.exec(
        "INSERT INTO applications (tenant_id, id, display_name, kind, secrets, redirect_uris,
            logout_uris, app_permissions, id_token_algorithm, enabled, created, settings)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (tenant_id, id) DO UPDATE SET display_name = excluded.display_name,
            kind = excluded.kind, secrets = excluded.secrets,
            redirect_uris = excluded.redirect_uris, logout_uris = excluded.logout_uris,
            app_permissions = excluded.app_permissions,
            id_token_algorithm = excluded.id_token_algorithm, enabled = excluded.enabled,
            settings = excluded.settings",
        vals![
            &application.tenant,
            &application.id,
            &application.display_name,
            application.kind.as_str(),
            &to_json(&secrets),
            &to_json(&application.redirect_uris),
            &to_json(&application.logout_uris),
            &to_json(&application.app_permissions),
            application.id_token_algorithm.as_deref(),
            application.enabled,
            application.created,
            &to_json(&application.settings)
        ],
    )
    .await?;
    versions::bump(tx, application.tenant, Counter::Policy).await
}

/// The application with this id.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    id: ApplicationId,
) -> Result<Option<Application>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM applications a WHERE a.tenant_id = $1 AND a.id = $2"
    );
    tx.first(sql, vals![&tenant, &id])
        .await?
        .map(read)
        .transpose()
}

/// Applications by id, oldest first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list(
    tx: &mut Tx,
    tenant: TenantId,
    page: Page<ApplicationId>,
) -> Result<Vec<Application>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM applications a WHERE a.tenant_id = $1 AND a.id > $2 ORDER BY a.id LIMIT $3"
    );
    let after = page.after.unwrap_or(ApplicationId::from_bytes([0; 16]));
    let rows = tx.query(sql, vals![&tenant, &after, page.limit]).await?;
    rows.into_iter().map(read).collect()
}

/// The names of the algorithms that applications ask for.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn algorithms(tx: &mut Tx, tenant: TenantId) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT DISTINCT id_token_algorithm FROM applications
        WHERE tenant_id = $1 AND id_token_algorithm IS NOT NULL ORDER BY id_token_algorithm";
    let rows = tx.query(sql, vals![&tenant]).await?;
    rows.into_iter()
        .map(|mut row| row.take("application algorithm"))
        .collect()
}

/// Deletes an application with everything given to it; `false` if there is none.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete(tx: &mut Tx, tenant: TenantId, id: ApplicationId) -> Result<bool, StoreError> {
    let sql = "DELETE FROM applications WHERE tenant_id = $1 AND id = $2";
    let deleted = tx.changed(sql, vals![&tenant, &id]).await?;
    versions::bump(tx, tenant, Counter::Policy).await?;
    Ok(deleted)
}

fn read(mut row: Row) -> Result<Application, StoreError> {
    let list = |text: String, name| from_json::<Vec<String>>(&text, name);
    Ok(Application {
        tenant: row.take("application tenant")?,
        id: row.take("application id")?,
        display_name: row.take("application name")?,
        kind: kind(&row.take::<String>("application kind")?)?,
        secrets: secrets(&row.take::<String>("application secrets")?)?,
        redirect_uris: from_json(&row.take::<String>("redirect uris")?, "redirect uris")?,
        logout_uris: list(row.take("logout uris")?, "logout uris")?,
        app_permissions: list(
            row.take("application permissions")?,
            "application permissions",
        )?,
        id_token_algorithm: row.take("application algorithm")?,
        settings: from_json(
            &row.take::<String>("application settings")?,
            "application settings",
        )?,
        enabled: row.take("application enabled")?,
        created: row.take("application created")?,
    })
}

fn secrets(text: &str) -> Result<Vec<TokenHash>, StoreError> {
    let hashes: Vec<[u8; 32]> = from_json(text, "application secrets")?;
    Ok(hashes.into_iter().map(TokenHash::from_bytes).collect())
}

fn kind(name: &str) -> Result<ClientKind, StoreError> {
    [ClientKind::Public, ClientKind::Confidential]
        .into_iter()
        .find(|kind| kind.as_str() == name)
        .ok_or(StoreError::Damaged("application kind"))
}
