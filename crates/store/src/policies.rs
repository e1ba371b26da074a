//! Policies: documents with versions, and every text they ever had.
//!
//! Each change raises the tenant's policy version in the same transaction, so that a decision that
//! rests on the old policies is refused by its own write.

use crate::row::{Row, to_json, vals};
use crate::versions::{self, Counter};
use crate::{StoreError, Tx};
use policy::model::{Policies, PolicyDocument, PolicyKind, TenantId, Timestamp};

/// A document as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned {
    /// What it says.
    pub document: PolicyDocument,
    /// Grows with every change of this document, and goes on growing when it is taken away and made again: an old number
    /// never fits a new text. 1 is the first.
    pub version: i64,
    /// When it was changed last.
    pub changed: Timestamp,
}

/// What the writer believes is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Nothing yet.
    Absent,
    /// This version.
    Version(i64),
    /// Whatever it is.
    Anything,
}

/// How a write ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// Done; the document's new version (of a removed one the last) and the tenant's new policy version.
    Done {
        /// Of the document.
        version: i64,
        /// Of all policies.
        policy_version: i64,
    },
    /// Something else is there; nothing was written.
    Stale {
        /// What is there; 0 is nothing.
        version: i64,
    },
}

/// All policies of a tenant, with those of a new tenant where nothing was decided.
///
/// # Errors
/// [`StoreError::Database`]; [`StoreError::Damaged`] if a document cannot be read, for example because
/// a newer program wrote it: then nobody may decide anything.
pub async fn load(tx: &mut Tx, tenant: TenantId) -> Result<Policies, StoreError> {
    let sql = "SELECT kind, body FROM policy_documents WHERE tenant_id = $1 ORDER BY kind, id";
    collect(tx.query(sql, vals![&tenant]).await?)
}

/// Every document that was written, with its version.
///
/// # Errors
/// Those of [`load`].
pub async fn documents(tx: &mut Tx, tenant: TenantId) -> Result<Vec<Versioned>, StoreError> {
    let sql = "SELECT kind, body, version, changed FROM policy_documents
        WHERE tenant_id = $1 ORDER BY kind, id";
    let rows = tx.query(sql, vals![&tenant]).await?;
    rows.into_iter()
        .map(|mut row| {
            let kind: String = row.take("policy kind")?;
            let kind = PolicyKind::from_name(&kind).ok_or(StoreError::Damaged("policy kind"))?;
            read(kind, row)
        })
        .collect()
}

/// All policies as they were at a policy version.
///
/// # Errors
/// Those of [`load`].
pub async fn as_of(
    tx: &mut Tx,
    tenant: TenantId,
    policy_version: i64,
) -> Result<Policies, StoreError> {
    let sql = "SELECT h.kind, h.body FROM policy_history h
        WHERE h.tenant_id = $1 AND h.body IS NOT NULL AND h.policy_version =
            (SELECT max(newest.policy_version) FROM policy_history newest
             WHERE newest.tenant_id = h.tenant_id AND newest.kind = h.kind AND newest.id = h.id
                AND newest.policy_version <= $2)
        ORDER BY h.kind, h.id";
    collect(tx.query(sql, vals![&tenant, policy_version]).await?)
}

/// One document; `None` also where what a new tenant has still holds.
///
/// # Errors
/// Those of [`load`].
pub async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    kind: PolicyKind,
    id: &str,
) -> Result<Option<Versioned>, StoreError> {
    let sql = "SELECT body, version, changed FROM policy_documents
        WHERE tenant_id = $1 AND kind = $2 AND id = $3";
    let row = tx.first(sql, vals![&tenant, kind.as_str(), id]).await?;
    row.map(|row| read(kind, row)).transpose()
}

/// Documents of this kind that were taken away at `since` or later and are not there again: what they said last, the version
/// that says so, and when they were taken away. The newest first, 1,000 at most.
///
/// # Errors
/// Those of [`load`].
pub async fn removed(
    tx: &mut Tx,
    tenant: TenantId,
    kind: PolicyKind,
    since: Timestamp,
) -> Result<Vec<Versioned>, StoreError> {
    let sql = "SELECT last.body, last.policy_version, gone.changed
        FROM policy_history gone
        JOIN policy_history last ON last.tenant_id = gone.tenant_id AND last.kind = gone.kind
            AND last.id = gone.id AND last.policy_version =
                (SELECT max(t.policy_version) FROM policy_history t
                 WHERE t.tenant_id = gone.tenant_id AND t.kind = gone.kind AND t.id = gone.id
                    AND t.body IS NOT NULL)
        WHERE gone.tenant_id = $1 AND gone.kind = $2 AND gone.changed >= $3 AND gone.body IS NULL
            AND gone.policy_version =
                (SELECT max(n.policy_version) FROM policy_history n
                 WHERE n.tenant_id = gone.tenant_id AND n.kind = gone.kind AND n.id = gone.id)
        ORDER BY gone.changed DESC, gone.id LIMIT 1000";
    let rows = tx.query(sql, vals![&tenant, kind.as_str(), since]).await?;
    rows.into_iter().map(|row| read(kind, row)).collect()
}

fn read(kind: PolicyKind, mut row: Row) -> Result<Versioned, StoreError> {
    let body: String = row.take("policy body")?;
    Ok(Versioned {
        document: parse(kind, &body)?,
        version: row.take("document version")?,
        changed: row.take("changed")?,
    })
}

/// Whether the policies are still those of `policy_version`; if so, they stay like this until the commit. Call it first
/// in a job that writes what was judged together with the other policies.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn hold(tx: &mut Tx, tenant: TenantId, policy_version: i64) -> Result<bool, StoreError> {
    let sql = "SELECT v.policy FROM versions v
        WHERE v.tenant_id = $1 AND v.policy = $2 {LOCK v}";
    Ok(tx
        .first(sql, vals![&tenant, policy_version])
        .await?
        .is_some())
}

/// Writes a document if what is there is what was expected.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn put(
    tx: &mut Tx,
    tenant: TenantId,
    document: &PolicyDocument,
    expected: Expected,
    now: Timestamp,
) -> Result<Written, StoreError> {
    let (kind, id) = (document.kind(), document.id());
    let body = to_json(document);
    change(tx, tenant, (kind, &id), Some(&body), expected, now).await
}

/// Takes a document away if what is there is what was expected.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn remove(
    tx: &mut Tx,
    tenant: TenantId,
    kind: PolicyKind,
    id: &str,
    expected: Expected,
    now: Timestamp,
) -> Result<Written, StoreError> {
    change(tx, tenant, (kind, id), None, expected, now).await
}

async fn change(
    tx: &mut Tx,
    tenant: TenantId,
    (kind, id): (PolicyKind, &str),
    body: Option<&str>,
    expected: Expected,
    now: Timestamp,
) -> Result<Written, StoreError> {
    // One writer of a tenant's policies at a time: the row stays locked until the commit.
    let lock = "SELECT 1 FROM versions v WHERE v.tenant_id = $1 {LOCK v}";
    tx.query(lock, vals![&tenant]).await?;
    let found = current(tx, tenant, kind, id).await?;
    let fits = match expected {
        Expected::Absent => found == 0,
        Expected::Version(version) => found == version,
        Expected::Anything => true,
    };
    if !fits || (body.is_none() && found == 0) {
        return Ok(Written::Stale { version: found });
    }
    versions::bump(tx, tenant, Counter::Policy).await?;
    let policy_version = versions::of(tx, tenant).await?.unwrap_or_default().policy;
    let version = match body {
        Some(body) => {
            let version = texts(tx, tenant, kind, id).await? + 1;
            let sql = "INSERT INTO policy_documents (tenant_id, kind, id, version, body, changed)
                VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT (tenant_id, kind, id) DO UPDATE SET
                    version = excluded.version, body = excluded.body, changed = excluded.changed";
            let params = vals![&tenant, kind.as_str(), id, version, body, now];
            tx.exec(sql, params).await?;
            version
        }
        None => {
            let sql = "DELETE FROM policy_documents
                WHERE tenant_id = $1 AND kind = $2 AND id = $3";
            tx.exec(sql, vals![&tenant, kind.as_str(), id]).await?;
            found
        }
    };
    let sql = "INSERT INTO policy_history (tenant_id, kind, id, policy_version, body, changed)
        VALUES ($1, $2, $3, $4, $5, $6)";
    let params = vals![&tenant, kind.as_str(), id, policy_version, body, now];
    tx.exec(sql, params).await?;
    Ok(Written::Done {
        version,
        policy_version,
    })
}

/// The version of a document that is there, else 0.
async fn current(
    tx: &mut Tx,
    tenant: TenantId,
    kind: PolicyKind,
    id: &str,
) -> Result<i64, StoreError> {
    let sql = "SELECT version FROM policy_documents
        WHERE tenant_id = $1 AND kind = $2 AND id = $3";
    let row = tx.first(sql, vals![&tenant, kind.as_str(), id]).await?;
    row.map_or(Ok(0), |mut row| row.take("document version"))
}

/// How many texts the document had, its absences among them.
async fn texts(
    tx: &mut Tx,
    tenant: TenantId,
    kind: PolicyKind,
    id: &str,
) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM policy_history
        WHERE tenant_id = $1 AND kind = $2 AND id = $3";
    let row = tx.first(sql, vals![&tenant, kind.as_str(), id]).await?;
    row.map_or(Ok(0), |mut row| row.take("count of texts"))
}

fn collect(rows: Vec<Row>) -> Result<Policies, StoreError> {
    let mut policies = Policies::of_new_tenant();
    for mut row in rows {
        let kind: String = row.take("policy kind")?;
        let body: String = row.take("policy body")?;
        let kind = PolicyKind::from_name(&kind).ok_or(StoreError::Damaged("policy kind"))?;
        policies.put(parse(kind, &body)?);
    }
    Ok(policies)
}

fn parse(kind: PolicyKind, body: &str) -> Result<PolicyDocument, StoreError> {
    PolicyDocument::from_json(kind, body).map_err(|_| StoreError::Damaged("policy document"))
}
