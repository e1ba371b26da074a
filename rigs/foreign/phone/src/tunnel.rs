//! The tunnel's ends: WebSockets over TLS.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use futures_util::{SinkExt as _, StreamExt as _};
use rustls::crypto::aws_lc_rs as provider;
use rustls::time_provider::TimeProvider;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{self, Message, http};

use crate::Wall;
use crate::faults::{Ended, NotDialled};

/// How long a close frame is waited for after a send failed.
const FAREWELL: Duration = Duration::from_secs(1);

/// How a tunnel service is reached: where it really is, by which name its certificate knows it, and whom that is signed by.
#[derive(Clone, Debug)]
pub struct Service {
    place: Place,
    name: String,
    roots: RootCertStore,
    /// How long opening a tunnel may take.
    pub patience: Duration,
    /// The clock by which its certificate is judged.
    pub wall: Wall,
}

#[derive(Clone, Debug)]
enum Place {
    Address(SocketAddr),
    Host(String),
}

impl Service {
    /// The service at `address`, whose certificate is for `name` and leads to `ca`.
    pub fn new(address: SocketAddr, name: &str, ca: &Path) -> Result<Self> {
        Self::at(Place::Address(address), name, ca)
    }

    /// The service at port 443 of a host that is looked up.
    pub fn of_host(host: &str, ca: &Path) -> Result<Self> {
        Self::at(Place::Host(host.to_owned()), host, ca)
    }

    /// Where it is, if that need not be looked up.
    pub const fn address(&self) -> Option<SocketAddr> {
        match self.place {
            Place::Address(address) => Some(address),
            Place::Host(_) => None,
        }
    }

    /// The same service, reached at another address.
    pub fn through(&self, address: SocketAddr) -> Self {
        let place = Place::Address(address);
        Self {
            place,
            ..self.clone()
        }
    }

    fn at(place: Place, name: &str, ca: &Path) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(ca)? {
            roots.add(certificate?)?;
        }
        Ok(Self {
            place,
            name: name.to_owned(),
            roots,
            patience: Duration::from_secs(20),
            wall: Wall::default(),
        })
    }

    /// Connects to the service, wherever the host name of the URL would lead. The error is a [`NotDialled`].
    pub async fn dial(&self, url: &str) -> Result<Tunnel> {
        self.dial_with(url, &[]).await
    }

    /// The same, with more headers.
    pub async fn dial_with(&self, url: &str, headers: &[(&'static str, &str)]) -> Result<Tunnel> {
        let mut request = url.into_client_request()?;
        let protocol = "fido.cable".parse()?;
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse()?);
        }
        match timeout(self.patience, self.open(request)).await {
            Ok(opened) => opened,
            Err(_) => Err(NotDialled::TimedOut.into()),
        }
    }

    async fn open(&self, request: http::Request<()>) -> Result<Tunnel> {
        let address = match &self.place {
            Place::Address(address) => *address,
            Place::Host(host) => tokio::net::lookup_host((host.as_str(), 443))
                .await
                .ok()
                .and_then(|mut found| found.next())
                .ok_or(NotDialled::NameNotFound)?,
        };
        let tcp = TcpStream::connect(address)
            .await
            .map_err(|error| unreachable(&error))?;
        let name = ServerName::try_from(self.name.clone())?;
        let connector = TlsConnector::from(Arc::new(self.tls()?));
        let tls = connector
            .connect(name, tcp)
            .await
            .map_err(|error| untrusted(&error))?;
        let (stream, response) = tokio_tungstenite::client_async(request, tls)
            .await
            .map_err(|error| no_upgrade(&error))?;
        let routing = response.headers().get("x-cable-routing-id");
        let routing = routing.and_then(|value| value.to_str().ok());
        Ok(Tunnel {
            stream,
            routing: routing.unwrap_or_default().to_owned(),
        })
    }

    fn tls(&self) -> Result<ClientConfig> {
        let provider = Arc::new(provider::default_provider());
        let config = ClientConfig::builder_with_details(provider, Arc::new(self.wall))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        Ok(config)
    }
}

impl TimeProvider for Wall {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(self.now())))
    }
}

fn unreachable(error: &io::Error) -> NotDialled {
    match error.kind() {
        ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => NotDialled::NoNetwork,
        ErrorKind::TimedOut => NotDialled::TimedOut,
        _ => NotDialled::Refused,
    }
}

fn untrusted(error: &io::Error) -> NotDialled {
    use CertificateError::{Expired, ExpiredContext, NotValidYet, NotValidYetContext};
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    match inner {
        Some(rustls::Error::InvalidCertificate(
            Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. },
        )) => NotDialled::NotValidNow,
        Some(_) => NotDialled::NotTrusted,
        // The connection ended in the middle.
        None => NotDialled::Refused,
    }
}

fn no_upgrade(error: &tungstenite::Error) -> NotDialled {
    match error {
        tungstenite::Error::Http(response) => NotDialled::Status(response.status().as_u16()),
        _ => NotDialled::Refused,
    }
}

/// One end of a tunnel.
#[derive(Debug)]
pub struct Tunnel {
    /// The WebSocket, for who wants to break its rules.
    pub stream: WebSocketStream<TlsStream<TcpStream>>,
    /// What the service said of itself; empty for the second end.
    pub routing: String,
}

impl Tunnel {
    /// Sends one message. The error is an [`Ended`].
    pub async fn say(&mut self, bytes: Vec<u8>) -> Result<()> {
        if self
            .stream
            .send(Message::Binary(bytes.into()))
            .await
            .is_ok()
        {
            return Ok(());
        }
        // A service that closed this end said so before.
        match timeout(FAREWELL, self.hear()).await {
            Ok(Err(ended)) => Err(ended),
            Ok(Ok(_)) | Err(_) => Err(Ended::Broke.into()),
        }
    }

    /// The next message. The error is an [`Ended`].
    pub async fn hear(&mut self) -> Result<Vec<u8>> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Binary(bytes))) => return Ok(bytes.to_vec()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(_)) => return Err(Ended::Left.into()),
                Some(Err(_)) | None => return Err(Ended::Broke.into()),
            }
        }
    }

    /// The next message, if it comes soon enough; `after_words` says whether one came before.
    pub async fn hear_within(&mut self, patience: Duration, after_words: bool) -> Result<Vec<u8>> {
        match timeout(patience, self.hear()).await {
            Ok(heard) => heard,
            Err(_) => Err(Ended::Silent { after_words }.into()),
        }
    }
}
