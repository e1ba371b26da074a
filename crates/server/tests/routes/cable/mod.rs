//! `/cable/…`: the tunnel service of hybrid transport, over real connections.

mod connect;
mod contact;
mod exchange;
mod listen;
mod new;
mod tls;

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, StatusCode};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::world::TestApp;

const TUNNEL: &str = "00112233445566778899AABBCCDDEEFF";

/// A relay that listens, and where.
struct House {
    app: TestApp,
    address: SocketAddr,
}

impl House {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(adjust: impl FnOnce(&mut keyward::config::Settings)) -> Self {
        let app = TestApp::with(|settings| {
            settings.relay.enabled = Some(true);
            settings.relay.domain = Some(266);
            settings.relay.routing_id = Some("0a0b0c".to_owned());
            // The tests say in a header where they call from.
            settings.trusted_proxies = Some(vec!["127.0.0.0/8".parse().unwrap()]);
            adjust(settings);
        })
        .await;
        let address = app.listen().await;
        Self { app, address }
    }

    async fn end(&self, path: &str) -> Socket {
        self.end_from("198.51.100.1", path).await
    }

    async fn end_from(&self, network: &str, path: &str) -> Socket {
        self.dial(path, &[("x-forwarded-for", network)])
            .await
            .unwrap()
    }

    /// The status of a refusal.
    async fn refused(&self, path: &str) -> StatusCode {
        self.refused_with(path, &[]).await
    }

    async fn refused_with(&self, path: &str, headers: &[(&str, &str)]) -> StatusCode {
        self.dial(path, headers).await.err().unwrap()
    }

    async fn dial(&self, path: &str, headers: &[(&str, &str)]) -> Result<Socket, StatusCode> {
        let mut all = vec![("sec-websocket-protocol", "fido.cable")];
        all.extend_from_slice(headers);
        dial(self.address, path, &all).await
    }

    /// Waits until the relay counts so many ends: a dropped connection is noticed by another task.
    async fn settled(&self, mut done: impl AsyncFnMut(&Self) -> bool) {
        for _ in 0..500 {
            if done(self).await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the relay did not come to rest");
    }
}

async fn dial(
    address: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<Socket, StatusCode> {
    let tcp = TcpStream::connect(address).await.unwrap();
    let mut request = format!("ws://{address}{path}")
        .into_client_request()
        .unwrap();
    for (name, value) in headers {
        let name: HeaderName = name.parse().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    match tokio_tungstenite::client_async(request, tcp).await {
        Ok((stream, response)) => Ok(Socket {
            stream,
            headers: response.headers().clone(),
        }),
        Err(Error::Http(response)) => Err(response.status()),
        Err(error) => panic!("{error}"),
    }
}

/// One end, as a client holds it.
struct Socket {
    stream: WebSocketStream<TcpStream>,
    headers: HeaderMap,
}

impl Socket {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    async fn say(&mut self, bytes: &[u8]) {
        self.send(Message::Binary(bytes.to_vec().into())).await;
    }

    async fn send(&mut self, message: Message) {
        // A peer that has closed is noticed by what is heard next.
        let _ = self.stream.send(message).await;
    }

    /// The next message of bytes.
    async fn hear(&mut self) -> Vec<u8> {
        match self.next().await {
            Some(Message::Binary(bytes)) => bytes.to_vec(),
            other => panic!("{other:?}"),
        }
    }

    /// The code with which the relay closes.
    async fn closed(&mut self) -> Option<u16> {
        match self.next().await {
            Some(Message::Close(frame)) => frame.map(|frame| frame.code.into()),
            None => None,
            other => panic!("{other:?}"),
        }
    }

    async fn next(&mut self) -> Option<Message> {
        let next = async {
            loop {
                match self.stream.next().await {
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(message)) => return Some(message),
                    Some(Err(_)) | None => return None,
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), next)
            .await
            .unwrap()
    }
}

/// Both ends of a tunnel.
async fn joined(house: &House) -> (Socket, Socket) {
    let phone = house.end(&format!("/cable/new/{TUNNEL}")).await;
    let computer = house
        .end_from("198.51.100.2", &format!("/cable/connect/0A0B0C/{TUNNEL}"))
        .await;
    (phone, computer)
}
