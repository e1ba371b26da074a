use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, UdpSocket};
use tokio::time::timeout;

use super::{records, with_stream, worker};

/// RFC 6587 section 3.4.1: length, space, message.
fn frames(mut text: &[u8]) -> Vec<String> {
    let mut frames = Vec::new();
    while !text.is_empty() {
        let space = text.iter().position(|byte| *byte == b' ').unwrap();
        let length: usize = std::str::from_utf8(&text[..space])
            .unwrap()
            .parse()
            .unwrap();
        let (frame, rest) = text[space + 1..].split_at(length);
        frames.push(String::from_utf8(frame.to_vec()).unwrap());
        text = rest;
    }
    frames
}

/// All that comes over the next connection.
async fn whole(listener: TcpListener) -> Vec<u8> {
    let read = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut text = Vec::new();
        stream.read_to_end(&mut text).await.unwrap();
        text
    };
    // Nobody comes where a batch is not sent again.
    timeout(Duration::from_secs(10), read).await.unwrap()
}

#[tokio::test]
async fn messages_are_counted_in_octets_and_a_broken_connection_loses_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let table = format!(
        "kind = \"syslog\"\ntransport = \"tcp\"\naddress = \"{address}\"\nrecords = [\"sign-ins\"]"
    );
    let world = with_stream(&table).await;
    records(&world).await;
    // The first connection is closed before anything was read.
    let closing = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        drop(stream);
        listener
    });
    let mut worker = worker(&world);
    assert!(worker.round().await.is_err());
    let listener = closing.await.unwrap();
    let reading = tokio::spawn(whole(listener));
    let sent = worker.round().await.unwrap();
    drop(worker);
    let frames = frames(&reading.await.unwrap());
    assert_eq!(frames.len(), sent);
    let first = &frames[0];
    assert!(
        first
            .starts_with("<108>1 2026-12-01T12:00:00Z - keyward - signIn [keyward@32473 tenant=\""),
        "{first}"
    );
    for (number, frame) in frames.iter().enumerate() {
        assert!(frame.contains(&format!("position=\"{number}\"")), "{frame}");
    }
}

#[tokio::test]
async fn a_receiver_that_hangs_up_gets_the_batch_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let table = format!(
        "kind = \"syslog\"\ntransport = \"tcp\"\naddress = \"{address}\"\nrecords = [\"sign-ins\"]"
    );
    let world = with_stream(&table).await;
    records(&world).await;
    // It reads all there is and closes in peace, which writing alone would never notice.
    let hanging_up = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut text = vec![0; 65_536];
        let length = stream.read(&mut text).await.unwrap();
        text.truncate(length);
        (listener, text)
    });
    let mut worker = worker(&world);
    assert!(worker.round().await.is_err());
    let (listener, once) = hanging_up.await.unwrap();
    let again = tokio::spawn(whole(listener));
    assert_eq!(worker.round().await.unwrap(), frames(&once).len());
    drop(worker);
    assert_eq!(again.await.unwrap(), once);
}

#[tokio::test]
async fn a_datagram_holds_one_message() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let table = format!(
        "kind = \"syslog\"\ntransport = \"udp\"\naddress = \"{address}\"\nrecords = [\"sign-ins\"]"
    );
    let world = with_stream(&table).await;
    records(&world).await;
    let sent = worker(&world).round().await.unwrap();
    for number in 0..sent {
        let mut bytes = vec![0; 65_536];
        let length = socket.recv(&mut bytes).await.unwrap();
        let text = std::str::from_utf8(&bytes[..length]).unwrap();
        assert!(text.contains(&format!("position=\"{number}\"")), "{text}");
        let json = text.split_once("] ").unwrap().1;
        let value: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(value["type"], "signIn");
    }
}
