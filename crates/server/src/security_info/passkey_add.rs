//! `/security-info/passkeys/add`: a signed-in person makes a passkey.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use ceremony::CreationOptions;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::sheet::Sheet;
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::register::{self, Manner, Name, RegisterRefusal, Registrant};
use crate::pages::{Account, Frame, Language, Place, Text, render};
use crate::signin::Form;
use crate::web::{CheckedJson, Problem, RegisteringSession};

const HERE: &str = "/security-info/passkeys/add";

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OptionsAnswer {
    /// `PublicKeyCredentialCreationOptionsJSON` (WebAuthn Level 3, section 5.1.8).
    public_key: CreationOptions,
}

#[derive(Debug, Deserialize)]
pub(super) struct OptionsRequest {}

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    /// `RegistrationResponseJSON`, handed on unread.
    credential: Box<RawValue>,
}

#[derive(Debug, Serialize)]
pub(super) struct Answer {
    next: String,
}

#[derive(Template)]
#[template(path = "security_info/passkey_add.html")]
struct Page {
    frame: Frame,
    account: Account,
    form: Form,
}

/// What policy will refuse is said here, before anybody touches a key.
pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    RegisteringSession { current: session }: RegisteringSession,
    language: Language,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        session: &session,
        language,
    };
    let refused = |refusal: RegisterRefusal| sheet.way_on(refusal.into(), HERE);
    let preflight = register::preflight(&app, &caller, Registrant::Session(&session))
        .await
        .map_err(refused)?;
    preflight.asked.map_err(refused)?;
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        form: Form {
            csrf: session.csrf(&app),
            ctx: String::new(),
            this_address: format!("{}{HERE}", app.config.origin()),
            cancelled_text: sheet.text().say("ceremony-cancelled-register").into_owned(),
        },
    };
    Ok(render(&page))
}

pub(super) async fn options(
    State(app): State<AppState>,
    caller: Caller,
    RegisteringSession { current: session }: RegisteringSession,
    CheckedJson(OptionsRequest {}): CheckedJson<OptionsRequest>,
) -> Result<Json<OptionsAnswer>, Problem> {
    let registrant = Registrant::Session(&session);
    let public_key = register::begin(&app, &caller, registrant, Manner::Asked).await?;
    Ok(Json(OptionsAnswer { public_key }))
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    RegisteringSession { current: session }: RegisteringSession,
    language: Language,
    CheckedJson(request): CheckedJson<Request>,
) -> Result<Json<Answer>, Problem> {
    let answer = register::Answer {
        response: request.credential.get().as_bytes(),
        name: Name::OfItsKind(Text(language)),
    };
    let registrant = Registrant::Session(&session);
    let made = register::finish(&app, &caller, registrant, Manner::Asked, answer).await?;
    let next = format!("/security-info/passkeys/{}/name?new=1", made.passkey.id);
    Ok(Json(Answer { next }))
}
