//! `keyward/campaigns`: all registration campaigns. Microsoft's method policy shows the first of them and what Entra knows of it.

use axum::http::StatusCode;
use policy::campaign::{Count, percent};
use policy::model::{
    Campaign, CampaignId, CampaignState, PolicyDocument, PolicyKind, Timestamp, Wave,
};
use policy::scopes::Operation;
use serde_json::{Map, Value, json};

use crate::flow::govern::campaigns;
use crate::flow::govern::read::Everything;
use crate::graph::odata::{Collection, Field, Kind};
use crate::graph::policies::shared::{
    etag, everything, list as listed, objects, one, only, put, refused, remove, truth, word,
};
use crate::graph::policies::targets;
use crate::graph::table::{Route, Verb};
use crate::graph::values::{date, date_or_null, member, members, moment, required};
use crate::graph::{Answer, GraphRefusal, Request};
use crate::graph_handler;

const READ: Operation = Operation::ReadMethodPolicy;
const WRITE: Operation = Operation::WriteMethodPolicy;
const LIST: &str = "keyward/campaigns";
const ONE: &str = "keyward/campaigns/{campaign}";

pub const ROUTES: &[Route] = &[
    Route::new(
        Verb::Get,
        LIST,
        READ,
        "List registration campaigns",
        graph_handler!(list),
    )
    .beta(),
    Route::new(
        Verb::Post,
        LIST,
        WRITE,
        "Make a registration campaign",
        graph_handler!(create),
    )
    .gives(StatusCode::CREATED)
    .beta(),
    Route::new(
        Verb::Get,
        ONE,
        READ,
        "Get a registration campaign",
        graph_handler!(get),
    )
    .beta(),
    Route::new(
        Verb::Patch,
        ONE,
        WRITE,
        "Update a registration campaign",
        graph_handler!(patch),
    )
    .gives(StatusCode::NO_CONTENT)
    .beta(),
    Route::new(
        Verb::Delete,
        ONE,
        WRITE,
        "Delete a registration campaign",
        graph_handler!(delete),
    )
    .beta(),
    Route::new(
        Verb::Get,
        "keyward/campaigns/{campaign}/promptCounts",
        READ,
        "List what became of the prompts of a campaign",
        graph_handler!(counts),
    )
    .beta(),
    Route::new(
        Verb::Post,
        "keyward/campaigns/resetSnoozes",
        WRITE,
        "Set the snoozes of everybody back",
        graph_handler!(reset),
    )
    .beta(),
];

const COLLECTION: Collection = Collection::small(
    &[
        Field::new("id", Kind::Guid),
        Field::new("displayName", Kind::Text),
        Field::new("position", Kind::Number),
        Field::new("state", Kind::Text),
        Field::new("startDateTime", Kind::Moment),
        Field::new("endDateTime", Kind::Moment),
    ],
    &["displayName", "position", "startDateTime"],
);

const COUNTS: Collection = Collection::small(
    &[
        Field::new("date", Kind::Text),
        Field::new("system", Kind::Text),
        Field::new("browser", Kind::Text),
        Field::new("provider", Kind::Text),
        Field::new("outcome", Kind::Text),
        Field::new("reason", Kind::Text),
        Field::new("count", Kind::Number),
    ],
    &["date", "count"],
);

const STATES: &[(&str, CampaignState)] = &[
    ("default", CampaignState::Default),
    ("enabled", CampaignState::Enabled),
    ("disabled", CampaignState::Disabled),
];

/// What can be written.
const MEMBERS: &[&str] = &[
    "displayName",
    "position",
    "state",
    "includeTargets",
    "excludeTargets",
    "snoozeDurationInDays",
    "enforceRegistrationAfterAllowedSnoozes",
    "startDateTime",
    "endDateTime",
    "waves",
    "isSilentFirst",
    "isLinuxExcluded",
    "isSingleSignOnIncluded",
    "isReplacementIncluded",
];
/// What is shown besides, and ignored where a program sends it back.
const SHOWN: &[&str] = &["id", "currentPercentage"];

fn view(campaign: &Campaign, now: Timestamp) -> Map<String, Value> {
    let mut states = STATES.iter();
    let state = states.find(|(_, one)| *one == campaign.state);
    let wave = |wave: &Wave| json!({"startDateTime": date(wave.from), "percentage": wave.percent});
    members(json!({
        "id": campaign.id,
        "displayName": campaign.name,
        "position": campaign.position,
        "state": state.map(|(name, _)| *name),
        "includeTargets": targets::views(&campaign.who.include, &json!({})),
        "excludeTargets": targets::views(&campaign.who.exclude, &json!({})),
        "snoozeDurationInDays": campaign.snooze_days,
        "enforceRegistrationAfterAllowedSnoozes": campaign.limited_snoozes,
        "startDateTime": date_or_null(campaign.starts),
        "endDateTime": date_or_null(campaign.ends),
        "waves": campaign.waves.iter().map(wave).collect::<Vec<_>>(),
        "currentPercentage": percent(campaign, now),
        "isSilentFirst": campaign.silent_first,
        "isLinuxExcluded": campaign.not_on_linux,
        "isSingleSignOnIncluded": campaign.single_sign_on,
        "isReplacementIncluded": campaign.replacement,
    }))
}

async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    let governor = request.governor();
    let overview = campaigns::overview(&request.app, &governor).await;
    let overview = overview.map_err(|refusal| refused(&refusal))?;
    let now = request.app.clock.now();
    let all = overview.campaigns.iter();
    let views = all.map(|campaign| view(campaign, now)).collect();
    listed(&request, &COLLECTION, LIST, views)
}

async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    let everything = everything(&request, READ).await?;
    let campaign = found(&request, &everything)?;
    let view = view(&campaign, request.app.clock.now());
    let answer = one(&request, &COLLECTION, &format!("{LIST}/$entity"), view)?;
    Ok(answer.tagged(&tag(&everything, campaign.id)))
}

fn tag(everything: &Everything, id: CampaignId) -> String {
    etag(everything.version(PolicyKind::Campaign, &id.to_string()))
}

fn found(request: &Request, everything: &Everything) -> Result<Campaign, GraphRefusal> {
    let id: CampaignId = request.id("campaign")?;
    let mut all = everything.policies.campaigns.iter();
    let found = all.find(|campaign| campaign.id == id);
    found.cloned().ok_or(GraphRefusal::NotFound)
}

async fn create(request: Request) -> Result<Answer, GraphRefusal> {
    let body = request.members()?;
    let everything = everything(&request, READ).await?;
    let (app, now) = (&request.app, request.app.clock.now());
    let blank = Campaign {
        id: CampaignId::new(now, app.random.bytes()),
        name: required(&body, "displayName")?,
        state: CampaignState::Disabled,
        ..Campaign::of_new_tenant()
    };
    let campaign = changed(blank, &body)?;
    let document = PolicyDocument::Campaign(campaign.clone());
    let done = put(&request, &everything, document).await?;
    let path = format!("{LIST}/{}", campaign.id);
    let view = view(&campaign, now);
    let answer = Answer::created(&request, &format!("{LIST}/$entity"), view, &path);
    Ok(answer.tagged(&etag(done.version)))
}

async fn patch(request: Request) -> Result<Answer, GraphRefusal> {
    let body = request.members()?;
    let everything = everything(&request, READ).await?;
    let campaign = changed(found(&request, &everything)?, &body)?;
    put(&request, &everything, PolicyDocument::Campaign(campaign)).await?;
    Ok(Answer::nothing())
}

async fn delete(request: Request) -> Result<Answer, GraphRefusal> {
    let everything = everything(&request, READ).await?;
    let id = found(&request, &everything)?.id.to_string();
    remove(&request, &everything, PolicyKind::Campaign, &id).await?;
    Ok(Answer::nothing())
}

/// The campaign as the body would have it.
fn changed(mut after: Campaign, body: &Map<String, Value>) -> Result<Campaign, GraphRefusal> {
    let known: Vec<_> = MEMBERS.iter().chain(SHOWN).copied().collect();
    only(body, &known)?;
    if let Some(name) = member(body, "displayName")? {
        after.name = name;
    }
    if let Some(position) = member(body, "position")? {
        after.position = position;
    }
    if let Some(state) = word(body, "state", STATES)? {
        after.state = state;
    }
    targets::assign(&mut after.who, body)?;
    if let Some(days) = member(body, "snoozeDurationInDays")? {
        after.snooze_days = days;
    }
    for (name, to) in [
        (
            "enforceRegistrationAfterAllowedSnoozes",
            &mut after.limited_snoozes,
        ),
        ("isSilentFirst", &mut after.silent_first),
        ("isLinuxExcluded", &mut after.not_on_linux),
        ("isSingleSignOnIncluded", &mut after.single_sign_on),
        ("isReplacementIncluded", &mut after.replacement),
    ] {
        if let Some(value) = truth(body, name)? {
            *to = value;
        }
    }
    moment_or_none(body, "startDateTime", &mut after.starts)?;
    moment_or_none(body, "endDateTime", &mut after.ends)?;
    if let Some(waves) = objects(body, "waves")? {
        after.waves = waves.iter().map(wave).collect::<Result<_, _>>()?;
    }
    Ok(after)
}

fn wave(object: &Map<String, Value>) -> Result<Wave, GraphRefusal> {
    let from: String = required(object, "startDateTime")?;
    Ok(Wave {
        from: moment("startDateTime", &from)?,
        percent: required(object, "percentage")?,
    })
}

/// Absent leaves it as it is; null takes it away.
fn moment_or_none(
    body: &Map<String, Value>,
    name: &'static str,
    to: &mut Option<Timestamp>,
) -> Result<(), GraphRefusal> {
    if body.contains_key(name) {
        let text: Option<String> = member(body, name)?;
        *to = text.map(|text| moment(name, &text)).transpose()?;
    }
    Ok(())
}

/// What became of the prompts of the last ninety days, by day.
async fn counts(request: Request) -> Result<Answer, GraphRefusal> {
    let id: CampaignId = request.id("campaign")?;
    let governor = request.governor();
    let watched = campaigns::watch(&request.app, &governor, id).await;
    let watched = watched.map_err(|refusal| refused(&refusal))?;
    let views = watched.counts.iter().map(count).collect();
    let context = format!("{LIST}('{id}')/promptCounts");
    listed(&request, &COUNTS, &context, views)
}

fn count(one: &Count) -> Map<String, Value> {
    let day = jiff::Timestamp::from_second(one.day.saturating_mul(86_400));
    let day = day.map(|day| day.strftime("%Y-%m-%d").to_string());
    members(json!({
        "date": day.unwrap_or_default(),
        "system": one.system.as_str(),
        "browser": one.browser.as_str(),
        "provider": one.provider.map(|provider| provider.as_str()),
        "outcome": one.outcome.as_str(),
        "reason": Some(&one.why).filter(|why| !why.is_empty()),
        "count": one.count,
    }))
}

async fn reset(request: Request) -> Result<Answer, GraphRefusal> {
    only(&request.members_if_any()?, &[])?;
    let (app, caller) = (&request.app, &request.caller);
    let people = campaigns::reset_snoozes(app, caller, &request.governor()).await;
    let people = people.map_err(|refusal| refused(&refusal))?;
    let view = members(json!({"people": people}));
    Ok(Answer::object(
        &request,
        "keyward/campaigns/resetSnoozes",
        view,
    ))
}
