//! The courier: claims what is due, delivers it, and says in the outbox how that went.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use policy::model::{Notice, NoticeSubject, Span};
use policy::notices::{DISOWNED_WITHIN, GIVEN_UP_KEPT, next_attempt};
use store::StoreError;
use store::outbox::{self, Channel, Delivery};
use tokio_util::sync::CancellationToken;

use super::letter::{self, Reader};
use super::{Failure, Mailer};
use crate::app::AppState;
use crate::pages::Language;
use crate::seal::Purpose;

/// How often the outbox is looked at when nobody wakes the courier: for what another node wrote, and for what is tried
/// again.
const POLL: Duration = Duration::from_secs(2);
/// After this long another node may take a copy over. Longer than any delivery takes.
const LEASE: Span = Span::minutes(2);
/// Characters kept of what went wrong: a foreign server says what it likes.
const PROBLEM: usize = 300;
/// Copies under way at a time.
const AT_ONCE: u32 = 8;

/// What one round of deliveries came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Delivered.
    pub delivered: usize,
    /// Failed, to be tried again.
    pub postponed: usize,
    /// Failed for good.
    pub given_up: usize,
}

enum Outcome {
    Delivered,
    Postponed,
    GivenUp,
}

/// Delivers until `stop`. A round that was begun is finished.
pub async fn run(app: AppState, stop: CancellationToken) {
    loop {
        if let Err(error) = deliver(&app).await {
            tracing::error!(code = error.code(), "the outbox could not be read");
        }
        let woken = tokio::time::timeout(POLL, app.notifier.woken.notified());
        if stop.run_until_cancelled(woken).await.is_none() {
            return;
        }
    }
}

/// Delivers everything that is due now.
///
/// # Errors
/// If the outbox cannot be read or written; a delivery that fails is no error.
pub async fn deliver(app: &AppState) -> Result<Round, StoreError> {
    let mut round = Round::default();
    loop {
        let claimed = claim(app).await?;
        if claimed.is_empty() {
            return Ok(round);
        }
        for outcome in join_all(claimed.iter().map(|copy| handle(app, copy))).await {
            match outcome? {
                Outcome::Delivered => round.delivered += 1,
                Outcome::Postponed => round.postponed += 1,
                Outcome::GivenUp => round.given_up += 1,
            }
        }
    }
}

async fn claim(app: &AppState) -> Result<Vec<Delivery>, StoreError> {
    let now = app.clock.now();
    let due = app
        .store
        .read_point(move |tx| Box::pin(outbox::is_due(tx, now)));
    if !due.await? {
        return Ok(Vec::new());
    }
    let claimed = app
        .store
        .write(move |tx| Box::pin(outbox::claim(tx, now, now.plus(LEASE), AT_ONCE)));
    claimed.await
}

async fn handle(app: &AppState, copy: &Delivery) -> Result<Outcome, StoreError> {
    let tried = match copy.channel {
        Channel::Mail => mail(app, copy).await,
        Channel::Webhook => webhook(app, copy).await,
    };
    let outcome = settle(app, copy, tried).await?;
    let result = match outcome {
        Outcome::Delivered => "delivered",
        Outcome::Postponed => "postponed",
        Outcome::GivenUp => "given_up",
    };
    metrics::counter!("keyward_notices_total", "channel" => copy.channel.as_str(), "result" => result)
        .increment(1);
    Ok(outcome)
}

async fn settle(
    app: &AppState,
    copy: &Delivery,
    tried: Result<(), Failure>,
) -> Result<Outcome, StoreError> {
    let (row, now) = (copy.clone(), app.clock.now());
    let failure = match tried {
        Ok(()) => {
            let gone = app
                .store
                .write(move |tx| Box::pin(async move { outbox::delivered(tx, &row).await }));
            gone.await?;
            return Ok(Outcome::Delivered);
        }
        Err(failure) => failure,
    };
    let [jitter] = app.random.bytes();
    let next = next_attempt(copy.created, copy.attempts, now, jitter).filter(|_| !failure.hopeless);
    note(copy, &failure, next.is_some());
    let problem: String = failure.problem.chars().take(PROBLEM).collect();
    let written = app.store.write(move |tx| {
        Box::pin(async move {
            match next {
                Some(due) => outbox::postpone(tx, &row, due, &problem).await,
                None => {
                    let kept = now.plus(GIVEN_UP_KEPT);
                    outbox::give_up(tx, &row, now, kept, &problem).await
                }
            }
        })
    });
    written.await?;
    Ok(if next.is_some() {
        Outcome::Postponed
    } else {
        Outcome::GivenUp
    })
}

fn note(copy: &Delivery, failure: &Failure, again: bool) {
    let (correlation, channel) = (copy.notice.correlation, copy.channel.as_str());
    let (attempts, why) = (copy.attempts, &failure.problem);
    if again {
        tracing::warn!(%correlation, channel, attempts, %why, "a notice was not delivered and is tried again");
    } else {
        tracing::error!(%correlation, channel, attempts, %why, "a notice was given up");
    }
}

async fn webhook(app: &AppState, copy: &Delivery) -> Result<(), Failure> {
    let hook = app.notifier.hook.as_ref().ok_or_else(not_configured)?;
    hook.post(&copy.notice, app.clock.now()).await
}

async fn mail(app: &AppState, copy: &Delivery) -> Result<(), Failure> {
    let mailer = app.notifier.mailer.as_ref().ok_or_else(not_configured)?;
    let link = link(app, copy);
    let organisation = app
        .tenants
        .by_id(copy.tenant)
        .map_or("Keyward", |tenant| tenant.display_name.as_str());
    let model = model(app, &copy.notice);
    let reader = Reader {
        model: model.as_deref(),
        language: language(app, mailer, copy).await,
        is_owner: copy.user == copy.notice.user.id,
        organisation,
        origin: app.config.origin(),
        link: link
            .as_deref()
            .map(|link| (link, copy.notice.at.plus(DISOWNED_WITHIN))),
    };
    let letter = letter::compose(&copy.notice, reader)
        .map_err(|error| Failure::hopeless(format!("the letter cannot be written: {error}")))?;
    let now = app.clock.now();
    mailer
        .send(&copy.id.to_string(), &copy.recipient, letter, now)
        .await
}

fn model(app: &AppState, notice: &Notice) -> Option<String> {
    match &notice.subject {
        Some(NoticeSubject::Passkey { aaguid, .. }) => {
            let models = app.models.facts();
            models.get(*aaguid).map(|model| model.name.clone())
        }
        _ => None,
    }
}

/// "This wasn't me". Where the seal cannot be opened any more, the letter goes without: better told than not told.
fn link(app: &AppState, copy: &Delivery) -> Option<String> {
    let sealed = copy.sealed_token.as_ref()?;
    let token = app
        .seal
        .open(Purpose::NoticeLink, copy.tenant, sealed)
        .ok()?;
    let mut bytes = copy.tenant.as_bytes().to_vec();
    bytes.extend_from_slice(&token);
    let token = URL_SAFE_NO_PAD.encode(bytes);
    Some(format!(
        "{}/signin/not-me?token={token}",
        app.config.origin()
    ))
}

/// The language the reader's browsers mostly asked for, else the one they asked for when they did it, else the
/// operator's choice.
async fn language(app: &AppState, mailer: &Mailer, copy: &Delivery) -> Language {
    let (tenant, user) = (copy.tenant, copy.user);
    let usual = app
        .store
        .read_point(move |tx| Box::pin(store::sightings::language_of(tx, tenant, user)));
    let usual: Option<String> = usual.await.unwrap_or_else(|error: StoreError| {
        tracing::warn!(
            code = error.code(),
            "the language of a reader could not be read"
        );
        None
    });
    let asked = copy.notice.language.as_deref();
    usual
        .as_deref()
        .or(asked.filter(|_| copy.user == copy.notice.user.id))
        .and_then(Language::from_tag)
        .unwrap_or(mailer.language())
}

/// Written by a node that had the way; this one waits for it, or for its own configuration.
fn not_configured() -> Failure {
    Failure::passing("this way is not configured on the node that tried")
}
