//! `POST /signin/password`: a password for a name.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::form::{Form, Refusal, Sheet, is_for_the_form};
use super::page::start_again;
use crate::app::AppState;
use crate::flow::access::Openings;
use crate::flow::sign_in::{self, Beside, Wishes};
use crate::flow::{Caller, SecretText, context};
use crate::pages::{Frame, Language, RefusalView};
use crate::web::{Browser, CheckedForm, MaybeAttempt, Problem};

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    #[serde(default)]
    ctx: String,
    username: String,
    password: SecretText,
    keep: Option<String>,
}

#[derive(Template)]
#[template(path = "signin/password.html")]
struct Page<'a> {
    frame: Frame,
    form: Form,
    refusal: Refusal,
    username: &'a str,
    keep: bool,
    openings: Openings,
    autofill: bool,
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    browser: Browser,
    language: Language,
    MaybeAttempt(attempt): MaybeAttempt,
    CheckedForm(request): CheckedForm<Request>,
) -> Result<Response, Problem> {
    let context = context::open_or_default(&app, Some(&request.ctx))
        .map_err(|refusal| start_again(refusal.into(), language))?;
    let sheet = Sheet {
        app: &app,
        browser: &browser,
        language,
        context: &context,
    };
    let (name, wishes) = (
        &request.username,
        Wishes {
            keep_signed_in: request.keep.is_some(),
            ..Wishes::default()
        },
    );
    let beside = Beside { wishes, attempt };
    let answer = sign_in::password(&app, &caller, &context, name, request.password, beside).await;
    match answer.map_err(Problem::from) {
        Ok(step) => Ok(step.redirect()),
        Err(problem) if is_for_the_form(&problem) => {
            let refusal = RefusalView::new(sheet.frame().text, &problem, caller.correlation);
            let openings = sheet.openings(&caller, name).await?;
            Ok(page(
                &sheet,
                (name, wishes.keep_signed_in, openings),
                Some((problem.status, refusal.at("password"))),
            ))
        }
        Err(problem) => Err(sheet.begin_otherwise(problem)),
    }
}

/// The page, after a refusal with its status and summary.
pub(super) fn page(
    sheet: &Sheet<'_>,
    (username, keep, openings): (&str, bool, Openings),
    refused: Option<(StatusCode, RefusalView)>,
) -> Response {
    let (status, refusal) = match refused {
        Some((status, refusal)) => (status, Some(refusal)),
        None => (StatusCode::OK, None),
    };
    let page = Page {
        frame: sheet.frame(),
        form: sheet.form("ceremony-cancelled-signin"),
        refusal,
        username,
        keep,
        openings,
        autofill: false,
    };
    sheet.answer(status, &page)
}
