//! `GET` and `POST /signin/new-password`: a password that somebody else set is replaced before the session begins.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::form::{Form, Refusal, Sheet, again, is_for_the_form};
use super::page::start_again;
use crate::app::AppState;
use crate::flow::{Caller, SecretText, context, credentials};
use crate::pages::{Frame, Language, RefusalView};
use crate::web::{Browser, CheckedForm, CurrentAttempt, Problem, Query};

#[derive(Debug, Deserialize)]
pub(super) struct ShowRequest {
    #[serde(default)]
    ctx: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    #[serde(default)]
    ctx: String,
    new: SecretText,
    again: SecretText,
}

#[derive(Template)]
#[template(path = "signin/new_password.html")]
struct Page<'a> {
    frame: Frame,
    form: Form,
    refusal: Refusal,
    username: &'a str,
    minimum: usize,
}

impl Page<'_> {
    fn wrong(&self, field: &str) -> bool {
        self.refusal.as_ref().and_then(|r| r.field) == Some(field)
    }
}

pub(super) async fn show(
    State(app): State<AppState>,
    browser: Browser,
    language: Language,
    attempt: CurrentAttempt,
    Query(request): Query<ShowRequest>,
) -> Result<Response, Problem> {
    let context = context::open(&app, &request.ctx)
        .map_err(|refusal| start_again(refusal.into(), language))?;
    let sheet = Sheet {
        app: &app,
        browser: &browser,
        language,
        context: &context,
    };
    Ok(page(&sheet, &attempt, StatusCode::OK, None))
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    browser: Browser,
    language: Language,
    attempt: CurrentAttempt,
    CheckedForm(request): CheckedForm<Request>,
) -> Result<Response, Problem> {
    let context = context::open(&app, &request.ctx)
        .map_err(|refusal| start_again(refusal.into(), language))?;
    let sheet = Sheet {
        app: &app,
        browser: &browser,
        language,
        context: &context,
    };
    let text = sheet.frame().text;
    if request.new.expose() != request.again.expose() {
        let refusal = RefusalView::mistake(text, "password-mismatch", "password_mismatch");
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(page(&sheet, &attempt, status, Some(refusal.at("again"))));
    }
    match credentials::replace_password(&app, &caller, &context, &attempt, request.new).await {
        Ok(step) => Ok(step.redirect()),
        Err(problem) if is_for_the_form(&problem) => {
            let refusal = RefusalView::new(text, &problem, caller.correlation);
            Ok(page(
                &sheet,
                &attempt,
                problem.status,
                Some(refusal.at("new")),
            ))
        }
        Err(problem) => Err(problem.way_on(again(&context), text.say("signin-start-again"))),
    }
}

fn page(
    sheet: &Sheet<'_>,
    attempt: &CurrentAttempt,
    status: StatusCode,
    refusal: Refusal,
) -> Response {
    let page = Page {
        frame: sheet.frame(),
        form: sheet.form("ceremony-cancelled-signin"),
        refusal,
        username: &attempt.user.user_principal_name,
        minimum: 8,
    };
    sheet.answer(status, &page)
}
