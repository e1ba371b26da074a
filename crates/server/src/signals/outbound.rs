//! The way out: a client that goes where a receiver may be, and nowhere else.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode};
use policy::model::SecretBytes;
use reqwest::{Certificate, Client, redirect};
use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use url::{Host, Url};

use crate::config::SignalsConfig;
use crate::notify::{PublicOnly, cause, is_public};

const CONNECT: Duration = Duration::from_secs(2);
/// Well inside the lease of the courier, so that two nodes never push the same stream at once.
const WHOLE: Duration = Duration::from_secs(5);
/// Bytes of an answer that are read.
const ANSWER: usize = 4 * 1024;
/// Polls of this process that wait at a time; whoever comes after gets an answer at once.
const WAITERS: usize = 1024;

/// Everything that signals keep in the process.
#[derive(Debug)]
pub struct Outbound {
    client: Client,
    private_networks: bool,
    pub(super) waiters: Arc<Semaphore>,
    pub(super) closing: CancellationToken,
}

/// Why an address may not be pushed to. One variant per rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// No URL, or a long one.
    #[error("endpoint_url is not a URL")]
    NotAUrl,
    /// Events name people, so they do not travel in clear.
    #[error("endpoint_url must be https")]
    NotHttps,
    /// It would end up in logs.
    #[error("endpoint_url must have neither a user name nor a fragment")]
    Credentials,
    /// A receiver that names an address inside would have us talk to our neighbours.
    #[error("endpoint_url is an address in a private network")]
    Private,
}

/// How a push ended.
#[derive(Debug)]
pub(super) enum Pushed {
    /// The receiver has it.
    Taken,
    /// The receiver will never want this one.
    Refused(String),
    /// It may go better later.
    Failed(String),
}

/// What a receiver says of a token that it does not take (RFC 8935 section 2.4).
#[derive(Deserialize)]
struct SetError {
    err: String,
    #[serde(default)]
    description: String,
}

impl Outbound {
    /// A client for `config`: no redirects, no proxy, short deadlines.
    ///
    /// # Errors
    /// When the certificate authority cannot be read, or the TLS library refuses.
    pub fn new(config: &SignalsConfig) -> anyhow::Result<Self> {
        let mut client = Client::builder()
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .redirect(redirect::Policy::none())
            .no_proxy();
        if !config.private_networks {
            client = client.dns_resolver(Arc::new(PublicOnly));
        }
        if let Some(ca) = &config.ca {
            client = client.add_root_certificate(Certificate::from_pem(ca)?);
        }
        Ok(Self {
            client: client.build()?,
            private_networks: config.private_networks,
            waiters: Arc::new(Semaphore::new(WAITERS)),
            closing: CancellationToken::new(),
        })
    }

    /// Answers every poll that waits: the server stops.
    pub fn close(&self) {
        self.closing.cancel();
    }

    /// The address, if it may be pushed to.
    pub(crate) fn check(&self, address: &str) -> Result<Url, BadAddress> {
        check_address(address, self.private_networks)
    }

    /// Posts a form to an application. Only a 2xx says that it has understood.
    pub(crate) async fn post_form(&self, address: &str, body: String) -> Result<(), String> {
        let url = self.check(address).map_err(|bad| bad.to_string())?;
        let request = self
            .client
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("user-agent", concat!("Keyward/", env!("CARGO_PKG_VERSION")));
        match request.body(body).send().await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(format!("answered {}", answer.status())),
            Err(error) => Err(cause(&error)),
        }
    }

    /// Pushes one token (RFC 8935 section 2).
    pub(super) async fn push(
        &self,
        address: &str,
        authorization: Option<&SecretBytes>,
        token: String,
    ) -> Pushed {
        // Once more: the operator may have changed their mind since the stream was made.
        let url = match self.check(address) {
            Ok(url) => url,
            Err(bad) => return Pushed::Failed(bad.to_string()),
        };
        let mut request = self
            .client
            .post(url)
            .header("content-type", "application/secevent+jwt")
            .header("accept", "application/json")
            .header("user-agent", concat!("Keyward/", env!("CARGO_PKG_VERSION")));
        if let Some(secret) = authorization {
            let Ok(mut value) = HeaderValue::from_bytes(secret.expose()) else {
                return Pushed::Failed("authorization_header is no header".to_owned());
            };
            value.set_sensitive(true);
            request = request.header("authorization", value);
        }
        match request.body(token).send().await {
            Ok(answer) if answer.status().is_success() => Pushed::Taken,
            Ok(answer) => refused(answer).await,
            Err(error) => Pushed::Failed(cause(&error)),
        }
    }
}

/// Only a 400 with one of these says that this token is the problem; everything else may be settled while we wait.
async fn refused(answer: reqwest::Response) -> Pushed {
    let status = answer.status();
    if status != StatusCode::BAD_REQUEST {
        return Pushed::Failed(format!("answered {status}"));
    }
    let body = bounded(answer).await;
    match serde_json::from_slice::<SetError>(&body) {
        Ok(said) => {
            let code: String = said.err.chars().take(64).collect();
            let words: String = said.description.chars().take(200).collect();
            let text = format!("{code} {words}").trim_end().to_owned();
            match code.as_str() {
                "invalid_request" | "invalid_issuer" | "invalid_audience" => Pushed::Refused(text),
                _ => Pushed::Failed(text),
            }
        }
        Err(_) => Pushed::Failed(format!("answered {status}")),
    }
}

async fn bounded(mut answer: reqwest::Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER {
            return Vec::new();
        }
    }
    body
}

/// The address, if it may be pushed to. Names are judged when they are resolved; an address is not resolved.
///
/// # Errors
/// The rule that it breaks.
pub fn check_address(address: &str, private_networks: bool) -> Result<Url, BadAddress> {
    let url: Url = Some(address)
        .filter(|address| address.len() <= 1024)
        .and_then(|address| address.parse().ok())
        .ok_or(BadAddress::NotAUrl)?;
    let (literal, local) = match url.host() {
        Some(Host::Ipv4(v4)) => (Some(IpAddr::V4(v4)), v4.is_loopback()),
        Some(Host::Ipv6(v6)) => (Some(IpAddr::V6(v6)), v6.is_loopback()),
        Some(Host::Domain(name)) => (None, name == "localhost"),
        None => return Err(BadAddress::NotAUrl),
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && local && private_networks) {
        return Err(BadAddress::NotHttps);
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(BadAddress::Credentials);
    }
    let inside = literal.is_some_and(|address| !is_public(address)) || local;
    if inside && !private_networks {
        return Err(BadAddress::Private);
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_is_outside_and_speaks_https() {
        let good = [
            "https://receiver.example.com/events?x=1",
            "https://8.8.8.8/",
        ];
        for address in good {
            assert!(check_address(address, false).is_ok(), "{address}");
        }
        for (address, rule) in [
            ("receiver.example.com", BadAddress::NotAUrl),
            ("data:x", BadAddress::NotAUrl),
            ("http://receiver.example.com/", BadAddress::NotHttps),
            ("http://localhost:8080/", BadAddress::NotHttps),
            (
                "https://user@receiver.example.com/",
                BadAddress::Credentials,
            ),
            ("https://receiver.example.com/#x", BadAddress::Credentials),
            ("https://localhost/", BadAddress::Private),
            ("https://127.0.0.1:8443/", BadAddress::Private),
            ("https://10.0.0.1/", BadAddress::Private),
            ("https://169.254.169.254/latest", BadAddress::Private),
            ("https://[::1]/", BadAddress::Private),
            ("https://[fd00::1]/", BadAddress::Private),
            ("https://[::ffff:10.0.0.1]/", BadAddress::Private),
        ] {
            assert_eq!(check_address(address, false), Err(rule), "{address}");
        }
        assert!(check_address("http://localhost:8080/", true).is_ok());
        assert_eq!(
            check_address("http://10.0.0.1/", true),
            Err(BadAddress::NotHttps)
        );
    }
}
