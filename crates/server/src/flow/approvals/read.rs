//! Requests as people see them.

use policy::approvals::{may_decide, may_withdraw, sees};
use policy::model::{Approval, ApprovalId, TenantId, User, UserId};
use policy::roles::{self, Task};
use store::approvals::Which;
use store::{Page, StoreError, Tx};

use super::refusal::ApprovalRefusal;
use crate::app::AppState;
use crate::flow::authority::{self, Target};
use crate::flow::govern::Governor;

/// Requests on one page.
const ROWS: u32 = 50;

/// A request with the people it is about, as they are now.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The request.
    pub approval: Approval,
    /// Who asked.
    pub requester: Option<User>,
    /// Who settled it.
    pub settled_by: Option<User>,
    /// Whom the change is about.
    pub person: Option<User>,
    /// Whether it is pending, or how it ended.
    pub status: &'static str,
    /// Whether whoever looks may approve or refuse it.
    pub may_decide: bool,
    /// Whether they may take it back.
    pub may_withdraw: bool,
}

/// Requests behind `after`, the newest first, that `by` may see, and where the next page begins.
///
/// # Errors
/// [`ApprovalRefusal::Denied`], or if the store fails.
pub async fn list(
    app: &AppState,
    by: &Governor,
    only_open: bool,
    after: Option<ApprovalId>,
) -> Result<(Vec<Shown>, Option<ApprovalId>), ApprovalRefusal> {
    by.may(Task::ReadApprovals)?;
    let who = by.person_behind().ok_or(ApprovalRefusal::no_person())?;
    let (tenant, now) = (by.tenant(), app.clock.now());
    let which = match only_open {
        true => Which::Open(now),
        false => Which::All,
    };
    let page = Page { after, limit: ROWS };
    let read = app.store.read(move |tx| {
        Box::pin(async move {
            let mut rows = Vec::new();
            for approval in store::approvals::list(tx, tenant, which, page).await? {
                rows.push(named(tx, approval).await?);
            }
            Ok::<_, StoreError>(rows)
        })
    });
    let rows: Vec<Named> = read.await?;
    let full = usize::try_from(ROWS).is_ok_and(|limit| rows.len() >= limit);
    let next = rows.last().filter(|_| full).map(|row| row.approval.id);
    let rows = rows.into_iter().filter(|row| sees(&row.approval, who));
    let shown = rows.map(|row| row.shown(app, who, None)).collect();
    Ok((shown, next))
}

/// One request.
///
/// # Errors
/// [`ApprovalRefusal::NotFound`], also for what `by` may not see; [`ApprovalRefusal::Denied`], or if the store fails.
pub async fn one(app: &AppState, by: &Governor, id: ApprovalId) -> Result<Shown, ApprovalRefusal> {
    let who = by.person_behind().ok_or(ApprovalRefusal::no_person())?;
    let tenant = by.tenant();
    let read = app.store.read(move |tx| {
        Box::pin(async move {
            match store::approvals::find(tx, tenant, id).await? {
                Some(approval) => Ok::<_, StoreError>(Some(named(tx, approval).await?)),
                None => Ok(None),
            }
        })
    });
    let found = read.await?.filter(|row| sees(&row.approval, who));
    let row = found.ok_or(ApprovalRefusal::NotFound)?;
    let target = match row.approval.proposal.person() {
        Some(person) => authority::target(app, by, person).await?,
        None => None,
    };
    Ok(row.shown(app, who, target.as_ref()))
}

struct Named {
    approval: Approval,
    requester: Option<User>,
    settled_by: Option<User>,
    person: Option<User>,
}

impl Named {
    fn shown(self, app: &AppState, who: roles::Caller<'_>, target: Option<&Target>) -> Shown {
        let now = app.clock.now();
        let target = target.map(Target::facts);
        Shown {
            status: self.approval.status(now),
            may_decide: may_decide(&self.approval, who, target, now).is_ok(),
            may_withdraw: may_withdraw(&self.approval, who.id, now).is_ok(),
            approval: self.approval,
            requester: self.requester,
            settled_by: self.settled_by,
            person: self.person,
        }
    }
}

async fn named(tx: &mut Tx, approval: Approval) -> Result<Named, StoreError> {
    let tenant = approval.tenant;
    let settled_by = approval.settled.as_ref().map(|settled| settled.by);
    Ok(Named {
        requester: find(tx, tenant, Some(approval.requester)).await?,
        settled_by: find(tx, tenant, settled_by).await?,
        person: find(tx, tenant, approval.proposal.person()).await?,
        approval,
    })
}

async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    user: Option<UserId>,
) -> Result<Option<User>, StoreError> {
    match user {
        Some(user) => store::users::find(tx, tenant, user).await,
        None => Ok(None),
    }
}
