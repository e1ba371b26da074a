//! Who may act on whom.
//!
//! The sensitive actions on a person's methods follow Entra: an Authentication Administrator acts on
//! people without a role and on holders of a few harmless ones; a Privileged Authentication
//! Administrator and a Global Administrator act on everybody.

use crate::Denial;
use crate::model::{PolicyKind, Role, UserId, UserType};

/// What somebody wants to do to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Issue or delete a Temporary Access Pass.
    ManagePass,
    /// Delete, disable or register a passkey.
    ManagePasskeys,
    /// Give a new password.
    ResetPassword,
    /// End all sessions.
    RevokeSessions,
    /// Enable, disable or delete the account.
    SetEnabled,
    /// Change names and addresses. Notices go to one of them.
    ManageProfile,
}

/// What somebody wants to see or change that is nobody's in particular.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Task {
    /// See users.
    ReadUsers,
    /// Make users.
    CreateUsers,
    /// See the methods of users.
    ReadMethods,
    /// Read the audit log.
    ReadAudit,
    /// Read the sign-in log.
    ReadSignIns,
    /// See policies of every kind, and ask what they would do.
    ReadPolicies,
    /// Change who may use which method: passkeys and their profiles, passes, campaigns, the preferred method.
    WriteMethodPolicy,
    /// Change conditional access: its policies, strengths, named locations, authentication contexts.
    WriteAccessPolicies,
    /// See groups and their members.
    ReadGroups,
    /// Make and delete groups, add and remove members.
    ManageGroups,
    /// See reports.
    ReadReports,
    /// See applications, what they may do and who agreed to it.
    ReadApplications,
    /// Register and change applications.
    ManageApplications,
    /// Consent to what applications ask of people.
    ManageConsent,
    /// Give applications permissions of their own.
    GivePermissions,
    /// Give and take roles, and say which changes wait for a second person.
    AssignRoles,
    /// See changes that wait for a second person.
    ReadApprovals,
    /// Allow or refuse them, as far as one could make them.
    SettleApprovals,
}

/// The one who acts.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    /// Who.
    pub id: UserId,
    /// Their roles.
    pub roles: &'a [Role],
}

/// The one who is acted upon.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Who.
    pub id: UserId,
    /// Their roles.
    pub roles: &'a [Role],
    /// Whether they are in a group that roles may be given to.
    pub in_role_assignable_group: bool,
    /// Member or guest.
    pub user_type: UserType,
}

/// Proof that an action was permitted. Only this module makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permitted {
    caller: UserId,
    target: UserId,
    action: Action,
}

impl Permitted {
    /// Who may.
    #[must_use]
    pub const fn caller(&self) -> UserId {
        self.caller
    }

    /// On whom.
    #[must_use]
    pub const fn target(&self) -> UserId {
        self.target
    }

    /// What.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }
}

/// Whether `caller` may do `action` to `target`.
///
/// # Errors
/// [`Denial::NotForOneself`], [`Denial::PassForGuest`], [`Denial::RoleMissing`] or
/// [`Denial::TargetProtected`].
pub fn may_act(
    caller: Caller<'_>,
    action: Action,
    target: Target<'_>,
) -> Result<Permitted, Denial> {
    if caller.id == target.id && never_for_oneself(action) {
        return Err(Denial::NotForOneself);
    }
    if action == Action::ManagePass && target.user_type == UserType::Guest {
        return Err(Denial::PassForGuest);
    }
    let acting: Vec<Role> = caller
        .roles
        .iter()
        .copied()
        .filter(|role| acts(*role, action))
        .collect();
    if acting.is_empty() {
        return Err(Denial::RoleMissing);
    }
    if !acting.iter().any(|role| reaches(*role, &target)) {
        return Err(Denial::TargetProtected);
    }
    Ok(Permitted {
        caller: caller.id,
        target: target.id,
        action,
    })
}

/// Whether `roles` permit `task`.
///
/// # Errors
/// [`Denial::RoleMissing`].
pub fn may_do(roles: &[Role], task: Task) -> Result<(), Denial> {
    if roles.iter().any(|role| does(*role, task)) {
        Ok(())
    } else {
        Err(Denial::RoleMissing)
    }
}

/// What a change of this kind of policy takes.
#[must_use]
pub const fn writing(kind: PolicyKind) -> Task {
    match kind {
        PolicyKind::Passkeys
        | PolicyKind::Passes
        | PolicyKind::SystemPreferred
        | PolicyKind::Campaign
        | PolicyKind::Root
        | PolicyKind::Availability => Task::WriteMethodPolicy,
        PolicyKind::Strength
        | PolicyKind::Access
        | PolicyKind::Location
        | PolicyKind::Context
        | PolicyKind::Source => Task::WriteAccessPolicies,
        PolicyKind::SecondPerson => Task::AssignRoles,
    }
}

/// Whether a way in to this account is one to power: it holds more than harmless roles, or is kept as if it did.
#[must_use]
pub fn is_privileged(target: &Target<'_>) -> bool {
    target.in_role_assignable_group || !target.roles.iter().all(|role| is_harmless(*role))
}

/// Whether `roles` permit changing a group. One that roles may be given to makes its members administrators, so whoever
/// may not give roles may not fill it either.
///
/// # Errors
/// [`Denial::RoleMissing`] or [`Denial::TargetProtected`].
pub fn may_manage_group(roles: &[Role], role_assignable: bool) -> Result<(), Denial> {
    if role_assignable {
        return may_do(roles, Task::AssignRoles).map_err(|_| Denial::TargetProtected);
    }
    may_do(roles, Task::ManageGroups)
}

/// Whether `roles` permit changing an application. One that holds permissions of its own is as powerful as they are, so whoever
/// may not give them may not give it a secret or an address either.
///
/// # Errors
/// [`Denial::RoleMissing`] or [`Denial::TargetProtected`].
pub fn may_manage_application(roles: &[Role], holds_permissions: bool) -> Result<(), Denial> {
    may_do(roles, Task::ManageApplications)?;
    match holds_permissions {
        true => may_do(roles, Task::GivePermissions).map_err(|_| Denial::TargetProtected),
        false => Ok(()),
    }
}

/// Issuing oneself a pass would turn a stolen administrator session into a lasting one; disabling
/// oneself locks the door from outside.
const fn never_for_oneself(action: Action) -> bool {
    matches!(action, Action::ManagePass | Action::SetEnabled)
}

const fn acts(role: Role, action: Action) -> bool {
    match role {
        Role::GlobalAdministrator => true,
        Role::PrivilegedAuthenticationAdministrator | Role::AuthenticationAdministrator => {
            !matches!(action, Action::ManageProfile)
        }
        Role::UserAdministrator | Role::HelpdeskAdministrator => {
            matches!(action, Action::ResetPassword | Action::RevokeSessions)
                || matches!(
                    (role, action),
                    (
                        Role::UserAdministrator,
                        Action::SetEnabled | Action::ManageProfile
                    )
                )
        }
        Role::PasswordAdministrator => matches!(action, Action::ResetPassword),
        _ => false,
    }
}

/// Whether the holder of `role` may act on somebody who holds the target's roles.
fn reaches(role: Role, target: &Target<'_>) -> bool {
    if matches!(
        role,
        Role::GlobalAdministrator | Role::PrivilegedAuthenticationAdministrator
    ) {
        return true;
    }
    !target.in_role_assignable_group
        && target
            .roles
            .iter()
            .all(|held| *held == role || is_harmless(*held))
}

/// The roles that an Authentication, Helpdesk, Password or User Administrator may act on.
const fn is_harmless(role: Role) -> bool {
    matches!(
        role,
        Role::DirectoryReaders
            | Role::GuestInviter
            | Role::MessageCenterReader
            | Role::PasswordAdministrator
            | Role::ReportsReader
    )
}

const fn does(role: Role, task: Task) -> bool {
    use Role as R;
    match task {
        Task::ReadUsers => matches!(
            role,
            R::GlobalAdministrator
                | R::GlobalReader
                | R::UserAdministrator
                | R::HelpdeskAdministrator
                | R::PasswordAdministrator
                | R::AuthenticationAdministrator
                | R::PrivilegedAuthenticationAdministrator
                | R::PrivilegedRoleAdministrator
                | R::DirectoryReaders
                | R::SecurityReader
                | R::SecurityAdministrator
        ),
        Task::CreateUsers => matches!(role, R::GlobalAdministrator | R::UserAdministrator),
        Task::ReadMethods => matches!(
            role,
            R::GlobalAdministrator
                | R::GlobalReader
                | R::AuthenticationAdministrator
                | R::PrivilegedAuthenticationAdministrator
        ),
        Task::ReadAudit => matches!(
            role,
            R::GlobalAdministrator
                | R::GlobalReader
                | R::SecurityReader
                | R::SecurityAdministrator
                | R::ReportsReader
        ),
        Task::ReadSignIns => {
            does(role, Task::ReadAudit)
                || matches!(
                    role,
                    R::ApplicationAdministrator | R::CloudApplicationAdministrator
                )
        }
        Task::ReadPolicies => matches!(
            role,
            R::GlobalAdministrator
                | R::GlobalReader
                | R::AuthenticationPolicyAdministrator
                | R::ConditionalAccessAdministrator
                | R::SecurityAdministrator
                | R::SecurityReader
        ),
        Task::WriteMethodPolicy => {
            matches!(
                role,
                R::GlobalAdministrator | R::AuthenticationPolicyAdministrator
            )
        }
        Task::WriteAccessPolicies => matches!(
            role,
            R::GlobalAdministrator | R::ConditionalAccessAdministrator | R::SecurityAdministrator
        ),
        Task::ReadGroups => {
            does(role, Task::ReadPolicies)
                || does(role, Task::ManageGroups)
                || matches!(role, R::DirectoryReaders)
        }
        Task::ManageGroups => matches!(
            role,
            R::GlobalAdministrator | R::GroupsAdministrator | R::UserAdministrator
        ),
        Task::ReadReports => {
            does(role, Task::ReadSignIns) || matches!(role, R::AuthenticationPolicyAdministrator)
        }
        Task::ManageApplications => {
            matches!(
                role,
                R::GlobalAdministrator
                    | R::ApplicationAdministrator
                    | R::CloudApplicationAdministrator
            )
        }
        Task::ReadApplications => does(role, Task::ReadPolicies) || does(role, Task::ManageConsent),
        Task::ManageConsent => {
            does(role, Task::ManageApplications) || does(role, Task::GivePermissions)
        }
        // A permission may be that of giving roles.
        Task::AssignRoles | Task::GivePermissions => {
            matches!(
                role,
                R::GlobalAdministrator | R::PrivilegedRoleAdministrator
            )
        }
        Task::ReadApprovals => does(role, Task::SettleApprovals) || does(role, Task::ReadAudit),
        // Somebody whom a Password Administrator reaches holds no role that is worth a second person.
        Task::SettleApprovals => {
            does(role, Task::WriteMethodPolicy)
                || does(role, Task::WriteAccessPolicies)
                || does(role, Task::AssignRoles)
                || matches!(
                    role,
                    R::PrivilegedAuthenticationAdministrator
                        | R::AuthenticationAdministrator
                        | R::UserAdministrator
                        | R::HelpdeskAdministrator
                )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLER: UserId = UserId::from_bytes([1; 16]);
    const TARGET: UserId = UserId::from_bytes([2; 16]);

    fn act(role: Role, action: Action, target_roles: &[Role]) -> Result<Permitted, Denial> {
        let target = Target {
            id: TARGET,
            roles: target_roles,
            in_role_assignable_group: false,
            user_type: UserType::Member,
        };
        may_act(
            Caller {
                id: CALLER,
                roles: &[role],
            },
            action,
            target,
        )
    }

    #[test]
    fn an_authentication_administrator_does_not_touch_powerful_people() {
        let role = Role::AuthenticationAdministrator;
        assert!(act(role, Action::ManagePasskeys, &[]).is_ok());
        assert!(act(role, Action::ManagePass, &[Role::ReportsReader]).is_ok());
        for protected in [
            Role::GlobalAdministrator,
            Role::UserAdministrator,
            Role::HelpdeskAdministrator,
            Role::GroupsAdministrator,
            Role::PrivilegedRoleAdministrator,
            Role::PrivilegedAuthenticationAdministrator,
        ] {
            let denied = act(role, Action::ManagePasskeys, &[protected]);
            assert_eq!(denied, Err(Denial::TargetProtected), "{protected}");
        }
    }

    #[test]
    fn one_harmless_role_does_not_unlock_a_powerful_one() {
        let roles = [Role::ReportsReader, Role::GlobalAdministrator];
        let denied = act(
            Role::AuthenticationAdministrator,
            Action::ManagePass,
            &roles,
        );
        assert_eq!(denied, Err(Denial::TargetProtected));
    }

    #[test]
    fn a_privileged_authentication_administrator_reaches_everybody() {
        for held in Role::ALL {
            let role = Role::PrivilegedAuthenticationAdministrator;
            assert!(
                act(role, Action::ManagePasskeys, &[*held]).is_ok(),
                "{held}"
            );
        }
    }

    #[test]
    fn nobody_issues_a_pass_to_themselves() {
        let me = Target {
            id: CALLER,
            roles: &[],
            in_role_assignable_group: false,
            user_type: UserType::Member,
        };
        let caller = Caller {
            id: CALLER,
            roles: &[Role::GlobalAdministrator],
        };
        assert_eq!(
            may_act(caller, Action::ManagePass, me),
            Err(Denial::NotForOneself)
        );
        assert_eq!(
            may_act(caller, Action::SetEnabled, me),
            Err(Denial::NotForOneself)
        );
        assert!(may_act(caller, Action::RevokeSessions, me).is_ok());
    }

    #[test]
    fn guests_get_no_pass() {
        let guest = Target {
            id: TARGET,
            roles: &[],
            in_role_assignable_group: false,
            user_type: UserType::Guest,
        };
        let caller = Caller {
            id: CALLER,
            roles: &[Role::GlobalAdministrator],
        };
        assert_eq!(
            may_act(caller, Action::ManagePass, guest),
            Err(Denial::PassForGuest)
        );
    }

    #[test]
    fn members_of_role_assignable_groups_are_protected() {
        let target = Target {
            id: TARGET,
            roles: &[],
            in_role_assignable_group: true,
            user_type: UserType::Member,
        };
        let caller = Caller {
            id: CALLER,
            roles: &[Role::AuthenticationAdministrator],
        };
        let denied = may_act(caller, Action::ManagePasskeys, target);
        assert_eq!(denied, Err(Denial::TargetProtected));
    }

    #[test]
    fn without_a_role_nothing_is_permitted() {
        for role in [
            Role::AuthenticationPolicyAdministrator,
            Role::SecurityReader,
        ] {
            assert_eq!(
                act(role, Action::ManagePasskeys, &[]),
                Err(Denial::RoleMissing)
            );
        }
        let denied = act(Role::HelpdeskAdministrator, Action::ManagePasskeys, &[]);
        assert_eq!(denied, Err(Denial::RoleMissing));
        assert_eq!(
            may_do(&[Role::HelpdeskAdministrator], Task::ReadAudit),
            Err(Denial::RoleMissing)
        );
        assert_eq!(may_do(&[], Task::ReadUsers), Err(Denial::RoleMissing));
    }

    #[test]
    fn policies_are_written_by_their_own_administrators() {
        let may = |role, task| may_do(&[role], task).is_ok();
        for (role, methods, access) in [
            (Role::GlobalAdministrator, true, true),
            (Role::AuthenticationPolicyAdministrator, true, false),
            (Role::ConditionalAccessAdministrator, false, true),
            (Role::SecurityAdministrator, false, true),
            (Role::GlobalReader, false, false),
            (Role::SecurityReader, false, false),
        ] {
            assert!(may(role, Task::ReadPolicies), "{role}");
            assert_eq!(may(role, Task::WriteMethodPolicy), methods, "{role}");
            assert_eq!(may(role, Task::WriteAccessPolicies), access, "{role}");
        }
        for role in [Role::AuthenticationAdministrator, Role::UserAdministrator] {
            assert!(!may(role, Task::ReadPolicies), "{role}");
            assert!(!may(role, Task::WriteMethodPolicy), "{role}");
            assert!(!may(role, Task::WriteAccessPolicies), "{role}");
        }
    }

    #[test]
    fn requests_are_settled_by_who_could_make_the_change_and_read_by_auditors_too() {
        let may = |role, task| may_do(&[role], task).is_ok();
        for role in [
            Role::GlobalAdministrator,
            Role::ConditionalAccessAdministrator,
            Role::PrivilegedRoleAdministrator,
            Role::HelpdeskAdministrator,
        ] {
            assert!(may(role, Task::SettleApprovals), "{role}");
            assert!(may(role, Task::ReadApprovals), "{role}");
        }
        for role in [Role::GlobalReader, Role::ReportsReader] {
            assert!(!may(role, Task::SettleApprovals), "{role}");
            assert!(may(role, Task::ReadApprovals), "{role}");
        }
        for role in [Role::PasswordAdministrator, Role::GroupsAdministrator] {
            assert!(!may(role, Task::SettleApprovals), "{role}");
            assert!(!may(role, Task::ReadApprovals), "{role}");
        }
    }

    #[test]
    fn a_way_in_to_more_than_a_harmless_role_is_privileged() {
        let with = |roles: &[Role], in_role_assignable_group| {
            is_privileged(&Target {
                id: TARGET,
                roles,
                in_role_assignable_group,
                user_type: UserType::Member,
            })
        };
        assert!(!with(&[], false));
        assert!(!with(&[Role::ReportsReader], false));
        assert!(with(
            &[Role::ReportsReader, Role::HelpdeskAdministrator],
            false
        ));
        assert!(with(&[], true));
    }

    #[test]
    fn the_setting_is_written_by_who_gives_roles() {
        for kind in PolicyKind::ALL {
            let setting = *kind == PolicyKind::SecondPerson;
            let roles = writing(*kind) == Task::AssignRoles;
            assert_eq!(roles, setting, "{kind:?}");
        }
    }

    #[test]
    fn roles_are_given_by_two_roles_only() {
        for role in Role::ALL {
            let gives = matches!(
                role,
                Role::GlobalAdministrator | Role::PrivilegedRoleAdministrator
            );
            assert_eq!(may_do(&[*role], Task::AssignRoles).is_ok(), gives, "{role}");
        }
    }

    #[test]
    fn whoever_manages_applications_reads_sign_ins_and_not_the_audit_log() {
        let may = |role, task| may_do(&[role], task).is_ok();
        assert!(may(Role::ApplicationAdministrator, Task::ReadSignIns));
        assert!(!may(Role::ApplicationAdministrator, Task::ReadAudit));
        for role in [
            Role::ReportsReader,
            Role::SecurityReader,
            Role::GlobalReader,
        ] {
            assert!(may(role, Task::ReadSignIns) && may(role, Task::ReadAudit));
        }
        for role in [Role::HelpdeskAdministrator, Role::UserAdministrator] {
            assert!(!may(role, Task::ReadSignIns) && !may(role, Task::ReadAudit));
        }
    }

    #[test]
    fn an_application_with_permissions_is_changed_by_who_may_give_them() {
        let may = |role: Role, holds| may_manage_application(&[role], holds);
        for role in [
            Role::ApplicationAdministrator,
            Role::CloudApplicationAdministrator,
        ] {
            assert_eq!(may(role, false), Ok(()), "{role}");
            assert_eq!(may(role, true), Err(Denial::TargetProtected), "{role}");
            assert_eq!(may_do(&[role], Task::ManageConsent), Ok(()), "{role}");
            assert_eq!(may_do(&[role], Task::ReadApplications), Ok(()), "{role}");
            let given = may_do(&[role], Task::GivePermissions);
            assert_eq!(given, Err(Denial::RoleMissing), "{role}");
        }
        assert_eq!(may(Role::GlobalAdministrator, true), Ok(()));
        for holds in [false, true] {
            let denied = may(Role::PrivilegedRoleAdministrator, holds);
            assert_eq!(denied, Err(Denial::RoleMissing));
            assert_eq!(may(Role::GlobalReader, holds), Err(Denial::RoleMissing));
        }
    }

    #[test]
    fn a_group_that_roles_may_be_given_to_is_filled_by_who_may_give_roles() {
        let may = |role: Role, assignable| may_manage_group(&[role], assignable);
        assert_eq!(may(Role::GroupsAdministrator, false), Ok(()));
        assert_eq!(
            may(Role::GroupsAdministrator, true),
            Err(Denial::TargetProtected)
        );
        assert_eq!(may(Role::PrivilegedRoleAdministrator, true), Ok(()));
        assert_eq!(may(Role::SecurityReader, false), Err(Denial::RoleMissing));
    }
}
