use url::form_urlencoded::Serializer;

use super::refusal::AuthorizeRefusal;
use super::request::{ResponseMode, ReturnTo};

/// The parameters that go back to the client, in order.
pub type Fields = Vec<(String, String)>;

/// The answer that carries a code. `issuer` is named so that a client of several providers cannot be confused (RFC 9207).
pub fn success(to: &ReturnTo, code: &str, issuer: &str, client_info: Option<String>) -> Fields {
    let mut fields = vec![("code".to_owned(), code.to_owned())];
    if let Some(info) = client_info {
        fields.push(("client_info".to_owned(), info));
    }
    finish(fields, to, issuer)
}

/// The answer that carries a refusal.
pub fn refusal(
    to: &ReturnTo,
    refusal: AuthorizeRefusal,
    issuer: &str,
    correlation: &str,
) -> Fields {
    let facts = refusal.facts();
    let description = format!(
        "AADSTS{}: {} Correlation ID: {correlation}",
        facts.number, facts.sentence
    );
    let fields = vec![
        ("error".to_owned(), facts.error.to_owned()),
        ("error_description".to_owned(), description),
        ("error_subcode".to_owned(), facts.code.to_owned()),
    ];
    finish(fields, to, issuer)
}

/// The address to send the browser to, for answers in query or fragment; `None` for `form_post`.
pub fn location(to: &ReturnTo, fields: &Fields) -> Option<String> {
    let encoded = Serializer::new(String::new()).extend_pairs(fields).finish();
    // A registered address may have a query of its own (RFC 6749 section 3.1.2), never a fragment.
    let joint = match to.mode {
        ResponseMode::FormPost => return None,
        ResponseMode::Fragment => '#',
        ResponseMode::Query if to.redirect_uri.contains('?') => '&',
        ResponseMode::Query => '?',
    };
    Some(format!("{}{joint}{encoded}", to.redirect_uri))
}

fn finish(mut fields: Fields, to: &ReturnTo, issuer: &str) -> Fields {
    if let Some(state) = &to.state {
        fields.push(("state".to_owned(), state.clone()));
    }
    fields.push(("iss".to_owned(), issuer.to_owned()));
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(mode: ResponseMode, redirect_uri: &str) -> ReturnTo {
        ReturnTo {
            redirect_uri: redirect_uri.to_owned(),
            mode,
            state: Some("a&b=c #ä".to_owned()),
        }
    }

    #[test]
    fn state_comes_back_unchanged_and_cannot_add_parameters() {
        let to = to(ResponseMode::Query, "https://app.example/back");
        let location = location(&to, &success(&to, "xyz", "https://op.example/t/v2.0", None))
            .unwrap_or_default();
        assert_eq!(
            location,
            "https://app.example/back?code=xyz&state=a%26b%3Dc+%23%C3%A4&iss=https%3A%2F%2Fop.example%2Ft%2Fv2.0"
        );
    }

    #[test]
    fn a_query_of_the_address_is_kept() {
        let to = to(ResponseMode::Query, "https://app.example/back?x=1");
        let location = location(&to, &success(&to, "xyz", "i", None)).unwrap_or_default();
        assert!(
            location.starts_with("https://app.example/back?x=1&code=xyz&"),
            "{location}"
        );
    }

    #[test]
    fn a_fragment_answer_is_in_the_fragment() {
        let to = to(ResponseMode::Fragment, "https://app.example/back");
        let fields = refusal(&to, AuthorizeRefusal::LoginRequired, "i", "c0");
        let location = location(&to, &fields).unwrap_or_default();
        assert!(
            location.starts_with("https://app.example/back#error=login_required&"),
            "{location}"
        );
        assert!(location.contains("AADSTS50058"), "{location}");
    }

    #[test]
    fn a_posted_answer_has_no_location() {
        let to = to(ResponseMode::FormPost, "https://app.example/back");
        assert_eq!(location(&to, &success(&to, "xyz", "i", None)), None);
    }
}
