//! Where a passkey was used, as its owner and administrators see it.

use keyward::cli::tour::SoftwareAuthenticator;

use crate::page;
use crate::world::{Browser, TestApp, authenticator};

const NAME: &str = "ada@localhost";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0";

/// A server that believes what browsers say about their address.
pub async fn behind_a_proxy() -> TestApp {
    TestApp::with(|settings| {
        settings.trusted_proxies = Some(vec!["127.0.0.0/8".parse().unwrap()]);
    })
    .await
}

/// Signs in from `address` with `program`.
pub async fn from<'w>(
    world: &'w TestApp,
    key: &mut SoftwareAuthenticator,
    program: &str,
    address: &str,
) -> Browser<'w> {
    let mut browser = world.browser();
    browser.program = program.to_owned();
    browser.address = Some(address.to_owned());
    let answer = browser.sign_in_with(key).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    browser
}

#[tokio::test]
async fn a_passkey_shows_where_it_was_used() {
    let world = behind_a_proxy().await;
    let mut key = authenticator();
    let (user, _) = world.user_with_passkey(NAME, &mut key).await;
    from(&world, &mut key, FIREFOX, "203.0.113.9").await;
    let mut browser = from(&world, &mut key, FIREFOX, "203.0.113.77").await;
    let own = browser.get("/security-info").await;
    let own = page::check(&own);
    // Where it was registered, and where it was used: two addresses of one network are one place.
    assert!(own.contains("Seen in 2 places"), "{own}");
    assert!(own.contains("Firefox, Linux · 203.0.113.0/24"), "{own}");
    assert!(own.contains("No copies elsewhere"), "{own}");
    assert!(own.contains("they are not verified"), "{own}");

    let mut admin = world.administrator(&mut authenticator()).await;
    let seen = admin.get(&format!("/admin/users/{}", user.id)).await;
    assert!(page::check(&seen).contains("Firefox, Linux · 203.0.113.0/24"));
}

#[tokio::test]
async fn a_known_place_is_written_once_a_day() {
    let world = behind_a_proxy().await;
    let mut key = authenticator();
    let (user, _) = world.user_with_passkey(NAME, &mut key).await;
    let days = async |world: &TestApp| {
        let (tenant, id) = (user.tenant, user.id);
        let seen = world
            .write(move |tx| {
                Box::pin(async move { store::sightings::of_user(tx, tenant, id).await })
            })
            .await;
        let found = seen
            .into_iter()
            .find(|(_, seen)| seen.place.device().is_some());
        found.unwrap().1.days
    };
    for (hours, expected) in [(0, 1), (1, 1), (22, 1), (2, 2)] {
        world.wait(hours * 3_600);
        from(&world, &mut key, FIREFOX, "203.0.113.9").await;
        assert_eq!(days(&world).await, expected, "after {hours} hours more");
    }
}

#[tokio::test]
async fn what_a_browser_says_about_itself_is_not_markup() {
    let world = behind_a_proxy().await;
    let mut key = authenticator();
    world.user_with_passkey(NAME, &mut key).await;
    let mut browser = from(
        &world,
        &mut key,
        "<script>x</script> Firefox/1",
        "2001:db8::1",
    )
    .await;
    let own = browser.get("/security-info").await;
    let own = page::check(&own);
    assert!(own.contains("Firefox · 2001:db8::/48"), "{own}");
}
