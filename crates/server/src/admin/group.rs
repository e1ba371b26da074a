//! `/admin/groups/{group}`: a group, its names and its members.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use policy::model::{GroupId, UserId};
use serde::Deserialize;

use super::sheet::{Sheet, path_of_group};
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::answer::see_other;
use crate::flow::govern::{GovernRefusal, Governor, groups};
use crate::pages::{Account, Frame, Language, Place, RefusalView, UserRow, When, render_with};
use crate::web::{AdminSession, CheckedForm, Path, Problem, Query};

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    after: Option<UserId>,
    done: Option<String>,
}

/// The names of a group, as typed.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Names {
    pub display_name: String,
    #[serde(default)]
    pub description: String,
}

impl From<&Names> for groups::Names {
    fn from(names: &Names) -> Self {
        Self {
            display_name: names.display_name.clone(),
            description: names.description.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "admin/group.html")]
struct Page {
    frame: Frame,
    account: Account,
    done: Option<String>,
    refusal: Option<RefusalView>,
    id: GroupId,
    title: String,
    names: Names,
    role_assignable: bool,
    created: When,
    members: Vec<UserRow>,
    next_page: Option<String>,
    may_change: bool,
    /// As typed, when nobody is called so.
    member: String,
}

impl Page {
    fn wrong(&self, field: &str) -> bool {
        self.refusal.as_ref().and_then(|r| r.field) == Some(field)
    }
}

pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Path(id): Path<GroupId>,
    Query(request): Query<Request>,
) -> Result<Response, Problem> {
    let governor = Governor::person(&admin, &caller);
    let sheet = sheet(&app, &admin, language);
    let mut page = page(&sheet, &governor, id, request.after).await?;
    page.done = request.done.and_then(|done| sheet.text().done(&done));
    Ok(render_with(StatusCode::OK, &page))
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Path(id): Path<GroupId>,
    CheckedForm(names): CheckedForm<Names>,
) -> Result<Response, Problem> {
    let governor = Governor::person(&admin, &caller);
    let renamed = groups::rename(&app, &caller, &governor, id, (&names).into()).await;
    let Err(refusal) = renamed else {
        return Ok(back(id, "group-changed"));
    };
    let sheet = sheet(&app, &admin, language);
    let mut page = page(&sheet, &governor, id, None).await?;
    page.names = names;
    refused(&sheet, &caller, page, refusal)
}

/// A member to add: a user principal name.
#[derive(Debug, Deserialize)]
pub(super) struct Member {
    user: String,
}

pub(super) async fn add_member(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Path(id): Path<GroupId>,
    CheckedForm(member): CheckedForm<Member>,
) -> Result<Response, Problem> {
    let governor = Governor::person(&admin, &caller);
    let added = groups::add_member(&app, &caller, &governor, id, &member.user).await;
    let Err(refusal) = added else {
        return Ok(back(id, "member-added"));
    };
    let sheet = sheet(&app, &admin, language);
    let mut page = page(&sheet, &governor, id, None).await?;
    page.member = member.user;
    refused(&sheet, &caller, page, refusal)
}

/// A member to take out.
#[derive(Debug, Deserialize)]
pub(super) struct Leaver {
    user: UserId,
}

pub(super) async fn remove_member(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Path(id): Path<GroupId>,
    CheckedForm(leaver): CheckedForm<Leaver>,
) -> Result<Response, Problem> {
    let governor = Governor::person(&admin, &caller);
    let sheet = sheet(&app, &admin, language);
    groups::remove_member(&app, &caller, &governor, id, leaver.user)
        .await
        .map_err(|refusal| sheet.way_on(refusal.into(), &path_of_group(id)))?;
    Ok(back(id, "member-removed"))
}

/// The page with what is wrong at its field, or the problem if no field can help.
fn refused(
    sheet: &Sheet<'_>,
    caller: &Caller,
    mut page: Page,
    refusal: GovernRefusal,
) -> Result<Response, Problem> {
    let GovernRefusal::FieldInvalid(field) = refusal else {
        return Err(sheet.way_on(refusal.into(), &path_of_group(page.id)));
    };
    let problem: Problem = refusal.into();
    page.refusal = Some(sheet.refusal(&problem, caller.correlation).at(field));
    Ok(render_with(problem.status, &page))
}

async fn page(
    sheet: &Sheet<'_>,
    governor: &Governor,
    id: GroupId,
    after: Option<UserId>,
) -> Result<Page, Problem> {
    let found = groups::details(sheet.app, governor, id, after).await?;
    let group = found.group;
    let next = found
        .next
        .map(|next| format!("{}?after={next}", path_of_group(id)));
    Ok(Page {
        frame: sheet.frame(),
        account: sheet.account(),
        done: None,
        refusal: None,
        id,
        title: group.display_name.clone(),
        names: Names {
            display_name: group.display_name,
            description: group.description,
        },
        role_assignable: group.role_assignable,
        created: group.created.into(),
        members: found.members.iter().map(UserRow::from).collect(),
        next_page: next,
        may_change: governor.may_manage_group(group.role_assignable).is_ok(),
        member: String::new(),
    })
}

const fn sheet<'a>(app: &'a AppState, admin: &'a AdminSession, language: Language) -> Sheet<'a> {
    Sheet {
        app,
        admin,
        language,
        place: Place::Groups,
    }
}

/// Back to the group's page, which says what was done.
pub(super) fn back(id: GroupId, done: &'static str) -> Response {
    see_other(&format!("{}?done={done}", path_of_group(id)))
}
