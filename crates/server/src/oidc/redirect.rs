use policy::model::{Application, RedirectKind, RedirectUri};
use url::Url;

/// The registered entry that `asked` may be answered at.
///
/// Compared octet by octet (OAuth 2.1 section 4.1.3): no case folding, no trailing slash, no prefix, no pattern. The single
/// exception is RFC 8252 section 7.3: a native client's loopback entry matches any port, since the operating system picks it.
pub fn registered<'a>(application: &'a Application, asked: &str) -> Option<&'a RedirectUri> {
    application.redirect_uris.iter().find(|entry| {
        entry.uri == asked
            || (entry.kind == RedirectKind::Native && same_loopback(&entry.uri, asked))
    })
}

/// True if people may be sent to `asked` after signing out: exactly one of the registered addresses.
pub fn registered_for_logout(application: &Application, asked: &str) -> bool {
    application.logout_uris.iter().any(|uri| uri == asked)
}

/// True for an address that may be registered as a redirect URI: absolute, without fragment or user part, and either
/// https, http on loopback, or a private-use scheme with a dot in it (RFC 8252 section 7.1).
pub fn may_be_registered(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else {
        return false;
    };
    if url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some()
        || uri.contains('*')
    {
        return false;
    }
    match url.scheme() {
        "https" => url.host_str().is_some(),
        "http" => loopback(&url),
        scheme => scheme.contains('.'),
    }
}

/// True for a page at scheme, host and port of a registered redirect URI.
pub fn is_beside(registered: &[RedirectUri], page: &str) -> bool {
    let origin = |uri: &str| Url::parse(uri).ok().map(|url| url.origin());
    may_be_registered(page)
        && origin(page).is_some_and(|wanted| {
            wanted.is_tuple()
                && registered
                    .iter()
                    .any(|entry| origin(&entry.uri).as_ref() == Some(&wanted))
        })
}

/// Equal but for the port, both on the same spelling of loopback over plain http.
fn same_loopback(entry: &str, asked: &str) -> bool {
    let (Some(entry), Some(asked)) = (split_loopback(entry), split_loopback(asked)) else {
        return false;
    };
    entry == asked
}

/// Host and rest of `http://host[:port]rest` on loopback. Read from the text and not from a parsed URL, because parsing
/// would normalise (`/a/../b`, upper case, numeric hosts) what has to be compared as sent.
fn split_loopback(uri: &str) -> Option<(&str, &str)> {
    let authority_on = uri.strip_prefix("http://")?;
    let end = authority_on
        .find(['/', '?', '#'])
        .unwrap_or(authority_on.len());
    let (authority, rest) = authority_on.split_at_checked(end)?;
    let host = ["localhost", "127.0.0.1", "[::1]"]
        .into_iter()
        .find(|host| authority.strip_prefix(host).is_some_and(is_port))?;
    Some((host, rest))
}

fn is_port(text: &str) -> bool {
    match text.strip_prefix(':') {
        Some(digits) => {
            digits.bytes().all(|byte| byte.is_ascii_digit())
                && digits.parse::<u16>().is_ok_and(|port| port > 0)
        }
        None => text.is_empty(),
    }
}

/// True for an address on this very machine.
pub fn is_on_loopback(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && loopback(&url))
}

fn loopback(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::model::{ApplicationId, ClientKind, ClientSettings, TenantId, Timestamp};

    fn application(uri: &str, kind: RedirectKind) -> Application {
        Application {
            tenant: TenantId::from_bytes([1; 16]),
            id: ApplicationId::from_bytes([2; 16]),
            display_name: "App".into(),
            kind: ClientKind::Public,
            secrets: Vec::new(),
            redirect_uris: vec![RedirectUri {
                uri: uri.into(),
                kind,
            }],
            logout_uris: vec!["https://app.example/out".into()],
            app_permissions: Vec::new(),
            id_token_algorithm: None,
            settings: ClientSettings::default(),
            enabled: true,
            created: Timestamp::from_seconds(0),
        }
    }

    #[test]
    fn a_web_address_matches_only_itself() {
        let app = application("https://app.example/back", RedirectKind::Web);
        assert!(registered(&app, "https://app.example/back").is_some());
        for other in [
            "https://app.example/back/",
            "https://app.example/Back",
            "https://APP.example/back",
            "https://app.example:443/back",
            "https://app.example/back?x=1",
            "https://app.example/back#x",
            "https://app.example/x/../back",
            "https://app.example/backdoor",
            "https://app.example.evil.example/back",
            "https://app.example@evil.example/back",
            "http://app.example/back",
            " https://app.example/back",
            "https://app.example/back\n",
            "//app.example/back",
        ] {
            assert!(registered(&app, other).is_none(), "{other}");
        }
    }

    #[test]
    fn a_native_loopback_address_matches_any_port_and_nothing_else() {
        let app = application("http://localhost:53683/", RedirectKind::Native);
        for same in [
            "http://localhost:53683/",
            "http://localhost:1/",
            "http://localhost:65535/",
            "http://localhost/",
        ] {
            assert!(registered(&app, same).is_some(), "{same}");
        }
        for other in [
            "http://localhost:53683",
            "http://localhost:0/",
            "http://localhost:65536/",
            "http://localhost:+80/",
            "http://localhost:/",
            "http://localhost:80@evil.example/",
            "http://127.0.0.1:53683/",
            "https://localhost:53683/",
            "http://LOCALHOST:53683/",
            "http://localhost.evil.example/",
            "http://localhost:53683/x",
        ] {
            assert!(registered(&app, other).is_none(), "{other}");
        }
    }

    #[test]
    fn a_web_loopback_address_keeps_its_port() {
        let app = application("http://localhost:53685/callback", RedirectKind::Web);
        assert!(registered(&app, "http://localhost:53686/callback").is_none());
    }

    #[test]
    fn logout_addresses_match_exactly() {
        let app = application("https://app.example/back", RedirectKind::Web);
        assert!(registered_for_logout(&app, "https://app.example/out"));
        assert!(!registered_for_logout(&app, "https://app.example/out/"));
        assert!(!registered_for_logout(&app, "https://app.example/back"));
    }

    #[test]
    fn dangerous_addresses_cannot_be_registered() {
        for good in [
            "https://a.example/x",
            "http://127.0.0.1:1/",
            "com.example.app:/back",
        ] {
            assert!(may_be_registered(good), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "http://a.example/",
            "https://a.example/#x",
            "https://u:p@a.example/",
            "https://*.a.example/",
            "/relative",
            "",
        ] {
            assert!(!may_be_registered(bad), "{bad}");
        }
    }
}
