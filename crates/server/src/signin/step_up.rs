//! `GET /signin/step-up`: a policy asks for more than was shown. What was shown is kept; the page offers what is missing.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use policy::model::Mode;
use serde::Deserialize;

use super::form::{Form, Sheet, again, application};
use super::page::start_again;
use crate::app::AppState;
use crate::flow::answer::see_other;
use crate::flow::sign_in::{self, Offer};
use crate::flow::{Caller, context};
use crate::pages::{Frame, Language, Text};
use crate::web::{Browser, CurrentAttempt, Problem, Query};

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    #[serde(default)]
    ctx: String,
}

#[derive(Template)]
#[template(path = "signin/step_up.html")]
struct Page {
    frame: Frame,
    form: Form,
    application: Option<String>,
    username: String,
    /// The strength that is asked for, by its name.
    strength: Option<String>,
    passkey: bool,
    /// Beside a passkey that is in doubt a password may be shown; after a password there is no need to.
    password: bool,
    code: bool,
    keep: bool,
    autofill: bool,
}

pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    browser: Browser,
    language: Language,
    attempt: CurrentAttempt,
    Query(request): Query<Request>,
) -> Result<Response, Problem> {
    let context = context::open(&app, &request.ctx)
        .map_err(|refusal| start_again(refusal.into(), language))?;
    let offer = sign_in::step_up_offer(&app, &caller, &context, &attempt).await;
    let (modes, strength) = match offer {
        Ok(Offer::Show { modes, strength }) => (modes, strength),
        Ok(Offer::GoOn { register: true }) => {
            let url = format!("/signin/register?ctx={}", context.text());
            return Ok(see_other(&url));
        }
        Ok(Offer::GoOn { register: false }) => return Ok(see_other(&again(&context))),
        Err(refusal) => {
            let text = Text(language).say("signin-start-again");
            return Err(Problem::from(refusal).way_on(again(&context), text));
        }
    };
    let sheet = Sheet {
        app: &app,
        browser: &browser,
        language,
        context: &context,
    };
    let typed = |mode| {
        attempt
            .attempt
            .proofs
            .iter()
            .any(|proof| proof.mode == mode)
    };
    let page = Page {
        frame: sheet.frame(),
        form: sheet.form("ceremony-cancelled-signin"),
        application: application(&context),
        username: attempt.user.user_principal_name.clone(),
        strength,
        passkey: modes.contains(&Mode::Fido2),
        password: modes.contains(&Mode::Password) && typed(Mode::Fido2) && !typed(Mode::Password),
        // A code is the second half of a password: without the first it is asked for from the beginning.
        code: modes.contains(&Mode::SoftwareOath) && typed(Mode::Password),
        keep: attempt.attempt.keep_signed_in,
        autofill: false,
    };
    Ok(sheet.answer(StatusCode::OK, &page))
}
