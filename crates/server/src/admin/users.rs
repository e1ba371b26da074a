//! `GET /admin/users`: find a user.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use policy::roles::{Task, may_do};
use serde::Deserialize;

use super::logs::address;
use super::sheet::Sheet;
use crate::app::AppState;
use crate::flow::look;
use crate::pages::{Account, Frame, Language, Place, UserRow, render};
use crate::web::{AdminSession, Problem, Query};

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    #[serde(default)]
    search: String,
    after: Option<String>,
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/users.html")]
struct Page {
    frame: Frame,
    account: Account,
    done: Option<String>,
    search: String,
    users: Vec<UserRow>,
    next_page: Option<String>,
    may_create: bool,
}

pub(super) async fn show(
    State(app): State<AppState>,
    admin: AdminSession,
    language: Language,
    Query(request): Query<Request>,
) -> Result<Response, Problem> {
    let search = Some(request.search.trim()).filter(|search| !search.is_empty());
    let listed = look::users(&app, &admin, search, request.after.as_deref()).await?;
    let sheet = Sheet {
        app: &app,
        admin: &admin,
        language,
        place: Place::Users,
    };
    let next_page = listed.next.map(|after| {
        address(
            "/admin/users",
            &[("search", &request.search), ("after", &after)],
        )
    });
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        done: request.done.and_then(|done| sheet.text().done(&done)),
        users: listed.rows.iter().map(UserRow::from).collect(),
        next_page,
        may_create: may_do(&admin.current.roles, Task::CreateUsers).is_ok(),
        search: request.search,
    };
    Ok(render(&page))
}
