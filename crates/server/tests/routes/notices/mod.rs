//! Notices: who is told of what, by mail and by webhook.

mod aiosmtpd;
mod changes;
mod lifecycle;
mod mail;
mod new_place;
mod not_me;
mod smtp;
mod webhook;

use std::path::PathBuf;

use keyward::config::{MailSettings, MailTls, Settings, WebhookSettings};
use keyward::notify::{self, Round};
use policy::model::{NoticeKind, User};
use store::StoreError;
use store::outbox::{self, Delivery, Standing};

use crate::world::TestApp;
use smtp::Smtp;

pub const NAME: &str = "ada@localhost";
pub const MAIL: &str = "ada@example.org";
pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Settings that send mail to a server on this machine, in clear.
pub fn to(address: std::net::SocketAddr) -> MailSettings {
    MailSettings {
        host: Some(address.ip().to_string()),
        port: Some(address.port()),
        tls: Some(MailTls::None),
        from: Some("Keyward <no-reply@example.com>".to_owned()),
        ..MailSettings::default()
    }
}

/// Settings that post to `url`, signing with [`SECRET`].
pub fn hook(url: &str, settings: &mut Settings) {
    let file = file_of(settings, "webhook-secret", SECRET);
    settings.webhook = WebhookSettings {
        url: Some(url.parse().unwrap()),
        secret_file: Some(file),
        ..WebhookSettings::default()
    };
}

/// A file in the data folder.
pub fn file_of(settings: &Settings, name: &str, text: &str) -> PathBuf {
    let folder = settings.data.as_ref().unwrap();
    std::fs::create_dir_all(folder).unwrap();
    let file = folder.join(name);
    std::fs::write(&file, text).unwrap();
    file
}

/// A server that sends mail to the other one.
pub async fn with_mail() -> (TestApp, Smtp) {
    let smtp = Smtp::start().await;
    let world = TestApp::with(|settings| {
        settings.mail = to(smtp.address);
        settings.trusted_proxies = Some(vec!["127.0.0.0/8".parse().unwrap()]);
    })
    .await;
    (world, smtp)
}

/// A user with an address for notices.
pub async fn reachable(world: &TestApp, name: &str, mail: &str) -> User {
    let mail = mail.to_owned();
    world.user_with(name, |user| user.mail = Some(mail)).await
}

/// Delivers what is due.
pub async fn deliver(world: &TestApp) -> Round {
    notify::deliver(&world.app).await.unwrap()
}

/// What is in the outbox.
pub async fn standing(world: &TestApp) -> Standing {
    let standing = world.app.store.read(|tx| Box::pin(outbox::standing(tx)));
    let standing: Result<_, StoreError> = standing.await;
    standing.unwrap()
}

/// Takes everything out of the outbox without delivering it.
pub async fn take(world: &TestApp) -> Vec<Delivery> {
    let now = world.app.clock.now();
    world
        .write(move |tx| {
            Box::pin(async move {
                let claimed = outbox::claim(tx, now, now, 99).await?;
                for copy in &claimed {
                    outbox::delivered(tx, copy).await?;
                }
                Ok(claimed)
            })
        })
        .await
}

/// The kinds of what is in the outbox; it is empty afterwards.
pub async fn kinds(world: &TestApp) -> Vec<NoticeKind> {
    let taken = take(world).await;
    taken.into_iter().map(|copy| copy.notice.kind).collect()
}
