//! Where a stream goes.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use policy::model::Timestamp;

use super::entry::Entry;
use super::http::{Otlp, Webhook};
use super::syslog::Syslog;
use crate::config::{LogStreamConfig, LogTarget};

/// A receiver.
#[derive(Debug)]
pub enum Sink {
    /// JSON lines, flushed to the disk before the cursor moves.
    File(PathBuf),
    /// RFC 5424.
    Syslog(Syslog),
    /// A signed POST.
    Webhook(Webhook),
    /// OpenTelemetry.
    Otlp(Otlp),
}

impl Sink {
    /// The receiver of a stream. Nothing is connected yet.
    ///
    /// # Errors
    /// When a certificate authority cannot be read, or the TLS library refuses.
    pub fn new(config: &LogStreamConfig) -> anyhow::Result<Self> {
        Ok(match &config.target {
            LogTarget::File(path) => Self::File(path.clone()),
            LogTarget::Syslog {
                address,
                transport,
                ca,
            } => Self::Syslog(Syslog::new(address, *transport, ca.as_deref())?),
            LogTarget::Webhook { post, secrets } => Self::Webhook(Webhook::new(post, secrets)?),
            LogTarget::Otlp {
                post,
                authorization,
            } => Self::Otlp(Otlp::new(post, authorization.as_ref())?),
        })
    }

    /// Hands a batch over; `id` is the same each time the same batch is. What went wrong is for the operator.
    ///
    /// # Errors
    /// If the receiver did not take all of it.
    pub async fn send(
        &mut self,
        id: &str,
        entries: &[Entry],
        now: Timestamp,
    ) -> Result<(), String> {
        match self {
            Self::File(path) => {
                let mut text = Vec::new();
                for entry in entries {
                    text.extend_from_slice(entry.json().to_string().as_bytes());
                    text.push(b'\n');
                }
                append(path.clone(), text).await
            }
            Self::Syslog(syslog) => syslog.send(entries).await,
            Self::Webhook(webhook) => webhook.send(id, entries, now).await,
            Self::Otlp(otlp) => otlp.send(entries, now).await,
        }
    }

    /// Whether the receiver is there.
    ///
    /// # Errors
    /// If it is not.
    pub async fn test(&mut self, id: &str, now: Timestamp) -> Result<(), String> {
        match self {
            Self::File(path) => append(path.clone(), Vec::new()).await,
            Self::Syslog(syslog) => syslog.connect().await,
            Self::Webhook(webhook) => webhook.test(id, now).await,
            Self::Otlp(otlp) => otlp.send(&[], now).await,
        }
    }
}

/// Opened anew each time, so that it can be rotated by renaming it.
async fn append(path: PathBuf, text: Vec<u8>) -> Result<(), String> {
    let written = tokio::task::spawn_blocking(move || write(&path, &text)).await;
    match written {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err("the writing thread ended".to_owned()),
    }
}

fn write(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text)?;
    file.sync_data()
}
