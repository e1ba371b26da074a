//! `GET` and `POST /signin/totp`: the one-time code after a password.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::form::{Form, Refusal, Sheet, again, is_for_the_form};
use super::page::start_again;
use crate::app::AppState;
use crate::flow::{Caller, SecretText, context, sign_in};
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
    code: SecretText,
    /// Set by a script where the browser makes passkeys by itself.
    upgrade: Option<String>,
}

#[derive(Template)]
#[template(path = "signin/totp.html")]
struct Page<'a> {
    frame: Frame,
    form: Form,
    refusal: Refusal,
    username: &'a str,
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
    let makes_passkeys = request.upgrade.is_some();
    let answer = sign_in::totp(
        &app,
        &caller,
        &context,
        &attempt,
        request.code,
        makes_passkeys,
    )
    .await;
    match answer.map_err(Problem::from) {
        Ok(step) => Ok(step.redirect()),
        Err(problem) if is_for_the_form(&problem) => {
            let refusal = RefusalView::new(sheet.frame().text, &problem, caller.correlation);
            Ok(page(
                &sheet,
                &attempt,
                problem.status,
                Some(refusal.at("code")),
            ))
        }
        Err(problem) => {
            let text = sheet.frame().text.say("signin-start-again");
            Err(problem.way_on(again(&context), text))
        }
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
    };
    sheet.answer(status, &page)
}
