//! The audit log. A record is written in the job that makes the change.

use crate::evidence::forms::{self, audit_actor, audit_open, audit_subject};
use crate::evidence::{self, Hash, Log};
use crate::guarded::Statement;
use crate::log_search::{self, AuditsBy};
use crate::row::{Row, Val, from_json, to_json, vals};
use crate::{Page, StoreError, Tx, passkeys, signals};
use policy::model::{
    AuditRecord, AuditResult, AuditSalts, Category, CorrelationId, PasskeyType, RecordId, Target,
    TenantId, UserId,
};

/// The detail that says what the actor used; it belongs to the actor and not to what was done.
const USER_AGENT: &str = "userAgent";

/// What a reader wants; without the open twins that stay after an erasure.
macro_rules! columns {
    () => {
        "tenant_id, id, happened, activity, category, service, result, reason, initiated_by, \
         targets, user_agent, details, user_id, credential_id, aaguid, passkey_type, correlation"
    };
}
pub(crate) use columns;

/// Which records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// All.
    All,
    /// Those about one user.
    User(UserId),
    /// Those of one attempt.
    Correlation(CorrelationId),
}

/// Writes a record, hashed and numbered.
///
/// # Errors
/// [`StoreError::Unsalted`] if the record was read and not made; [`StoreError::Database`].
pub async fn record(tx: &mut Tx, record: &AuditRecord) -> Result<(), StoreError> {
    signals::stamp(tx, record.tenant, record.correlation).await?;
    let texts = Texts::of(record);
    let salts = record.salts.as_ref().ok_or(StoreError::Unsalted)?;
    let leaf = texts.leaf(record, salts);
    let insertion = Statement {
        sql: concat!(
            "INSERT INTO audit (",
            audit_open!(),
            ", ",
            audit_actor!(),
            ", ",
            audit_subject!(),
            ", actor_salt, subject_salt, leaf, shard, number)
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                $18, $19, $20, $21, $22, $23, {SHARD}, {NUMBER audit} WHERE {IF}"
        ),
        params: texts.params(record, salts, &leaf),
    };
    tx.numbered(&evidence::number(&record.tenant, Log::Audit), &insertion)
        .await
}

/// Hashes and numbers a record that is stored without; see [`evidence::adopt_audit`].
pub(crate) async fn seal_stored(tx: &mut Tx, record: &AuditRecord) -> Result<(), StoreError> {
    let texts = Texts::of(record);
    let salts = record.salts.as_ref().ok_or(StoreError::Unsalted)?;
    let leaf = texts.leaf(record, salts);
    let sql = "UPDATE audit SET happened = $3, activity = $4, category = $5, service = $6,
            result = $7, reason = $8, actor = $9, actor_id = $10, target_ids = $11, user_id = $12,
            credential_id = $13, aaguid = $14, passkey_type = $15, correlation = $16,
            initiated_by = $17, user_agent = $18, targets = $19, details = $20, actor_salt = $21,
            subject_salt = $22, leaf = $23, shard = 0,
            number = 1 + coalesce((SELECT b.number FROM audit b
                WHERE b.tenant_id = $1 AND b.shard = 0 ORDER BY b.number DESC LIMIT 1), 0)
        WHERE tenant_id = $1 AND id = $2 AND shard IS NULL";
    tx.exec(sql, &texts.params(record, salts, &leaf)).await?;
    Ok(())
}

/// The texts of a record's columns.
struct Texts<'r> {
    actor: String,
    target_ids: String,
    initiated_by: String,
    user_agent: &'r str,
    targets: String,
    details: String,
}

impl<'r> Texts<'r> {
    fn of(record: &'r AuditRecord) -> Self {
        let (user_agent, details) = match record.details.split_first() {
            Some(((name, value), rest)) if name == USER_AGENT => (value.as_str(), rest),
            _ => ("", record.details.as_slice()),
        };
        let ids: Vec<Target> = record.targets.iter().map(Target::without_person).collect();
        Self {
            actor: to_json(&record.initiated_by.without_person()),
            target_ids: to_json(&ids),
            initiated_by: to_json(&record.initiated_by),
            user_agent,
            targets: to_json(&record.targets),
            details: to_json(&details),
        }
    }

    /// In the order of [`forms::AUDIT`].
    fn open<'v>(&'v self, record: &'v AuditRecord) -> [Val<'v>; 16] {
        [
            Val::from(&record.tenant),
            Val::from(&record.id),
            Val::from(record.at),
            Val::from(&record.activity),
            Val::from(record.category.as_str()),
            Val::from(&record.service),
            Val::from(record.result.as_str()),
            Val::from(&record.reason),
            Val::from(&self.actor),
            Val::from(record.initiated_by.user()),
            Val::from(&self.target_ids),
            Val::from(record.user.as_ref()),
            Val::from(record.credential_id.as_ref()),
            Val::from(record.aaguid.as_ref()),
            Val::from(record.passkey_type.map(PasskeyType::as_str)),
            Val::from(&record.correlation),
        ]
    }

    /// In the order of [`forms::AUDIT_ACTOR`].
    fn actor(&self) -> [Val<'_>; 2] {
        [Val::from(&self.initiated_by), Val::from(self.user_agent)]
    }

    /// In the order of [`forms::AUDIT_SUBJECT`].
    fn subject(&self) -> [Val<'_>; 2] {
        [Val::from(&self.targets), Val::from(&self.details)]
    }

    fn leaf(&self, record: &AuditRecord, salts: &AuditSalts) -> Hash {
        let actor = evidence::commitment(&forms::AUDIT_ACTOR, &salts.actor, &self.actor());
        let subject = evidence::commitment(&forms::AUDIT_SUBJECT, &salts.subject, &self.subject());
        evidence::leaf(&forms::AUDIT, &self.open(record), &[actor, subject])
    }

    /// Every column, then the salts and the leaf.
    fn params<'v>(
        &'v self,
        record: &'v AuditRecord,
        salts: &'v AuditSalts,
        leaf: &'v Hash,
    ) -> Vec<Val<'v>> {
        let sealed = [
            Val::Blob(salts.actor.as_bytes()),
            Val::Blob(salts.subject.as_bytes()),
            Val::Blob(leaf),
        ];
        let (open, actor, subject) = (self.open(record), self.actor(), self.subject());
        [&open[..], &actor, &subject, &sealed].concat()
    }
}

/// Records, newest first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list(
    tx: &mut Tx,
    tenant: TenantId,
    filter: Filter,
    page: Page<RecordId>,
) -> Result<Vec<AuditRecord>, StoreError> {
    let by = match filter {
        Filter::All => AuditsBy::Any,
        Filter::User(user) => AuditsBy::About(user),
        Filter::Correlation(correlation) => AuditsBy::Correlation(correlation),
    };
    log_search::audits(tx, tenant, &by, page.into()).await
}

/// One record.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    id: RecordId,
) -> Result<Option<AuditRecord>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM audit WHERE tenant_id = $1 AND id = $2"
    );
    tx.first(sql, vals![&tenant, &id])
        .await?
        .map(read)
        .transpose()
}

pub(crate) fn read(mut row: Row) -> Result<AuditRecord, StoreError> {
    Ok(AuditRecord {
        tenant: row.take("record tenant")?,
        id: row.take("record id")?,
        at: row.take("record time")?,
        activity: row.take("record activity")?,
        category: category(&row.take::<String>("record category")?)?,
        service: row.take("record service")?,
        result: result(&row.take::<String>("record result")?)?,
        reason: row.take("record reason")?,
        initiated_by: from_json(&row.take::<String>("record initiator")?, "record initiator")?,
        targets: from_json(&row.take::<String>("record targets")?, "record targets")?,
        details: read_details(&mut row)?,
        user: row.take("record user")?,
        credential_id: row.take("record credential id")?,
        aaguid: row.take("record aaguid")?,
        passkey_type: row
            .take::<Option<String>>("record passkey type")?
            .map(|name| passkeys::passkey_type(&name))
            .transpose()?,
        correlation: row.take("record correlation")?,
        salts: None,
    })
}

/// The actor's user agent is a column of its own, because it goes with the actor.
fn read_details(row: &mut Row) -> Result<Vec<(String, String)>, StoreError> {
    let user_agent: String = row.take("record user agent")?;
    let mut details: Vec<_> = from_json(&row.take::<String>("record details")?, "record details")?;
    if !user_agent.is_empty() {
        details.insert(0, (USER_AGENT.to_owned(), user_agent));
    }
    Ok(details)
}

fn category(name: &str) -> Result<Category, StoreError> {
    let mut all = Category::ALL.iter().copied();
    all.find(|category| category.as_str() == name)
        .ok_or(StoreError::Damaged("record category"))
}

fn result(name: &str) -> Result<AuditResult, StoreError> {
    [AuditResult::Success, AuditResult::Failure]
        .into_iter()
        .find(|result| result.as_str() == name)
        .ok_or(StoreError::Damaged("record result"))
}
