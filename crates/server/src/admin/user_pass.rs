//! `/admin/users/{user}/pass`: issues a Temporary Access Pass and shows it once.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use policy::model::{PassUse, Span, UserId};
use policy::passes::Wish;
use serde::Deserialize;

use super::sheet::{Sheet, path};
use crate::app::AppState;
use crate::flow::administer::{self, AdministerRefusal};
use crate::flow::govern::Governor;
use crate::flow::{Caller, SecretText, look};
use crate::pages::{Account, Frame, Language, Place, RefusalView, When, render, render_with};
use crate::web::{AdminSession, CheckedForm, Path, Problem};

/// Entra's default lifetime.
const MINUTES: &str = "60";

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    /// As typed, so that nonsense is refused on the form.
    minutes: String,
    /// Sent by a ticked box only.
    once: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/pass.html")]
struct Page {
    frame: Frame,
    account: Account,
    refusal: Option<RefusalView>,
    id: UserId,
    user_name: String,
    minutes: String,
    once: bool,
}

/// A page that shows a secret for the only time.
#[derive(Template)]
#[template(path = "admin/secret_once.html")]
pub(super) struct Once {
    pub frame: Frame,
    pub account: Account,
    pub id: UserId,
    pub user_name: String,
    pub title: String,
    pub message: String,
    pub label: String,
    pub secret: SecretText,
    pub ends: Option<When>,
}

pub(super) async fn show(
    State(app): State<AppState>,
    admin: AdminSession,
    language: Language,
    Path(id): Path<UserId>,
) -> Result<Response, Problem> {
    let user = look::user(&app, &admin, id).await?.user;
    let sheet = Sheet {
        app: &app,
        admin: &admin,
        language,
        place: Place::Users,
    };
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        refusal: None,
        id,
        user_name: user.display_name,
        minutes: MINUTES.to_owned(),
        once: true,
    };
    Ok(render(&page))
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    admin: AdminSession,
    language: Language,
    Path(id): Path<UserId>,
    CheckedForm(request): CheckedForm<Request>,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        admin: &admin,
        language,
        place: Place::Users,
    };
    let user_name = look::user(&app, &admin, id).await?.user.display_name;
    let problem: Problem = match issue(&app, &caller, &admin, id, &request).await {
        Ok(issued) => return Ok(once(&sheet, id, user_name, issued)),
        Err(refusal) => refusal.into(),
    };
    if !matches!(
        problem.code,
        "field_invalid" | "pass_lifetime_out_of_range" | "pass_once_only"
    ) {
        return Err(sheet.way_on(problem, &path(id)));
    }
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        refusal: Some(sheet.refusal(&problem, caller.correlation).at("minutes")),
        id,
        user_name,
        minutes: request.minutes,
        once: request.once.is_some(),
    };
    Ok(render_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

async fn issue(
    app: &AppState,
    caller: &Caller,
    admin: &AdminSession,
    user: UserId,
    request: &Request,
) -> Result<administer::IssuedPass, AdministerRefusal> {
    let minutes = request.minutes.trim().parse::<u32>();
    let minutes = minutes.map_err(|_| AdministerRefusal::FieldInvalid("minutes"))?;
    let wish = Wish {
        lifetime: Some(Span::minutes(minutes.into())),
        usable: Some(if request.once.is_some() {
            PassUse::Once
        } else {
            PassUse::Many
        }),
    };
    administer::issue_pass(
        app,
        caller,
        &Governor::person(admin, caller),
        user,
        wish,
        None,
    )
    .await
}

fn once(
    sheet: &Sheet<'_>,
    id: UserId,
    user_name: String,
    issued: administer::IssuedPass,
) -> Response {
    let text = sheet.text();
    render(&Once {
        frame: sheet.frame(),
        account: sheet.account(),
        id,
        user_name,
        title: text.say("pass-issued-title").into_owned(),
        message: text.say("pass-issued-text").into_owned(),
        label: text.say("method-pass").into_owned(),
        secret: issued.code,
        ends: Some(issued.pass.ends().into()),
    })
}
