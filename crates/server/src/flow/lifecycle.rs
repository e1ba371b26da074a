//! What the server does by itself about registered passkeys: judges them again when metadata or anchors changed, warns before
//! their end. And what an administrator undoes of it.
//!
//! Every change of one person is one write with its records, resting on what was read; a round that is interrupted or overtaken
//! is simply done again, and a round that finds everything as it should be writes nothing.

use std::collections::HashMap;
use std::sync::Arc;

use ceremony::attestation::{
    AttestationPolicy, TrustOutcome, TrustRequirement, verify_attestation,
};
use ceremony::metadata::Blob;
use ceremony::{Beside, FurtherAnchor, NoAnchors, Refusal, TrustAnchors, UnixTime};
use policy::lifecycle::{Attested, Ending, Finding, Grace, News, Step, Ways, news, review_all};
use policy::model::{
    AttestationLevel, AuditRecord, Compromise, CompromiseReason, CorrelationId, EndReason, GroupId,
    Measure, ModelStatus, Models, NoticeKind, NoticeSubject, Passkey, PasskeyId, PasskeyType, Role,
    Sha256, TemporaryAccessPass, TenantId, Timestamp, User, UserId, Versions,
};
use policy::profiles::Rule;
use policy::roles::Action;
use policy::snapshot::{Snapshot, Subject};
use store::outbox::Announcement;
use store::passkeys::Attestation;
use store::{Page, StoreError, Tx};

use super::govern::Governor;
use super::revoke::RevokeRefusal;
use super::{Caller, authority, notices, records};
use crate::app::AppState;
use crate::web::cookies::sha256;

/// People who are looked at in one go.
const PORTION: u32 = 50;
const DAY: i64 = 86_400;

/// Up to where everything was looked at.
#[derive(Debug, Default)]
pub struct Watch(HashMap<TenantId, Seen>);

/// Everybody is looked at again when one of these changes. In between only those about whom there is bad news.
#[derive(Debug, Clone)]
struct Seen {
    metadata: i64,
    models: Arc<Models>,
    day: i64,
    /// The version of the policies, where there are attestation roots beside those of the metadata.
    own_roots: Option<i64>,
}

impl PartialEq for Seen {
    fn eq(&self, other: &Self) -> bool {
        let same_models = Arc::ptr_eq(&self.models, &other.models);
        let of = |seen: &Self| (seen.metadata, seen.day, seen.own_roots);
        same_models && of(self) == of(other)
    }
}

/// Whose passkeys to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Everybody's.
    All,
    /// Of those about whom there is bad news: there may be a pass now, or another rule.
    Compromised,
}

/// Looks after all tenants; called every minute.
pub async fn round(app: &AppState, watch: &mut Watch) {
    let now = Seen {
        metadata: app.models.number(),
        models: app.models.facts(),
        day: app.clock.now().as_seconds().div_euclid(DAY),
        own_roots: None,
    };
    for tenant in app.tenants.all() {
        let now = match own_roots(app, tenant.id).await {
            Ok(own_roots) => Seen {
                own_roots,
                ..now.clone()
            },
            Err(error) => {
                tracing::error!(code = error.code(), "the policies could not be read");
                continue;
            }
        };
        let whose = match watch.0.get(&tenant.id) == Some(&now) {
            true => Whose::Compromised,
            false => Whose::All,
        };
        match review_tenant(app, tenant.id, whose).await {
            // Somebody was changed at the same moment: everybody once more, which costs little where nothing is to be done.
            Ok(false) => {}
            Ok(true) => {
                watch.0.insert(tenant.id, now);
            }
            Err(error) => tracing::error!(
                code = error.code(),
                "registered passkeys could not be judged again"
            ),
        }
    }
}

async fn own_roots(app: &AppState, tenant: TenantId) -> Result<Option<i64>, StoreError> {
    let versions = app
        .store
        .read_point(move |tx| Box::pin(async move { store::versions::of(tx, tenant).await }));
    let version = versions.await?.unwrap_or_default().policy;
    let snapshot = app.snapshots.of(app, tenant, version).await?;
    Ok((!snapshot.policies().roots.is_empty()).then_some(version))
}

/// Looks after the passkeys of a tenant, a portion at a time; `false` if somebody has to be looked at again.
pub async fn review_tenant(
    app: &AppState,
    tenant: TenantId,
    whose: Whose,
) -> Result<bool, StoreError> {
    let mut page = Page::first(PORTION);
    let mut complete = true;
    loop {
        let owners = app.store.read(move |tx| {
            Box::pin(async move {
                match whose {
                    Whose::All => store::lifecycle::owners(tx, tenant, page).await,
                    Whose::Compromised => {
                        store::lifecycle::owners_of_compromised(tx, tenant, page).await
                    }
                }
            })
        });
        let owners: Vec<UserId> = owners.await?;
        for owner in &owners {
            complete &= review_person(app, tenant, *owner).await?;
        }
        match owners.last() {
            Some(last) => page = Page::after(*last, PORTION),
            None => return Ok(complete),
        }
        tokio::task::yield_now().await;
    }
}

/// Lets a passkey past its end sign in, where it may be replaced; `None` if it may not.
pub async fn grace(
    app: &AppState,
    snapshot: &Snapshot,
    (user, roles, groups): (&User, &[Role], &[GroupId]),
    passkey: &Passkey,
) -> Result<Option<Grace>, StoreError> {
    let (tenant, id, now) = (user.tenant, user.id, app.clock.now());
    let subject = snapshot.subject(user, roles, groups);
    let held = app
        .store
        .read(move |tx| Box::pin(async move { Belongings::read(tx, tenant, id).await }))
        .await?;
    let remain = held
        .ways()
        .remain_without(snapshot, &subject, passkey.id, now);
    Ok(policy::lifecycle::grace(
        snapshot, &subject, passkey, remain, now,
    ))
}

/// Lets a passkey go on in spite of the news about its model.
pub async fn release(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    user: UserId,
    passkey: PasskeyId,
) -> Result<(), RevokeRefusal> {
    let target = authority::target(app, by, user)
        .await?
        .ok_or(RevokeRefusal::NotFound)?;
    if let Err(denial) = authority::may(by, Action::ManagePasskeys, &target) {
        let activity = "Admin released passkey from quarantine";
        let refusal = RevokeRefusal::from(denial);
        return Err(authority::note_denial(app, caller, by, activity, &target.user, refusal).await);
    }
    let record = authority::record(app, caller, by, "", &target.user);
    let told = notices::of(
        app,
        caller,
        NoticeKind::PasskeyReleased,
        &target.user,
        &record,
    );
    let tenant = target.user.tenant;
    app.store
        .write(move |tx| {
            Box::pin(async move {
                let found = store::passkeys::find(tx, tenant, user, passkey)
                    .await?
                    .ok_or(RevokeRefusal::NotFound)?;
                let held = found.compromise.ok_or(RevokeRefusal::NotFound)?;
                let released = Compromise {
                    measure: Measure::Released,
                    ..held
                };
                if !store::lifecycle::set_compromise(tx, &found, Some(released)).await? {
                    return Err(RevokeRefusal::NotFound);
                }
                // What was only reported never changed anything for its owner.
                if !matches!(held.measure, Measure::Report | Measure::Released) {
                    store::outbox::announce(tx, &notices::about_passkey(told, &found)).await?;
                }
                let record = about(record, &found, Step::Mark(released));
                Ok::<_, RevokeRefusal>(store::audit::record(tx, &record).await?)
            })
        })
        .await?;
    app.notifier.wake();
    Ok(())
}

/// Whether `user` could not come in any more without this passkey, and can with it.
pub(super) async fn is_last_way_in(
    tx: &mut Tx,
    snapshot: &Snapshot,
    user: &User,
    passkey: &Passkey,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let held = Belongings::read(tx, user.tenant, user.id).await?;
    let roles = store::roles::of_user(tx, user.tenant, user.id).await?;
    let groups = store::groups::ids_of_user(tx, user.tenant, user.id).await?;
    let subject = snapshot.subject(user, &roles, &groups);
    Ok(held.ways().is_last(snapshot, &subject, passkey, now))
}

/// What one person has to sign in with.
struct Belongings {
    passkeys: Vec<Passkey>,
    password: bool,
    code: bool,
    pass: Option<TemporaryAccessPass>,
}

impl Belongings {
    async fn read(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<Self, StoreError> {
        Ok(Self {
            passkeys: store::passkeys::of_user(tx, tenant, user).await?,
            password: store::passwords::find(tx, tenant, user).await?.is_some(),
            code: store::totp::exists(tx, tenant, user).await?,
            pass: store::passes::find(tx, tenant, user).await?,
        })
    }

    fn ways(&self) -> Ways<'_> {
        Ways {
            passkeys: &self.passkeys,
            password: self.password,
            code: self.code,
            pass: self.pass.as_ref(),
        }
    }
}

/// A person as just read, with everything a review rests on.
struct Person {
    user: User,
    roles: Vec<Role>,
    groups: Vec<GroupId>,
    versions: Versions,
    held: Belongings,
    attestations: Vec<Option<Attestation>>,
}

impl Person {
    async fn read(tx: &mut Tx, tenant: TenantId, id: UserId) -> Result<Option<Self>, StoreError> {
        let Some(user) = store::users::find(tx, tenant, id).await? else {
            return Ok(None);
        };
        let held = Belongings::read(tx, tenant, id).await?;
        let mut attestations = Vec::new();
        for passkey in &held.passkeys {
            attestations.push(store::passkeys::attestation(tx, tenant, id, passkey.id).await?);
        }
        Ok(Some(Self {
            user,
            roles: store::roles::of_user(tx, tenant, id).await?,
            groups: store::groups::ids_of_user(tx, tenant, id).await?,
            versions: store::versions::of(tx, tenant).await?.unwrap_or_default(),
            held,
            attestations,
        }))
    }

    fn subject(&self, snapshot: &Snapshot) -> Subject<'_> {
        snapshot.subject(&self.user, &self.roles, &self.groups)
    }
}

/// `false` if the person was changed at the same moment.
async fn review_person(app: &AppState, tenant: TenantId, user: UserId) -> Result<bool, StoreError> {
    let person = app
        .store
        .read(move |tx| Box::pin(async move { Person::read(tx, tenant, user).await }))
        .await?;
    let Some(person) = person else {
        return Ok(true);
    };
    let snapshot = app
        .snapshots
        .of(app, tenant, person.versions.policy)
        .await?;
    let own = snapshot.own_roots(&person.subject(&snapshot));
    let (person, findings) = findings(app, person, own).await?;
    let changes = changes(app, &person, &snapshot, findings.as_deref());
    if changes.is_empty() {
        return Ok(true);
    }
    write(app, person.user, changes).await
}

/// Something to write about one passkey.
struct Change {
    passkey: Passkey,
    what: What,
    /// What its owner is told of it.
    told: Option<NoticeKind>,
}

#[derive(Clone, Copy)]
enum What {
    Step(Step),
    /// Its owner is warned of this end.
    Warn(Ending),
    /// This end has come.
    End(Ending),
}

fn changes(
    app: &AppState,
    person: &Person,
    snapshot: &Snapshot,
    findings: Option<&[Finding]>,
) -> Vec<Change> {
    let (subject, now) = (person.subject(snapshot), app.clock.now());
    let ways = person.held.ways();
    let reviewed = findings.map(|findings| review_all(snapshot, &subject, ways, findings, now));
    let mut changes = Vec::new();
    for (passkey, steps) in reviewed.into_iter().flatten() {
        // However many steps it took, the owner is told once.
        let mut told = news(snapshot, &subject, &passkey, &steps, now).map(kind);
        changes.extend(steps.into_iter().map(|step| Change {
            passkey: passkey.clone(),
            what: What::Step(step),
            told: told.take(),
        }));
    }
    let usable = person.held.passkeys.iter().filter(|one| one.is_usable());
    changes.extend(usable.filter_map(|passkey| end_of(snapshot, &subject, passkey, now)));
    changes
}

/// The end of a passkey, ahead or come, of which its owner was not told yet.
fn end_of(
    snapshot: &Snapshot,
    subject: &Subject<'_>,
    passkey: &Passkey,
    now: Timestamp,
) -> Option<Change> {
    let ahead = policy::lifecycle::warning(snapshot, subject, passkey, now)
        .filter(|end| passkey.warned.is_none_or(|warned| warned < end.at));
    let come = policy::lifecycle::ended(snapshot, subject, passkey, now)
        .filter(|end| passkey.ended.is_none_or(|ended| ended < end.at));
    let (what, told) = match (ahead, come) {
        (Some(end), _) if end.rule == Rule::Idle => (What::Warn(end), NoticeKind::PasskeyGoingIdle),
        (Some(end), _) => (What::Warn(end), NoticeKind::PasskeyEnding),
        (None, Some(end)) => (What::End(end), NoticeKind::PasskeyEnded),
        (None, None) => return None,
    };
    Some(Change {
        passkey: passkey.clone(),
        what,
        told: Some(told),
    })
}

const fn kind(news: News) -> NoticeKind {
    match news {
        News::Quarantined => NoticeKind::PasskeyQuarantined,
        News::StepUp => NoticeKind::PasskeyStepUpRequired,
        News::PassFirst => NoticeKind::PasskeyQuarantineDeferred,
        News::Refused => NoticeKind::PasskeyRefused,
        News::Released => NoticeKind::PasskeyReleased,
    }
}

/// What the metadata and the roots of the administrators' own say now about each passkey; `None` if nothing can be said.
async fn findings(
    app: &AppState,
    person: Person,
    own: Vec<FurtherAnchor>,
) -> Result<(Person, Option<Vec<Finding>>), StoreError> {
    let (blob, models) = (app.models.current(), app.models.facts());
    if blob.is_none() && !nothing_kept(app).await? {
        return Ok((person, None));
    }
    let at = app.clock.unix();
    let passkeys = person.held.passkeys.clone();
    let attestations = person.attestations.clone();
    let judged = tokio::task::spawn_blocking(move || {
        let kept = passkeys.iter().zip(&attestations);
        kept.map(|(passkey, attestation)| {
            finding(
                blob.as_deref(),
                &own,
                &models,
                at,
                passkey,
                attestation.as_ref(),
            )
        })
        .collect()
    });
    Ok((person, judged.await.ok()))
}

/// Whether there is no metadata at all: then only the administrators' own roots vouch for anything. What is kept and not read
/// yet says nothing, least of all that nobody vouches.
async fn nothing_kept(app: &AppState) -> Result<bool, StoreError> {
    let kept = app
        .store
        .read_point(|tx| Box::pin(store::metadata::number(tx)));
    Ok(kept.await?.is_none())
}

/// Judges a passkey as if it were registered now, except that its certificates had to be valid when it was.
fn finding(
    blob: Option<&Blob>,
    own: &[FurtherAnchor],
    models: &Models,
    at: UnixTime,
    passkey: &Passkey,
    attestation: Option<&Attestation>,
) -> Finding {
    let Some(attestation) = attestation else {
        return Finding::default();
    };
    let policy = AttestationPolicy {
        trust: TrustRequirement::Report,
        ..AttestationPolicy::default()
    };
    let registered = UnixTime::from_seconds(passkey.created.as_seconds());
    let catalogue = blob.map(|blob| blob.catalogue().at(at));
    let source: &dyn TrustAnchors = match &catalogue {
        Some(catalogue) => catalogue,
        None => &NoAnchors,
    };
    let anchors = Beside {
        source,
        further: own,
    };
    let judged = verify_attestation(
        &attestation.attestation_object,
        &sha256(&attestation.client_data),
        &policy,
        &anchors,
        registered,
    );
    let Ok(facts) = judged else {
        return Finding::default();
    };
    let worth = |level, root| Finding {
        model: None,
        attestation: Some(Attested { level, root }),
    };
    match facts.trust {
        TrustOutcome::Untrusted(Refusal::AuthenticatorCompromised) => Finding {
            model: Some(reason(models, passkey)),
            attestation: None,
        },
        TrustOutcome::Trusted => worth(
            AttestationLevel::Attested,
            facts.anchor.map(Sha256::from_bytes),
        ),
        TrustOutcome::Untrusted(_) | TrustOutcome::NotEvaluated => {
            worth(AttestationLevel::NotAttested, None)
        }
    }
}

fn reason(models: &Models, passkey: &Passkey) -> CompromiseReason {
    let status = models.get(passkey.aaguid).and_then(|model| model.status);
    match status {
        Some(ModelStatus::Revoked) => CompromiseReason::ModelRevoked,
        _ => CompromiseReason::ModelCompromised,
    }
}

/// Why nothing was written.
enum Fault {
    /// Something changed since it was read.
    Stale,
    Store(StoreError),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// One write for one person: nothing is written if anything changed since it was read.
async fn write(app: &AppState, user: User, changes: Vec<Change>) -> Result<bool, StoreError> {
    let now = app.clock.now();
    let caller = Caller::of_operator(CorrelationId::new(now, app.random.bytes()));
    let changes: Vec<_> = changes
        .into_iter()
        .map(|change| {
            let actor = records::by_service("passkey lifecycle");
            let record = records::audit(now, &app.random, &caller, "", actor, &user);
            let told = change
                .told
                .map(|kind| change.about(notices::of(app, &caller, kind, &user, &record)));
            (change, record, told)
        })
        .collect();
    let written = app.store.write(move |tx| {
        Box::pin(async move {
            if !store::users::hold_version(tx, &user).await? {
                return Err(Fault::Stale);
            }
            for (change, record, told) in &changes {
                change.write(tx, record, now).await?;
                if let Some(told) = told {
                    store::outbox::announce(tx, told).await?;
                }
            }
            Ok(())
        })
    });
    match written.await {
        Ok(()) => {
            app.notifier.wake();
            Ok(true)
        }
        Err(Fault::Stale) => Ok(false),
        Err(Fault::Store(error)) => Err(error),
    }
}

impl Change {
    fn about(&self, told: Announcement) -> Announcement {
        let mut told = notices::about_passkey(told, &self.passkey);
        if let What::Warn(end) | What::End(end) = self.what {
            told.notice.subject = Some(NoticeSubject::ending(
                &self.passkey,
                end.at,
                end.replaced_until,
            ));
        }
        told
    }

    async fn write(&self, tx: &mut Tx, record: &AuditRecord, now: Timestamp) -> Result<(), Fault> {
        let (mut record, passkey) = (record.clone(), &self.passkey);
        let done = match self.what {
            What::Step(step) => {
                record = about(record, passkey, step);
                match step {
                    Step::Mark(compromise) => {
                        let done =
                            store::lifecycle::set_compromise(tx, passkey, Some(compromise)).await?;
                        end_sessions(tx, passkey, compromise.measure, &mut record, now).await?;
                        done
                    }
                    Step::Clear => store::lifecycle::set_compromise(tx, passkey, None).await?,
                    Step::Attest(Attested { level, root }) => {
                        store::lifecycle::set_attestation(tx, passkey, level, root.as_ref()).await?
                    }
                }
            }
            What::Warn(end) => {
                record = of_end(record, passkey, "Warn of end of", end);
                store::lifecycle::set_warned(tx, passkey, end.at).await?
            }
            What::End(end) => {
                record = of_end(record, passkey, "End", end);
                store::lifecycle::set_ended(tx, passkey, end.at).await?
            }
        };
        if !done {
            return Err(Fault::Stale);
        }
        store::audit::record(tx, &record).await?;
        announce(&record);
        Ok(())
    }
}

/// What a passkey opened that is no longer worth what it was ends like that of a revoked one.
async fn end_sessions(
    tx: &mut Tx,
    passkey: &Passkey,
    measure: Measure,
    record: &mut AuditRecord,
    now: Timestamp,
) -> Result<(), StoreError> {
    if !matches!(measure, Measure::Quarantine | Measure::StepUp) {
        return Ok(());
    }
    let (tenant, user, reason) = (passkey.tenant, passkey.user, EndReason::PasskeyQuarantined);
    let ended = store::sessions::end_of_passkey(tx, tenant, user, passkey.id, reason, now).await?;
    let counts = [
        ("endedSessions", ended.sessions.len()),
        ("endedGrants", ended.grants.len()),
    ];
    let details = counts.map(|(name, count)| (name.to_owned(), count.to_string()));
    record.details.extend(details);
    Ok(())
}

fn about(record: AuditRecord, passkey: &Passkey, step: Step) -> AuditRecord {
    let mut record = records::about_passkey(record, passkey);
    let (verb, details) = match step {
        Step::Mark(compromise) => (
            verb(compromise.measure),
            vec![
                ("reason", compromise.reason.as_str()),
                ("measure", compromise.measure.as_str()),
            ],
        ),
        Step::Clear => ("Release", vec![("reason", "metadataHealed")]),
        Step::Attest(Attested { level, .. }) => (
            "Update attestation of",
            vec![
                ("oldAttestationLevel", passkey.attestation_level.as_str()),
                ("attestationLevel", level.as_str()),
            ],
        ),
    };
    record.activity = activity(verb, passkey.passkey_type);
    let details = details.into_iter();
    record
        .details
        .extend(details.map(|(name, value)| (name.to_owned(), value.to_owned())));
    record
}

fn of_end(record: AuditRecord, passkey: &Passkey, verb: &str, end: Ending) -> AuditRecord {
    let mut record = records::about_passkey(record, passkey);
    record.activity = activity(verb, passkey.passkey_type);
    let details = [
        ("endsUnixSeconds", end.at.as_seconds().to_string()),
        ("rule", end.rule.code().to_owned()),
    ];
    let details = details.map(|(name, value)| (name.to_owned(), value));
    record.details.extend(details);
    record
}

const fn verb(measure: Measure) -> &'static str {
    match measure {
        Measure::Quarantine => "Quarantine",
        Measure::StepUp => "Require second method beside",
        Measure::Report => "Report",
        Measure::PassFirst => "Defer quarantine of",
        Measure::Released => "Release",
    }
}

/// In the style of Entra's `Add Passkey (device-bound)`.
fn activity(verb: &str, kind: PasskeyType) -> String {
    format!("{verb} {}", records::passkey_method(kind))
}

/// Nobody asked for these, so they are said aloud.
fn announce(record: &AuditRecord) {
    metrics::counter!("keyward_passkey_reviews_total").increment(1);
    let user = record.user.map(|user| user.to_string());
    tracing::warn!(
        correlation = %record.correlation,
        activity = record.activity,
        user,
        "a registered passkey was judged again"
    );
}
