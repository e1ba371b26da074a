//! `GET /admin/approvals`: changes that wait for a second person, and with `all` those that waited.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use policy::model::ApprovalId;
use serde::Deserialize;

use super::words::Row;
use super::{LIST, sheet};
use crate::admin::logs::address;
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::approvals::{list, setting};
use crate::flow::govern::Governor;
use crate::pages::{Account, Frame, Language, Place, render};
use crate::web::{AdminSession, Problem, Query};

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    all: Option<String>,
    after: Option<ApprovalId>,
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/approvals/list.html")]
struct Page {
    frame: Frame,
    account: Account,
    done: Option<String>,
    /// Whether anything waits for a second person at all.
    is_on: bool,
    all: bool,
    rows: Vec<Row>,
    next_page: Option<String>,
}

pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Query(request): Query<Request>,
) -> Result<Response, Problem> {
    let governor = Governor::person(&admin, &caller);
    let all = request.all.is_some();
    let (shown, next) = list(&app, &governor, !all, request.after).await?;
    let setting = setting(&app, &governor).await?;
    let sheet = sheet(&app, &admin, language);
    let next_page = next.map(|after| {
        let after = after.to_string();
        match all {
            true => address(LIST, &[("all", "true"), ("after", &after)]),
            false => address(LIST, &[("after", &after)]),
        }
    });
    Ok(render(&Page {
        frame: sheet.frame(),
        account: sheet.account(),
        done: request.done.and_then(|done| sheet.text().done(&done)),
        is_on: setting.second_person.is_on(),
        all,
        rows: shown
            .iter()
            .map(|one| Row::new(sheet.text(), one))
            .collect(),
        next_page,
    }))
}
