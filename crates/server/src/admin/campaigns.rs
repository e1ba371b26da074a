//! `GET /admin/campaigns`: all registration campaigns, in the order in which they are asked.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use policy::model::{Campaign, CampaignId, CampaignState, Scope, Timestamp};
use serde::Deserialize;

use super::sheet::Sheet;
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::govern::{Governor, campaigns};
use crate::pages::{Account, Frame, Language, Place, Text, When, render};
use crate::web::{AdminSession, Problem, Query};

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/campaigns.html")]
struct Page {
    frame: Frame,
    account: Account,
    done: Option<String>,
    campaigns: Vec<CampaignRow>,
    put_off: Vec<PutOff>,
    may_change: bool,
}

/// A campaign in words.
pub(super) struct CampaignRow {
    pub id: CampaignId,
    pub name: String,
    pub state: String,
    pub runs: bool,
    pub who: String,
    pub starts: Option<When>,
    pub ends: Option<When>,
    pub percent: u8,
}

/// People who have put off so often.
struct PutOff {
    times: String,
    people: i64,
}

pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Query(request): Query<Request>,
) -> Result<Response, Problem> {
    let governor = Governor::person(&admin, &caller);
    let overview = campaigns::overview(&app, &governor).await?;
    let sheet = Sheet {
        app: &app,
        admin: &admin,
        language,
        place: Place::Campaigns,
    };
    let (text, now) = (sheet.text(), app.clock.now());
    let rows = overview.campaigns.iter();
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        done: request.done.and_then(|done| text.done(&done)),
        campaigns: rows.map(|one| CampaignRow::new(text, one, now)).collect(),
        put_off: overview
            .put_off
            .into_iter()
            .map(|(snoozes, people)| PutOff {
                times: times(text, snoozes),
                people,
            })
            .collect(),
        may_change: campaigns::may_change(&governor),
    };
    Ok(render(&page))
}

impl CampaignRow {
    pub fn new(text: Text, campaign: &Campaign, now: Timestamp) -> Self {
        let begun = campaign.starts.is_none_or(|starts| starts <= now);
        let over = campaign.ends.is_some_and(|ends| ends <= now);
        let percent = policy::campaign::percent(campaign, now);
        Self {
            id: campaign.id,
            name: campaign.name.clone(),
            state: text.say(state(campaign.state)).into_owned(),
            runs: campaign.state != CampaignState::Disabled && begun && !over && percent > 0,
            who: who(text, campaign),
            starts: campaign.starts.map(When::from),
            ends: campaign.ends.map(When::from),
            percent,
        }
    }
}

/// "twice", "three times".
pub(super) fn times(text: Text, snoozes: u32) -> String {
    let count = usize::try_from(snoozes).unwrap_or(usize::MAX);
    text.count("snoozes-times", count).into_owned()
}

const fn state(state: CampaignState) -> &'static str {
    match state {
        CampaignState::Default => "campaign-state-default",
        CampaignState::Enabled => "campaign-state-enabled",
        CampaignState::Disabled => "campaign-state-disabled",
    }
}

/// "Everybody", or how many are named; who they are stands in the form.
fn who(text: Text, campaign: &Campaign) -> String {
    let named = |scope: &Scope| scope.groups.len() + scope.users.len() + scope.roles.len();
    let include = &campaign.who.include;
    let included = match include.everyone {
        true => text.say("campaign-everyone").into_owned(),
        false => text
            .count(
                "campaign-named",
                named(include) + usize::from(include.guests),
            )
            .into_owned(),
    };
    match named(&campaign.who.exclude) {
        0 => included,
        some => format!("{included}, {}", text.count("campaign-except", some)),
    }
}
