//! `/signin/register`: the interrupt in which a passkey is made before, or instead of, going on.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ceremony::CreationOptions;
use policy::model::PasskeyId;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::form::{Form, Refusal, Sheet};
use super::page::start_again;
use crate::app::AppState;
use crate::flow::register::{self, Manner, Name, Registrant};
use crate::flow::{Caller, Step, context};
use crate::pages::{Frame, Language, RefusalView, Text};
use crate::web::{Browser, CheckedJson, CurrentAttempt, CurrentSession, Problem, Query};

#[derive(Debug, Deserialize)]
pub(super) struct ContextOnly {
    #[serde(default)]
    ctx: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct OptionsRequest {
    #[serde(default)]
    ctx: String,
    /// The browser makes it by itself.
    #[serde(default)]
    silent: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OptionsAnswer {
    /// `PublicKeyCredentialCreationOptionsJSON` (WebAuthn Level 3, section 5.1.8).
    public_key: CreationOptions,
}

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    #[serde(default)]
    ctx: String,
    /// `RegistrationResponseJSON`, handed on unread.
    credential: Box<RawValue>,
    /// Absent: named after its kind, until the person says another.
    name: Option<String>,
    /// The browser made it by itself.
    #[serde(default)]
    silent: bool,
}

#[derive(Debug, Serialize)]
struct Answer {
    /// Where the sign-in goes on. It may hold a code, which lives for a minute.
    next: String,
    /// Where it goes on after that minute.
    later: String,
    passkey: Made,
}

/// What the page asks a name for.
#[derive(Debug, Serialize)]
struct Made {
    id: PasskeyId,
    name: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct NameRequest {
    passkey: PasskeyId,
    name: String,
}

#[derive(Template)]
#[template(path = "signin/register.html")]
struct Page {
    frame: Frame,
    form: Form,
    refusal: Refusal,
    may_register: bool,
    may_be_silent: bool,
    has_unused: bool,
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
    let sheet = Sheet {
        app: &app,
        browser: &browser,
        language,
        context: &context,
    };
    let frame = sheet.frame();
    let registrant = Registrant::Attempt(&attempt, &context);
    let preflight = register::preflight(&app, &caller, registrant).await?;
    let refusal = preflight.asked.err();
    let refusal =
        refusal.map(|refusal| RefusalView::new(frame.text, &refusal.into(), caller.correlation));
    let page = Page {
        form: sheet.form("ceremony-cancelled-register"),
        may_register: refusal.is_none(),
        may_be_silent: preflight.silently,
        has_unused: preflight.unused,
        keep: attempt.attempt.keep_signed_in,
        autofill: false,
        refusal,
        frame,
    };
    Ok(sheet.answer(StatusCode::OK, &page))
}

pub(super) async fn options(
    State(app): State<AppState>,
    caller: Caller,
    attempt: CurrentAttempt,
    CheckedJson(request): CheckedJson<OptionsRequest>,
) -> Result<Json<OptionsAnswer>, Problem> {
    let context = context::open(&app, &request.ctx)?;
    let registrant = Registrant::Attempt(&attempt, &context);
    let manner = manner(request.silent);
    let public_key = register::begin(&app, &caller, registrant, manner).await?;
    Ok(Json(OptionsAnswer { public_key }))
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    attempt: CurrentAttempt,
    language: Language,
    CheckedJson(request): CheckedJson<Request>,
) -> Result<Response, Problem> {
    let context = context::open(&app, &request.ctx)?;
    let registrant = Registrant::Attempt(&attempt, &context);
    let kind = Name::OfItsKind(Text(language));
    let answer = register::Answer {
        response: request.credential.get().as_bytes(),
        name: request.name.as_deref().map_or(kind, Name::Typed),
    };
    let manner = manner(request.silent);
    let made = register::finish(&app, &caller, registrant, manner, answer).await?;
    let step = made
        .step
        .ok_or_else(|| Problem::internal("an interrupt ended without a next step"))?;
    let answer = Answer {
        next: step.url(),
        later: match &step {
            // The session is older than this sign-in, and the address holds no code.
            Step::GoOn(_) => step.url(),
            _ => format!("/signin/resume?ctx={}", context.text()),
        },
        passkey: Made {
            id: made.passkey.id,
            name: made.passkey.display_name,
        },
    };
    let (parts, _) = step.json().into_parts();
    let mut response = Json(answer).into_response();
    for cookie in parts.headers.get_all(axum::http::header::SET_COOKIE) {
        response
            .headers_mut()
            .append(axum::http::header::SET_COOKIE, cookie.clone());
    }
    Ok(response)
}

/// Names the passkey that was just made; the session has begun by then.
pub(super) async fn name(
    State(app): State<AppState>,
    caller: Caller,
    session: CurrentSession,
    CheckedJson(request): CheckedJson<NameRequest>,
) -> Result<Json<serde_json::Value>, Problem> {
    register::rename(&app, &caller, &session.user, request.passkey, &request.name).await?;
    Ok(Json(serde_json::json!({})))
}

const fn manner(silent: bool) -> Manner {
    if silent {
        Manner::Silent
    } else {
        Manner::Asked
    }
}
