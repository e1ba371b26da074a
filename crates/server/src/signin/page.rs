//! `GET /signin`: the first page, asking who signs in and offering the passkey.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use serde::Deserialize;

use super::form::{Form, Refusal, Sheet, application};
use crate::app::AppState;
use crate::flow::context;
use crate::pages::{Frame, Language};
use crate::web::{Browser, Problem, Query};

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    ctx: Option<String>,
}

#[derive(Template)]
#[template(path = "signin/identifier.html")]
struct Page {
    frame: Frame,
    form: Form,
    refusal: Refusal,
    application: Option<String>,
    username: String,
    keep: bool,
    autofill: bool,
}

pub(super) async fn show(
    State(app): State<AppState>,
    browser: Browser,
    language: Language,
    Query(request): Query<Request>,
) -> Result<Response, Problem> {
    let context = context::open_or_default(&app, request.ctx.as_deref())
        .map_err(|refusal| start_again(refusal.into(), language))?;
    let sheet = Sheet {
        app: &app,
        browser: &browser,
        language,
        context: &context,
    };
    let page = Page {
        frame: sheet.frame(),
        form: sheet.form("ceremony-cancelled-signin"),
        refusal: None,
        application: application(&context),
        username: context.value().login_hint.clone().unwrap_or_default(),
        keep: false,
        autofill: true,
    };
    Ok(sheet.answer(StatusCode::OK, &page))
}

/// `GET /`: a person who typed the host's name wants their own page.
pub(super) async fn root() -> Redirect {
    Redirect::to("/security-info")
}

/// A link that is too old or broken leads to the beginning, never to a dead end.
pub(super) fn start_again(problem: Problem, language: Language) -> Problem {
    problem.way_on(
        "/signin",
        crate::pages::Text(language).say("signin-start-again"),
    )
}
