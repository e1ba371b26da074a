use askama::Template;
use axum::http::StatusCode;

use super::frame::Frame;
use super::messages::{Language, Text};
use crate::app::AppState;
use crate::web::problem::WayOn;
use crate::web::{Problem, ProblemView};

#[derive(Template)]
#[template(path = "problem.html")]
struct Page<'a> {
    frame: Frame,
    title: String,
    message: String,
    detail: Option<&'a str>,
    way_on: Option<&'a WayOn>,
    code: &'a str,
    correlation_id: &'a str,
}

/// The page that shows a problem. Drawn outside of any handler, so it cannot itself end in a problem page: should the
/// template fail, the bare facts are sent.
pub fn problem_page(app: &AppState, language: Language, problem: &ProblemView<'_>) -> String {
    let frame = Frame::without_tenant(app, language);
    let page = Page {
        title: title(frame.text, problem.status),
        message: problem_message(frame.text, problem.said, problem.message),
        detail: problem.detail,
        way_on: problem.way_on,
        code: problem.code,
        correlation_id: &problem.correlation_id,
        frame,
    };
    page.render()
        .unwrap_or_else(|_| format!("<!doctype html><title>{0}</title><p>{0}</p>", problem.code))
}

/// The sentence for the person: the catalogue's under this name (mostly the code) where it has one, else the refusal's own.
///
/// The English sentences live beside the rules they explain, so only other languages have `refusal-…` messages; a test
/// sees to it that they have all of them.
pub fn problem_message(text: Text, said: &str, sentence: &str) -> String {
    let id = format!("refusal-{}", said.replace('_', "-"));
    if text.has(&id) {
        text.say(&id).into_owned()
    } else {
        sentence.to_owned()
    }
}

/// Whether signing in again is what the person can do about it.
pub fn wants_fresh_sign_in(problem: &Problem) -> bool {
    matches!(problem.code, "mfa_not_fresh" | "fresh_mfa_required")
}

fn title(text: Text, status: u16) -> String {
    let id = match StatusCode::from_u16(status) {
        Ok(StatusCode::FORBIDDEN) => "problem-title-denied",
        Ok(StatusCode::NOT_FOUND) => "problem-title-not-found",
        Ok(status) if status.is_server_error() => "problem-title-ours",
        _ => "problem-title-refused",
    };
    text.say(id).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_said_in_the_readers_language_where_the_catalogue_can() {
        let german = problem_message(Text(Language::German), "wrong_credentials", "Wrong.");
        assert_ne!(german, "Wrong.");
        assert_eq!(
            problem_message(Text(Language::English), "wrong_credentials", "Wrong."),
            "Wrong."
        );
        assert_eq!(
            problem_message(Text(Language::German), "no_such_code", "Wrong."),
            "Wrong."
        );
    }
}
