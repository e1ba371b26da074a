//! `POST /ssf/poll/{stream}`: events for whoever asks (RFC 8936).

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use policy::model::{QueuedSignal, Stream, StreamId};
use policy::signals::MOST_EVENTS;
use serde::Deserialize;
use serde_json::json;
use store::StoreError;

use super::access::{Right, json as parse, receiver};
use super::set;
use super::streams::{answer, stream_id};
use crate::app::AppState;
use crate::flow::signals::{self, SignalsRefusal};
use crate::oidc::possession::Sender;
use crate::web::Path;

/// How long a poll waits for an event: less than any request may take.
const LONGEST: Duration = Duration::from_secs(25);
/// How often the stream is looked at while it waits, for what another node wrote.
const LOOK: Duration = Duration::from_secs(1);
/// Tokens that can be settled in one request.
const SETTLED: usize = 1000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    max_events: Option<u32>,
    #[serde(default)]
    return_immediately: bool,
    #[serde(default)]
    ack: Vec<String>,
    #[serde(default)]
    set_errs: BTreeMap<String, SentError>,
}

#[derive(Deserialize)]
struct SentError {
    err: String,
    #[serde(default)]
    description: String,
}

/// Takes what the receiver says of the events before, and answers with the next ones.
pub async fn ask(
    State(app): State<AppState>,
    Path(stream): Path<String>,
    sender: Sender,
    body: Bytes,
) -> Result<Response, SignalsRefusal> {
    let receiver = receiver(&app, &sender.asking(), Right::Read).await?;
    let stream = signals::find(&app, &receiver, stream_id(&stream)?).await?;
    if stream.endpoint.is_some() {
        return Err(SignalsRefusal::NotPolled);
    }
    let sent: Sent = parse(sender.asking().headers, &body)?;
    if sent.ack.len() + sent.set_errs.len() > SETTLED {
        return Err(SignalsRefusal::Invalid("ack"));
    }
    settle(&app, &stream, &sent).await?;
    let most = sent.max_events.unwrap_or(MOST_EVENTS).min(MOST_EVENTS);
    let (events, more) = if most == 0 {
        (Vec::new(), false)
    } else {
        next(&app, &stream, most, sent.return_immediately).await?
    };
    let mut sets = serde_json::Map::new();
    for event in &events {
        let token = set::signed(&app, &stream, event).await?;
        sets.insert(set::token_id(stream.id, event.number), token.into());
    }
    let body = json!({"sets": sets, "moreAvailable": more});
    Ok(answer(StatusCode::OK, &body))
}

/// An event that the receiver knows is not sent again, whatever it thinks of it. Ids of other streams are nobody's.
async fn settle(app: &AppState, stream: &Stream, sent: &Sent) -> Result<(), SignalsRefusal> {
    let number = |token: &String| set::number_of(stream.id, token);
    let taken: Vec<i64> = sent.ack.iter().filter_map(number).collect();
    let refused = sent.set_errs.iter().filter_map(|(token, error)| {
        let words = format!("{} {}", error.err, error.description);
        let words: String = words.trim_end().chars().take(300).collect();
        Some((number(token)?, words))
    });
    let refused: Vec<(i64, String)> = refused.collect();
    if taken.is_empty() && refused.is_empty() {
        return Ok(());
    }
    let (which, now) = ((stream.tenant, stream.id), app.clock.now());
    let written = app.store.write(move |tx| {
        Box::pin(async move {
            store::signals::acknowledge(tx, which, &taken, now).await?;
            for (number, why) in refused {
                store::signals::refuse(tx, which, number, now, &why).await?;
            }
            Ok::<_, StoreError>(())
        })
    });
    Ok(written.await?)
}

/// The next events, and whether there are more. Unless the receiver wants an answer at once, it is given when there is
/// something to say, or when it has waited long enough.
async fn next(
    app: &AppState,
    stream: &Stream,
    most: u32,
    at_once: bool,
) -> Result<(Vec<QueuedSignal>, bool), SignalsRefusal> {
    let place = app.signals.waiters.clone().try_acquire_owned();
    let waits = !at_once && place.is_ok();
    let mut written = app.store.signalled();
    let wait = async {
        loop {
            written.mark_unchanged();
            let found = waiting(app, stream.id, stream, most).await?;
            if !found.0.is_empty() || !waits {
                return Ok(found);
            }
            tokio::select! {
                _ = written.changed() => {}
                () = tokio::time::sleep(LOOK) => {}
                () = app.signals.closing.cancelled() => return Ok(found),
            }
        }
    };
    tokio::time::timeout(LONGEST, wait)
        .await
        .unwrap_or(Ok((Vec::new(), false)))
}

async fn waiting(
    app: &AppState,
    id: StreamId,
    stream: &Stream,
    most: u32,
) -> Result<(Vec<QueuedSignal>, bool), SignalsRefusal> {
    let tenant = stream.tenant;
    let found = app
        .store
        .read_point(move |tx| Box::pin(store::signals::waiting(tx, tenant, id, most + 1)));
    let mut found: Vec<QueuedSignal> = found.await?;
    let keep = usize::try_from(most).unwrap_or(usize::MAX);
    let more = found.len() > keep;
    found.truncate(keep);
    Ok((found, more))
}
