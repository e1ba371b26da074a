//! `/security-info/password`: a person changes their own password.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::sheet::{Sheet, back};
use crate::app::AppState;
use crate::flow::credentials::{self, CredentialRefusal};
use crate::flow::{Caller, SecretText};
use crate::pages::{Account, Frame, Language, Place, RefusalView, render_with};
use crate::web::{CheckedForm, CurrentSession, Problem};

const HERE: &str = "/security-info/password";

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    current: SecretText,
    new: SecretText,
    again: SecretText,
}

#[derive(Template)]
#[template(path = "security_info/password.html")]
struct Page {
    frame: Frame,
    account: Account,
    refusal: Option<RefusalView>,
    minimum: usize,
}

impl Page {
    fn wrong(&self, field: &str) -> bool {
        self.refusal.as_ref().and_then(|r| r.field) == Some(field)
    }
}

pub(super) async fn show(
    State(app): State<AppState>,
    session: CurrentSession,
    language: Language,
) -> Response {
    let sheet = Sheet {
        app: &app,
        session: &session,
        language,
    };
    page(&sheet, StatusCode::OK, None)
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    session: CurrentSession,
    language: Language,
    CheckedForm(request): CheckedForm<Request>,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        session: &session,
        language,
    };
    if request.new.expose() != request.again.expose() {
        let refusal = RefusalView::mistake(sheet.text(), "password-mismatch", "password_mismatch");
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(page(&sheet, status, Some(refusal.at("again"))));
    }
    let changed =
        credentials::change_password(&app, &caller, &session, request.current, request.new).await;
    let Err(refusal) = changed else {
        return Ok(back("password-changed"));
    };
    let field = match refusal {
        CredentialRefusal::WrongPassword | CredentialRefusal::TooManyFailures { .. } => "current",
        CredentialRefusal::PasswordTooWeak => "new",
        other => return Err(sheet.way_on(other.into(), HERE)),
    };
    let problem = refusal.into();
    let refusal = sheet.refusal(&problem, caller.correlation).at(field);
    Ok(page(&sheet, problem.status, Some(refusal)))
}

fn page(sheet: &Sheet<'_>, status: StatusCode, refusal: Option<RefusalView>) -> Response {
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        refusal,
        minimum: 8,
    };
    render_with(status, &page)
}
