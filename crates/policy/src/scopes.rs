//! What a program may ask of the Graph interface: its operations, and the scope that each of them takes.
//!
//! A delegated token does what its scopes *and* the roles of the person behind it permit; an application with a token of its
//! own does what its permissions permit, to whomever. [`Granted`] is the proof that the scope was looked at. It permits one
//! operation, so a flow that is handed it cannot be led to another one.

use std::fmt;

use crate::Denial;
use crate::model::UserType;
use crate::roles::{Action, Target, Task};

macro_rules! scopes {
    ($($name:ident, $text:literal;)+) => {
        /// A scope of the Graph interface, with Entra's name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Scope {
            $(#[doc = concat!("`", $text, "`")] $name,)+
        }

        impl Scope {
            /// Every scope this server knows.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The bare name, as in `scp` and `roles` of a token.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

scopes! {
    UserRead, "User.Read";
    UserReadBasicAll, "User.ReadBasic.All";
    UserReadAll, "User.Read.All";
    UserReadWriteAll, "User.ReadWrite.All";
    UserEnableDisableAll, "User.EnableDisableAccount.All";
    UserRevokeSessionsAll, "User.RevokeSessions.All";
    SynchronizationUpload, "SynchronizationData-User.Upload";
    DirectoryReadAll, "Directory.Read.All";
    DirectoryReadWriteAll, "Directory.ReadWrite.All";
    GroupReadAll, "Group.Read.All";
    GroupReadWriteAll, "Group.ReadWrite.All";
    GroupMemberReadAll, "GroupMember.Read.All";
    GroupMemberReadWriteAll, "GroupMember.ReadWrite.All";
    RoleManagementRead, "RoleManagement.Read.Directory";
    RoleManagementReadWrite, "RoleManagement.ReadWrite.Directory";
    ApplicationReadAll, "Application.Read.All";
    ApplicationReadWriteAll, "Application.ReadWrite.All";
    AppRoleAssignmentReadWriteAll, "AppRoleAssignment.ReadWrite.All";
    PermissionGrantReadAll, "DelegatedPermissionGrant.Read.All";
    PermissionGrantReadWriteAll, "DelegatedPermissionGrant.ReadWrite.All";
    OrganizationReadAll, "Organization.Read.All";
    DomainReadAll, "Domain.Read.All";
    MethodsRead, "UserAuthenticationMethod.Read";
    MethodsReadWrite, "UserAuthenticationMethod.ReadWrite";
    MethodsReadAll, "UserAuthenticationMethod.Read.All";
    MethodsReadWriteAll, "UserAuthenticationMethod.ReadWrite.All";
    PasskeysRead, "UserAuthMethod-Passkey.Read";
    PasskeysReadWrite, "UserAuthMethod-Passkey.ReadWrite";
    PasskeysReadAll, "UserAuthMethod-Passkey.Read.All";
    PasskeysReadWriteAll, "UserAuthMethod-Passkey.ReadWrite.All";
    PassesRead, "UserAuthMethod-TAP.Read";
    PassesReadAll, "UserAuthMethod-TAP.Read.All";
    PassesReadWriteAll, "UserAuthMethod-TAP.ReadWrite.All";
    PolicyReadAll, "Policy.Read.All";
    PolicyReadMethods, "Policy.Read.AuthenticationMethod";
    PolicyReadAccess, "Policy.Read.ConditionalAccess";
    PolicyWriteMethods, "Policy.ReadWrite.AuthenticationMethod";
    PolicyWriteAccess, "Policy.ReadWrite.ConditionalAccess";
    AuditLogReadAll, "AuditLog.Read.All";
    ReportsReadAll, "Reports.Read.All";
}

impl Scope {
    /// The scope with this bare name; case does not matter, as in Entra.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|scope| scope.as_str().eq_ignore_ascii_case(name))
    }

    /// Whether an application can hold it for itself. The others are about the person who is signed in.
    #[must_use]
    pub const fn is_for_applications(self) -> bool {
        !matches!(
            self,
            Self::UserRead
                | Self::MethodsRead
                | Self::MethodsReadWrite
                | Self::PasskeysRead
                | Self::PasskeysReadWrite
                | Self::PassesRead
        )
    }

    /// All that applications can hold.
    pub fn for_applications() -> impl Iterator<Item = Self> {
        let all = Self::ALL.iter().copied();
        all.filter(|scope| scope.is_for_applications())
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that can be asked of the Graph interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// See oneself.
    ReadSelf,
    /// See users.
    ReadUsers,
    /// Make users.
    CreateUsers,
    /// Change names and addresses of a user.
    UpdateUser,
    /// Enable or disable an account.
    EnableUser,
    /// Delete an account.
    DeleteUser,
    /// End the sessions of a user.
    RevokeSessions,
    /// End one's own sessions.
    RevokeOwnSessions,
    /// See groups and their members.
    ReadGroups,
    /// Make, change and delete groups.
    ManageGroups,
    /// Add and remove members.
    ManageMembers,
    /// See all methods of a user.
    ReadMethods,
    /// See one's own methods.
    ReadOwnMethods,
    /// See the passkeys of a user.
    ReadPasskeys,
    /// See one's own passkeys.
    ReadOwnPasskeys,
    /// Register, rename and delete passkeys of a user.
    ManagePasskeys,
    /// Register, rename and delete one's own passkeys.
    ManageOwnPasskeys,
    /// See the pass of a user, without its code.
    ReadPasses,
    /// See one's own pass, without its code.
    ReadOwnPasses,
    /// Issue and delete a pass of a user.
    ManagePasses,
    /// Take a method that is neither passkey nor pass from a user, or change their preferences.
    ManageMethods,
    /// The same for oneself.
    ManageOwnMethods,
    /// Have a user show two factors whatever the policies say, or not.
    WriteRequirements,
    /// Give a user a new password.
    ResetPassword,
    /// See the method policy, its configurations and the campaign.
    ReadMethodPolicy,
    /// Change them.
    WriteMethodPolicy,
    /// See conditional access, strengths, locations and contexts; ask what they would do.
    ReadAccessPolicies,
    /// Change them.
    WriteAccessPolicies,
    /// Ask what a change of a policy would do, whichever of the two kinds it is.
    PreviewPolicies,
    /// Read the audit log.
    ReadAudit,
    /// Read the sign-in log.
    ReadSignIns,
    /// Read reports about methods and their use.
    ReadReports,
    /// Read who has registered which methods.
    ReadRegistrations,
    /// See roles and who holds them.
    ReadRoles,
    /// Give and take roles.
    AssignRoles,
    /// See applications and service principals.
    ReadApplications,
    /// Register and change them.
    ManageApplications,
    /// See which delegated scopes applications have consent for.
    ReadConsent,
    /// Consent to delegated scopes for everybody, and take it back.
    ManageConsent,
    /// Give applications permissions of their own, and take them.
    GivePermissions,
    /// See the tenant and its domains.
    ReadOrganization,
    /// See changes that wait for a second person.
    ReadApprovals,
    /// Allow or refuse them, or take one's own back. Allowing takes the scope of the change besides.
    SettleApprovals,
}

/// What an operation takes besides a scope, where a person stands behind the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Need {
    /// Nothing: it is about the person themselves, or open to every member.
    Nothing,
    /// A role that permits the task.
    Task(Task),
    /// A role that permits the action on the person it is done to.
    Action(Action),
}

/// What stands behind a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A person, through an application.
    Delegated,
    /// An application by itself.
    AppOnly,
}

impl Operation {
    /// Every operation.
    pub const ALL: &'static [Self] = &[
        Self::ReadSelf,
        Self::ReadUsers,
        Self::CreateUsers,
        Self::UpdateUser,
        Self::EnableUser,
        Self::DeleteUser,
        Self::RevokeSessions,
        Self::RevokeOwnSessions,
        Self::ReadGroups,
        Self::ManageGroups,
        Self::ManageMembers,
        Self::ReadMethods,
        Self::ReadOwnMethods,
        Self::ReadPasskeys,
        Self::ReadOwnPasskeys,
        Self::ManagePasskeys,
        Self::ManageOwnPasskeys,
        Self::ReadPasses,
        Self::ReadOwnPasses,
        Self::ManagePasses,
        Self::ManageMethods,
        Self::ManageOwnMethods,
        Self::WriteRequirements,
        Self::ResetPassword,
        Self::ReadMethodPolicy,
        Self::WriteMethodPolicy,
        Self::ReadAccessPolicies,
        Self::WriteAccessPolicies,
        Self::PreviewPolicies,
        Self::ReadAudit,
        Self::ReadSignIns,
        Self::ReadReports,
        Self::ReadRegistrations,
        Self::ReadRoles,
        Self::AssignRoles,
        Self::ReadApplications,
        Self::ManageApplications,
        Self::ReadConsent,
        Self::ManageConsent,
        Self::GivePermissions,
        Self::ReadOrganization,
        Self::ReadApprovals,
        Self::SettleApprovals,
    ];

    /// The scopes of which one is enough. Which of them can be held by whom says [`Scope::is_for_applications`].
    #[must_use]
    pub const fn scopes(self) -> &'static [Scope] {
        use Scope as S;
        match self {
            Self::ReadSelf => &[
                S::UserRead,
                S::UserReadAll,
                S::UserReadWriteAll,
                S::DirectoryReadAll,
                S::DirectoryReadWriteAll,
            ],
            Self::ReadUsers => &[
                S::UserReadBasicAll,
                S::UserReadAll,
                S::UserReadWriteAll,
                S::SynchronizationUpload,
                S::DirectoryReadAll,
                S::DirectoryReadWriteAll,
            ],
            Self::CreateUsers | Self::UpdateUser | Self::DeleteUser => &[
                S::UserReadWriteAll,
                S::SynchronizationUpload,
                S::DirectoryReadWriteAll,
            ],
            Self::EnableUser => &[
                S::UserEnableDisableAll,
                S::UserReadWriteAll,
                S::SynchronizationUpload,
                S::DirectoryReadWriteAll,
            ],
            Self::RevokeSessions | Self::RevokeOwnSessions => &[
                S::UserRevokeSessionsAll,
                S::UserReadWriteAll,
                S::DirectoryReadWriteAll,
            ],
            Self::ReadGroups => &[
                S::GroupReadAll,
                S::GroupReadWriteAll,
                S::GroupMemberReadAll,
                S::GroupMemberReadWriteAll,
                S::SynchronizationUpload,
                S::DirectoryReadAll,
                S::DirectoryReadWriteAll,
            ],
            Self::ManageGroups => &[
                S::GroupReadWriteAll,
                S::SynchronizationUpload,
                S::DirectoryReadWriteAll,
            ],
            Self::ManageMembers => &[
                S::GroupMemberReadWriteAll,
                S::GroupReadWriteAll,
                S::SynchronizationUpload,
                S::DirectoryReadWriteAll,
            ],
            Self::ReadMethods => &[S::MethodsReadAll, S::MethodsReadWriteAll],
            Self::ReadOwnMethods => &[
                S::MethodsRead,
                S::MethodsReadWrite,
                S::MethodsReadAll,
                S::MethodsReadWriteAll,
            ],
            Self::ReadPasskeys => &[
                S::PasskeysReadAll,
                S::PasskeysReadWriteAll,
                S::MethodsReadAll,
                S::MethodsReadWriteAll,
            ],
            Self::ReadOwnPasskeys => &[
                S::PasskeysRead,
                S::PasskeysReadWrite,
                S::PasskeysReadAll,
                S::PasskeysReadWriteAll,
                S::MethodsRead,
                S::MethodsReadWrite,
                S::MethodsReadAll,
                S::MethodsReadWriteAll,
            ],
            Self::ManagePasskeys => &[S::PasskeysReadWriteAll, S::MethodsReadWriteAll],
            Self::ManageOwnPasskeys => &[
                S::PasskeysReadWrite,
                S::PasskeysReadWriteAll,
                S::MethodsReadWrite,
                S::MethodsReadWriteAll,
            ],
            Self::ReadPasses => &[
                S::PassesReadAll,
                S::PassesReadWriteAll,
                S::MethodsReadAll,
                S::MethodsReadWriteAll,
            ],
            Self::ReadOwnPasses => &[
                S::PassesRead,
                S::PassesReadAll,
                S::PassesReadWriteAll,
                S::MethodsRead,
                S::MethodsReadWrite,
                S::MethodsReadAll,
                S::MethodsReadWriteAll,
            ],
            Self::ManagePasses => &[S::PassesReadWriteAll, S::MethodsReadWriteAll],
            Self::ManageMethods | Self::ResetPassword => &[S::MethodsReadWriteAll],
            Self::ManageOwnMethods => &[S::MethodsReadWrite, S::MethodsReadWriteAll],
            Self::WriteRequirements => &[S::PolicyWriteMethods, S::MethodsReadWriteAll],
            Self::ReadMethodPolicy => &[
                S::PolicyReadAll,
                S::PolicyReadMethods,
                S::PolicyWriteMethods,
            ],
            Self::WriteMethodPolicy => &[S::PolicyWriteMethods],
            Self::ReadAccessPolicies => &[
                S::PolicyReadAll,
                S::PolicyReadAccess,
                S::PolicyWriteAccess,
                S::PolicyWriteMethods,
            ],
            Self::WriteAccessPolicies => &[S::PolicyWriteAccess],
            Self::PreviewPolicies => &[S::PolicyWriteMethods, S::PolicyWriteAccess],
            Self::ReadAudit | Self::ReadSignIns | Self::ReadRegistrations => &[S::AuditLogReadAll],
            Self::ReadReports => &[S::AuditLogReadAll, S::ReportsReadAll],
            Self::ReadRoles => &[
                S::RoleManagementRead,
                S::RoleManagementReadWrite,
                S::DirectoryReadAll,
                S::DirectoryReadWriteAll,
            ],
            Self::AssignRoles => &[S::RoleManagementReadWrite],
            Self::ReadApplications => &[
                S::ApplicationReadAll,
                S::ApplicationReadWriteAll,
                S::DirectoryReadAll,
                S::DirectoryReadWriteAll,
            ],
            Self::ManageApplications => &[S::ApplicationReadWriteAll],
            Self::ReadConsent => &[
                S::PermissionGrantReadAll,
                S::PermissionGrantReadWriteAll,
                S::DirectoryReadAll,
                S::DirectoryReadWriteAll,
            ],
            Self::ManageConsent => &[S::PermissionGrantReadWriteAll],
            Self::GivePermissions => &[S::AppRoleAssignmentReadWriteAll],
            Self::ReadApprovals => &[
                S::PolicyReadAll,
                S::PolicyWriteMethods,
                S::PolicyWriteAccess,
                S::RoleManagementRead,
                S::RoleManagementReadWrite,
                S::PassesReadWriteAll,
                S::MethodsReadWriteAll,
                S::AuditLogReadAll,
            ],
            Self::SettleApprovals => &[
                S::PolicyWriteMethods,
                S::PolicyWriteAccess,
                S::RoleManagementReadWrite,
                S::PassesReadWriteAll,
                S::MethodsReadWriteAll,
            ],
            Self::ReadOrganization => &[
                S::UserRead,
                S::OrganizationReadAll,
                S::DomainReadAll,
                S::DirectoryReadAll,
                S::DirectoryReadWriteAll,
            ],
        }
    }

    /// What the person behind a delegated token has to be besides.
    #[must_use]
    pub const fn need(self) -> Need {
        match self {
            Self::ReadSelf
            | Self::RevokeOwnSessions
            | Self::ReadOwnMethods
            | Self::ReadOwnPasskeys
            | Self::ManageOwnPasskeys
            | Self::ReadOwnPasses
            | Self::ManageOwnMethods
            | Self::ReadOrganization => Need::Nothing,
            Self::ReadUsers => Need::Task(Task::ReadUsers),
            Self::CreateUsers => Need::Task(Task::CreateUsers),
            Self::UpdateUser => Need::Action(Action::ManageProfile),
            Self::EnableUser | Self::DeleteUser => Need::Action(Action::SetEnabled),
            Self::RevokeSessions => Need::Action(Action::RevokeSessions),
            Self::ReadGroups => Need::Task(Task::ReadGroups),
            Self::ManageGroups | Self::ManageMembers => Need::Task(Task::ManageGroups),
            Self::ReadMethods | Self::ReadPasskeys | Self::ReadPasses => {
                Need::Task(Task::ReadMethods)
            }
            Self::ManagePasskeys | Self::ManageMethods | Self::WriteRequirements => {
                Need::Action(Action::ManagePasskeys)
            }
            Self::ManagePasses => Need::Action(Action::ManagePass),
            Self::ResetPassword => Need::Action(Action::ResetPassword),
            Self::ReadMethodPolicy | Self::ReadAccessPolicies | Self::PreviewPolicies => {
                Need::Task(Task::ReadPolicies)
            }
            Self::WriteMethodPolicy => Need::Task(Task::WriteMethodPolicy),
            Self::WriteAccessPolicies => Need::Task(Task::WriteAccessPolicies),
            Self::ReadAudit => Need::Task(Task::ReadAudit),
            Self::ReadSignIns | Self::ReadRegistrations => Need::Task(Task::ReadSignIns),
            Self::ReadReports => Need::Task(Task::ReadReports),
            Self::ReadRoles => Need::Task(Task::ReadUsers),
            Self::AssignRoles => Need::Task(Task::AssignRoles),
            Self::ReadApplications | Self::ReadConsent => Need::Task(Task::ReadApplications),
            Self::ManageApplications => Need::Task(Task::ManageApplications),
            Self::ManageConsent => Need::Task(Task::ManageConsent),
            Self::GivePermissions => Need::Task(Task::GivePermissions),
            Self::ReadApprovals => Need::Task(Task::ReadApprovals),
            Self::SettleApprovals => Need::Task(Task::SettleApprovals),
        }
    }

    /// Whether what it does may wait for a second person.
    #[must_use]
    pub const fn may_wait(self) -> bool {
        matches!(
            self,
            Self::ManagePasses
                | Self::ManageMethods
                | Self::ResetPassword
                | Self::WriteMethodPolicy
                | Self::WriteAccessPolicies
                | Self::AssignRoles
        )
    }

    /// Whether it makes sense only with a person behind the token.
    #[must_use]
    pub const fn is_about_oneself(self) -> bool {
        matches!(
            self,
            Self::ReadSelf
                | Self::RevokeOwnSessions
                | Self::ReadOwnMethods
                | Self::ReadOwnPasskeys
                | Self::ManageOwnPasskeys
                | Self::ReadOwnPasses
                | Self::ManageOwnMethods
                | Self::ReadApprovals
                | Self::SettleApprovals
        )
    }
}

/// Proof that a token's scopes permit an operation. Only [`grant`] makes it.
///
/// ```compile_fail
/// use policy::scopes::{Granted, Kind, Operation};
/// let forged = Granted { operation: Operation::ManagePasses, kind: Kind::AppOnly };
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Granted {
    operation: Operation,
    kind: Kind,
}

/// Whether a token with these scopes may ask for `operation`.
///
/// # Errors
/// [`Denial::ScopeMissing`].
pub fn grant(held: &[Scope], kind: Kind, operation: Operation) -> Result<Granted, Denial> {
    if kind == Kind::AppOnly && operation.is_about_oneself() {
        return Err(Denial::ScopeMissing);
    }
    let counts = |scope: &&Scope| kind == Kind::Delegated || scope.is_for_applications();
    let mut held = held.iter().filter(counts);
    if held.any(|scope| operation.scopes().contains(scope)) {
        Ok(Granted { operation, kind })
    } else {
        Err(Denial::ScopeMissing)
    }
}

impl Granted {
    /// For what.
    #[must_use]
    pub const fn operation(self) -> Operation {
        self.operation
    }

    /// Who stands behind the token.
    #[must_use]
    pub const fn kind(self) -> Kind {
        self.kind
    }

    /// Whether the operation is one in which `task` is done.
    ///
    /// # Errors
    /// [`Denial::ScopeMissing`].
    pub fn may_do(self, task: Task) -> Result<(), Denial> {
        match self.operation.need() {
            Need::Task(needed) if needed == task => Ok(()),
            _ => Err(Denial::ScopeMissing),
        }
    }

    /// Whether the operation is one in which `action` is done, to somebody to whom it can be done.
    ///
    /// # Errors
    /// [`Denial::ScopeMissing`] or [`Denial::PassForGuest`].
    pub fn may_act(self, action: Action, target: &Target<'_>) -> Result<(), Denial> {
        if self.operation.need() != Need::Action(action) {
            return Err(Denial::ScopeMissing);
        }
        if action == Action::ManagePass && target.user_type == UserType::Guest {
            return Err(Denial::PassForGuest);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
