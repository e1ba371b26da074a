//! Giving and taking directory roles, and who holds which.

use std::sync::Arc;

use policy::impact;
use policy::model::{
    AuditRecord, Category, ModifiedProperty, Proposal, Role, TenantId, Timestamp, User, UserId,
};
use policy::roles::Task;
use policy::snapshot::Snapshot;
use store::{Page, StoreError, Tx};

use super::administer::{AdministerRefusal, keep_an_administrator};
use super::approvals::{self, Clearance, Wanted};
use super::govern::{Governor, groups};
use super::refusal::Refused as _;
use super::{Caller, authority};
use crate::app::AppState;
use crate::snapshots::ROUNDS;

/// A role that somebody holds.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// Who.
    pub user: User,
    /// Which.
    pub role: Role,
}

/// Who and which; how an assignment is named.
pub type Held = (UserId, Role);

/// Assignments behind `after`, of one role or one person where that is asked.
pub async fn assignments(
    app: &AppState,
    by: &Governor,
    (user, role): (Option<UserId>, Option<Role>),
    after: Option<Held>,
    limit: u32,
) -> Result<Vec<Assignment>, AdministerRefusal> {
    by.may(Task::ReadUsers)?;
    let tenant = by.tenant();
    let read = app.store.read_point(move |tx| {
        Box::pin(async move {
            if let Some(user) = user {
                return of_one(tx, tenant, user, after).await;
            }
            if let Some(role) = role {
                let after = after.map(|(user, _)| user);
                let users = store::roles::members(tx, tenant, role, Page { after, limit }).await?;
                let each = users.into_iter().map(|user| Assignment { user, role });
                return Ok(each.collect());
            }
            let rows = store::roles::assignments(tx, tenant, after, limit).await?;
            let each = rows
                .into_iter()
                .map(|(user, role)| Assignment { user, role });
            Ok::<_, StoreError>(each.collect())
        })
    });
    Ok(read.await?)
}

/// The roles of one person fit into one portion.
async fn of_one(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    after: Option<Held>,
) -> Result<Vec<Assignment>, StoreError> {
    let Some(user) = store::users::find(tx, tenant, user).await? else {
        return Ok(Vec::new());
    };
    let mut roles = store::roles::of_user(tx, tenant, user.id).await?;
    if let Some((_, last)) = after {
        roles.retain(|role| role.template_id() > last.template_id());
    }
    let each = roles.into_iter().map(|role| Assignment {
        user: user.clone(),
        role,
    });
    Ok(each.collect())
}

/// One assignment.
pub async fn assignment(
    app: &AppState,
    by: &Governor,
    (user, role): Held,
) -> Result<Assignment, AdministerRefusal> {
    let found = assignments(app, by, (Some(user), None), None, 1).await?;
    let mut found = found.into_iter();
    found
        .find(|one| one.role == role)
        .ok_or(AdministerRefusal::NotFound)
}

/// The holders of a role.
pub async fn members(
    app: &AppState,
    by: &Governor,
    role: Role,
    page: Page<UserId>,
) -> Result<Vec<User>, AdministerRefusal> {
    by.may(Task::ReadUsers)?;
    let tenant = by.tenant();
    let read = app.store.read_point(move |tx| {
        Box::pin(async move { store::roles::members(tx, tenant, role, page).await })
    });
    read.await
        .map_err(|error: StoreError| AdministerRefusal::from(error))
}

/// The roles that somebody holds.
pub async fn of_user(
    app: &AppState,
    tenant: TenantId,
    user: UserId,
) -> Result<Vec<Role>, StoreError> {
    app.store
        .read_point(move |tx| {
            Box::pin(async move { store::roles::of_user(tx, tenant, user).await })
        })
        .await
}

/// Gives a role; whoever has it keeps it. What is open stays open: a token's roles are looked up at each request.
pub async fn assign(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    user: UserId,
    role: Role,
) -> Result<User, AdministerRefusal> {
    change(app, caller, by, (user, role), true, None).await
}

/// Takes a role away. The last Global Administrator keeps theirs.
pub async fn unassign(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    user: UserId,
    role: Role,
) -> Result<(), AdministerRefusal> {
    let taken = change(app, caller, by, (user, role), false, None);
    taken.await.map(drop)
}

/// Gives or takes a role as a second person allows it.
pub(super) async fn allowed(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    held: Held,
    give: bool,
    clearance: &Clearance,
) -> Result<(), AdministerRefusal> {
    let changed = change(app, caller, by, held, give, Some(clearance));
    changed.await.map(drop)
}

async fn change(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    (user, role): Held,
    give: bool,
    allowed: Option<&Clearance>,
) -> Result<User, AdministerRefusal> {
    let user = find(app, by, user).await?;
    let record = record(app, caller, by, (&user, role), give);
    if let Err(denial) = by.may(Task::AssignRoles) {
        let refusal = AdministerRefusal::Denied(denial);
        return Err(authority::note(app, caller, record, refusal).await);
    }
    let mut done = Err(AdministerRefusal::Contended);
    for _ in 0..ROUNDS {
        done = attempt(app, caller, by, (&user, role, give), allowed, &record).await;
        if !matches!(done, Err(AdministerRefusal::Contended)) {
            break;
        }
    }
    match done {
        Ok(()) => Ok(user),
        Err(
            refusal @ (AdministerRefusal::LastAdministrator | AdministerRefusal::LocksEverybodyOut),
        ) => Err(authority::note(app, caller, record, refusal).await),
        // What waits has a record of its own.
        Err(refusal @ AdministerRefusal::HeldBack(_)) if refusal.waits().is_none() => {
            Err(authority::note(app, caller, record, refusal).await)
        }
        Err(refusal) => Err(refusal),
    }
}

/// One try, if it may be made now. Where a second person is needed, it is kept for one.
async fn attempt(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    (user, role, give): (&User, Role, bool),
    allowed: Option<&Clearance>,
    record: &AuditRecord,
) -> Result<(), AdministerRefusal> {
    let snapshot = app.snapshots.current(app, user.tenant).await?;
    let clearance = match allowed {
        Some(clearance) => clearance.clone(),
        None => {
            let setting = &snapshot.policies().second_person;
            // Nobody is asked about what changes nothing.
            if setting.is_on() {
                let held = of_user(app, user.tenant, user.id).await?;
                match (held.contains(&role), give) {
                    (true, true) => return Ok(()),
                    (false, false) => return Err(AdministerRefusal::NotFound),
                    _ => {}
                }
            }
            let changes = record.targets.first();
            let wanted = Wanted {
                proposal: match give {
                    true => Proposal::AssignRole(user.id, role),
                    false => Proposal::UnassignRole(user.id, role),
                },
                before: None,
                basis: user.version,
                changes: changes.map_or_else(Vec::new, |one| one.modified_properties.clone()),
            };
            let held = (setting, snapshot.version());
            approvals::clear::<AdministerRefusal>(app, caller, by, held, wanted).await?
        }
    };
    let record = clearance.note(record.clone());
    write(app, &snapshot, (user, role), give, clearance, record).await
}

/// The write: judged under the policies of a moment, and written if they are still those.
async fn write(
    app: &AppState,
    snapshot: &Arc<Snapshot>,
    (user, role): (&User, Role),
    give: bool,
    clearance: Clearance,
    record: AuditRecord,
) -> Result<(), AdministerRefusal> {
    let (tenant, id, now) = (user.tenant, user.id, app.clock.now());
    let snapshot = Arc::clone(snapshot);
    app.store
        .write(move |tx| {
            Box::pin(async move {
                // Held until the commit, so that of two changes each sees the other or is seen by it.
                if !store::policies::hold(tx, tenant, snapshot.version()).await? {
                    return Err(AdministerRefusal::Contended);
                }
                let about = Some((tenant, id));
                clearance
                    .settle::<AdministerRefusal>(tx, about, now)
                    .await?;
                if role == Role::GlobalAdministrator && !give {
                    keep_an_administrator(tx, tenant, id).await?;
                }
                keep_one_who_comes_in(tx, &snapshot, (tenant, id, role), give, now).await?;
                let changed = match give {
                    true => store::roles::assign(tx, tenant, id, role, now).await?,
                    false => store::roles::unassign(tx, tenant, id, role).await?,
                };
                match (changed, give) {
                    (true, _) => Ok(store::audit::record(tx, &record).await?),
                    (false, true) => Ok(()),
                    (false, false) => Err(AdministerRefusal::NotFound),
                }
            })
        })
        .await
}

/// Policies name roles, so giving or taking one may shut out the last person who could undo it.
async fn keep_one_who_comes_in(
    tx: &mut Tx,
    snapshot: &Snapshot,
    (tenant, id, role): (TenantId, UserId, Role),
    give: bool,
    now: Timestamp,
) -> Result<(), AdministerRefusal> {
    let before = groups::administrators(tx, tenant, now).await?;
    let mut after = before.clone();
    if role == Role::GlobalAdministrator && !give {
        after.retain(|one| one.user.id != id);
    }
    for one in after.iter_mut().filter(|one| one.user.id == id) {
        one.roles.retain(|held| *held != role);
        if give {
            one.roles.push(role);
        }
    }
    match impact::leaves_nobody(snapshot, &before, &after, now) {
        true => Err(AdministerRefusal::LocksEverybodyOut),
        false => Ok(()),
    }
}

async fn find(app: &AppState, by: &Governor, user: UserId) -> Result<User, AdministerRefusal> {
    let tenant = by.tenant();
    let found = app
        .store
        .read_point(move |tx| Box::pin(async move { store::users::find(tx, tenant, user).await }))
        .await;
    let found: Option<User> = found.map_err(|error: StoreError| AdministerRefusal::from(error))?;
    found.ok_or(AdministerRefusal::NotFound)
}

/// Entra names the role as what changed about the person.
fn record(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    (user, role): (&User, Role),
    give: bool,
) -> AuditRecord {
    let activity = match give {
        true => "Add member to role",
        false => "Remove member from role",
    };
    let mut record = authority::record(app, caller, by, activity, user);
    record.category = Category::RoleManagement;
    "Core Directory".clone_into(&mut record.service);
    if let Some(target) = record.targets.first_mut() {
        let names = [
            ("Role.DisplayName", role.display_name().to_owned()),
            ("Role.TemplateId", role.template_id().to_string()),
        ];
        let each = names.into_iter().map(|(name, value)| ModifiedProperty {
            display_name: name.to_owned(),
            old_value: Some(value.clone()).filter(|_| !give),
            new_value: Some(value).filter(|_| give),
        });
        target.modified_properties = each.collect();
    }
    record
}
