//! `/signin/not-me`: the link of a notice. Opening it shows what would be taken back and changes nothing, because mail
//! scanners open every link; only the form on it does. Neither needs a sign-in.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use policy::model::{Notice, NoticeKind, NoticeSubject};
use serde::Deserialize;

use crate::app::AppState;
use crate::flow::{Caller, disown};
use crate::notify;
use crate::pages::{DisownedView, Frame, Language, Text, When, render};
use crate::web::{Browser, CheckedForm, CsrfToken, Problem, Query};

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    #[serde(default)]
    token: String,
}

#[derive(Template)]
#[template(path = "signin/not_me.html")]
struct Page {
    frame: Frame,
    csrf: CsrfToken,
    token: String,
    title: String,
    account: String,
    at: When,
    taken: Option<String>,
}

#[derive(Template)]
#[template(path = "signin/not_me_done.html")]
struct Done {
    frame: Frame,
    done: DisownedView,
    correlation: String,
}

pub(super) async fn show(
    State(app): State<AppState>,
    browser: Browser,
    language: Language,
    Query(request): Query<Request>,
) -> Result<Response, Problem> {
    let notice = disown::look(&app, &request.token)
        .await
        .map_err(|refusal| way_on(refusal.into(), language))?;
    let frame = Frame::new(&app, notice.tenant, language);
    let page = Page {
        csrf: browser.csrf(&app),
        token: request.token,
        title: notify::title(frame.text, notice.kind),
        account: notice.user.user_principal_name.clone(),
        at: notice.at.into(),
        taken: what_is_taken(frame.text, &notice),
        frame,
    };
    Ok(render(&page))
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    language: Language,
    CheckedForm(request): CheckedForm<Request>,
) -> Result<Response, Problem> {
    let disowned = disown::by_link(&app, &caller, &request.token)
        .await
        .map_err(|refusal| way_on(refusal.into(), language))?;
    let frame = Frame::without_tenant(&app, language);
    let page = Done {
        done: DisownedView::new(frame.text, &disowned),
        correlation: caller.correlation.to_string(),
        frame,
    };
    Ok(render(&page))
}

/// The sentence on what this notice leads to, besides the ending of all sessions.
fn what_is_taken(text: Text, notice: &Notice) -> Option<String> {
    let name = |id, name: &String| Some(text.with(id, "name", name).into_owned());
    match (&notice.subject, notice.kind) {
        (
            Some(NoticeSubject::Passkey { .. }),
            NoticeKind::PasskeyDeleted | NoticeKind::PasskeyRevoked,
        ) => None,
        (Some(NoticeSubject::Passkey { display_name, .. }), _) => {
            name("not-me-takes-passkey", display_name)
        }
        (Some(NoticeSubject::Pass { .. }), _) => Some(text.say("not-me-takes-pass").into_owned()),
        (_, NoticeKind::PasswordChanged | NoticeKind::PasswordReset) => {
            Some(text.say("not-me-takes-password").into_owned())
        }
        (_, NoticeKind::TotpEnrolled) => Some(text.say("not-me-takes-totp").into_owned()),
        _ => None,
    }
}

/// Somebody with a link that does not work can still look at their account.
fn way_on(problem: Problem, language: Language) -> Problem {
    problem.way_on("/security-info", Text(language).say("nav-security-info"))
}
