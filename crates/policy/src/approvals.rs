//! Dual control: whether a change waits for a second person, and who may be that person.
//!
//! ```text
//!   a change ── gate ──▶ Cleared ─────────────────────────────▶ the write
//!                 └────▶ Stop::Ask ─▶ a request ── second ──▶ Seconded ─▶ Cleared
//! ```
//!
//! A write of one of these changes takes a [`Cleared`]. Only this module makes one: where the setting asks for nobody, or from a
//! [`Seconded`], which takes somebody else than who asked, with a role that could make the change alone.

use crate::Denial;
use crate::model::{
    Approval, ApprovalId, ChangeClass, Proposal, Role, SecondPerson, Timestamp, UserId, UserType,
};
use crate::roles::{self, Action, Target, Task};
use crate::scopes::Operation;

/// Requests that one person may have open at once.
pub const MAX_OPEN: u32 = 50;
/// Characters of a reason.
pub const MAX_REASON: usize = 1_000;
/// People who have to be able to make a change of a class before that class waits for a second one.
const LEAST: usize = 2;

/// Who wants to make a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// A person, with or without a program between.
    Person(UserId),
    /// A program by itself.
    Application,
    /// Whoever runs the server, at its command line.
    Operator,
}

/// Proof that a change may be carried out now, as far as a second person goes.
///
/// ```compile_fail
/// let forged = policy::approvals::Cleared(None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleared(Option<Seconded>);

impl Cleared {
    /// What a second person allowed, if one was needed.
    #[must_use]
    pub const fn seconded(&self) -> Option<&Seconded> {
        self.0.as_ref()
    }
}

impl From<Seconded> for Cleared {
    fn from(seconded: Seconded) -> Self {
        Self(Some(seconded))
    }
}

/// Proof that a second person allows a request. Only [`second`] makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seconded {
    approval: ApprovalId,
    approver: UserId,
    basis: i64,
}

impl Seconded {
    /// Which request.
    #[must_use]
    pub const fn approval(&self) -> ApprovalId {
        self.approval
    }

    /// Who allows it.
    #[must_use]
    pub const fn approver(&self) -> UserId {
        self.approver
    }

    /// The version that the change was asked on; on any other it is not carried out.
    #[must_use]
    pub const fn basis(&self) -> i64 {
        self.basis
    }
}

/// Why a change is not carried out at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// This person may ask for it; a second one has to allow it.
    Ask(UserId),
    /// A second person is needed and there is no first one.
    NoPerson,
}

/// Whether a change of this class may be carried out at once.
///
/// # Errors
/// [`Stop`].
pub const fn gate(setting: &SecondPerson, class: ChangeClass, who: Who) -> Result<Cleared, Stop> {
    if !asks(setting, class) {
        return Ok(Cleared(None));
    }
    match who {
        Who::Person(id) => Err(Stop::Ask(id)),
        Who::Application => Err(Stop::NoPerson),
        // Whoever holds the database and its keys could write the change there.
        Who::Operator => Ok(Cleared(None)),
    }
}

/// Whether the setting asks for a second person. Where it asks for one at all, it does so for its own change.
const fn asks(setting: &SecondPerson, class: ChangeClass) -> bool {
    match class {
        ChangeClass::Policies => setting.policies,
        ChangeClass::Roles => setting.roles,
        ChangeClass::Methods => setting.methods,
        ChangeClass::Setting => setting.is_on(),
    }
}

/// Why somebody cannot settle a request in this way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objection {
    /// It is settled already.
    Settled,
    /// Its time is over.
    Expired,
    /// Nobody is their own second person.
    OwnRequest,
    /// Only whoever asked takes it back.
    NotOwnRequest,
    /// Their roles would not let them make the change.
    Denied(Denial),
    /// The change is about themselves.
    Concerned,
    /// Whoever asked is gone, disabled, or could not make the change any more.
    RequesterGone,
}

impl Objection {
    /// One of each, for tables and tests.
    pub const ALL: &'static [Self] = &[
        Self::Settled,
        Self::Expired,
        Self::OwnRequest,
        Self::NotOwnRequest,
        Self::Denied(Denial::RoleMissing),
        Self::Concerned,
        Self::RequesterGone,
    ];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Settled => "approval_settled",
            Self::Expired => "approval_expired",
            Self::OwnRequest => "approval_own_request",
            Self::NotOwnRequest => "approval_not_own_request",
            Self::Denied(denial) => denial.code(),
            Self::Concerned => "approval_concerns_oneself",
            Self::RequesterGone => "approval_requester_gone",
        }
    }
}

/// Whether `approver` allows the request as its second person. `requester` is whoever asked, as they are now, if their account
/// is enabled; `target` whom the change is about, if it is about somebody.
///
/// # Errors
/// [`Objection`].
pub fn second(
    approval: &Approval,
    requester: Option<roles::Caller<'_>>,
    approver: roles::Caller<'_>,
    target: Option<Target<'_>>,
    now: Timestamp,
) -> Result<Seconded, Objection> {
    may_decide(approval, approver, target, now)?;
    // A role or a pass for oneself would be a change that one person wanted twice.
    if approval.proposal.person() == Some(approver.id) {
        return Err(Objection::Concerned);
    }
    let requester = requester.ok_or(Objection::RequesterGone)?;
    may_make(requester, &approval.proposal, target).map_err(|_| Objection::RequesterGone)?;
    Ok(Seconded {
        approval: approval.id,
        approver: approver.id,
        basis: approval.basis,
    })
}

/// Whether `who` may decide about the request at all, which refusing it takes too.
///
/// # Errors
/// [`Objection::Settled`], [`Objection::Expired`], [`Objection::OwnRequest`] or [`Objection::Denied`].
pub fn may_decide(
    approval: &Approval,
    who: roles::Caller<'_>,
    target: Option<Target<'_>>,
    now: Timestamp,
) -> Result<(), Objection> {
    is_open(approval, now)?;
    if approval.requester == who.id {
        return Err(Objection::OwnRequest);
    }
    may_make(who, &approval.proposal, target).map_err(Objection::Denied)
}

/// Whether `who` may take the request back.
///
/// # Errors
/// [`Objection::Settled`], [`Objection::Expired`] or [`Objection::NotOwnRequest`].
pub fn may_withdraw(approval: &Approval, who: UserId, now: Timestamp) -> Result<(), Objection> {
    is_open(approval, now)?;
    match approval.requester == who {
        true => Ok(()),
        false => Err(Objection::NotOwnRequest),
    }
}

/// Whether `who` may see the request: whoever asked, whoever reads the audit log, where it stands too, and whoever might settle it.
#[must_use]
pub fn sees(approval: &Approval, who: roles::Caller<'_>) -> bool {
    let may = |task| roles::may_do(who.roles, task).is_ok();
    approval.requester == who.id
        || may(Task::ReadAudit)
        || match approval.proposal.class() {
            ChangeClass::Policies => may(Task::ReadPolicies),
            ChangeClass::Roles | ChangeClass::Setting => may(Task::AssignRoles),
            ChangeClass::Methods => may(Task::SettleApprovals) && may(Task::ReadUsers),
        }
}

/// Whether so few people could make a change of some class that waits that nobody might be left to allow it. `people` are the
/// roles of each enabled account.
#[must_use]
pub fn lacks_people(setting: &SecondPerson, people: &[Vec<Role>]) -> bool {
    let enough = |may: &dyn Fn(&[Role]) -> bool| {
        let able = people.iter().filter(|roles| may(roles));
        able.count() >= LEAST
    };
    let task = |task| enough(&|roles| roles::may_do(roles, task).is_ok());
    let class = |class: &ChangeClass| match class {
        ChangeClass::Policies => task(Task::WriteMethodPolicy) && task(Task::WriteAccessPolicies),
        ChangeClass::Roles | ChangeClass::Setting => task(Task::AssignRoles),
        ChangeClass::Methods => enough(&reaches_everybody),
    };
    let mut waiting = ChangeClass::ALL.iter().filter(|one| asks(setting, **one));
    !waiting.all(class)
}

/// What a token has to permit for the change to be made through it.
#[must_use]
pub const fn operation(proposal: &Proposal) -> Operation {
    let task = match proposal {
        Proposal::PutPolicy(document) => roles::writing(document.kind()),
        Proposal::RemovePolicy(kind, _) => roles::writing(*kind),
        Proposal::AssignRole(..) | Proposal::UnassignRole(..) => Task::AssignRoles,
        Proposal::IssuePass(..) => return Operation::ManagePasses,
        Proposal::ResetPassword(_) => return Operation::ResetPassword,
        Proposal::RemoveTotp(_) => return Operation::ManageMethods,
    };
    match task {
        Task::WriteMethodPolicy => Operation::WriteMethodPolicy,
        Task::WriteAccessPolicies => Operation::WriteAccessPolicies,
        _ => Operation::AssignRoles,
    }
}

fn reaches_everybody(roles: &[Role]) -> bool {
    let (caller, target) = (UserId::from_bytes([0; 16]), UserId::from_bytes([1; 16]));
    let target = Target {
        id: target,
        roles: &[Role::GlobalAdministrator],
        in_role_assignable_group: true,
        user_type: UserType::Member,
    };
    let caller = roles::Caller { id: caller, roles };
    roles::may_act(caller, Action::ManagePass, target).is_ok()
}

fn is_open(approval: &Approval, now: Timestamp) -> Result<(), Objection> {
    if approval.settled.is_some() {
        return Err(Objection::Settled);
    }
    if now >= approval.expires {
        return Err(Objection::Expired);
    }
    Ok(())
}

/// Whether these roles could make the change, if nobody else were needed.
fn may_make(
    who: roles::Caller<'_>,
    proposal: &Proposal,
    target: Option<Target<'_>>,
) -> Result<(), Denial> {
    let act = |action| {
        let target = target.ok_or(Denial::TargetProtected)?;
        roles::may_act(who, action, target).map(drop)
    };
    match proposal {
        Proposal::PutPolicy(document) => roles::may_do(who.roles, roles::writing(document.kind())),
        Proposal::RemovePolicy(kind, _) => roles::may_do(who.roles, roles::writing(*kind)),
        Proposal::AssignRole(..) | Proposal::UnassignRole(..) => {
            roles::may_do(who.roles, Task::AssignRoles)
        }
        Proposal::IssuePass(..) => act(Action::ManagePass),
        Proposal::ResetPassword(_) => act(Action::ResetPassword),
        Proposal::RemoveTotp(_) => act(Action::ManagePasskeys),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Outcome, PassWish, PolicyKind, Settlement, Span, TenantId};
    use std::collections::BTreeSet;

    const ASKS: UserId = UserId::from_bytes([1; 16]);
    const ALLOWS: UserId = UserId::from_bytes([2; 16]);
    const TARGET: UserId = UserId::from_bytes([3; 16]);
    const NOW: Timestamp = Timestamp::from_seconds(1_000);

    const ON: SecondPerson = SecondPerson {
        policies: true,
        roles: true,
        methods: true,
        hours: 24,
    };

    fn request(proposal: Proposal) -> Approval {
        Approval {
            tenant: TenantId::from_bytes([9; 16]),
            id: ApprovalId::from_bytes([8; 16]),
            requester: ASKS,
            proposal,
            before: None,
            basis: 7,
            created: NOW,
            expires: NOW.plus(Span::hours(24)),
            settled: None,
        }
    }

    fn of_access() -> Approval {
        request(Proposal::RemovePolicy(PolicyKind::Access, "one".to_owned()))
    }

    const fn caller(id: UserId, roles: &[Role]) -> roles::Caller<'_> {
        roles::Caller { id, roles }
    }

    fn about(roles: &[Role]) -> Target<'_> {
        Target {
            id: TARGET,
            roles,
            in_role_assignable_group: false,
            user_type: UserType::Member,
        }
    }

    fn by(approval: &Approval, who: UserId, roles: &[Role]) -> Result<Seconded, Objection> {
        let asks = caller(ASKS, &[Role::GlobalAdministrator]);
        let target = about(&[Role::GlobalAdministrator]);
        second(approval, Some(asks), caller(who, roles), Some(target), NOW)
    }

    #[test]
    fn codes_are_unique() {
        let codes: BTreeSet<_> = Objection::ALL.iter().map(|one| one.code()).collect();
        assert_eq!(codes.len(), Objection::ALL.len());
    }

    #[test]
    fn nothing_waits_where_the_setting_is_off() {
        for class in ChangeClass::ALL {
            for who in [Who::Person(ASKS), Who::Application, Who::Operator] {
                let cleared = gate(&SecondPerson::default(), *class, who);
                assert!(cleared.is_ok_and(|cleared| cleared.seconded().is_none()));
            }
        }
    }

    #[test]
    fn what_the_setting_names_waits_and_so_does_the_setting() {
        let some = SecondPerson {
            policies: false,
            ..ON
        };
        let who = Who::Person(ASKS);
        for class in ChangeClass::ALL {
            assert_eq!(gate(&ON, *class, who), Err(Stop::Ask(ASKS)), "{class:?}");
            let waits = *class != ChangeClass::Policies;
            assert_eq!(gate(&some, *class, who).is_err(), waits, "{class:?}");
        }
    }

    #[test]
    fn a_program_by_itself_has_nobody_to_ask_and_the_operator_needs_nobody() {
        for class in ChangeClass::ALL {
            let program = gate(&ON, *class, Who::Application);
            assert_eq!(program, Err(Stop::NoPerson), "{class:?}");
            assert!(gate(&ON, *class, Who::Operator).is_ok(), "{class:?}");
        }
    }

    #[test]
    fn another_person_with_the_role_is_a_second_person() {
        let approval = of_access();
        let seconded = by(&approval, ALLOWS, &[Role::ConditionalAccessAdministrator]);
        let cleared = seconded.map(Cleared::from);
        let seconded = cleared.as_ref().map(Cleared::seconded);
        let seconded = seconded.ok().flatten();
        assert_eq!(seconded.map(Seconded::approval), Some(approval.id));
        assert_eq!(seconded.map(Seconded::approver), Some(ALLOWS));
        assert_eq!(seconded.map(Seconded::basis), Some(7));
    }

    #[test]
    fn nobody_is_their_own_second_person() {
        let own = by(&of_access(), ASKS, &[Role::GlobalAdministrator]);
        assert_eq!(own, Err(Objection::OwnRequest));
        let withdrawn = may_withdraw(&of_access(), ASKS, NOW);
        assert_eq!(withdrawn, Ok(()));
        let others = may_withdraw(&of_access(), ALLOWS, NOW);
        assert_eq!(others, Err(Objection::NotOwnRequest));
    }

    #[test]
    fn a_second_person_holds_a_role_that_could_make_the_change() {
        let give = Proposal::AssignRole(TARGET, Role::SecurityReader);
        let off = Proposal::RemovePolicy(PolicyKind::SecondPerson, String::new());
        let method = Proposal::RemovePolicy(PolicyKind::Passkeys, String::new());
        let pass = Proposal::IssuePass(TARGET, PassWish::default());
        for (proposal, role) in [
            (
                of_access().proposal,
                Role::AuthenticationPolicyAdministrator,
            ),
            (method, Role::ConditionalAccessAdministrator),
            (give, Role::UserAdministrator),
            (off, Role::SecurityAdministrator),
        ] {
            let denied = by(&request(proposal), ALLOWS, &[role]);
            assert_eq!(
                denied,
                Err(Objection::Denied(Denial::RoleMissing)),
                "{role}"
            );
        }
        for proposal in [
            pass,
            Proposal::ResetPassword(TARGET),
            Proposal::RemoveTotp(TARGET),
        ] {
            let approval = request(proposal);
            let denied = by(&approval, ALLOWS, &[Role::AuthenticationAdministrator]);
            assert_eq!(denied, Err(Objection::Denied(Denial::TargetProtected)));
            let role = Role::PrivilegedAuthenticationAdministrator;
            assert!(by(&approval, ALLOWS, &[role]).is_ok());
        }
    }

    #[test]
    fn nobody_allows_what_is_about_themselves() {
        let approval = request(Proposal::AssignRole(ALLOWS, Role::SecurityReader));
        let own = by(&approval, ALLOWS, &[Role::GlobalAdministrator]);
        assert_eq!(own, Err(Objection::Concerned));
    }

    #[test]
    fn whoever_asked_still_has_to_be_able_to() {
        let approval = of_access();
        let allows = caller(ALLOWS, &[Role::GlobalAdministrator]);
        let without = |requester| second(&approval, requester, allows, None, NOW);
        assert_eq!(without(None), Err(Objection::RequesterGone));
        let lesser = caller(ASKS, &[Role::SecurityReader]);
        assert_eq!(without(Some(lesser)), Err(Objection::RequesterGone));
    }

    #[test]
    fn a_request_is_settled_once_and_in_time() {
        let role = [Role::GlobalAdministrator];
        let mut approval = of_access();
        approval.expires = NOW;
        assert_eq!(by(&approval, ALLOWS, &role), Err(Objection::Expired));
        assert_eq!(approval.status(NOW), "expired");
        let withdrawn = may_withdraw(&approval, ASKS, NOW);
        assert_eq!(withdrawn, Err(Objection::Expired));
        let mut approval = of_access();
        assert_eq!(approval.status(NOW), "pending");
        for outcome in Outcome::ALL {
            approval.settled = Some(Settlement {
                outcome: *outcome,
                by: ALLOWS,
                at: NOW,
                reason: String::new(),
            });
            assert_eq!(approval.status(NOW), outcome.as_str());
            assert_eq!(by(&approval, ALLOWS, &role), Err(Objection::Settled));
            let withdrawn = may_withdraw(&approval, ASKS, NOW);
            assert_eq!(withdrawn, Err(Objection::Settled));
        }
    }

    #[test]
    fn two_people_have_to_be_able_to_make_each_change_that_waits() {
        let of = |roles: &[Role]| roles.iter().map(|role| vec![*role]).collect::<Vec<_>>();
        let global = Role::GlobalAdministrator;
        assert!(lacks_people(&ON, &of(&[global])));
        assert!(!lacks_people(&ON, &of(&[global, global])));
        let split = [
            global,
            Role::AuthenticationPolicyAdministrator,
            Role::SecurityAdministrator,
            Role::PrivilegedRoleAdministrator,
        ];
        assert!(lacks_people(&ON, &of(&split)), "nobody else issues passes");
        let mut split = split.to_vec();
        split.push(Role::PrivilegedAuthenticationAdministrator);
        assert!(!lacks_people(&ON, &of(&split)));
        let readers = [global, Role::GlobalReader, Role::SecurityReader];
        assert!(lacks_people(&ON, &of(&readers)));
        assert!(!lacks_people(&SecondPerson::default(), &[]));
    }

    #[test]
    fn a_request_is_seen_by_who_asked_and_by_who_may_know() {
        let access = of_access();
        let pass = request(Proposal::ResetPassword(TARGET));
        let role = request(Proposal::AssignRole(TARGET, Role::SecurityReader));
        let seen = |approval: &Approval, role| sees(approval, caller(ALLOWS, &[role]));
        assert!(sees(&access, caller(ASKS, &[])));
        assert!(!sees(&access, caller(ALLOWS, &[])));
        for (who, of_policy, of_person, of_role) in [
            (Role::GlobalAdministrator, true, true, true),
            (Role::SecurityReader, true, true, true),
            (Role::ConditionalAccessAdministrator, true, false, false),
            (Role::HelpdeskAdministrator, false, true, false),
            (Role::PrivilegedRoleAdministrator, false, true, true),
            (Role::GroupsAdministrator, false, false, false),
        ] {
            assert_eq!(seen(&access, who), of_policy, "{who}");
            assert_eq!(seen(&pass, who), of_person, "{who}");
            assert_eq!(seen(&role, who), of_role, "{who}");
        }
    }
}
