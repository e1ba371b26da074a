//! The relay over the server's own TLS: some clients offer only 1.3, others stop at 1.2.

use std::sync::Arc;

use keyward::cli::serve::Server;
use keyward::config::{Config, Settings};
use rustls::crypto::aws_lc_rs as provider;
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use super::TUNNEL;

fn connector(ca: &std::path::Path, version: &'static SupportedProtocolVersion) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(ca).unwrap())
        .unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(provider::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

#[tokio::test]
async fn both_versions_of_tls_carry_a_tunnel() {
    let folder = std::env::temp_dir().join(format!("keyward-relay-tls-{}", std::process::id()));
    let mut settings = Settings {
        data: Some(folder.clone()),
        listen: Some("127.0.0.1:0".parse().unwrap()),
        ..Settings::default()
    };
    settings.relay.enabled = Some(true);
    settings.relay.domain = Some(266);
    let server = Server::start(Config::load(settings).unwrap())
        .await
        .unwrap();
    let ca = server.ca.clone().unwrap();
    for (number, version) in [&rustls::version::TLS12, &rustls::version::TLS13]
        .into_iter()
        .enumerate()
    {
        let tcp = TcpStream::connect(server.address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let tls = connector(&ca, version).connect(name, tcp).await.unwrap();
        let tunnel = format!("{}{number}", TUNNEL.get(1..).unwrap());
        let mut request = format!("wss://localhost/cable/new/{tunnel}")
            .into_client_request()
            .unwrap();
        let protocol = "fido.cable".parse().unwrap();
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        let (_, response) = tokio_tungstenite::client_async(request, tls).await.unwrap();
        assert_eq!(response.headers()["x-cable-routing-id"], "000000");
    }
    server.stop().await;
    std::fs::remove_dir_all(folder).unwrap();
}
