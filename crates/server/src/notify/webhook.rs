//! The webhook: a signed POST for each notice, in the shape of the Standard Webhooks specification.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use policy::model::{Notice, NoticeActor, NoticeKind, NoticePerson, NoticeSubject, Timestamp};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, Client, redirect};
use serde::Serialize;
use url::{Host, Url};

use super::{Failure, is_public};
use crate::config::{WebhookConfig, WebhookSecret};
use crate::pages::When;

const CONNECT: Duration = Duration::from_secs(5);
const WHOLE: Duration = Duration::from_secs(10);

/// A receiver of notices.
pub struct Hook {
    client: Client,
    url: Url,
    secrets: Vec<WebhookSecret>,
}

impl Hook {
    /// A client for `config`: no redirects, no proxy, short deadlines, and no address of a private network unless that
    /// is allowed or the operator named this very machine.
    pub fn new(config: &WebhookConfig) -> anyhow::Result<Self> {
        let mut client = Client::builder()
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .redirect(redirect::Policy::none())
            .no_proxy();
        if resolves_to_public_only(config) {
            client = client.dns_resolver(Arc::new(PublicOnly));
        }
        if let Some(ca) = &config.ca {
            client = client.add_root_certificate(Certificate::from_pem(ca)?);
        }
        Ok(Self {
            client: client.build()?,
            url: config.url.clone(),
            secrets: config.secrets.clone(),
        })
    }

    /// Posts a notice. Everything but 2xx is a failure.
    pub async fn post(&self, notice: &Notice, now: Timestamp) -> Result<(), Failure> {
        let body = serde_json::to_vec(&Body::of(notice))
            .map_err(|error| Failure::hopeless(format!("the notice is no JSON: {error}")))?;
        self.send(&notice.id.to_string(), body, now).await
    }

    /// Posts something that says of itself that it is a test.
    pub async fn test(&self, id: &str, now: Timestamp) -> Result<(), Failure> {
        let body = format!(r#"{{"type":"test","id":"{id}"}}"#);
        self.send(id, body.into_bytes(), now).await
    }

    async fn send(&self, id: &str, body: Vec<u8>, now: Timestamp) -> Result<(), Failure> {
        let answer = self
            .client
            .post(self.url.clone())
            .header("content-type", "application/json")
            .header("user-agent", concat!("Keyward/", env!("CARGO_PKG_VERSION")))
            .header("webhook-id", id)
            .header("webhook-timestamp", now.as_seconds().to_string())
            .header(
                "webhook-signature",
                signature(&self.secrets, id, now, &body),
            )
            .body(body)
            .send()
            .await
            .map_err(|error| Failure::passing(cause(&error)))?;
        if answer.status().is_success() {
            Ok(())
        } else {
            Err(Failure::passing(format!("answered {}", answer.status())))
        }
    }
}

/// Without the query of the address, which may be a secret of the receiver's.
impl std::fmt::Debug for Hook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hook({})", self.url.origin().ascii_serialization())
    }
}

/// `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`, once for each secret, separated by spaces.
pub fn signature(secrets: &[WebhookSecret], id: &str, now: Timestamp, body: &[u8]) -> String {
    let sign = |secret: &WebhookSecret| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose());
        let mut context = hmac::Context::with_key(&key);
        context.update(format!("{id}.{}.", now.as_seconds()).as_bytes());
        context.update(body);
        format!("v1,{}", STANDARD.encode(context.sign()))
    };
    secrets.iter().map(sign).collect::<Vec<_>>().join(" ")
}

fn resolves_to_public_only(config: &WebhookConfig) -> bool {
    !config.private_networks && !is_this_machine(&config.url)
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(v4)) => v4.is_loopback(),
        Some(Host::Ipv6(v6)) => v6.is_loopback(),
        None => false,
    }
}

/// The innermost cause says more than "error sending request", and none of them names the query of the address.
pub(crate) fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// Resolves names to public addresses only. What is judged is what is connected to, so a name that answers differently
/// the second time gains nothing.
pub(crate) struct PublicOnly;

#[derive(Debug, thiserror::Error)]
#[error("the name leads to a private network only; set private-networks if that is meant")]
struct LeadsInside;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|found| is_public(found.ip())).collect();
            if public.is_empty() {
                return Err(LeadsInside.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// What is posted. Its members are documented in `docs/webhook.md` and never change their meaning.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'n> {
    #[serde(rename = "type")]
    kind: NoticeKind,
    id: String,
    tenant_id: String,
    occurred_date_time: String,
    correlation_id: String,
    user: &'n NoticePerson,
    initiated_by: &'n NoticeActor,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Subject<'n>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<&'n str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<&'n str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
enum Subject<'n> {
    #[serde(rename_all = "camelCase")]
    Passkey {
        id: String,
        display_name: &'n str,
        aa_guid: String,
        passkey_type: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        end_date_time: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        replaceable_until_date_time: Option<String>,
    },
    #[serde(rename_all = "camelCase")]
    TemporaryAccessPass {
        id: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        end_date_time: Option<String>,
    },
    #[serde(rename_all = "camelCase")]
    Notice { type_of_notice: NoticeKind },
}

impl<'n> Body<'n> {
    fn of(notice: &'n Notice) -> Self {
        let place = notice.place.as_ref();
        Self {
            kind: notice.kind,
            id: notice.id.to_string(),
            tenant_id: notice.tenant.to_string(),
            occurred_date_time: moment(notice.at),
            correlation_id: notice.correlation.to_string(),
            user: &notice.user,
            initiated_by: &notice.actor,
            subject: notice.subject.as_ref().map(Subject::of),
            device: place.and_then(|place| place.device.as_deref()),
            network: place.map(|place| place.network.as_str()),
        }
    }
}

impl<'n> Subject<'n> {
    fn of(subject: &'n NoticeSubject) -> Self {
        match subject {
            NoticeSubject::Passkey {
                id,
                display_name,
                aaguid,
                passkey_type,
                ends,
                replaced_until,
            } => Self::Passkey {
                id: id.to_string(),
                display_name,
                aa_guid: aaguid.to_string(),
                passkey_type: passkey_type.as_str(),
                end_date_time: ends.map(moment),
                replaceable_until_date_time: replaced_until.map(moment),
            },
            NoticeSubject::Pass { id, ends } => Self::TemporaryAccessPass {
                id: id.to_string(),
                end_date_time: ends.map(moment),
            },
            NoticeSubject::Notice { what } => Self::Notice {
                type_of_notice: *what,
            },
        }
    }
}

fn moment(at: Timestamp) -> String {
    When::from(at).machine()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    /// The example of the Standard Webhooks libraries: whoever verifies with one of them agrees with us.
    #[test]
    fn the_signature_is_the_one_of_the_specification() {
        let secret = WebhookSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let now = Timestamp::from_seconds(1_614_265_330);
        let body = br#"{"test": 2432232314}"#;
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let one = signature(std::slice::from_ref(&secret), id, now, body);
        assert_eq!(one, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let other =
            WebhookSecret::parse("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap();
        let both = signature(&[secret, other], id, now, body);
        assert!(both.starts_with(&format!("{one} v1,")));
    }

    #[test]
    fn every_type_is_documented() {
        let manual = include_str!("../../../../docs/webhook.md");
        for kind in NoticeKind::ALL {
            let name = serde_json::to_string(&kind).unwrap();
            let name = format!("`{}`", name.trim_matches('"'));
            assert!(manual.contains(&name), "{name}");
        }
    }

    #[test]
    fn names_are_guarded_unless_the_operator_said_otherwise() {
        let guarded = |url: &str, private_networks| {
            resolves_to_public_only(&WebhookConfig {
                url: url.parse().unwrap(),
                secrets: Vec::new(),
                private_networks,
                ca: None,
            })
        };
        assert!(guarded("https://hooks.example.com/", false));
        assert!(guarded("https://localhost.example.com/", false));
        assert!(!guarded("https://hooks.example.com/", true));
        assert!(!guarded("http://localhost:8080/", false));
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_connected_to() {
        let name = "localhost".parse().unwrap();
        let refused = PublicOnly.resolve(name).await.err().unwrap();
        assert!(refused.to_string().contains("private network"));
    }
}
