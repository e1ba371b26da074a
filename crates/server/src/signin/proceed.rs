//! `GET /signin/continue`: a live session goes on: to a page of ours that asks for more than the session has, or to an
//! application after the prompt of a campaign.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::form::again;
use super::page::start_again;
use crate::app::AppState;
use crate::flow::answer::see_other;
use crate::flow::sign_in::SingleSignOn;
use crate::flow::{Caller, OpenContext, context, sign_in};
use crate::pages::{Language, Text};
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
    let authenticated = session.session.authenticated;
    let answers = context.request().is_none_or(|request| {
        request.is_answered_by(session.user.id, authenticated, app.clock.now())
    });
    if session.tenant() != context.tenant() || !answers {
        return Ok(see_other(&again(&context)));
    }
    proceed(&app, &caller, &context, &session, language).await
}

/// Where a live session leads, or what it has to show first.
pub(super) async fn proceed(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    session: &CurrentSession,
    language: Language,
) -> Result<Response, Problem> {
    match sign_in::single_sign_on(app, caller, context, session).await {
        Ok(SingleSignOn::Done(next)) => Ok(see_other(next.url())),
        Ok(SingleSignOn::More(step)) => Ok(step.redirect()),
        Ok(SingleSignOn::MustNotAsk(..)) => Ok(see_other(&again(context))),
        Err(refusal) => {
            let text = Text(language).say("signin-start-again");
            Err(Problem::from(refusal).way_on(again(context), text))
        }
    }
}
