//! Syslog: RFC 5424 messages over UDP (RFC 5426), TCP with octet counting (RFC 6587 section 3.4.1) or TLS (RFC 5425).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::entry::Entry;
use crate::config::SyslogTransport;
use crate::evidence::checkpoint::time_text;

/// Facility 13: log audit.
const FACILITY: u8 = 13;
const INFORMATIONAL: u8 = 6;
const WARNING: u8 = 4;
/// For connecting, and for a batch.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a receiver may take to say that it is gone.
const DOUBT: Duration = Duration::from_millis(50);
/// Bytes of a datagram.
const DATAGRAM: usize = 60_000;

trait Pipe: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Pipe for T {}

/// A receiver of syslog messages.
pub struct Syslog {
    address: String,
    transport: SyslogTransport,
    tls: Option<Arc<ClientConfig>>,
    open: Option<Open>,
}

enum Open {
    Datagrams(UdpSocket),
    Stream(Box<dyn Pipe>),
}

impl fmt::Debug for Syslog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Syslog({:?} {})", self.transport, self.address)
    }
}

impl Syslog {
    pub(super) fn new(
        address: &str,
        transport: SyslogTransport,
        ca: Option<&[u8]>,
    ) -> anyhow::Result<Self> {
        let tls = match (transport, ca) {
            (SyslogTransport::Tls, Some(ca)) => {
                let mut roots = RootCertStore::empty();
                for certificate in CertificateDer::pem_slice_iter(ca) {
                    roots.add(certificate?)?;
                }
                let config = ClientConfig::builder()
                    .with_root_certificates(roots)
                    .with_no_client_auth();
                Some(Arc::new(config))
            }
            _ => None,
        };
        Ok(Self {
            address: address.to_owned(),
            transport,
            tls,
            open: None,
        })
    }

    /// Opens the way, unless it is open.
    pub(super) async fn connect(&mut self) -> Result<(), String> {
        if self.open.is_none() {
            let opened = timeout(PATIENCE, self.opened()).await;
            let opened = opened.map_err(|_| "no connection within ten seconds".to_owned())?;
            self.open = Some(opened.map_err(|error| error.to_string())?);
        }
        Ok(())
    }

    async fn opened(&self) -> std::io::Result<Open> {
        if self.transport == SyslogTransport::Udp {
            let mut found = tokio::net::lookup_host(&self.address).await?;
            let to = found.next().ok_or(std::io::ErrorKind::NotFound)?;
            let from = if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
            let socket = UdpSocket::bind(from).await?;
            socket.connect(to).await?;
            return Ok(Open::Datagrams(socket));
        }
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        let Some(tls) = &self.tls else {
            return Ok(Open::Stream(Box::new(stream)));
        };
        let (host, _) = self.address.rsplit_once(':').unwrap_or_default();
        let host = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        let name = ServerName::try_from(host).map_err(std::io::Error::other)?;
        let stream = TlsConnector::from(Arc::clone(tls))
            .connect(name, stream)
            .await?;
        Ok(Open::Stream(Box::new(stream)))
    }

    /// Sends a batch. Syslog acknowledges nothing: a batch counts as taken when the connection still stands after it.
    pub(super) async fn send(&mut self, entries: &[Entry]) -> Result<(), String> {
        self.connect().await?;
        let Some(mut open) = self.open.take() else {
            return Err("no connection".to_owned());
        };
        let done = timeout(PATIENCE, open.write(entries)).await;
        done.map_err(|_| "the receiver does not read".to_owned())?
            .map_err(|error| error.to_string())?;
        // Kept only after it went well: a broken connection is never used again.
        self.open = Some(open);
        Ok(())
    }
}

impl Open {
    async fn write(&mut self, entries: &[Entry]) -> std::io::Result<()> {
        match self {
            Self::Datagrams(socket) => {
                for entry in entries {
                    let mut text = message(entry, true);
                    if text.len() > DATAGRAM {
                        text = message(entry, false);
                    }
                    socket.send(text.as_bytes()).await?;
                }
                Ok(())
            }
            Self::Stream(pipe) => {
                let mut frames = Vec::new();
                for entry in entries {
                    let text = message(entry, true);
                    frames.extend_from_slice(format!("{} ", text.len()).as_bytes());
                    frames.extend_from_slice(text.as_bytes());
                }
                pipe.write_all(&frames).await?;
                pipe.flush().await?;
                // A receiver says nothing. Something to read is the end, or the refusal of what was just written.
                let mut byte = [0];
                match timeout(DOUBT, pipe.read(&mut byte)).await {
                    Err(_) => Ok(()),
                    Ok(Ok(0)) => Err(std::io::ErrorKind::ConnectionAborted.into()),
                    Ok(Ok(_)) => Ok(()),
                    Ok(Err(error)) => Err(error),
                }
            }
        }
    }
}

/// One message: `<priority>1 time host app process message-id structured-data message`.
fn message(entry: &Entry, whole: bool) -> String {
    let severity = if entry.failed { WARNING } else { INFORMATIONAL };
    let priority = FACILITY * 8 + severity;
    let (time, what) = (time_text(entry.at), entry.what.as_str());
    let data = format!(
        "[keyward@32473 tenant=\"{}\" id=\"{}\" position=\"{}\"]",
        entry.tenant, entry.id, entry.position
    );
    let mut text = format!("<{priority}>1 {time} - keyward - {what} {data}");
    if whole {
        text.push(' ');
        text.push_str(&entry.json().to_string());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::What;
    use policy::model::{TenantId, Timestamp};

    #[test]
    fn a_message_is_the_one_of_the_specification() {
        let entry = Entry {
            tenant: TenantId::from_bytes([1; 16]),
            what: What::SignIn,
            at: Timestamp::from_micros(1_796_126_400_123_456),
            id: "x".to_owned(),
            position: 7,
            failed: true,
            record: serde_json::json!({"a": "b"}),
        };
        assert_eq!(
            message(&entry, false),
            "<108>1 2026-12-01T12:00:00.123456Z - keyward - signIn [keyward@32473 \
             tenant=\"01010101-0101-0101-0101-010101010101\" id=\"x\" position=\"7\"]"
        );
        assert!(message(&entry, true).ends_with("\"type\":\"signIn\"}"));
    }
}
