//! `GET /admin/groups`: the sets of people that policies name.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use policy::model::{Group, GroupId};
use policy::roles::Task;
use serde::Deserialize;

use super::logs::address;
use super::sheet::Sheet;
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::govern::{Governor, groups};
use crate::pages::{Account, Frame, Language, Place, render};
use crate::web::{AdminSession, Problem, Query};

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    #[serde(default)]
    search: String,
    after: Option<GroupId>,
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/groups.html")]
struct Page {
    frame: Frame,
    account: Account,
    done: Option<String>,
    search: String,
    groups: Vec<Group>,
    next_page: Option<String>,
    may_create: bool,
}

pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Query(request): Query<Request>,
) -> Result<Response, Problem> {
    let governor = Governor::person(&admin, &caller);
    let (groups, next) = groups::list(&app, &governor, &request.search, request.after).await?;
    let sheet = Sheet {
        app: &app,
        admin: &admin,
        language,
        place: Place::Groups,
    };
    let next_page = next.map(|after| {
        let after = after.to_string();
        address(
            "/admin/groups",
            &[("search", &request.search), ("after", &after)],
        )
    });
    Ok(render(&Page {
        frame: sheet.frame(),
        account: sheet.account(),
        done: request.done.and_then(|done| sheet.text().done(&done)),
        may_create: governor.may(Task::ManageGroups).is_ok(),
        search: request.search,
        groups,
        next_page,
    }))
}
