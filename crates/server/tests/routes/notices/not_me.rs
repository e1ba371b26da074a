//! "This wasn't me": by the link of a notice, and on the security info page.

use axum::body::Body;
use axum::http::Method;
use keyward::cli::tour::SoftwareAuthenticator;
use policy::model::{NoticeKind, RecordId, Role, User};
use policy::notices::DISOWNED_WITHIN;

use super::smtp::Smtp;
use super::{MAIL, NAME, deliver, reachable, take, with_mail};
use crate::page;
use crate::world::{Answer, Browser, TestApp, authenticator};

/// The path of the link in the newest letter whose subject contains `subject`.
async fn link(world: &TestApp, smtp: &Smtp, subject: &str) -> String {
    deliver(world).await;
    let letters = smtp.letters();
    let letter = letters
        .iter()
        .rev()
        .find(|letter| letter.header("Subject").contains(subject))
        .unwrap_or_else(|| panic!("no letter about {subject}"));
    let link = letter.link().unwrap();
    link.strip_prefix(world.origin()).unwrap().to_owned()
}

fn token(path: &str) -> &str {
    path.split_once("token=").unwrap().1
}

/// Opens the link and presses the button.
async fn confirm(browser: &mut Browser<'_>, path: &str) -> Answer {
    let page = browser.get(path).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page::check(&page);
    let csrf = page::field(&page.body, "csrf").unwrap().to_owned();
    let fields = [("csrf", csrf.as_str()), ("token", token(path))];
    browser.post_bare("/signin/not-me", &fields).await
}

/// How many records of the audit log have this activity.
async fn audited(world: &TestApp, activity: &str) -> usize {
    let tenant = world.app.tenants.default().id;
    let records = world
        .write(move |tx| {
            Box::pin(async move {
                let all = store::audit::Filter::All;
                store::audit::list(tx, tenant, all, store::Page::first(200)).await
            })
        })
        .await;
    records
        .iter()
        .filter(|one| one.activity == activity)
        .count()
}

async fn a_user_with_a_key(world: &TestApp) -> (User, Browser<'_>, SoftwareAuthenticator) {
    let user = reachable(world, NAME, MAIL).await;
    let mut key = authenticator();
    let browser = world.passkey_of(&user, &mut key).await;
    (user, browser, key)
}

#[tokio::test]
async fn the_link_takes_the_passkey_back_ends_everything_and_tells_the_administrators() {
    let (world, smtp) = with_mail().await;
    let guard = reachable(&world, "grace@localhost", "grace@example.org").await;
    world.give_role(&guard, Role::SecurityAdministrator).await;
    let (user, mut thief, mut key) = a_user_with_a_key(&world).await;
    let mut elsewhere = world.browser();
    elsewhere.sign_in_with(&mut key).await;
    let path = link(&world, &smtp, "passkey was added").await;

    // Whoever needs it may be locked out: a browser that was never here will do.
    let done = confirm(&mut world.browser(), &path).await;
    let text = page::check(&done);
    assert_eq!(done.status, 200, "{text}");
    assert!(text.contains("“test key” was removed"), "{text}");
    assert!(text.contains("No way to sign in is left") || text.contains("What to do next"));

    assert!(world.passkeys(&user).await.is_empty());
    thief.get("/security-info").await.redirects_to("/signin");
    elsewhere
        .get("/security-info")
        .await
        .redirects_to("/signin");
    world
        .browser()
        .sign_in_with(&mut key)
        .await
        .refused(401, "unknown_credential");
    assert_eq!(audited(&world, "Suspicious activity reported").await, 1);
    assert_eq!(audited(&world, "User deleted security info").await, 1);
    assert_eq!(audited(&world, "Delete Passkey (device-bound)").await, 1);

    deliver(&world).await;
    let letters = smtp.letters();
    let to_guard: Vec<_> = letters
        .iter()
        .filter(|one| one.to == ["grace@example.org"])
        .collect();
    let [alert] = to_guard[..] else {
        panic!("{letters:?}")
    };
    assert!(
        alert
            .header("Subject")
            .contains("Suspicious activity was reported")
    );
    let body = alert.part("text/plain");
    assert!(
        body.contains(&format!("/admin/users/{}", user.id)),
        "{body}"
    );
    assert!(
        alert.link().is_none(),
        "an administrator disowns nothing for others"
    );
    let last = letters.iter().rev().find(|one| one.to == [MAIL]).unwrap();
    assert!(
        last.header("Subject")
            .contains("You reported suspicious activity")
    );
    assert!(last.link().is_none());
}

#[tokio::test]
async fn opening_the_link_changes_nothing_however_often() {
    let (world, smtp) = with_mail().await;
    let (user, mut browser, _) = a_user_with_a_key(&world).await;
    let path = link(&world, &smtp, "passkey was added").await;
    let before = audited(&world, "Suspicious activity reported").await;
    for _ in 0..3 {
        let page = world.browser().get(&path).await;
        assert_eq!(page.status, 200);
        assert!(page::check(&page).contains("Nothing has changed yet"));
        let mut scanner = world.browser();
        let head = scanner
            .request(Method::HEAD, &path)
            .body(Body::empty())
            .unwrap();
        assert_eq!(scanner.send(head).await.status, 200);
    }
    assert_eq!(world.passkeys(&user).await.len(), 1);
    assert_eq!(browser.get("/security-info").await.status, 200);
    assert_eq!(
        audited(&world, "Suspicious activity reported").await,
        before
    );
    assert_eq!(take(&world).await, []);
    assert_eq!(confirm(&mut world.browser(), &path).await.status, 200);
}

#[tokio::test]
async fn a_link_works_once() {
    let (world, smtp) = with_mail().await;
    let (user, _, _) = a_user_with_a_key(&world).await;
    let path = link(&world, &smtp, "passkey was added").await;
    let mut browser = world.browser();
    assert_eq!(confirm(&mut browser, &path).await.status, 200);
    // The person comes back in, and the old link does not throw them out again.
    let mut key = authenticator();
    let mut back = world.passkey_of(&user, &mut key).await;
    browser.get(&path).await.refused(410, "not_me_link_used");
    browser
        .post("/signin/not-me", &[("token", token(&path))])
        .await
        .refused(410, "not_me_link_used");
    assert_eq!(back.get("/security-info").await.status, 200);
    assert_eq!(world.passkeys(&user).await.len(), 1);
    assert_eq!(audited(&world, "Suspicious activity reported").await, 1);
}

#[tokio::test]
async fn two_presses_at_once_are_one() {
    let (world, smtp) = with_mail().await;
    a_user_with_a_key(&world).await;
    let path = link(&world, &smtp, "passkey was added").await;
    let (mut one, mut two) = (world.browser(), world.browser());
    let field = [("token", token(&path))];
    let (one, two) = tokio::join!(
        one.post("/signin/not-me", &field),
        two.post("/signin/not-me", &field)
    );
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 410]);
    assert_eq!(audited(&world, "Suspicious activity reported").await, 1);
}

#[tokio::test]
async fn an_old_a_wrong_and_a_foreign_link_are_refused() {
    let (world, smtp) = with_mail().await;
    let (user, _, _) = a_user_with_a_key(&world).await;
    let path = link(&world, &smtp, "passkey was added").await;
    let mut browser = world.browser();
    let good = token(&path);
    let mut other = good.to_owned();
    // One letter in the random part.
    let at = 40;
    let letter = if good.as_bytes()[at] == b'A' {
        "B"
    } else {
        "A"
    };
    other.replace_range(at..=at, letter);
    for wrong in [
        "",
        "x",
        "%00",
        "AAAA",
        &good[..good.len() - 4],
        other.as_str(),
    ] {
        let path = format!("/signin/not-me?token={wrong}");
        let answer = browser.get(&path).await;
        answer.refused(404, "not_me_link_invalid");
        assert!(answer.body.contains("correlation") || answer.body.contains("Correlation"));
        browser
            .post("/signin/not-me", &[("token", wrong)])
            .await
            .refused(404, "not_me_link_invalid");
    }
    world.wait(u64::try_from(DISOWNED_WITHIN.as_seconds()).unwrap());
    browser.get(&path).await.refused(410, "not_me_link_expired");
    browser
        .post("/signin/not-me", &[("token", good)])
        .await
        .refused(410, "not_me_link_expired");
    assert_eq!(world.passkeys(&user).await.len(), 1);
}

#[tokio::test]
async fn the_form_needs_the_browser_that_it_was_given_to() {
    let (world, smtp) = with_mail().await;
    let (user, _, _) = a_user_with_a_key(&world).await;
    let path = link(&world, &smtp, "passkey was added").await;
    let mut browser = world.browser();
    let fields = [("token", token(&path))];
    browser
        .post_bare("/signin/not-me", &fields)
        .await
        .refused(403, "csrf_token_invalid");
    let csrf = browser.csrf();
    let body = format!("csrf={csrf}&token={}", token(&path));
    let foreign = browser
        .request(Method::POST, "/signin/not-me")
        .header("origin", "https://evil.example")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .unwrap();
    browser.send(foreign).await.refused(403, "foreign_origin");
    assert_eq!(world.passkeys(&user).await.len(), 1);
}

#[tokio::test]
async fn the_database_holds_no_link_in_clear() {
    let (world, smtp) = with_mail().await;
    a_user_with_a_key(&world).await;
    let taken: Vec<_> = take(&world).await;
    let added = taken
        .iter()
        .find(|copy| copy.notice.kind == NoticeKind::PasskeyAdded)
        .unwrap();
    let sealed = added.sealed_token.clone().unwrap();
    assert!(sealed.len() > 32 + 16, "sealed, not bare");
    assert!(smtp.letters().is_empty());
    // What is kept for the link is the hash of it: the sealed text finds nothing.
    let hash = store::hash_token(&sealed);
    let tenant = world.app.tenants.default().id;
    let found = world
        .write(move |tx| Box::pin(async move { store::disclaimers::find(tx, tenant, &hash).await }))
        .await;
    assert_eq!(found, None);
}

#[tokio::test]
async fn each_notice_takes_back_what_it_was_about_and_no_more() {
    let (world, smtp) = with_mail().await;
    let (user, _, mut key) = a_user_with_a_key(&world).await;
    world.password(&user, "a small green boat", false).await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let at = |rest: &str| format!("/admin/users/{}/{rest}", user.id);

    admin
        .post(&at("pass"), &[("minutes", "60"), ("once", "1")])
        .await;
    let path = link(&world, &smtp, "Access Pass was issued").await;
    let done = confirm(&mut world.browser(), &path).await;
    assert!(
        done.body.contains("Temporary Access Pass was deleted"),
        "{}",
        done.body
    );
    assert!(world.stored_pass(&user).await.is_none());
    assert_eq!(
        world.passkeys(&user).await.len(),
        1,
        "the passkey is not what it was about"
    );

    admin.post(&at("password"), &[]).await;
    let path = link(&world, &smtp, "password was reset").await;
    let done = confirm(&mut world.browser(), &path).await;
    assert!(
        done.body.contains("password that was set was removed"),
        "{}",
        done.body
    );
    assert_eq!(world.passkeys(&user).await.len(), 1);
    let mut browser = world.browser();
    browser.sign_in_with(&mut key).await;
    assert_eq!(
        browser.get("/security-info").await.status,
        200,
        "the owner comes back in"
    );

    // A password that was set after the notice is another one.
    admin.post(&at("password"), &[]).await;
    let path = link(&world, &smtp, "password was reset").await;
    world.wait(60);
    world.password(&user, "another green boat", false).await;
    let done = confirm(&mut world.browser(), &path).await;
    assert!(
        !done.body.contains("password that was set was removed"),
        "{}",
        done.body
    );
    let mut with_password = world.browser();
    with_password
        .sign_in_with_password(NAME, "another green boat")
        .await
        .redirects_to("/s");
}

#[tokio::test]
async fn a_sign_in_is_disowned_on_the_security_info_page() {
    let (world, _smtp) = with_mail().await;
    let (user, mut own, mut stolen) = a_user_with_a_key(&world).await;
    let mut safe = authenticator();
    own.add_passkey(&mut safe).await;
    let mut owner = world.browser();
    owner.sign_in_with(&mut safe).await;
    let mut thief = world.browser();
    thief.sign_in_with(&mut stolen).await;
    take(&world).await;

    let list = owner.get("/security-info").await;
    let stolen = world.passkeys(&user).await;
    let stolen = stolen.iter().find(|one| one.display_name == "test key");
    let stolen = stolen.unwrap().id;
    let sign_ins = world.sign_ins().await;
    let thiefs = sign_ins.iter().find(|one| one.passkey == Some(stolen));
    let path = format!("/security-info/sign-ins/{}/not-me", thiefs.unwrap().id);
    assert!(page::check(&list).contains(&path));
    assert!(page::check(&owner.get(&path).await).contains("“test key” is removed"));
    assert_eq!(world.passkeys(&user).await.len(), 2, "the page asks first");
    let done = owner.post(&path, &[]).await;
    assert!(page::check(&done).contains("was removed from your account"));
    thief.get("/security-info").await.redirects_to("/signin");
    assert_eq!(owner.get("/security-info").await.status, 200);
    let left = world.passkeys(&user).await;
    assert_eq!(left.len(), 1);
    let kinds: Vec<_> = take(&world)
        .await
        .iter()
        .map(|copy| copy.notice.kind)
        .collect();
    assert_eq!(kinds, [NoticeKind::SuspiciousActivityReported]);
    assert_eq!(audited(&world, "Suspicious activity reported").await, 1);
}

#[tokio::test]
async fn only_ones_own_successful_sign_ins_are_disowned_with_two_factors() {
    let (world, _smtp) = with_mail().await;
    let (user, mut browser, mut key) = a_user_with_a_key(&world).await;
    let mut other = world.administrator(&mut authenticator()).await;
    let own = world.browser().sign_in_with(&mut key).await;
    assert_eq!(own.status, 200);
    let sign_ins = world.sign_ins().await;
    let newest = sign_ins.iter().find(|one| one.user == Some(user.id));
    let path = format!("/security-info/sign-ins/{}/not-me", newest.unwrap().id);
    other.get(&path).await.refused(404, "not_found");
    other.post(&path, &[]).await.refused(404, "not_found");
    let unknown = RecordId::new(world.app.clock.now(), [7; 10]);
    let nowhere = format!("/security-info/sign-ins/{unknown}/not-me");
    browser.get(&nowhere).await.refused(404, "not_found");
    browser
        .post_bare(&path, &[])
        .await
        .refused(403, "csrf_token_invalid");
    // A stolen password is one factor, and must not take the passkeys away.
    world.password(&user, "a small green boat", false).await;
    let mut thief = world.browser();
    let signed_in = thief
        .sign_in_with_password(NAME, "a small green boat")
        .await;
    signed_in.redirects_to("/security-info");
    thief.post(&path, &[]).await.refused(403, "mfa_not_fresh");
    assert_eq!(world.passkeys(&user).await.len(), 1);
}

#[tokio::test]
async fn the_page_speaks_german_and_hides_its_address_from_others() {
    let (world, smtp) = with_mail().await;
    a_user_with_a_key(&world).await;
    let path = link(&world, &smtp, "passkey was added").await;
    let mut browser = world.browser();
    browser.language = Some("de".to_owned());
    let page = browser.get(&path).await;
    assert!(page::check(&page).contains("Das war ich nicht"));
    assert_eq!(page.headers["referrer-policy"], "same-origin");
    assert_eq!(page.headers["cache-control"], "no-store");
    let refused = browser.get("/signin/not-me?token=x").await;
    assert!(
        refused.body.contains("nicht vollständig"),
        "{}",
        refused.body
    );
}
