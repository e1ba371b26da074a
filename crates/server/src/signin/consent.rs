//! `/signin/consent`: what an application asks for, and the person's yes or no. Only a live session gets here, so a yes is
//! somebody's who has just proved who they are.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use policy::scopes::Scope;
use serde::Deserialize;

use super::form::again;
use super::page::start_again;
use crate::app::AppState;
use crate::flow::answer::{form_target, see_other};
use crate::flow::sign_in::{self, SingleSignOn};
use crate::flow::{Caller, OpenContext, consent, context};
use crate::pages::{Frame, Language, Text, When, render_with, scope_words};
use crate::web::{CheckedForm, CsrfToken, CurrentSession, Problem, Query};

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    #[serde(default)]
    ctx: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    ctx: String,
    #[serde(default)]
    answer: String,
}

#[derive(Template)]
#[template(path = "signin/consent.html")]
struct Page {
    frame: Frame,
    csrf: CsrfToken,
    ctx: String,
    application: String,
    username: String,
    /// Where the answer goes: the part of the address that cannot be dressed up.
    place: String,
    registered: When,
    description: Option<String>,
    wishes: Vec<Wish>,
    may_agree: bool,
    remembered: bool,
}

/// One scope on the page.
struct Wish {
    words: String,
    /// Its name, where words alone would say too little: what administrators agree to.
    name: Option<String>,
}

pub(super) async fn show(
    State(app): State<AppState>,
    language: Language,
    session: CurrentSession,
    Query(request): Query<Request>,
) -> Result<Response, Problem> {
    let context = opened(&app, language, &request.ctx)?;
    if !answers(&app, &context, &session) {
        return Ok(see_other(&again(&context)));
    }
    let question = consent::question(&app, &context, &session)
        .await
        .map_err(|refusal| start_again(refusal.into(), language))?;
    let frame = Frame::of(&app, &session, language);
    let address = context
        .request()
        .map(|request| request.to.redirect_uri.as_str());
    let application = question.application;
    let page = Page {
        csrf: session.csrf(&app),
        ctx: context.text().to_owned(),
        username: session.user.user_principal_name.clone(),
        place: address.map(place).unwrap_or_default(),
        registered: application.created.into(),
        description: Some(application.settings.description).filter(|text| !text.is_empty()),
        application: application.display_name,
        wishes: question
            .scopes
            .iter()
            .map(|name| Wish::new(frame.text, name))
            .collect(),
        may_agree: question.may_agree,
        remembered: !question.open.is_empty(),
        frame,
    };
    let status = match question.may_agree {
        true => StatusCode::OK,
        false => StatusCode::FORBIDDEN,
    };
    let mut response = render_with(status, &page);
    // The answer to the form leads on to the application.
    if let Some(target) = address.and_then(form_target) {
        response.extensions_mut().insert(target);
    }
    Ok(response)
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    language: Language,
    session: CurrentSession,
    CheckedForm(answer): CheckedForm<Answer>,
) -> Result<Response, Problem> {
    let context = opened(&app, language, &answer.ctx)?;
    if !answers(&app, &context, &session) {
        return Ok(see_other(&again(&context)));
    }
    let text = Text(language).say("signin-start-again");
    let way_on = |refusal| Problem::from(refusal).way_on(again(&context), text);
    if answer.answer != "yes" {
        let next = sign_in::decline(&app, &caller, &context, &session).await;
        return Ok(see_other(next.map_err(way_on)?.url()));
    }
    match sign_in::agree(&app, &caller, &context, &session).await {
        Ok(SingleSignOn::Done(next)) => Ok(see_other(next.url())),
        Ok(SingleSignOn::More(step)) => Ok(step.redirect()),
        Ok(SingleSignOn::MustNotAsk(..)) => Ok(see_other(&again(&context))),
        Err(refusal) => Err(way_on(refusal)),
    }
}

fn opened(app: &AppState, language: Language, ctx: &str) -> Result<OpenContext, Problem> {
    context::open(app, ctx).map_err(|refusal| start_again(refusal.into(), language))
}

/// Whether this session is one in which the request may be answered: not of another tenant or person, and not older than it
/// asks for.
fn answers(app: &AppState, context: &OpenContext, session: &CurrentSession) -> bool {
    let authenticated = session.session.authenticated;
    context.request().is_some_and(|request| {
        session.tenant() == context.tenant()
            && request.is_answered_by(session.user.id, authenticated, app.clock.now())
    })
}

/// The host of a web address, else its scheme.
fn place(address: &str) -> String {
    let Ok(url) = url::Url::parse(address) else {
        return String::new();
    };
    match url.host_str() {
        Some(host) => host.to_owned(),
        None => format!("{}:", url.scheme()),
    }
}

impl Wish {
    fn new(text: Text, name: &str) -> Self {
        let of_administrators =
            Scope::parse(name).is_some_and(|scope| !policy::consent::is_for_people(scope));
        Self {
            words: scope_words(text, name),
            name: of_administrators.then(|| name.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn a_place_is_what_nobody_can_choose_freely() {
        for (address, expected) in [
            ("https://app.example/back?x=bank.example", "app.example"),
            (
                "https://bank.example.app.example:8443/",
                "bank.example.app.example",
            ),
            ("http://localhost:53683/", "localhost"),
            ("com.example.app:/back", "com.example.app:"),
        ] {
            assert_eq!(place(address), expected);
        }
    }
}
