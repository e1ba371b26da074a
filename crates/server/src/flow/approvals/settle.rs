//! Settling a request: a second person approves it, which carries it out, or refuses it; whoever asked takes it back.

use policy::approvals::{self, MAX_REASON, Objection, Seconded, may_decide, may_withdraw, sees};
use policy::model::{
    Approval, ApprovalId, AuditRecord, Outcome, PassUse, Proposal, Role, Settlement, User,
};
use policy::passes::Wish;
use policy::roles;
use store::policies::Expected;

use super::clearance::{Clearance, record};
use super::refusal::ApprovalRefusal;
use crate::app::AppState;
use crate::flow::administer::{self, IssuedPass};
use crate::flow::authority::{self, Target};
use crate::flow::govern::{self, Change, Edit, Governor};
use crate::flow::{Caller, SecretText, records, roles as directory_roles};

/// What approving made. Secrets are shown to whoever approved, once.
#[derive(Clone, Debug)]
pub enum Done {
    /// The change.
    Changed,
    /// A pass for this person.
    Pass(Box<User>, IssuedPass),
    /// A password of this person.
    Password(Box<User>, SecretText),
}

/// Allows a request as its second person and carries it out. `by` has to be able to make the change alone, by their roles and,
/// behind a program, by the scope of the change.
///
/// # Errors
/// [`ApprovalRefusal`]; nothing was changed.
pub async fn approve(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    id: ApprovalId,
) -> Result<Done, ApprovalRefusal> {
    let case = Case::read(app, by, id).await?;
    let activity = "Approve change request";
    let approved = record(app, caller, by, activity, &case.approval);
    let clearance = match case.second(app) {
        Ok((seconded, requester)) => {
            let approver = case.approver.clone();
            Clearance::seconded(seconded, requester, approver, approved.clone())
        }
        Err(objection) => {
            return Err(authority::note(app, caller, approved, objection.into()).await);
        }
    };
    match carry_out(app, caller, by, &case, &clearance).await {
        Ok(done) => Ok(done),
        Err(ApprovalRefusal::Outdated) => {
            let how = case.settlement(app, Outcome::Outdated, String::new());
            let record = records::failed(approved, &ApprovalRefusal::Outdated);
            end(app, &case.approval, how, record).await?;
            Err(ApprovalRefusal::Outdated)
        }
        Err(refusal) => Err(authority::note(app, caller, approved, refusal).await),
    }
}

/// Refuses a request, with a reason for whoever asked.
///
/// # Errors
/// [`ApprovalRefusal`].
pub async fn deny(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    id: ApprovalId,
    reason: &str,
) -> Result<(), ApprovalRefusal> {
    let case = Case::read(app, by, id).await?;
    let mut record = record(app, caller, by, "Deny change request", &case.approval);
    let target = case.target.as_ref().map(Target::facts);
    if let Err(objection) = may_decide(&case.approval, case.allows(), target, app.clock.now()) {
        return Err(authority::note(app, caller, record, objection.into()).await);
    }
    let reason = checked(reason)?;
    record.details.push(("reason".to_owned(), reason.clone()));
    let how = case.settlement(app, Outcome::Denied, reason);
    end(app, &case.approval, how, record).await
}

/// Takes a request of one's own back.
///
/// # Errors
/// [`ApprovalRefusal`].
pub async fn withdraw(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    id: ApprovalId,
) -> Result<(), ApprovalRefusal> {
    let case = Case::read(app, by, id).await?;
    let record = record(app, caller, by, "Withdraw change request", &case.approval);
    let who = case.approver.id;
    if let Err(objection) = may_withdraw(&case.approval, who, app.clock.now()) {
        return Err(authority::note(app, caller, record, objection.into()).await);
    }
    let how = case.settlement(app, Outcome::Withdrawn, String::new());
    end(app, &case.approval, how, record).await
}

/// A request and everybody it takes to settle it.
struct Case {
    approval: Approval,
    requester: Option<User>,
    requester_roles: Vec<Role>,
    approver: User,
    approver_roles: Vec<Role>,
    target: Option<Target>,
}

impl Case {
    async fn read(app: &AppState, by: &Governor, id: ApprovalId) -> Result<Self, ApprovalRefusal> {
        let who = by.person_behind().ok_or(ApprovalRefusal::NoPerson)?;
        let (tenant, me) = (by.tenant(), who.id);
        let read = app.store.read(move |tx| {
            Box::pin(async move {
                let approval = store::approvals::find(tx, tenant, id).await?;
                let approval = approval.ok_or(ApprovalRefusal::NotFound)?;
                let asked = approval.requester;
                let approver = store::users::find(tx, tenant, me).await?;
                Ok::<_, ApprovalRefusal>(Self {
                    requester: store::users::find(tx, tenant, asked).await?,
                    requester_roles: store::roles::of_user(tx, tenant, asked).await?,
                    approver: approver.ok_or(ApprovalRefusal::NotFound)?,
                    approver_roles: store::roles::of_user(tx, tenant, me).await?,
                    target: None,
                    approval,
                })
            })
        });
        let mut case = read.await?;
        if !sees(&case.approval, who) {
            return Err(ApprovalRefusal::NotFound);
        }
        if let Some(person) = case.approval.proposal.person() {
            case.target = authority::target(app, by, person).await?;
        }
        Ok(case)
    }

    /// The proof that there are two.
    fn second(&self, app: &AppState) -> Result<(Seconded, User), Objection> {
        let requester = self.requester.as_ref().filter(|user| user.enabled);
        let asks = requester.map(|user| roles::Caller {
            id: user.id,
            roles: &self.requester_roles,
        });
        let (target, now) = (self.target.as_ref().map(Target::facts), app.clock.now());
        let seconded = approvals::second(&self.approval, asks, self.allows(), target, now)?;
        let requester = requester.ok_or(Objection::RequesterGone)?;
        Ok((seconded, requester.clone()))
    }

    /// Whoever settles it, as they are now.
    fn allows(&self) -> roles::Caller<'_> {
        roles::Caller {
            id: self.approver.id,
            roles: &self.approver_roles,
        }
    }

    fn settlement(&self, app: &AppState, outcome: Outcome, reason: String) -> Settlement {
        Settlement {
            outcome,
            by: self.approver.id,
            at: app.clock.now(),
            reason,
        }
    }
}

/// Does what was asked for, by the flow that does it where nobody else is needed.
async fn carry_out(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    case: &Case,
    clearance: &Clearance,
) -> Result<Done, ApprovalRefusal> {
    let person = || {
        let target = case.target.as_ref().ok_or(ApprovalRefusal::Outdated);
        target.map(|target| Box::new(target.user.clone()))
    };
    match &case.approval.proposal {
        Proposal::PutPolicy(document) => {
            let change = Change::Put(document.clone());
            policy(app, caller, by, case.edit(change), clearance).await
        }
        Proposal::RemovePolicy(kind, id) => {
            let change = Change::Remove(*kind, id.clone());
            policy(app, caller, by, case.edit(change), clearance).await
        }
        Proposal::AssignRole(user, role) => {
            directory_roles::allowed(app, caller, by, (*user, *role), true, clearance).await?;
            Ok(Done::Changed)
        }
        Proposal::UnassignRole(user, role) => {
            directory_roles::allowed(app, caller, by, (*user, *role), false, clearance).await?;
            Ok(Done::Changed)
        }
        Proposal::IssuePass(user, wish) => {
            let shape = Wish {
                lifetime: wish.lifetime,
                usable: wish.once.map(|once| match once {
                    true => PassUse::Once,
                    false => PassUse::Many,
                }),
            };
            let wished = (shape, wish.starts);
            let issued =
                administer::issue_pass_allowed(app, caller, by, *user, wished, clearance).await?;
            Ok(Done::Pass(person()?, issued))
        }
        Proposal::ResetPassword(user) => {
            let fresh =
                administer::reset_password_allowed(app, caller, by, *user, clearance).await?;
            Ok(Done::Password(person()?, fresh))
        }
        Proposal::RemoveTotp(user) => {
            administer::remove_totp_allowed(app, caller, by, *user, clearance).await?;
            Ok(Done::Changed)
        }
    }
}

impl Case {
    /// The change of a policy, on the version that it was asked on.
    const fn edit(&self, change: Change) -> Edit {
        let expected = match self.approval.basis {
            0 => Expected::Absent,
            version => Expected::Version(version),
        };
        Edit { change, expected }
    }
}

async fn policy(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    edit: Edit,
    clearance: &Clearance,
) -> Result<Done, ApprovalRefusal> {
    govern::change_allowed(app, caller, by, edit, clearance).await?;
    Ok(Done::Changed)
}

/// Ends a request without carrying it out.
async fn end(
    app: &AppState,
    approval: &Approval,
    how: Settlement,
    record: AuditRecord,
) -> Result<(), ApprovalRefusal> {
    let (tenant, id) = (approval.tenant, approval.id);
    let ended = app.store.write(move |tx| {
        Box::pin(async move {
            if !store::approvals::settle(tx, tenant, id, &how).await? {
                return Err(ApprovalRefusal::Objection(Objection::Settled));
            }
            store::audit::record(tx, &record).await?;
            Ok(())
        })
    });
    ended.await
}

fn checked(reason: &str) -> Result<String, ApprovalRefusal> {
    let reason = reason.trim();
    let plain = |text: &str| !text.chars().any(|one| one.is_control() && one != '\n');
    let fits = (1..=MAX_REASON).contains(&reason.chars().count()) && plain(reason);
    match fits {
        true => Ok(reason.to_owned()),
        false => Err(ApprovalRefusal::ReasonInvalid),
    }
}
