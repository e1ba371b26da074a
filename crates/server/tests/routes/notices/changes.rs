//! Every change to what somebody signs in with is told, in the transaction that makes it.

use keyward::cli::recover_admin::recover;
use policy::model::{NoticeActor, NoticeKind, NoticeSubject, PassUse};
use store::outbox::Channel;

use super::{MAIL, NAME, kinds, reachable, standing, take, with_mail};
use crate::graph::Scene;
use crate::security_info::activation;
use crate::world::{TestApp, authenticator};

/// The value after `name="` in the page.
fn field(page: &str, name: &str) -> String {
    crate::page::field(page, name).unwrap().to_owned()
}

async fn only(world: &TestApp, expected: NoticeKind) {
    assert_eq!(kinds(world).await, [expected]);
}

#[tokio::test]
async fn what_a_person_does_on_their_own_page_is_told() {
    let (world, _smtp) = with_mail().await;
    let user = reachable(&world, NAME, MAIL).await;
    let pass = world.pass(&user, PassUse::Many).await;
    let mut browser = world.browser();
    browser.sign_in_with_pass(NAME, &pass).await;
    only(&world, NoticeKind::PassUsed).await;
    let mut key = authenticator();
    browser.register_in_interrupt(&mut key).await;
    let [added] = take(&world).await.try_into().unwrap();
    assert_eq!(added.notice.kind, NoticeKind::PasskeyAdded);
    assert_eq!(added.notice.actor, NoticeActor::Oneself);
    assert!(matches!(
        &added.notice.subject,
        Some(NoticeSubject::Passkey { display_name, .. }) if display_name == "test key"
    ));
    assert_eq!(
        (added.channel, added.recipient.as_str()),
        (Channel::Mail, MAIL)
    );

    let name = browser.add_passkey(&mut authenticator()).await;
    only(&world, NoticeKind::PasskeyAdded).await;
    browser.post(&name, &[("name", "Desk drawer")]).await;
    only(&world, NoticeKind::PasskeyRenamed).await;
    browser.post(&name.replace("/name", "/delete"), &[]).await;
    only(&world, NoticeKind::PasskeyDeleted).await;

    let page = browser.get("/security-info/totp").await;
    let secret = {
        let start = page.body.find("id=\"secret\"").unwrap();
        let rest = &page.body[start..];
        rest[rest.find('>').unwrap() + 1..rest.find("</p>").unwrap()].to_owned()
    };
    let offer = field(&page.body, "enrolment");
    let code = world.code(&unbase32(&secret));
    browser
        .post(
            "/security-info/totp",
            &[("enrolment", &offer), ("code", &code)],
        )
        .await
        .redirects_to("/security-info");
    only(&world, NoticeKind::TotpEnrolled).await;
    browser
        .post("/security-info/totp/remove", &[])
        .await
        .redirects_to("/security-info");
    only(&world, NoticeKind::TotpRemoved).await;

    let new = "a small green boat";
    let fields = [("current", ""), ("new", new), ("again", new)];
    browser
        .post("/security-info/password", &fields)
        .await
        .redirects_to("/security-info");
    only(&world, NoticeKind::PasswordChanged).await;

    let ended = browser
        .post("/security-info/sign-out-everywhere", &[])
        .await;
    assert!(!ended.status.is_server_error() && !ended.status.is_client_error());
    only(&world, NoticeKind::SessionsRevoked).await;
}

#[tokio::test]
async fn what_an_administrator_does_is_told_to_the_one_it_is_done_to() {
    let (world, _smtp) = with_mail().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    // Without an address nobody is written to.
    assert_eq!(kinds(&world).await, []);
    let mut key = authenticator();
    let user = reachable(&world, NAME, MAIL).await;
    world.passkey_of(&user, &mut key).await;
    take(&world).await;
    let passkey = world.passkeys(&user).await.swap_remove(0);
    let path = |rest: &str| format!("/admin/users/{}/{rest}", user.id);
    let revoke = format!("passkeys/{}/revoke", passkey.id);
    let lifetime = [("minutes", "60"), ("once", "1")];
    for (rest, fields, expected) in [
        (revoke.as_str(), &[][..], NoticeKind::PasskeyRevoked),
        ("pass", &lifetime[..], NoticeKind::PassIssued),
        ("password", &[], NoticeKind::PasswordReset),
        ("sign-out-everywhere", &[], NoticeKind::SessionsRevoked),
        ("disable", &[], NoticeKind::AccountDisabled),
        ("enable", &[], NoticeKind::AccountEnabled),
    ] {
        let answer = admin.post(&path(rest), fields).await;
        assert!(!answer.status.is_client_error(), "{rest}: {}", answer.body);
        let [told] = take(&world).await.try_into().unwrap();
        assert_eq!((told.notice.kind, told.user), (expected, user.id));
        assert!(
            matches!(told.notice.actor, NoticeActor::Administrator(_)),
            "{rest}"
        );
        // Where an administrator sits is not the business of the one they look after.
        assert_eq!(told.notice.place, None);
        assert_eq!(told.sealed_token.is_some(), expected.can_be_disowned());
    }
}

#[tokio::test]
async fn what_was_refused_is_not_told() {
    let (world, _smtp) = with_mail().await;
    let user = reachable(&world, NAME, MAIL).await;
    let mut key = authenticator();
    world.passkey_of(&user, &mut key).await;
    // The pass is over, and with it what it opened: there is no other way in.
    world.wait(3_601);
    let mut browser = world.browser();
    browser.sign_in_with(&mut key).await;
    take(&world).await;
    let passkey = world.passkeys(&user).await.swap_remove(0);
    let path = format!("/security-info/passkeys/{}", passkey.id);
    browser
        .post(&format!("{path}/delete"), &[])
        .await
        .refused(409, "last_way_in");
    browser
        .post(&format!("{path}/name"), &[("name", "")])
        .await
        .refused(400, "name_invalid");
    assert_eq!(kinds(&world).await, []);
}

#[tokio::test]
async fn a_pass_made_at_the_command_line_is_told() {
    let (world, _smtp) = with_mail().await;
    let user = reachable(&world, NAME, MAIL).await;
    world
        .give_role(&user, policy::model::Role::GlobalAdministrator)
        .await;
    let (app, now) = (&world.app, world.app.clock.now());
    let name = Some(NAME.to_owned());
    recover(&app.store, &app.config, now, &app.random, None, name)
        .await
        .unwrap();
    let [told] = take(&world).await.try_into().unwrap();
    assert_eq!(told.notice.kind, NoticeKind::PassIssued);
    assert!(matches!(told.notice.actor, NoticeActor::Server { .. }));
    assert!(told.sealed_token.is_none(), "no server, no seal, no link");
}

#[tokio::test]
async fn without_mail_and_webhook_nothing_is_kept() {
    let world = TestApp::new().await;
    let user = reachable(&world, NAME, MAIL).await;
    world.passkey_of(&user, &mut authenticator()).await;
    assert_eq!(standing(&world).await.waiting, 0);
}

fn unbase32(text: &str) -> Vec<u8> {
    let mut bits = 0u64;
    let mut held = 0;
    let mut bytes = Vec::new();
    for letter in text.bytes().filter(|letter| *letter != b' ') {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            _ => letter - b'2' + 26,
        };
        bits = (bits << 5) | u64::from(value);
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}

#[tokio::test]
async fn a_key_made_by_others_is_told_as_waiting_and_then_as_activated() {
    let (world, _smtp) = with_mail().await;
    let scene = Scene::of(world).await;
    let world = &scene.world;
    world
        .change_passkey_method(|method| method.owner_activates = true)
        .await;
    let user = reachable(world, NAME, MAIL).await;
    let mut key = authenticator();
    activation::provision(&scene, &user, &mut key).await;
    only(world, NoticeKind::PasskeyWaiting).await;
    let waiting = world.passkeys(&user).await.swap_remove(0);
    let pass = world.pass(&user, PassUse::Many).await;
    let mut browser = world.browser();
    browser.sign_in_with_pass(NAME, &pass).await;
    only(world, NoticeKind::PassUsed).await;
    let done = activation::activate(&mut browser, &waiting, &mut key, world.origin()).await;
    assert_eq!(done.status, 200, "{}", done.body);
    only(world, NoticeKind::PasskeyActivated).await;
}
