use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use crate::app::AppState;
use crate::flow::access::{self, Openings};
use crate::flow::answer::form_target;
use crate::flow::{Caller, Destination, OpenContext};
use crate::pages::{Frame, Language, RefusalView, render_with};
use crate::web::{Browser, CsrfToken, Problem};

/// What the form of every sign-in page has.
#[derive(Debug)]
pub(crate) struct Form {
    pub csrf: CsrfToken,
    /// The sealed context; empty outside of a sign-in.
    pub ctx: String,
    /// This page's address, to be copied into another browser.
    pub this_address: String,
    /// The sentence for a ceremony that nobody confirmed.
    pub cancelled_text: String,
}

/// Draws a sign-in page in the frame of the context's tenant.
pub(super) struct Sheet<'a> {
    pub app: &'a AppState,
    pub browser: &'a Browser,
    pub language: Language,
    pub context: &'a OpenContext,
}

impl Sheet<'_> {
    /// What this person may begin with, as far as policies know.
    pub async fn openings(&self, caller: &Caller, name: &str) -> Result<Openings, Problem> {
        let found = access::openings(self.app, caller, self.context, name).await;
        found.map_err(|error| Problem::internal(format!("store: {error}")))
    }

    /// The problem, with the beginning of the same sign-in where it began the wrong way.
    pub fn begin_otherwise(&self, problem: Problem) -> Problem {
        match problem.code {
            "first_factor_not_allowed" => {
                let text = self.frame().text.say("signin-start-again");
                problem.way_on(again(self.context), text)
            }
            _ => problem,
        }
    }

    pub fn frame(&self) -> Frame {
        Frame::new(self.app, self.context.tenant(), self.language)
    }

    pub fn form(&self, cancelled: &str) -> Form {
        let ctx = self.context.text().to_owned();
        Form {
            csrf: self.browser.csrf(self.app),
            this_address: format!("{}{}", self.app.config.origin(), self.address()),
            cancelled_text: self.frame().text.say(cancelled).into_owned(),
            ctx,
        }
    }

    /// Where another browser begins: the page the person wanted, or this sign-in to an application.
    fn address(&self) -> String {
        match &self.context.value().destination {
            Destination::Page(page) => page.as_str().to_owned(),
            Destination::Application { .. } => again(self.context),
        }
    }

    /// The page. Its policy lets a form be sent on to the application, which browsers otherwise stop at the redirect
    /// that follows the post.
    pub fn answer(&self, status: StatusCode, page: &impl Template) -> Response {
        let mut response = render_with(status, page);
        if let Some(target) = self
            .context
            .request()
            .and_then(|r| form_target(&r.to.redirect_uri))
        {
            response.extensions_mut().insert(target);
        }
        response
    }
}

/// The name of the application that asked, if one did.
pub(super) fn application(context: &OpenContext) -> Option<String> {
    match &context.value().destination {
        Destination::Application { name, .. } => Some(name.clone()),
        Destination::Page(_) => None,
    }
}

/// Where a refusal is said: on the form that can be corrected, or on a page of its own.
pub(super) fn is_for_the_form(problem: &Problem) -> bool {
    matches!(
        problem.code,
        "wrong_credentials"
            | "too_many_failures"
            | "code_replayed"
            | "password_too_weak"
            | "contended"
    )
}

/// The link that begins the same sign-in again.
pub(super) fn again(context: &OpenContext) -> String {
    format!("/signin?ctx={}", context.text())
}

/// What is shown again on a form after a refusal.
pub(super) type Refusal = Option<RefusalView>;
