use axum::response::Response;
use policy::model::{CorrelationId, GroupId, UserId};
use serde::Deserialize;

use crate::app::AppState;
use crate::flow::answer::see_other;
use crate::flow::{LocalPath, context};
use crate::pages::{Account, Frame, Language, Place, RefusalView, Text, wants_fresh_sign_in};
use crate::web::{AdminSession, Problem};

/// A form that carries nothing but its token.
#[derive(Debug, Deserialize)]
pub(super) struct Empty {}

/// Draws a page of the administration.
pub(super) struct Sheet<'a> {
    pub app: &'a AppState,
    pub admin: &'a AdminSession,
    pub language: Language,
    pub place: Place,
}

impl Sheet<'_> {
    pub fn frame(&self) -> Frame {
        Frame::of(self.app, &self.admin.current, self.language)
    }

    pub fn account(&self) -> Account {
        Account::new(self.app, &self.admin.current, self.place)
    }

    pub fn text(&self) -> Text {
        Text(self.language)
    }

    pub fn refusal(&self, problem: &Problem, correlation: CorrelationId) -> RefusalView {
        RefusalView::new(self.text(), problem, correlation)
    }

    /// The problem with the way back to `page`, or to a fresh sign-in that leads there.
    pub fn way_on(&self, problem: Problem, page: &str) -> Problem {
        let fresh = wants_fresh_sign_in(&problem);
        let context = LocalPath::parse(page)
            .filter(|_| fresh)
            .and_then(|page| context::to_page(self.app, self.admin.current.tenant(), page).ok());
        match context {
            Some(context) => {
                let href = format!("/signin?ctx={}", context.text());
                problem.way_on(href, self.text().say("signin-title"))
            }
            None => problem.way_on(page, self.text().say("back")),
        }
    }
}

/// The address of a user's page.
pub(super) fn path(user: UserId) -> String {
    format!("/admin/users/{user}")
}

/// The address of a group's page.
pub(super) fn path_of_group(group: GroupId) -> String {
    format!("/admin/groups/{group}")
}

/// The same, with the receipt of what was ended.
pub(super) fn back_with_receipt(
    user: UserId,
    done: &'static str,
    correlation: CorrelationId,
) -> Response {
    see_other(&format!(
        "/admin/users/{user}?done={done}&receipt={correlation}"
    ))
}

/// Back to the user's page, which says what was done. `done` is the end of a `done-…` message's id.
pub(super) fn back(user: UserId, done: &'static str) -> Response {
    see_other(&format!("/admin/users/{user}?done={done}"))
}
