use policy::Denial;
use policy::approvals::Who;
use policy::model::{Actor, Application, Role, TenantId, User, UserId};
use policy::roles::{self, Action, Target, Task};
use policy::scopes::Granted;

use crate::flow::{Caller, records};
use crate::web::AdminSession;

/// Who governs: by their roles, by what an application may do, or as the operator of this server.
#[derive(Clone, Debug)]
pub struct Governor {
    tenant: TenantId,
    actor: Actor,
    mandate: Mandate,
}

#[derive(Clone, Debug)]
enum Mandate {
    /// What these roles permit; through an application, only in the operation that its scopes permit.
    Person {
        id: UserId,
        roles: Vec<Role>,
        through: Option<Granted>,
    },
    /// What an application's own permissions permit, to whomever it is done.
    Application(Granted),
    /// Whoever runs the server and holds its data may do everything.
    Operator,
}

impl Governor {
    /// The administrator of a session.
    pub fn person(admin: &AdminSession, caller: &Caller) -> Self {
        Self {
            tenant: admin.current.tenant(),
            actor: records::by_user(&admin.current.user, caller),
            mandate: Mandate::Person {
                id: admin.current.user.id,
                roles: admin.current.roles.clone(),
                through: None,
            },
        }
    }

    /// A person with these roles, through an application whose token was granted an operation.
    pub fn delegated(user: &User, roles: &[Role], caller: &Caller, granted: Granted) -> Self {
        Self {
            tenant: user.tenant,
            actor: records::by_user(user, caller),
            mandate: Mandate::Person {
                id: user.id,
                roles: roles.to_vec(),
                through: Some(granted),
            },
        }
    }

    /// An application by itself, whose token was granted an operation.
    pub fn application(application: &Application, granted: Granted) -> Self {
        Self {
            tenant: application.tenant,
            actor: Actor::App {
                id: application.id,
                display_name: application.display_name.clone(),
            },
            mandate: Mandate::Application(granted),
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

    /// The person, if it is one.
    pub const fn user(&self) -> Option<UserId> {
        match &self.mandate {
            Mandate::Person { id, .. } => Some(*id),
            Mandate::Application(_) | Mandate::Operator => None,
        }
    }

    /// What stands behind them, as far as a second person goes.
    pub const fn who(&self) -> Who {
        match &self.mandate {
            Mandate::Person { id, .. } => Who::Person(*id),
            Mandate::Application(_) => Who::Application,
            Mandate::Operator => Who::Operator,
        }
    }

    /// The person with their roles, if it is one. What a token lets them do is asked of the other functions.
    pub fn person_behind(&self) -> Option<roles::Caller<'_>> {
        match &self.mandate {
            Mandate::Person { id, roles, .. } => Some(roles::Caller { id: *id, roles }),
            Mandate::Application(_) | Mandate::Operator => None,
        }
    }

    /// Whether the person's roles permit this, whatever the token at hand is for. It decides what is offered, not what is done.
    pub fn holds(&self, task: Task) -> bool {
        let behind = self.person_behind();
        behind.is_some_and(|who| roles::may_do(who.roles, task).is_ok())
    }

    /// Whether they may do this.
    ///
    /// # Errors
    /// [`Denial::RoleMissing`] or [`Denial::ScopeMissing`].
    pub fn may(&self, task: Task) -> Result<(), Denial> {
        match &self.mandate {
            Mandate::Person { roles, through, .. } => {
                through.map_or(Ok(()), |granted| granted.may_do(task))?;
                roles::may_do(roles, task)
            }
            Mandate::Application(granted) => granted.may_do(task),
            Mandate::Operator => Ok(()),
        }
    }

    /// Whether they may do this to `target`.
    ///
    /// # Errors
    /// Those of [`roles::may_act`], or [`Denial::ScopeMissing`].
    pub fn may_act(&self, action: Action, target: Target<'_>) -> Result<(), Denial> {
        match &self.mandate {
            Mandate::Person { id, roles, through } => {
                through.map_or(Ok(()), |granted| granted.may_act(action, &target))?;
                roles::may_act(roles::Caller { id: *id, roles }, action, target).map(drop)
            }
            Mandate::Application(granted) => granted.may_act(action, &target),
            Mandate::Operator => Ok(()),
        }
    }

    /// Whether they may change an application, which may hold permissions of its own. `giving` says that the token may give such
    /// permissions.
    ///
    /// # Errors
    /// Those of [`roles::may_manage_application`], or [`Denial::ScopeMissing`].
    pub fn may_manage_application(
        &self,
        holds_permissions: bool,
        giving: Option<Granted>,
    ) -> Result<(), Denial> {
        match &self.mandate {
            Mandate::Person { roles, through, .. } => {
                through.map_or(Ok(()), |granted| granted.may_do(Task::ManageApplications))?;
                roles::may_manage_application(roles, holds_permissions)
            }
            Mandate::Application(granted) => {
                granted.may_do(Task::ManageApplications)?;
                // With a secret of the other it would be the other.
                match giving {
                    Some(giving) if holds_permissions => giving.may_do(Task::GivePermissions),
                    None if holds_permissions => Err(Denial::TargetProtected),
                    _ => Ok(()),
                }
            }
            Mandate::Operator => Ok(()),
        }
    }

    /// Whether they may change a group of this sort.
    ///
    /// # Errors
    /// Those of [`roles::may_manage_group`], or [`Denial::ScopeMissing`].
    pub fn may_manage_group(&self, role_assignable: bool) -> Result<(), Denial> {
        match &self.mandate {
            Mandate::Person { roles, through, .. } => {
                through.map_or(Ok(()), |granted| granted.may_do(Task::ManageGroups))?;
                roles::may_manage_group(roles, role_assignable)
            }
            // It would make its members administrators; no permission of an application says that it may.
            Mandate::Application(_) if role_assignable => Err(Denial::TargetProtected),
            Mandate::Application(granted) => granted.may_do(Task::ManageGroups),
            Mandate::Operator => Ok(()),
        }
    }
}
