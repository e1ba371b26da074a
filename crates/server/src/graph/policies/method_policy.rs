//! `authenticationMethodsPolicy`: the campaign and what is offered first, with every configuration.

use policy::model::{ApprovalId, Campaign, CampaignState, PolicyDocument, PolicyKind, Timestamp};
use policy::scopes::Operation;
use serde_json::{Value, json};

use super::shared::{Members, edit, everything, nested, objects, one, refused, truth, word};
use super::{configurations, targets};
use crate::flow::govern::read::Everything;
use crate::flow::govern::{self, Change};
use crate::graph::odata::Collection;
use crate::graph::table::{Route, Verb};
use crate::graph::values::{date, member, members};
use crate::graph::{Answer, GraphRefusal, Request, Version};
use crate::graph_handler;

const PATH: &str = "policies/authenticationMethodsPolicy";
const SHORT: &str = "authenticationMethodsPolicy";
const READ: Operation = Operation::ReadMethodPolicy;
const WRITE: Operation = Operation::WriteMethodPolicy;
const NONE: axum::http::StatusCode = axum::http::StatusCode::NO_CONTENT;

pub const ROUTES: &[Route] = &[
    Route::new(
        Verb::Get,
        PATH,
        READ,
        "Get the method policy",
        graph_handler!(get),
    ),
    Route::new(
        Verb::Patch,
        PATH,
        WRITE,
        "Update the method policy",
        graph_handler!(patch),
    )
    .gives(NONE),
    Route::new(
        Verb::Get,
        SHORT,
        READ,
        "Get the method policy",
        graph_handler!(get),
    ),
    Route::new(
        Verb::Patch,
        SHORT,
        WRITE,
        "Update the method policy",
        graph_handler!(patch),
    )
    .gives(NONE),
];

const COLLECTION: Collection = Collection {
    expand: &["authenticationMethodConfigurations"],
    ..Collection::small(&[], &[])
};

const STATES: &[(&str, CampaignState)] = &[
    ("default", CampaignState::Default),
    ("enabled", CampaignState::Enabled),
    ("disabled", CampaignState::Disabled),
];

async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    let everything = everything(&request, READ).await?;
    let view = view(&everything, request.version);
    let answer = one(&request, &COLLECTION, "authenticationMethodsPolicy", view)?;
    Ok(answer.tagged(&tag(&everything)))
}

/// The versions of both documents that a PATCH can change.
fn tag(everything: &Everything) -> String {
    let campaign = everything.version(PolicyKind::Campaign, &Campaign::DEFAULT.to_string());
    let first = everything.version(PolicyKind::SystemPreferred, "");
    format!("W/\"{campaign}.{first}\"")
}

fn view(everything: &Everything, version: Version) -> Members {
    let changed = everything.stored.iter().map(|one| one.changed).max();
    let mut campaign = members(json!({}));
    if let Some(held) = campaign_of(everything) {
        campaign = campaign_view(held, version);
    }
    let mut view = members(json!({
        "id": "authenticationMethodsPolicy",
        "displayName": "Authentication Methods Policy",
        "description": "The policy that says which methods people may register and sign in with.",
        "lastModifiedDateTime": date(changed.unwrap_or(Timestamp::from_micros(0))),
        "policyVersion": "1.5",
        "policyMigrationState": "migrationComplete",
        "reconfirmationInDays": null,
        "registrationEnforcement": { "authenticationMethodsRegistrationCampaign": campaign },
        "authenticationMethodConfigurations": configurations::all(everything),
    }));
    if version == Version::Beta {
        let first = &everything.policies.system_preferred;
        view.insert(
            "systemCredentialPreferences".to_owned(),
            json!({
                "state": state_name(first.state),
                "includeTargets": targets::views(&first.who.include, &json!({})),
                "excludeTargets": targets::views(&first.who.exclude, &json!({})),
            }),
        );
        view.insert("reportSuspiciousActivitySettings".to_owned(), Value::Null);
    }
    view
}

fn campaign_of(everything: &Everything) -> Option<&Campaign> {
    let mut campaigns = everything.policies.campaigns.iter();
    campaigns.find(|one| one.id == Campaign::DEFAULT)
}

fn campaign_view(campaign: &Campaign, version: Version) -> Members {
    let mut view = members(json!({
        "snoozeDurationInDays": campaign.snooze_days,
        "state": state_name(campaign.state),
        "includeTargets": targets::views(&campaign.who.include, &json!({ "targetedAuthenticationMethod": "fido2" })),
        "excludeTargets": targets::views(&campaign.who.exclude, &json!({})),
    }));
    if version == Version::Beta {
        view.insert(
            "enforceRegistrationAfterAllowedSnoozes".to_owned(),
            campaign.limited_snoozes.into(),
        );
    }
    view
}

fn state_name(state: CampaignState) -> &'static str {
    let mut states = STATES.iter();
    states
        .find(|(_, one)| *one == state)
        .map_or("default", |(name, _)| name)
}

async fn patch(request: Request) -> Result<Answer, GraphRefusal> {
    let body = request.members()?;
    if body.contains_key("authenticationMethodConfigurations") {
        return Err(GraphRefusal::property(
            "authenticationMethodConfigurations",
            "is changed at its own address, one configuration at a time",
        ));
    }
    let everything = everything(&request, READ).await?;
    request.if_match(&tag(&everything))?;
    let documents = documents(&everything, &body)?;
    let governor = request.governor();
    // Everything is judged before anything is written, so that a half-valid change writes nothing.
    for document in &documents {
        let edit = edit(&everything, Change::put(document.clone()));
        let judged = govern::preview(&request.app, &governor, &edit).await;
        judged.map_err(|refusal| refused(&refusal))?;
    }
    let mut waiting: Option<(Vec<ApprovalId>, String)> = None;
    for document in documents {
        let edit = edit(&everything, Change::put(document));
        let done = govern::change(&request.app, &request.caller, &governor, edit).await;
        match done.map_err(|refusal| refused(&refusal)) {
            Ok(_) => {}
            // Each waits by itself; the answer names all of them.
            Err(GraphRefusal::Waiting(ids, message)) => {
                let (all, _) = waiting.get_or_insert((Vec::new(), message));
                all.extend(ids);
            }
            Err(refusal) => return Err(refusal),
        }
    }
    match waiting {
        Some((ids, message)) => Err(GraphRefusal::Waiting(ids, message)),
        None => Ok(Answer::nothing()),
    }
}

fn documents(everything: &Everything, body: &Members) -> Result<Vec<PolicyDocument>, GraphRefusal> {
    let mut documents = Vec::new();
    let enforcement = nested(body, "registrationEnforcement")?
        .flatten()
        .unwrap_or_default();
    let campaign = nested(&enforcement, "authenticationMethodsRegistrationCampaign")?.flatten();
    if let Some(object) = campaign {
        let mut after = campaign_of(everything)
            .cloned()
            .unwrap_or_else(Campaign::of_new_tenant);
        read_campaign(&mut after, &object)?;
        documents.push(PolicyDocument::Campaign(after));
    }
    if let Some(object) = nested(body, "systemCredentialPreferences")?.flatten() {
        let mut after = everything.policies.system_preferred.clone();
        if let Some(state) = word(&object, "state", STATES)? {
            after.state = state;
        }
        targets::assign(&mut after.who, &object)?;
        documents.push(PolicyDocument::SystemPreferred(after));
    }
    Ok(documents)
}

/// What `authenticationMethodsRegistrationCampaign` says.
pub(super) fn read_campaign(campaign: &mut Campaign, object: &Members) -> Result<(), GraphRefusal> {
    if let Some(days) = member(object, "snoozeDurationInDays")? {
        campaign.snooze_days = days;
    }
    if let Some(limited) = truth(object, "enforceRegistrationAfterAllowedSnoozes")? {
        campaign.limited_snoozes = limited;
    }
    if let Some(state) = word(object, "state", STATES)? {
        campaign.state = state;
    }
    for target in objects(object, "includeTargets")?.unwrap_or_default() {
        word(&target, "targetedAuthenticationMethod", &[("fido2", ())])?;
    }
    targets::assign(&mut campaign.who, object)
}
