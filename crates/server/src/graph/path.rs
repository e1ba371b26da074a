//! Addresses of OData: segments, keys in parentheses, parameters of functions (OData 4.01 part 2, sections 4.3 and 4.4).

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::refusal::GraphRefusal;

/// Longest path.
const LONGEST: usize = 2048;
/// Most segments; nothing here is deeper than ten.
const DEEPEST: usize = 16;
/// Parameters of a function.
const PARAMETERS: usize = 8;

/// What stands between two slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Decoded, as written.
    pub text: String,
    /// The part before parentheses, without the namespace.
    name: String,
    inside: Inside,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Inside {
    /// No parentheses.
    Nothing,
    /// `('key')`.
    Key(String),
    /// `()` or `(name=value,…)`.
    Parameters(Vec<(String, String)>),
}

impl Segment {
    fn read(raw: &str) -> Result<Self, GraphRefusal> {
        let text = percent_decode_str(raw)
            .decode_utf8()
            .map(Cow::into_owned)
            .map_err(|_| GraphRefusal::malformed("The address is not UTF-8."))?;
        if text.chars().any(char::is_control) {
            return Err(GraphRefusal::malformed(
                "The address has a control character.",
            ));
        }
        let (name, inside) = match text.strip_suffix(')').and_then(|text| text.split_once('(')) {
            Some((name, inside)) => (name, Inside::read(inside)?),
            None => (text.as_str(), Inside::Nothing),
        };
        let name = bare(name).to_owned();
        Ok(Self { text, name, inside })
    }

    /// Whether it is called like this.
    pub fn is(&self, literal: &str) -> bool {
        self.name.eq_ignore_ascii_case(bare(literal))
    }

    /// The key in parentheses.
    pub fn key(&self) -> Option<&str> {
        match &self.inside {
            Inside::Key(key) => Some(key),
            _ => None,
        }
    }

    /// The parameters in parentheses.
    pub fn parameters(&self) -> &[(String, String)] {
        match &self.inside {
            Inside::Parameters(parameters) => parameters,
            _ => &[],
        }
    }
}

/// Actions and type casts may be qualified: `microsoft.graph.resetPassword`.
fn bare(name: &str) -> &str {
    const NAMESPACE: &str = "microsoft.graph.";
    match name.get(..NAMESPACE.len()) {
        Some(start) if start.eq_ignore_ascii_case(NAMESPACE) => {
            name.get(NAMESPACE.len()..).unwrap_or(name)
        }
        _ => name,
    }
}

impl Inside {
    fn read(text: &str) -> Result<Self, GraphRefusal> {
        if text.trim().is_empty() {
            return Ok(Self::Parameters(Vec::new()));
        }
        if !text.contains('=') || text.starts_with('\'') {
            return Ok(Self::Key(unquoted(text)));
        }
        let mut parameters = Vec::new();
        for one in parts(text) {
            let (name, value) = one.split_once('=').ok_or_else(|| {
                GraphRefusal::malformed("A parameter of a function has no value.")
            })?;
            parameters.push((name.trim().to_owned(), unquoted(value)));
            if parameters.len() > PARAMETERS {
                return Err(GraphRefusal::malformed(
                    "A function has too many parameters.",
                ));
            }
        }
        Ok(Self::Parameters(parameters))
    }
}

/// Split at commas outside quotes and brackets.
fn parts(text: &str) -> Vec<&str> {
    let (mut found, mut start, mut quoted, mut depth) = (Vec::new(), 0, false, 0_u32);
    for (at, one) in text.char_indices() {
        match one {
            '\'' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            ',' if !quoted && depth == 0 => {
                found.extend(text.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    found.extend(text.get(start..));
    found
}

/// A literal without its quotes; a doubled quote inside is one.
fn unquoted(text: &str) -> String {
    let text = text.trim();
    match text
        .strip_prefix('\'')
        .and_then(|text| text.strip_suffix('\''))
    {
        Some(inner) => inner.replace("''", "'"),
        None => text.to_owned(),
    }
}

/// The segments of a path behind the version. Empty ones (a slash at the end, two in a row) count for nothing.
///
/// # Errors
/// [`GraphRefusal`] where it is too long, too deep, or not readable.
pub fn segments(path: &str) -> Result<Vec<Segment>, GraphRefusal> {
    if path.len() > LONGEST {
        return Err(GraphRefusal::malformed("The address is too long."));
    }
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    if parts.len() > DEEPEST {
        return Err(GraphRefusal::malformed("The address has too many parts."));
    }
    parts.into_iter().map(Segment::read).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    fn one(text: &str) -> Segment {
        segments(text).unwrap().pop().unwrap()
    }

    #[test]
    fn a_key_may_stand_in_parentheses() {
        assert_eq!(one("users('O''Neil%40x')").key(), Some("O'Neil@x"));
        assert_eq!(
            one("authenticationMethodConfigurations('Fido2')").key(),
            Some("Fido2")
        );
        assert!(one("Users('x')").is("users"));
        assert_eq!(one("users").key(), None);
    }

    #[test]
    fn parameters_are_read_by_name() {
        let read = one("creationOptions(challengeTimeoutInMinutes=5)");
        assert!(read.is("creationoptions"));
        assert_eq!(
            read.parameters(),
            [("challengeTimeoutInMinutes".to_owned(), "5".to_owned())]
        );
        assert!(one("creationOptions()").parameters().is_empty());
        let two = one("f(a='x,y',b=[1,2])");
        assert_eq!(
            two.parameters(),
            [
                ("a".to_owned(), "x,y".to_owned()),
                ("b".to_owned(), "[1,2]".to_owned())
            ]
        );
    }

    #[test]
    fn a_namespace_is_left_out() {
        assert!(one("microsoft.graph.resetPassword").is("resetPassword"));
        assert!(one("Microsoft.Graph.user").is("user"));
    }

    #[test]
    fn nonsense_is_refused_and_never_panics() {
        assert!(segments("users/%ff").is_err());
        assert!(segments("users/a%00b").is_err());
        assert!(segments(&"a/".repeat(17)).is_err());
        assert!(segments(&"a".repeat(3000)).is_err());
        assert!(segments("f(a,b=1)").is_err());
        for odd in ["(", ")", "()", "('", "a('b", "a')b", "'('", "f(='')"] {
            let _ = segments(odd);
        }
    }
}
