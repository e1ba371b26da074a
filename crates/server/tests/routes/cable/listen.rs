//! `/cable/listen`

use axum::http::StatusCode;
use hybrid::relay::ContactSecret;
use tokio_tungstenite::tungstenite::Message;

use super::{House, Socket};

async fn listening(house: &House, seed: u8) -> Socket {
    let secret = ContactSecret::new([seed; 32]).to_hex();
    let headers = [("x-keyward-contact-secret", secret.as_str())];
    house.dial("/cable/listen", &headers).await.unwrap()
}

#[tokio::test]
async fn nobody_listens_without_a_secret() {
    let house = House::new().await;
    assert_eq!(
        house.refused("/cable/listen").await,
        StatusCode::BAD_REQUEST
    );
    for wrong in ["00", "zz"] {
        let headers = [("x-keyward-contact-secret", wrong)];
        assert_eq!(
            house.refused_with("/cable/listen", &headers).await,
            StatusCode::BAD_REQUEST
        );
    }
}

#[tokio::test]
async fn a_newer_connection_of_the_same_authenticator_takes_over() {
    let house = House::new().await;
    let mut old = listening(&house, 1).await;
    let mut other = listening(&house, 2).await;
    let mut new = listening(&house, 1).await;
    assert_eq!(old.closed().await, Some(1008));
    // The others still listen; only nonsense ends them.
    for socket in [&mut other, &mut new] {
        socket.say(b"nonsense").await;
        assert_eq!(socket.closed().await, Some(1009));
    }
}

#[tokio::test]
async fn text_is_not_heard() {
    let house = House::new().await;
    let mut phone = listening(&house, 1).await;
    phone.send(Message::Text("hello".into())).await;
    assert_eq!(phone.closed().await, Some(1003));
}

#[tokio::test]
async fn a_verdict_about_no_call_is_nothing() {
    let house = House::new().await;
    let mut phone = listening(&house, 1).await;
    phone.say(&[1; 17]).await;
    phone.send(Message::Text("still here".into())).await;
    assert_eq!(phone.closed().await, Some(1003));
}
