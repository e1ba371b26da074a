//! Who has registered what: reports by person and in sum, counted when they are asked for.

use policy::impact::Resident;
use policy::model::{Role, Span, Timestamp, User, UserId};
use policy::registration::{self, IncludedRoles, IncludedTypes, Registration, Totals};
use policy::roles::Task;
use policy::snapshot::Snapshot;
use store::reports::Day;
use store::{Page, StoreError};

use super::administer::AdministerRefusal;
use super::govern::Governor;
use crate::app::AppState;

/// People of one read.
const PORTION: u32 = 1_000;
/// Days of the summary of sign-ins.
const DAYS: i64 = 30;

/// Somebody and how they stand.
#[derive(Clone, Debug)]
pub struct Registrant {
    /// Who.
    pub user: User,
    /// Directory roles.
    pub roles: Vec<Role>,
    /// What they have.
    pub registration: Registration,
}

/// Enabled people in the order in which they were made, each with how they stand: as many as the page takes, or all that are left.
pub async fn list(
    app: &AppState,
    by: &Governor,
    page: Page<UserId>,
) -> Result<Vec<Registrant>, AdministerRefusal> {
    by.may(Task::ReadSignIns)?;
    let snapshot = app.snapshots.current(app, by.tenant()).await?;
    let full = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let (mut people, mut after) = (Vec::new(), page.after);
    while people.len() < full {
        let (now, found) = portion(app, by, Page { after, ..page }).await?;
        let Some(last) = found.last() else { break };
        after = Some(last.user.id);
        let enabled = found
            .into_iter()
            .filter_map(|resident| registrant(&snapshot, resident, now));
        people.extend(enabled);
    }
    people.truncate(full);
    Ok(people)
}

/// One person; nobody, where the account is disabled.
pub async fn find(
    app: &AppState,
    by: &Governor,
    user: UserId,
) -> Result<Registrant, AdministerRefusal> {
    by.may(Task::ReadSignIns)?;
    let (tenant, now) = (by.tenant(), app.clock.now());
    let snapshot = app.snapshots.current(app, tenant).await?;
    let read = app.store.read(move |tx| {
        Box::pin(async move { store::residents::find(tx, tenant, user, now).await })
    });
    let found: Option<Resident> = read
        .await
        .map_err(|error: StoreError| AdministerRefusal::from(error))?;
    found
        .and_then(|resident| registrant(&snapshot, resident, now))
        .ok_or(AdministerRefusal::NotFound)
}

/// How many of those who are meant have what.
pub async fn totals(
    app: &AppState,
    by: &Governor,
    types: IncludedTypes,
    roles: IncludedRoles,
) -> Result<Totals, AdministerRefusal> {
    by.may(Task::ReadReports)?;
    let snapshot = app.snapshots.current(app, by.tenant()).await?;
    let (mut totals, mut after) = (Totals::new(), None);
    loop {
        let page = Page {
            after,
            limit: PORTION,
        };
        let (now, found) = portion(app, by, page).await?;
        let Some(last) = found.last() else {
            return Ok(totals);
        };
        after = Some(last.user.id);
        let meant =
            |one: &Registrant| types.includes(one.user.user_type) && roles.includes(&one.roles);
        let people = found
            .into_iter()
            .filter_map(|resident| registrant(&snapshot, resident, now));
        for one in people.filter(meant) {
            totals.add(&one.registration);
        }
    }
}

/// Successful sign-ins of the last days, the newest day first.
pub async fn days(app: &AppState, by: &Governor) -> Result<Vec<Day>, AdministerRefusal> {
    by.may(Task::ReadReports)?;
    let (tenant, since) = (by.tenant(), app.clock.now().minus(Span::days(DAYS)));
    let read = app
        .store
        .read(move |tx| Box::pin(async move { store::reports::days(tx, tenant, since).await }));
    read.await
        .map_err(|error: StoreError| AdministerRefusal::from(error))
}

async fn portion(
    app: &AppState,
    by: &Governor,
    page: Page<UserId>,
) -> Result<(Timestamp, Vec<Resident>), AdministerRefusal> {
    let (tenant, now) = (by.tenant(), app.clock.now());
    let read = app.store.read(move |tx| {
        Box::pin(async move { store::residents::list(tx, tenant, page, now).await })
    });
    let found = read
        .await
        .map_err(|error: StoreError| AdministerRefusal::from(error))?;
    Ok((now, found))
}

fn registrant(snapshot: &Snapshot, resident: Resident, now: Timestamp) -> Option<Registrant> {
    if !resident.user.enabled {
        return None;
    }
    let registration = registration::of(snapshot, &resident, now);
    Some(Registrant {
        user: resident.user,
        roles: resident.roles,
        registration,
    })
}
