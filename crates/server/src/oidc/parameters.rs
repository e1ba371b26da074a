use std::collections::HashMap;

/// The parameters of one OAuth request, from a query string or a form body.
///
/// RFC 6749 section 3.1: a parameter without a value counts as absent, and none may come twice. A name that does come
/// twice is remembered, because two readers that pick different ones of the two disagree about what was asked.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Parameters {
    values: HashMap<String, String>,
    repeated: Option<String>,
}

impl Parameters {
    /// Reads `application/x-www-form-urlencoded` text. Anything at all can be read; nonsense has no known names in it.
    pub fn parse(text: &[u8]) -> Self {
        let mut read = Self::default();
        for (name, value) in url::form_urlencoded::parse(text) {
            if value.is_empty() {
                continue;
            }
            let name = name.into_owned();
            if read.values.contains_key(&name) {
                read.repeated = Some(name);
                continue;
            }
            read.values.insert(name, value.into_owned());
        }
        read
    }

    /// Parameters that are known already.
    pub fn of(pairs: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let values = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        Self {
            values: values
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            repeated: None,
        }
    }

    /// The value of `name`, if it is there and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// A name that came more than once.
    pub fn repeated(&self) -> Option<&str> {
        self.repeated.as_deref()
    }

    /// The space-separated words of `name`.
    pub fn words(&self, name: &str) -> impl Iterator<Item = &str> {
        self.get(name).unwrap_or_default().split_ascii_whitespace()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_values_count_as_absent() {
        let read = Parameters::parse(b"state=&nonce=n&prompt");
        assert_eq!(
            (read.get("state"), read.get("nonce"), read.get("prompt")),
            (None, Some("n"), None)
        );
    }

    #[test]
    fn a_repeated_name_is_remembered() {
        let read = Parameters::parse(b"redirect_uri=https%3A%2F%2Fa&redirect_uri=https%3A%2F%2Fb");
        assert_eq!(read.repeated(), Some("redirect_uri"));
        assert_eq!(read.get("redirect_uri"), Some("https://a"));
    }

    #[test]
    fn words_are_split_and_decoded() {
        let read = Parameters::parse(b"scope=openid+profile%20email");
        assert_eq!(
            read.words("scope").collect::<Vec<_>>(),
            ["openid", "profile", "email"]
        );
    }
}
