//! `/security-info/passkeys/{passkey}/activate`: the owner of a passkey that somebody else registered shows it.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use ceremony::RequestOptions;
use policy::model::PasskeyId;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::sheet::Sheet;
use crate::app::AppState;
use crate::flow::register::{self, RegisterRefusal};
use crate::flow::{Caller, look};
use crate::pages::{Account, Frame, Language, Place, render};
use crate::signin::Form;
use crate::web::{CheckedJson, Path, Problem, RegisteringSession};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OptionsAnswer {
    /// `PublicKeyCredentialRequestOptionsJSON` (WebAuthn Level 3, section 5.1.9).
    public_key: RequestOptions,
}

#[derive(Debug, Deserialize)]
pub(super) struct OptionsRequest {}

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    /// `AuthenticationResponseJSON`, handed on unread.
    credential: Box<RawValue>,
}

#[derive(Debug, Serialize)]
pub(super) struct Answer {
    next: &'static str,
}

#[derive(Template)]
#[template(path = "security_info/passkey_activate.html")]
struct Page {
    frame: Frame,
    account: Account,
    form: Form,
    id: PasskeyId,
    name: String,
}

/// What policy will refuse is said here, before anybody touches a key.
pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    RegisteringSession { current: session }: RegisteringSession,
    language: Language,
    Path(id): Path<PasskeyId>,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        session: &session,
        language,
    };
    let here = format!("/security-info/passkeys/{id}/activate");
    let refused = |refusal: RegisterRefusal| sheet.way_on(refusal.into(), &here);
    let asked = register::begin_activation(&app, &caller, &session, id).await;
    asked.map_err(refused)?;
    let info = look::security_info(&app, &session).await?;
    let passkey = info.passkeys.into_iter().find(|passkey| passkey.id == id);
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        form: Form {
            csrf: session.csrf(&app),
            ctx: String::new(),
            this_address: format!("{}{here}", app.config.origin()),
            cancelled_text: sheet.text().say("ceremony-cancelled-signin").into_owned(),
        },
        id,
        name: passkey.ok_or_else(Problem::not_found)?.display_name,
    };
    Ok(render(&page))
}

pub(super) async fn options(
    State(app): State<AppState>,
    caller: Caller,
    RegisteringSession { current: session }: RegisteringSession,
    Path(id): Path<PasskeyId>,
    CheckedJson(OptionsRequest {}): CheckedJson<OptionsRequest>,
) -> Result<Json<OptionsAnswer>, Problem> {
    let public_key = register::begin_activation(&app, &caller, &session, id).await?;
    Ok(Json(OptionsAnswer { public_key }))
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    RegisteringSession { current: session }: RegisteringSession,
    Path(id): Path<PasskeyId>,
    CheckedJson(request): CheckedJson<Request>,
) -> Result<Json<Answer>, Problem> {
    let response = request.credential.get().as_bytes();
    register::finish_activation(&app, &caller, &session, id, response).await?;
    let next = "/security-info?done=passkey-activated";
    Ok(Json(Answer { next }))
}
