//! `POST /security-info/export`: everything that is kept about the signed-in person, as a file.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::sheet::Sheet;
use crate::app::AppState;
use crate::flow::{Caller, personal_data};
use crate::pages::{Language, download};
use crate::web::{CheckedForm, CurrentSession, Problem};

#[derive(Debug, Deserialize)]
pub(super) struct Request {}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    session: CurrentSession,
    language: Language,
    CheckedForm(Request {}): CheckedForm<Request>,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        session: &session,
        language,
    };
    let document = personal_data::own(&app, &caller, &session).await;
    let document = document.map_err(|refusal| sheet.way_on(refusal.into(), "/security-info"))?;
    Ok(download(
        "keyward-personal-data.json",
        format!("{document:#}\n"),
    ))
}
