//! Stands where a tunnel service should be: certificates of any time, any status, silence, and a way that can be cut.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rig_phone::tunnel::Service;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs as provider;
use rustls_pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::scene::Folder;

/// The years in which a certificate is valid.
pub const NOW: (i32, i32) = (2020, 2090);
pub const OVER: (i32, i32) = (2020, 2021);
pub const TO_COME: (i32, i32) = (2089, 2090);

/// An authority that certifies for any years.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Where its certificate is.
    pub file: PathBuf,
}

impl Authority {
    pub fn new(folder: &Folder, name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let file = folder.0.join(name);
        std::fs::write(&file, params.self_signed(&key).unwrap().pem()).unwrap();
        Self {
            issuer: Issuer::new(params, key),
            file,
        }
    }

    fn acceptor(&self, years: (i32, i32)) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_before = date_time_ymd(years.0, 1, 1);
        params.not_after = date_time_ymd(years.1, 1, 1);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(provider::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// A listener that is no tunnel service. It ends with the value.
pub struct Stand {
    address: SocketAddr,
    /// How many connections it got.
    pub calls: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Drop for Stand {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Stand {
    /// Answers every request with a status; a certificate of these years.
    pub async fn status(authority: &Authority, years: (i32, i32), status: &'static str) -> Self {
        let acceptor = authority.acceptor(years);
        Self::new(move |tcp| {
            let acceptor = acceptor.clone();
            async move {
                let Ok(mut tls) = acceptor.accept(tcp).await else {
                    return;
                };
                let (mut head, mut byte) = (Vec::new(), [0]);
                while !head.ends_with(b"\r\n\r\n") && tls.read_exact(&mut byte).await.is_ok() {
                    head.extend(byte);
                }
                let answer =
                    format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                let _ = tls.write_all(answer.as_bytes()).await;
                let _ = tls.shutdown().await;
            }
        })
        .await
    }

    /// Takes connections and says nothing, ever.
    pub async fn silent() -> Self {
        Self::new(|tcp| async move {
            let _held = tcp;
            std::future::pending::<()>().await;
        })
        .await
    }

    /// Passes everything on to a service, until this is dropped: then every connection breaks.
    pub async fn way_to(address: SocketAddr) -> Self {
        Self::new(move |mut near| async move {
            if let Ok(mut far) = TcpStream::connect(address).await {
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            }
        })
        .await
    }

    async fn new<F>(serve: impl Fn(TcpStream) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let task = tokio::spawn(async move {
            // Ends with this task, and so with the value.
            let mut served = tokio::task::JoinSet::new();
            while let Ok((tcp, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                served.spawn(serve(tcp));
            }
        });
        Self {
            address,
            calls,
            task,
        }
    }

    /// How it is reached by somebody who trusts this authority.
    pub fn service(&self, authority: &Authority) -> Service {
        Service::new(self.address, "localhost", &authority.file).unwrap()
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn called(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

/// An address at which nobody listens.
pub async fn closed() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}
