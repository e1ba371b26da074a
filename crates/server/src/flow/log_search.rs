//! The two logs as programs look through them.

use policy::model::{AuditRecord, RecordId, SignInRecord, UserId};
use policy::roles::Task;
use store::StoreError;
use store::log_search::{self, AuditsBy, SignInsBy, Stretch};

use super::administer::AdministerRefusal;
use super::govern::Governor;
use crate::app::AppState;

/// What a registration is called in the audit log.
const REGISTRATIONS: [&str; 2] = [
    "User registered security info",
    "Admin registered security info",
];

/// Sign-ins that have one of these in common, in order, each once.
pub async fn sign_ins(
    app: &AppState,
    by: &Governor,
    wanted: &[SignInsBy],
    stretch: Stretch,
) -> Result<Vec<SignInRecord>, AdministerRefusal> {
    by.may(Task::ReadSignIns)?;
    let (tenant, wanted) = (by.tenant(), wanted.to_vec());
    let read = app.store.read(move |tx| {
        Box::pin(async move {
            let mut found = Vec::new();
            for one in &wanted {
                found.extend(log_search::sign_ins(tx, tenant, one, stretch).await?);
            }
            Ok(found)
        })
    });
    let found = read
        .await
        .map_err(|error: StoreError| AdministerRefusal::from(error))?;
    Ok(merged(found, stretch, |record| record.id))
}

/// Audit records that have one of these in common, in order, each once.
pub async fn audits(
    app: &AppState,
    by: &Governor,
    wanted: &[AuditsBy],
    stretch: Stretch,
) -> Result<Vec<AuditRecord>, AdministerRefusal> {
    by.may(Task::ReadAudit)?;
    read_audits(app, by, wanted, stretch).await
}

/// Registrations of sign-in methods, out of the audit log: for a report, whose readers need not see the rest of the log.
pub async fn registrations(
    app: &AppState,
    by: &Governor,
    stretch: Stretch,
) -> Result<Vec<AuditRecord>, AdministerRefusal> {
    by.may(Task::ReadSignIns)?;
    let activities = REGISTRATIONS.map(|name| AuditsBy::Activity(name.to_owned()));
    read_audits(app, by, &activities, stretch).await
}

async fn read_audits(
    app: &AppState,
    by: &Governor,
    wanted: &[AuditsBy],
    stretch: Stretch,
) -> Result<Vec<AuditRecord>, AdministerRefusal> {
    let (tenant, wanted) = (by.tenant(), wanted.to_vec());
    let read = app.store.read(move |tx| {
        Box::pin(async move {
            let mut found = Vec::new();
            for one in &wanted {
                found.extend(log_search::audits(tx, tenant, one, stretch).await?);
            }
            Ok(found)
        })
    });
    let found = read
        .await
        .map_err(|error: StoreError| AdministerRefusal::from(error))?;
    Ok(merged(found, stretch, |record| record.id))
}

/// Whether an id is one of a user, now or once: then every record about them is found by it.
pub async fn is_user(app: &AppState, by: &Governor, id: UserId) -> Result<bool, AdministerRefusal> {
    by.may(Task::ReadAudit)?;
    let tenant = by.tenant();
    let read = app
        .store
        .read_point(move |tx| Box::pin(async move { log_search::is_about(tx, tenant, id).await }));
    read.await
        .map_err(|error: StoreError| AdministerRefusal::from(error))
}

/// Each of the answers is in order; together they are put into one, and cut where the first of them may have ended.
fn merged<T>(mut found: Vec<T>, stretch: Stretch, id: impl Fn(&T) -> RecordId) -> Vec<T> {
    found.sort_by_key(&id);
    if !stretch.oldest_first {
        found.reverse();
    }
    found.dedup_by_key(|one| id(one));
    found.truncate(usize::try_from(stretch.limit).unwrap_or(usize::MAX));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u8) -> RecordId {
        RecordId::from_bytes([number; 16])
    }

    #[test]
    fn several_answers_become_one_in_order_and_each_record_stands_once() {
        let stretch = Stretch {
            limit: 3,
            ..Stretch::default()
        };
        let found = vec![id(9), id(4), id(7), id(4), id(1)];
        assert_eq!(
            merged(found.clone(), stretch, |id| *id),
            [id(9), id(7), id(4)]
        );
        let oldest_first = Stretch {
            oldest_first: true,
            ..stretch
        };
        assert_eq!(merged(found, oldest_first, |id| *id), [id(1), id(4), id(7)]);
    }
}
