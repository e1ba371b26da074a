use policy::consent;
use policy::model::Application;
use policy::scopes::Scope;

/// Scopes of OpenID Connect that a person can give an application, besides those of Graph. Anything else that is asked is left
/// out of the answer, as OpenID Connect Core section 3.1.2.1 asks for values not understood.
const OPENID: [&str; 4] = ["openid", "profile", "email", "offline_access"];
/// Application permissions that are asked for by name.
const SIGNALS: [&str; 2] = ["ssf.read", "ssf.manage"];
const GRAPH: &str = "https://graph.microsoft.com/";

/// What is granted of `asked` without asking anybody, without repetition, in our own spelling. Graph scopes come bare, with
/// Graph's address or with `origin` as prefix, or as `…/.default`, which is all that was agreed to for everybody. What nobody
/// agreed to is left out; `own` is what the person did.
pub fn granted<'a>(
    asked: impl Iterator<Item = &'a str>,
    origin: &str,
    application: &Application,
    own: &[String],
) -> Vec<String> {
    let mut given: Vec<String> = Vec::new();
    let mut give = |known: &str| {
        if !given.iter().any(|have| have == known) {
            given.push(known.to_owned());
        }
    };
    let settings = &application.settings;
    for scope in asked {
        let bare = bare(scope, origin);
        if bare == ".default" {
            consent::all(settings).for_each(|scope| give(scope.as_str()));
        } else if let Some(scope) = Scope::parse(bare) {
            if consent::may_be_given(scope, settings, own) {
                give(scope.as_str());
            }
        } else if let Some(known) = OPENID.iter().find(|known| known.eq_ignore_ascii_case(bare)) {
            give(known);
        }
    }
    given
}

/// What is asked for by name that nobody agreed to for everybody: the person is asked, or has agreed before.
pub fn to_ask_for<'a>(
    asked: impl Iterator<Item = &'a str>,
    origin: &str,
    application: &Application,
) -> Vec<String> {
    let mut wanted: Vec<String> = Vec::new();
    let named = asked.filter_map(|scope| Scope::parse(bare(scope, origin)));
    for scope in named.filter(|scope| !consent::is_for_everybody(*scope, &application.settings)) {
        if !wanted.iter().any(|have| have == scope.as_str()) {
            wanted.push(scope.to_string());
        }
    }
    wanted
}

/// What of an older grant may still be given: a consent that was taken back is over at the next refresh.
pub fn still(given: &[String], application: &Application, own: &[String]) -> Vec<String> {
    let settings = &application.settings;
    let may = |name: &&String| {
        Scope::parse(name).is_none_or(|scope| consent::may_be_given(scope, settings, own))
    };
    given.iter().filter(may).cloned().collect()
}

/// Whether a grant of `given` rests on more than what was agreed to for everybody.
pub fn rests_on_person(given: &[String], application: &Application) -> bool {
    let mut scopes = given.iter().filter_map(|name| Scope::parse(name));
    scopes.any(|scope| !consent::is_for_everybody(scope, &application.settings))
}

/// How `given` is named in an answer: as it was asked for now, the rest in our own spelling. MSAL keys its cache by the names
/// in the answer and looks there for the ones it asked for.
pub fn answered<'a>(
    asked: impl Iterator<Item = &'a str>,
    given: &'a [String],
    origin: &str,
    application: &Application,
) -> String {
    let mut named: Vec<&str> = Vec::new();
    let mut meant: Vec<String> = Vec::new();
    for scope in asked {
        // What was given is given, whoever agreed to it.
        let means = granted(std::iter::once(scope), origin, application, given);
        let all_given = means.iter().all(|each| given.contains(each));
        if !means.is_empty() && all_given && !named.contains(&scope) {
            named.push(scope);
            meant.extend(means);
        }
    }
    let rest = given.iter().filter(|scope| !meant.contains(scope));
    named.extend(rest.map(String::as_str));
    named.join(" ")
}

/// The application permissions an app-only request for `asked` gives: all that were assigned, if it asks for our `.default`,
/// and those of shared signals by name, as receivers ask for them.
pub fn app_only<'a>(
    asked: impl Iterator<Item = &'a str>,
    origin: &str,
    application: &Application,
) -> Option<Vec<String>> {
    let asked: Vec<&str> = asked.collect();
    let held = application.app_permissions.as_slice();
    match asked.as_slice() {
        [only] if *only != ".default" && bare(only, origin) == ".default" => Some(held.to_vec()),
        [] => None,
        named => {
            let given = |name: &&str| held.iter().find(|one| one == name).cloned();
            let known = named.iter().all(|name| SIGNALS.contains(name));
            let given: Vec<String> = named.iter().filter_map(given).collect();
            (known && !given.is_empty()).then_some(given)
        }
    }
}

fn bare<'a>(scope: &'a str, origin: &str) -> &'a str {
    let of = |place: &str| scope.strip_prefix(place)?.strip_prefix('/');
    scope
        .strip_prefix(GRAPH)
        .or_else(|| of(origin))
        .or_else(|| of(without_port(origin)))
        .unwrap_or(scope)
}

/// Microsoft's generated Graph libraries make the scope from the name of the host alone: Entra knows no ports.
fn without_port(origin: &str) -> &str {
    match origin.rsplit_once(':') {
        Some((place, port)) if port.bytes().all(|one| one.is_ascii_digit()) => place,
        _ => origin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::model::{ApplicationId, ClientKind, ClientSettings, TenantId, Timestamp};

    const ORIGIN: &str = "https://localhost:8443";

    fn application(consented: &[&str]) -> Application {
        let consented = consented.iter().map(|name| (*name).to_owned()).collect();
        Application {
            tenant: TenantId::from_bytes([1; 16]),
            id: ApplicationId::from_bytes([2; 16]),
            display_name: "App".into(),
            kind: ClientKind::Public,
            secrets: Vec::new(),
            redirect_uris: Vec::new(),
            logout_uris: Vec::new(),
            app_permissions: Vec::new(),
            id_token_algorithm: None,
            settings: ClientSettings {
                consented,
                ..ClientSettings::default()
            },
            enabled: true,
            created: Timestamp::from_seconds(0),
        }
    }

    fn given(asked: &str) -> Vec<String> {
        granted(asked.split(' '), ORIGIN, &application(&[]), &[])
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
        assert_eq!(given("https://localhost/.default"), ["User.Read"]);
    }

    #[test]
    fn a_foreign_place_names_nothing_of_ours() {
        assert!(
            given("https://localhost:8444/User.Read https://localhost.example/User.Read")
                .is_empty()
        );
        assert_eq!(without_port("https://[::1]"), "https://[::1]");
        assert_eq!(without_port("https://[::1]:8443"), "https://[::1]");
    }

    #[test]
    fn an_answer_names_scopes_as_they_were_asked_for() {
        let held = given("openid User.Read profile");
        let app = application(&[]);
        let answer = |asked: &str| answered(asked.split(' '), &held, ORIGIN, &app);
        assert_eq!(
            answer("https://graph.microsoft.com/User.Read openid"),
            "https://graph.microsoft.com/User.Read openid profile"
        );
        assert_eq!(
            answer("https://localhost:8443/.default email nonsense"),
            "https://localhost:8443/.default openid profile"
        );
        assert_eq!(answer(""), "openid User.Read profile");
    }

    #[test]
    fn what_is_not_known_is_not_given() {
        assert_eq!(
            given("openid Mail.ReadWrite https://evil.example/User.Read"),
            ["openid"]
        );
    }

    #[test]
    fn what_nobody_agreed_to_is_not_given() {
        let asked = "User.Read.All openid Group.Read.All";
        let app = application(&["Group.Read.All"]);
        let given = granted(asked.split(' '), ORIGIN, &app, &[]);
        assert_eq!(given, ["openid", "Group.Read.All"]);
        let all = granted(
            std::iter::once("https://localhost:8443/.default"),
            ORIGIN,
            &app,
            &[],
        );
        assert_eq!(all, ["User.Read", "Group.Read.All"]);
        assert_eq!(still(&given, &application(&[]), &[]), ["openid"]);
    }

    #[test]
    fn what_one_person_agreed_to_is_asked_for_and_given_by_name_only() {
        let asked =
            "user.readbasic.all openid User.Read https://graph.microsoft.com/Group.Read.All";
        let app = application(&["Group.Read.All"]);
        let wanted = to_ask_for(asked.split(' '), ORIGIN, &app);
        assert_eq!(wanted, ["User.ReadBasic.All"]);
        let given = granted(asked.split(' '), ORIGIN, &app, &wanted);
        let all = [
            "User.ReadBasic.All",
            "openid",
            "User.Read",
            "Group.Read.All",
        ];
        assert_eq!(given, all);
        let everything = std::iter::once(".default");
        assert!(to_ask_for(everything.clone(), ORIGIN, &app).is_empty());
        let everything = granted(everything, ORIGIN, &app, &wanted);
        assert_eq!(everything, ["User.Read", "Group.Read.All"]);
        assert_eq!(
            still(&given, &app, &[]),
            ["openid", "User.Read", "Group.Read.All"]
        );
        assert_eq!(still(&given, &app, &wanted), given);
        assert!(rests_on_person(&given, &app) && !rests_on_person(&everything, &app));
    }
}
