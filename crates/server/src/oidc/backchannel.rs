//! OpenID Connect Back-Channel Logout 1.0: applications that a session signed in to hear that it is over, however it ended.
//!
//! What is sent is written by the job that ends the session (`store::logouts`) and tried again with growing pauses. An
//! application that never answers is given up after three days: by then its own session is older than ours could be.

use std::time::Duration;

use futures_util::future::join_all;
use policy::lifetimes::LOGOUT_TOKEN;
use policy::model::{Application, Span, Timestamp};
use policy::notices::next_attempt;
use serde_json::{Value, json};
use store::StoreError;
use store::logouts::{self, Claimed};
use tokio_util::sync::CancellationToken;
use url::form_urlencoded::Serializer;

use super::claims::pairwise;
use super::keyring::KeyringFault;
use super::metadata::issuer;
use crate::app::AppState;
use crate::jose::{self, TokenType};

/// The event of a logout token (section 2.4).
pub const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// How often is looked when nobody rings: for what another node wrote, and for what is tried again.
const POLL: Duration = Duration::from_secs(1);
/// After this long another node may take over. Longer than any request takes.
const LEASE: Span = Span::minutes(1);
/// Applications told at a time.
const AT_ONCE: u32 = 8;

/// What one round came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Applications that were told.
    pub told: usize,
    /// Applications that are told later.
    pub postponed: usize,
    /// Applications that will not be told.
    pub given_up: usize,
}

enum Outcome {
    Told,
    Postponed,
    GivenUp,
}

/// Tells until `stop`. A round that was begun is finished.
pub async fn run(app: AppState, stop: CancellationToken) {
    let mut written = app.store.signalled();
    loop {
        written.mark_unchanged();
        if let Err(error) = deliver(&app).await {
            tracing::error!(code = error.code(), "the logouts could not be read");
        }
        let woken = tokio::time::timeout(POLL, written.changed());
        if stop.run_until_cancelled(woken).await.is_none() {
            return;
        }
    }
}

/// Tells everybody who is to be told now.
///
/// # Errors
/// If the store cannot be read or written; an application that does not answer is no error.
pub async fn deliver(app: &AppState) -> Result<Round, StoreError> {
    let mut round = Round::default();
    loop {
        let claimed = claim(app).await?;
        if claimed.is_empty() {
            return Ok(round);
        }
        for outcome in join_all(claimed.into_iter().map(|one| handle(app, one))).await {
            match outcome? {
                Outcome::Told => round.told += 1,
                Outcome::Postponed => round.postponed += 1,
                Outcome::GivenUp => round.given_up += 1,
            }
        }
    }
}

async fn claim(app: &AppState) -> Result<Vec<Claimed>, StoreError> {
    let now = app.clock.now();
    let due = app
        .store
        .read_point(move |tx| Box::pin(logouts::is_due(tx, now)));
    if !due.await? {
        return Ok(Vec::new());
    }
    let claimed = app
        .store
        .write(move |tx| Box::pin(logouts::claim(tx, now, now.plus(LEASE), AT_ONCE)));
    claimed.await
}

async fn handle(app: &AppState, claimed: Claimed) -> Result<Outcome, StoreError> {
    let (tenant, id) = (claimed.client.tenant, claimed.client.application);
    let found = app.store.read_point(move |tx| {
        Box::pin(async move { store::applications::find(tx, tenant, id).await })
    });
    let found: Option<Application> = found.await?;
    // Whoever does not want to hear of it any more is not told.
    let wants = found.as_ref().and_then(|one| {
        let address = one.settings.back_channel_logout.as_deref();
        address.map(|address| (one, address))
    });
    let tried = match wants {
        Some((application, address)) => tell(app, application, address, &claimed).await,
        None => Ok(()),
    };
    settle(app, claimed, tried).await
}

async fn tell(
    app: &AppState,
    application: &Application,
    address: &str,
    claimed: &Claimed,
) -> Result<(), String> {
    let token = token(app, application, claimed)
        .await
        .map_err(|fault| fault.to_string())?;
    let body = Serializer::new(String::new())
        .append_pair("logout_token", &token)
        .finish();
    app.signals.post_form(address, body).await
}

async fn settle(
    app: &AppState,
    claimed: Claimed,
    tried: Result<(), String>,
) -> Result<Outcome, StoreError> {
    let now = app.clock.now();
    let (application, attempts) = (claimed.client.application, claimed.attempts);
    let next = match &tried {
        Ok(()) => None,
        Err(_) => {
            let [jitter] = app.random.bytes();
            next_attempt(claimed.ended, attempts, now, jitter)
        }
    };
    let outcome = match (&tried, next) {
        (Ok(()), _) => Outcome::Told,
        (Err(why), Some(_)) => {
            tracing::warn!(%application, attempts, %why, "an application was not told of a logout and is told again");
            Outcome::Postponed
        }
        (Err(why), None) => {
            tracing::error!(%application, attempts, %why, "an application was never told of a logout");
            Outcome::GivenUp
        }
    };
    let result = match outcome {
        Outcome::Told => "told",
        Outcome::Postponed => "postponed",
        Outcome::GivenUp => "given_up",
    };
    metrics::counter!("keyward_logouts_total", "result" => result).increment(1);
    let written = app.store.write(move |tx| {
        Box::pin(async move {
            match next {
                Some(due) => logouts::postpone(tx, &claimed, due).await,
                None => logouts::settle(tx, &claimed).await,
            }
        })
    });
    written.await?;
    Ok(outcome)
}

/// The signed logout token (section 2.4): of the kind of key that the application's ID tokens are signed with.
async fn token(
    app: &AppState,
    application: &Application,
    claimed: &Claimed,
) -> Result<String, KeyringFault> {
    let keys = app.keyring.of(app, application.tenant).await?;
    let issuer = issuer(app.config.origin(), application.tenant);
    let id = jose::encode(app.random.bytes::<16>());
    let claims = claims(&issuer, claimed, id, app.clock.now());
    let wanted = application.id_token_algorithm.as_deref();
    let key = keys.for_id_tokens(wanted);
    Ok(key.sign(TokenType::Logout, &claims)?)
}

/// No `nonce`: with one it could be taken for an ID token (section 2.4).
fn claims(issuer: &str, claimed: &Claimed, id: String, now: Timestamp) -> Value {
    let client = &claimed.client;
    json!({
        "iss": issuer,
        "sub": pairwise(client.tenant, client.application, client.user),
        "aud": client.application.to_string(),
        "iat": now.as_seconds(),
        "exp": now.plus(LOGOUT_TOKEN).as_seconds(),
        "jti": id,
        "sid": client.sid.to_string(),
        "events": {EVENT: {}},
    })
}
