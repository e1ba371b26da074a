//! One end of a tunnel, as little of it as the server notices: TLS, the upgrade, and then nothing.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs as provider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Open until it is dropped.
pub type End = TlsStream<TcpStream>;

/// Whoever opens connections.
pub struct Dialer {
    server: SocketAddr,
    connector: TlsConnector,
}

impl Dialer {
    pub fn new(server: SocketAddr, ca: &Path) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(ca)? {
            roots.add(certificate?)?;
        }
        let provider = Arc::new(provider::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.resumption = Resumption::disabled();
        Ok(Self {
            server,
            connector: TlsConnector::from(Arc::new(config)),
        })
    }

    /// One end of a tunnel.
    pub async fn upgrade(&self, from: Ipv4Addr, path: &str) -> anyhow::Result<End> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: fido.cable\r\n\r\n"
        );
        let mut end = self.connect(from).await?;
        end.write_all(request.as_bytes()).await?;
        let (mut answer, mut part) = (Vec::new(), [0; 1024]);
        while !answer.ends_with(b"\r\n\r\n") {
            let length = end.read(&mut part).await?;
            ensure!(length > 0, "the server hung up");
            answer.extend(part.iter().take(length));
        }
        let upgraded = answer.starts_with(b"HTTP/1.1 101 ");
        ensure!(upgraded, "{}", String::from_utf8_lossy(&answer));
        Ok(end)
    }

    /// The body of a page.
    pub async fn get(&self, path: &str) -> anyhow::Result<String> {
        let mut end = self.connect(Ipv4Addr::LOCALHOST).await?;
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        end.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        end.read_to_string(&mut answer).await?;
        let (_, body) = answer.split_once("\r\n\r\n").context("no body")?;
        Ok(body.to_owned())
    }

    async fn connect(&self, from: Ipv4Addr) -> anyhow::Result<End> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((from, 0).into())?;
        let tcp = socket.connect(self.server).await?;
        let name = ServerName::try_from("localhost")?;
        Ok(self.connector.connect(name, tcp).await?)
    }
}
