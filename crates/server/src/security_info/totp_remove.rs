//! `/security-info/totp/remove`: takes the authenticator app away again.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::sheet::{Sheet, back};
use crate::app::AppState;
use crate::flow::{Caller, credentials};
use crate::pages::{Account, Frame, Language, Place, render};
use crate::web::{CheckedForm, CurrentSession, Problem};

const HERE: &str = "/security-info/totp/remove";

#[derive(Debug, Deserialize)]
pub(super) struct Request {}

#[derive(Template)]
#[template(path = "security_info/confirm.html")]
struct Page {
    frame: Frame,
    account: Account,
    title: String,
    message: String,
    action: &'static str,
    button: String,
}

pub(super) async fn show(
    State(app): State<AppState>,
    session: CurrentSession,
    language: Language,
) -> Response {
    let sheet = Sheet {
        app: &app,
        session: &session,
        language,
    };
    render(&Page {
        frame: sheet.frame(),
        account: sheet.account(),
        title: sheet.text().say("totp-remove-title").into_owned(),
        message: sheet.text().say("totp-remove-text").into_owned(),
        action: HERE,
        button: sheet.text().say("totp-remove").into_owned(),
    })
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    session: CurrentSession,
    language: Language,
    CheckedForm(Request {}): CheckedForm<Request>,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        session: &session,
        language,
    };
    credentials::remove_totp(&app, &caller, &session.user, &session.session)
        .await
        .map_err(|refusal| sheet.way_on(refusal.into(), HERE))?;
    Ok(back("totp-removed"))
}
