//! A small relying party, the kind of application people sign in to.
//!
//! It shares nothing with the server but the process: it finds the provider by its discovery document and talks to it over
//! HTTPS with the authorization code flow (PKCE, state, nonce), checks the ID token's signature, asks userinfo, refreshes
//! and signs out, as any foreign application would.

mod pages;
mod provider;
mod visits;

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use subtle::ConstantTimeEq as _;
use url::Url;

pub use provider::{Fault, Provider};

use crate::clock::{Clock, Random};
use crate::jose;
use pages::page;
use provider::Expected;
use visits::{Pending, SignedIn, Visit, Visits};

const SCOPES: &str = "openid profile email offline_access";

/// What the application runs with.
#[derive(Debug)]
pub struct SampleApp {
    /// Its own address, without a slash at the end.
    pub address: String,
    pub provider: Provider,
    pub clock: Clock,
    pub random: Random,
}

#[derive(Debug)]
struct Running {
    app: SampleApp,
    visits: Visits,
}

type Shared = State<Arc<Running>>;

/// The redirect URI of a sample application at `address`.
pub fn redirect_uri(address: &str) -> String {
    format!("{address}/callback")
}

/// The address it returns people to after they signed out.
pub fn logout_uri(address: &str) -> String {
    format!("{address}/")
}

/// The application's routes.
pub fn router(app: SampleApp) -> Router {
    let running = Arc::new(Running {
        app,
        visits: Visits::default(),
    });
    Router::new()
        .route("/", get(home))
        .route("/sign-in", get(sign_in))
        .route("/callback", get(callback))
        .route("/refresh", post(refresh))
        .route("/sign-out", post(sign_out))
        .route("/sample.css", get(pages::stylesheet))
        .with_state(running)
}

async fn home(State(running): Shared, headers: HeaderMap) -> Response {
    match running.visits.get(&headers) {
        Some((_, Visit::SignedIn(user))) => page(StatusCode::OK, &pages::Account::new(&user)),
        _ => page(StatusCode::OK, &pages::Home),
    }
}

async fn sign_in(State(running): Shared) -> Response {
    match start(&running).await {
        Ok(response) => response,
        Err(fault) => problem(&fault),
    }
}

async fn start(running: &Running) -> Result<Response, Fault> {
    let metadata = running.app.provider.metadata().await?;
    let secret = || jose::encode(running.app.random.bytes::<32>());
    let pending = Pending {
        state: secret(),
        nonce: secret(),
        verifier: secret(),
    };
    let challenge = jose::encode(digest(&SHA256, pending.verifier.as_bytes()));
    let url = with_query(
        &metadata.authorization_endpoint,
        &[
            ("client_id", running.app.provider.client_id()),
            ("response_type", "code"),
            ("redirect_uri", &redirect_uri(&running.app.address)),
            ("scope", SCOPES),
            ("state", &pending.state),
            ("nonce", &pending.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ],
    )?;
    let cookie = running
        .visits
        .put(&running.app.random, Visit::Pending(pending));
    Ok(see_other(url.as_str(), Some(cookie)))
}

async fn callback(
    State(running): Shared,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    match finish(&running, &headers, query.unwrap_or_default()).await {
        Ok(response) => response,
        Err(fault) => problem(&fault),
    }
}

async fn finish(running: &Running, headers: &HeaderMap, query: String) -> Result<Response, Fault> {
    let answer: std::collections::HashMap<String, String> =
        url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
    let Some((id, Visit::Pending(pending))) = running.visits.get(headers) else {
        return Err(Fault::Answer("this browser has not started one"));
    };
    // One answer ends the login it belongs to, whatever comes out of it.
    running.visits.remove(&id);
    let state = answer
        .get("state")
        .map(String::as_bytes)
        .unwrap_or_default();
    if !bool::from(state.ct_eq(pending.state.as_bytes())) {
        return Err(Fault::Answer("another state"));
    }
    let metadata = running.app.provider.metadata().await?;
    if answer.get("iss") != Some(&metadata.issuer) {
        return Err(Fault::Answer("another issuer"));
    }
    let Some(code) = answer.get("code") else {
        return Err(Fault::Refused(
            answer.get("error_description").cloned().unwrap_or_default(),
        ));
    };
    let tokens = running
        .app
        .provider
        .redeem(code, &redirect_uri(&running.app.address), &pending.verifier)
        .await?;
    let id_token = tokens
        .id_token
        .clone()
        .ok_or(Fault::IdToken("there is none"))?;
    let expected = Expected {
        nonce: Some(&pending.nonce),
        subject: None,
        now: running.app.clock.now(),
    };
    let claims = running
        .app
        .provider
        .check_id_token(&id_token, &expected)
        .await?;
    let user = SignedIn::new(
        running.app.provider.userinfo(&tokens.access_token).await?,
        claims,
        id_token,
        &tokens,
    )?;
    let cookie = running
        .visits
        .put(&running.app.random, Visit::SignedIn(Box::new(user)));
    Ok(see_other("/", Some(cookie)))
}

async fn refresh(State(running): Shared, headers: HeaderMap) -> Response {
    let Some((id, Visit::SignedIn(user))) = running.visits.get(&headers) else {
        return see_other("/", None);
    };
    match renew(&running, *user).await {
        Ok(renewed) => {
            running
                .visits
                .replace(&id, Visit::SignedIn(Box::new(renewed)));
            see_other("/", None)
        }
        Err(fault) => {
            // The provider ended it: so does the application, and says why.
            running.visits.remove(&id);
            problem(&fault)
        }
    }
}

async fn renew(running: &Running, user: SignedIn) -> Result<SignedIn, Fault> {
    let tokens = running.app.provider.refresh(&user.refresh_token).await?;
    let id_token = tokens
        .id_token
        .clone()
        .ok_or(Fault::IdToken("there is none"))?;
    let subject = user.claims.get("sub").and_then(|sub| sub.as_str());
    let expected = Expected {
        nonce: None,
        subject,
        now: running.app.clock.now(),
    };
    let claims = running
        .app
        .provider
        .check_id_token(&id_token, &expected)
        .await?;
    let mut renewed = SignedIn::new(
        running.app.provider.userinfo(&tokens.access_token).await?,
        claims,
        id_token,
        &tokens,
    )?;
    renewed.refreshed = user.refreshed + 1;
    Ok(renewed)
}

async fn sign_out(State(running): Shared, headers: HeaderMap) -> Response {
    let Some((id, Visit::SignedIn(user))) = running.visits.get(&headers) else {
        return see_other("/", None);
    };
    running.visits.remove(&id);
    let url = running.app.provider.metadata().await.and_then(|metadata| {
        with_query(
            &metadata.end_session_endpoint,
            &[
                ("id_token_hint", user.id_token.as_str()),
                (
                    "post_logout_redirect_uri",
                    &logout_uri(&running.app.address),
                ),
            ],
        )
    });
    match url {
        Ok(url) => see_other(url.as_str(), None),
        Err(fault) => problem(&fault),
    }
}

fn with_query(endpoint: &str, pairs: &[(&str, &str)]) -> Result<Url, Fault> {
    let mut url = Url::parse(endpoint).map_err(|_| Fault::Metadata("an endpoint is no URL"))?;
    url.query_pairs_mut().extend_pairs(pairs);
    Ok(url)
}

fn see_other(url: &str, cookie: Option<HeaderValue>) -> Response {
    let Ok(location) = HeaderValue::from_str(url) else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

fn problem(fault: &Fault) -> Response {
    page(
        StatusCode::BAD_REQUEST,
        &pages::Failed {
            reason: fault.to_string(),
        },
    )
}
