//! `POST /{tenant}/oauth2/v2.0/devicecode` and `grant_type=device_code` (RFC 8628).

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use policy::lifetimes::{DEVICE_CODE, DEVICE_PAUSE};
use policy::model::RedirectKind;
use serde::Serialize;
use store::device_codes::Polled;

use super::refused::Refused;
use super::{Asked, Tokens, authenticated, code, no_store};
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::device;
use crate::flow::issue_tokens::bearer_hash;
use crate::oidc::refusal::TokenRefusal;
use crate::oidc::scopes;
use crate::web::Path;

/// What a device is told (section 3.2). There is no `verification_uri_complete`: a code that is filled in by a link is one
/// that an attacker can send around.
#[derive(Serialize)]
struct Begun {
    device_code: String,
    user_code: String,
    verification_uri: String,
    expires_in: i64,
    interval: i64,
    message: String,
}

/// A device begins to wait.
pub async fn submit(
    State(app): State<AppState>,
    Path(segment): Path<String>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let begun = async {
        let asked = authenticated(&app, &segment, &caller, &headers, &body).await?;
        begin(&asked).await
    };
    no_store(match begun.await {
        Ok(begun) => Json(begun).into_response(),
        Err(refused) => refused.respond(&app, &caller),
    })
}

async fn begin(asked: &Asked<'_>) -> Result<Begun, Refused> {
    if !device::may(&asked.application) {
        return Err(TokenRefusal::DeviceCodeNotAllowed.into());
    }
    let origin = asked.app.config.origin();
    let named = asked.parameters.words("scope");
    let scopes = scopes::granted(named, origin, &asked.application, &[]);
    if scopes.is_empty() {
        return Err(TokenRefusal::DeviceScopeMissing.into());
    }
    let begun = device::begin(asked.app, &asked.application, scopes).await?;
    let (code, page) = (
        device::shown(&begun.user_code),
        format!("{origin}{}", device::PAGE),
    );
    Ok(Begun {
        message: format!("To sign in, open {page} in a web browser and enter the code {code}."),
        device_code: begun.device_code,
        user_code: code,
        verification_uri: page,
        expires_in: DEVICE_CODE.as_seconds(),
        interval: DEVICE_PAUSE.as_seconds(),
    })
}

/// The device asks whether somebody agreed.
pub async fn redeem(asked: &Asked<'_>) -> Result<Tokens, Refused> {
    // msal for Python calls it `code` as well.
    let text = ["device_code", "code"]
        .into_iter()
        .find_map(|name| asked.parameters.get(name))
        .ok_or(TokenRefusal::DeviceCodeMissing)?;
    if !device::may(&asked.application) {
        return Err(TokenRefusal::DeviceCodeNotAllowed.into());
    }
    let (tenant, now, hash) = (asked.tenant(), asked.now, bearer_hash(text));
    let polled = asked.app.store.write(move |tx| {
        Box::pin(
            async move { store::device_codes::poll(tx, tenant, &hash, DEVICE_PAUSE, now).await },
        )
    });
    let (waiting, too_soon) = match polled.await? {
        Polled::InTime(waiting) => (waiting, false),
        Polled::TooSoon(waiting) => (waiting, true),
        Polled::Unknown => return Err(TokenRefusal::DeviceCodeUnknown.into()),
    };
    if waiting.application != asked.application.id {
        return Err(TokenRefusal::CodeOfAnotherClient.into());
    }
    if too_soon {
        return Err(TokenRefusal::SlowDown.into());
    }
    if now >= waiting.expires {
        return Err(TokenRefusal::DeviceCodeExpired.into());
    }
    if waiting.declined.is_some() {
        return Err(TokenRefusal::DeviceDeclined.into());
    }
    let found = code::find(asked, hash).await?;
    let found = found.ok_or(TokenRefusal::AuthorizationPending)?;
    code::give(asked, found, RedirectKind::Native).await
}
