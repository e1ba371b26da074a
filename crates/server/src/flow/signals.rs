//! What receivers of security events do with their streams. Each works on the streams of the application that asks, and on
//! no others.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use policy::model::{
    Actor, Application, AuditRecord, Category, Signal, Stream, StreamId, StreamStatus,
    SubjectFormat, Target, UserId,
};
use policy::signals::{BETWEEN_VERIFICATIONS, STREAMS};
use serde_json::json;
use store::signals::{self, Changed, Verified};
use store::{Page, StoreError};

pub use store::signals::Secret;

use super::{Caller, records};
use crate::app::AppState;
use crate::oidc::bearer::BearerRefusal;
use crate::oidc::claims::pairwise;
use crate::oidc::keyring::KeyringFault;
use crate::signals::BadAddress;

/// People compared with a `sub` at a time.
const PORTION: u32 = 500;

/// Why a receiver's wish was refused. One variant per rule.
#[derive(Debug)]
pub enum SignalsRefusal {
    /// The token does not open this.
    Bearer(BearerRefusal),
    /// The body is no JSON of this shape.
    NotJson,
    /// A member is not valid; names it.
    Invalid(&'static str),
    /// The address may not be pushed to.
    Address(BadAddress),
    /// No such stream of this receiver, or no such person.
    NotFound,
    /// The receiver has as many streams as it may have.
    TooMany,
    /// A test was asked for too short a time ago.
    TooSoon,
    /// The stream pushes.
    NotPolled,
    /// Our own fault.
    Internal(String),
}

impl SignalsRefusal {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Bearer(refusal) => refusal.code(),
            Self::NotJson => "not_json",
            Self::Invalid(_) => "invalid_member",
            Self::Address(_) => "address_refused",
            Self::NotFound => "not_found",
            Self::TooMany => "too_many_streams",
            Self::TooSoon => "verification_too_soon",
            Self::NotPolled => "stream_is_pushed",
            Self::Internal(_) => "internal",
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Bearer(_) => String::new(),
            Self::NotJson => "The body must be JSON of the documented shape.".to_owned(),
            Self::Invalid(member) => format!("{member} is missing or not valid."),
            Self::Address(bad) => format!("{bad}."),
            Self::NotFound => "There is no such stream or subject.".to_owned(),
            Self::TooMany => format!("A receiver has at most {STREAMS} streams."),
            Self::TooSoon => "Wait min_verification_interval seconds between tests.".to_owned(),
            Self::NotPolled => "This stream is pushed and not polled.".to_owned(),
            Self::Internal(_) => "Something went wrong on our side. Please try again.".to_owned(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Bearer(_) => StatusCode::UNAUTHORIZED,
            Self::NotJson | Self::Invalid(_) | Self::Address(_) | Self::NotPolled => {
                StatusCode::BAD_REQUEST
            }
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::TooMany => StatusCode::CONFLICT,
            Self::TooSoon => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl IntoResponse for SignalsRefusal {
    fn into_response(self) -> Response {
        let (code, status, sentence) = (self.code(), self.status(), self.sentence());
        match self {
            Self::Bearer(refusal) => return refusal.into_response(),
            Self::Internal(why) => tracing::error!(why, "a receiver could not be answered"),
            _ => tracing::info!(code, "a receiver was refused"),
        }
        let body = json!({"err": code, "description": sentence});
        let mut response = (status, Json(body)).into_response();
        if status == StatusCode::TOO_MANY_REQUESTS {
            let wait = BETWEEN_VERIFICATIONS.as_seconds().into();
            response.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        response
    }
}

impl From<BearerRefusal> for SignalsRefusal {
    fn from(refusal: BearerRefusal) -> Self {
        Self::Bearer(refusal)
    }
}

impl From<BadAddress> for SignalsRefusal {
    fn from(bad: BadAddress) -> Self {
        Self::Address(bad)
    }
}

impl From<StoreError> for SignalsRefusal {
    fn from(error: StoreError) -> Self {
        Self::Internal(format!("store: {error}"))
    }
}

impl From<KeyringFault> for SignalsRefusal {
    fn from(fault: KeyringFault) -> Self {
        Self::Internal(format!("signing keys: {fault}"))
    }
}

/// What a receiver wants of a stream, checked.
#[derive(Debug)]
pub struct Wish {
    /// Where to push; without it the receiver polls.
    pub endpoint: Option<String>,
    /// The `Authorization` header to push with.
    pub secret: Secret,
    /// Event types.
    pub requested: Vec<String>,
    /// How people are named.
    pub format: SubjectFormat,
    /// What the receiver calls it.
    pub description: Option<String>,
}

/// A person as a receiver names them.
#[derive(Debug)]
pub enum Subject {
    /// The `sub` of its ID tokens.
    Sub(String),
    /// Our id.
    Id(String),
    /// Mail address or user principal name.
    Name(String),
}

/// A stream of this receiver.
pub async fn find(
    app: &AppState,
    receiver: &Application,
    id: StreamId,
) -> Result<Stream, SignalsRefusal> {
    let (tenant, application) = (receiver.tenant, receiver.id);
    let found = app
        .store
        .read_point(move |tx| Box::pin(signals::find(tx, tenant, application, id)));
    let found: Option<Stream> = found.await?;
    found.ok_or(SignalsRefusal::NotFound)
}

/// All streams of this receiver.
pub async fn list(app: &AppState, receiver: &Application) -> Result<Vec<Stream>, SignalsRefusal> {
    let (tenant, application) = (receiver.tenant, receiver.id);
    let found = app
        .store
        .read(move |tx| Box::pin(signals::list(tx, tenant, application)));
    let found: Result<_, StoreError> = found.await;
    Ok(found?)
}

/// Makes a stream.
pub async fn create(
    app: &AppState,
    caller: &Caller,
    receiver: &Application,
    wish: Wish,
) -> Result<Stream, SignalsRefusal> {
    let now = app.clock.now();
    let stream = Stream {
        tenant: receiver.tenant,
        id: StreamId::new(now, app.random.bytes()),
        application: receiver.id,
        endpoint: wish.endpoint,
        requested: wish.requested,
        format: wish.format,
        description: wish.description,
        status: StreamStatus::Enabled,
        reason: String::new(),
        created: now,
    };
    let record = record(app, caller, receiver, stream.id, "Add signal stream");
    let (row, secret) = (stream.clone(), wish.secret);
    let written = app.store.write(move |tx| {
        Box::pin(async move {
            let secret = match &secret {
                Secret::Set(secret) => secret.as_ref(),
                Secret::Keep => None,
            };
            if signals::create(tx, &row, secret, STREAMS).await? == Changed::TooMany {
                return Err(SignalsRefusal::TooMany);
            }
            Ok(store::audit::record(tx, &record).await?)
        })
    });
    written.await?;
    Ok(stream)
}

/// Changes a stream.
pub async fn update(
    app: &AppState,
    caller: &Caller,
    receiver: &Application,
    held: Stream,
    wish: Wish,
) -> Result<Stream, SignalsRefusal> {
    let stream = Stream {
        endpoint: wish.endpoint,
        requested: wish.requested,
        format: wish.format,
        description: wish.description,
        ..held
    };
    let record = record(app, caller, receiver, stream.id, "Update signal stream");
    let (row, secret) = (stream.clone(), wish.secret);
    let written = app.store.write(move |tx| {
        Box::pin(async move {
            if !signals::update(tx, &row, &secret).await? {
                return Err(SignalsRefusal::NotFound);
            }
            Ok(store::audit::record(tx, &record).await?)
        })
    });
    written.await?;
    Ok(stream)
}

/// Deletes a stream.
pub async fn delete(
    app: &AppState,
    caller: &Caller,
    receiver: &Application,
    id: StreamId,
) -> Result<(), SignalsRefusal> {
    let (tenant, application) = (receiver.tenant, receiver.id);
    let record = record(app, caller, receiver, id, "Delete signal stream");
    let written = app.store.write(move |tx| {
        Box::pin(async move {
            if !signals::delete(tx, tenant, application, id).await? {
                return Err(SignalsRefusal::NotFound);
            }
            Ok(store::audit::record(tx, &record).await?)
        })
    });
    written.await
}

/// Lets a stream flow, holds it, or has it drop everything.
pub async fn set_status(
    app: &AppState,
    caller: &Caller,
    receiver: &Application,
    id: StreamId,
    status: StreamStatus,
    reason: String,
) -> Result<Stream, SignalsRefusal> {
    let stream = find(app, receiver, id).await?;
    let mut record = record(app, caller, receiver, id, "Update signal stream");
    record
        .details
        .push(("status".to_owned(), status.as_str().to_owned()));
    let (tenant, why) = (receiver.tenant, reason.clone());
    let written = app.store.write(move |tx| {
        Box::pin(async move {
            if !signals::set_status(tx, tenant, id, status, &why).await? {
                return Err(SignalsRefusal::NotFound);
            }
            Ok(store::audit::record(tx, &record).await?)
        })
    });
    written.await?;
    Ok(Stream {
        status,
        reason,
        ..stream
    })
}

/// Takes a person onto a stream or off it.
pub async fn set_subject(
    app: &AppState,
    caller: &Caller,
    receiver: &Application,
    id: StreamId,
    subject: Subject,
    on: bool,
) -> Result<(), SignalsRefusal> {
    let stream = find(app, receiver, id).await?;
    let user = person(app, receiver, subject)
        .await?
        .ok_or(SignalsRefusal::NotFound)?;
    let activity = if on {
        "Add subject to signal stream"
    } else {
        "Remove subject from signal stream"
    };
    let mut record = record(app, caller, receiver, id, activity);
    record.user = Some(user);
    let tenant = stream.tenant;
    let written = app.store.write(move |tx| {
        Box::pin(async move {
            if on {
                signals::include(tx, tenant, id, user).await?;
            } else {
                signals::exclude(tx, tenant, id, user).await?;
            }
            Ok(store::audit::record(tx, &record).await?)
        })
    });
    written.await
}

/// Sends a test along a stream.
pub async fn verify(
    app: &AppState,
    receiver: &Application,
    id: StreamId,
    state: Option<String>,
) -> Result<(), SignalsRefusal> {
    let stream = find(app, receiver, id).await?;
    let (tenant, now) = (stream.tenant, app.clock.now());
    let written = app.store.write(move |tx| {
        Box::pin(async move {
            let since = now.minus(BETWEEN_VERIFICATIONS);
            let taken = signals::take_verification(tx, tenant, id, now, since).await?;
            if taken == Verified::TooSoon {
                return Err(SignalsRefusal::TooSoon);
            }
            let signal = Signal::Verification { state };
            signals::enqueue(tx, tenant, id, now, &signal).await?;
            Ok(())
        })
    });
    written.await
}

async fn person(
    app: &AppState,
    receiver: &Application,
    subject: Subject,
) -> Result<Option<UserId>, SignalsRefusal> {
    let (tenant, application) = (receiver.tenant, receiver.id);
    let found = app.store.read(move |tx| {
        Box::pin(async move {
            match subject {
                Subject::Id(id) => match id.parse() {
                    Ok(id) => store::users::find(tx, tenant, id).await,
                    Err(_) => Ok(None),
                },
                Subject::Name(name) => store::users::find_by_name(tx, tenant, &name).await,
                // A `sub` leads back to nobody, so everybody's is computed and compared.
                Subject::Sub(sub) => {
                    let mut page = Page::first(PORTION);
                    loop {
                        let users = store::users::list(tx, tenant, "", page).await?;
                        let Some(last) = users.last().map(|user| user.id) else {
                            return Ok(None);
                        };
                        let is = |user: &policy::model::User| {
                            pairwise(tenant, application, user.id) == sub
                        };
                        if let Some(user) = users.into_iter().find(is) {
                            return Ok(Some(user));
                        }
                        page = Page::after(last, PORTION);
                    }
                }
            }
        })
    });
    let found: Option<policy::model::User> = found.await?;
    Ok(found.map(|user| user.id))
}

fn record(
    app: &AppState,
    caller: &Caller,
    receiver: &Application,
    stream: StreamId,
    activity: &str,
) -> AuditRecord {
    let (now, tenant) = (app.clock.now(), receiver.tenant);
    let mut record = records::by_server(now, &app.random, tenant, caller.correlation, activity);
    record.category = Category::ApplicationManagement;
    "Shared Signals".clone_into(&mut record.service);
    record.initiated_by = Actor::App {
        id: receiver.id,
        display_name: receiver.display_name.clone(),
    };
    record.targets.push(Target {
        id: stream.to_string(),
        kind: "Stream".to_owned(),
        display_name: None,
        user_principal_name: None,
        modified_properties: Vec::new(),
    });
    record
}
