//! `/admin/users/{user}/passkeys/{passkey}/revoke`: asks, then ends the passkey and all that came from it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use policy::model::{PasskeyId, UserId};

use super::sheet::{Empty, Sheet, back_with_receipt, path};
use crate::app::AppState;
use crate::flow::govern::Governor;
use crate::flow::{Caller, look, revoke};
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
    Path((id, passkey)): Path<(UserId, PasskeyId)>,
) -> Result<Response, Problem> {
    let found = look::user(&app, &admin, id).await?;
    let passkey = found
        .info
        .passkeys
        .into_iter()
        .find(|one| one.id == passkey);
    let passkey = passkey.ok_or_else(Problem::not_found)?;
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
        title: text.say("passkey-revoke-title").into_owned(),
        message: text
            .with("passkey-revoke-text", "name", &passkey.display_name)
            .into_owned(),
        user_name: found.user.display_name,
        back: path(id),
        action: format!("{}/passkeys/{}/revoke", path(id), passkey.id),
        button: text.say("passkey-revoke").into_owned(),
    };
    Ok(render(&page))
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Path((id, passkey)): Path<(UserId, PasskeyId)>,
    CheckedForm(Empty {}): CheckedForm<Empty>,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        admin: &admin,
        language,
        place: Place::Users,
    };
    revoke::passkey_of(
        &app,
        &caller,
        &Governor::person(&admin, &caller),
        id,
        passkey,
    )
    .await
    .map_err(|refusal| sheet.way_on(refusal.into(), &path(id)))?;
    Ok(back_with_receipt(id, "passkey-revoked", caller.correlation))
}
