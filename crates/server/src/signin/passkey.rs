//! `POST /signin/passkey/options` and `POST /signin/passkey`: the two halves of a passkey sign-in, in JSON.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use ceremony::RequestOptions;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::app::AppState;
use crate::flow::sign_in::{self, Beside, Wishes};
use crate::flow::{Caller, context};
use crate::web::{CheckedJson, MaybeAttempt, Problem};

#[derive(Debug, Deserialize)]
pub(super) struct OptionsRequest {
    /// The sealed context; absent or empty for the person's own page.
    #[serde(default)]
    ctx: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OptionsAnswer {
    /// `PublicKeyCredentialRequestOptionsJSON` (WebAuthn Level 3, section 5.1.9).
    public_key: RequestOptions,
}

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    #[serde(default)]
    ctx: String,
    /// `AuthenticationResponseJSON`, handed on unread.
    credential: Box<RawValue>,
    /// Whether to stay signed in.
    #[serde(default)]
    keep: bool,
}

pub(super) async fn options(
    State(app): State<AppState>,
    caller: Caller,
    CheckedJson(request): CheckedJson<OptionsRequest>,
) -> Result<Json<OptionsAnswer>, Problem> {
    let context = context::open_or_default(&app, Some(&request.ctx))?;
    let public_key = sign_in::begin_passkey(&app, &caller, &context).await?;
    Ok(Json(OptionsAnswer { public_key }))
}

pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    MaybeAttempt(attempt): MaybeAttempt,
    CheckedJson(request): CheckedJson<Request>,
) -> Result<Response, Problem> {
    let context = context::open(&app, &request.ctx)?;
    let response = request.credential.get().as_bytes();
    let beside = Beside {
        wishes: Wishes {
            keep_signed_in: request.keep,
            ..Wishes::default()
        },
        attempt,
    };
    // All that a passkey and its owner are made of would stand in the future of every request.
    let finish = sign_in::finish_passkey(&app, &caller, &context, response, beside);
    let step = Box::pin(finish).await?;
    Ok(step.json())
}
