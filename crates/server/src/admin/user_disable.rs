//! `/admin/users/{user}/disable`: asks, then ends everything the user has open.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use policy::model::UserId;

use super::sheet::{Empty, Sheet, back_with_receipt, path};
use crate::app::AppState;
use crate::flow::govern::Governor;
use crate::flow::{Caller, administer, look};
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
    admin: AdminSession,
    language: Language,
    Path(id): Path<UserId>,
) -> Result<Response, Problem> {
    let user = look::user(&app, &admin, id).await?.user;
    let sheet = Sheet {
        app: &app,
        admin: &admin,
        language,
        place: Place::Users,
    };
    let text = sheet.text();
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        title: text.say("user-disable-title").into_owned(),
        message: text
            .with("user-disable-text", "name", &user.display_name)
            .into_owned(),
        user_name: user.display_name,
        back: path(id),
        action: format!("{}/disable", path(id)),
        button: text.say("user-disable").into_owned(),
    };
    Ok(render(&page))
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Path(id): Path<UserId>,
    CheckedForm(Empty {}): CheckedForm<Empty>,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        admin: &admin,
        language,
        place: Place::Users,
    };
    administer::set_enabled(&app, &caller, &Governor::person(&admin, &caller), id, false)
        .await
        .map_err(|refusal| sheet.way_on(refusal.into(), &path(id)))?;
    Ok(back_with_receipt(id, "user-disabled", caller.correlation))
}
