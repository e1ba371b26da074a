//! Registration campaigns as administrators see them: how they go, and setting snoozes back.

use policy::campaign::{Count, day};
use policy::model::{
    Campaign, CampaignId, Group, GroupId, PolicyKind, Scope, Span, Target, TenantId, UserId,
};
use policy::roles::{Task, writing};
use policy::snapshot::Snapshot;
use store::{StoreError, Tx};

use super::change::note;
use super::governor::Governor;
use super::read::{self, Everything};
use super::record;
use super::refusal::GovernRefusal;
use crate::app::AppState;
use crate::flow::{Caller, records};

/// Days of a funnel that are shown.
pub const SHOWN_DAYS: i64 = 90;

/// All campaigns, in the order in which they are asked.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The campaigns.
    pub campaigns: Vec<Campaign>,
    /// How many people have put off how often.
    pub put_off: Vec<(u32, i64)>,
}

/// One campaign.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The campaign.
    pub campaign: Campaign,
    /// The version of its document; 0 where none was written.
    pub version: i64,
    /// What became of its prompts lately.
    pub counts: Vec<Count>,
}

/// All campaigns.
pub async fn overview(app: &AppState, governor: &Governor) -> Result<Overview, GovernRefusal> {
    let everything = read::everything(app, governor).await?;
    let tenant = governor.tenant();
    let put_off = app
        .store
        .read(move |tx| Box::pin(async move { store::campaigns::put_off(tx, tenant).await }))
        .await?;
    let compiled = Snapshot::compile(0, everything.policies, app.models.facts());
    Ok(Overview {
        campaigns: compiled.policies().campaigns.clone(),
        put_off,
    })
}

/// One campaign, as it is to be edited.
pub async fn campaign(
    app: &AppState,
    governor: &Governor,
    id: CampaignId,
) -> Result<(Campaign, i64), GovernRefusal> {
    let everything = read::everything(app, governor).await?;
    let found = find(&everything, id).ok_or(GovernRefusal::NotFound)?;
    let version = everything.version(PolicyKind::Campaign, &id.to_string());
    Ok((found, version))
}

/// One campaign and what became of its prompts in the last [`SHOWN_DAYS`].
pub async fn watch(
    app: &AppState,
    governor: &Governor,
    id: CampaignId,
) -> Result<Watched, GovernRefusal> {
    let (campaign, version) = self::campaign(app, governor, id).await?;
    let (tenant, now) = (governor.tenant(), app.clock.now());
    let from = day(now.minus(Span::days(SHOWN_DAYS)));
    let counts = app.store.read(move |tx| {
        Box::pin(async move { store::campaigns::funnel(tx, tenant, id, from).await })
    });
    Ok(Watched {
        campaign,
        version,
        counts: counts.await?,
    })
}

/// The people that a scope names one by one, as a person writes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Names of groups, or their ids.
    pub groups: Vec<String>,
    /// User principal names.
    pub users: Vec<String>,
}

/// How a person would write the groups and users of `scope`; of what is not there any more, the id.
pub async fn written(
    app: &AppState,
    governor: &Governor,
    scope: &Scope,
) -> Result<Named, GovernRefusal> {
    let (tenant, scope) = (governor.tenant(), scope.clone());
    let found = app.store.read(move |tx| {
        Box::pin(async move {
            let mut named = Named::default();
            for id in &scope.groups {
                let group = store::groups::find(tx, tenant, *id).await?;
                named.groups.push(match group {
                    Some(group) => spelled(tx, group).await?,
                    None => id.to_string(),
                });
            }
            for id in &scope.users {
                let user = store::users::find(tx, tenant, *id).await?;
                let name = user.map(|user| user.user_principal_name);
                named.users.push(name.unwrap_or_else(|| id.to_string()));
            }
            Ok(named)
        })
    });
    found.await
}

/// A name that two groups have says nothing; then it is the id.
async fn spelled(tx: &mut Tx, group: Group) -> Result<String, StoreError> {
    let same = store::groups::named(tx, group.tenant, &group.display_name).await?;
    Ok(match same.as_slice() {
        [_only] => group.display_name,
        _ => group.id.to_string(),
    })
}

/// Puts the groups and users that `named` names into `scope`, instead of those it has. The first name that nobody has, or
/// more than one, is handed back.
pub async fn read_names(
    app: &AppState,
    governor: &Governor,
    scope: Scope,
    named: Named,
) -> Result<Result<Scope, String>, GovernRefusal> {
    let tenant = governor.tenant();
    let found = app
        .store
        .read(move |tx| Box::pin(async move { resolve(tx, tenant, scope, named).await }));
    found.await
}

async fn resolve(
    tx: &mut Tx,
    tenant: TenantId,
    mut scope: Scope,
    named: Named,
) -> Result<Result<Scope, String>, GovernRefusal> {
    scope.groups.clear();
    scope.users.clear();
    for name in named.groups {
        let by_name = store::groups::named(tx, tenant, &name).await?;
        let id = match (by_name.as_slice(), name.parse::<GroupId>()) {
            ([only], _) => only.id,
            (_, Ok(id)) => id,
            _ => return Ok(Err(name)),
        };
        scope.groups.push(id);
    }
    for name in named.users {
        let by_name = store::users::find_by_name(tx, tenant, &name).await?;
        let id = match (by_name, name.parse::<UserId>()) {
            (Some(user), _) => user.id,
            (None, Ok(id)) => id,
            (None, Err(_)) => return Ok(Err(name)),
        };
        scope.users.push(id);
    }
    Ok(Ok(scope))
}

/// Sets the snoozes of everybody back; answers of how many people.
pub async fn reset_snoozes(
    app: &AppState,
    caller: &Caller,
    governor: &Governor,
) -> Result<u64, GovernRefusal> {
    let kind = PolicyKind::Campaign;
    let mut record = record::record(app, caller, governor, kind, RESET, target());
    if let Err(denial) = governor.may(writing(kind)) {
        let refusal = GovernRefusal::Denied(denial);
        note(app, caller, records::failed(record, &refusal)).await;
        return Err(refusal);
    }
    let tenant = governor.tenant();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                let people = store::campaigns::reset(tx, tenant, None).await?;
                let details = [
                    ("SnoozesReset", "everybody"),
                    ("People", &people.to_string()),
                ];
                let details = details.map(|(name, value)| (name.to_owned(), value.to_owned()));
                record.details.extend(details);
                store::audit::record(tx, &record).await?;
                Ok(people)
            })
        })
        .await
}

/// Entra has no such action; its log would show a change of the policy that holds the campaign.
const RESET: &str = "Authentication Methods Policy Update";

fn target() -> Target {
    Target {
        id: Campaign::DEFAULT.to_string(),
        kind: "Policy".to_owned(),
        display_name: Some("authenticationMethodsRegistrationCampaign".to_owned()),
        user_principal_name: None,
        modified_properties: Vec::new(),
    }
}

fn find(everything: &Everything, id: CampaignId) -> Option<Campaign> {
    let mut campaigns = everything.policies.campaigns.iter();
    campaigns.find(|campaign| campaign.id == id).cloned()
}

/// Whether this governor may change campaigns.
pub fn may_change(governor: &Governor) -> bool {
    governor.may(Task::WriteMethodPolicy).is_ok()
}
