//! `/security-info/passkeys/{passkey}/delete`: says what deleting will end, then does it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use policy::model::PasskeyId;
use serde::Deserialize;

use super::sheet::{Sheet, back};
use crate::app::AppState;
use crate::flow::{Caller, look, revoke};
use crate::pages::{Account, Frame, Language, PasskeyRow, Place, render};
use crate::web::{CheckedForm, CurrentSession, Path, Problem};

#[derive(Debug, Deserialize)]
pub(super) struct Request {}

#[derive(Template)]
#[template(path = "security_info/passkey_delete.html")]
struct Page {
    frame: Frame,
    account: Account,
    passkey: PasskeyRow,
    is_last: bool,
    ends_this_session: bool,
}

pub(super) async fn show(
    State(app): State<AppState>,
    session: CurrentSession,
    language: Language,
    Path(id): Path<PasskeyId>,
) -> Result<Response, Problem> {
    let info = look::security_info(&app, &session).await?;
    let passkey = info.passkeys.iter().find(|passkey| passkey.id == id);
    let sheet = Sheet {
        app: &app,
        session: &session,
        language,
    };
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        passkey: passkey.ok_or_else(Problem::not_found)?.into(),
        is_last: info.passkeys.len() == 1,
        ends_this_session: session.session.passkey == Some(id),
    };
    Ok(render(&page))
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    session: CurrentSession,
    language: Language,
    Path(id): Path<PasskeyId>,
    CheckedForm(Request {}): CheckedForm<Request>,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        session: &session,
        language,
    };
    let here = format!("/security-info/passkeys/{id}/delete");
    revoke::own_passkey(&app, &caller, &session, id)
        .await
        .map_err(|refusal| sheet.way_on(refusal.into(), &here))?;
    Ok(back("passkey-deleted"))
}
