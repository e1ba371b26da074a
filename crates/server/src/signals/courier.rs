//! The courier: pushes what waits on the streams that want it, each stream in its order and one event at a time.

use std::collections::HashSet;
use std::time::Duration;

use policy::model::{QueuedSignal, Span, StreamId, StreamStatus, TenantId, Timestamp};
use policy::signals::{Failed, after_failure};
use store::StoreError;
use store::signals::{self, Claimed};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::outbound::Pushed;
use super::set;
use crate::app::AppState;

/// How often the streams are looked at when nobody wakes the courier: for what another node wrote, and for what is tried
/// again.
const POLL: Duration = Duration::from_millis(500);
/// After this long another node may take a stream over. Longer than a slice and one push.
const LEASE: Span = Span::seconds(8);
/// How long a claim is worked with before it is renewed.
const SLICE: Span = Span::seconds(2);
/// Streams looked for at a time.
const AT_ONCE: u32 = 64;
/// Events read at a time.
const PORTION: u32 = 32;
/// Characters kept of what went wrong: a foreign server says what it likes.
const PROBLEM: usize = 300;
/// A stream of which nobody is pushing anything.
const FREE: Timestamp = Timestamp::from_micros(0);

/// What one round came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Events that receivers took.
    pub delivered: usize,
    /// Events that receivers will never take.
    pub refused: usize,
    /// Streams that are tried again later.
    pub postponed: usize,
    /// Streams that were given up.
    pub disabled: usize,
}

/// Delivers until `stop`.
pub async fn run(app: AppState, stop: CancellationToken) {
    let mut written = app.store.signalled();
    let mut under_way: HashSet<StreamId> = HashSet::new();
    let mut pushes = JoinSet::new();
    loop {
        written.mark_unchanged();
        match due(&app).await {
            Ok(found) => {
                for (tenant, stream) in found {
                    if under_way.insert(stream) {
                        let app = app.clone();
                        pushes.spawn(async move { (stream, drain(&app, tenant, stream).await) });
                    }
                }
            }
            Err(error) => tracing::error!(code = error.code(), "the streams could not be read"),
        }
        tokio::select! {
            () = stop.cancelled() => break,
            _ = written.changed() => {}
            () = tokio::time::sleep(POLL) => {}
            Some(done) = pushes.join_next(), if !pushes.is_empty() => {
                match done {
                    Ok((stream, result)) => {
                        under_way.remove(&stream);
                        note(stream, &result);
                    }
                    // Which stream it was is not known; all of them are looked at again.
                    Err(_) => under_way.clear(),
                }
            }
        }
    }
    // What was sent and not answered is sent again after the next start: a receiver knows it by its id.
    pushes.shutdown().await;
}

/// Delivers everything that is due now.
///
/// # Errors
/// If the streams cannot be read or written; a delivery that fails is no error.
pub async fn deliver(app: &AppState) -> Result<Round, StoreError> {
    let mut round = Round::default();
    for (tenant, stream) in due(app).await? {
        let done = drain(app, tenant, stream).await?;
        round.delivered += done.delivered;
        round.refused += done.refused;
        round.postponed += done.postponed;
        round.disabled += done.disabled;
    }
    Ok(round)
}

async fn due(app: &AppState) -> Result<Vec<(TenantId, StreamId)>, StoreError> {
    let now = app.clock.now();
    let found = app
        .store
        .read_point(move |tx| Box::pin(signals::due(tx, now, AT_ONCE)));
    found.await
}

fn note(stream: StreamId, result: &Result<Round, StoreError>) {
    if let Err(error) = result {
        tracing::error!(%stream, code = error.code(), "a stream could not be worked on");
    }
}

/// Pushes what waits on one stream until nothing does, something fails, or the slice is over.
async fn drain(app: &AppState, tenant: TenantId, stream: StreamId) -> Result<Round, StoreError> {
    let mut round = Round::default();
    let begun = app.clock.now();
    let claimed = app.store.write(move |tx| {
        Box::pin(
            async move { signals::claim(tx, (tenant, stream), begun, begun.plus(LEASE)).await },
        )
    });
    let Some(claimed) = claimed.await? else {
        return Ok(round);
    };
    let Some(address) = claimed.stream.endpoint.clone() else {
        return Ok(round);
    };
    let authorization = app
        .store
        .read_point(move |tx| Box::pin(signals::authorization(tx, tenant, stream)))
        .await?;
    loop {
        let events: Vec<QueuedSignal> = app
            .store
            .read_point(move |tx| Box::pin(signals::waiting(tx, tenant, stream, PORTION)))
            .await?;
        if events.is_empty() {
            break;
        }
        for event in &events {
            if app.clock.now() >= begun.plus(SLICE) {
                release(app, claimed).await?;
                return Ok(round);
            }
            let pushed = match set::signed(app, &claimed.stream, event).await {
                Ok(token) => {
                    let secret = authorization.as_ref();
                    app.signals.push(&address, secret, token).await
                }
                Err(fault) => Pushed::Failed(fault.to_string()),
            };
            let result = match &pushed {
                Pushed::Taken => "delivered",
                Pushed::Refused(_) => "refused",
                Pushed::Failed(_) => "failed",
            };
            metrics::counter!("keyward_signals_total", "result" => result).increment(1);
            match pushed {
                Pushed::Taken => {
                    acknowledge(app, &claimed, event.number).await?;
                    round.delivered += 1;
                }
                Pushed::Refused(why) => {
                    refuse(app, &claimed, event.number, why).await?;
                    round.refused += 1;
                }
                // Nothing after it is sent before it.
                Pushed::Failed(why) => {
                    if fail(app, claimed, why).await? {
                        round.postponed += 1;
                    } else {
                        round.disabled += 1;
                    }
                    return Ok(round);
                }
            }
        }
    }
    release(app, claimed).await?;
    Ok(round)
}

async fn acknowledge(app: &AppState, claimed: &Claimed, number: i64) -> Result<(), StoreError> {
    let (which, now) = ((claimed.stream.tenant, claimed.stream.id), app.clock.now());
    let written = app.store.write(move |tx| {
        Box::pin(async move { signals::acknowledge(tx, which, &[number], now).await })
    });
    written.await.map(drop)
}

async fn refuse(
    app: &AppState,
    claimed: &Claimed,
    number: i64,
    why: String,
) -> Result<(), StoreError> {
    let (which, now) = ((claimed.stream.tenant, claimed.stream.id), app.clock.now());
    tracing::warn!(stream = %claimed.stream.id, number, %why, "a receiver does not want an event");
    let written = app.store.write(move |tx| {
        Box::pin(async move { signals::refuse(tx, which, number, now, &why).await })
    });
    written.await.map(drop)
}

async fn release(app: &AppState, claimed: Claimed) -> Result<(), StoreError> {
    let written = app
        .store
        .write(move |tx| Box::pin(async move { signals::release(tx, &claimed, FREE).await }));
    written.await.map(drop)
}

/// `false` if the stream was given up.
async fn fail(app: &AppState, claimed: Claimed, why: String) -> Result<bool, StoreError> {
    let ([jitter], now) = (app.random.bytes(), app.clock.now());
    let next = after_failure(claimed.failing_since, claimed.attempts, now, jitter);
    let problem: String = why.chars().take(PROBLEM).collect();
    let (stream, attempts) = (claimed.stream.id, claimed.attempts);
    let due = match next {
        Failed::Again(due) => {
            tracing::warn!(%stream, attempts, why = %problem, "an event was not delivered and is tried again");
            due
        }
        Failed::Disable => {
            tracing::error!(%stream, why = %problem, "a receiver was away for too long; its stream is disabled");
            let tenant = claimed.stream.tenant;
            let reason = "the receiver took nothing for too long";
            let written = app.store.write(move |tx| {
                let status = StreamStatus::Disabled;
                Box::pin(signals::set_status(tx, tenant, stream, status, reason))
            });
            written.await?;
            return Ok(false);
        }
    };
    let written = app.store.write(move |tx| {
        Box::pin(async move { signals::postpone(tx, &claimed, now, due, &problem).await })
    });
    written.await?;
    Ok(true)
}
