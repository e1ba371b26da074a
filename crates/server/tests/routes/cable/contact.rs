//! `/cable/contact/{contact}`

use axum::http::StatusCode;
use hybrid::relay::{Call, ContactSecret, Verdict};
use hybrid::tunnel::contact_url;
use hybrid::{ContactPayload, Flow, TunnelDomain};

use super::{House, Socket};

fn secret() -> ContactSecret {
    ContactSecret::new([7; 32])
}

fn path() -> String {
    let url = contact_url(TunnelDomain::new(0).unwrap(), &secret().contact_id());
    url.strip_prefix("wss://cable.ua5v.com").unwrap().to_owned()
}

fn payload() -> ContactPayload {
    ContactPayload {
        link_id: [4; 8],
        nonce: [5; 16],
        flow: Flow::GetAssertion,
    }
}

async fn listening(house: &House) -> Socket {
    let secret = secret().to_hex();
    let headers = [("x-keyward-contact-secret", secret.as_str())];
    house.dial("/cable/listen", &headers).await.unwrap()
}

/// Calls, and lets the authenticator say `verdict`.
async fn called(
    house: &House,
    phone: &mut Socket,
    verdict: Verdict,
    signal: bool,
) -> (Result<Socket, StatusCode>, Call) {
    let (payload, path) = (payload().to_hex(), path());
    let mut headers = vec![("x-cable-client-payload", payload.as_str())];
    headers.extend(signal.then_some(("x-cable-signal-connection", "true")));
    let answer = async {
        let call = Call::from_bytes(&phone.hear().await).unwrap();
        phone.say(&call.verdict(verdict)).await;
        call
    };
    tokio::join!(house.dial(&path, &headers), answer)
}

#[tokio::test]
async fn a_linked_client_reaches_its_authenticator() {
    let house = House::new().await;
    let mut phone = listening(&house).await;
    let (client, call) = called(&house, &mut phone, Verdict::Comes, false).await;
    assert_eq!(call.payload, payload());
    let mut client = client.unwrap();
    assert_eq!(client.header("x-cable-signal-connection"), None);
    let routing = call.routing.to_hex();
    let tunnel = call.tunnel.to_hex();
    let mut end = house
        .end(&format!("/cable/connect/{routing}/{tunnel}"))
        .await;
    client.say(b"hello").await;
    assert_eq!(end.hear().await, b"hello");
    end.say(b"here").await;
    assert_eq!(client.hear().await, b"here");
}

#[tokio::test]
async fn who_asks_for_the_signal_is_told_when_the_authenticator_connects() {
    let house = House::new().await;
    let mut phone = listening(&house).await;
    let (client, call) = called(&house, &mut phone, Verdict::Comes, true).await;
    let mut client = client.unwrap();
    assert_eq!(client.header("x-cable-signal-connection"), Some("true"));
    let (routing, tunnel) = (call.routing.to_hex(), call.tunnel.to_hex());
    let mut end = house
        .end(&format!("/cable/connect/{routing}/{tunnel}"))
        .await;
    end.say(b"after").await;
    assert_eq!(client.hear().await, [0]);
    assert_eq!(client.hear().await, b"after");
}

#[tokio::test]
async fn each_call_has_a_tunnel_of_its_own() {
    let house = House::new().await;
    let mut phone = listening(&house).await;
    let (_first, one) = called(&house, &mut phone, Verdict::Comes, false).await;
    let (_second, two) = called(&house, &mut phone, Verdict::Comes, false).await;
    assert_ne!(one.tunnel, two.tunnel);
}

#[tokio::test]
async fn a_forgotten_link_is_gone() {
    let house = House::new().await;
    let mut phone = listening(&house).await;
    let (client, _) = called(&house, &mut phone, Verdict::Forgotten, false).await;
    assert_eq!(client.err(), Some(StatusCode::GONE));
}

#[tokio::test]
async fn an_authenticator_out_of_reach_is_not_forgotten() {
    let house = House::new().await;
    let payload = payload().to_hex();
    let headers = [("x-cable-client-payload", payload.as_str())];
    assert_eq!(
        house.refused_with(&path(), &headers).await,
        StatusCode::NOT_FOUND
    );
    // Also if it leaves while it is asked.
    let mut phone = listening(&house).await;
    let path = path();
    let leaving = async {
        phone.hear().await;
        drop(phone);
    };
    let (client, ()) = tokio::join!(house.dial(&path, &headers), leaving);
    assert_eq!(client.err(), Some(StatusCode::NOT_FOUND));
}

#[tokio::test]
async fn what_no_linked_client_says_is_refused() {
    let house = House::new().await;
    let _phone = listening(&house).await;
    assert_eq!(house.refused(&path()).await, StatusCode::BAD_REQUEST);
    for wrong in ["zz", "a0", &"00".repeat(200)] {
        let headers = [("x-cable-client-payload", wrong)];
        assert_eq!(
            house.refused_with(&path(), &headers).await,
            StatusCode::BAD_REQUEST,
            "{wrong}"
        );
    }
    let payload = payload().to_hex();
    let headers = [("x-cable-client-payload", payload.as_str())];
    for wrong in ["A", "AA==", "A+", "%20"] {
        assert_eq!(
            house
                .refused_with(&format!("/cable/contact/{wrong}"), &headers)
                .await,
            StatusCode::BAD_REQUEST,
            "{wrong}"
        );
    }
}
