use policy::model::{CorrelationId, UserId};
use serde::Deserialize;

use crate::app::AppState;
use crate::flow::look::{self, LogFilter};
use crate::pages::{RefusalView, Text};
use crate::web::{AdminSession, Problem};

/// What both logs can be filtered by.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Request {
    /// From an error page.
    #[serde(default)]
    pub correlation: String,
    /// A user's id or user principal name.
    #[serde(default)]
    pub user: String,
    /// From the link to the next page.
    pub after: Option<String>,
}

impl Request {
    /// The filter, or `None` if a value in it can name nothing: then nothing is listed, and never everything.
    pub async fn filter(
        &self,
        app: &AppState,
        admin: &AdminSession,
    ) -> Result<Option<LogFilter>, Problem> {
        let correlation = match self.correlation.trim() {
            "" => None,
            text => match text.parse::<CorrelationId>() {
                Ok(correlation) => Some(correlation),
                Err(_) => return Ok(None),
            },
        };
        let user = match self.user.trim() {
            "" => None,
            text => match find(app, admin, text).await? {
                Some(user) => Some(user),
                None => return Ok(None),
            },
        };
        let after = self.after.clone();
        Ok(Some(LogFilter {
            correlation,
            user,
            after,
        }))
    }

    /// The address of the page that begins at `after`.
    pub fn next_page(&self, path: &str, after: &str) -> String {
        let pairs = [
            ("correlation", self.correlation.as_str()),
            ("user", &self.user),
            ("after", after),
        ];
        address(path, &pairs)
    }
}

/// What a filter that can name nothing is answered with.
pub(super) fn bad_filter(text: Text) -> RefusalView {
    RefusalView::mistake(text, "log-bad-filter", "filter_invalid")
}

/// `path` with those pairs that have a value.
pub(super) fn address(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
    format!("{path}?{}", query.finish())
}

async fn find(app: &AppState, admin: &AdminSession, text: &str) -> Result<Option<UserId>, Problem> {
    if let Ok(id) = text.parse() {
        return Ok(Some(id));
    }
    let found = look::users(app, admin, Some(text), None).await?;
    let mut exact = found
        .rows
        .iter()
        .filter(|user| user.user_principal_name.eq_ignore_ascii_case(text));
    Ok(exact.next().map(|user| user.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_carries_only_what_was_given_and_escapes_it() {
        let pairs = [("user", "a&b=c"), ("correlation", ""), ("after", "x")];
        assert_eq!(
            address("/admin/audit", &pairs),
            "/admin/audit?user=a%26b%3Dc&after=x"
        );
    }
}
