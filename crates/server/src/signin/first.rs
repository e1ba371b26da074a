//! The page for somebody whose first factor a policy binds: what they may begin with, and nothing else.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::form::{Form, Sheet, application};
use crate::flow::access::Openings;
use crate::pages::Frame;

#[derive(Template)]
#[template(path = "signin/first.html")]
struct Page<'a> {
    frame: Frame,
    form: Form,
    application: Option<String>,
    username: &'a str,
    keep: bool,
    openings: Openings,
    autofill: bool,
}

/// The page.
pub(super) fn page(
    sheet: &Sheet<'_>,
    (username, keep, openings): (&str, bool, Openings),
) -> Response {
    let page = Page {
        frame: sheet.frame(),
        form: sheet.form("ceremony-cancelled-signin"),
        application: application(sheet.context),
        username,
        keep,
        openings,
        autofill: false,
    };
    sheet.answer(StatusCode::OK, &page)
}
