//! `/security-info/passkeys/{passkey}/delete`: says what deleting will end, then does it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use policy::model::PasskeyId;
use serde::Deserialize;

use super::sheet::{Sheet, back};
use crate::app::AppState;
use crate::flow::{Caller, look, revoke};
use crate::pages::{Account, Frame, Language, PasskeyRow, Place, render};
use crate::web::{CheckedForm, CurrentSession, Path, Problem};

#[derive(Debug, Deserialize)]
pub(super) struct Request {}

#[derive(Template)]
#[template(path = "security_info/passkey_delete.html")]
struct Page {
    frame: Frame,
    account: Account,
    passkey: PasskeyRow,
    is_last: bool,
    ends_this_session: bool,
}

/// Shown when the session went with its passkey, so that the provider is still told.
#[derive(Template)]
#[template(path = "security_info/passkey_deleted.html")]
struct Deleted {
    frame: Frame,
    rp_id: String,
    credential_id: String,
}

pub(super) async fn show(
    State(app): State<AppState>,
    session: CurrentSession,
    language: Language,
    Path(id): Path<PasskeyId>,
) -> Result<Response, Problem> {
    let info = look::security_info(&app, &session).await?;
    let sheet = Sheet {
        app: &app,
        session: &session,
        language,
    };
    let mut rows = PasskeyRow::of(sheet.text(), &info).into_iter();
    let passkey = rows.find(|passkey| passkey.id == id);
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        passkey: passkey.ok_or_else(Problem::not_found)?,
        is_last: !info.passkeys.iter().any(|one| one.counts() && one.id != id),
        ends_this_session: session.session.passkey == Some(id),
    };
    Ok(render(&page))
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    session: CurrentSession,
    language: Language,
    Path(id): Path<PasskeyId>,
    CheckedForm(Request {}): CheckedForm<Request>,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        session: &session,
        language,
    };
    let here = format!("/security-info/passkeys/{id}/delete");
    let receipt = revoke::own_passkey(&app, &caller, &session.user, &session.session, id)
        .await
        .map_err(|refusal| sheet.way_on(refusal.into(), &here))?;
    match receipt.passkey {
        Some(passkey) if session.session.passkey == Some(id) => Ok(render(&Deleted {
            frame: sheet.frame(),
            rp_id: app.config.relying_party.rp_id.as_str().to_owned(),
            credential_id: URL_SAFE_NO_PAD.encode(passkey.credential_id),
        })),
        _ => Ok(back("passkey-deleted")),
    }
}
