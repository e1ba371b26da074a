//! `/cable/new/{tunnel}`

use axum::http::StatusCode;

use super::{House, TUNNEL, dial, joined};
use crate::world::TestApp;

#[tokio::test]
async fn an_authenticator_opens_a_tunnel_and_learns_the_routing_id() {
    let house = House::new().await;
    let phone = house.end(&format!("/cable/new/{TUNNEL}")).await;
    assert_eq!(phone.header("x-cable-routing-id"), Some("0A0B0C"));
    assert_eq!(phone.header("sec-websocket-protocol"), Some("fido.cable"));
}

#[tokio::test]
async fn where_no_relay_is_there_is_nothing() {
    let app = TestApp::new().await;
    let address = app.listen().await;
    let headers = [("sec-websocket-protocol", "fido.cable")];
    for path in [
        format!("/cable/new/{TUNNEL}"),
        format!("/cable/connect/000000/{TUNNEL}"),
        "/cable/contact/AAAA".to_owned(),
        "/cable/listen".to_owned(),
    ] {
        let refused = dial(address, &path, &headers).await.err();
        assert_eq!(refused, Some(StatusCode::NOT_FOUND), "{path}");
    }
}

#[tokio::test]
async fn who_does_not_speak_the_subprotocol_is_refused() {
    let house = House::new().await;
    let path = format!("/cable/new/{TUNNEL}");
    let refused = dial(house.address, &path, &[]).await.err();
    assert_eq!(refused, Some(StatusCode::BAD_REQUEST));
    let other = [("sec-websocket-protocol", "chat, fido.cables")];
    let refused = dial(house.address, &path, &other).await.err();
    assert_eq!(refused, Some(StatusCode::BAD_REQUEST));
    let among = [("sec-websocket-protocol", "chat, fido.cable")];
    assert!(dial(house.address, &path, &among).await.is_ok());
}

#[tokio::test]
async fn a_request_without_a_socket_is_refused() {
    let house = House::new().await;
    let page = house
        .app
        .browser()
        .get(&format!("/cable/new/{TUNNEL}"))
        .await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_identifier_that_is_none_is_refused() {
    let house = House::new().await;
    for wrong in ["0", "zz", "0011", &"0".repeat(34), &"0".repeat(5000)] {
        assert_eq!(
            house.refused(&format!("/cable/new/{wrong}")).await,
            StatusCode::BAD_REQUEST,
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn a_tunnel_is_opened_once_in_whatever_case() {
    let house = House::new().await;
    let _phone = house.end(&format!("/cable/new/{TUNNEL}")).await;
    for again in [TUNNEL.to_owned(), TUNNEL.to_lowercase()] {
        assert_eq!(
            house.refused(&format!("/cable/new/{again}")).await,
            StatusCode::CONFLICT
        );
    }
}

#[tokio::test]
async fn a_tunnel_that_was_left_can_be_opened_again() {
    let house = House::new().await;
    let (phone, mut computer) = joined(&house).await;
    drop(phone);
    assert_eq!(computer.closed().await, Some(1001));
    let path = format!("/cable/new/{TUNNEL}");
    house
        .settled(async |house| house.dial(&path, &[]).await.is_ok())
        .await;
}

#[tokio::test]
async fn one_network_opens_so_many_tunnels_and_no_more() {
    let house = House::with(|settings| settings.relay.max_ends_per_address = Some(3)).await;
    let mut open = Vec::new();
    for number in 0..3 {
        open.push(house.end(&format!("/cable/new/{number:032}")).await);
    }
    let path = format!("/cable/new/{TUNNEL}");
    assert_eq!(
        house
            .refused_with(&path, &[("x-forwarded-for", "198.51.100.1")])
            .await,
        StatusCode::TOO_MANY_REQUESTS
    );
    let _neighbour = house.end_from("198.51.100.2", &path).await;
    // This machine's peers are not each other.
    for number in 10..20 {
        open.push(
            house
                .dial(&format!("/cable/new/{number:032}"), &[])
                .await
                .unwrap(),
        );
    }
}

#[tokio::test]
async fn a_full_relay_opens_nothing() {
    let house = House::with(|settings| settings.relay.max_tunnels = Some(1)).await;
    let _phone = house.end(&format!("/cable/new/{TUNNEL}")).await;
    assert_eq!(
        house.refused(&format!("/cable/new/{:032}", 1)).await,
        StatusCode::SERVICE_UNAVAILABLE
    );
}

#[tokio::test]
async fn a_tunnel_to_which_nobody_comes_is_closed() {
    let house = House::new().await;
    let mut phone = house.end(&format!("/cable/new/{TUNNEL}")).await;
    house.app.wait(181);
    house.app.app.relay.as_ref().unwrap().tidy();
    assert_eq!(phone.closed().await, Some(1001));
}

#[tokio::test]
async fn a_relay_that_stops_says_goodbye() {
    let house = House::new().await;
    let (mut phone, mut computer) = joined(&house).await;
    house.app.app.relay.as_ref().unwrap().stop();
    assert_eq!(phone.closed().await, Some(1001));
    assert_eq!(computer.closed().await, Some(1001));
}
