//! `GET /admin/campaigns/{campaign}`: one campaign and what became of its prompts.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use policy::model::{Campaign, CampaignId, CampaignState};
use serde::Deserialize;

use super::campaigns::CampaignRow;
use super::sheet::Sheet;
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::govern::{Governor, campaigns};
use crate::pages::{Account, Frame, Funnel, Language, Place, Text, When, render};
use crate::web::{AdminSession, Path, Problem, Query};

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/campaign.html")]
struct Page {
    frame: Frame,
    account: Account,
    done: Option<String>,
    campaign: CampaignRow,
    snoozes: String,
    waves: Vec<(When, u8)>,
    beyond: Vec<String>,
    funnel: Funnel,
    lately: String,
    may_change: bool,
}

pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Path(id): Path<CampaignId>,
    Query(request): Query<Request>,
) -> Result<Response, Problem> {
    let governor = Governor::person(&admin, &caller);
    let watched = campaigns::watch(&app, &governor, id).await?;
    let sheet = Sheet {
        app: &app,
        admin: &admin,
        language,
        place: Place::Campaigns,
    };
    let text = sheet.text();
    let campaign = &watched.campaign;
    let days = usize::try_from(campaigns::SHOWN_DAYS).unwrap_or_default();
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        done: request.done.and_then(|done| text.done(&done)),
        campaign: CampaignRow::new(text, campaign, app.clock.now()),
        snoozes: snoozes(text, campaign),
        waves: campaign
            .waves
            .iter()
            .map(|wave| (wave.from.into(), wave.percent))
            .collect(),
        beyond: beyond(text, campaign),
        funnel: Funnel::of(text, &watched.counts),
        lately: text.count("funnel-text", days).into_owned(),
        may_change: campaigns::may_change(&governor),
    };
    Ok(render(&page))
}

fn snoozes(text: Text, campaign: &Campaign) -> String {
    let days = usize::try_from(campaign.snooze_days).unwrap_or_default();
    match (campaign.state, campaign.limited_snoozes) {
        (CampaignState::Default, _) => text.say("campaign-snoozes-default").into_owned(),
        (_, true) => text.count("campaign-snoozes-limited", days).into_owned(),
        (_, false) => text.count("campaign-snoozes-unlimited", days).into_owned(),
    }
}

fn beyond(text: Text, campaign: &Campaign) -> Vec<String> {
    let switches = [
        (campaign.silent_first, "campaign-silent-first"),
        (campaign.single_sign_on, "campaign-single-sign-on"),
        (campaign.replacement, "campaign-replacement"),
        (campaign.not_on_linux, "campaign-not-on-linux"),
    ];
    let on = switches.into_iter().filter(|(on, _)| *on);
    on.map(|(_, message)| text.say(message).into_owned())
        .collect()
}
