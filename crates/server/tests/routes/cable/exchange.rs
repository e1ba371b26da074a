//! A whole sign-in's worth of messages through the relay, between the two roles of `hybrid`.

use std::time::Duration;

use hybrid::session::{Advertised, Calling, Heard, QrClient, Reply};
use hybrid::{Advert, EidKey, Flow, Handshake, Limits, SecretKey, TunnelDomain, TunnelId};

use super::House;

const START: Duration = Duration::ZERO;

#[tokio::test]
async fn an_authenticator_and_a_client_meet_through_the_relay() {
    let house = House::new().await;
    let key = |seed| SecretKey::from_random(&[seed; 64]).unwrap();
    let client = QrClient::new(key(1), [2; 16]).unwrap();
    let code = Handshake::from_url(&client.code(Flow::GetAssertion, 0).to_url()).unwrap();

    // The phone: opens the tunnel, puts its routing id into the advert.
    let tunnel = TunnelId::derive(&code.secret).unwrap();
    let mut phone = house.end(&format!("/cable/new/{}", tunnel.to_hex())).await;
    let routing = phone.header("x-cable-routing-id").unwrap();
    let advert = Advert {
        nonce: [3; 10],
        routing_id: hybrid::relay::routing_id(routing).unwrap().0,
        domain: TunnelDomain::new(266).unwrap(),
    };
    let air = advert.seal(&EidKey::derive(&code.secret).unwrap()).unwrap();
    let advertised = Advertised::by_code(&code, &advert, Limits::default(), START).unwrap();

    // The computer: hears the advert, and finds the tunnel by it.
    let heard = client.advert(&air).unwrap();
    let routing = hybrid::relay::RoutingId(heard.routing_id).to_hex();
    let path = format!("/cable/connect/{routing}/{}", tunnel.to_hex());
    let mut computer = house.end_from("203.0.113.5", &path).await;
    let (calling, first) =
        Calling::by_code(&client, &heard, &key(4), Limits::default(), START).unwrap();
    computer.say(&first).await;

    let (serving, messages) = advertised
        .handshake(&phone.hear().await, &key(5), &[0xa0], START)
        .unwrap();
    for message in &messages {
        phone.say(message).await;
    }
    let shaken = calling.hear(&computer.hear().await, START).unwrap();
    let (ready, _, _) = shaken.hear(&computer.hear().await, START).unwrap();
    let (asking, request) = ready.request(&[2, 0xa0], START).unwrap();
    computer.say(&request).await;

    let Heard::Request(answering) = serving.hear(&phone.hear().await, START).unwrap() else {
        panic!("a request is one");
    };
    assert_eq!(answering.request(), [2, 0xa0]);
    let (serving, answer) = answering.answer(&[0, 0xa0], START).unwrap();
    phone.say(&answer).await;
    let Reply::Answer(ready, answer) = asking.hear(&computer.hear().await, START).unwrap() else {
        panic!("an answer is one");
    };
    assert_eq!(answer, [0, 0xa0]);
    let (_, shutdown) = ready.shutdown(START).unwrap();
    computer.say(&shutdown).await;
    assert!(matches!(
        serving.hear(&phone.hear().await, START).unwrap(),
        Heard::Shutdown(_)
    ));
}
