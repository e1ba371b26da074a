//! Groups as another directory keeps them here: names and any number of members in one change.

use std::collections::{BTreeMap, BTreeSet};

use policy::impact;
use policy::model::{
    AuditRecord, Group, GroupId, Membership, ModifiedProperty, TenantId, Timestamp, User, UserId,
};
use policy::roles::Task;
use policy::snapshot::Snapshot;
use store::provisioned::Team;
use store::{Page, StoreError, Tx};

use super::change::note;
use super::governor::Governor;
use super::groups::{self, Names};
use super::refusal::GovernRefusal;
use crate::app::AppState;
use crate::flow::provision::checked_external_id;
use crate::flow::{Caller, records};
use crate::snapshots::ROUNDS;

/// Members of one read.
const PORTION: u32 = 1000;

/// Which groups; what names some narrows to them without looking at others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// By name, case left aside.
    Named(String),
    /// By what another directory calls it.
    Called(String),
    /// By id.
    Id(GroupId),
    /// Those that somebody is in.
    Of(UserId),
}

/// What a group should become; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Amendment {
    /// 1 to 256 characters.
    pub display_name: Option<String>,
    /// What the other directory calls it; `Some(None)` takes it away.
    pub external_id: Option<Option<String>>,
    /// Who is in it instead of those who are.
    pub instead: Option<BTreeSet<UserId>>,
    /// Who comes in, and who goes.
    pub members: BTreeMap<UserId, bool>,
}

/// One group.
pub async fn team(app: &AppState, by: &Governor, id: GroupId) -> Result<Team, GovernRefusal> {
    by.may(Task::ReadGroups)?;
    let tenant = by.tenant();
    let read = app.store.read_point(move |tx| {
        Box::pin(async move { store::provisioned::team(tx, tenant, id).await })
    });
    let found: Option<Team> = read
        .await
        .map_err(|error: StoreError| GovernRefusal::from(error))?;
    found.ok_or(GovernRefusal::NotFound)
}

/// The groups that are meant.
pub async fn which(
    app: &AppState,
    by: &Governor,
    which: Which,
) -> Result<Vec<Team>, GovernRefusal> {
    by.may(Task::ReadGroups)?;
    let tenant = by.tenant();
    let read = app.store.read(move |tx| {
        Box::pin(async move {
            match which {
                Which::Named(name) => store::provisioned::teams_named(tx, tenant, &name).await,
                Which::Called(external) => {
                    store::provisioned::teams_called(tx, tenant, &external).await
                }
                Which::Id(id) => {
                    let found = store::provisioned::team(tx, tenant, id).await?;
                    Ok(found.into_iter().collect())
                }
                Which::Of(user) => {
                    let mut found = Vec::new();
                    for id in store::groups::ids_of_user(tx, tenant, user).await? {
                        found.extend(store::provisioned::team(tx, tenant, id).await?);
                    }
                    Ok(found)
                }
            }
        })
    });
    read.await
        .map_err(|error: StoreError| GovernRefusal::from(error))
}

/// Groups by id, oldest first, without the first `skip` behind `page.after`.
pub async fn teams(
    app: &AppState,
    by: &Governor,
    page: Page<GroupId>,
    skip: u64,
) -> Result<Vec<Team>, GovernRefusal> {
    by.may(Task::ReadGroups)?;
    let tenant = by.tenant();
    let read = app.store.read(move |tx| {
        Box::pin(async move { store::provisioned::teams(tx, tenant, page, skip).await })
    });
    read.await
        .map_err(|error: StoreError| GovernRefusal::from(error))
}

/// How many groups there are.
pub async fn count(app: &AppState, by: &Governor) -> Result<u64, GovernRefusal> {
    by.may(Task::ReadGroups)?;
    let tenant = by.tenant();
    let read = app
        .store
        .read(move |tx| Box::pin(async move { store::provisioned::count_teams(tx, tenant).await }));
    let count: i64 = read
        .await
        .map_err(|error: StoreError| GovernRefusal::from(error))?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// The members of a group, oldest first; nothing if there are more than `most`.
pub async fn members(
    app: &AppState,
    by: &Governor,
    id: GroupId,
    most: usize,
) -> Result<Option<Vec<User>>, GovernRefusal> {
    by.may(Task::ReadGroups)?;
    let tenant = by.tenant();
    let read = app
        .store
        .read(move |tx| Box::pin(async move { all_members(tx, tenant, id, most).await }));
    read.await
        .map_err(|error: StoreError| GovernRefusal::from(error))
}

/// Makes a group with members.
pub async fn create(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    amendment: Amendment,
) -> Result<GroupId, GovernRefusal> {
    let names = groups::checked(Names {
        display_name: amendment.display_name.unwrap_or_default(),
        description: String::new(),
    })?;
    let external_id = external(amendment.external_id.flatten())?;
    let now = app.clock.now();
    let group = Group {
        tenant: by.tenant(),
        id: GroupId::new(now, app.random.bytes()),
        display_name: names.display_name,
        description: names.description,
        role_assignable: false,
        created: now,
    };
    let record = groups::about(app, caller, by, "Add group", &group);
    groups::permit(app, caller, by, &group, &record).await?;
    let coming = amendment.members.into_iter().filter(|(_, comes)| *comes);
    let coming = coming.chain(amendment.instead.into_iter().flatten().map(|id| (id, true)));
    let coming = people(app, by, coming.collect()).await?;
    let records = member_records(app, caller, by, &group, &coming);
    let id = group.id;
    app.store
        .write(move |tx| {
            Box::pin(async move {
                store::groups::create(tx, &group).await?;
                store::audit::record(tx, &record).await?;
                if external_id.is_some() {
                    let (tenant, name) = (group.tenant, external_id.as_deref());
                    store::provisioned::call_team(tx, tenant, id, name).await?;
                }
                write_members(tx, &group, &records).await
            })
        })
        .await?;
    Ok(id)
}

/// Changes a group, all at once or not at all; with `read`, if it is still as it was read.
pub async fn amend(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    id: GroupId,
    read: Option<Team>,
    amendment: Amendment,
) -> Result<Team, GovernRefusal> {
    let before = team_to_change(app, by, id).await?;
    let record = groups::about(app, caller, by, "Update group", &before.group);
    groups::permit(app, caller, by, &before.group, &record).await?;
    let names = groups::checked(Names {
        display_name: amendment
            .display_name
            .unwrap_or_else(|| before.group.display_name.clone()),
        description: before.group.description.clone(),
    })?;
    let external_id = match amendment.external_id {
        Some(id) => external(id)?,
        None => before.external_id.clone(),
    };
    let mut wanted = amendment.members;
    if let Some(instead) = amendment.instead {
        wanted = instead_of(app, by, id, instead, wanted).await?;
    }
    let people = people(app, by, wanted).await?;
    let records = member_records(app, caller, by, &before.group, &people);
    let change = Change {
        read,
        record: named_anew(record, &before, &names, external_id.as_deref()),
        before,
        names,
        external_id,
        records,
    };
    let mut written = Err(GovernRefusal::Contended);
    for _ in 0..ROUNDS {
        written = write(app, by.tenant(), change.clone()).await;
        if !matches!(written, Err(GovernRefusal::Contended)) {
            break;
        }
    }
    if let (Err(refusal @ GovernRefusal::LocksEverybodyOut), Some((.., record))) =
        (&written, change.records.first())
    {
        note(app, caller, records::failed(record.clone(), refusal)).await;
    }
    written
}

/// Everything that one change writes.
#[derive(Clone)]
struct Change {
    read: Option<Team>,
    before: Team,
    names: Names,
    external_id: Option<String>,
    record: Option<AuditRecord>,
    records: Vec<(UserId, bool, AuditRecord)>,
}

/// One try: judged under the policies of a moment, and written if they are still those.
async fn write(app: &AppState, tenant: TenantId, change: Change) -> Result<Team, GovernRefusal> {
    let now = app.clock.now();
    let snapshot = app.snapshots.current(app, tenant).await?;
    app.store
        .write(move |tx| {
            Box::pin(async move {
                // Held until the commit, so that of two changes each sees the other or is seen by it.
                if !store::policies::hold(tx, tenant, snapshot.version()).await? {
                    return Err(GovernRefusal::Contended);
                }
                if let Some(read) = &change.read
                    && !store::provisioned::hold_team(tx, read).await?
                {
                    return Err(GovernRefusal::Contended);
                }
                let group = &change.before.group;
                if locks_out(tx, &snapshot, group, &change.records, now).await? {
                    return Err(GovernRefusal::LocksEverybodyOut);
                }
                if let Some(record) = &change.record {
                    let (name, text) = (&change.names.display_name, &change.names.description);
                    if !store::groups::set_names(tx, tenant, group.id, name, text).await? {
                        return Err(GovernRefusal::NotFound);
                    }
                    let external_id = change.external_id.as_deref();
                    store::provisioned::call_team(tx, tenant, group.id, external_id).await?;
                    store::audit::record(tx, record).await?;
                }
                write_members(tx, group, &change.records).await?;
                let now = store::provisioned::team(tx, tenant, group.id).await?;
                now.ok_or(GovernRefusal::NotFound)
            })
        })
        .await
}

/// Whether nobody could administer the tenant any more.
async fn locks_out(
    tx: &mut Tx,
    snapshot: &Snapshot,
    group: &Group,
    records: &[(UserId, bool, AuditRecord)],
    now: Timestamp,
) -> Result<bool, StoreError> {
    if records.is_empty() {
        return Ok(false);
    }
    let before = groups::administrators(tx, group.tenant, now).await?;
    let mut after = before.clone();
    for (user, comes, _) in records {
        let at = Membership {
            group: group.id,
            user: *user,
        };
        after = groups::with_membership(&after, at, *comes);
    }
    Ok(impact::leaves_nobody(snapshot, &before, &after, now))
}

async fn write_members(
    tx: &mut Tx,
    group: &Group,
    records: &[(UserId, bool, AuditRecord)],
) -> Result<(), GovernRefusal> {
    for (user, comes, record) in records {
        let at = Membership {
            group: group.id,
            user: *user,
        };
        let changed = match comes {
            true => store::groups::add_member(tx, group.tenant, at).await?,
            false => store::groups::remove_member(tx, group.tenant, at).await?,
        };
        if changed {
            store::audit::record(tx, record).await?;
        }
    }
    Ok(())
}

/// The group, for those who may change groups and need not be able to read them.
async fn team_to_change(app: &AppState, by: &Governor, id: GroupId) -> Result<Team, GovernRefusal> {
    let tenant = by.tenant();
    let read = app.store.read_point(move |tx| {
        Box::pin(async move { store::provisioned::team(tx, tenant, id).await })
    });
    let found: Option<Team> = read
        .await
        .map_err(|error: StoreError| GovernRefusal::from(error))?;
    found.ok_or(GovernRefusal::NotFound)
}

/// What has to change so that these are the members.
async fn instead_of(
    app: &AppState,
    by: &Governor,
    id: GroupId,
    instead: BTreeSet<UserId>,
    changes: BTreeMap<UserId, bool>,
) -> Result<BTreeMap<UserId, bool>, GovernRefusal> {
    let tenant = by.tenant();
    let read = app
        .store
        .read(move |tx| Box::pin(async move { all_members(tx, tenant, id, usize::MAX).await }));
    let held: Option<Vec<User>> = read
        .await
        .map_err(|error: StoreError| GovernRefusal::from(error))?;
    let held: BTreeSet<_> = held.into_iter().flatten().map(|user| user.id).collect();
    let comes = |id: &UserId| match changes.get(id) {
        Some(comes) => *comes,
        None => instead.contains(id),
    };
    let named = instead.iter().chain(changes.keys()).chain(&held);
    let named = named.map(|id| (*id, comes(id)));
    Ok(named
        .filter(|(id, comes)| held.contains(id) != *comes)
        .collect())
}

/// The people of these changes. Who comes has to be there; who goes may be gone already.
async fn people(
    app: &AppState,
    by: &Governor,
    changes: BTreeMap<UserId, bool>,
) -> Result<Vec<(User, bool)>, GovernRefusal> {
    let tenant = by.tenant();
    let read = app.store.read(move |tx| {
        Box::pin(async move {
            let mut found = Vec::new();
            for (id, comes) in changes {
                match store::users::find(tx, tenant, id).await? {
                    Some(user) => found.push((user, comes)),
                    None if comes => return Err(GovernRefusal::FieldInvalid("members")),
                    None => {}
                }
            }
            Ok(found)
        })
    });
    read.await
}

fn member_records(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    group: &Group,
    people: &[(User, bool)],
) -> Vec<(UserId, bool, AuditRecord)> {
    let records = people.iter().map(|(user, comes)| {
        let activity = match comes {
            true => "Add member to group",
            false => "Remove member from group",
        };
        let record = groups::about(app, caller, by, activity, group);
        (user.id, *comes, groups::about_member(record, user))
    });
    records.collect()
}

/// The record of new names; nothing if they are the old ones.
fn named_anew(
    mut record: AuditRecord,
    before: &Team,
    names: &Names,
    external_id: Option<&str>,
) -> Option<AuditRecord> {
    let mut properties = groups::renamed(&before.group, names);
    if before.external_id.as_deref() != external_id {
        properties.push(ModifiedProperty {
            display_name: "ExternalId".to_owned(),
            old_value: before.external_id.clone(),
            new_value: external_id.map(str::to_owned),
        });
    }
    if properties.is_empty() {
        return None;
    }
    if let Some(target) = record.targets.first_mut() {
        target.modified_properties = properties;
    }
    Some(record)
}

fn external(id: Option<String>) -> Result<Option<String>, GovernRefusal> {
    checked_external_id(id).map_err(|_| GovernRefusal::FieldInvalid("externalId"))
}

async fn all_members(
    tx: &mut Tx,
    tenant: TenantId,
    id: GroupId,
    most: usize,
) -> Result<Option<Vec<User>>, StoreError> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = Page {
            after,
            limit: PORTION,
        };
        let portion = store::groups::members(tx, tenant, id, page).await?;
        let full = u32::try_from(portion.len()).is_ok_and(|rows| rows >= PORTION);
        after = portion.last().map(|user| user.id);
        all.extend(portion);
        if all.len() > most {
            return Ok(None);
        }
        if !full {
            return Ok(Some(all));
        }
    }
}
