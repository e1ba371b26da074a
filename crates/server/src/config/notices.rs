//! `[mail]` and `[webhook]`: where notices go.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, ValueEnum};
use lettre::message::Mailbox;
use serde::Deserialize;
use url::{Host, Url};

use super::{ConfigError, Secret};
use crate::notify::is_public;
use crate::pages::Language;

/// Secrets of the webhook that sign at a time: the present one and the one before it.
const SECRETS: usize = 4;
/// Bytes of a secret (Standard Webhooks).
const SECRET: std::ops::RangeInclusive<usize> = 24..=64;

/// Flags, variables and keys of `[mail]`.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct MailSettings {
    /// SMTP server for notices; without it no mail is sent
    #[arg(
        id = "mail_host",
        long = "mail-host",
        env = "KEYWARD_MAIL_HOST",
        value_name = "HOST"
    )]
    pub host: Option<String>,
    /// Its port [default: 587, 465 for implicit TLS, 25 for none]
    #[arg(
        id = "mail_port",
        long = "mail-port",
        env = "KEYWARD_MAIL_PORT",
        value_name = "PORT"
    )]
    pub port: Option<u16>,
    /// How the connection is protected [default: starttls]
    #[arg(
        id = "mail_tls",
        long = "mail-tls",
        env = "KEYWARD_MAIL_TLS",
        value_name = "MODE"
    )]
    pub tls: Option<MailTls>,
    /// Name to sign in with at the SMTP server
    #[arg(
        id = "mail_user",
        long = "mail-user",
        env = "KEYWARD_MAIL_USER",
        value_name = "NAME"
    )]
    pub user: Option<String>,
    /// File that holds the password of that name
    #[arg(
        id = "mail_password_file",
        long = "mail-password-file",
        env = "KEYWARD_MAIL_PASSWORD_FILE",
        value_name = "FILE"
    )]
    pub password_file: Option<PathBuf>,
    /// Sender, as in: Example sign-in <no-reply@example.com>
    #[arg(
        id = "mail_from",
        long = "mail-from",
        env = "KEYWARD_MAIL_FROM",
        value_name = "ADDRESS"
    )]
    pub from: Option<String>,
    /// Certificate authority to trust besides those of the system, PEM
    #[arg(
        id = "mail_ca_file",
        long = "mail-ca-file",
        env = "KEYWARD_MAIL_CA_FILE",
        value_name = "FILE"
    )]
    pub ca_file: Option<PathBuf>,
    /// Language of notices to people whose own is not known: en or de [default: en]
    #[arg(
        id = "mail_language",
        long = "mail-language",
        env = "KEYWARD_MAIL_LANGUAGE",
        value_name = "TAG"
    )]
    pub language: Option<String>,
}

/// How the connection to the SMTP server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailTls {
    /// STARTTLS; without it nothing is sent
    #[default]
    Starttls,
    /// TLS from the first byte
    Implicit,
    /// In clear: a relay on this machine or network that takes no password
    None,
}

/// Flags, variables and keys of `[webhook]`.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct WebhookSettings {
    /// Address that gets a signed POST for each notice; https, or http on this machine
    #[arg(
        id = "webhook_url",
        long = "webhook-url",
        env = "KEYWARD_WEBHOOK_URL",
        value_name = "URL"
    )]
    pub url: Option<Url>,
    /// File with the signing secret (whsec_…), one to a line while one replaces another
    #[arg(
        id = "webhook_secret_file",
        long = "webhook-secret-file",
        env = "KEYWARD_WEBHOOK_SECRET_FILE",
        value_name = "FILE"
    )]
    pub secret_file: Option<PathBuf>,
    /// Let the webhook's name lead to an address in a private network
    #[arg(
        id = "webhook_private_networks",
        long = "webhook-private-networks",
        env = "KEYWARD_WEBHOOK_PRIVATE_NETWORKS",
        value_name = "YES"
    )]
    pub private_networks: Option<bool>,
    /// Certificate authority to trust besides those of the system, PEM
    #[arg(
        id = "webhook_ca_file",
        long = "webhook-ca-file",
        env = "KEYWARD_WEBHOOK_CA_FILE",
        value_name = "FILE"
    )]
    pub ca_file: Option<PathBuf>,
}

/// A checked `[mail]`.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// SMTP server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Protection of the connection.
    pub tls: MailTls,
    /// Name and password.
    pub login: Option<(String, Secret)>,
    /// Sender.
    pub from: Mailbox,
    /// A further authority, PEM.
    pub ca: Option<Vec<u8>>,
    /// For people whose own language is not known.
    pub language: Language,
}

/// A checked `[webhook]`.
#[derive(Clone, Debug)]
pub struct WebhookConfig {
    /// Where to.
    pub url: Url,
    /// What signs, the present secret first.
    pub secrets: Vec<WebhookSecret>,
    /// Whether addresses in private networks are fine.
    pub private_networks: bool,
    /// A further authority, PEM.
    pub ca: Option<Vec<u8>>,
}

/// A signing secret.
#[derive(Clone, PartialEq, Eq, zeroize::ZeroizeOnDrop)]
pub struct WebhookSecret(Vec<u8>);

impl WebhookSecret {
    /// The secret as people write it: `whsec_` and base64 of 24 to 64 random bytes.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix("whsec_")?).ok()?;
        SECRET.contains(&bytes.len()).then_some(Self(bytes))
    }

    /// The bytes, for the one who signs.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

impl MailSettings {
    pub(super) fn over(self, below: Self) -> Self {
        Self {
            host: self.host.or(below.host),
            port: self.port.or(below.port),
            tls: self.tls.or(below.tls),
            user: self.user.or(below.user),
            password_file: self.password_file.or(below.password_file),
            from: self.from.or(below.from),
            ca_file: self.ca_file.or(below.ca_file),
            language: self.language.or(below.language),
        }
    }

    pub(super) fn complete(self) -> Result<Option<MailConfig>, ConfigError> {
        let Some(host) = self.host else {
            return Ok(None);
        };
        let tls = self.tls.unwrap_or_default();
        let login = match (self.user, self.password_file) {
            (Some(user), Some(file)) => Some((user, Secret(secret_line(&file)?))),
            (None, None) => None,
            _ => return Err(ConfigError::Mail("user and password-file belong together")),
        };
        if tls == MailTls::None && login.is_some() && !is_this_machine(&host) {
            return Err(ConfigError::Mail(
                "tls = \"none\" would send the password in clear",
            ));
        }
        let from = self.from.ok_or(ConfigError::Mail("from is missing"))?;
        Ok(Some(MailConfig {
            port: self.port.unwrap_or(match tls {
                MailTls::Starttls => 587,
                MailTls::Implicit => 465,
                MailTls::None => 25,
            }),
            host,
            tls,
            login,
            from: from
                .parse()
                .map_err(|_| ConfigError::Mail("from is no mail address"))?,
            ca: self.ca_file.as_deref().map(read).transpose()?,
            language: match self.language.as_deref() {
                None => Language::default(),
                Some(tag) => Language::from_tag(tag)
                    .ok_or(ConfigError::Mail("language is neither en nor de"))?,
            },
        }))
    }
}

impl WebhookSettings {
    pub(super) fn over(self, below: Self) -> Self {
        Self {
            url: self.url.or(below.url),
            secret_file: self.secret_file.or(below.secret_file),
            private_networks: self.private_networks.or(below.private_networks),
            ca_file: self.ca_file.or(below.ca_file),
        }
    }

    pub(super) fn complete(self) -> Result<Option<WebhookConfig>, ConfigError> {
        let Some(url) = self.url else {
            return Ok(None);
        };
        let private_networks = self.private_networks.unwrap_or(false);
        check_webhook_url(&url, private_networks).map_err(ConfigError::Webhook)?;
        let file = self
            .secret_file
            .ok_or(ConfigError::Webhook("secret-file is missing"))?;
        Ok(Some(WebhookConfig {
            url,
            secrets: webhook_secrets(&file)?,
            private_networks,
            ca: self.ca_file.as_deref().map(read).transpose()?,
        }))
    }
}

/// The host of a URL as an address, if it is one, and whether it is this machine by name or number.
pub(super) fn check_webhook_url(url: &Url, private_networks: bool) -> Result<(), &'static str> {
    let (address, local) = match url.host() {
        Some(Host::Ipv4(v4)) => (Some(IpAddr::V4(v4)), v4.is_loopback()),
        Some(Host::Ipv6(v6)) => (Some(IpAddr::V6(v6)), v6.is_loopback()),
        Some(Host::Domain(name)) => (None, name == "localhost"),
        None => return Err("url has no host"),
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && local) {
        return Err("url must be https (http only on this machine)");
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err("url must have neither a user name nor a fragment");
    }
    // Names are judged when they are resolved; an address is not resolved.
    if address.is_some_and(|address| !local && !private_networks && !is_public(address)) {
        return Err(
            "url is an address in a private network; set private-networks if that is meant",
        );
    }
    Ok(())
}

pub(super) fn webhook_secrets(file: &Path) -> Result<Vec<WebhookSecret>, ConfigError> {
    let text = text(file)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let secrets: Option<Vec<_>> = lines.map(WebhookSecret::parse).collect();
    match secrets {
        Some(secrets) if (1..=SECRETS).contains(&secrets.len()) => Ok(secrets),
        _ => Err(ConfigError::Webhook(
            "secret-file must hold one to four lines of whsec_ and base64 of 24 to 64 bytes",
        )),
    }
}

/// Whether a host names this machine.
pub fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

pub(super) fn secret_line(file: &Path) -> Result<String, ConfigError> {
    Ok(text(file)?.trim_end_matches(['\r', '\n']).to_owned())
}

fn text(file: &Path) -> Result<String, ConfigError> {
    fs::read_to_string(file).map_err(|problem| unreadable(file, problem))
}

pub(super) fn read(file: &Path) -> Result<Vec<u8>, ConfigError> {
    fs::read(file).map_err(|problem| unreadable(file, problem))
}

fn unreadable(file: &Path, problem: std::io::Error) -> ConfigError {
    ConfigError::Unreadable {
        file: file.to_owned(),
        problem,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    fn mail(adjust: impl FnOnce(&mut MailSettings)) -> Result<Option<MailConfig>, ConfigError> {
        let mut settings = MailSettings {
            host: Some("smtp.example.com".to_owned()),
            from: Some("Sign-in <no-reply@example.com>".to_owned()),
            ..MailSettings::default()
        };
        adjust(&mut settings);
        settings.complete()
    }

    fn url(text: &str, private_networks: bool) -> Result<(), &'static str> {
        check_webhook_url(&text.parse().unwrap(), private_networks)
    }

    #[test]
    fn mail_is_protected_unless_said_otherwise() {
        let config = mail(|_| ()).unwrap().unwrap();
        assert_eq!((config.tls, config.port), (MailTls::Starttls, 587));
        let implicit = mail(|mail| mail.tls = Some(MailTls::Implicit));
        assert_eq!(implicit.unwrap().unwrap().port, 465);
        assert!(MailSettings::default().complete().unwrap().is_none());
    }

    #[test]
    fn a_password_does_not_travel_in_clear() {
        let file = std::env::temp_dir().join(format!("keyward-mail-{}", std::process::id()));
        fs::write(&file, "hunter2\n").unwrap();
        let login = |host: &str| {
            mail(|mail| {
                mail.host = Some(host.to_owned());
                mail.tls = Some(MailTls::None);
                mail.user = Some("keyward".to_owned());
                mail.password_file = Some(file.clone());
            })
        };
        assert!(matches!(
            login("smtp.example.com"),
            Err(ConfigError::Mail(_))
        ));
        let config = login("127.0.0.1").unwrap().unwrap();
        assert_eq!(config.login.as_ref().unwrap().1.expose(), "hunter2");
        assert!(!format!("{config:?}").contains("hunter2"));
        fs::remove_file(file).unwrap();
    }

    #[test]
    fn half_a_login_and_a_wrong_sender_are_named() {
        for wrong in [
            mail(|mail| mail.user = Some("keyward".to_owned())),
            mail(|mail| mail.from = None),
            mail(|mail| mail.from = Some("no address".to_owned())),
            mail(|mail| mail.language = Some("xx".to_owned())),
        ] {
            assert!(matches!(wrong, Err(ConfigError::Mail(_))), "{wrong:?}");
        }
    }

    #[test]
    fn a_webhook_is_https_or_on_this_machine() {
        for good in [
            "https://hooks.example.com/keyward?x=1",
            "http://localhost:8080/",
            "http://127.0.0.1:8080/",
            "https://[::1]/",
            "https://8.8.8.8/",
        ] {
            assert!(url(good, false).is_ok(), "{good}");
        }
        for bad in [
            "http://hooks.example.com/",
            "http://localhost.example.com/",
            "ftp://localhost/",
            "https://user@hooks.example.com/",
            "https://hooks.example.com/#x",
            "https://10.0.0.1/",
            "https://169.254.169.254/latest",
            "https://[fd00::1]/",
        ] {
            assert!(url(bad, false).is_err(), "{bad}");
        }
        assert!(url("https://10.0.0.1/", true).is_ok());
        assert!(url("http://10.0.0.1/", true).is_err());
    }

    #[test]
    fn a_secret_is_long_and_does_not_show() {
        let secret = WebhookSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        assert_eq!(secret.expose().len(), 24);
        assert_eq!(format!("{secret:?}"), "WebhookSecret(…)");
        for bad in [
            "",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_c2hvcnQ=",
            "whsec_…",
        ] {
            assert!(WebhookSecret::parse(bad).is_none(), "{bad}");
        }
    }
}
