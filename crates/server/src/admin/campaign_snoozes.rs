//! `/admin/campaigns/snoozes-reset`: asks, then sets the snoozes of everybody back.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::sheet::{Empty, Sheet};
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::answer::see_other;
use crate::flow::govern::{Governor, campaigns};
use crate::pages::{Account, Frame, Language, Place, render};
use crate::web::{AdminSession, CheckedForm, Problem};

const CAMPAIGNS: &str = "/admin/campaigns";

#[derive(Template)]
#[template(path = "admin/confirm.html")]
struct Page {
    frame: Frame,
    account: Account,
    title: String,
    message: String,
    user_name: String,
    back: String,
    action: String,
    button: String,
}

pub(super) async fn show(
    State(app): State<AppState>,
    admin: AdminSession,
    language: Language,
) -> Response {
    let sheet = Sheet {
        app: &app,
        admin: &admin,
        language,
        place: Place::Campaigns,
    };
    let text = sheet.text();
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        title: text.say("snoozes-reset-title").into_owned(),
        message: text.say("snoozes-reset-text").into_owned(),
        user_name: text.say("nav-campaigns").into_owned(),
        back: CAMPAIGNS.to_owned(),
        action: format!("{CAMPAIGNS}/snoozes-reset"),
        button: text.say("snoozes-reset").into_owned(),
    };
    render(&page)
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    CheckedForm(Empty {}): CheckedForm<Empty>,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        admin: &admin,
        language,
        place: Place::Campaigns,
    };
    let governor = Governor::person(&admin, &caller);
    campaigns::reset_snoozes(&app, &caller, &governor)
        .await
        .map_err(|refusal| sheet.way_on(refusal.into(), CAMPAIGNS))?;
    Ok(see_other(&format!("{CAMPAIGNS}?done=snoozes-reset-all")))
}
