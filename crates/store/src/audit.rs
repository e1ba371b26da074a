//! The audit log. A record is written in the job that makes the change.

use crate::row::{Row, from_json, to_json, vals};
use crate::{Page, StoreError, Tx, passkeys};
use policy::model::{
    AuditRecord, AuditResult, Category, CorrelationId, RecordId, TenantId, UserId,
};

macro_rules! columns {
    () => {
        "a.tenant_id, a.id, a.happened, a.activity, a.category, a.service, a.result, a.reason, \
         a.initiated_by, a.targets, a.details, a.user_id, a.credential_id, a.aaguid, \
         a.passkey_type, a.correlation"
    };
}

/// Which records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// All.
    All,
    /// Those about one user.
    User(UserId),
    /// Those of one attempt.
    Correlation(CorrelationId),
}

/// Writes a record.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn record(tx: &mut Tx, record: &AuditRecord) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO audit (tenant_id, id, happened, activity, category, service, result, reason,
            initiated_by, targets, details, user_id, credential_id, aaguid, passkey_type,
            correlation)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        vals![
            &record.tenant,
            &record.id,
            record.at,
            &record.activity,
            record.category.as_str(),
            &record.service,
            record.result.as_str(),
            &record.reason,
            &to_json(&record.initiated_by),
            &to_json(&record.targets),
            &to_json(&record.details),
            record.user.as_ref(),
            record.credential_id.as_ref(),
            record.aaguid.as_ref(),
            record.passkey_type.map(policy::model::PasskeyType::as_str),
            &record.correlation
        ],
    )
    .await?;
    Ok(())
}

/// Records, newest first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list(
    tx: &mut Tx,
    tenant: TenantId,
    filter: Filter,
    page: Page<RecordId>,
) -> Result<Vec<AuditRecord>, StoreError> {
    let before = page.after.unwrap_or(RecordId::from_bytes([0xff; 16]));
    let rows = match filter {
        Filter::All => {
            let sql = concat!(
                "SELECT ",
                columns!(),
                " FROM audit a WHERE a.tenant_id = $1 AND a.id < $2
                 ORDER BY a.id DESC LIMIT $3"
            );
            tx.query(sql, vals![&tenant, &before, page.limit]).await?
        }
        Filter::User(user) => {
            let sql = concat!(
                "SELECT ",
                columns!(),
                " FROM audit a
                 WHERE a.tenant_id = $1 AND a.user_id = $4 AND a.id < $2
                 ORDER BY a.id DESC LIMIT $3"
            );
            tx.query(sql, vals![&tenant, &before, page.limit, &user])
                .await?
        }
        Filter::Correlation(correlation) => {
            let sql = concat!(
                "SELECT ",
                columns!(),
                " FROM audit a
                 WHERE a.tenant_id = $1 AND a.correlation = $4 AND a.id < $2
                 ORDER BY a.id DESC LIMIT $3"
            );
            tx.query(sql, vals![&tenant, &before, page.limit, &correlation])
                .await?
        }
    };
    rows.into_iter().map(read).collect()
}

/// One record.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    id: RecordId,
) -> Result<Option<AuditRecord>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM audit a WHERE a.tenant_id = $1 AND a.id = $2"
    );
    tx.first(sql, vals![&tenant, &id])
        .await?
        .map(read)
        .transpose()
}

fn read(mut row: Row) -> Result<AuditRecord, StoreError> {
    Ok(AuditRecord {
        tenant: row.take("record tenant")?,
        id: row.take("record id")?,
        at: row.take("record time")?,
        activity: row.take("record activity")?,
        category: category(&row.take::<String>("record category")?)?,
        service: row.take("record service")?,
        result: result(&row.take::<String>("record result")?)?,
        reason: row.take("record reason")?,
        initiated_by: from_json(&row.take::<String>("record initiator")?, "record initiator")?,
        targets: from_json(&row.take::<String>("record targets")?, "record targets")?,
        details: from_json(&row.take::<String>("record details")?, "record details")?,
        user: row.take("record user")?,
        credential_id: row.take("record credential id")?,
        aaguid: row.take("record aaguid")?,
        passkey_type: row
            .take::<Option<String>>("record passkey type")?
            .map(|name| passkeys::passkey_type(&name))
            .transpose()?,
        correlation: row.take("record correlation")?,
    })
}

fn category(name: &str) -> Result<Category, StoreError> {
    [
        Category::UserManagement,
        Category::GroupManagement,
        Category::RoleManagement,
        Category::ApplicationManagement,
        Category::DirectoryManagement,
        Category::Policy,
    ]
    .into_iter()
    .find(|category| category.as_str() == name)
    .ok_or(StoreError::Damaged("record category"))
}

fn result(name: &str) -> Result<AuditResult, StoreError> {
    [AuditResult::Success, AuditResult::Failure]
        .into_iter()
        .find(|result| result.as_str() == name)
        .ok_or(StoreError::Damaged("record result"))
}
