//! `POST /{tenant}/authenticator/feedback`: an app sends what went wrong, under an id that its person reads out to whoever helps.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use crate::app::AppState;
use crate::flow::feedback;
use crate::oidc::metadata::Door;
use crate::web::{Path, Problem};

pub(super) async fn take(
    State(app): State<AppState>,
    Path(segment): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let Some(Door::Tenant(tenant)) = Door::open(&app, &segment) else {
        return Err(Problem::not_found());
    };
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.map(HeaderValue::as_bytes).unwrap_or_default();
    if !kind.eq_ignore_ascii_case(b"application/cbor") {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "feedback_type",
            "Feedback is sent as application/cbor.",
        ));
    }
    let (id, is_new) = feedback::take(&app, tenant, &body).await?;
    let status = match is_new {
        true => StatusCode::CREATED,
        false => StatusCode::OK,
    };
    Ok((status, Json(json!({ "id": id.to_string() }))).into_response())
}
