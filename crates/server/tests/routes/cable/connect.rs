//! `/cable/connect/{routing}/{tunnel}`

use axum::http::StatusCode;
use hybrid::MAX_MESSAGE;
use tokio_tungstenite::tungstenite::Message;

use super::{House, TUNNEL, joined};

#[tokio::test]
async fn what_one_end_says_the_other_hears_and_nothing_else() {
    let house = House::new().await;
    let (mut phone, mut computer) = joined(&house).await;
    computer.say(b"first").await;
    assert_eq!(phone.hear().await, b"first");
    phone.say(b"one").await;
    phone.say(b"two").await;
    assert_eq!(computer.hear().await, b"one");
    assert_eq!(computer.hear().await, b"two");
}

#[tokio::test]
async fn browsers_write_upper_case_and_others_lower_case() {
    let house = House::new().await;
    let lower = TUNNEL.to_lowercase();
    let mut phone = house.end(&format!("/cable/new/{lower}")).await;
    let mut computer = house.end(&format!("/cable/connect/0A0B0C/{TUNNEL}")).await;
    computer.say(b"x").await;
    assert_eq!(phone.hear().await, b"x");

    let house = House::new().await;
    let mut phone = house.end(&format!("/cable/new/{TUNNEL}")).await;
    let mut computer = house.end(&format!("/cable/connect/0a0b0c/{lower}")).await;
    computer.say(b"x").await;
    assert_eq!(phone.hear().await, b"x");
}

#[tokio::test]
async fn what_comes_before_the_second_end_waits_for_it() {
    let house = House::new().await;
    let mut phone = house.end(&format!("/cable/new/{TUNNEL}")).await;
    phone.say(b"early").await;
    let mut computer = house.end(&format!("/cable/connect/0A0B0C/{TUNNEL}")).await;
    assert_eq!(computer.hear().await, b"early");
}

#[tokio::test]
async fn who_talks_to_nobody_is_stopped() {
    let house = House::new().await;
    let mut phone = house.end(&format!("/cable/new/{TUNNEL}")).await;
    for _ in 0..20 {
        phone.say(b"hello?").await;
    }
    assert_eq!(phone.closed().await, Some(1008));
}

#[tokio::test]
async fn a_tunnel_that_is_not_there_is_not_joined() {
    let house = House::new().await;
    assert_eq!(
        house
            .refused(&format!("/cable/connect/0A0B0C/{TUNNEL}"))
            .await,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_tunnel_of_another_machine_is_not_joined() {
    let house = House::new().await;
    let _phone = house.end(&format!("/cable/new/{TUNNEL}")).await;
    assert_eq!(
        house
            .refused(&format!("/cable/connect/0A0B0D/{TUNNEL}"))
            .await,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn an_identifier_that_is_none_is_refused() {
    let house = House::new().await;
    for wrong in [
        format!("/cable/connect/0A0B/{TUNNEL}"),
        format!("/cable/connect/0A0B0G/{TUNNEL}"),
        "/cable/connect/0A0B0C/00".to_owned(),
    ] {
        assert_eq!(
            house.refused(&wrong).await,
            StatusCode::BAD_REQUEST,
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn nobody_joins_a_third_time() {
    let house = House::new().await;
    let (mut phone, mut computer) = joined(&house).await;
    assert_eq!(
        house
            .refused(&format!("/cable/connect/0A0B0C/{TUNNEL}"))
            .await,
        StatusCode::CONFLICT
    );
    phone.say(b"still ours").await;
    assert_eq!(computer.hear().await, b"still ours");
}

#[tokio::test]
async fn a_tunnel_ends_for_both_when_one_leaves() {
    let house = House::new().await;
    let (mut phone, mut computer) = joined(&house).await;
    // What was said before the end arrives before it.
    computer.say(b"goodbye").await;
    computer.send(Message::Close(None)).await;
    assert_eq!(phone.hear().await, b"goodbye");
    assert_eq!(phone.closed().await, Some(1001));
}

#[tokio::test]
async fn text_is_not_carried() {
    let house = House::new().await;
    let (mut phone, mut computer) = joined(&house).await;
    computer.send(Message::Text("hello".into())).await;
    assert_eq!(computer.closed().await, Some(1003));
    assert_eq!(phone.closed().await, Some(1001));
}

#[tokio::test]
async fn the_longest_message_is_carried_and_a_longer_or_empty_one_is_not() {
    let house = House::new().await;
    let (mut phone, mut computer) = joined(&house).await;
    computer.say(&vec![7; MAX_MESSAGE]).await;
    assert_eq!(phone.hear().await.len(), MAX_MESSAGE);
    computer.say(&[]).await;
    assert_eq!(computer.closed().await, Some(1009));

    let house = House::new().await;
    let (mut phone, mut computer) = joined(&house).await;
    computer.say(&vec![7; MAX_MESSAGE + 1]).await;
    assert_eq!(computer.closed().await, Some(1009));
    assert_eq!(phone.closed().await, Some(1001));

    let house = House::new().await;
    let (mut phone, mut computer) = joined(&house).await;
    computer.say(&vec![7; 2 * MAX_MESSAGE + 1]).await;
    // The library refuses the frame before it is read; the other end learns that this one is gone.
    assert_eq!(phone.closed().await, Some(1001));
    drop(computer);
}

#[tokio::test]
async fn a_tunnel_carries_so_much_and_no_more() {
    let house = House::new().await;
    let (mut phone, mut computer) = joined(&house).await;
    for _ in 0..128 {
        computer.say(b"x").await;
        assert_eq!(phone.hear().await, b"x");
    }
    computer.say(b"x").await;
    assert_eq!(computer.closed().await, Some(1008));
    assert_eq!(phone.closed().await, Some(1001));
}

#[tokio::test]
async fn a_tunnel_lives_for_its_time() {
    let house = House::new().await;
    let (mut phone, mut computer) = joined(&house).await;
    house.app.wait(600);
    computer.say(b"x").await;
    assert_eq!(phone.hear().await, b"x");
    house.app.wait(1);
    computer.say(b"x").await;
    assert_eq!(computer.closed().await, Some(1008));
    assert_eq!(phone.closed().await, Some(1001));
}

#[tokio::test]
async fn a_client_that_comes_too_late_finds_nobody() {
    let house = House::new().await;
    let _phone = house.end(&format!("/cable/new/{TUNNEL}")).await;
    house.app.wait(181);
    assert_eq!(
        house
            .refused(&format!("/cable/connect/0A0B0C/{TUNNEL}"))
            .await,
        StatusCode::NOT_FOUND
    );
}
