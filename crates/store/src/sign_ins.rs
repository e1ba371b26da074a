//! Sign-ins: one read before the decision, one conditional write after it, and their log.

use crate::audit::Filter;
use crate::challenges::Nonce;
use crate::evidence::forms;
use crate::evidence::{self, Hash, Log};
use crate::guarded::{Guarded, Outcome, Statement};
use crate::log_search::{self, SignInsBy};
use crate::outbox::{self, Announcement};
use crate::row::{Row, Val, from_json, listed, to_json, vals};
use crate::sightings::{self, Observed};
use crate::{
    Page, Store, StoreError, Tx, attempts, challenges, grants, logouts, passes, passkeys, roles,
    sessions, users,
};
use policy::model::{
    AuthorizationCode, EndReason, GroupId, Passkey, PasskeyType, Place, RecordId, Role, Salt, Seen,
    Session, SessionId, SignInRecord, TenantId, Timestamp, TokenHash, User, Versions,
};
use policy::sign_in::{Evidence, NewSession};
use std::sync::Arc;

/// How often a sign-in that PostgreSQL gave up for another transaction is tried again.
const OVERTAKEN_TRIES: usize = 2;

macro_rules! columns {
    () => {
        concat!(
            $crate::evidence::forms::sign_in_open!(),
            ", ",
            $crate::evidence::forms::sign_in_person!()
        )
    };
}
pub(crate) use columns;

/// Roles and groups of the user `u`.
macro_rules! belongings {
    () => {
        "(SELECT {LIST o.role} FROM role_assignments o
          WHERE o.tenant_id = u.tenant_id AND o.user_id = u.id),
         (SELECT {LIST m.group_id} FROM group_members m
          WHERE m.tenant_id = u.tenant_id AND m.user_id = u.id)"
    };
}

/// Parameters: tenant, credential id, and of the place system, browser, attachment and network.
pub(crate) const LOAD: &str = concat!(
    "SELECT ",
    users::columns!(),
    ", ",
    passkeys::columns!(),
    ", v.policy, v.revocation, v.keys, ",
    belongings!(),
    ", ",
    sightings::seen!(),
    " FROM credentials c
     JOIN passkeys p ON p.tenant_id = c.tenant_id AND p.user_id = c.user_id
        AND p.id = c.passkey_id
     JOIN users u ON u.tenant_id = c.tenant_id AND u.id = c.user_id
     JOIN versions v ON v.tenant_id = c.tenant_id
     WHERE c.tenant_id = $1 AND c.credential_id = $2"
);

/// A passkey, its owner and the tenant's counters, all as of one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The owner.
    pub user: User,
    /// The passkey, without attestation object and client data (both empty).
    pub passkey: Passkey,
    /// The tenant's counters.
    pub versions: Versions,
    /// The owner's directory roles.
    pub roles: Vec<Role>,
    /// The owner's groups.
    pub groups: Vec<GroupId>,
    /// When the passkey was used in places like the one asked about.
    pub seen: Seen,
}

/// A user with what they could sign in with, all as of one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub user: User,
    /// The tenant's counters.
    pub versions: Versions,
    /// Passkeys that count.
    pub passkeys: i64,
    /// Whether a passkey waits for its owner.
    pub waiting: bool,
    /// Whether there is a password.
    pub password: bool,
    /// Whether a one-time code generator is enrolled.
    pub totp: bool,
    /// Whether there is a pass, usable or not.
    pub pass: bool,
    /// Directory roles.
    pub roles: Vec<Role>,
    /// Groups.
    pub groups: Vec<GroupId>,
}

/// What is used up by the write, besides what the evidence itself uses up.
#[derive(Debug, Clone)]
pub enum Spend {
    /// The nonce of a sealed challenge.
    Challenge {
        /// The nonce.
        nonce: Nonce,
        /// When the challenge would have expired.
        expires: Timestamp,
    },
    /// The attempt behind this cookie.
    Attempt(TokenHash),
    /// The Temporary Access Pass of the session: used up if it works once.
    Pass,
}

/// Everything one successful sign-in writes.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The session to open, proved and allowed.
    pub session: NewSession,
    /// What is used up.
    pub spend: Spend,
    /// A session of the same browser that ends with it.
    pub replaces: Option<SessionId>,
    /// The code to issue.
    pub code: Option<AuthorizationCode>,
    /// The record.
    pub record: SignInRecord,
    /// What the use of a passkey showed that is worth keeping.
    pub observed: Observed,
    /// What its owner should know of it.
    pub announcements: Vec<Announcement>,
}

/// How the write ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// Everything is written and durable.
    Done,
    /// The challenge, attempt, or pass was used before. Nothing was written.
    Spent,
    /// User, passkey, counter or policy changed since they were read; load and decide again.
    /// Nothing was written.
    Stale,
}

/// The passkey with this credential id, its owner, the counters, and when it was used in places like
/// `place`: one statement.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn load(
    tx: &mut Tx,
    tenant: TenantId,
    credential_id: &[u8],
    place: &Place,
) -> Result<Option<Loaded>, StoreError> {
    let network = place.network.to_string();
    let params = vals![
        &tenant,
        credential_id,
        place.system.as_str(),
        place.browser.as_str(),
        place.attachment_name(),
        &network
    ];
    let row = tx.first(LOAD, params).await?;
    row.map(|mut row| {
        Ok(Loaded {
            user: users::read(&mut row)?,
            passkey: passkeys::read(&mut row)?,
            versions: read_versions(&mut row)?,
            roles: roles::read_list(row.take("roles")?)?,
            groups: listed(row.take("groups")?, "groups")?,
            seen: sightings::read_seen(&mut row)?,
        })
    })
    .transpose()
}

/// The user with this name, what they could sign in with, and the counters: one statement.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn candidate(
    tx: &mut Tx,
    tenant: TenantId,
    name: &str,
) -> Result<Option<Candidate>, StoreError> {
    let sql = concat!(
        "SELECT ",
        users::columns!(),
        ", v.policy, v.revocation, v.keys,
            (SELECT count(*) FROM passkeys p
             WHERE p.tenant_id = u.tenant_id AND p.user_id = u.id AND p.enabled = 1
                AND p.user_verified = 1
                AND coalesce(p.compromise_measure, '') <> 'quarantine'),
            (SELECT count(*) FROM passkeys p
             WHERE p.tenant_id = u.tenant_id AND p.user_id = u.id AND p.waiting = 1),
            (SELECT count(*) FROM passwords w WHERE w.tenant_id = u.tenant_id AND w.user_id = u.id),
            (SELECT count(*) FROM totp t WHERE t.tenant_id = u.tenant_id AND t.user_id = u.id),
            (SELECT count(*) FROM passes a WHERE a.tenant_id = u.tenant_id AND a.user_id = u.id), ",
        belongings!(),
        " FROM user_names n
         JOIN users u ON u.tenant_id = n.tenant_id AND u.id = n.user_id
         JOIN versions v ON v.tenant_id = n.tenant_id
         WHERE n.tenant_id = $1 AND n.folded = $2"
    );
    let row = tx.first(sql, vals![&tenant, &users::fold(name)]).await?;
    row.map(|mut row| {
        Ok(Candidate {
            user: users::read(&mut row)?,
            versions: read_versions(&mut row)?,
            passkeys: row.take("count of passkeys")?,
            waiting: row.take::<i64>("count of waiting passkeys")? > 0,
            password: row.take("has password")?,
            totp: row.take("has totp")?,
            pass: row.take("has pass")?,
            roles: roles::read_list(row.take("roles")?)?,
            groups: listed(row.take("groups")?, "groups")?,
        })
    })
    .transpose()
}

/// Writes a sign-in: the proof is spent, the session, the code and the record are there, or nothing
/// is. One durable commit; on PostgreSQL one statement.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn commit(store: &Store, sign_in: SignIn) -> Result<Committed, StoreError> {
    // Here and not in the job: the writer hashes nothing that can be hashed before.
    let prepared = Arc::new((Texts::of(&sign_in)?, sign_in));
    for _ in 0..OVERTAKEN_TRIES {
        let again = Arc::clone(&prepared);
        match commit_once(store, again).await {
            Err(StoreError::Overtaken) => {}
            outcome => return outcome,
        }
    }
    commit_once(store, prepared).await
}

async fn commit_once(
    store: &Store,
    prepared: Arc<(Texts, SignIn)>,
) -> Result<Committed, StoreError> {
    store
        .write_one(move |tx| {
            Box::pin(async move {
                let (texts, sign_in) = &*prepared;
                commit_prepared(tx, sign_in, texts).await
            })
        })
        .await
}

/// [`commit`] as a part of a larger job.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn commit_in(tx: &mut Tx, sign_in: &SignIn) -> Result<Committed, StoreError> {
    let texts = Texts::of(sign_in)?;
    commit_prepared(tx, sign_in, &texts).await
}

async fn commit_prepared(
    tx: &mut Tx,
    sign_in: &SignIn,
    texts: &Texts,
) -> Result<Committed, StoreError> {
    let batch = Guarded {
        guard: guard(sign_in),
        spend: spend(sign_in),
        number: evidence::number(&sign_in.record.tenant, Log::SignIns),
        then: consequences(sign_in, texts),
    };
    Ok(match tx.guarded(&batch).await? {
        Outcome::Done => Committed::Done,
        Outcome::Stale => Committed::Stale,
        Outcome::Spent => Committed::Spent,
    })
}

/// Writes the record of a sign-in that failed, or that needed no new session.
///
/// # Errors
/// [`StoreError::Unsalted`] if the record was read and not made; [`StoreError::Database`].
pub async fn record(tx: &mut Tx, record: &SignInRecord) -> Result<(), StoreError> {
    let sealed = Sealed::of(record)?;
    let number = evidence::number(&record.tenant, Log::SignIns);
    tx.numbered(&number, &recording(record, &sealed)).await
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
) -> Result<Vec<SignInRecord>, StoreError> {
    let by = match filter {
        Filter::All => SignInsBy::Any,
        Filter::User(user) => SignInsBy::User(user),
        Filter::Correlation(correlation) => SignInsBy::Correlation(correlation),
    };
    log_search::sign_ins(tx, tenant, &by, page.into()).await
}

/// One record.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    id: RecordId,
) -> Result<Option<SignInRecord>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM sign_ins WHERE tenant_id = $1 AND id = $2"
    );
    let row = tx.first(sql, vals![&tenant, &id]).await?;
    row.map(read).transpose()
}

/// Hashes and numbers a record that is stored without; see [`evidence::adopt_sign_in`].
pub(crate) async fn seal_stored(tx: &mut Tx, record: &SignInRecord) -> Result<(), StoreError> {
    let sealed = Sealed::of(record)?;
    let sql = "UPDATE sign_ins SET happened = $3, user_id = $4, application_id = $5,
            application_name = $6, interactive = $7, error_code = $8, failure_code = $9,
            multi_factor = $10, passkey_id = $11, credential_id = $12, aaguid = $13,
            passkey_type = $14, backed_up = $15, session_id = $16, policy_version = $17,
            correlation = $18, user_principal_name = $19, user_display_name = $20,
            failure_reason = $21, steps = $22, ip_address = $23, user_agent = $24, decision = $25,
            salt = $26, leaf = $27, shard = 0,
            number = 1 + coalesce((SELECT b.number FROM sign_ins b
                WHERE b.tenant_id = $1 AND b.shard = 0 ORDER BY b.number DESC LIMIT 1), 0)
        WHERE tenant_id = $1 AND id = $2 AND shard IS NULL";
    tx.exec(sql, &sealed.params(record)).await?;
    Ok(())
}

/// JSON texts that the statements borrow.
struct Texts {
    session: sessions::Texts,
    code: Option<grants::CodeTexts>,
    record: Sealed,
    observed: sightings::Texts,
    announcements: Vec<String>,
}

impl Texts {
    fn of(sign_in: &SignIn) -> Result<Self, StoreError> {
        let code = sign_in.code.as_ref();
        Ok(Self {
            session: sessions::Texts::of(sign_in.session.session()),
            code: code.map(grants::CodeTexts::of),
            record: Sealed::of(&sign_in.record)?,
            observed: sightings::Texts::of(&sign_in.observed),
            announcements: sign_in.announcements.iter().map(outbox::text_of).collect(),
        })
    }
}

/// A record's steps as text, its salt and its leaf hash.
struct Sealed {
    steps: String,
    salt: Salt,
    leaf: Hash,
}

impl Sealed {
    fn of(record: &SignInRecord) -> Result<Self, StoreError> {
        let steps = to_json(&record.steps);
        let salt = record.salt.ok_or(StoreError::Unsalted)?;
        let person = person(record, &steps);
        let commitment = evidence::commitment(&forms::SIGN_IN_PERSON, &salt, &person);
        let leaf = evidence::leaf(&forms::SIGN_INS, &open(record), &[commitment]);
        Ok(Self { steps, salt, leaf })
    }

    /// Every column, then the salt and the leaf.
    fn params<'v>(&'v self, record: &'v SignInRecord) -> Vec<Val<'v>> {
        let seal = [Val::Blob(self.salt.as_bytes()), Val::Blob(&self.leaf)];
        [&open(record)[..], &person(record, &self.steps), &seal].concat()
    }
}

/// Everything the decision saw is still so. On PostgreSQL the rows stay locked until the commit, so
/// that a revocation either comes first and is seen, or comes after and finds the session.
fn guard(sign_in: &SignIn) -> Statement<'_> {
    let new = &sign_in.session;
    let session = new.session();
    let mut params = vals![
        &session.tenant,
        &session.user,
        new.user_version(),
        new.policy_version()
    ]
    .to_vec();
    let sql = match new.evidence() {
        Evidence::Passkey(used) => {
            params.extend_from_slice(vals![&used.passkey, used.count_before]);
            "SELECT 1 FROM users u
             JOIN versions v ON v.tenant_id = u.tenant_id
             JOIN passkeys p ON p.tenant_id = u.tenant_id AND p.user_id = u.id
             WHERE u.tenant_id = $1 AND u.id = $2 AND u.enabled = 1 AND u.version = $3
               AND v.policy = $4 AND p.id = $5 AND p.enabled = 1 AND p.sign_count = $6
             {SHARE u} {LOCK p}"
        }
        Evidence::Totp { step } => {
            params.push(Val::from(*step));
            "SELECT 1 FROM users u
             JOIN versions v ON v.tenant_id = u.tenant_id
             JOIN totp t ON t.tenant_id = u.tenant_id AND t.user_id = u.id
             WHERE u.tenant_id = $1 AND u.id = $2 AND u.enabled = 1 AND u.version = $3
               AND v.policy = $4 AND t.last_step < $5
             {SHARE u} {LOCK t}"
        }
        Evidence::Pass { .. } | Evidence::Earlier => {
            "SELECT 1 FROM users u
             JOIN versions v ON v.tenant_id = u.tenant_id
             WHERE u.tenant_id = $1 AND u.id = $2 AND u.enabled = 1 AND u.version = $3
               AND v.policy = $4
             {SHARE u}"
        }
    };
    Statement { sql, params }
}

fn spend(sign_in: &SignIn) -> Statement<'_> {
    let session = sign_in.session.session();
    match &sign_in.spend {
        Spend::Challenge { nonce, expires } => Statement {
            sql: challenges::SPEND,
            params: vals![&session.tenant, nonce, *expires].to_vec(),
        },
        Spend::Attempt(attempt) => Statement {
            sql: attempts::FINISH,
            params: vals![&session.tenant, attempt].to_vec(),
        },
        Spend::Pass => Statement {
            sql: passes::CONSUME,
            params: vals![
                &session.tenant,
                &session.user,
                session.pass.as_ref(),
                session.created
            ]
            .to_vec(),
        },
    }
}

fn consequences<'v>(sign_in: &'v SignIn, texts: &'v Texts) -> Vec<Statement<'v>> {
    let session = sign_in.session.session();
    let mut then = vec![
        sessions::insertion(session, &texts.session),
        recording(&sign_in.record, &texts.record),
    ];
    then.extend(factor_used(&sign_in.session));
    then.extend(
        sign_in
            .code
            .as_ref()
            .zip(texts.code.as_ref())
            .map(|(code, texts)| grants::insertion(code, texts)),
    );
    then.extend(sign_in.replaces.as_ref().map(|old| replacing(session, old)));
    let taken = sign_in.replaces.as_ref();
    then.extend(taken.map(|old| logouts::taking_over(session, old)));
    then.extend(sightings::statements(&sign_in.observed, &texts.observed));
    for (announcement, text) in sign_in.announcements.iter().zip(&texts.announcements) {
        then.extend(outbox::statements(announcement, text));
    }
    then
}

fn factor_used(new: &NewSession) -> Option<Statement<'_>> {
    let session = new.session();
    match new.evidence() {
        Evidence::Passkey(used) => Some(passkeys::using(
            &session.tenant,
            &session.user,
            used,
            session.created,
        )),
        Evidence::Totp { step } => Some(Statement {
            sql: "UPDATE totp SET last_step = $3 WHERE tenant_id = $1 AND user_id = $2 AND {IF}",
            params: vals![&session.tenant, &session.user, *step].to_vec(),
        }),
        Evidence::Pass { .. } | Evidence::Earlier => None,
    }
}

/// The old session of the browser ends; its grants stay, since the person did not sign out.
fn replacing<'v>(session: &'v Session, old: &'v SessionId) -> Statement<'v> {
    Statement {
        sql: "UPDATE sessions SET ended = $4, end_reason = $5
              WHERE tenant_id = $1 AND user_id = $2 AND id = $3 AND ended IS NULL AND {IF}",
        params: vals![
            &session.tenant,
            &session.user,
            old,
            session.created,
            EndReason::Replaced.as_str()
        ]
        .to_vec(),
    }
}

fn recording<'v>(record: &'v SignInRecord, sealed: &'v Sealed) -> Statement<'v> {
    Statement {
        sql: concat!(
            "INSERT INTO sign_ins (",
            columns!(),
            ", salt, leaf, shard, number)
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, {SHARD}, {NUMBER sign_ins}
             WHERE {IF}"
        ),
        params: sealed.params(record),
    }
}

/// In the order of [`forms::SIGN_INS`].
fn open(record: &SignInRecord) -> [Val<'_>; 18] {
    [
        Val::from(&record.tenant),
        Val::from(&record.id),
        Val::from(record.at),
        Val::from(record.user.as_ref()),
        Val::from(record.application.as_ref()),
        Val::from(&record.application_name),
        Val::from(record.interactive),
        Val::from(record.error_code),
        Val::from(&record.failure_code),
        Val::from(record.multi_factor),
        Val::from(record.passkey.as_ref()),
        Val::from(record.credential_id.as_ref()),
        Val::from(record.aaguid.as_ref()),
        Val::from(record.passkey_type.map(PasskeyType::as_str)),
        Val::from(record.backed_up),
        Val::from(record.session.as_ref()),
        Val::from(record.policy_version),
        Val::from(&record.correlation),
    ]
}

/// In the order of [`forms::SIGN_IN_PERSON`].
fn person<'v>(record: &'v SignInRecord, steps: &'v str) -> [Val<'v>; 7] {
    [
        Val::from(&record.user_principal_name),
        Val::from(&record.user_display_name),
        Val::from(&record.failure_reason),
        Val::from(steps),
        Val::from(&record.ip_address),
        Val::from(&record.user_agent),
        Val::from(&record.decision),
    ]
}

fn read_versions(row: &mut Row) -> Result<Versions, StoreError> {
    Ok(Versions {
        policy: row.take("policy version")?,
        revocation: row.take("revocation version")?,
        keys: row.take("keys version")?,
    })
}

pub(crate) fn read(mut row: Row) -> Result<SignInRecord, StoreError> {
    Ok(SignInRecord {
        tenant: row.take("sign-in tenant")?,
        id: row.take("sign-in id")?,
        at: row.take("sign-in time")?,
        user: row.take("sign-in user")?,
        application: row.take("sign-in application")?,
        application_name: row.take("sign-in application name")?,
        interactive: row.take("sign-in interactive")?,
        error_code: row.take("sign-in error")?,
        failure_code: row.take("sign-in failure code")?,
        multi_factor: row.take("sign-in multi factor")?,
        passkey: row.take("sign-in passkey")?,
        credential_id: row.take("sign-in credential id")?,
        aaguid: row.take("sign-in aaguid")?,
        passkey_type: row
            .take::<Option<String>>("sign-in passkey type")?
            .map(|name| passkeys::passkey_type(&name))
            .transpose()?,
        backed_up: row.take("sign-in backed up")?,
        session: row.take("sign-in session")?,
        policy_version: row.take("sign-in policy version")?,
        correlation: row.take("sign-in correlation")?,
        user_principal_name: row.take("sign-in user name")?,
        user_display_name: row.take("sign-in user display name")?,
        failure_reason: row.take("sign-in failure reason")?,
        steps: from_json(&row.take::<String>("sign-in steps")?, "sign-in steps")?,
        ip_address: row.take("sign-in address")?,
        user_agent: row.take("sign-in user agent")?,
        decision: row.take("sign-in decision")?,
        salt: None,
    })
}
