//! `[[log-streams]]`: where the logs are sent to.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Deserialize;
use url::Url;

use super::notices::{check_webhook_url, read, secret_line, webhook_secrets};
use super::{ConfigError, Secret, WebhookSecret};

/// Streams of one deployment.
const MOST: usize = 8;

/// One table of `[[log-streams]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LogStreamSettings {
    name: String,
    kind: Kind,
    #[serde(default)]
    records: Option<BTreeSet<LogSource>>,
    #[serde(default)]
    redact: bool,
    path: Option<PathBuf>,
    address: Option<String>,
    transport: Option<SyslogTransport>,
    url: Option<Url>,
    secret_file: Option<PathBuf>,
    authorization_file: Option<PathBuf>,
    #[serde(default)]
    private_networks: bool,
    ca_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    File,
    Syslog,
    Webhook,
    Otlp,
}

/// What a stream carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogSource {
    /// The audit log.
    Audit,
    /// The sign-in log.
    SignIns,
    /// The signed heads of both.
    Checkpoints,
}

/// How syslog messages travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SyslogTransport {
    /// RFC 5425.
    Tls,
    /// RFC 6587, octet counting.
    Tcp,
    /// RFC 5426; what is lost on the way is lost.
    Udp,
}

/// A checked stream.
#[derive(Clone, Debug)]
pub struct LogStreamConfig {
    /// Its name; its cursors are found by it.
    pub name: String,
    /// What it carries.
    pub records: BTreeSet<LogSource>,
    /// Whether names, addresses and devices are left out.
    pub redact: bool,
    /// Where it goes.
    pub target: LogTarget,
}

/// Where a stream goes.
#[derive(Clone, Debug)]
pub enum LogTarget {
    /// JSON lines.
    File(PathBuf),
    /// RFC 5424.
    Syslog {
        /// `host:port`.
        address: String,
        /// How.
        transport: SyslogTransport,
        /// The authority that signs the receiver's certificate, PEM.
        ca: Option<Vec<u8>>,
    },
    /// A signed POST.
    Webhook {
        /// The address.
        post: HttpTarget,
        /// What signs.
        secrets: Vec<WebhookSecret>,
    },
    /// OpenTelemetry logs as JSON over HTTP.
    Otlp {
        /// The address, as in `https://collector:4318/v1/logs`.
        post: HttpTarget,
        /// The `Authorization` header.
        authorization: Option<Secret>,
    },
}

/// Where to post to.
#[derive(Clone, Debug)]
pub struct HttpTarget {
    /// The address.
    pub url: Url,
    /// Whether its name may lead inside.
    pub private_networks: bool,
    /// A certificate authority to trust, PEM.
    pub ca: Option<Vec<u8>>,
}

/// All streams, each with a name of its own.
pub(super) fn complete(
    streams: Vec<LogStreamSettings>,
) -> Result<Vec<LogStreamConfig>, ConfigError> {
    let mut names = BTreeSet::new();
    if streams.len() > MOST {
        let name = String::new();
        let problem = "there are more than eight";
        return Err(ConfigError::LogStream { name, problem });
    }
    streams
        .into_iter()
        .map(|stream| {
            let name = stream.name.clone();
            let fail = |problem| ConfigError::LogStream {
                name: name.clone(),
                problem,
            };
            if !is_name(&name) {
                return Err(fail("name must be 1 to 32 of a-z, 0-9 and -"));
            }
            if !names.insert(name.clone()) {
                return Err(fail("name is taken by another stream"));
            }
            stream.complete(fail)
        })
        .collect()
}

fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=32).contains(&name.len()) && name.bytes().all(letter)
}

impl LogStreamSettings {
    fn complete(
        self,
        fail: impl Fn(&'static str) -> ConfigError,
    ) -> Result<LogStreamConfig, ConfigError> {
        let ca = || self.ca_file.as_deref().map(read).transpose();
        let post = || {
            let url = self.url.clone().ok_or(fail("url is missing"))?;
            check_webhook_url(&url, self.private_networks).map_err(&fail)?;
            Ok::<_, ConfigError>(HttpTarget {
                url,
                private_networks: self.private_networks,
                ca: ca()?,
            })
        };
        let target = match self.kind {
            Kind::File => LogTarget::File(self.path.clone().ok_or(fail("path is missing"))?),
            Kind::Syslog => {
                let transport = self.transport.ok_or(fail("transport is missing"))?;
                let address = self.address.clone().ok_or(fail("address is missing"))?;
                let port = address
                    .rsplit_once(':')
                    .map(|(_, port)| port.parse::<u16>());
                if !matches!(port, Some(Ok(_))) {
                    return Err(fail("address must be host:port"));
                }
                let ca = ca()?;
                if transport == SyslogTransport::Tls && ca.is_none() {
                    return Err(fail("tls needs ca-file"));
                }
                LogTarget::Syslog {
                    address,
                    transport,
                    ca,
                }
            }
            Kind::Webhook => {
                let file = self.secret_file.as_deref();
                let file = file.ok_or(fail("secret-file is missing"))?;
                LogTarget::Webhook {
                    post: post()?,
                    secrets: webhook_secrets(file)?,
                }
            }
            Kind::Otlp => {
                let file = self.authorization_file.as_deref();
                LogTarget::Otlp {
                    post: post()?,
                    authorization: file.map(secret_line).transpose()?.map(Secret),
                }
            }
        };
        let all = [LogSource::Audit, LogSource::SignIns, LogSource::Checkpoints];
        Ok(LogStreamConfig {
            name: self.name,
            records: self.records.unwrap_or_else(|| BTreeSet::from(all)),
            redact: self.redact,
            target,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    struct File {
        log_streams: Vec<LogStreamSettings>,
    }

    fn read_all(text: &str) -> Result<Vec<LogStreamConfig>, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        complete(file.log_streams).map_err(|error| error.to_string())
    }

    fn one(rest: &str) -> Result<Vec<LogStreamConfig>, String> {
        read_all(&format!("[[log-streams]]\nname = \"siem\"\n{rest}"))
    }

    #[test]
    fn every_kind_is_read() {
        for good in [
            "kind = \"file\"\npath = \"/var/log/keyward.jsonl\"",
            "kind = \"syslog\"\ntransport = \"udp\"\naddress = \"127.0.0.1:514\"",
            "kind = \"syslog\"\ntransport = \"tcp\"\naddress = \"[::1]:601\"\nredact = true",
            "kind = \"otlp\"\nurl = \"http://localhost:4318/v1/logs\"\nrecords = [\"audit\", \"sign-ins\"]",
        ] {
            assert!(one(good).is_ok(), "{good}: {:?}", one(good));
        }
    }

    #[test]
    fn what_cannot_work_is_named() {
        for (bad, why) in [
            ("kind = \"file\"", "path is missing"),
            ("kind = \"smoke\"", "unknown variant"),
            (
                "kind = \"file\"\npath = \"x\"\npathh = \"y\"",
                "unknown field",
            ),
            (
                "kind = \"syslog\"\naddress = \"a:1\"",
                "transport is missing",
            ),
            (
                "kind = \"syslog\"\ntransport = \"tcp\"\naddress = \"a\"",
                "host:port",
            ),
            (
                "kind = \"syslog\"\ntransport = \"tls\"\naddress = \"a:1\"",
                "tls needs ca-file",
            ),
            (
                "kind = \"webhook\"\nurl = \"https://a.example/\"",
                "secret-file is missing",
            ),
            ("kind = \"otlp\"\nurl = \"http://a.example/\"", "https"),
            (
                "kind = \"otlp\"\nurl = \"https://10.0.0.1/\"",
                "private network",
            ),
        ] {
            let said = one(bad).map(drop);
            assert!(
                said.as_ref().is_err_and(|said| said.contains(why)),
                "{bad}: {said:?}"
            );
        }
        let file = "kind = \"file\"\npath = \"x\"";
        let twice = format!("[[log-streams]]\nname = \"a\"\n{file}\n").repeat(2);
        assert!(read_all(&twice).is_err());
        let spaced = format!("[[log-streams]]\nname = \"a b\"\n{file}\n");
        assert!(read_all(&spaced).is_err());
    }
}
