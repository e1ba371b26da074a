//! What all refusals of flows have in common.

use axum::http::StatusCode;
use policy::model::ApprovalId;

use crate::web::Problem;
use crate::web::problem::Signal;

/// A refusal or denial of a flow, ready for page and log.
pub trait Refused {
    /// Stable code, snake case; the same in the answer and in the log record.
    fn code(&self) -> &'static str;
    /// Under which name the catalogues of other languages have the user's sentence, where several codes share one or one
    /// code has several.
    fn said(&self) -> &'static str {
        self.code()
    }
    /// What the user reads: what happened and what to do.
    fn user_sentence(&self) -> String;
    /// What the administrator reads in the log.
    fn admin_sentence(&self) -> String;
    /// What the organisation adds in its own words, in whatever language.
    fn detail(&self) -> Option<&str> {
        None
    }
    /// HTTP status of the answer.
    fn status(&self) -> StatusCode;
    /// Seconds to wait, for refusals that pass.
    fn retry_after(&self) -> Option<i64> {
        None
    }
    /// What the browser should tell the passkey provider.
    fn signal(&self) -> Option<Signal> {
        None
    }

    /// The request that was kept instead, where it is not a no but waits for a second person.
    fn waits(&self) -> Option<ApprovalId> {
        None
    }

    /// The problem that says so.
    fn problem(&self) -> Problem {
        let mut problem = Problem::new(self.status(), self.code(), self.user_sentence())
            .said(self.said())
            .logged(self.admin_sentence());
        problem.retry_after = self.retry_after();
        problem.signal = self.signal();
        problem.detail = self.detail().map(str::to_owned);
        // A reader of pages is led to what was kept, where it says that it waits.
        problem.leads_to = self
            .waits()
            .map(|id| format!("/admin/approvals/{id}?done=approval-kept"));
        problem
    }
}
