//! Letters, to a server that speaks SMTP.

use std::sync::Arc;

use keyward::config::{MailTls, Settings};
use keyward::notify::Round;
use policy::model::PassUse;
use rcgen::{CertificateParams, IsCa, Issuer, KeyPair};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use super::smtp::Smtp;
use super::{MAIL, NAME, deliver, file_of, reachable, standing, to, with_mail};
use crate::world::{TestApp, authenticator};

const DELIVERED: Round = Round {
    delivered: 1,
    postponed: 0,
    given_up: 0,
};
const POSTPONED: Round = Round {
    delivered: 0,
    postponed: 1,
    given_up: 0,
};

/// Something worth a letter.
async fn something_happens(world: &TestApp) {
    let user = reachable(world, NAME, MAIL).await;
    let pass = world.pass(&user, PassUse::Many).await;
    world.browser().sign_in_with_pass(NAME, &pass).await;
}

#[tokio::test]
async fn a_letter_arrives_once_and_says_what_happened() {
    let (world, smtp) = with_mail().await;
    let user = reachable(&world, NAME, MAIL).await;
    world.passkey_of(&user, &mut authenticator()).await;
    assert_eq!(deliver(&world).await.delivered, 2);
    assert_eq!(deliver(&world).await, Round::default());
    let letters = smtp.letters();
    let added = letters
        .iter()
        .find(|letter| letter.header("Subject").contains("passkey was added"))
        .unwrap();
    assert_eq!(added.from, "no-reply@example.com");
    assert_eq!(added.to, [MAIL]);
    assert_eq!(added.header("Auto-Submitted"), "auto-generated");
    assert_eq!(added.header("Date"), "Tue, 01 Dec 2026 12:00:00 +0000");
    for kind in ["text/plain", "text/html"] {
        let part = added.part(kind);
        for expected in [
            "test key",
            "2026-12-01 12:00 UTC",
            "127.0.0.0/24",
            "/signin/not-me?token=",
        ] {
            assert!(part.contains(expected), "{expected} is not in {part}");
        }
        assert!(
            !part.contains("127.0.0.1"),
            "the whole address is nobody's need"
        );
    }
    assert_eq!(standing(&world).await.waiting, 0);
}

#[tokio::test]
async fn a_letter_is_written_in_the_language_of_its_reader() {
    let (world, smtp) = with_mail().await;
    let user = reachable(&world, NAME, MAIL).await;
    let mut browser = world.browser();
    browser.language = Some("de-AT, en;q=0.5".to_owned());
    let pass = world.pass(&user, PassUse::Many).await;
    browser.sign_in_with_pass(NAME, &pass).await;
    browser.register_in_interrupt(&mut authenticator()).await;
    deliver(&world).await;
    assert!(
        smtp.letters()
            .iter()
            .all(|one| one.part("text/html").contains("lang=\"de\""))
    );
    // An administrator whose browser speaks English writes to nobody in English who reads German.
    let mut admin = world.administrator(&mut authenticator()).await;
    admin.language = Some("en".to_owned());
    admin
        .post(&format!("/admin/users/{}/password", user.id), &[])
        .await;
    deliver(&world).await;
    let last = smtp.letters().pop().unwrap();
    assert!(
        last.part("text/plain")
            .contains("Ihr Konto hat ein neues Kennwort")
    );
}

#[tokio::test]
async fn a_server_that_is_down_gets_the_letter_later() {
    let (world, smtp) = with_mail().await;
    something_happens(&world).await;
    smtp.refuse_next("451 greylisted, come back");
    smtp.refuse_next("550 perhaps misconfigured");
    assert_eq!(deliver(&world).await, POSTPONED);
    assert_eq!(deliver(&world).await, Round::default(), "not at once");
    assert_eq!(standing(&world).await.failing, 1);
    world.wait(60);
    assert_eq!(deliver(&world).await, POSTPONED);
    world.wait(45);
    assert_eq!(
        deliver(&world).await,
        Round::default(),
        "the second pause is longer"
    );
    world.wait(60);
    assert_eq!(deliver(&world).await, DELIVERED);
    assert_eq!(smtp.letters().len(), 1);
}

#[tokio::test]
async fn a_letter_that_cannot_be_delivered_is_given_up_and_seen() {
    let (world, smtp) = with_mail().await;
    let mut admin_key = authenticator();
    world.administrator(&mut admin_key).await;
    reachable(&world, "grace@localhost", "not an address").await;
    let grace = world.stored_user("grace@localhost").await;
    let pass = world.pass(&grace, PassUse::Many).await;
    world
        .browser()
        .sign_in_with_pass("grace@localhost", &pass)
        .await;
    assert_eq!(
        deliver(&world).await.given_up,
        1,
        "no address is no matter of time"
    );
    something_happens(&world).await;
    let mut attempts = 0;
    loop {
        smtp.refuse_next("421 closed");
        let round = deliver(&world).await;
        attempts += round.postponed;
        if round.given_up == 1 {
            break;
        }
        world.wait(5 * 3_600 + 1);
        assert!(attempts < 40);
    }
    assert!(attempts > 5, "{attempts}");
    assert_eq!(standing(&world).await.given_up, 2);
    let mut admin = world.browser();
    admin.sign_in_with(&mut admin_key).await;
    let page = admin.get("/admin/notices").await;
    let page = crate::page::check(&page);
    assert!(page.contains("421") && page.contains(MAIL), "{page}");
    assert!(page.contains("no mail address"), "{page}");
}

#[tokio::test]
async fn what_was_written_before_a_restart_is_delivered_after_it() {
    let (world, smtp) = with_mail().await;
    something_happens(&world).await;
    let after = world.restart().await;
    assert_eq!(deliver(&after).await, DELIVERED);
    let link = smtp.letters()[0].link().unwrap();
    let path = link.strip_prefix(after.origin()).unwrap().to_owned();
    let page = after.browser().get(&path).await;
    assert_eq!(page.status, 200, "the link is whole: {}", page.body);
}

/// An authority, its certificate for 127.0.0.1, and an acceptor that shows it.
fn authority() -> (String, TlsAcceptor) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let ca = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);
    let leaf_key = KeyPair::generate().unwrap();
    let leaf =
        CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&leaf_key, &issuer).unwrap();
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], private)
        .unwrap();
    (ca.pem(), TlsAcceptor::from(Arc::new(config)))
}

#[tokio::test]
async fn a_password_is_shown_to_the_right_server_only() {
    let (ca, tls) = authority();
    let smtp = Smtp::with(Some(tls), Some(("keyward", "hunter2"))).await;
    let protected = |trusts: Option<&str>, settings: &mut Settings| {
        let password = file_of(settings, "password", "hunter2\n");
        settings.mail = to(smtp.address);
        settings.mail.tls = Some(MailTls::Starttls);
        settings.mail.user = Some("keyward".to_owned());
        settings.mail.password_file = Some(password);
        settings.mail.ca_file = trusts.map(|pem| file_of(settings, "ca.pem", pem));
    };
    let world = TestApp::with(|settings| protected(None, settings)).await;
    something_happens(&world).await;
    assert_eq!(deliver(&world).await, POSTPONED, "a stranger's certificate");
    let world = TestApp::with(|settings| protected(Some(&ca), settings)).await;
    something_happens(&world).await;
    assert_eq!(deliver(&world).await, DELIVERED);
    let [letter] = smtp.letters().try_into().unwrap();
    assert!(letter.encrypted);
    assert_eq!(letter.login.as_deref(), Some("keyward"));
}

#[tokio::test]
async fn a_server_that_hides_starttls_gets_nothing() {
    let smtp = Smtp::start().await;
    let world = TestApp::with(|settings| {
        settings.mail = to(smtp.address);
        settings.mail.tls = Some(MailTls::Starttls);
    })
    .await;
    something_happens(&world).await;
    assert_eq!(deliver(&world).await, POSTPONED);
    assert!(smtp.letters().is_empty());
}

#[tokio::test]
async fn names_do_not_become_headers() {
    let (world, smtp) = with_mail().await;
    let evil = "Ada\r\nBcc: eve@evil.example\r\n\r\n<script>x</script>";
    let user = world
        .user_with(NAME, |user| {
            user.mail = Some(MAIL.to_owned());
            user.display_name = evil.to_owned();
        })
        .await;
    let pass = world.pass(&user, PassUse::Many).await;
    world.browser().sign_in_with_pass(NAME, &pass).await;
    assert_eq!(deliver(&world).await, DELIVERED);
    let [letter] = smtp.letters().try_into().unwrap();
    assert_eq!(letter.to, [MAIL]);
    assert_eq!(letter.header("Bcc"), "");
    assert!(
        !letter
            .part("text/plain")
            .lines()
            .any(|line| line.starts_with("Bcc"))
    );
    assert!(!letter.part("text/html").contains("<script>"));
}

#[tokio::test]
async fn the_courier_is_woken_by_what_happens() {
    let (world, smtp) = with_mail().await;
    let stop = tokio_util::sync::CancellationToken::new();
    let courier = tokio::spawn(keyward::notify::run(world.app.clone(), stop.clone()));
    something_happens(&world).await;
    let arrived = async {
        while smtp.letters().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), arrived)
        .await
        .unwrap();
    stop.cancel();
    courier.await.unwrap();
    assert_eq!(smtp.letters().len(), 1);
}
