//! `GET /signin/resume`: goes on with a sign-in whose session has begun but whose answer was not fetched in time, because
//! the person was still naming the new passkey.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::form::again;
use super::page::start_again;
use super::proceed::proceed;
use crate::app::AppState;
use crate::flow::answer::see_other;
use crate::flow::{Caller, context};
use crate::pages::Language;
use crate::web::{CurrentSession, Problem, Query};

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    #[serde(default)]
    ctx: String,
}

pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    language: Language,
    session: CurrentSession,
    Query(request): Query<Request>,
) -> Result<Response, Problem> {
    let context = context::open(&app, &request.ctx)
        .map_err(|refusal| start_again(refusal.into(), language))?;
    // An older session must not answer a request that asked for a fresh sign-in.
    let begun = context.value().expires.minus(context::LIFETIME);
    if session.session.authenticated < begun || session.tenant() != context.tenant() {
        return Ok(see_other(&again(&context)));
    }
    proceed(&app, &caller, &context, &session, language).await
}
