//! Who may act on whom, and the record of it.

use policy::Denial;
use policy::model::{AuditRecord, Role, User, UserId};
use policy::roles::{self, Action, Permitted, Task};
use store::StoreError;

use super::refusal::Refused;
use super::{Caller, records};
use crate::app::AppState;
use crate::web::AdminSession;

/// A user that an administrator wants to act on, with what protects them.
#[derive(Clone, Debug)]
pub struct Target {
    /// The user.
    pub user: User,
    roles: Vec<Role>,
    in_role_assignable_group: bool,
}

/// The user with this id in the administrator's tenant.
pub async fn target(
    app: &AppState,
    admin: &AdminSession,
    user: UserId,
) -> Result<Option<Target>, StoreError> {
    let tenant = admin.current.tenant();
    app.store
        .read(move |tx| {
            Box::pin(async move {
                let Some(user) = store::users::find(tx, tenant, user).await? else {
                    return Ok(None);
                };
                let roles = store::roles::of_user(tx, tenant, user.id).await?;
                let groups = store::groups::of_user(tx, tenant, user.id).await?;
                let in_role_assignable_group = groups.iter().any(|group| group.role_assignable);
                Ok(Some(Target {
                    user,
                    roles,
                    in_role_assignable_group,
                }))
            })
        })
        .await
}

/// Whether the administrator may do this to the target.
pub fn may(admin: &AdminSession, action: Action, target: &Target) -> Result<Permitted, Denial> {
    let caller = roles::Caller {
        id: admin.current.user.id,
        roles: &admin.current.roles,
    };
    let whom = roles::Target {
        id: target.user.id,
        roles: &target.roles,
        in_role_assignable_group: target.in_role_assignable_group,
        user_type: target.user.user_type,
    };
    roles::may_act(caller, action, whom)
}

/// Whether the administrator may do this task.
pub fn may_do(admin: &AdminSession, task: Task) -> Result<(), Denial> {
    roles::may_do(&admin.current.roles, task)
}

/// The record of what the administrator does to `target`.
pub fn record(
    app: &AppState,
    caller: &Caller,
    admin: &AdminSession,
    activity: &str,
    target: &User,
) -> AuditRecord {
    let actor = records::by_user(&admin.current.user, caller);
    records::audit(
        app.clock.now(),
        &app.random,
        caller,
        activity,
        actor,
        target,
    )
}

/// Writes down that it was refused, and hands the refusal back.
pub async fn note_denial<R: Refused>(
    app: &AppState,
    caller: &Caller,
    admin: &AdminSession,
    activity: &str,
    target: &User,
    refusal: R,
) -> R {
    let record = records::failed(record(app, caller, admin, activity, target), &refusal);
    let written = app
        .store
        .write(move |tx| Box::pin(async move { store::audit::record(tx, &record).await }))
        .await;
    if let Err(error) = written {
        tracing::error!(correlation = %caller.correlation, code = error.code(), "a denial could not be recorded");
    }
    refusal
}
