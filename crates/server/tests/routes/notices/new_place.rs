//! A passkey in a place where it was never used.

use policy::model::{NoticeKind, NoticePlace};
use policy::notices::NoticeSettings;

use super::{MAIL, NAME, kinds, reachable, take, with_mail};
use crate::security_info::sightings::from;
use crate::world::{TestApp, authenticator};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0";
const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/156.0 Safari/537.36";
const HOME: &str = "203.0.113.9";
const AWAY: &str = "198.51.100.9";

async fn wishes(world: &TestApp, json: &'static str) {
    serde_json::from_str::<NoticeSettings>(json).unwrap();
    let (tenant, now) = (world.app.tenants.default().id, world.app.clock.now());
    world
        .write(move |tx| {
            Box::pin(async move { store::settings::put(tx, tenant, "notices", json, now).await })
        })
        .await;
}

#[tokio::test]
async fn the_first_use_in_a_new_place_is_told_and_the_second_is_not() {
    let (world, _smtp) = with_mail().await;
    let user = reachable(&world, NAME, MAIL).await;
    let mut key = authenticator();
    world.passkey_of(&user, &mut key).await;
    take(&world).await;
    from(&world, &mut key, FIREFOX, HOME).await;
    let [told] = take(&world).await.try_into().unwrap();
    assert_eq!(told.notice.kind, NoticeKind::PasskeyNewPlace);
    let expected = NoticePlace {
        device: Some("Firefox, Linux".to_owned()),
        network: "203.0.113.0/24".to_owned(),
    };
    assert_eq!(told.notice.place, Some(expected));
    assert!(told.sealed_token.is_some());
    from(&world, &mut key, FIREFOX, HOME).await;
    assert_eq!(kinds(&world).await, []);
    from(&world, &mut key, FIREFOX, AWAY).await;
    assert_eq!(kinds(&world).await, [NoticeKind::PasskeyNewPlace]);
    from(&world, &mut key, CHROME, HOME).await;
    assert_eq!(kinds(&world).await, [NoticeKind::PasskeyNewPlace]);
    // Both are known by now, though not together.
    from(&world, &mut key, CHROME, AWAY).await;
    assert_eq!(kinds(&world).await, []);
}

#[tokio::test]
async fn another_passkey_of_the_same_person_has_its_own_places() {
    let (world, _smtp) = with_mail().await;
    let user = reachable(&world, NAME, MAIL).await;
    let (mut one, mut two) = (authenticator(), authenticator());
    world.passkey_of(&user, &mut one).await;
    from(&world, &mut one, FIREFOX, HOME).await;
    let mut browser = from(&world, &mut one, FIREFOX, AWAY).await;
    browser.add_passkey(&mut two).await;
    take(&world).await;
    from(&world, &mut two, FIREFOX, HOME).await;
    assert_eq!(kinds(&world).await, [NoticeKind::PasskeyNewPlace]);
}

#[tokio::test]
async fn a_tenant_can_ask_for_new_devices_only_or_for_nothing() {
    let (world, _smtp) = with_mail().await;
    let user = reachable(&world, NAME, MAIL).await;
    let mut key = authenticator();
    world.passkey_of(&user, &mut key).await;
    from(&world, &mut key, FIREFOX, HOME).await;
    take(&world).await;
    wishes(&world, r#"{"newPlace":"device"}"#).await;
    from(&world, &mut key, FIREFOX, AWAY).await;
    assert_eq!(kinds(&world).await, []);
    from(&world, &mut key, CHROME, AWAY).await;
    assert_eq!(kinds(&world).await, [NoticeKind::PasskeyNewPlace]);
    wishes(&world, r#"{"newPlace":"off"}"#).await;
    from(&world, &mut key, "curl/8", "192.0.2.1").await;
    assert_eq!(kinds(&world).await, []);
}
