//! OpenID Connect: the endpoints applications talk to.
//!
//! Refuses to do: implicit and hybrid flows, `plain` PKCE, request objects and foreign request addresses, unregistered addresses, tokens in addresses.
//!
//! ```text
//! browser  ── authorize ──► request (checked) ──► /signin?ctx=… ──► flow::issue_tokens (code) ──► the client's address
//! program  ── token ──► client, code or refresh ──► claims, signed by keyring ──► userinfo (bearer)
//! ```

pub mod answer;
mod assertion;
mod authorize;
pub mod backchannel;
pub mod bearer;
pub mod claims;
mod client;
pub(crate) mod cors;
mod deliver;
mod device;
mod discovery;
mod door;
pub mod frontchannel;
mod hint;
pub mod keyring;
mod logout;
pub mod metadata;
pub mod parameters;
mod pkce;
pub mod possession;
mod pushed;
pub mod redirect;
pub mod refusal;
mod register;
pub mod request;
mod scopes;
mod token;
mod userinfo;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{get, post};

use crate::app::AppState;

/// Routes that a person's browser visits.
pub fn browser_routes() -> Router<AppState> {
    Router::new()
        .route(
            "/{tenant}/oauth2/v2.0/authorize",
            get(authorize::show).post(authorize::submit),
        )
        .route("/{tenant}/oauth2/v2.0/deliver", get(deliver::show))
        .route(
            "/{tenant}/oauth2/v2.0/logout",
            get(logout::show).post(logout::submit),
        )
        .route(
            "/{tenant}/oauth2/v2.0/logout/confirm",
            post(logout::confirm),
        )
        .route("/{tenant}/oauth2/v2.0/signedout", get(frontchannel::show))
        .route("/devicelogin", get(device::show).post(device::submit))
        .route("/devicelogin/confirm", post(device::confirm))
        .route("/devicelogin/done", get(device::finished))
}

/// Routes that programs call, from any origin.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route(
            "/{tenant}/v2.0/.well-known/openid-configuration",
            get(discovery::configuration),
        )
        .route(
            "/{tenant}/.well-known/openid-configuration",
            get(discovery::first_version),
        )
        .route("/{tenant}/discovery/v2.0/keys", get(discovery::keys))
        .route("/common/discovery/instance", get(discovery::instance))
        .route("/{tenant}/oauth2/v2.0/token", post(token::submit))
        .route("/{tenant}/oauth2/v2.0/devicecode", post(token::device_code))
        .route("/{tenant}/oauth2/v2.0/par", post(token::push))
        .route("/{tenant}/oauth2/v2.0/revoke", post(token::revoke))
        .route("/{tenant}/oauth2/v2.0/introspect", post(token::introspect))
        .route("/{tenant}/oauth2/v2.0/register", post(register::submit))
        .route("/oidc/userinfo", get(userinfo::show).post(userinfo::submit))
        .route(
            "/{tenant}/openid/userinfo",
            get(userinfo::show).post(userinfo::submit),
        )
        .layer(from_fn(cors::layer))
}
