//! `/signin/upgrade`: the page between a finished sign-in and where it leads, on which the browser may make a passkey by
//! itself. It goes on in any case: by the script, by the `Refresh` header, or by its link.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use ceremony::CreationOptions;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::page::start_again;
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::register::{self, Manner, Name, Registrant};
use crate::flow::sign_in::upgrade::{self, Onward};
use crate::pages::{Frame, Language, Text, render};
use crate::web::{Browser, CheckedJson, CsrfToken, CurrentSession, Problem, Query};

/// How long the page waits where its script does not run; with it, it goes on much earlier.
const SECONDS: u32 = 15;

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    /// Where to go on, sealed.
    to: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OptionsAnswer {
    /// `PublicKeyCredentialCreationOptionsJSON` (WebAuthn Level 3, section 5.1.8).
    public_key: CreationOptions,
}

#[derive(Debug, Deserialize)]
pub(super) struct SubmitRequest {
    to: String,
    /// `RegistrationResponseJSON`, handed on unread.
    credential: Box<RawValue>,
}

#[derive(Template)]
#[template(path = "signin/upgrade.html")]
struct Page {
    frame: Frame,
    csrf: CsrfToken,
    to: String,
    next: String,
}

pub(super) async fn show(
    State(app): State<AppState>,
    browser: Browser,
    language: Language,
    Query(request): Query<Request>,
) -> Result<Response, Problem> {
    let onward = upgrade::onward(&app, browser.hash(), &request.to)
        .map_err(|refusal| start_again(refusal.into(), language))?;
    let refresh = HeaderValue::from_str(&format!("{SECONDS}; url={}", onward.next));
    let page = Page {
        frame: Frame::new(&app, onward.tenant, language),
        csrf: browser.csrf(&app),
        to: request.to,
        next: onward.next,
    };
    let mut response = render(&page);
    if let Ok(refresh) = refresh {
        response.headers_mut().insert(header::REFRESH, refresh);
    }
    Ok(response)
}

pub(super) async fn options(
    State(app): State<AppState>,
    caller: Caller,
    browser: Browser,
    parts: Parts,
    CheckedJson(request): CheckedJson<Request>,
) -> Result<Json<OptionsAnswer>, Problem> {
    let onward = upgrade::onward(&app, browser.hash(), &request.to)?;
    let session = session(&app, &parts, &onward).await?;
    let registrant = Registrant::Session(&session);
    let public_key = register::begin(&app, &caller, registrant, Manner::Silent).await?;
    Ok(Json(OptionsAnswer { public_key }))
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    browser: Browser,
    language: Language,
    parts: Parts,
    CheckedJson(request): CheckedJson<SubmitRequest>,
) -> Result<Response, Problem> {
    let onward = upgrade::onward(&app, browser.hash(), &request.to)?;
    let session = session(&app, &parts, &onward).await?;
    let answer = register::Answer {
        response: request.credential.get().as_bytes(),
        name: Name::OfItsKind(Text(language)),
    };
    let registrant = Registrant::Session(&session);
    register::finish(&app, &caller, registrant, Manner::Silent, answer).await?;
    Ok((StatusCode::CREATED, Json(serde_json::json!({}))).into_response())
}

/// The session of the tenant that was just signed in to, also where the browser has others.
async fn session(
    app: &AppState,
    parts: &Parts,
    onward: &Onward,
) -> Result<CurrentSession, Problem> {
    let found = CurrentSession::find(app, parts, onward.tenant).await?;
    found.ok_or_else(|| {
        Problem::new(
            StatusCode::UNAUTHORIZED,
            "signed_out",
            "You are not signed in, or your session has ended.",
        )
    })
}
