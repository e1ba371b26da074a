//! Whether a change may be carried out now, and keeping it where it may not.

use policy::approvals::{Cleared, MAX_OPEN, Seconded, Stop, gate};
use policy::model::{
    Approval, ApprovalId, AuditRecord, Category, ChangeClass, ModifiedProperty, Outcome, Proposal,
    SecondPerson, Settlement, Span, Target, TenantId, Timestamp, User, UserId,
};
use store::approvals::Kept;
use store::{StoreError, Tx};

use super::refusal::HeldBack;
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::govern::{Governor, bare};

/// That a change may be carried out now. What it takes along, if a second person allowed it, is settled with it.
#[derive(Clone, Debug)]
pub struct Clearance {
    cleared: Cleared,
    second: Option<Box<Second>>,
}

/// What is known of the two.
#[derive(Clone, Debug)]
struct Second {
    requester: User,
    approver: User,
    record: AuditRecord,
}

/// A change as it would be kept.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// All of it.
    pub proposal: Proposal,
    /// The document as it is, as JSON.
    pub before: Option<String>,
    /// The version of the document or the account; 0 where there is nothing.
    pub basis: i64,
    /// What would be different, for the record.
    pub changes: Vec<ModifiedProperty>,
}

impl From<Cleared> for Clearance {
    fn from(cleared: Cleared) -> Self {
        Self {
            cleared,
            second: None,
        }
    }
}

impl Clearance {
    /// What a second person allows; `record` says that they did.
    pub(super) fn seconded(
        seconded: Seconded,
        requester: User,
        approver: User,
        record: AuditRecord,
    ) -> Self {
        Self {
            cleared: seconded.into(),
            second: Some(Box::new(Second {
                requester,
                approver,
                record,
            })),
        }
    }

    /// The same record, naming both people where there are two.
    pub fn note(&self, mut record: AuditRecord) -> AuditRecord {
        if let (Some(seconded), Some(second)) = (self.cleared.seconded(), &self.second) {
            let details = [
                ("approvalId", seconded.approval().to_string()),
                ("requestedBy", named(&second.requester)),
                ("approvedBy", named(&second.approver)),
            ];
            let details = details.map(|(name, value)| (name.to_owned(), value));
            record.details.extend(details);
        }
        record
    }

    /// Ends the request in the transaction that makes the change, if there is one and nothing of it changed: neither of the two
    /// people, nor what the change is about, nor the request. Call it before the change is written.
    ///
    /// # Errors
    /// [`HeldBack::Contended`], [`HeldBack::Outdated`] or [`HeldBack::Settled`].
    pub async fn settle<E: From<StoreError> + From<HeldBack>>(
        &self,
        tx: &mut Tx,
        about: Option<(TenantId, UserId)>,
        now: Timestamp,
    ) -> Result<(), E> {
        let (Some(seconded), Some(second)) = (self.cleared.seconded(), &self.second) else {
            return Ok(());
        };
        if let Some((tenant, user)) = about
            && !store::users::has_version(tx, tenant, user, seconded.basis()).await?
        {
            return Err(HeldBack::Outdated.into());
        }
        for person in [&second.requester, &second.approver] {
            if !store::users::hold(tx, person.tenant, person.id, person.version).await? {
                return Err(HeldBack::Contended.into());
            }
        }
        let how = Settlement {
            outcome: Outcome::Approved,
            by: seconded.approver(),
            at: now,
            reason: String::new(),
        };
        let tenant = second.approver.tenant;
        if !store::approvals::settle(tx, tenant, seconded.approval(), &how).await? {
            return Err(HeldBack::Settled.into());
        }
        store::audit::record(tx, &second.record).await?;
        Ok(())
    }
}

/// Whether a change may be carried out now. Where a second person is needed it is kept, and that is what is answered.
///
/// # Errors
/// [`HeldBack`].
pub async fn clear<E: From<StoreError> + From<HeldBack>>(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    (setting, policy_version): (&SecondPerson, i64),
    wanted: Wanted,
) -> Result<Clearance, E> {
    let stop = match gate(setting, wanted.proposal.class(), by.who()) {
        Ok(cleared) => return Ok(cleared.into()),
        Err(stop) => stop,
    };
    let held = match stop {
        Stop::NoPerson => HeldBack::NoPerson,
        Stop::Ask(requester) => {
            let open = Span::hours(setting.hours.into());
            keep(app, caller, by, (requester, open), policy_version, wanted).await?
        }
    };
    Err(held.into())
}

/// Keeps the request, if the policies are still those that say that it has to wait.
async fn keep(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    (requester, open): (UserId, Span),
    policy_version: i64,
    wanted: Wanted,
) -> Result<HeldBack, StoreError> {
    let (tenant, now) = (by.tenant(), app.clock.now());
    let approval = Approval {
        tenant,
        id: ApprovalId::new(now, app.random.bytes()),
        requester,
        proposal: wanted.proposal,
        before: wanted.before,
        basis: wanted.basis,
        created: now,
        expires: now.plus(open),
        settled: None,
    };
    let activity = "Request change approval";
    let mut record = record(app, caller, by, activity, &approval);
    if let Some(target) = record.targets.first_mut() {
        target.modified_properties = wanted.changes;
    }
    let kept = app.store.write(move |tx| {
        Box::pin(async move {
            if !store::policies::hold(tx, tenant, policy_version).await? {
                return Ok(HeldBack::Contended);
            }
            match store::approvals::keep(tx, &approval, MAX_OPEN).await? {
                Kept::TooMany => Ok(HeldBack::TooManyOpen),
                Kept::Done => {
                    store::audit::record(tx, &record).await?;
                    Ok(HeldBack::Waiting(approval.id))
                }
            }
        })
    });
    kept.await
}

/// The record of something that is done to a request.
pub(super) fn record(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    activity: &str,
    approval: &Approval,
) -> AuditRecord {
    let proposal = &approval.proposal;
    let target = Target {
        id: approval.id.to_string(),
        kind: "Request".to_owned(),
        display_name: Some(proposal.operation().to_owned()),
        user_principal_name: None,
        modified_properties: Vec::new(),
    };
    let mut record = AuditRecord {
        category: match proposal.class() {
            ChangeClass::Policies | ChangeClass::Setting => Category::Policy,
            ChangeClass::Roles => Category::RoleManagement,
            ChangeClass::Methods => Category::UserManagement,
        },
        service: "Change approval".to_owned(),
        user: proposal.person(),
        ..bare(app, caller, by, activity, target)
    };
    let mut details = vec![("operation", proposal.operation().to_owned())];
    if let Some((kind, id)) = proposal.policy() {
        details.extend([("policyKind", kind.as_str().to_owned()), ("policyId", id)]);
    }
    if let Some(person) = proposal.person() {
        details.push(("userId", person.to_string()));
    }
    if let Proposal::AssignRole(_, role) | Proposal::UnassignRole(_, role) = proposal {
        details.push(("role", role.display_name().to_owned()));
    }
    let details = details.into_iter();
    let details = details.map(|(name, value)| (name.to_owned(), value));
    record.details.extend(details);
    record
}

fn named(user: &User) -> String {
    format!("{} ({})", user.user_principal_name, user.id)
}
