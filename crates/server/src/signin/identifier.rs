//! `POST /signin/identifier`: the person said who they are. The next page is the same for every name, known or not.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::form::Sheet;
use super::page::start_again;
use super::{pass, password};
use crate::app::AppState;
use crate::flow::context;
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
    Ok(match request.method {
        Method::Password => password::page(&sheet, username, keep, None),
        Method::Pass => pass::page(&sheet, username, keep, None),
    })
}
