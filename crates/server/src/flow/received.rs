//! Security events that other systems send (the receiver role of OpenID SSF 1.0): whether they are believed, whom they are
//! about, and what is done.
//!
//! Whom to believe and what to do is a policy ([`SignalSource`]), kept, versioned and recorded like every other. What is done
//! is written together with its record and with the token's id, so that a token that comes twice acts once.

pub mod claims;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use policy::lifetimes::{CLOCK_SKEW, RECEIVED_SIGNAL};
use policy::model::{
    AuditRecord, EndReason, NoticeKind, Reaction, ReceivedKind, SignalSource, SignalSourceId,
    Tenant, TenantId, Timestamp, User,
};
use serde_json::{Value, json};
use store::StoreError;

use claims::{Claims, Name};

use super::challenge::token_nonce;
use super::{Caller, notices, receipt, records};
use crate::app::AppState;
use crate::jose::{JwsRefusal, KeySet, TokenType};
use crate::oidc::metadata;

/// Bytes of a `jti`.
const LONGEST_ID: usize = 256;
/// What a token is remembered by for as long as it would be taken.
const SPENT: &str = "keyward received signal v1";

/// Why an event was not taken. One variant per rule; what the other system reads are the codes of RFC 8935 section 2.4.
#[derive(Debug)]
pub enum ReceiveRefusal {
    /// Nobody may push to this address.
    UnknownSource,
    /// The body is no security event token.
    NotAToken,
    /// The token is not signed by a key of the source.
    Signature(JwsRefusal),
    /// The token is of another issuer.
    Issuer,
    /// The token is for somebody else.
    Audience,
    /// The token is too old, from the future, or does not say.
    OutOfTime,
    /// The token has no id, or a long one.
    Id,
    /// The token holds no event, or several.
    Events,
    /// Our own fault.
    Internal(String),
}

impl ReceiveRefusal {
    /// Stable code for logs and tests.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownSource => "unknown_source",
            Self::NotAToken => "not_a_token",
            Self::Signature(refusal) => refusal.code(),
            Self::Issuer => "issuer_mismatch",
            Self::Audience => "audience_mismatch",
            Self::OutOfTime => "out_of_time",
            Self::Id => "token_id_invalid",
            Self::Events => "not_one_event",
            Self::Internal(_) => "internal",
        }
    }

    /// The word of RFC 8935.
    const fn err(&self) -> &'static str {
        match self {
            Self::UnknownSource => "access_denied",
            Self::Signature(
                JwsRefusal::UnknownKey | JwsRefusal::WrongAlgorithm | JwsRefusal::BadSignature,
            ) => "invalid_key",
            Self::Issuer => "invalid_issuer",
            Self::Audience => "invalid_audience",
            _ => "invalid_request",
        }
    }

    const fn sentence(&self) -> &'static str {
        match self {
            Self::UnknownSource => {
                "Nobody may push events to this address. Take it from the administration page of this source."
            }
            Self::NotAToken => {
                "The body has to be one security event token, with the content type application/secevent+jwt."
            }
            Self::Signature(_) => {
                "The token is not signed by a key that is known here. If keys have changed, tell the administrator."
            }
            Self::Issuer => "The token's 'iss' is not the issuer that is known here.",
            Self::Audience => {
                "The token's 'aud' names neither this address nor the issuer of this tenant."
            }
            Self::OutOfTime => "The token's 'iat' is missing, in the future, or too old.",
            Self::Id => "The token's 'jti' is missing or longer than 256 bytes.",
            Self::Events => "The token has to hold exactly one event.",
            Self::Internal(_) => "Something went wrong on our side. Please send it again.",
        }
    }
}

impl IntoResponse for ReceiveRefusal {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::UnknownSource => StatusCode::NOT_FOUND,
            Self::Internal(why) => {
                tracing::error!(why, "a security event could not be taken");
                StatusCode::SERVICE_UNAVAILABLE
            }
            _ => StatusCode::BAD_REQUEST,
        };
        let body = json!({"err": self.err(), "description": format!("{} ({})", self.sentence(), self.code())});
        (status, Json(body)).into_response()
    }
}

impl From<StoreError> for ReceiveRefusal {
    fn from(error: StoreError) -> Self {
        Self::Internal(format!("store: {error}"))
    }
}

/// The address that sources push to, each behind a slash and its id.
pub fn address(origin: &str, tenant: TenantId) -> String {
    format!("{origin}/ssf/receive/{tenant}")
}

/// Takes an event: believes it or refuses it, and does what the administrators decided.
pub async fn take(
    app: &AppState,
    caller: &Caller,
    tenant: &Tenant,
    source: SignalSourceId,
    token: &str,
) -> Result<(), ReceiveRefusal> {
    let snapshot = app.snapshots.current(app, tenant.id).await?;
    let sources = &snapshot.policies().sources;
    let source = sources
        .iter()
        .find(|one| one.id == source && one.enabled)
        .ok_or(ReceiveRefusal::UnknownSource)?;
    let taken = believed(app, tenant.id, source, token);
    let claims = taken.inspect_err(|refusal| {
        tracing::info!(code = refusal.code(), source = %source.id, correlation = %caller.correlation, "a security event was refused");
    })?;
    let (uri, payload) = claims.event().ok_or(ReceiveRefusal::Events)?;
    let Some(kind) = ReceivedKind::of(uri, payload) else {
        // A test, good news, or an event that nothing is done about.
        tracing::info!(event = %uri, source = %source.id, "a security event was taken; there is nothing to do about it");
        return Ok(());
    };
    let Some(user) = whom(app, tenant.id, &claims).await? else {
        tracing::info!(event = %uri, source = %source.id, "a security event is about nobody who is known here");
        return Ok(());
    };
    let event = Event {
        kind,
        reaction: source.reactions.to(kind),
        happened: happened(payload, app.clock.now()),
        nonce: token_nonce(SPENT, source.id.as_bytes(), &claims.jti),
        record: record(app, caller, source, &user, (kind, &claims.jti)),
    };
    act(app, caller, user, event).await
}

/// The claims, if the source signed them for us lately.
fn believed(
    app: &AppState,
    tenant: TenantId,
    source: &SignalSource,
    token: &str,
) -> Result<Claims, ReceiveRefusal> {
    let keys = KeySet::from_jwks(&json!({"keys": source.keys}));
    let claims: Claims = keys
        .verify(TokenType::SecurityEvent, token)
        .map_err(ReceiveRefusal::Signature)?;
    if claims.iss != source.issuer {
        return Err(ReceiveRefusal::Issuer);
    }
    let origin = app.config.origin();
    let ours = [
        metadata::issuer(origin, tenant),
        format!("{}/{}", address(origin, tenant), source.id),
    ];
    if !claims.aud.names(&ours) {
        return Err(ReceiveRefusal::Audience);
    }
    let now = app.clock.now();
    let issued = claims.iat.map(|date| Timestamp::from_seconds(date.0));
    let lately = |at: Timestamp| at.plus(RECEIVED_SIGNAL) > now && at <= now.plus(CLOCK_SKEW);
    if !issued.is_some_and(lately) {
        return Err(ReceiveRefusal::OutOfTime);
    }
    if claims.jti.is_empty() || claims.jti.len() > LONGEST_ID {
        return Err(ReceiveRefusal::Id);
    }
    Ok(claims)
}

/// When it happened, by the event itself; never in the future.
fn happened(payload: &Value, now: Timestamp) -> Timestamp {
    let said = payload.get("event_timestamp").and_then(Value::as_i64);
    said.map_or(now, |at| Timestamp::from_seconds(at).min(now))
}

/// The person an event is about: the first of its names that somebody has.
async fn whom(
    app: &AppState,
    tenant: TenantId,
    claims: &Claims,
) -> Result<Option<User>, StoreError> {
    let issuer = metadata::issuer(app.config.origin(), tenant);
    for name in claims.people(&issuer) {
        let found = app.store.read_point(move |tx| {
            Box::pin(async move {
                match name {
                    Name::Id(id) => store::users::find(tx, tenant, id).await,
                    Name::Principal(name) => store::users::find_by_name(tx, tenant, &name).await,
                }
            })
        });
        let found: Result<Option<User>, StoreError> = found.await;
        if let Some(user) = found? {
            return Ok(Some(user));
        }
    }
    Ok(None)
}

/// An event that is believed.
struct Event {
    kind: ReceivedKind,
    reaction: Reaction,
    happened: Timestamp,
    nonce: [u8; 16],
    record: AuditRecord,
}

/// Does what is to be done, once.
async fn act(
    app: &AppState,
    caller: &Caller,
    user: User,
    event: Event,
) -> Result<(), ReceiveRefusal> {
    let now = app.clock.now();
    let remembered = now.plus(RECEIVED_SIGNAL).plus(CLOCK_SKEW);
    let told = notices::of(
        app,
        caller,
        NoticeKind::SessionsRevoked,
        &user,
        &event.record,
    );
    let (kind, reaction) = (event.kind.as_str(), event.reaction.as_str());
    let done = app.store.write(move |tx| {
        Box::pin(async move {
            let Event {
                reaction,
                happened,
                nonce,
                record,
                ..
            } = event;
            let (tenant, user) = (user.tenant, user.id);
            if !store::challenges::spend(tx, tenant, &nonce, remembered).await? {
                return Ok(false);
            }
            match reaction {
                Reaction::Note => store::audit::record(tx, &record).await?,
                Reaction::StepUp => {
                    store::users::doubt_proofs(tx, tenant, user, happened).await?;
                    store::audit::record(tx, &record).await?;
                }
                // Where nothing is open nothing ends and nobody is told: two systems that tell each other of every ending would
                // never stop.
                Reaction::Revoke if !store::sessions::any_open(tx, tenant, user, now).await? => {
                    store::audit::record(tx, &record).await?;
                }
                Reaction::Revoke => {
                    let reason = EndReason::SessionsRevoked;
                    let ended = store::sessions::end_of_user(tx, tenant, user, reason, now).await?;
                    notices::write(tx, &receipt::note(record, &ended), &told).await?;
                }
            }
            Ok::<_, StoreError>(true)
        })
    });
    match done.await? {
        true => {
            app.notifier.wake();
            metrics::counter!("keyward_signals_received_total", "event" => kind, "reaction" => reaction).increment(1);
        }
        false => tracing::info!("a security event came again; it was taken before"),
    }
    Ok(())
}

fn record(
    app: &AppState,
    caller: &Caller,
    source: &SignalSource,
    user: &User,
    (kind, token): (ReceivedKind, &str),
) -> AuditRecord {
    let actor = records::by_service(&source.name);
    let activity = "Security event received";
    let mut record = records::audit(app.clock.now(), &app.random, caller, activity, actor, user);
    "Shared Signals".clone_into(&mut record.service);
    let reaction = source.reactions.to(kind);
    record.details = vec![
        ("source".to_owned(), source.id.to_string()),
        ("event".to_owned(), kind.as_str().to_owned()),
        ("reaction".to_owned(), reaction.as_str().to_owned()),
        ("jti".to_owned(), token.to_owned()),
    ];
    record
}
