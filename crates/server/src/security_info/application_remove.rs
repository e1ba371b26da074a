//! `POST /security-info/applications/{application}/remove`: takes back what an application was given.

use axum::extract::State;
use axum::response::Response;
use policy::model::ApplicationId;
use serde::Deserialize;

use super::sheet::{Sheet, back};
use crate::app::AppState;
use crate::flow::{Caller, Refused as _, consent};
use crate::pages::Language;
use crate::web::{CheckedForm, CurrentSession, Path, Problem};

#[derive(Debug, Deserialize)]
pub(super) struct Request {}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    session: CurrentSession,
    language: Language,
    Path(application): Path<ApplicationId>,
    CheckedForm(Request {}): CheckedForm<Request>,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        session: &session,
        language,
    };
    consent::take_back(&app, &caller, &session, application)
        .await
        .map_err(|refusal| sheet.way_on(refusal.problem(), "/security-info"))?;
    Ok(back("application-removed"))
}
