//! `/admin/groups/{group}/delete`: asks, then deletes a group that no policy names.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use policy::model::GroupId;

use super::sheet::{Empty, Sheet, path_of_group};
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::answer::see_other;
use crate::flow::govern::{Governor, groups};
use crate::pages::{Account, Frame, Language, Place, render};
use crate::web::{AdminSession, CheckedForm, Path, Problem};

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
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Path(id): Path<GroupId>,
) -> Result<Response, Problem> {
    let governor = Governor::person(&admin, &caller);
    let group = groups::details(&app, &governor, id, None).await?.group;
    let sheet = sheet(&app, &admin, language);
    let text = sheet.text();
    Ok(render(&Page {
        frame: sheet.frame(),
        account: sheet.account(),
        title: text.say("group-delete-title").into_owned(),
        message: text
            .with("group-delete-text", "name", &group.display_name)
            .into_owned(),
        user_name: group.display_name,
        back: path_of_group(id),
        action: format!("{}/delete", path_of_group(id)),
        button: text.say("group-delete").into_owned(),
    }))
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Path(id): Path<GroupId>,
    CheckedForm(Empty {}): CheckedForm<Empty>,
) -> Result<Response, Problem> {
    let governor = Governor::person(&admin, &caller);
    let sheet = sheet(&app, &admin, language);
    groups::delete(&app, &caller, &governor, id)
        .await
        .map_err(|refusal| sheet.way_on(refusal.into(), &path_of_group(id)))?;
    Ok(see_other("/admin/groups?done=group-deleted"))
}

const fn sheet<'a>(app: &'a AppState, admin: &'a AdminSession, language: Language) -> Sheet<'a> {
    Sheet {
        app,
        admin,
        language,
        place: Place::Groups,
    }
}
