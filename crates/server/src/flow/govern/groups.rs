//! Groups: the sets of people that policies name.

use policy::impact::{self, Resident};
use policy::model::{
    AuditRecord, Category, Group, GroupId, Membership, ModifiedProperty, Role, Target, TenantId,
    Timestamp, User, UserId,
};
use policy::roles::Task;
use policy::validate::{MAX_DESCRIPTION, MAX_NAME, naming_group};
use store::{Page, StoreError, Tx};

use super::change::note;
use super::governor::Governor;
use super::record::bare;
use super::refusal::GovernRefusal;
use crate::app::AppState;
use crate::flow::{Caller, records};
use crate::snapshots::ROUNDS;

/// Rows on one page of a list.
const ROWS: u32 = 50;

/// What people see of a group.
#[derive(Clone, Debug)]
pub struct Names {
    /// 1 to 256 characters.
    pub display_name: String,
    /// Free text.
    pub description: String,
}

/// A group with some of its members.
#[derive(Clone, Debug)]
pub struct Details {
    /// The group.
    pub group: Group,
    /// Members by id, oldest first.
    pub members: Vec<User>,
    /// Where the next page of them begins.
    pub next: Option<UserId>,
}

/// Groups whose name begins with `search`, oldest first, and where the next page begins.
pub async fn list(
    app: &AppState,
    governor: &Governor,
    search: &str,
    after: Option<GroupId>,
) -> Result<(Vec<Group>, Option<GroupId>), GovernRefusal> {
    governor.may(Task::ReadGroups)?;
    let (tenant, prefix) = (governor.tenant(), search.trim().to_owned());
    let page = Page { after, limit: ROWS };
    let found = app.store.read(move |tx| {
        Box::pin(async move { store::groups::list(tx, tenant, &prefix, page).await })
    });
    let groups: Vec<Group> = found.await.map_err(GovernRefusal::from)?;
    let full = usize::try_from(ROWS).is_ok_and(|rows| groups.len() >= rows);
    let next = groups.last().filter(|_| full).map(|group| group.id);
    Ok((groups, next))
}

/// A group and its members behind `after`.
pub async fn details(
    app: &AppState,
    governor: &Governor,
    id: GroupId,
    after: Option<UserId>,
) -> Result<Details, GovernRefusal> {
    governor.may(Task::ReadGroups)?;
    let tenant = governor.tenant();
    let page = Page { after, limit: ROWS };
    let found = app.store.read(move |tx| {
        Box::pin(async move {
            let group = store::groups::find(tx, tenant, id).await?;
            let group = group.ok_or(GovernRefusal::NotFound)?;
            let members = store::groups::members(tx, tenant, id, page).await?;
            let full = usize::try_from(ROWS).is_ok_and(|rows| members.len() >= rows);
            let next = members.last().filter(|_| full).map(|user| user.id);
            Ok(Details {
                group,
                members,
                next,
            })
        })
    });
    found.await
}

/// Makes a group.
pub async fn create(
    app: &AppState,
    caller: &Caller,
    governor: &Governor,
    names: Names,
    role_assignable: bool,
) -> Result<Group, GovernRefusal> {
    let names = checked(names)?;
    let now = app.clock.now();
    let group = Group {
        tenant: governor.tenant(),
        id: GroupId::new(now, app.random.bytes()),
        display_name: names.display_name,
        description: names.description,
        role_assignable,
        created: now,
    };
    let record = about(app, caller, governor, "Add group", &group);
    permit(app, caller, governor, &group, &record).await?;
    let row = group.clone();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                store::groups::create(tx, &row).await?;
                store::audit::record(tx, &record).await?;
                Ok::<_, GovernRefusal>(())
            })
        })
        .await?;
    Ok(group)
}

/// Changes what people see of a group.
pub async fn rename(
    app: &AppState,
    caller: &Caller,
    governor: &Governor,
    id: GroupId,
    names: Names,
) -> Result<(), GovernRefusal> {
    let group = find(app, governor, id).await?;
    rename_as(app, caller, governor, &group, names).await
}

/// The same, of a group as it was read; [`GovernRefusal::Contended`] if it is not so any more.
async fn rename_as(
    app: &AppState,
    caller: &Caller,
    governor: &Governor,
    group: &Group,
    names: Names,
) -> Result<(), GovernRefusal> {
    let names = checked(names)?;
    let mut record = about(app, caller, governor, "Update group", group);
    permit(app, caller, governor, group, &record).await?;
    if let Some(target) = record.targets.first_mut() {
        target.modified_properties = renamed(group, &names);
    }
    let (tenant, id, read) = (governor.tenant(), group.id, group.clone());
    app.store
        .write(move |tx| {
            Box::pin(async move {
                if !store::groups::hold(tx, &read).await? {
                    return Err(GovernRefusal::Contended);
                }
                let (name, text) = (&names.display_name, &names.description);
                if !store::groups::set_names(tx, tenant, id, name, text).await? {
                    return Err(GovernRefusal::NotFound);
                }
                store::audit::record(tx, &record).await?;
                Ok(())
            })
        })
        .await
}

/// The same for whoever says what changes and not what all of it will be. `still` looks at the group that is changed.
pub async fn change_names(
    app: &AppState,
    caller: &Caller,
    governor: &Governor,
    (id, still): (GroupId, impl Fn(&Group) -> bool),
    change: impl FnOnce(&mut Names),
) -> Result<(), GovernRefusal> {
    let group = find(app, governor, id).await?;
    if !still(&group) {
        return Err(GovernRefusal::Stale(0));
    }
    let mut names = Names {
        display_name: group.display_name.clone(),
        description: group.description.clone(),
    };
    change(&mut names);
    rename_as(app, caller, governor, &group, names).await
}

/// Deletes a group that no policy names.
pub async fn delete(
    app: &AppState,
    caller: &Caller,
    governor: &Governor,
    id: GroupId,
) -> Result<(), GovernRefusal> {
    delete_if(app, caller, governor, (id, |_: &Group| true)).await
}

/// The same, if `still` finds the group as somebody saw it.
pub async fn delete_if(
    app: &AppState,
    caller: &Caller,
    governor: &Governor,
    (id, still): (GroupId, impl Fn(&Group) -> bool),
) -> Result<(), GovernRefusal> {
    let group = find(app, governor, id).await?;
    if !still(&group) {
        return Err(GovernRefusal::Stale(0));
    }
    let record = about(app, caller, governor, "Delete group", &group);
    permit(app, caller, governor, &group, &record).await?;
    let tenant = governor.tenant();
    let read = app.store.read(move |tx| {
        Box::pin(async move {
            let versions = store::versions::of(tx, tenant).await?.unwrap_or_default();
            let policies = store::policies::load(tx, tenant).await?;
            Ok::<_, GovernRefusal>((versions.policy, policies))
        })
    });
    let (held, policies) = read.await?;
    let naming = naming_group(&policies, id);
    if !naming.is_empty() {
        let names = naming.iter().map(|one| match one.name() {
            "" => one.kind().as_str().to_owned(),
            name => name.to_owned(),
        });
        let refusal = GovernRefusal::GroupInUse(names.collect());
        note(app, caller, records::failed(record, &refusal)).await;
        return Err(refusal);
    }
    app.store
        .write(move |tx| {
            Box::pin(async move {
                if !store::policies::hold(tx, tenant, held).await? {
                    return Err(GovernRefusal::Contended);
                }
                if !store::groups::hold(tx, &group).await? {
                    return Err(GovernRefusal::Contended);
                }
                if !store::groups::delete(tx, tenant, id).await? {
                    return Err(GovernRefusal::NotFound);
                }
                store::audit::record(tx, &record).await?;
                Ok(())
            })
        })
        .await
}

/// Adds a member by user principal name; one who is in it already stays.
pub async fn add_member(
    app: &AppState,
    caller: &Caller,
    governor: &Governor,
    id: GroupId,
    name: &str,
) -> Result<User, GovernRefusal> {
    let (tenant, name) = (governor.tenant(), name.trim().to_owned());
    let found = app.store.read(move |tx| {
        Box::pin(async move { store::users::find_by_name(tx, tenant, &name).await })
    });
    let user: Option<User> = found.await.map_err(GovernRefusal::from)?;
    let user = user.ok_or(GovernRefusal::FieldInvalid("user"))?;
    set_member(app, caller, governor, id, &user, true).await?;
    Ok(user)
}

/// Adds a member by id.
pub async fn add_member_by_id(
    app: &AppState,
    caller: &Caller,
    governor: &Governor,
    id: GroupId,
    user: UserId,
) -> Result<(), GovernRefusal> {
    let tenant = governor.tenant();
    let found = app
        .store
        .read(move |tx| Box::pin(async move { store::users::find(tx, tenant, user).await }));
    let user: Option<User> = found.await.map_err(GovernRefusal::from)?;
    let user = user.ok_or(GovernRefusal::NotFound)?;
    set_member(app, caller, governor, id, &user, true).await
}

/// Takes a member out.
pub async fn remove_member(
    app: &AppState,
    caller: &Caller,
    governor: &Governor,
    id: GroupId,
    user: UserId,
) -> Result<(), GovernRefusal> {
    let tenant = governor.tenant();
    let found = app
        .store
        .read(move |tx| Box::pin(async move { store::users::find(tx, tenant, user).await }));
    let user: Option<User> = found.await.map_err(GovernRefusal::from)?;
    let user = user.ok_or(GovernRefusal::NotFound)?;
    set_member(app, caller, governor, id, &user, false).await
}

async fn set_member(
    app: &AppState,
    caller: &Caller,
    governor: &Governor,
    id: GroupId,
    user: &User,
    member: bool,
) -> Result<(), GovernRefusal> {
    let group = find(app, governor, id).await?;
    let activity = if member {
        "Add member to group"
    } else {
        "Remove member from group"
    };
    let record = about_member(about(app, caller, governor, activity, &group), user);
    permit(app, caller, governor, &group, &record).await?;
    let tenant = governor.tenant();
    let at = Membership {
        group: id,
        user: user.id,
    };
    let mut written = Err(GovernRefusal::Contended);
    for _ in 0..ROUNDS {
        written = write_member(app, tenant, at, member, record.clone()).await;
        if !matches!(written, Err(GovernRefusal::Contended)) {
            break;
        }
    }
    if let Err(refusal @ GovernRefusal::LocksEverybodyOut) = &written {
        note(app, caller, records::failed(record, refusal)).await;
    }
    written
}

/// One try: judged under the policies of a moment, and written if they are still those.
async fn write_member(
    app: &AppState,
    tenant: TenantId,
    at: Membership,
    member: bool,
    record: AuditRecord,
) -> Result<(), GovernRefusal> {
    let now = app.clock.now();
    let snapshot = app.snapshots.current(app, tenant).await?;
    app.store
        .write(move |tx| {
            Box::pin(async move {
                // Held until the commit, so that of two changes each sees the other or is seen by it.
                if !store::policies::hold(tx, tenant, snapshot.version()).await? {
                    return Err(GovernRefusal::Contended);
                }
                let before = administrators(tx, tenant, now).await?;
                let after = with_membership(&before, at, member);
                if impact::leaves_nobody(&snapshot, &before, &after, now) {
                    return Err(GovernRefusal::LocksEverybodyOut);
                }
                let changed = if member {
                    store::groups::add_member(tx, tenant, at).await?
                } else {
                    store::groups::remove_member(tx, tenant, at).await?
                };
                if changed {
                    // A sign-in that was decided with the old groups is decided again.
                    store::users::bump(tx, tenant, at.user).await?;
                    store::audit::record(tx, &record).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Those who could undo a change, with what decides whether they come in.
pub(in crate::flow) async fn administrators(
    tx: &mut Tx,
    tenant: TenantId,
    now: Timestamp,
) -> Result<Vec<Resident>, StoreError> {
    let mut found = Vec::new();
    for id in store::roles::holders(tx, tenant, Role::GlobalAdministrator).await? {
        found.extend(store::residents::find(tx, tenant, id, now).await?);
    }
    Ok(found)
}

pub(super) fn with_membership(people: &[Resident], at: Membership, member: bool) -> Vec<Resident> {
    let mut people = people.to_vec();
    for person in people.iter_mut().filter(|one| one.user.id == at.user) {
        person.groups.retain(|group| *group != at.group);
        if member {
            person.groups.push(at.group);
        }
    }
    people
}

async fn find(app: &AppState, governor: &Governor, id: GroupId) -> Result<Group, GovernRefusal> {
    let tenant = governor.tenant();
    let found = app
        .store
        .read(move |tx| Box::pin(async move { store::groups::find(tx, tenant, id).await }));
    let group: Option<Group> = found.await.map_err(GovernRefusal::from)?;
    group.ok_or(GovernRefusal::NotFound)
}

/// Whether the group may be changed; a denial is written down.
pub(super) async fn permit(
    app: &AppState,
    caller: &Caller,
    governor: &Governor,
    group: &Group,
    record: &AuditRecord,
) -> Result<(), GovernRefusal> {
    let allowed = governor.may_manage_group(group.role_assignable);
    let Err(denial) = allowed else {
        return Ok(());
    };
    let refusal = GovernRefusal::Denied(denial);
    note(app, caller, records::failed(record.clone(), &refusal)).await;
    Err(refusal)
}

pub(super) fn renamed(group: &Group, names: &Names) -> Vec<ModifiedProperty> {
    let changes = [
        ("DisplayName", &group.display_name, &names.display_name),
        ("Description", &group.description, &names.description),
    ];
    let changes = changes.into_iter().filter(|(_, old, new)| old != new);
    changes
        .map(|(name, old, new)| ModifiedProperty {
            display_name: name.to_owned(),
            old_value: Some(old.clone()),
            new_value: Some(new.clone()),
        })
        .collect()
}

pub(super) fn checked(names: Names) -> Result<Names, GovernRefusal> {
    let display_name = names.display_name.trim().to_owned();
    let description = names.description.trim().to_owned();
    let plain = |text: &str| !text.chars().any(|one| one.is_control() && one != '\n');
    let length = display_name.chars().count();
    if !(1..=MAX_NAME).contains(&length) || !plain(&display_name) {
        return Err(GovernRefusal::FieldInvalid("display_name"));
    }
    if description.chars().count() > MAX_DESCRIPTION || !plain(&description) {
        return Err(GovernRefusal::FieldInvalid("description"));
    }
    Ok(Names {
        display_name,
        description,
    })
}

pub(super) fn about(
    app: &AppState,
    caller: &Caller,
    governor: &Governor,
    activity: &str,
    group: &Group,
) -> AuditRecord {
    let target = Target {
        id: group.id.to_string(),
        kind: "Group".to_owned(),
        display_name: Some(group.display_name.clone()),
        user_principal_name: None,
        modified_properties: Vec::new(),
    };
    AuditRecord {
        category: Category::GroupManagement,
        service: "Core Directory".to_owned(),
        ..bare(app, caller, governor, activity, target)
    }
}

/// Entra names the member first and the group as what changed about it; the group stays findable as the second target.
pub(super) fn about_member(mut record: AuditRecord, user: &User) -> AuditRecord {
    record.user = Some(user.id);
    record.targets.insert(
        0,
        Target {
            id: user.id.to_string(),
            kind: "User".to_owned(),
            display_name: Some(user.display_name.clone()),
            user_principal_name: Some(user.user_principal_name.clone()),
            modified_properties: Vec::new(),
        },
    );
    record
}
