//! What an application that signs people in may look like.
//!
//! An application is public or it is not: one that waits at an address of a page or of an installed program cannot keep a secret,
//! and one that has a secret is not told apart from a thief without it. Entra lets one registration be both; here that is refused.

use crate::model::{Application, ClientKind, RedirectKind, Timestamp, TokenHash};

/// Secrets, or keys, of one application.
pub const MOST_CREDENTIALS: usize = 20;
/// Redirect URIs of one application.
pub const MOST_ADDRESSES: usize = 256;
/// Characters of a redirect URI.
pub const LONGEST_ADDRESS: usize = 2048;
/// Further names of one application.
pub const MOST_IDENTIFIERS: usize = 50;
/// Characters of such a name.
pub const LONGEST_IDENTIFIER: usize = 255;
/// Permissions that an application says it needs.
pub const MOST_REQUIRED: usize = 400;
/// Characters of the name.
pub const LONGEST_NAME: usize = 256;
/// Characters of a description.
pub const LONGEST_DESCRIPTION: usize = 1024;

/// What is wrong with an application. One variant per rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientFault {
    /// A member is not valid; Graph's name for it.
    Invalid(&'static str),
    /// A public client cannot keep a secret, and this one has addresses of both kinds, or a secret besides.
    PublicAndConfidential,
}

/// The application as it has to be stored: its kind follows from its addresses and credentials.
///
/// # Errors
/// The first rule that it breaks.
pub fn checked(mut application: Application) -> Result<Application, ClientFault> {
    let name = application.display_name.trim();
    if !is_line(name, LONGEST_NAME) || name.is_empty() {
        return Err(ClientFault::Invalid("displayName"));
    }
    application.display_name = name.to_owned();
    let settings = &application.settings;
    if settings.description.chars().count() > LONGEST_DESCRIPTION
        || settings
            .description
            .chars()
            .any(|one| one.is_control() && one != '\n')
    {
        return Err(ClientFault::Invalid("description"));
    }
    let uris = &application.redirect_uris;
    if uris.len() > MOST_ADDRESSES || uris.iter().any(|uri| uri.uri.len() > LONGEST_ADDRESS) {
        return Err(ClientFault::Invalid("redirectUris"));
    }
    let names = &settings.identifier_uris;
    let is_name = |name: &String| {
        is_line(name, LONGEST_IDENTIFIER)
            && name.split_once("://").is_some_and(|(scheme, rest)| {
                !scheme.is_empty() && !rest.is_empty() && !name.contains(' ')
            })
    };
    if names.len() > MOST_IDENTIFIERS || !names.iter().all(is_name) {
        return Err(ClientFault::Invalid("identifierUris"));
    }
    if settings
        .required
        .iter()
        .map(|one| one.access.len())
        .sum::<usize>()
        > MOST_REQUIRED
        || settings.required.len() > MOST_REQUIRED
    {
        return Err(ClientFault::Invalid("requiredResourceAccess"));
    }
    if application.secrets.len() + settings.secrets.len() > MOST_CREDENTIALS {
        return Err(ClientFault::Invalid("passwordCredentials"));
    }
    if settings.assertion_keys.len() > MOST_CREDENTIALS {
        return Err(ClientFault::Invalid("keyCredentials"));
    }
    let told_at = settings.back_channel_logout.as_ref();
    if told_at.is_some_and(|address| address.len() > LONGEST_ADDRESS) {
        return Err(ClientFault::Invalid("logoutUrl"));
    }
    let opened = settings.front_channel_logout.as_ref();
    if opened.is_some_and(|address| address.len() > LONGEST_ADDRESS) {
        return Err(ClientFault::Invalid(FRONT_CHANNEL));
    }
    application.kind = kind(&application)?;
    Ok(application)
}

/// The member that names the page which a browser opens when somebody signs out.
pub const FRONT_CHANNEL: &str = "keyward@frontChannelLogoutUrl";
/// The member that says that tokens are given only for a key.
pub const BOUND_TOKENS: &str = "keyward@dpopBoundAccessTokens";

/// Public or confidential, as its addresses and credentials say.
fn kind(application: &Application) -> Result<ClientKind, ClientFault> {
    let mut kinds = application.redirect_uris.iter().map(|uri| uri.kind);
    let public = kinds.clone().any(|kind| kind != RedirectKind::Web);
    let web = kinds.any(|kind| kind == RedirectKind::Web);
    let settings = &application.settings;
    let proves = !application.secrets.is_empty()
        || !settings.secrets.is_empty()
        || !settings.assertion_keys.is_empty();
    match (public, web || proves) {
        (true, true) => Err(ClientFault::PublicAndConfidential),
        (true, false) => Ok(ClientKind::Public),
        // Nothing says what it is but that it may let devices wait.
        (false, false) if settings.device_code => Ok(ClientKind::Public),
        (false, _) => Ok(ClientKind::Confidential),
    }
}

/// Whether `secret` is one of the application's at this moment. All are compared, each in constant time.
#[must_use]
pub fn accepts(application: &Application, secret: TokenHash, now: Timestamp) -> bool {
    let old = application.secrets.iter().filter(|known| **known == secret);
    let dated = application.settings.secrets.iter();
    let dated = dated.filter(|known| {
        let fits = known.hash == secret;
        fits & (known.starts <= now) & (now < known.ends)
    });
    old.count() + dated.count() > 0
}

fn is_line(text: &str, longest: usize) -> bool {
    text.chars().count() <= longest && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use uuid::Uuid;

    use super::*;
    use crate::model::{
        ApplicationId, ClientSecret, ClientSettings, RedirectUri, RequiredAccess, Span, TenantId,
    };

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

    fn application() -> Application {
        Application {
            tenant: TenantId::from_bytes([1; 16]),
            id: ApplicationId::from_bytes([2; 16]),
            display_name: " App ".to_owned(),
            kind: ClientKind::Confidential,
            secrets: Vec::new(),
            redirect_uris: Vec::new(),
            logout_uris: Vec::new(),
            app_permissions: Vec::new(),
            id_token_algorithm: None,
            settings: ClientSettings::default(),
            enabled: true,
            created: NOW,
        }
    }

    fn at(mut application: Application, kind: RedirectKind) -> Application {
        application.redirect_uris.push(RedirectUri {
            uri: "https://a.example/".to_owned(),
            kind,
        });
        application
    }

    fn secret(number: u8) -> ClientSecret {
        ClientSecret {
            id: Uuid::from_bytes([number; 16]),
            hash: TokenHash::from_bytes([number; 32]),
            name: None,
            hint: "abc".to_owned(),
            starts: NOW,
            ends: NOW.plus(Span::hours(1)),
        }
    }

    #[test]
    fn the_kind_follows_from_what_it_has() {
        let kind = |application| checked(application).map(|one| one.kind);
        assert_eq!(kind(application()), Ok(ClientKind::Confidential));
        for (address, expected) in [
            (RedirectKind::Web, ClientKind::Confidential),
            (RedirectKind::Spa, ClientKind::Public),
            (RedirectKind::Native, ClientKind::Public),
        ] {
            assert_eq!(kind(at(application(), address)), Ok(expected));
        }
        let mut device = application();
        device.settings.device_code = true;
        assert_eq!(kind(device.clone()), Ok(ClientKind::Public));
        assert_eq!(
            kind(at(device.clone(), RedirectKind::Web)),
            Ok(ClientKind::Confidential)
        );
        device.settings.secrets.push(secret(1));
        assert_eq!(kind(device), Ok(ClientKind::Confidential));
    }

    #[test]
    fn nothing_is_public_and_confidential() {
        let mixed = at(at(application(), RedirectKind::Web), RedirectKind::Spa);
        assert_eq!(checked(mixed), Err(ClientFault::PublicAndConfidential));
        let mut secretive = at(application(), RedirectKind::Native);
        secretive.settings.secrets.push(secret(1));
        assert_eq!(checked(secretive), Err(ClientFault::PublicAndConfidential));
    }

    #[test]
    fn every_list_and_text_has_an_end() {
        let wrong = |change: &dyn Fn(&mut Application)| {
            let mut one = application();
            change(&mut one);
            checked(one).unwrap_err()
        };
        let long = "x".repeat(3000);
        assert_eq!(
            wrong(&|one| one.display_name = " ".to_owned()),
            ClientFault::Invalid("displayName")
        );
        assert_eq!(
            wrong(&|one| one.display_name = "a\nb".to_owned()),
            ClientFault::Invalid("displayName")
        );
        assert_eq!(
            wrong(&|one| one.settings.description = long.clone()),
            ClientFault::Invalid("description")
        );
        let uri = |uri: &str| RedirectUri {
            uri: uri.to_owned(),
            kind: RedirectKind::Web,
        };
        for many in [vec![uri("https://a.example/"); 257], vec![uri(&long)]] {
            assert_eq!(
                wrong(&|one| one.redirect_uris = many.clone()),
                ClientFault::Invalid("redirectUris")
            );
        }
        for names in [
            vec!["api://x".to_owned(); 51],
            vec!["plain".to_owned()],
            vec!["api://a b".to_owned()],
            vec![format!("api://{long}")],
        ] {
            assert_eq!(
                wrong(&|one| one.settings.identifier_uris = names.clone()),
                ClientFault::Invalid("identifierUris")
            );
        }
        let access = RequiredAccess {
            resource: Uuid::nil(),
            access: vec![(Uuid::nil(), true); 401],
        };
        assert_eq!(
            wrong(&|one| one.settings.required = vec![access.clone()]),
            ClientFault::Invalid("requiredResourceAccess")
        );
        assert_eq!(
            wrong(&|one| one.settings.secrets = (0..21).map(secret).collect()),
            ClientFault::Invalid("passwordCredentials")
        );
        assert_eq!(
            wrong(&|one| one.settings.assertion_keys = vec![serde_json::Value::Null; 21]),
            ClientFault::Invalid("keyCredentials")
        );
        assert_eq!(
            wrong(&|one| one.settings.back_channel_logout = Some(long.clone())),
            ClientFault::Invalid("logoutUrl")
        );
        assert_eq!(checked(application()).unwrap().display_name, "App");
    }

    #[test]
    fn a_secret_counts_within_its_days() {
        let mut one = application();
        one.secrets.push(TokenHash::from_bytes([9; 32]));
        one.settings.secrets.push(secret(1));
        let accepted =
            |number: u8, at: Timestamp| accepts(&one, TokenHash::from_bytes([number; 32]), at);
        assert!(accepted(1, NOW));
        assert!(!accepted(1, NOW.minus(Span::seconds(1))));
        assert!(!accepted(1, NOW.plus(Span::hours(1))));
        assert!(!accepted(2, NOW));
        assert!(accepted(9, NOW.plus(Span::hours(9999))));
    }

    #[test]
    fn a_secret_is_stored_as_its_hash_and_shown_as_nothing() {
        let mut one = ClientSettings::default();
        one.secrets.push(secret(7));
        let text = serde_json::to_string(&one).unwrap();
        let read: ClientSettings = serde_json::from_str(&text).unwrap();
        assert_eq!(read, one);
        assert!(format!("{one:?}").contains("TokenHash(…)"));
    }
}
