//! The directory as programs ask for it: pages of users and groups, each one read; and changes of an account.

use policy::model::{EndReason, Group, GroupId, ModifiedProperty, TenantId, User, UserId};
use policy::roles::{Action, Task};
use store::{Page, StoreError, Tx};

use super::administer::{self, AdministerRefusal};
use super::govern::Governor;
use super::revoke::Receipt;
use super::{Caller, authority};
use crate::app::AppState;

/// Users whose names begin with `prefix`, in the order in which they were made.
pub async fn users(
    app: &AppState,
    by: &Governor,
    prefix: &str,
    page: Page<UserId>,
) -> Result<Vec<User>, AdministerRefusal> {
    by.may(Task::ReadUsers)?;
    let (tenant, prefix) = (by.tenant(), prefix.to_owned());
    let read = app.store.read_point(move |tx| {
        Box::pin(async move { store::users::list(tx, tenant, &prefix, page).await })
    });
    read.await
        .map_err(|error: StoreError| AdministerRefusal::from(error))
}

/// Groups whose names begin with `prefix`, in the order in which they were made.
pub async fn groups(
    app: &AppState,
    by: &Governor,
    prefix: &str,
    page: Page<GroupId>,
) -> Result<Vec<Group>, AdministerRefusal> {
    by.may(Task::ReadGroups)?;
    let (tenant, prefix) = (by.tenant(), prefix.to_owned());
    let read = app.store.read_point(move |tx| {
        Box::pin(async move { store::groups::list(tx, tenant, &prefix, page).await })
    });
    read.await
        .map_err(|error: StoreError| AdministerRefusal::from(error))
}

/// One group.
pub async fn group(app: &AppState, by: &Governor, id: GroupId) -> Result<Group, AdministerRefusal> {
    by.may(Task::ReadGroups)?;
    let tenant = by.tenant();
    let read = app
        .store
        .read_point(move |tx| Box::pin(async move { store::groups::find(tx, tenant, id).await }));
    let found: Option<Group> = read
        .await
        .map_err(|error: StoreError| AdministerRefusal::from(error))?;
    found.ok_or(AdministerRefusal::NotFound)
}

/// Members of a group, by id.
pub async fn members(
    app: &AppState,
    by: &Governor,
    id: GroupId,
    page: Page<UserId>,
) -> Result<Vec<User>, AdministerRefusal> {
    by.may(Task::ReadGroups)?;
    let tenant = by.tenant();
    let read = app.store.read_point(move |tx| {
        Box::pin(async move { store::groups::members(tx, tenant, id, page).await })
    });
    read.await
        .map_err(|error: StoreError| AdministerRefusal::from(error))
}

/// The groups that somebody is in. Groups are not members of groups here, so these are all.
pub async fn memberships(
    app: &AppState,
    tenant: TenantId,
    user: UserId,
) -> Result<Vec<Group>, StoreError> {
    app.store
        .read_point(move |tx| {
            Box::pin(async move { store::groups::of_user(tx, tenant, user).await })
        })
        .await
}

/// What to change about an account; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// 1 to 256 characters.
    pub display_name: Option<String>,
    /// Where notices go; `Some(None)` takes it away.
    pub mail: Option<Option<String>>,
}

/// Goes on only if `user` still has the version that somebody looked at when they decided.
pub(super) async fn still(
    tx: &mut Tx,
    (tenant, user): (TenantId, UserId),
    version: Option<i64>,
) -> Result<(), AdministerRefusal> {
    match version {
        Some(version) if !store::users::has_version(tx, tenant, user, version).await? => {
            Err(AdministerRefusal::Stale)
        }
        _ => Ok(()),
    }
}

/// Changes names and addresses of a user.
pub async fn update_user(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    (user, version): (UserId, Option<i64>),
    profile: Profile,
) -> Result<User, AdministerRefusal> {
    let activity = "Update user";
    let target = administer::permitted(app, caller, by, user, Action::ManageProfile, activity);
    let before = target.await?.user;
    let mut after = before.clone();
    if let Some(name) = profile.display_name {
        after.display_name = administer::checked_name(&name)?;
    }
    if let Some(mail) = profile.mail {
        after.mail = administer::checked_mail(mail)?;
    }
    let mut record = authority::record(app, caller, by, activity, &before);
    "Core Directory".clone_into(&mut record.service);
    if let Some(target) = record.targets.first_mut() {
        target.modified_properties = changed(&before, &after);
    }
    let row = after.clone();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                still(tx, (row.tenant, row.id), version).await?;
                if !store::users::hold_version(tx, &before).await? {
                    return Err(AdministerRefusal::Contended);
                }
                let (name, mail) = (&row.display_name, row.mail.as_deref());
                let (tenant, id, special) = (row.tenant, row.id, row.break_glass);
                store::users::set_profile(tx, tenant, id, name, mail, special).await?;
                Ok(store::audit::record(tx, &record).await?)
            })
        })
        .await?;
    Ok(after)
}

/// Deletes an account and all that is of it; the logs stay.
pub async fn delete_user(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    (user, version): (UserId, Option<i64>),
) -> Result<Receipt, AdministerRefusal> {
    let activity = "Delete user";
    let target = administer::permitted(app, caller, by, user, Action::SetEnabled, activity);
    let target = target.await?.user;
    let mut record = authority::record(app, caller, by, activity, &target);
    "Core Directory".clone_into(&mut record.service);
    let (tenant, now) = (target.tenant, app.clock.now());
    app.store
        .write(move |tx| {
            Box::pin(async move {
                still(tx, (tenant, user), version).await?;
                administer::keep_an_administrator(tx, tenant, user).await?;
                let reason = EndReason::UserDisabled;
                let ended = store::sessions::end_of_user(tx, tenant, user, reason, now).await?;
                if !store::users::delete(tx, tenant, user, now).await? {
                    return Err(AdministerRefusal::NotFound);
                }
                store::audit::record(tx, &record).await?;
                Ok(Receipt::default().add(&ended))
            })
        })
        .await
}

fn changed(before: &User, after: &User) -> Vec<ModifiedProperty> {
    let name = |user: &User| Some(user.display_name.clone());
    let pairs = [
        ("DisplayName", name(before), name(after)),
        ("Mail", before.mail.clone(), after.mail.clone()),
    ];
    let pairs = pairs.into_iter().filter(|(_, old, new)| old != new);
    pairs
        .map(|(name, old_value, new_value)| ModifiedProperty {
            display_name: name.to_owned(),
            old_value,
            new_value,
        })
        .collect()
}
