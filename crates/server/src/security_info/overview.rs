//! `GET /security-info`: everything about a person's own sign-in on one page.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use policy::model::{Passkey, Registrar};
use serde::Deserialize;

use super::sheet::Sheet;
use crate::app::AppState;
use crate::flow::look;
use crate::pages::{
    Account, ConsentRow, Frame, Language, PasskeyRow, Place, SessionRow, SignInRow, When, render,
};
use crate::web::{CurrentSession, Problem, Query};

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "security_info/index.html")]
struct Page {
    frame: Frame,
    account: Account,
    done: Option<String>,
    signal: Signal,
    passkeys: Vec<PasskeyRow>,
    /// Whether one of them counts as a way in.
    has_passkey: bool,
    /// Whether one waits for its first use.
    has_unused: bool,
    /// Whether one that somebody else registered waits to be activated.
    has_waiting: bool,
    password_changed: Option<When>,
    totp_enrolled: Option<When>,
    sessions: Vec<SessionRow>,
    consents: Vec<ConsentRow>,
    sign_ins: Vec<SignInRow>,
}

/// What the passkey provider is told: the complete list for this account, and its names (WebAuthn Level 3, section
/// 5.1.10).
struct Signal {
    rp_id: String,
    user_id: String,
    credential_ids: String,
    name: String,
    display_name: String,
}

pub(super) async fn show(
    State(app): State<AppState>,
    session: CurrentSession,
    language: Language,
    Query(request): Query<Request>,
) -> Result<Response, Problem> {
    let info = look::security_info(&app, &session).await?;
    let sheet = Sheet {
        app: &app,
        session: &session,
        language,
    };
    let text = sheet.text();
    let current = Some(session.session.id);
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        done: request.done.and_then(|done| text.done(&done)),
        signal: Signal::new(&app, &session, &info.passkeys),
        has_passkey: info.passkeys.iter().any(Passkey::counts),
        has_waiting: info.passkeys.iter().any(|one| one.waiting),
        has_unused: info.passkeys.iter().any(|one| !one.user_verified),
        passkeys: PasskeyRow::of(text, &info),
        password_changed: info.password_changed.map(When::from),
        totp_enrolled: info.totp_enrolled.map(When::from),
        sessions: info
            .sessions
            .iter()
            .map(|s| SessionRow::new(text, s, current))
            .collect(),
        consents: info
            .consents
            .iter()
            .map(|one| ConsentRow::new(text, one))
            .collect(),
        sign_ins: info
            .sign_ins
            .iter()
            .map(|s| SignInRow::new(text, s))
            .collect(),
    };
    Ok(render(&page))
}

impl Signal {
    fn new(app: &AppState, session: &CurrentSession, passkeys: &[Passkey]) -> Self {
        // A disabled passkey stays on the list: it may be enabled again, and the provider would have dropped it.
        let ids: Vec<_> = passkeys
            .iter()
            .map(|passkey| URL_SAFE_NO_PAD.encode(&passkey.credential_id))
            .collect();
        Self {
            rp_id: app.config.relying_party.rp_id.as_str().to_owned(),
            user_id: URL_SAFE_NO_PAD.encode(session.user.handle.as_bytes()),
            credential_ids: ids.join(" "),
            name: session.user.user_principal_name.clone(),
            display_name: session.user.display_name.clone(),
        }
    }
}
