//! A signed webhook, and OpenTelemetry logs as JSON over HTTP.

use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderValue;
use policy::model::Timestamp;
use reqwest::{Certificate, Client, redirect};
use serde_json::{Value, json};
use url::Url;

use super::entry::Entry;
use crate::config::{HttpTarget, Secret, WebhookSecret, is_this_machine};
use crate::notify::{PublicOnly, cause, signature};

const CONNECT: Duration = Duration::from_secs(5);
const WHOLE: Duration = Duration::from_secs(10);
/// Bytes of an answer that are read.
const ANSWER: usize = 16 * 1024;

/// A receiver of signed batches.
#[derive(Debug)]
pub struct Webhook {
    client: Client,
    url: Url,
    secrets: Vec<WebhookSecret>,
}

/// A collector of OpenTelemetry logs.
#[derive(Debug)]
pub struct Otlp {
    client: Client,
    url: Url,
    authorization: Option<HeaderValue>,
}

impl Webhook {
    pub(super) fn new(target: &HttpTarget, secrets: &[WebhookSecret]) -> anyhow::Result<Self> {
        Ok(Self {
            client: client(target)?,
            url: target.url.clone(),
            secrets: secrets.to_vec(),
        })
    }

    /// One POST for a batch, signed as the Standard Webhooks specification says. Everything but 2xx is a failure.
    pub(super) async fn send(
        &self,
        id: &str,
        entries: &[Entry],
        now: Timestamp,
    ) -> Result<(), String> {
        let records: Vec<Value> = entries.iter().map(Entry::json).collect();
        self.post(id, json!({"type": "records", "records": records}), now)
            .await
    }

    pub(super) async fn test(&self, id: &str, now: Timestamp) -> Result<(), String> {
        self.post(id, json!({"type": "test"}), now).await
    }

    async fn post(&self, id: &str, body: Value, now: Timestamp) -> Result<(), String> {
        let body = body.to_string().into_bytes();
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
            .map_err(|error| cause(&error))?;
        if answer.status().is_success() {
            Ok(())
        } else {
            Err(format!("answered {}", answer.status()))
        }
    }
}

impl Otlp {
    pub(super) fn new(target: &HttpTarget, authorization: Option<&Secret>) -> anyhow::Result<Self> {
        let header = |secret: &Secret| {
            let mut value = HeaderValue::from_str(secret.expose())?;
            value.set_sensitive(true);
            anyhow::Ok(value)
        };
        Ok(Self {
            client: client(target)?,
            url: target.url.clone(),
            authorization: authorization.map(header).transpose()?,
        })
    }

    /// One ExportLogsServiceRequest for a batch (OTLP 1.x, JSON encoding of the protocol buffers).
    pub(super) async fn send(&self, entries: &[Entry], now: Timestamp) -> Result<(), String> {
        let mut request = self
            .client
            .post(self.url.clone())
            .header("content-type", "application/json")
            .body(export(entries, now).to_string());
        if let Some(value) = &self.authorization {
            request = request.header("authorization", value);
        }
        let answer = request.send().await.map_err(|error| cause(&error))?;
        let status = answer.status();
        if !status.is_success() {
            return Err(format!("answered {status}"));
        }
        let said: Value = serde_json::from_slice(&bounded(answer).await).unwrap_or_default();
        let rejected = said.pointer("/partialSuccess/rejectedLogRecords");
        // A 64-bit number is a string in this encoding, and a number where people forget that.
        let none = |count: &Value| count.as_i64() == Some(0) || count.as_str() == Some("0");
        if rejected.is_some_and(|count| !none(count)) {
            return Err("the collector rejected some of the records".to_owned());
        }
        Ok(())
    }
}

/// The body of a request to a collector.
fn export(entries: &[Entry], now: Timestamp) -> Value {
    let nanos = |at: Timestamp| format!("{}000", at.as_micros());
    let text = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
    let record = |entry: &Entry| {
        let (number, name) = if entry.failed {
            (13, "WARN")
        } else {
            (9, "INFO")
        };
        json!({
            "timeUnixNano": nanos(entry.at),
            "observedTimeUnixNano": nanos(now),
            "severityNumber": number,
            "severityText": name,
            "eventName": format!("keyward.{}", entry.what.as_str()),
            "body": {"stringValue": entry.record.to_string()},
            "attributes": [
                text("keyward.type", entry.what.as_str()),
                text("keyward.tenant.id", &entry.tenant.to_string()),
                text("keyward.record.id", &entry.id),
                {"key": "keyward.position", "value": {"intValue": entry.position.to_string()}},
            ],
        })
    };
    let records: Vec<Value> = entries.iter().map(record).collect();
    json!({"resourceLogs": [{
        "resource": {"attributes": [
            text("service.name", "keyward"),
            text("service.version", env!("CARGO_PKG_VERSION")),
        ]},
        "scopeLogs": [{"scope": {"name": "keyward.logs"}, "logRecords": records}],
    }]})
}

/// No redirects, no proxy, short deadlines, and no address of a private network unless the operator said so or named this
/// machine.
fn client(target: &HttpTarget) -> anyhow::Result<Client> {
    let mut client = Client::builder()
        .connect_timeout(CONNECT)
        .timeout(WHOLE)
        .redirect(redirect::Policy::none())
        .no_proxy();
    let host = target.url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if !target.private_networks && !is_this_machine(host) {
        client = client.dns_resolver(Arc::new(PublicOnly));
    }
    if let Some(ca) = &target.ca {
        client = client.add_root_certificate(Certificate::from_pem(ca)?);
    }
    Ok(client.build()?)
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
