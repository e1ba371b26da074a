use policy::model::Application;

/// Scopes a person can give an application today. Anything else that is asked is left out of the answer, as OpenID Connect
/// Core section 3.1.2.1 asks for values not understood.
const DELEGATED: [&str; 5] = ["openid", "profile", "email", "offline_access", "User.Read"];
const GRAPH: &str = "https://graph.microsoft.com/";

/// What is granted of `asked`, without repetition, in our own spelling. Graph scopes come bare, with Graph's address or with
/// `origin` as prefix, or as `…/.default`.
pub fn granted<'a>(asked: impl Iterator<Item = &'a str>, origin: &str) -> Vec<String> {
    let mut given: Vec<String> = Vec::new();
    for scope in asked {
        let bare = match bare(scope, origin) {
            ".default" => "User.Read",
            other => other,
        };
        if let Some(known) = DELEGATED
            .iter()
            .find(|known| known.eq_ignore_ascii_case(bare))
            && !given.iter().any(|have| have == known)
        {
            given.push((*known).to_owned());
        }
    }
    given
}

/// The application permissions an app-only request for `asked` gives: all that were assigned, if it asks for our `.default`.
pub fn app_only<'a>(
    asked: impl Iterator<Item = &'a str>,
    origin: &str,
    application: &'a Application,
) -> Option<&'a [String]> {
    let mut asked = asked;
    let only = asked.next().filter(|_| asked.next().is_none())?;
    (only != ".default" && bare(only, origin) == ".default")
        .then_some(application.app_permissions.as_slice())
}

fn bare<'a>(scope: &'a str, origin: &str) -> &'a str {
    scope
        .strip_prefix(GRAPH)
        .or_else(|| {
            scope
                .strip_prefix(origin)
                .and_then(|rest| rest.strip_prefix('/'))
        })
        .unwrap_or(scope)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://localhost:8443";

    fn given(asked: &str) -> Vec<String> {
        granted(asked.split(' '), ORIGIN)
    }

    #[test]
    fn spellings_of_one_scope_are_one_scope() {
        assert_eq!(
            given("User.Read user.read https://graph.microsoft.com/User.Read"),
            ["User.Read"]
        );
        assert_eq!(
            given("https://localhost:8443/.default openid"),
            ["User.Read", "openid"]
        );
    }

    #[test]
    fn what_is_not_known_is_not_given() {
        assert_eq!(
            given("openid Directory.ReadWrite.All https://evil.example/User.Read"),
            ["openid"]
        );
    }
}
