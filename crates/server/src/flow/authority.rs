//! Who may act on whom, and the record of it.

use policy::Denial;
use policy::model::{AuditRecord, Role, User, UserId};
use policy::roles::{self, Action};
use store::StoreError;

use super::govern::Governor;
use super::refusal::Refused;
use super::{Caller, records};
use crate::app::AppState;

/// A user that somebody wants to act on, with what protects them.
#[derive(Clone, Debug)]
pub struct Target {
    /// The user.
    pub user: User,
    roles: Vec<Role>,
    in_role_assignable_group: bool,
}

impl Target {
    /// What decisions are made from.
    pub fn facts(&self) -> roles::Target<'_> {
        roles::Target {
            id: self.user.id,
            roles: &self.roles,
            in_role_assignable_group: self.in_role_assignable_group,
            user_type: self.user.user_type,
        }
    }

    /// Whether a way in to this account is one to power.
    pub fn is_privileged(&self) -> bool {
        roles::is_privileged(&self.facts())
    }
}

/// The user with this id in the tenant of `by`.
pub async fn target(
    app: &AppState,
    by: &Governor,
    user: UserId,
) -> Result<Option<Target>, StoreError> {
    let tenant = by.tenant();
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

/// Whether `by` may do this to the target.
///
/// # Errors
/// Those of [`Governor::may_act`].
pub fn may(by: &Governor, action: Action, target: &Target) -> Result<(), Denial> {
    by.may_act(action, target.facts())
}

/// Whether `by` may do this to the user with this id, asked without doing it: what is missing there is said only to those who may
/// look for it. Nobody is not protected.
pub async fn ask(
    app: &AppState,
    by: &Governor,
    action: Action,
    user: UserId,
) -> Result<Result<(), Denial>, StoreError> {
    let target = target(app, by, user).await?;
    Ok(target.map_or(Ok(()), |target| may(by, action, &target)))
}

/// The record of what `by` does to `target`.
pub fn record(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    activity: &str,
    target: &User,
) -> AuditRecord {
    let actor = by.actor().clone();
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
    by: &Governor,
    activity: &str,
    target: &User,
    refusal: R,
) -> R {
    let record = record(app, caller, by, activity, target);
    note(app, caller, record, refusal).await
}

/// The same of a record that is made already.
pub async fn note<R: Refused>(
    app: &AppState,
    caller: &Caller,
    record: AuditRecord,
    refusal: R,
) -> R {
    let record = records::failed(record, &refusal);
    let written = app
        .store
        .write(move |tx| Box::pin(async move { store::audit::record(tx, &record).await }))
        .await;
    if let Err(error) = written {
        tracing::error!(correlation = %caller.correlation, code = error.code(), "a denial could not be recorded");
    }
    refusal
}
