//! `POST /signin/pass`: a Temporary Access Pass for a name.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::form::{Form, Refusal, Sheet, is_for_the_form};
use super::page::start_again;
use crate::app::AppState;
use crate::flow::access::Openings;
use crate::flow::{Caller, SecretText, context, sign_in};
use crate::pages::{Frame, Language, RefusalView};
use crate::web::{Browser, CheckedForm, Problem};

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    #[serde(default)]
    ctx: String,
    username: String,
    pass: SecretText,
    /// For the passkey on the same page; what a pass gives ends with the pass.
    keep: Option<String>,
}

#[derive(Template)]
#[template(path = "signin/pass.html")]
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
    let answer = sign_in::pass(&app, &caller, &context, &request.username, request.pass).await;
    match answer.map_err(Problem::from) {
        Ok(step) => Ok(step.redirect()),
        Err(problem) if is_for_the_form(&problem) => {
            let refusal = RefusalView::new(sheet.frame().text, &problem, caller.correlation);
            let openings = sheet.openings(&caller, &request.username).await?;
            Ok(page(
                &sheet,
                (&request.username, request.keep.is_some(), openings),
                Some((problem.status, refusal.at("pass"))),
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
