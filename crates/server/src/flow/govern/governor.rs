use policy::Denial;
use policy::model::{Actor, PolicyKind, Role, TenantId};
use policy::roles::{self, Task};

use crate::flow::{Caller, records};
use crate::web::AdminSession;

/// Who governs: by their roles, or as the operator of this server.
#[derive(Clone, Debug)]
pub struct Governor {
    tenant: TenantId,
    actor: Actor,
    mandate: Mandate,
}

#[derive(Clone, Debug)]
enum Mandate {
    /// What these roles permit.
    Roles(Vec<Role>),
    /// Whoever runs the server and holds its data may do everything.
    Operator,
}

impl Governor {
    /// The administrator of a session.
    pub fn person(admin: &AdminSession, caller: &Caller) -> Self {
        Self {
            tenant: admin.current.tenant(),
            actor: records::by_user(&admin.current.user, caller),
            mandate: Mandate::Roles(admin.current.roles.clone()),
        }
    }

    /// A part of the server, or a command of its operator.
    pub fn operator(tenant: TenantId, name: &str) -> Self {
        Self {
            tenant,
            actor: records::by_service(name),
            mandate: Mandate::Operator,
        }
    }

    /// Whose policies.
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// As the log names them.
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Whether they may do this.
    ///
    /// # Errors
    /// [`Denial::RoleMissing`].
    pub fn may(&self, task: Task) -> Result<(), Denial> {
        match &self.mandate {
            Mandate::Roles(roles) => roles::may_do(roles, task),
            Mandate::Operator => Ok(()),
        }
    }

    /// Whether they may change a group of this sort.
    ///
    /// # Errors
    /// Those of [`roles::may_manage_group`].
    pub fn may_manage_group(&self, role_assignable: bool) -> Result<(), Denial> {
        match &self.mandate {
            Mandate::Roles(roles) => roles::may_manage_group(roles, role_assignable),
            Mandate::Operator => Ok(()),
        }
    }
}

/// What a change of this kind of policy takes.
pub const fn writing(kind: PolicyKind) -> Task {
    match kind {
        PolicyKind::Passkeys
        | PolicyKind::Passes
        | PolicyKind::SystemPreferred
        | PolicyKind::Campaign
        | PolicyKind::Root => Task::WriteMethodPolicy,
        PolicyKind::Strength | PolicyKind::Access | PolicyKind::Location | PolicyKind::Context => {
            Task::WriteAccessPolicies
        }
    }
}
