//! What pages show: reads only, each one read transaction.

use std::sync::Arc;

use axum::http::StatusCode;
use policy::Denial;
use policy::campaign::Snoozes;
use policy::lifecycle::{Outlook, outlook};
use policy::model::{
    AuditRecord, BackupChange, CorrelationId, GroupId, Models, Passkey, PasskeyId, RecordId, Role,
    Session, Sighting, SignInRecord, TemporaryAccessPass, TenantId, Timestamp, User, UserId,
};
use policy::roles::{Task, may_do};
use store::audit::Filter;
use store::consents::Named;
use store::{Page, StoreError, Tx};

use super::consent;
use super::records::Trace;
use crate::app::AppState;
use crate::web::{AdminSession, CurrentSession, Problem};

/// Rows on one page of a list.
const ROWS: u32 = 50;
/// Sessions and sign-ins shown of one user.
const OF_USER: u32 = 20;

/// Everything on the security info page.
#[derive(Clone, Debug)]
pub struct SecurityInfo {
    /// The user's passkeys, oldest first.
    pub passkeys: Vec<Passkey>,
    /// How each of them stands under the policies of this moment.
    pub outlooks: Vec<Outlook>,
    /// What is known of models.
    pub models: Arc<Models>,
    /// Where they were used, newest first.
    pub sightings: Vec<(PasskeyId, Sighting)>,
    /// The backup states they had, oldest first.
    pub backups: Vec<BackupChange>,
    /// When the password was set, if there is one.
    pub password_changed: Option<Timestamp>,
    /// When one-time codes were enrolled, if they are.
    pub totp_enrolled: Option<Timestamp>,
    /// Live sessions, newest first.
    pub sessions: Vec<Session>,
    /// Applications that the user gave access to.
    pub consents: Vec<Named>,
    /// The last sign-ins, newest first.
    pub sign_ins: Vec<SignInRecord>,
}

/// A user as an administrator sees them.
#[derive(Clone, Debug)]
pub struct UserDetails {
    /// The user.
    pub user: User,
    /// Directory roles.
    pub roles: Vec<Role>,
    /// Their security info.
    pub info: SecurityInfo,
    /// Their pass, without its code.
    pub pass: Option<TemporaryAccessPass>,
    /// What they did with the prompts of registration campaigns.
    pub snoozes: Snoozes,
}

/// One page of a list and where the next one begins.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Opaque; `None` at the end.
    pub next: Option<String>,
}

/// Which records to list.
#[derive(Clone, Debug, Default)]
pub struct LogFilter {
    /// Only this attempt.
    pub correlation: Option<CorrelationId>,
    /// Only about this user.
    pub user: Option<UserId>,
    /// From [`Listed::next`].
    pub after: Option<String>,
}

/// The signed-in user's own page.
pub async fn security_info(
    app: &AppState,
    session: &CurrentSession,
) -> Result<SecurityInfo, Problem> {
    let (tenant, user, now) = (session.tenant(), session.user.id, app.clock.now());
    let found = app.store.read(move |tx| {
        Box::pin(async move {
            let info = info(tx, tenant, user, now).await?;
            Ok((info, Rules::read(tx, tenant, user).await?))
        })
    });
    let (mut info, rules): (_, Rules) = found.await.map_err(unreadable)?;
    rules.judge(app, &session.user, &mut info).await?;
    Ok(info)
}

/// Users whose name begins with `search`, oldest first.
pub async fn users(
    app: &AppState,
    admin: &AdminSession,
    search: Option<&str>,
    after: Option<&str>,
) -> Result<Listed<User>, Problem> {
    permit(admin, Task::ReadUsers)?;
    let tenant = admin.current.tenant();
    let prefix = search.unwrap_or_default().to_owned();
    let page = Page {
        after: position(after)?,
        limit: ROWS,
    };
    let found = app.store.read(move |tx| {
        Box::pin(async move { store::users::list(tx, tenant, &prefix, page).await })
    });
    let rows = found.await.map_err(unreadable)?;
    Ok(listed(rows, |user| user.id.to_string()))
}

/// One user of the administrator's tenant.
pub async fn user(
    app: &AppState,
    admin: &AdminSession,
    user: UserId,
) -> Result<UserDetails, Problem> {
    permit(admin, Task::ReadUsers)?;
    let (tenant, now) = (admin.current.tenant(), app.clock.now());
    let found = app.store.read(move |tx| {
        Box::pin(async move {
            let Some(found) = store::users::find(tx, tenant, user).await? else {
                return Ok(None);
            };
            let rules = Rules::read(tx, tenant, user).await?;
            let details = UserDetails {
                user: found,
                roles: rules.roles.clone(),
                info: info(tx, tenant, user, now).await?,
                pass: store::passes::find(tx, tenant, user).await?,
                snoozes: store::campaigns::snoozes(tx, tenant, user).await?,
            };
            Ok(Some((details, rules)))
        })
    });
    let found: Option<(UserDetails, Rules)> = found.await.map_err(unreadable)?;
    let (mut details, rules) = found.ok_or_else(Problem::not_found)?;
    let owner = details.user.clone();
    rules.judge(app, &owner, &mut details.info).await?;
    // A role that may see people need not see how they sign in, nor when.
    if permit(admin, Task::ReadMethods).is_err() {
        details.info.passkeys.clear();
        details.info.sightings.clear();
        details.info.backups.clear();
        details.info.sessions.clear();
        details.info.consents.clear();
        details.info.password_changed = None;
        details.info.totp_enrolled = None;
        details.pass = None;
        details.snoozes = Snoozes::default();
    }
    if permit(admin, Task::ReadSignIns).is_err() {
        details.info.sign_ins.clear();
    }
    Ok(details)
}

/// The sign-in log, newest first.
pub async fn sign_ins(
    app: &AppState,
    admin: &AdminSession,
    filter: &LogFilter,
) -> Result<Listed<SignInRecord>, Problem> {
    permit(admin, Task::ReadSignIns)?;
    let (tenant, page, only) = (admin.current.tenant(), filter.page()?, filter.index());
    let found = app.store.read(move |tx| {
        Box::pin(async move { store::sign_ins::list(tx, tenant, only, page).await })
    });
    let rows = found.await.map_err(unreadable)?;
    let mut listed = listed(rows, |record| record.id.to_string());
    listed.rows.retain(|record| filter.keeps(record.user));
    Ok(listed)
}

/// One record of the sign-in log. What policies said is only for those who may see policies, as in Entra.
pub async fn sign_in(
    app: &AppState,
    admin: &AdminSession,
    id: RecordId,
) -> Result<(SignInRecord, Option<Trace>), Problem> {
    permit(admin, Task::ReadSignIns)?;
    let tenant = admin.current.tenant();
    let found = app
        .store
        .read(move |tx| Box::pin(async move { store::sign_ins::find(tx, tenant, id).await }));
    let record = found.await.map_err(unreadable)?;
    let record = record.ok_or_else(Problem::not_found)?;
    let trace = permit(admin, Task::ReadPolicies)
        .is_ok()
        .then(|| serde_json::from_str(&record.decision).unwrap_or_default());
    Ok((record, trace))
}

/// The audit log, newest first.
pub async fn audits(
    app: &AppState,
    admin: &AdminSession,
    filter: &LogFilter,
) -> Result<Listed<AuditRecord>, Problem> {
    permit(admin, Task::ReadAudit)?;
    let (tenant, page, only) = (admin.current.tenant(), filter.page()?, filter.index());
    let found = app
        .store
        .read(move |tx| Box::pin(async move { store::audit::list(tx, tenant, only, page).await }));
    let rows = found.await.map_err(unreadable)?;
    let mut listed = listed(rows, |record| record.id.to_string());
    listed.rows.retain(|record| filter.keeps(record.user));
    Ok(listed)
}

impl LogFilter {
    /// The index that narrows most: an attempt has a handful of records.
    fn index(&self) -> Filter {
        match (self.correlation, self.user) {
            (Some(correlation), _) => Filter::Correlation(correlation),
            (None, Some(user)) => Filter::User(user),
            (None, None) => Filter::All,
        }
    }

    fn keeps(&self, about: Option<UserId>) -> bool {
        self.user.is_none() || self.user == about
    }

    fn page(&self) -> Result<Page<RecordId>, Problem> {
        Ok(Page {
            after: position(self.after.as_deref())?,
            limit: ROWS,
        })
    }
}

async fn info(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    now: Timestamp,
) -> Result<SecurityInfo, StoreError> {
    let password = store::passwords::find(tx, tenant, user).await?;
    let totp = store::totp::find(tx, tenant, user).await?;
    Ok(SecurityInfo {
        passkeys: store::passkeys::of_user(tx, tenant, user).await?,
        outlooks: Vec::new(),
        models: Arc::default(),
        sightings: store::sightings::of_user(tx, tenant, user).await?,
        backups: store::sightings::backups_of_user(tx, tenant, user).await?,
        password_changed: password.map(|password| password.changed),
        totp_enrolled: totp.map(|totp| totp.enrolled),
        sessions: store::sessions::of_user(tx, tenant, user, now, Page::first(OF_USER)).await?,
        consents: store::consents::of_user(tx, tenant, user, consent::LISTED).await?,
        sign_ins: store::sign_ins::list(tx, tenant, Filter::User(user), Page::first(OF_USER))
            .await?,
    })
}

/// By what a person's passkeys are judged.
struct Rules {
    roles: Vec<Role>,
    groups: Vec<GroupId>,
    version: i64,
}

impl Rules {
    async fn read(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<Self, StoreError> {
        let versions = store::versions::of(tx, tenant).await?.unwrap_or_default();
        Ok(Self {
            roles: store::roles::of_user(tx, tenant, user).await?,
            groups: store::groups::ids_of_user(tx, tenant, user).await?,
            version: versions.policy,
        })
    }

    async fn judge(
        &self,
        app: &AppState,
        user: &User,
        info: &mut SecurityInfo,
    ) -> Result<(), Problem> {
        let snapshot = app.snapshots.of(app, user.tenant, self.version).await;
        let snapshot = snapshot.map_err(unreadable)?;
        let (subject, now) = (
            snapshot.subject(user, &self.roles, &self.groups),
            app.clock.now(),
        );
        let outlook = |passkey: &Passkey| outlook(&snapshot, &subject, passkey, now);
        info.outlooks = info.passkeys.iter().map(outlook).collect();
        info.models = app.models.facts();
        Ok(())
    }
}

fn permit(admin: &AdminSession, task: Task) -> Result<(), Problem> {
    may_do(&admin.current.roles, task).map_err(denied)
}

fn denied(denial: Denial) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, denial.code(), denial.user_sentence())
        .logged(denial.admin_sentence())
}

/// A full page may have a next one, which begins after its last row.
fn listed<T>(rows: Vec<T>, id: impl Fn(&T) -> String) -> Listed<T> {
    let full = usize::try_from(ROWS).is_ok_and(|limit| rows.len() >= limit);
    let next = rows.last().filter(|_| full).map(id);
    Listed { rows, next }
}

fn position<I: std::str::FromStr>(after: Option<&str>) -> Result<Option<I>, Problem> {
    let parsed = after.map(str::parse).transpose();
    parsed.map_err(|_| Problem::malformed("the place in the list is not an id"))
}

fn unreadable(error: StoreError) -> Problem {
    Problem::internal(format!("store: {error}"))
}
