//! The receipt of a revocation: what it ended, and which other systems know.

use axum::http::StatusCode;
use policy::model::{
    ApplicationId, AuditRecord, AuditResult, CorrelationId, GrantId, SignalKind, Timestamp,
};
use policy::roles::{Task, may_do};
use store::audit::Filter;
use store::sessions::Ended;
use store::{Page, StoreError, Tx};

use crate::app::AppState;
use crate::web::{AdminSession, Problem};

/// Ids written down of each kind; the counts are always whole.
const NAMED: usize = 64;
/// Records and events of one change that are looked at.
const RECORDS: u32 = 20;
const EVENTS: u32 = 200;
const SESSIONS: &str = "sessions";
const GRANTS: &str = "grants";

/// What one change ended, and who was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationReceipt {
    /// Finds the records.
    pub correlation: CorrelationId,
    /// What was done, as the audit log calls it.
    pub activity: String,
    /// When.
    pub at: Timestamp,
    /// Sessions that ended, by their `sid`.
    pub sessions: Vec<String>,
    /// Grants that ended, and the name of the application that held each.
    pub grants: Vec<(String, String)>,
    /// Events, by receiver.
    pub told: Vec<Told>,
}

/// One event and its receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The application.
    pub receiver: String,
    /// What it is told.
    pub kind: SignalKind,
    /// When it acknowledged.
    pub acknowledged: Option<Timestamp>,
    /// What it had against it.
    pub refusal: Option<String>,
}

/// The same record, saying what was ended.
pub fn note(mut record: AuditRecord, ended: &Ended) -> AuditRecord {
    let counts = [
        ("endedSessions", ended.sessions.len()),
        ("endedGrants", ended.grants.len()),
    ];
    for (name, count) in counts {
        record.details.push((name.to_owned(), count.to_string()));
    }
    let sessions = ended.sessions.iter().map(ToString::to_string);
    let grants = ended.grants.iter();
    let grants = grants.map(|grant| format!("{}@{}", grant.id, grant.application));
    for (name, ids) in [
        (SESSIONS, sessions.take(NAMED).collect::<Vec<_>>()),
        (GRANTS, grants.take(NAMED).collect()),
    ] {
        if !ids.is_empty() {
            record.details.push((name.to_owned(), ids.join(" ")));
        }
    }
    record
}

/// The receipt of the change with this correlation id.
///
/// # Errors
/// If the administrator may not read the audit log, or there is no such change.
pub async fn of(
    app: &AppState,
    admin: &AdminSession,
    correlation: CorrelationId,
) -> Result<RevocationReceipt, Problem> {
    may_do(&admin.current.roles, Task::ReadAudit).map_err(|denial| {
        Problem::new(StatusCode::FORBIDDEN, denial.code(), denial.user_sentence())
            .logged(denial.admin_sentence())
    })?;
    let tenant = admin.current.tenant();
    let found = app.store.read(move |tx| {
        Box::pin(async move {
            let of = Filter::Correlation(correlation);
            let records = store::audit::list(tx, tenant, of, Page::first(RECORDS)).await?;
            let done = |record: &AuditRecord| record.result == AuditResult::Success;
            let records: Vec<AuditRecord> = records.into_iter().filter(done).collect();
            let Some(main) = records.last() else {
                return Ok(None);
            };
            let mut receipt = RevocationReceipt {
                correlation,
                activity: main.activity.clone(),
                at: main.at,
                sessions: Vec::new(),
                grants: Vec::new(),
                told: Vec::new(),
            };
            for record in &records {
                receipt.add(tx, record).await?;
            }
            let told = store::signals::of_correlation(tx, tenant, correlation, EVENTS).await?;
            for event in told {
                receipt.told.push(Told {
                    receiver: name(tx, main, event.application).await?,
                    kind: event.signal.kind(),
                    acknowledged: event.at,
                    refusal: event.refusal,
                });
            }
            Ok(Some(receipt))
        })
    });
    let found: Result<Option<RevocationReceipt>, StoreError> = found.await;
    found
        .map_err(|error| Problem::internal(format!("store: {error}")))?
        .ok_or_else(Problem::not_found)
}

impl RevocationReceipt {
    async fn add(&mut self, tx: &mut Tx, record: &AuditRecord) -> Result<(), StoreError> {
        let detail = |wanted: &str| {
            let found = record.details.iter().find(|(name, _)| name == wanted);
            found.map(|(_, ids)| ids.as_str()).unwrap_or_default()
        };
        for session in detail(SESSIONS).split_whitespace() {
            if !self.sessions.iter().any(|known| known == session) {
                self.sessions.push(session.to_owned());
            }
        }
        for grant in detail(GRANTS).split_whitespace() {
            let parsed = grant.split_once('@').and_then(|(grant, application)| {
                Some((grant.parse().ok()?, application.parse().ok()?))
            });
            let Some((grant, application)): Option<(GrantId, ApplicationId)> = parsed else {
                continue;
            };
            let grant = grant.to_string();
            if !self.grants.iter().any(|(known, _)| *known == grant) {
                let holder = name(tx, record, application).await?;
                self.grants.push((grant, holder));
            }
        }
        Ok(())
    }
}

/// What an application is called; its id where it is gone.
async fn name(
    tx: &mut Tx,
    record: &AuditRecord,
    application: ApplicationId,
) -> Result<String, StoreError> {
    let found = store::applications::find(tx, record.tenant, application).await?;
    Ok(found.map_or_else(|| application.to_string(), |found| found.display_name))
}
