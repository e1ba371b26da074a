//! The two logs as programs look through them: the newest (or oldest) records by one thing they have in common, within a stretch
//! of time, page by page.
//!
//! Each question is a range of one index, however long the log has become; the contract tests ask both databases for their plans.
//! SQLite is told which index, because without statistics it would rather go through the log by its key.
//! A record's id begins with its moment, so that a stretch of time is a stretch of ids.

use policy::model::{
    ApplicationId, AuditRecord, Category, CorrelationId, RecordId, SignInRecord, TenantId,
    Timestamp, UserId,
};

use crate::row::{Val, vals};
use crate::{Page, StoreError, Tx, audit, sign_ins};

/// Which part of a log, and from which end. Time counts in whole milliseconds, since the ids of older programs are no finer:
/// at both ends there may be records that happened a moment too early or too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stretch {
    /// Not before this moment.
    pub from: Option<Timestamp>,
    /// Not after this moment.
    pub to: Option<Timestamp>,
    /// Beyond this record, which was the last one of the page before.
    pub after: Option<RecordId>,
    /// The oldest first.
    pub oldest_first: bool,
    /// At most so many.
    pub limit: u32,
}

/// A page of the newest.
impl From<Page<RecordId>> for Stretch {
    fn from(page: Page<RecordId>) -> Self {
        Self {
            after: page.after,
            limit: page.limit,
            ..Self::default()
        }
    }
}

/// What sign-ins have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInsBy {
    /// Nothing.
    Any,
    /// The record itself.
    Id(RecordId),
    /// The attempt.
    Correlation(CorrelationId),
    /// Who signed in.
    User(UserId),
    /// The name that was typed or stored, without regard to the case of ASCII letters.
    Name(String),
    /// The application.
    Application(ApplicationId),
    /// How it ended; 0 is success.
    ErrorCode(i64),
    /// That they failed.
    Failed,
}

/// What audit records have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditsBy {
    /// Nothing.
    Any,
    /// The record itself.
    Id(RecordId),
    /// The attempt.
    Correlation(CorrelationId),
    /// The user they are about.
    About(UserId),
    /// The person who did it.
    Actor(UserId),
    /// What was done, without regard to case.
    Activity(String),
    /// The category.
    Category(Category),
    /// The service that logged it, without regard to case.
    Service(String),
}

/// The page that begins with the newest records, and the one that begins with the oldest.
type Both = [&'static str; 2];

macro_rules! both {
    ($columns:expr, $table:literal, $in_common:literal) => {
        [
            both!($columns, $table, $in_common, "DESC"),
            both!($columns, $table, $in_common, "ASC"),
        ]
    };
    ($columns:expr, $table:literal, $in_common:literal, $order:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM ",
            $table,
            $in_common,
            " AND id > $2 AND id < $3 ORDER BY id ",
            $order,
            " LIMIT $4"
        )
    };
}

macro_rules! sign_ins_by {
    () => {
        both!(sign_ins::columns!(), "sign_ins", " WHERE tenant_id = $1")
    };
    ($in_common:literal) => {
        both!(sign_ins::columns!(), "sign_ins", $in_common)
    };
}

macro_rules! audits_by {
    () => {
        both!(audit::columns!(), "audit", " WHERE tenant_id = $1")
    };
    ($in_common:literal) => {
        both!(audit::columns!(), "audit", $in_common)
    };
}

impl SignInsBy {
    fn question(&self) -> (Both, Option<Val<'_>>) {
        match self {
            Self::Any => (sign_ins_by!(), None),
            Self::Id(id) => (
                sign_ins_by!(" WHERE tenant_id = $1 AND id = $5"),
                Some(id.into()),
            ),
            Self::Correlation(id) => (
                sign_ins_by!(" {BY sign_ins_attempt} WHERE tenant_id = $1 AND correlation = $5"),
                Some(id.into()),
            ),
            Self::User(id) => (
                sign_ins_by!(" {BY sign_ins_user} WHERE tenant_id = $1 AND user_id = $5"),
                Some(id.into()),
            ),
            Self::Name(name) => (
                sign_ins_by!(
                    " {BY sign_ins_name} WHERE tenant_id = $1
                        AND lower(user_principal_name) = lower($5)"
                ),
                Some(name.into()),
            ),
            Self::Application(id) => (
                sign_ins_by!(
                    " {BY sign_ins_application} WHERE tenant_id = $1 AND application_id = $5"
                ),
                Some(id.into()),
            ),
            Self::ErrorCode(code) => (
                sign_ins_by!(" {BY sign_ins_error} WHERE tenant_id = $1 AND error_code = $5"),
                Some((*code).into()),
            ),
            Self::Failed => (
                sign_ins_by!(" {BY sign_ins_failed} WHERE tenant_id = $1 AND error_code <> 0"),
                None,
            ),
        }
    }
}

impl AuditsBy {
    fn question(&self) -> (Both, Option<Val<'_>>) {
        match self {
            Self::Any => (audits_by!(), None),
            Self::Id(id) => (
                audits_by!(" WHERE tenant_id = $1 AND id = $5"),
                Some(id.into()),
            ),
            Self::Correlation(id) => (
                audits_by!(" {BY audit_attempt} WHERE tenant_id = $1 AND correlation = $5"),
                Some(id.into()),
            ),
            Self::About(id) => (
                audits_by!(" {BY audit_user} WHERE tenant_id = $1 AND user_id = $5"),
                Some(id.into()),
            ),
            Self::Actor(id) => (
                audits_by!(" {BY audit_actor} WHERE tenant_id = $1 AND actor_id = $5"),
                Some(id.into()),
            ),
            Self::Activity(name) => (
                audits_by!(
                    " {BY audit_activity} WHERE tenant_id = $1 AND lower(activity) = lower($5)"
                ),
                Some(name.into()),
            ),
            Self::Category(category) => (
                audits_by!(" {BY audit_category} WHERE tenant_id = $1 AND category = $5"),
                Some(category.as_str().into()),
            ),
            Self::Service(name) => (
                audits_by!(
                    " {BY audit_service} WHERE tenant_id = $1 AND lower(service) = lower($5)"
                ),
                Some(name.into()),
            ),
        }
    }
}

/// Sign-ins that have this in common.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn sign_ins(
    tx: &mut Tx,
    tenant: TenantId,
    by: &SignInsBy,
    stretch: Stretch,
) -> Result<Vec<SignInRecord>, StoreError> {
    let (question, bounds) = (by.question(), stretch.bounds());
    let sql = stretch.pick(question.0);
    let rows = tx.query(sql, &bounds.params(&tenant, question.1)).await?;
    rows.into_iter().map(sign_ins::read).collect()
}

/// Audit records that have this in common.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn audits(
    tx: &mut Tx,
    tenant: TenantId,
    by: &AuditsBy,
    stretch: Stretch,
) -> Result<Vec<AuditRecord>, StoreError> {
    let (question, bounds) = (by.question(), stretch.bounds());
    let sql = stretch.pick(question.0);
    let rows = tx.query(sql, &bounds.params(&tenant, question.1)).await?;
    rows.into_iter().map(audit::read).collect()
}

/// How the database would answer [`sign_ins()`].
///
/// # Errors
/// [`StoreError::Database`].
pub async fn plan_sign_ins(
    tx: &mut Tx,
    tenant: TenantId,
    by: &SignInsBy,
    stretch: Stretch,
) -> Result<Vec<String>, StoreError> {
    let (question, bounds) = (by.question(), stretch.bounds());
    let sql = stretch.pick(question.0);
    tx.explain(sql, &bounds.params(&tenant, question.1)).await
}

/// How the database would answer [`audits`].
///
/// # Errors
/// [`StoreError::Database`].
pub async fn plan_audits(
    tx: &mut Tx,
    tenant: TenantId,
    by: &AuditsBy,
    stretch: Stretch,
) -> Result<Vec<String>, StoreError> {
    let (question, bounds) = (by.question(), stretch.bounds());
    let sql = stretch.pick(question.0);
    tx.explain(sql, &bounds.params(&tenant, question.1)).await
}

/// Whether any record is about this user; their account may be gone.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn is_about(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM audit WHERE tenant_id = $1 AND user_id = $2 LIMIT 1";
    Ok(tx.first(sql, vals![&tenant, &user]).await?.is_some())
}

/// A stretch as parameters.
struct Bounds {
    low: RecordId,
    high: RecordId,
    limit: u32,
}

impl Stretch {
    const fn pick(&self, question: Both) -> &'static str {
        let [newest_first, oldest_first] = question;
        match self.oldest_first {
            true => oldest_first,
            false => newest_first,
        }
    }

    /// Nothing but the id is compared: with `happened` beside it, a planner that takes the two for independent expects a
    /// handful of records in any stretch, and fetches and sorts all of them for one page.
    fn bounds(&self) -> Bounds {
        let low = self.from.map_or(FIRST, |from| id_at(from.as_micros()));
        let high = self
            .to
            .map_or(LAST, |to| id_at(to.as_micros().saturating_add(1_000)));
        let (low, high) = match (self.after, self.oldest_first) {
            (None, _) => (low, high),
            (Some(after), true) => (low.max(after), high),
            (Some(after), false) => (low, high.min(after)),
        };
        Bounds {
            low,
            high,
            limit: self.limit,
        }
    }
}

/// Before every id, and behind every id.
const FIRST: RecordId = RecordId::from_bytes([0; 16]);
const LAST: RecordId = RecordId::from_bytes([0xff; 16]);

/// The first id of a millisecond. What is before the epoch or behind the last id has no id.
fn id_at(micros: i64) -> RecordId {
    let millis = micros.div_euclid(1_000);
    match millis {
        ..=0 => FIRST,
        0x1_0000_0000_0000.. => LAST,
        millis => RecordId::new(Timestamp::from_micros(millis * 1_000), [0; 10]),
    }
}

impl Bounds {
    fn params<'v>(&'v self, tenant: &'v TenantId, in_common: Option<Val<'v>>) -> Vec<Val<'v>> {
        let mut params = vals![tenant, &self.low, &self.high, self.limit].to_vec();
        params.extend(in_common);
        params
    }
}
