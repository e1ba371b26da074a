//! `/security-info/passkeys/{passkey}/name`: naming a passkey, right after it was made or later.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use policy::model::PasskeyId;
use serde::Deserialize;

use super::sheet::{Sheet, back};
use crate::app::AppState;
use crate::flow::{Caller, look, register};
use crate::pages::{Account, Frame, Language, Place, RefusalView, render_with};
use crate::web::{CheckedForm, CurrentSession, Path, Problem, Query};

#[derive(Debug, Deserialize)]
pub(super) struct ShowRequest {
    /// Present right after the passkey was made.
    new: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    name: String,
    new: Option<String>,
}

#[derive(Template)]
#[template(path = "security_info/passkey_name.html")]
struct Page {
    frame: Frame,
    account: Account,
    refusal: Option<RefusalView>,
    id: PasskeyId,
    name: String,
    is_new: bool,
}

pub(super) async fn show(
    State(app): State<AppState>,
    session: CurrentSession,
    language: Language,
    Path(id): Path<PasskeyId>,
    Query(request): Query<ShowRequest>,
) -> Result<Response, Problem> {
    let info = look::security_info(&app, &session).await?;
    let passkey = info.passkeys.into_iter().find(|passkey| passkey.id == id);
    let name = passkey.ok_or_else(Problem::not_found)?.display_name;
    let sheet = Sheet {
        app: &app,
        session: &session,
        language,
    };
    let is_new = request.new.is_some();
    Ok(page(&sheet, StatusCode::OK, None, id, name, is_new))
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    session: CurrentSession,
    language: Language,
    Path(id): Path<PasskeyId>,
    CheckedForm(request): CheckedForm<Request>,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        session: &session,
        language,
    };
    let is_new = request.new.is_some();
    match register::rename(&app, &caller, &session.user, id, &request.name).await {
        Ok(_) if is_new => Ok(back("passkey-added")),
        Ok(_) => Ok(back("passkey-renamed")),
        Err(register::RegisterRefusal::NameInvalid) => {
            let problem = register::RegisterRefusal::NameInvalid.into();
            let refusal = sheet.refusal(&problem, caller.correlation).at("name");
            Ok(page(
                &sheet,
                problem.status,
                Some(refusal),
                id,
                request.name,
                is_new,
            ))
        }
        Err(refusal) => Err(sheet.way_on(refusal.into(), "/security-info")),
    }
}

fn page(
    sheet: &Sheet<'_>,
    status: StatusCode,
    refusal: Option<RefusalView>,
    id: PasskeyId,
    name: String,
    is_new: bool,
) -> Response {
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        refusal,
        id,
        name,
        is_new,
    };
    render_with(status, &page)
}
