//! `POST /signout` ends this browser's session; `GET /signed-out` says so.

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::Response;
use serde::Deserialize;

use crate::app::AppState;
use crate::flow::answer::see_other;
use crate::flow::{Caller, revoke};
use crate::oidc::frontchannel;
use crate::pages::{Frame, Language, render};
use crate::web::{CheckedForm, CurrentSession, Problem};

#[derive(Debug, Deserialize)]
pub(super) struct Request {}

#[derive(Template)]
#[template(path = "signed_out.html")]
struct Page {
    frame: Frame,
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    session: CurrentSession,
    CheckedForm(Request {}): CheckedForm<Request>,
) -> Result<Response, Problem> {
    let told = frontchannel::pages(&app, &session).await?;
    let cookies = revoke::sign_out(&app, &caller, &session).await?;
    let onward = told.onward(&app, session.tenant(), None)?;
    let mut response = see_other(&onward);
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

pub(super) async fn show(State(app): State<AppState>, language: Language) -> Response {
    render(&Page {
        frame: Frame::without_tenant(&app, language),
    })
}
