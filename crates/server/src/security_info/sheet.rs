use axum::response::Response;
use policy::model::CorrelationId;

use crate::app::AppState;
use crate::flow::answer::see_other;
use crate::flow::{LocalPath, context};
use crate::pages::{Account, Frame, Language, Place, RefusalView, Text, wants_fresh_sign_in};
use crate::web::{CurrentSession, Problem};

/// Draws a page of the signed-in person.
pub(super) struct Sheet<'a> {
    pub app: &'a AppState,
    pub session: &'a CurrentSession,
    pub language: Language,
}

impl Sheet<'_> {
    pub fn frame(&self) -> Frame {
        Frame::of(self.app, self.session, self.language)
    }

    pub fn account(&self) -> Account {
        Account::new(self.app, self.session, Place::SecurityInfo)
    }

    pub fn text(&self) -> Text {
        Text(self.language)
    }

    pub fn refusal(&self, problem: &Problem, correlation: CorrelationId) -> RefusalView {
        RefusalView::new(self.text(), problem, correlation)
    }

    /// The problem with the way on that it needs: to a fresh sign-in that comes back to `page`, or to the overview.
    pub fn way_on(&self, problem: Problem, page: &str) -> Problem {
        if problem.way_on.is_some() {
            return problem;
        }
        if !wants_fresh_sign_in(&problem) {
            return problem.way_on("/security-info", self.text().say("nav-security-info"));
        }
        let page = LocalPath::parse(page).unwrap_or_else(LocalPath::security_info);
        match context::to_page(self.app, self.session.tenant(), page) {
            Ok(context) => {
                let href = format!("/signin?ctx={}", context.text());
                problem.way_on(href, self.text().say("signin-title"))
            }
            Err(refusal) => refusal.into(),
        }
    }
}

/// Back to the overview, which says what was done. `done` is the end of a `done-…` message's id.
pub(super) fn back(done: &'static str) -> Response {
    see_other(&format!("/security-info?done={done}"))
}
