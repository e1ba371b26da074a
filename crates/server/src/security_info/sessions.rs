//! `POST /security-info/sessions/{session}/end` and `POST /security-info/sign-out-everywhere`.

use axum::extract::State;
use axum::response::Response;
use policy::model::SessionId;
use serde::Deserialize;

use super::sheet::{Sheet, back};
use crate::app::AppState;
use crate::flow::answer::see_other;
use crate::flow::{Caller, revoke};
use crate::oidc::frontchannel;
use crate::pages::Language;
use crate::web::{CheckedForm, CurrentSession, Path, Problem};

#[derive(Debug, Deserialize)]
pub(super) struct Request {}

pub(super) async fn end(
    State(app): State<AppState>,
    caller: Caller,
    session: CurrentSession,
    language: Language,
    Path(which): Path<SessionId>,
    CheckedForm(Request {}): CheckedForm<Request>,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        session: &session,
        language,
    };
    revoke::own_session(&app, &caller, &session, which)
        .await
        .map_err(|refusal| sheet.way_on(refusal.into(), "/security-info"))?;
    Ok(back("session-ended"))
}

/// This session ends too, so the next page is the one for people who are signed out.
pub(super) async fn sign_out_everywhere(
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
    let told = frontchannel::pages(&app, &session).await?;
    revoke::sign_out_everywhere(&app, &caller, &session.user)
        .await
        .map_err(|refusal| sheet.way_on(refusal.into(), "/security-info"))?;
    let onward = told.onward(&app, session.tenant(), None)?;
    Ok(see_other(&onward))
}
