//! Changing a policy: role, validation, version, record.

use policy::model::{Policies, PolicyDocument, PolicyKind, Proposal};
use policy::roles::writing;
use policy::validate::{self, Fault, Names, Rule};
use store::policies::{Expected, Versioned, Written};

use super::governor::Governor;
use super::impact;
use super::record;
use super::refusal::GovernRefusal;
use crate::app::AppState;
use crate::flow::approvals::{self, Clearance, HeldBack, Wanted};
use crate::flow::refusal::Refused as _;
use crate::flow::{Caller, records};

/// How often a change is judged anew because the other policies moved meanwhile.
const ATTEMPTS: usize = 3;

/// What to do to which document, and what its author believes is there.
#[derive(Clone, Debug)]
pub struct Edit {
    /// What to do.
    pub change: Change,
    /// The version that the author saw.
    pub expected: Expected,
}

/// What to do to a document.
#[derive(Clone, Debug)]
pub enum Change {
    /// Make or replace it. The moments in it are set here.
    Put(Box<PolicyDocument>),
    /// Take it away; the only one of its kind goes back to what a new tenant has.
    Remove(PolicyKind, String),
}

/// A change that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The document's new version; the last one where it was taken away.
    pub version: i64,
    /// The tenant's new policy version.
    pub policy_version: i64,
}

impl Change {
    /// Makes or replaces `document`.
    pub fn put(document: PolicyDocument) -> Self {
        Self::Put(Box::new(document))
    }

    /// The kind of document.
    pub const fn kind(&self) -> PolicyKind {
        match self {
            Self::Put(document) => document.kind(),
            Self::Remove(kind, _) => *kind,
        }
    }

    /// The id of the document; empty where there is one of the kind.
    pub fn id(&self) -> String {
        match self {
            Self::Put(document) => document.id(),
            Self::Remove(_, id) => id.clone(),
        }
    }
}

/// Everything a change is judged by, as read at one policy version.
#[derive(Clone, Debug)]
pub(super) struct Basis {
    pub policy_version: i64,
    pub before: Policies,
    /// The document as stored; absent also where what a new tenant has still holds.
    pub stored: Option<Versioned>,
    known: Names,
}

/// A change that was found to make sense.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub basis: Basis,
    /// All policies as they would be.
    pub after: Policies,
    /// Absent where the document is taken away.
    pub document: Option<PolicyDocument>,
}

/// Makes a change, or refuses it and writes nothing but that. Where a second person is needed, it is kept for one.
pub async fn change(
    app: &AppState,
    caller: &Caller,
    governor: &Governor,
    edit: Edit,
) -> Result<Changed, GovernRefusal> {
    let (kind, id) = (edit.change.kind(), edit.change.id());
    let outcome = attempts(app, caller, governor, &edit, None).await;
    // What waits has a record of its own.
    if let Err(refusal) = &outcome
        && refusal.waits().is_none()
    {
        let record = record::of_attempt(app, caller, governor, kind, &id);
        note(app, caller, records::failed(record, refusal)).await;
    }
    outcome
}

/// Makes a change that a second person allows, judged anew.
pub(in crate::flow) async fn change_allowed(
    app: &AppState,
    caller: &Caller,
    governor: &Governor,
    edit: Edit,
    clearance: &Clearance,
) -> Result<Changed, GovernRefusal> {
    attempts(app, caller, governor, &edit, Some(clearance)).await
}

async fn attempts(
    app: &AppState,
    caller: &Caller,
    governor: &Governor,
    edit: &Edit,
    allowed: Option<&Clearance>,
) -> Result<Changed, GovernRefusal> {
    let mut outcome = Err(GovernRefusal::Contended);
    for _ in 0..ATTEMPTS {
        outcome = attempt(app, caller, governor, edit, allowed).await;
        if outcome != Err(GovernRefusal::Contended) {
            break;
        }
    }
    outcome
}

async fn attempt(
    app: &AppState,
    caller: &Caller,
    governor: &Governor,
    edit: &Edit,
    allowed: Option<&Clearance>,
) -> Result<Changed, GovernRefusal> {
    let judged = judge(app, governor, edit).await?;
    let (kind, id) = (edit.change.kind(), edit.change.id());
    leaves_somebody(app, governor, kind, &judged).await?;
    leaves_a_second(app, governor, kind, &judged).await?;
    let old = judged.basis.before.document(kind, &id);
    let clearance = match allowed {
        Some(clearance) => clearance.clone(),
        None => {
            let setting = &judged.basis.before.second_person;
            let wanted = wanted(edit, old.as_ref(), &judged);
            let held = (setting, judged.basis.policy_version);
            approvals::clear::<GovernRefusal>(app, caller, governor, held, wanted).await?
        }
    };
    let entries = record::of_change(
        app,
        caller,
        governor,
        old.as_ref(),
        judged.document.as_ref(),
    );
    let (tenant, now) = (governor.tenant(), app.clock.now());
    let (held, expected) = (judged.basis.policy_version, edit.expected);
    let document = judged.document;
    app.store
        .write(move |tx| {
            Box::pin(async move {
                if !store::policies::hold(tx, tenant, held).await? {
                    return Err(GovernRefusal::Contended);
                }
                clearance.settle::<GovernRefusal>(tx, None, now).await?;
                let done = match &document {
                    Some(document) => {
                        store::policies::put(tx, tenant, document, expected, now).await?
                    }
                    None => store::policies::remove(tx, tenant, kind, &id, expected, now).await?,
                };
                let changed = match done {
                    Written::Done {
                        version,
                        policy_version,
                    } => Changed {
                        version,
                        policy_version,
                    },
                    Written::Stale { version } => return Err(GovernRefusal::Stale(version)),
                };
                for record in record::written(entries, changed) {
                    store::audit::record(tx, &clearance.note(record)).await?;
                }
                Ok(changed)
            })
        })
        .await
}

/// A change that no administrator could undo afterwards is refused, whoever makes it.
async fn leaves_somebody(
    app: &AppState,
    governor: &Governor,
    kind: PolicyKind,
    judged: &Judged,
) -> Result<(), GovernRefusal> {
    if !impact::decides_who_comes_in(kind) {
        return Ok(());
    }
    let (version, before) = (judged.basis.policy_version, judged.basis.before.clone());
    let both = impact::compile(app, version, before, judged.after.clone());
    match impact::locks_everybody_out(app, governor.tenant(), &both).await? {
        true => Err(GovernRefusal::LocksEverybodyOut),
        false => Ok(()),
    }
}

/// What would be kept for a second person.
fn wanted(edit: &Edit, old: Option<&PolicyDocument>, judged: &Judged) -> Wanted {
    let new = judged.document.as_ref();
    Wanted {
        proposal: match &edit.change {
            Change::Put(document) => Proposal::PutPolicy(document.clone()),
            Change::Remove(kind, id) => Proposal::RemovePolicy(*kind, id.clone()),
        },
        before: old.and_then(|old| serde_json::to_string(old).ok()),
        basis: judged.basis.stored.as_ref().map_or(0, |one| one.version),
        changes: record::differences(old, new),
    }
}

/// A setting under which nobody might be left to allow anything is refused, whoever makes it.
async fn leaves_a_second(
    app: &AppState,
    governor: &Governor,
    kind: PolicyKind,
    judged: &Judged,
) -> Result<(), GovernRefusal> {
    let setting = &judged.after.second_person;
    if kind != PolicyKind::SecondPerson || !setting.is_on() {
        return Ok(());
    }
    match approvals::lacks_people(app, governor.tenant(), setting.clone()).await? {
        true => Err(HeldBack::TooFewPeople.into()),
        false => Ok(()),
    }
}

/// Whether the change may be made, by whom it comes from and what it says.
pub(super) async fn judge(
    app: &AppState,
    governor: &Governor,
    edit: &Edit,
) -> Result<Judged, GovernRefusal> {
    governor.may(writing(edit.change.kind()))?;
    let basis = read(app, governor, &edit.change).await?;
    let found = basis.stored.as_ref().map_or(0, |stored| stored.version);
    if !fits(edit.expected, found) {
        return Err(match (&edit.change, edit.expected) {
            (Change::Put(document), Expected::Absent) if document.kind() == PolicyKind::Root => {
                taken()
            }
            _ => GovernRefusal::Stale(found),
        });
    }
    let mut after = basis.before.clone();
    let document = match &edit.change {
        Change::Put(document) => {
            let made = basis
                .stored
                .as_ref()
                .and_then(|stored| stored.document.created());
            let document = PolicyDocument::clone(document).stamped(made, app.clock.now());
            after.put(document.clone());
            validate::check(&after, validate::Change::Put(&document), &basis.known)?;
            Some(document)
        }
        Change::Remove(kind, id) => {
            after.remove(*kind, id);
            validate::check(&after, validate::Change::Remove(*kind, id), &basis.known)?;
            if basis.stored.is_none() {
                return Err(GovernRefusal::NotFound);
            }
            None
        }
    };
    Ok(Judged {
        basis,
        after,
        document,
    })
}

async fn read(
    app: &AppState,
    governor: &Governor,
    change: &Change,
) -> Result<Basis, GovernRefusal> {
    let (tenant, kind, id) = (governor.tenant(), change.kind(), change.id());
    let names = match change {
        Change::Put(document) => Names::in_document(document),
        Change::Remove(..) => Names::default(),
    };
    let found = app.store.read(move |tx| {
        Box::pin(async move {
            Ok(Basis {
                policy_version: store::versions::of(tx, tenant)
                    .await?
                    .unwrap_or_default()
                    .policy,
                before: store::policies::load(tx, tenant).await?,
                stored: store::policies::find(tx, tenant, kind, &id).await?,
                known: store::labels::of(tx, tenant, &names).await?.names(),
            })
        })
    });
    found.await
}

const fn fits(expected: Expected, found: i64) -> bool {
    match expected {
        Expected::Absent => found == 0,
        Expected::Version(version) => found == version,
        Expected::Anything => true,
    }
}

/// A root is known by its certificate, so whoever adds one that is there already did not edit anything stale.
fn taken() -> GovernRefusal {
    GovernRefusal::Invalid(vec![Fault {
        field: "certificate".to_owned(),
        rule: Rule::CertificateTaken,
    }])
}

/// Writes down a refusal.
pub(super) async fn note(app: &AppState, caller: &Caller, record: policy::model::AuditRecord) {
    let written = app
        .store
        .write(move |tx| Box::pin(async move { store::audit::record(tx, &record).await }))
        .await;
    if let Err(error) = written {
        tracing::error!(correlation = %caller.correlation, code = error.code(), "a refusal could not be recorded");
    }
}
