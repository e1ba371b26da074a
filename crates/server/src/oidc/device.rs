//! `/devicelogin`: where a person types the code that a device shows, and says yes or no.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use serde::Deserialize;

use crate::app::AppState;
use crate::flow::answer::see_other;
use crate::flow::device::{self, Typed};
use crate::flow::{Caller, SecretText, context};
use crate::pages::{Frame, Language, render, render_with};
use crate::web::{Browser, CheckedForm, CurrentSession, Problem};

#[derive(Template)]
#[template(path = "oidc/device.html")]
struct Page {
    frame: Frame,
    csrf: String,
    /// The name of the sentence that says what was wrong.
    wrong: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "oidc/device_ask.html")]
struct Question {
    frame: Frame,
    csrf: String,
    name: String,
    found: String,
}

#[derive(Template)]
#[template(path = "oidc/device_done.html")]
struct Done {
    frame: Frame,
    /// `device-done` or `device-declined`.
    said: &'static str,
}

#[derive(Deserialize)]
pub struct Code {
    code: SecretText,
}

#[derive(Deserialize)]
pub struct Answer {
    found: String,
    answer: String,
}

/// The form. Whatever is in the address stays there: a code is typed by the person who sees the device.
pub async fn show(State(app): State<AppState>, language: Language, browser: Browser) -> Response {
    form(&app, language, &browser, None)
}

/// A code was typed.
pub async fn submit(
    State(app): State<AppState>,
    language: Language,
    caller: Caller,
    browser: Browser,
    CheckedForm(sent): CheckedForm<Code>,
) -> Result<Response, Problem> {
    let typed = device::type_code(&app, &caller, browser.hash(), &sent.code)
        .await
        .map_err(unreadable)?;
    Ok(match typed {
        Typed::Waits(application, found) => render(&Question {
            frame: Frame::new(&app, application.tenant, language),
            csrf: browser.csrf(&app).to_string(),
            name: application.display_name,
            found,
        }),
        Typed::Nobody => form(&app, language, &browser, Some("device-code-unknown")),
        Typed::TooMany(seconds) => return Err(Problem::too_many(seconds)),
    })
}

/// The person answered.
pub async fn confirm(
    State(app): State<AppState>,
    language: Language,
    caller: Caller,
    browser: Browser,
    parts: Parts,
    CheckedForm(sent): CheckedForm<Answer>,
) -> Result<Response, Problem> {
    let Some(found) = device::open(&app, browser.hash(), &sent.found) else {
        return Ok(form(&app, language, &browser, Some("device-code-unknown")));
    };
    let yes = sent.answer == "yes";
    let answered = device::answer(&app, &caller, found, yes)
        .await
        .map_err(unreadable)?;
    match answered {
        None => Ok(form(&app, language, &browser, Some("device-code-unknown"))),
        Some((None, _)) => Ok(done(&app, language, "device-declined")),
        Some((Some(request), name)) => {
            let context = context::to_application(&app, request, &name)?;
            let session = CurrentSession::find(&app, &parts, context.tenant()).await?;
            let page = match session {
                Some(_) => "/signin/continue",
                None => "/signin",
            };
            Ok(see_other(&format!("{page}?ctx={}", context.text())))
        }
    }
}

/// The person signed in; the device will notice.
pub async fn finished(State(app): State<AppState>, language: Language) -> Response {
    done(&app, language, "device-done")
}

fn form(
    app: &AppState,
    language: Language,
    browser: &Browser,
    wrong: Option<&'static str>,
) -> Response {
    let status = match wrong {
        Some(_) => StatusCode::BAD_REQUEST,
        None => StatusCode::OK,
    };
    let page = Page {
        frame: Frame::without_tenant(app, language),
        csrf: browser.csrf(app).to_string(),
        wrong,
    };
    render_with(status, &page)
}

fn done(app: &AppState, language: Language, said: &'static str) -> Response {
    render(&Done {
        frame: Frame::without_tenant(app, language),
        said,
    })
}

fn unreadable(error: store::StoreError) -> Problem {
    Problem::internal(format!("store: {error}"))
}
