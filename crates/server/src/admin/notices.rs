//! `/admin/notices`: what nobody could be told, and which new places of a passkey are worth a notice.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use policy::notices::NewPlaces;
use serde::Deserialize;

use super::sheet::Sheet;
use crate::app::AppState;
use crate::flow::answer::see_other;
use crate::flow::{Caller, notices};
use crate::pages::{Account, Frame, Language, NoticeRow, Place, render};
use crate::web::{AdminSession, CheckedForm, Problem, Query};

const HERE: &str = "/admin/notices";

#[derive(Debug, Deserialize)]
pub(super) struct ShowRequest {
    done: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Request {
    new_place: NewPlaces,
}

#[derive(Template)]
#[template(path = "admin/notices.html")]
struct Page {
    frame: Frame,
    account: Account,
    done: Option<String>,
    mail: bool,
    webhook: bool,
    waiting: usize,
    troubled: Vec<NoticeRow>,
    new_place: NewPlaces,
    may_change: bool,
}

impl Page {
    fn is(&self, choice: NewPlaces) -> bool {
        self.new_place == choice
    }
}

pub(super) async fn show(
    State(app): State<AppState>,
    admin: AdminSession,
    language: Language,
    Query(request): Query<ShowRequest>,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        admin: &admin,
        language,
        place: Place::Notices,
    };
    let text = sheet.text();
    let overview = notices::overview(&app, &admin).await?;
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        done: request.done.and_then(|done| text.done(&done)),
        mail: app.config.mail.is_some(),
        webhook: app.config.webhook.is_some(),
        waiting: usize::try_from(overview.standing.waiting).unwrap_or(0),
        troubled: overview
            .troubled
            .iter()
            .map(|copy| NoticeRow::new(text, copy))
            .collect(),
        new_place: overview.settings.new_place,
        may_change: overview.may_change,
    };
    Ok(render(&page))
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    CheckedForm(request): CheckedForm<Request>,
) -> Result<Response, Problem> {
    notices::change_settings(&app, &caller, &admin, request.new_place).await?;
    Ok(see_other(&format!("{HERE}?done=notices-changed")))
}
