//! The setting that says which changes wait, and what else hangs on it.

use std::collections::BTreeMap;

use policy::Denial;
use policy::approvals::{self, Stop, gate};
use policy::model::{ChangeClass, PolicyKind, Role, SecondPerson, TenantId, UserId};
use policy::roles::Task;
use store::{StoreError, Tx};

use super::refusal::{ApprovalRefusal, HeldBack};
use crate::app::AppState;
use crate::flow::authority::Target;
use crate::flow::govern::Governor;

/// Role assignments that are looked at. Two people who hold enough are found among far fewer.
const ASSIGNMENTS: u32 = 5_000;

/// The setting as it is.
#[derive(Clone, Debug)]
pub struct Setting {
    /// What it says.
    pub second_person: SecondPerson,
    /// The version of its document; 0 where none was written.
    pub version: i64,
    /// Whether whoever asks could change it, or ask for that.
    pub may_change: bool,
}

/// The setting, for whoever may see what waits because of it.
///
/// # Errors
/// [`ApprovalRefusal::Denied`], or if the store fails.
pub async fn setting(app: &AppState, by: &Governor) -> Result<Setting, ApprovalRefusal> {
    // Whoever changes it has to see it.
    by.may(Task::ReadApprovals)
        .or_else(|_| by.may(Task::AssignRoles))?;
    let (tenant, kind) = (by.tenant(), PolicyKind::SecondPerson);
    let read = app.store.read(move |tx| {
        Box::pin(async move {
            let policies = store::policies::load(tx, tenant).await?;
            let stored = store::policies::find(tx, tenant, kind, "").await?;
            Ok::<_, StoreError>((policies.second_person, stored))
        })
    });
    let (second_person, stored) = read.await?;
    Ok(Setting {
        second_person,
        version: stored.map_or(0, |stored| stored.version),
        may_change: by.holds(Task::AssignRoles),
    })
}

/// Whether so few people could make the changes that would wait that nobody might be left to allow them.
pub(in crate::flow) async fn lacks_people(
    app: &AppState,
    tenant: TenantId,
    setting: SecondPerson,
) -> Result<bool, StoreError> {
    let read = app.store.read(move |tx| {
        Box::pin(async move {
            let people = administrators(tx, tenant).await?;
            Ok(approvals::lacks_people(&setting, &people))
        })
    });
    read.await
}

async fn administrators(tx: &mut Tx, tenant: TenantId) -> Result<Vec<Vec<Role>>, StoreError> {
    let held = store::roles::assignments(tx, tenant, None, ASSIGNMENTS).await?;
    let mut people: BTreeMap<UserId, Vec<Role>> = BTreeMap::new();
    for (user, role) in held.into_iter().filter(|(user, _)| user.enabled) {
        people.entry(user.id).or_default().push(role);
    }
    Ok(people.into_values().collect())
}

/// Whether a passkey may be registered for this person by somebody else. Where that takes two, it cannot be kept until there is a
/// second one, and there is a better way.
pub(in crate::flow) async fn pass_instead(
    app: &AppState,
    by: &Governor,
    target: &Target,
) -> Result<Result<(), HeldBack>, StoreError> {
    if !target.is_privileged() {
        return Ok(Ok(()));
    }
    let snapshot = app.snapshots.current(app, by.tenant()).await?;
    let setting = &snapshot.policies().second_person;
    Ok(match gate(setting, ChangeClass::Methods, by.who()) {
        Ok(_) => Ok(()),
        Err(Stop::Ask(_)) => Err(HeldBack::PassInstead),
        Err(Stop::NoPerson) => Err(HeldBack::NoPerson),
    })
}

impl ApprovalRefusal {
    /// Nobody without a person behind it reads or settles requests.
    pub(super) const fn no_person() -> Self {
        Self::Denied(Denial::ScopeMissing)
    }
}
