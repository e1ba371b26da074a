use policy::model::CorrelationId;

use super::messages::Text;
use super::problem::problem_message;
use crate::web::Problem;

/// A refusal shown on the page it happened on, beside the form that can be sent again.
#[derive(Debug, Clone)]
pub struct RefusalView {
    /// The heading of the summary.
    pub title: String,
    /// What happened and what to do.
    pub message: String,
    /// What the organisation adds.
    pub detail: Option<String>,
    /// The stable code.
    pub code: &'static str,
    /// The id of the field to look at.
    pub field: Option<&'static str>,
    /// Finds the log record.
    pub correlation_id: Option<CorrelationId>,
}

impl RefusalView {
    /// The summary of `problem`.
    pub fn new(text: Text, problem: &Problem, correlation: CorrelationId) -> Self {
        Self {
            title: text.say("problem-title-refused").into_owned(),
            message: problem_message(text, problem.said, &problem.message),
            detail: problem.detail.clone(),
            code: problem.code,
            field: None,
            correlation_id: Some(correlation),
        }
    }

    /// A mistake in a form that was found before any flow was asked, so no record exists.
    pub fn mistake(text: Text, message: &str, code: &'static str) -> Self {
        Self {
            title: text.say("problem-title-refused").into_owned(),
            message: text.say(message).into_owned(),
            detail: None,
            code,
            field: None,
            correlation_id: None,
        }
    }

    /// The same, leading to the field with this id.
    #[must_use]
    pub fn at(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }
}
