//! `POST /signin/identifier`: the person said who they are. The next page is the same for every name, known or not, unless a
//! policy binds the first factor of some people and not of others.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::form::Sheet;
use super::page::start_again;
use super::{first, pass, password};
use crate::app::AppState;
use crate::flow::{Caller, context};
use crate::pages::Language;
use crate::web::{Browser, CheckedForm, Problem};

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    #[serde(default)]
    ctx: String,
    username: String,
    #[serde(default)]
    method: Method,
    keep: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Method {
    #[default]
    Password,
    Pass,
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    browser: Browser,
    language: Language,
    CheckedForm(request): CheckedForm<Request>,
) -> Result<Response, Problem> {
    let context = context::open_or_default(&app, Some(&request.ctx))
        .map_err(|refusal| start_again(refusal.into(), language))?;
    let sheet = Sheet {
        app: &app,
        browser: &browser,
        language,
        context: &context,
    };
    let (username, keep) = (request.username.trim(), request.keep.is_some());
    let openings = sheet.openings(&caller, username).await?;
    let who = (username, keep, openings);
    Ok(match request.method {
        Method::Password if openings.password => password::page(&sheet, who, None),
        Method::Pass if openings.pass => pass::page(&sheet, who, None),
        Method::Password | Method::Pass => first::page(&sheet, who),
    })
}
