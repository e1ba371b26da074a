//! `/admin/users/{user}/password`: sets a random password that the user has to change, and shows it once.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use policy::model::UserId;

use super::sheet::{Empty, Sheet, path};
use super::user_pass::Once;
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
        title: text.say("password-reset").into_owned(),
        message: text.say("password-reset-text").into_owned(),
        user_name: user.display_name,
        back: path(id),
        action: format!("{}/password", path(id)),
        button: text.say("password-reset").into_owned(),
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
    let user = look::user(&app, &admin, id).await?.user;
    let password =
        administer::reset_password(&app, &caller, &Governor::person(&admin, &caller), id, None)
            .await
            .map_err(|refusal| sheet.way_on(refusal.into(), &path(id)))?;
    let text = sheet.text();
    Ok(render(&Once {
        frame: sheet.frame(),
        account: sheet.account(),
        id,
        user_name: user.display_name,
        title: text.say("password-reset-done").into_owned(),
        message: text.say("password-reset-text").into_owned(),
        label: text.say("password-new").into_owned(),
        secret: password,
        ends: None,
    }))
}
