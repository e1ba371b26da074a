//! Changes that wait for a second person.

use crate::row::{Row, vals};
use crate::{Page, StoreError, Tx};
use policy::model::{
    Approval, ApprovalId, Outcome, Proposal, Settlement, TenantId, Timestamp, UserId,
};

macro_rules! columns {
    () => {
        "a.tenant_id, a.id, a.user_id, a.proposal, a.before_body, a.basis, a.created, a.expires, \
         a.outcome, a.settled_by, a.settled, a.reason"
    };
}

/// How keeping a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Done.
    Done,
    /// Whoever asks has as many open requests as they may have.
    TooMany,
}

/// Which requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that can still be settled at this moment.
    Open(Timestamp),
    /// All that are kept.
    All,
}

/// Keeps an open request, unless whoever asks has `most` open ones already.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn keep(tx: &mut Tx, approval: &Approval, most: u32) -> Result<Kept, StoreError> {
    let sql = "SELECT count(*) FROM approvals
        WHERE tenant_id = $1 AND user_id = $2 AND outcome IS NULL AND expires > $3";
    let params = vals![&approval.tenant, &approval.requester, approval.created];
    let open: i64 = match tx.first(sql, params).await? {
        Some(mut row) => row.take("count of requests")?,
        None => 0,
    };
    if open >= i64::from(most) {
        return Ok(Kept::TooMany);
    }
    tx.exec(
        "INSERT INTO approvals (tenant_id, id, user_id, proposal, before_body, basis, created, expires)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        vals![
            &approval.tenant,
            &approval.id,
            &approval.requester,
            &approval.proposal.to_json(),
            approval.before.as_deref(),
            approval.basis,
            approval.created,
            approval.expires
        ],
    )
    .await?;
    Ok(Kept::Done)
}

/// One request.
///
/// # Errors
/// [`StoreError::Damaged`] if it cannot be read, for example because a newer program wrote it.
pub async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    id: ApprovalId,
) -> Result<Option<Approval>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM approvals a WHERE a.tenant_id = $1 AND a.id = $2"
    );
    let row = tx.first(sql, vals![&tenant, &id]).await?;
    row.map(|mut row| read(&mut row)).transpose()
}

/// Requests by id, the newest first, behind `page.after`.
///
/// # Errors
/// Those of [`find`].
pub async fn list(
    tx: &mut Tx,
    tenant: TenantId,
    which: Which,
    page: Page<ApprovalId>,
) -> Result<Vec<Approval>, StoreError> {
    let after = page.after.unwrap_or(ApprovalId::from_bytes([0xff; 16]));
    let rows = match which {
        Which::Open(now) => {
            let sql = concat!(
                "SELECT ",
                columns!(),
                " FROM approvals a WHERE a.tenant_id = $1 AND a.id < $2
                 AND a.outcome IS NULL AND a.expires > $3
                 ORDER BY a.id DESC LIMIT $4"
            );
            tx.query(sql, vals![&tenant, &after, now, page.limit])
                .await?
        }
        Which::All => {
            let sql = concat!(
                "SELECT ",
                columns!(),
                " FROM approvals a WHERE a.tenant_id = $1 AND a.id < $2
                 ORDER BY a.id DESC LIMIT $3"
            );
            tx.query(sql, vals![&tenant, &after, page.limit]).await?
        }
    };
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

/// What this person asked for, the newest first; at most `limit`.
///
/// # Errors
/// Those of [`find`].
pub async fn of_user(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    limit: u32,
) -> Result<Vec<Approval>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM approvals a WHERE a.tenant_id = $1 AND a.user_id = $2
         ORDER BY a.id DESC LIMIT $3"
    );
    let rows = tx.query(sql, vals![&tenant, &user, limit]).await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

/// Ends a request that is open at the moment of `how`; `false` if it is not. Of two who settle it at once, one does.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn settle(
    tx: &mut Tx,
    tenant: TenantId,
    id: ApprovalId,
    how: &Settlement,
) -> Result<bool, StoreError> {
    tx.changed(
        "UPDATE approvals SET outcome = $3, settled_by = $4, settled = $5, reason = $6
         WHERE tenant_id = $1 AND id = $2 AND outcome IS NULL AND expires > $5",
        vals![
            &tenant,
            &id,
            how.outcome.as_str(),
            &how.by,
            how.at,
            &how.reason
        ],
    )
    .await
}

fn read(row: &mut Row) -> Result<Approval, StoreError> {
    let (tenant, id, requester) = (row.take("tenant")?, row.take("id")?, row.take("user")?);
    let proposal: String = row.take("proposal")?;
    Ok(Approval {
        tenant,
        id,
        requester,
        proposal: Proposal::from_json(&proposal).ok_or(StoreError::Damaged("proposal"))?,
        before: row.take("document before")?,
        basis: row.take("basis")?,
        created: row.take("created")?,
        expires: row.take("expires")?,
        settled: settlement(row)?,
    })
}

fn settlement(row: &mut Row) -> Result<Option<Settlement>, StoreError> {
    let outcome: Option<String> = row.take("outcome")?;
    let (by, at): (Option<UserId>, Option<Timestamp>) =
        (row.take("settled by")?, row.take("settled")?);
    let reason: Option<String> = row.take("reason")?;
    let Some(outcome) = outcome else {
        return Ok(None);
    };
    Ok(Some(Settlement {
        outcome: Outcome::from_name(&outcome).ok_or(StoreError::Damaged("outcome"))?,
        by: by.ok_or(StoreError::Damaged("settled by"))?,
        at: at.ok_or(StoreError::Damaged("settled"))?,
        reason: reason.unwrap_or_default(),
    }))
}
