//! `/ssf/streams`: the configuration of streams (SSF section 8.1.1).

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use policy::model::{Application, SecretBytes, SignalKind, Stream, StreamId, SubjectFormat};
use policy::signals::BETWEEN_VERIFICATIONS;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access::{Right, json as parse, receiver};
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::signals::{self, Secret, SignalsRefusal, Wish};
use crate::oidc::metadata::issuer;
use crate::oidc::possession::Sender;
use crate::web::Query;

/// RFC 8935.
pub(super) const PUSH: &str = "urn:ietf:rfc:8935";
/// RFC 8936.
pub(super) const POLL: &str = "urn:ietf:rfc:8936";

/// Most event types in a request, and bytes of each.
const EVENTS: usize = 64;
const EVENT: usize = 256;
/// Bytes of a description and of an authorization header.
const DESCRIPTION: usize = 256;
const AUTHORIZATION: usize = 2048;

/// What a receiver sends. Members not known here are left alone, as profiles add some.
#[derive(Deserialize)]
struct Sent {
    stream_id: Option<String>,
    events_requested: Option<Vec<String>>,
    delivery: Option<SentDelivery>,
    format: Option<String>,
    description: Option<String>,
    // Ours to say; a receiver may repeat them.
    iss: Option<Value>,
    aud: Option<Value>,
    events_supported: Option<Value>,
    events_delivered: Option<Value>,
    min_verification_interval: Option<Value>,
}

#[derive(Deserialize)]
struct SentDelivery {
    method: String,
    endpoint_url: Option<String>,
    authorization_header: Option<String>,
}

/// Names a stream.
#[derive(Deserialize)]
pub struct Which {
    stream_id: Option<String>,
}

impl Which {
    pub(super) fn id(&self) -> Result<Option<StreamId>, SignalsRefusal> {
        self.stream_id.as_deref().map(stream_id).transpose()
    }

    pub(super) fn must(&self) -> Result<StreamId, SignalsRefusal> {
        self.id()?.ok_or(SignalsRefusal::Invalid("stream_id"))
    }
}

/// An id that is none names no stream of anybody.
pub(super) fn stream_id(text: &str) -> Result<StreamId, SignalsRefusal> {
    text.parse().map_err(|_| SignalsRefusal::NotFound)
}

#[derive(Serialize)]
struct Configuration {
    stream_id: String,
    iss: String,
    aud: String,
    events_supported: [&'static str; SignalKind::OFFERED.len()],
    events_requested: Vec<String>,
    events_delivered: Vec<&'static str>,
    delivery: Value,
    format: &'static str,
    min_verification_interval: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

/// `GET`: one stream, or all of the receiver's.
pub async fn show(
    State(app): State<AppState>,
    sender: Sender,
    Query(which): Query<Which>,
) -> Result<Response, SignalsRefusal> {
    let receiver = receiver(&app, &sender.asking(), Right::Read).await?;
    let body = match which.id()? {
        Some(id) => {
            let stream = signals::find(&app, &receiver, id).await?;
            json!(configuration(&app, stream))
        }
        None => {
            let streams = signals::list(&app, &receiver).await?.into_iter();
            let all: Vec<_> = streams.map(|stream| configuration(&app, stream)).collect();
            json!(all)
        }
    };
    Ok(answer(StatusCode::OK, &body))
}

/// `POST`: a new stream.
pub async fn create(
    State(app): State<AppState>,
    caller: Caller,
    sender: Sender,
    body: Bytes,
) -> Result<Response, SignalsRefusal> {
    let receiver = receiver(&app, &sender.asking(), Right::Manage).await?;
    let sent: Sent = parse(sender.asking().headers, &body)?;
    let wish = whole(&app, sent)?;
    let stream = signals::create(&app, &caller, &receiver, wish).await?;
    let body = json!(configuration(&app, stream));
    Ok(answer(StatusCode::CREATED, &body))
}

/// `PATCH`: what is there is changed, what is missing stays.
pub async fn update(
    State(app): State<AppState>,
    caller: Caller,
    sender: Sender,
    body: Bytes,
) -> Result<Response, SignalsRefusal> {
    change(&app, &caller, &sender, &body, false).await
}

/// `PUT`: what is missing is gone.
pub async fn replace(
    State(app): State<AppState>,
    caller: Caller,
    sender: Sender,
    body: Bytes,
) -> Result<Response, SignalsRefusal> {
    change(&app, &caller, &sender, &body, true).await
}

/// `DELETE`: the stream and what is on it.
pub async fn delete(
    State(app): State<AppState>,
    caller: Caller,
    sender: Sender,
    Query(which): Query<Which>,
) -> Result<StatusCode, SignalsRefusal> {
    let receiver = receiver(&app, &sender.asking(), Right::Manage).await?;
    signals::delete(&app, &caller, &receiver, which.must()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn change(
    app: &AppState,
    caller: &Caller,
    sender: &Sender,
    body: &[u8],
    replaces: bool,
) -> Result<Response, SignalsRefusal> {
    let receiver = receiver(app, &sender.asking(), Right::Manage).await?;
    let sent: Sent = parse(sender.asking().headers, body)?;
    let id = sent
        .stream_id
        .as_deref()
        .ok_or(SignalsRefusal::Invalid("stream_id"))?;
    let held = signals::find(app, &receiver, stream_id(id)?).await?;
    repeats(app, &receiver, &held, &sent)?;
    let wish = if replaces {
        whole(app, sent)?
    } else {
        partial(app, &held, sent)?
    };
    let stream = signals::update(app, caller, &receiver, held, wish).await?;
    Ok(answer(StatusCode::OK, &json!(configuration(app, stream))))
}

/// What is ours to say may be repeated, not changed.
fn repeats(
    app: &AppState,
    receiver: &Application,
    held: &Stream,
    sent: &Sent,
) -> Result<(), SignalsRefusal> {
    let ours = json!(configuration(app, held.clone()));
    for (name, said) in [
        ("iss", &sent.iss),
        ("events_supported", &sent.events_supported),
        ("events_delivered", &sent.events_delivered),
        ("min_verification_interval", &sent.min_verification_interval),
    ] {
        if said
            .as_ref()
            .is_some_and(|said| Some(said) != ours.get(name))
        {
            return Err(SignalsRefusal::Invalid(name));
        }
    }
    let audience = receiver.id.to_string();
    let fits = |said: &Value| *said == audience || *said == json!([audience]);
    if sent.aud.as_ref().is_some_and(|said| !fits(said)) {
        return Err(SignalsRefusal::Invalid("aud"));
    }
    Ok(())
}

/// Everything a receiver can say; what it does not say has its default.
fn whole(app: &AppState, sent: Sent) -> Result<Wish, SignalsRefusal> {
    let (endpoint, secret) = match sent.delivery {
        Some(delivery) => way(app, delivery)?,
        None => (None, None),
    };
    Ok(Wish {
        endpoint,
        secret: Secret::Set(secret),
        requested: requested(sent.events_requested.unwrap_or_default())?,
        format: format(sent.format.as_deref())?.unwrap_or(SubjectFormat::IssSub),
        description: description(sent.description)?,
    })
}

fn partial(app: &AppState, held: &Stream, sent: Sent) -> Result<Wish, SignalsRefusal> {
    let (endpoint, secret) = match sent.delivery {
        Some(delivery) => {
            let (endpoint, secret) = way(app, delivery)?;
            (endpoint, Secret::Set(secret))
        }
        None => (held.endpoint.clone(), Secret::Keep),
    };
    Ok(Wish {
        endpoint,
        secret,
        requested: match sent.events_requested {
            Some(events) => requested(events)?,
            None => held.requested.clone(),
        },
        format: format(sent.format.as_deref())?.unwrap_or(held.format),
        description: match sent.description {
            Some(text) => description(Some(text))?,
            None => held.description.clone(),
        },
    })
}

/// Where to push, and with which header; nothing where the receiver polls.
fn way(
    app: &AppState,
    delivery: SentDelivery,
) -> Result<(Option<String>, Option<SecretBytes>), SignalsRefusal> {
    match delivery.method.as_str() {
        PUSH => {
            let address = delivery
                .endpoint_url
                .ok_or(SignalsRefusal::Invalid("delivery.endpoint_url"))?;
            app.signals.check(&address)?;
            let secret = delivery.authorization_header;
            let fits = |text: &String| {
                text.len() <= AUTHORIZATION && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
            };
            if secret.as_ref().is_some_and(|text| !fits(text)) {
                return Err(SignalsRefusal::Invalid("delivery.authorization_header"));
            }
            let secret = secret.map(|text| SecretBytes::new(text.into_bytes()));
            Ok((Some(address), secret))
        }
        POLL => Ok((None, None)),
        _ => Err(SignalsRefusal::Invalid("delivery.method")),
    }
}

fn requested(events: Vec<String>) -> Result<Vec<String>, SignalsRefusal> {
    let fits = events.len() <= EVENTS && events.iter().all(|event| event.len() <= EVENT);
    fits.then_some(events)
        .ok_or(SignalsRefusal::Invalid("events_requested"))
}

fn format(name: Option<&str>) -> Result<Option<SubjectFormat>, SignalsRefusal> {
    let known = |name| SubjectFormat::from_name(name).ok_or(SignalsRefusal::Invalid("format"));
    name.map(known).transpose()
}

fn description(text: Option<String>) -> Result<Option<String>, SignalsRefusal> {
    let fits = |text: &String| text.len() <= DESCRIPTION && !text.chars().any(char::is_control);
    if text.as_ref().is_some_and(|text| !fits(text)) {
        return Err(SignalsRefusal::Invalid("description"));
    }
    Ok(text)
}

fn configuration(app: &AppState, stream: Stream) -> Configuration {
    let origin = app.config.origin();
    let delivered = stream.delivered();
    // Its secret is the receiver's own; nobody reads it back.
    let delivery = match &stream.endpoint {
        Some(endpoint) => json!({"method": PUSH, "endpoint_url": endpoint}),
        None => {
            json!({"method": POLL, "endpoint_url": format!("{origin}/ssf/poll/{}", stream.id)})
        }
    };
    Configuration {
        stream_id: stream.id.to_string(),
        iss: issuer(origin, stream.tenant),
        aud: stream.application.to_string(),
        events_supported: SignalKind::OFFERED.map(SignalKind::uri),
        events_delivered: delivered.into_iter().map(SignalKind::uri).collect(),
        events_requested: stream.requested,
        delivery,
        format: stream.format.as_str(),
        min_verification_interval: BETWEEN_VERIFICATIONS.as_seconds(),
        description: stream.description,
    }
}

/// Never kept by anybody on the way.
pub(super) fn answer(status: StatusCode, body: &Value) -> Response {
    let headers = [(axum::http::header::CACHE_CONTROL, "no-store")];
    (status, headers, Json(body)).into_response()
}
