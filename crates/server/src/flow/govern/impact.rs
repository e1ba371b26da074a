//! What a change would do to the people of the directory, and what it would have done to the sign-ins of the last days.

use std::sync::Arc;

use policy::access::{Request, Verdict, Wish, decide};
use policy::impact::{Comparison, Resident, Tally};
use policy::model::{
    ClientType, Method, Mode, PassUse, Platform, Policies, PolicyKind, Proof, ProvedPasskey,
    RecordId, Role, SignInRecord, Span, TenantId, Timestamp, UserId,
};
use policy::snapshot::Snapshot;
use store::{Page, StoreError};

use super::change::{Edit, judge};
use super::governor::Governor;
use super::refusal::GovernRefusal;
use crate::app::AppState;
use crate::flow::records::Trace;

/// People read at a time.
const PORTION: u32 = 500;
/// Sign-ins that a replay looks at, at most.
const REPLAYED: usize = 100_000;
/// Sign-ins that a replay lists.
const LISTED: usize = 200;

/// The policies as they are and as they would be.
#[derive(Clone, Debug)]
pub struct Both {
    /// As they are.
    pub old: Arc<Snapshot>,
    /// As they would be.
    pub new: Arc<Snapshot>,
}

/// What a change would have done to the sign-ins of the last days.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    /// Sign-ins that were asked again.
    pub asked: usize,
    /// Of them, how many would have ended otherwise.
    pub different: usize,
    /// The newest of those.
    pub listed: Vec<Replayed>,
}

/// One sign-in that would have ended otherwise.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// Its record.
    pub record: RecordId,
    /// Who.
    pub user_principal_name: String,
    /// What for.
    pub application_name: String,
    /// When.
    pub at: Timestamp,
    /// What the policies would have said.
    pub verdict: Verdict,
}

/// Both states, if the change is one that may be made.
pub async fn both(app: &AppState, governor: &Governor, edit: &Edit) -> Result<Both, GovernRefusal> {
    let judged = judge(app, governor, edit).await?;
    Ok(compile(
        app,
        judged.basis.policy_version,
        judged.basis.before,
        judged.after,
    ))
}

/// Asks everybody in the directory. `progress` hears of each portion.
pub async fn impact(
    app: &AppState,
    governor: &Governor,
    both: &Both,
    mut progress: impl FnMut(&Tally) + Send,
) -> Result<Tally, GovernRefusal> {
    let (tenant, now) = (governor.tenant(), app.clock.now());
    let (mut tally, mut after) = (Tally::default(), None);
    loop {
        let page = Page {
            after,
            limit: PORTION,
        };
        let portion = app
            .store
            .read(move |tx| {
                Box::pin(async move { store::residents::list(tx, tenant, page, now).await })
            })
            .await?;
        let Some(last) = portion.last() else { break };
        after = Some(last.user.id);
        tally = add(both, tally, portion, now).await?;
        progress(&tally);
    }
    Ok(tally)
}

/// Whether no Global Administrator who can get to the administration pages now could do so after the change.
pub(super) async fn locks_everybody_out(
    app: &AppState,
    tenant: TenantId,
    both: &Both,
) -> Result<bool, GovernRefusal> {
    let now = app.clock.now();
    let administrators = app
        .store
        .read(move |tx| {
            Box::pin(async move {
                let mut found = Vec::new();
                for id in store::roles::holders(tx, tenant, Role::GlobalAdministrator).await? {
                    found.extend(store::residents::find(tx, tenant, id, now).await?);
                }
                Ok::<_, StoreError>(found)
            })
        })
        .await?;
    let tally = add(both, Tally::default(), administrators, now).await?;
    Ok(tally.locks_everybody_out())
}

/// Kinds of documents that decide who comes in.
pub(super) const fn decides_who_comes_in(kind: PolicyKind) -> bool {
    match kind {
        PolicyKind::Passkeys
        | PolicyKind::Passes
        | PolicyKind::Strength
        | PolicyKind::Access
        | PolicyKind::Location
        | PolicyKind::Availability => true,
        // What a profile names cannot be taken away, and what none names decides nothing.
        PolicyKind::SystemPreferred
        | PolicyKind::Context
        | PolicyKind::Campaign
        | PolicyKind::Root
        | PolicyKind::Source
        | PolicyKind::SecondPerson => false,
    }
}

/// Compiles both states with the catalogue in use.
pub(super) fn compile(app: &AppState, version: i64, before: Policies, after: Policies) -> Both {
    let models = app.models.facts();
    Both {
        old: Arc::new(Snapshot::compile(version, before, Arc::clone(&models))),
        new: Arc::new(Snapshot::compile(version + 1, after, models)),
    }
}

/// Deciding is work for a thread of its own, not for the one that answers requests.
async fn add(
    both: &Both,
    mut tally: Tally,
    portion: Vec<Resident>,
    now: Timestamp,
) -> Result<Tally, GovernRefusal> {
    let both = both.clone();
    let added = tokio::task::spawn_blocking(move || {
        let comparison = Comparison::new(&both.old, &both.new, now);
        for resident in &portion {
            comparison.add(&mut tally, resident);
        }
        tally
    });
    added
        .await
        .map_err(|_| GovernRefusal::Internal("a preview was given up".to_owned()))
}

/// Asks the stored sign-ins of the last `days` again: from where they came, with what they showed. Those that were refused
/// before the policies were asked are left out.
pub async fn replay(
    app: &AppState,
    governor: &Governor,
    both: &Both,
    days: u32,
) -> Result<Replay, GovernRefusal> {
    let (tenant, since) = (
        governor.tenant(),
        app.clock.now().minus(Span::days(i64::from(days))),
    );
    let (mut replay, mut after) = (Replay::default(), None);
    loop {
        let page = Page {
            after,
            limit: PORTION,
        };
        let records = app
            .store
            .read(move |tx| {
                Box::pin(async move {
                    let all = store::audit::Filter::All;
                    store::sign_ins::list(tx, tenant, all, page).await
                })
            })
            .await?;
        let Some(last) = records.last() else { break };
        after = Some(last.id);
        let over = last.at < since || replay.asked >= REPLAYED;
        for record in records.into_iter().filter(|record| record.at >= since) {
            replay_one(app, tenant, both, record, &mut replay).await?;
        }
        if over {
            break;
        }
    }
    Ok(replay)
}

async fn replay_one(
    app: &AppState,
    tenant: TenantId,
    both: &Both,
    record: SignInRecord,
    replay: &mut Replay,
) -> Result<(), GovernRefusal> {
    let Some(user) = record.user.filter(|_| record.error_code == 0) else {
        return Ok(());
    };
    let Some(resident) = resident(app, tenant, user).await? else {
        return Ok(());
    };
    replay.asked += 1;
    let proofs = proofs(&record, &resident);
    let trace: Trace = serde_json::from_str(&record.decision).unwrap_or_default();
    let request = Request {
        wish: record.application.map_or(Wish::OwnPages, Wish::Application),
        contexts: &trace.authentication_contexts,
        acr: None,
        platform: Platform::claimed(&record.user_agent),
        client: ClientType::Browser,
        address: record
            .ip_address
            .parse()
            .unwrap_or(std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED)),
        device_code: false,
        began: None,
    };
    let ask = |snapshot: &Snapshot| {
        let subject = snapshot.subject(&resident.user, &resident.roles, &resident.groups);
        let decision = decide(snapshot, &subject, &request, &proofs, record.at);
        decision.verdict().clone()
    };
    let verdict = ask(&both.new);
    if std::mem::discriminant(&ask(&both.old)) != std::mem::discriminant(&verdict) {
        replay.different += 1;
        if replay.listed.len() < LISTED {
            replay.listed.push(Replayed {
                record: record.id,
                user_principal_name: record.user_principal_name,
                application_name: record.application_name,
                at: record.at,
                verdict,
            });
        }
    }
    Ok(())
}

async fn resident(
    app: &AppState,
    tenant: TenantId,
    user: UserId,
) -> Result<Option<Resident>, StoreError> {
    let now = app.clock.now();
    app.store
        .read_point(move |tx| {
            Box::pin(async move { store::residents::find(tx, tenant, user, now).await })
        })
        .await
}

/// What a sign-in showed, from its record: the steps by their names, the passkey as it is registered now. A passkey that
/// is gone since counts as what the record says of it.
fn proofs(record: &SignInRecord, resident: &Resident) -> Vec<Proof> {
    let at = record.at;
    let typed = record.steps.iter().filter_map(|step| {
        let name = match step.method.as_str() {
            "Previously satisfied" => step.detail.as_str(),
            name => name,
        };
        [Method::Password, Method::Totp, Method::TemporaryAccessPass]
            .into_iter()
            .find(|method| method.display_name() == name)
    });
    let mut proofs: Vec<Proof> = typed
        .map(|method| match method {
            Method::Totp => Proof::one_time_code(at),
            Method::TemporaryAccessPass => Proof::pass(PassUse::Many, at),
            Method::Password | Method::Passkey => Proof::password(at),
        })
        .collect();
    let passkeys = resident.passkeys.iter();
    let used = passkeys
        .filter(|passkey| Some(passkey.id) == record.passkey)
        .map(ProvedPasskey::of);
    proofs.extend(used.map(|passkey| Proof {
        mode: Mode::Fido2,
        at,
        passkey: Some(passkey),
    }));
    proofs
}
