//! `/signin/nudge`: the prompt of a registration campaign. The passkey itself is made by `POST /signin/register…`, as in
//! every interrupt; here are the page, "Skip for now", and the way on after an error.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use policy::Denial;
use policy::campaign::Trouble;
use policy::model::Prompt;
use serde::Deserialize;

use super::form::{Form, Refusal, Sheet, again, application};
use super::page::start_again;
use crate::app::AppState;
use crate::flow::answer::see_other;
use crate::flow::register::{self, RegisterRefusal, Registrant};
use crate::flow::sign_in::nudge::{self, Leaving};
use crate::flow::{Caller, context};
use crate::pages::{Frame, Language, RefusalView, Text};
use crate::web::{Browser, CheckedForm, CurrentAttempt, Problem, Query};

#[derive(Debug, Deserialize)]
pub(super) struct ContextOnly {
    #[serde(default)]
    ctx: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct LeaveRequest {
    #[serde(default)]
    ctx: String,
    /// What the page says went wrong.
    #[serde(default)]
    trouble: String,
}

#[derive(Template)]
#[template(path = "signin/nudge.html")]
struct Page {
    frame: Frame,
    form: Form,
    application: Option<String>,
    refusal: Refusal,
    may_register: bool,
    /// What the session has shown is too old: it is shown again first.
    must_sign_in: bool,
    may_be_silent: bool,
    has_unused: bool,
    may_put_off: bool,
    /// How often it can still be put off, in words.
    left: Option<String>,
    keep: bool,
    autofill: bool,
}

pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    browser: Browser,
    language: Language,
    attempt: CurrentAttempt,
    Query(request): Query<ContextOnly>,
) -> Result<Response, Problem> {
    let context = context::open(&app, &request.ctx)
        .map_err(|refusal| start_again(refusal.into(), language))?;
    let Some(prompt) = attempt.attempt.prompt else {
        return Ok(see_other(&again(&context)));
    };
    let sheet = Sheet {
        app: &app,
        browser: &browser,
        language,
        context: &context,
    };
    let frame = sheet.frame();
    let registrant = Registrant::Attempt(&attempt, &context);
    let preflight = register::preflight(&app, &caller, registrant).await?;
    let too_old = matches!(
        preflight.asked,
        Err(RegisterRefusal::Denied(Denial::FreshMfaRequired))
    );
    let must_sign_in = too_old && prompt.session.is_some();
    let may_register = preflight.asked.is_ok();
    // It was asked before; a policy may have changed while the page was open.
    let refusal = preflight.asked.err().filter(|_| !must_sign_in);
    let refusal =
        refusal.map(|refusal| RefusalView::new(frame.text, &refusal.into(), caller.correlation));
    let page = Page {
        form: sheet.form("ceremony-cancelled-register"),
        application: application(&context),
        may_register,
        must_sign_in,
        may_be_silent: preflight.silently,
        has_unused: preflight.unused,
        may_put_off: prompt.can_be_put_off(),
        left: left(frame.text, prompt),
        keep: attempt.attempt.keep_signed_in,
        autofill: false,
        refusal,
        frame,
    };
    Ok(sheet.answer(StatusCode::OK, &page))
}

fn left(text: Text, prompt: Prompt) -> Option<String> {
    let left = usize::try_from(prompt.snoozes_left?).ok()?;
    (left > 0).then(|| text.count("nudge-left", left).into_owned())
}

pub(super) async fn put_off(
    State(app): State<AppState>,
    caller: Caller,
    language: Language,
    attempt: CurrentAttempt,
    CheckedForm(request): CheckedForm<ContextOnly>,
) -> Result<Response, Problem> {
    leave(
        &app,
        &caller,
        language,
        &attempt,
        &request.ctx,
        Leaving::PutOff,
    )
    .await
}

/// Yes, but what the session has shown is too old: they sign in again, and are asked then.
pub(super) async fn sign_in(
    State(app): State<AppState>,
    language: Language,
    attempt: CurrentAttempt,
    CheckedForm(request): CheckedForm<ContextOnly>,
) -> Result<Response, Problem> {
    let context = context::open(&app, &request.ctx)
        .map_err(|refusal| start_again(refusal.into(), language))?;
    nudge::sign_in_again(&app, &attempt).await?;
    Ok(see_other(&again(&context)))
}

pub(super) async fn after_error(
    State(app): State<AppState>,
    caller: Caller,
    language: Language,
    attempt: CurrentAttempt,
    CheckedForm(request): CheckedForm<LeaveRequest>,
) -> Result<Response, Problem> {
    let leaving = Leaving::After(Trouble::from_name(&request.trouble));
    leave(&app, &caller, language, &attempt, &request.ctx, leaving).await
}

async fn leave(
    app: &AppState,
    caller: &Caller,
    language: Language,
    attempt: &CurrentAttempt,
    ctx: &str,
    leaving: Leaving,
) -> Result<Response, Problem> {
    let context =
        context::open(app, ctx).map_err(|refusal| start_again(refusal.into(), language))?;
    match nudge::leave(app, caller, &context, attempt, leaving).await {
        Ok(step) => Ok(step.redirect()),
        Err(refusal) => {
            let text = Text(language).say("signin-start-again");
            Err(Problem::from(refusal).way_on(again(&context), text))
        }
    }
}
