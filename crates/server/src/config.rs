//! Configuration of `serve`: flags and `KEYWARD_*` variables over `keyward.toml` over defaults.

use std::fmt;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ceremony::{Origin, RelyingParty, RpId};
use clap::Args;
use ipnet::IpNet;
use serde::Deserialize;
use url::Url;

mod log_streams;
mod notices;
mod relay;
mod signals;

pub use notices::{
    MailConfig, MailSettings, MailTls, WebhookConfig, WebhookSecret, WebhookSettings,
};

pub use log_streams::{
    HttpTarget, LogSource, LogStreamConfig, LogStreamSettings, LogTarget, SyslogTransport,
};
pub use notices::is_this_machine;
pub use relay::{RelayConfig, RelaySettings};
pub use signals::{SignalsConfig, SignalsSettings};

/// Flags shared by every command that opens a server's data; each also a `KEYWARD_*` variable and a key of
/// `keyward.toml`.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Settings {
    /// Configuration file [default: keyward.toml in the data folder, if there is one]
    #[arg(long, env = "KEYWARD_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// Data folder [default: ./keyward-data]
    #[arg(long, env = "KEYWARD_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Address to listen on; port 0 picks a free one [default: 127.0.0.1:8443]
    #[arg(long, env = "KEYWARD_LISTEN", value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// How browsers reach this server [default: https://localhost:PORT]
    #[arg(long, env = "KEYWARD_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<Url>,
    /// sqlite:FILE or postgres://... [default: sqlite:keyward.db in the data folder]
    #[arg(
        long,
        env = "KEYWARD_DATABASE",
        value_name = "URL",
        hide_env_values = true
    )]
    pub database: Option<Secret>,
    /// Certificate chain, PEM, leaf first
    #[arg(long, env = "KEYWARD_CERT", value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,
    /// Private key of the certificate, PEM
    #[arg(long, env = "KEYWARD_KEY", value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
    /// Domain that passkeys are bound to [default: the host of the public URL]; fixed at the first registration
    #[arg(long, env = "KEYWARD_RP_ID", value_name = "DOMAIN")]
    pub rp_id: Option<String>,
    /// Other origins on which our passkeys may be used (related origins)
    #[arg(long, env = "KEYWARD_RELATED_ORIGINS", value_name = "ORIGIN", num_args = 1.., value_delimiter = ',')]
    pub related_origins: Option<Vec<Url>>,
    /// Networks whose X-Forwarded-For is believed; forwarded headers from elsewhere are ignored
    #[arg(long, env = "KEYWARD_TRUSTED_PROXIES", value_name = "CIDR", num_args = 1.., value_delimiter = ',')]
    pub trusted_proxies: Option<Vec<IpNet>>,
    /// Domain of the tenant made at the first start [default: the host of the public URL]
    #[arg(long, env = "KEYWARD_TENANT_DOMAIN", value_name = "DOMAIN")]
    pub tenant_domain: Option<String>,
    /// Bearer token that may read /metrics from elsewhere than this machine
    #[arg(
        long,
        env = "KEYWARD_METRICS_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true
    )]
    pub metrics_token: Option<Secret>,
    /// Let applications on loopback register themselves (RFC 7591), for whoever develops one on this machine
    #[arg(long, env = "KEYWARD_LOCALHOST_REGISTRATION", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub localhost_registration: Option<bool>,
    /// Connections at a time [default: 4096]
    #[arg(long, env = "KEYWARD_MAX_CONNECTIONS", value_name = "N")]
    pub max_connections: Option<usize>,
    /// Where notices by mail go out.
    #[command(flatten)]
    pub mail: MailSettings,
    /// Where notices are posted to.
    #[command(flatten)]
    pub webhook: WebhookSettings,
    /// Where security events may be pushed to.
    #[command(flatten)]
    pub signals: SignalsSettings,
    /// The tunnel service of hybrid transport.
    #[command(flatten)]
    pub relay: RelaySettings,
    /// Where the logs are sent to; in the file only.
    #[arg(skip)]
    pub log_streams: Vec<LogStreamSettings>,
}

/// A setting that may hold a password; shown as dots.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text, for the one who uses it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl std::str::FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Why a configuration cannot be used. The text names the setting or the place in the file.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {file}: {problem}")]
    Unreadable {
        /// The path.
        file: PathBuf,
        /// What the system said.
        problem: std::io::Error,
    },
    /// The file is not valid; the text shows the line.
    #[error("{file}: {problem}")]
    Invalid {
        /// The path.
        file: PathBuf,
        /// The parser's message with the span.
        problem: toml::de::Error,
    },
    /// The public URL must be https and have no path.
    #[error("--public-url must look like https://host or https://host:port, not {0}")]
    PublicUrl(Url),
    /// A certificate is needed for any host but localhost.
    #[error(
        "--public-url names {0}: a development certificate is made for localhost only, so give --cert and --key"
    )]
    CertificateNeeded(String),
    /// The RP ID is not the public host or a parent domain of it.
    #[error(
        "--rp-id {rp_id} is neither {host} nor a domain above it; browsers would refuse every passkey"
    )]
    RpId {
        /// As configured.
        rp_id: String,
        /// The public host.
        host: String,
    },
    /// `[mail]` is not usable.
    #[error("mail: {0}")]
    Mail(&'static str),
    /// `[webhook]` is not usable.
    #[error("webhook: {0}")]
    Webhook(&'static str),
    /// `[relay]` is not usable.
    #[error("relay: {0}")]
    Relay(&'static str),
    /// One of `[[log-streams]]` is not usable.
    #[error("log-streams: {name}: {problem}")]
    LogStream {
        /// Its name.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Only one of the pair was given.
    #[error("--cert and --key belong together")]
    HalfPair,
}

/// Where the certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateSource {
    /// Made on demand in the data folder.
    Development,
    /// The operator's own files.
    Files {
        /// PEM chain.
        cert: PathBuf,
        /// PEM key.
        key: PathBuf,
    },
}

/// A complete, checked configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// Data folder.
    pub data: PathBuf,
    /// Address to listen on.
    pub listen: SocketAddr,
    /// How browsers reach us, without a trailing slash.
    origin: String,
    host: String,
    /// Database URL.
    pub database: Secret,
    /// Certificate.
    pub certificate: CertificateSource,
    /// Who we are in ceremonies.
    pub relying_party: RelyingParty,
    /// Believed proxies.
    pub trusted_proxies: Vec<IpNet>,
    /// Domain of the first tenant.
    pub tenant_domain: String,
    /// Bearer token of /metrics.
    pub metrics_token: Option<Secret>,
    /// Applications on loopback may register themselves.
    pub localhost_registration: bool,
    /// Connections at a time.
    pub max_connections: usize,
    /// The SMTP server for notices.
    pub mail: Option<MailConfig>,
    /// Where notices are posted to.
    pub webhook: Option<WebhookConfig>,
    /// Where security events may be pushed to.
    pub signals: SignalsConfig,
    /// The tunnel service of hybrid transport, if this server is one.
    pub relay: Option<RelayConfig>,
    /// Where the logs are sent to.
    pub log_streams: Vec<LogStreamConfig>,
    /// A sentence shown on top of every page (`demo`).
    pub demo_banner: Option<&'static str>,
    /// Whether this process records metrics; off where several servers share one (tests, tour).
    pub record_metrics: bool,
    port_is_open: bool,
}

impl Config {
    /// Completes `flags` from the configuration file and the defaults, and checks the whole.
    pub fn load(flags: Settings) -> Result<Self, ConfigError> {
        let file = read_file(&flags)?;
        Self::complete(flags.over(file))
    }

    /// `https://host` or `https://host:port`, as browsers write it.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The host browsers see.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// True if the server is meant for this machine only.
    pub fn is_local(&self) -> bool {
        is_local_host(&self.host)
    }

    /// Puts the chosen port into the origin when the listener picked one (`--listen …:0` without a public URL).
    pub fn with_port(mut self, port: u16) -> Self {
        self.listen.set_port(port);
        if self.port_is_open {
            self.origin = format!("https://{}:{port}", self.host);
            if let Some(own) = self.relying_party.origins.first_mut() {
                *own = Origin::new(self.origin.clone());
            }
            self.port_is_open = false;
        }
        self
    }

    fn complete(settings: Settings) -> Result<Self, ConfigError> {
        let data = settings
            .data
            .unwrap_or_else(|| PathBuf::from("keyward-data"));
        let listen = settings
            .listen
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8443)));
        let (origin, host) = match &settings.public_url {
            Some(url) => public_origin(url)?,
            None => (
                format!("https://localhost:{}", listen.port()),
                "localhost".to_owned(),
            ),
        };
        let certificate = certificate(settings.cert, settings.key, &host)?;
        let rp_id = rp_id(settings.rp_id, &host)?;
        let mut relying_party =
            RelyingParty::new(RpId::new(rp_id), "Keyward", Origin::new(origin.clone()));
        for related in settings.related_origins.iter().flatten() {
            relying_party
                .origins
                .push(Origin::new(related.origin().ascii_serialization()));
        }
        let database = settings
            .database
            .unwrap_or_else(|| Secret(format!("sqlite:{}", data.join("keyward.db").display())));
        Ok(Self {
            listen,
            database,
            certificate,
            relying_party,
            trusted_proxies: settings.trusted_proxies.unwrap_or_default(),
            tenant_domain: settings
                .tenant_domain
                .unwrap_or_else(|| host.clone())
                .to_ascii_lowercase(),
            metrics_token: settings.metrics_token,
            localhost_registration: settings.localhost_registration.unwrap_or(false),
            max_connections: settings.max_connections.unwrap_or(4096),
            mail: settings.mail.complete()?,
            webhook: settings.webhook.complete()?,
            signals: settings.signals.complete()?,
            relay: settings.relay.complete()?,
            log_streams: log_streams::complete(settings.log_streams)?,
            demo_banner: None,
            record_metrics: false,
            port_is_open: listen.port() == 0 && settings.public_url.is_none(),
            data,
            origin,
            host,
        })
    }
}

impl Settings {
    fn over(self, below: Self) -> Self {
        Self {
            config: self.config,
            data: self.data.or(below.data),
            listen: self.listen.or(below.listen),
            public_url: self.public_url.or(below.public_url),
            database: self.database.or(below.database),
            cert: self.cert.or(below.cert),
            key: self.key.or(below.key),
            rp_id: self.rp_id.or(below.rp_id),
            related_origins: self.related_origins.or(below.related_origins),
            trusted_proxies: self.trusted_proxies.or(below.trusted_proxies),
            tenant_domain: self.tenant_domain.or(below.tenant_domain),
            metrics_token: self.metrics_token.or(below.metrics_token),
            localhost_registration: self.localhost_registration.or(below.localhost_registration),
            max_connections: self.max_connections.or(below.max_connections),
            mail: self.mail.over(below.mail),
            webhook: self.webhook.over(below.webhook),
            signals: self.signals.over(below.signals),
            relay: self.relay.over(below.relay),
            log_streams: below.log_streams,
        }
    }
}

fn read_file(flags: &Settings) -> Result<Settings, ConfigError> {
    let folder = flags
        .data
        .clone()
        .unwrap_or_else(|| PathBuf::from("keyward-data"));
    let file = match &flags.config {
        Some(file) => file.clone(),
        None => {
            let file = folder.join("keyward.toml");
            if !file.exists() {
                return Ok(Settings::default());
            }
            file
        }
    };
    let text = fs::read_to_string(&file).map_err(|problem| ConfigError::Unreadable {
        file: file.clone(),
        problem,
    })?;
    parse_file(&file, &text)
}

fn parse_file(file: &Path, text: &str) -> Result<Settings, ConfigError> {
    toml::from_str(text).map_err(|problem| ConfigError::Invalid {
        file: file.to_owned(),
        problem,
    })
}

fn public_origin(url: &Url) -> Result<(String, String), ConfigError> {
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty();
    match url.host_str() {
        Some(host) if url.scheme() == "https" && bare => {
            Ok((url.origin().ascii_serialization(), host.to_owned()))
        }
        _ => Err(ConfigError::PublicUrl(url.clone())),
    }
}

fn certificate(
    cert: Option<PathBuf>,
    key: Option<PathBuf>,
    host: &str,
) -> Result<CertificateSource, ConfigError> {
    match (cert, key) {
        (Some(cert), Some(key)) => Ok(CertificateSource::Files { cert, key }),
        (None, None) if is_local_host(host) => Ok(CertificateSource::Development),
        (None, None) => Err(ConfigError::CertificateNeeded(host.to_owned())),
        _ => Err(ConfigError::HalfPair),
    }
}

fn is_local_host(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost") || host == "127.0.0.1"
}

fn rp_id(configured: Option<String>, host: &str) -> Result<String, ConfigError> {
    let rp_id = configured
        .unwrap_or_else(|| host.to_owned())
        .to_ascii_lowercase();
    let above = host
        .strip_suffix(rp_id.as_str())
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    if rp_id.is_empty() || !above {
        return Err(ConfigError::RpId {
            rp_id,
            host: host.to_owned(),
        });
    }
    Ok(rp_id)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    fn file(text: &str) -> Result<Settings, ConfigError> {
        parse_file(Path::new("keyward.toml"), text)
    }

    #[test]
    fn defaults_are_for_localhost() {
        let config = Config::complete(Settings::default()).unwrap();
        assert_eq!(config.origin(), "https://localhost:8443");
        assert_eq!(config.relying_party.rp_id.as_str(), "localhost");
        assert_eq!(config.certificate, CertificateSource::Development);
    }

    #[test]
    fn flags_win_over_the_file() {
        let below = file("listen = \"127.0.0.1:1\"\nrp-id = \"localhost\"").unwrap();
        let flags = Settings {
            listen: Some("127.0.0.1:2".parse().unwrap()),
            ..Settings::default()
        };
        let config = Config::complete(flags.over(below)).unwrap();
        assert_eq!(config.listen.port(), 2);
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let error = file("listen = \"127.0.0.1:1\"\nlisen = 3")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("lisen") && error.contains("line 2"),
            "{error}"
        );
    }

    #[test]
    fn the_tables_of_notices_are_read_and_their_keys_checked() {
        let settings = file(
            "[mail]\nhost = \"smtp.example.com\"\ntls = \"implicit\"\nfrom = \"a@example.com\"",
        )
        .unwrap();
        let mail = Config::complete(settings).unwrap().mail.unwrap();
        assert_eq!((mail.tls, mail.port), (MailTls::Implicit, 465));
        for wrong in [
            "[mail]\nhots = \"x\"",
            "[webhook]\nsecret = \"x\"",
            "[mail]\ntls = \"maybe\"",
        ] {
            let error = file(wrong).unwrap_err().to_string();
            assert!(error.contains("line 2"), "{error}");
        }
        let flags = Settings {
            mail: MailSettings {
                port: Some(2525),
                ..MailSettings::default()
            },
            ..Settings::default()
        };
        let below =
            file("[mail]\nhost = \"127.0.0.1\"\nport = 25\nfrom = \"a@example.com\"").unwrap();
        let mail = Config::complete(flags.over(below)).unwrap().mail.unwrap();
        assert_eq!((mail.host.as_str(), mail.port), ("127.0.0.1", 2525));
    }

    #[test]
    fn http_and_paths_are_no_public_url() {
        for url in [
            "http://localhost:8443",
            "https://a.example/x",
            "https://u@a.example",
        ] {
            let settings = Settings {
                public_url: Some(url.parse().unwrap()),
                ..Settings::default()
            };
            assert!(
                matches!(Config::complete(settings), Err(ConfigError::PublicUrl(_))),
                "{url}"
            );
        }
    }

    #[test]
    fn a_public_host_needs_a_certificate() {
        let settings = Settings {
            public_url: Some("https://id.a.example".parse().unwrap()),
            ..Settings::default()
        };
        assert!(matches!(
            Config::complete(settings),
            Err(ConfigError::CertificateNeeded(_))
        ));
    }

    #[test]
    fn the_rp_id_is_the_host_or_above_it() {
        assert_eq!(rp_id(None, "id.a.example").unwrap(), "id.a.example");
        assert_eq!(
            rp_id(Some("a.example".into()), "id.a.example").unwrap(),
            "a.example"
        );
        for wrong in ["b.example", "xample", "id.a.example.evil", ""] {
            assert!(
                matches!(
                    rp_id(Some(wrong.into()), "id.a.example"),
                    Err(ConfigError::RpId { .. })
                ),
                "{wrong}"
            );
        }
    }

    #[test]
    fn an_open_port_ends_up_in_the_origin() {
        let settings = Settings {
            listen: Some("127.0.0.1:0".parse().unwrap()),
            ..Settings::default()
        };
        let config = Config::complete(settings).unwrap().with_port(4711);
        assert_eq!(config.origin(), "https://localhost:4711");
        assert!(config.relying_party.expects("https://localhost:4711"));
    }

    #[test]
    fn secrets_do_not_show() {
        let settings = Settings {
            database: Some(Secret("postgres://u:hunter2@h/d".into())),
            ..Settings::default()
        };
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
