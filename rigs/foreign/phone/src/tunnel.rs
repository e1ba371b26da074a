//! The tunnel's ends: WebSockets over TLS.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use rustls::crypto::aws_lc_rs as provider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

/// How a tunnel service is reached: where it really is, by which name its certificate knows it, and whom that is signed by.
#[derive(Clone, Debug)]
pub struct Service {
    address: SocketAddr,
    name: String,
    tls: Arc<ClientConfig>,
}

impl Service {
    /// The service at `address`, whose certificate is for `name` and leads to `ca`.
    pub fn new(address: SocketAddr, name: &str, ca: &Path) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(ca)? {
            roots.add(certificate?)?;
        }
        let config = ClientConfig::builder_with_provider(Arc::new(provider::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            address,
            name: name.to_owned(),
            tls: Arc::new(config),
        })
    }

    /// Connects to the address of the URL, wherever its host name would lead.
    pub async fn dial(&self, url: &str) -> Result<Tunnel> {
        self.dial_with(url, &[]).await
    }

    /// The same, with more headers.
    pub async fn dial_with(&self, url: &str, headers: &[(&'static str, &str)]) -> Result<Tunnel> {
        let tcp = TcpStream::connect(self.address).await?;
        let name = ServerName::try_from(self.name.clone())?;
        let connector = TlsConnector::from(Arc::clone(&self.tls));
        let tls = connector.connect(name, tcp).await?;
        let mut request = url.into_client_request()?;
        let protocol = "fido.cable".parse()?;
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse()?);
        }
        let (stream, response) = tokio_tungstenite::client_async(request, tls)
            .await
            .with_context(|| format!("the tunnel service refused {url}"))?;
        let routing = response.headers().get("x-cable-routing-id");
        let routing = routing.and_then(|value| value.to_str().ok());
        Ok(Tunnel {
            stream,
            routing: routing.unwrap_or_default().to_owned(),
        })
    }
}

/// One end of a tunnel.
#[derive(Debug)]
pub struct Tunnel {
    stream: WebSocketStream<TlsStream<TcpStream>>,
    /// What the service said of itself; empty for the second end.
    pub routing: String,
}

impl Tunnel {
    /// Sends one message.
    pub async fn say(&mut self, bytes: Vec<u8>) -> Result<()> {
        self.stream.send(Message::Binary(bytes.into())).await?;
        Ok(())
    }

    /// The next message.
    pub async fn hear(&mut self) -> Result<Vec<u8>> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Binary(bytes))) => return Ok(bytes.to_vec()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(other)) => bail!("the tunnel ended: {other:?}"),
                Some(Err(error)) => return Err(error.into()),
                None => bail!("the tunnel ended"),
            }
        }
    }
}
