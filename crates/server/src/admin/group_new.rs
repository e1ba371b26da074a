//! `/admin/groups/new`: makes a group.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use policy::roles::{Task, may_do};
use serde::Deserialize;

use super::group::back;
use super::sheet::Sheet;
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::govern::{GovernRefusal, Governor, groups};
use crate::pages::{Account, Frame, Language, Place, RefusalView, render_with};
use crate::web::{AdminSession, CheckedForm, Problem};

#[derive(Debug, Default, Deserialize)]
pub(super) struct Request {
    display_name: String,
    #[serde(default)]
    description: String,
    /// Sent by a ticked box only.
    role_assignable: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/group_new.html")]
struct Page {
    frame: Frame,
    account: Account,
    refusal: Option<RefusalView>,
    may_assign: bool,
    entered: Request,
}

impl Page {
    fn wrong(&self, field: &str) -> bool {
        self.refusal.as_ref().and_then(|r| r.field) == Some(field)
    }
}

pub(super) async fn show(
    State(app): State<AppState>,
    admin: AdminSession,
    language: Language,
) -> Response {
    let sheet = sheet(&app, &admin, language);
    page(&sheet, StatusCode::OK, None, Request::default())
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    CheckedForm(request): CheckedForm<Request>,
) -> Result<Response, Problem> {
    let governor = Governor::person(&admin, &caller);
    let names = groups::Names {
        display_name: request.display_name.clone(),
        description: request.description.clone(),
    };
    let assignable = request.role_assignable.is_some();
    let refusal = match groups::create(&app, &caller, &governor, names, assignable).await {
        Ok(group) => return Ok(back(group.id, "group-created")),
        Err(refusal) => refusal,
    };
    let sheet = sheet(&app, &admin, language);
    let GovernRefusal::FieldInvalid(field) = refusal else {
        return Err(sheet.way_on(refusal.into(), "/admin/groups"));
    };
    let problem: Problem = refusal.into();
    let refusal = sheet.refusal(&problem, caller.correlation).at(field);
    Ok(page(&sheet, problem.status, Some(refusal), request))
}

fn page(
    sheet: &Sheet<'_>,
    status: StatusCode,
    refusal: Option<RefusalView>,
    entered: Request,
) -> Response {
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        refusal,
        may_assign: may_do(&sheet.admin.current.roles, Task::AssignRoles).is_ok(),
        entered,
    };
    render_with(status, &page)
}

const fn sheet<'a>(app: &'a AppState, admin: &'a AdminSession, language: Language) -> Sheet<'a> {
    Sheet {
        app,
        admin,
        language,
        place: Place::Groups,
    }
}
