//! `GET /{tenant}/v2.0/.well-known/authenticator-configuration`: what an authenticator that belongs to this organisation has to know
//! before it makes or uses a passkey. Public, since it decides before anybody has signed in; it names nobody.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::app::AppState;
use crate::oidc::metadata::{self, Door};
use crate::web::{Path, Problem};

/// What an administrator decides has to arrive soon.
const CACHE: &str = "public, max-age=300";

/// The document. There is none for `common`: whether there are passkeys is decided by each tenant.
pub(super) async fn show(
    State(app): State<AppState>,
    Path(segment): Path<String>,
) -> Result<Response, Problem> {
    let Some(Door::Tenant(tenant)) = Door::open(&app, &segment) else {
        return Err(Problem::not_found());
    };
    let snapshot = app.snapshots.current(&app, tenant).await;
    let snapshot = snapshot.map_err(|error| Problem::internal(format!("policies: {error}")))?;
    let availability = &snapshot.policies().availability;
    let tunnel: Option<Value> = app.config.relay.map(|relay| {
        json!({
            "domain_id": relay.domain.id(),
            "host": relay.domain.host(),
            "routing_id": relay.routing.to_hex(),
        })
    });
    let document = json!({
        "issuer": metadata::issuer(app.config.origin(), tenant),
        "rp_id": app.config.relying_party.rp_id.as_str(),
        "passkey_availability": {
            "available": availability.available,
            "reason": (!availability.available).then_some(&availability.reason),
        },
        "tunnel": tunnel,
        "feedback_endpoint": format!("{}/{tenant}/authenticator/feedback", app.config.origin()),
    });
    Ok(([(header::CACHE_CONTROL, CACHE)], Json(document)).into_response())
}
