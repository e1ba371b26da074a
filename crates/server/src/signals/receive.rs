//! `POST /ssf/receive/{tenant}/{source}`: another system pushes a security event (RFC 8935).

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use policy::model::SignalSourceId;

use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::received::{self, ReceiveRefusal};
use crate::web::Path;

/// Takes an event.
pub async fn take(
    State(app): State<AppState>,
    Path((tenant, source)): Path<(String, String)>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ReceiveRefusal> {
    let tenant = app.tenants.by_name(&tenant);
    let tenant = tenant.ok_or(ReceiveRefusal::UnknownSource)?;
    let source: Result<SignalSourceId, _> = source.parse();
    let source = source.map_err(|_| ReceiveRefusal::UnknownSource)?;
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.map(HeaderValue::as_bytes).unwrap_or_default();
    if !kind.eq_ignore_ascii_case(b"application/secevent+jwt") {
        return Err(ReceiveRefusal::NotAToken);
    }
    let token = std::str::from_utf8(&body).map_err(|_| ReceiveRefusal::NotAToken)?;
    received::take(&app, &caller, tenant, source, token).await?;
    Ok(StatusCode::ACCEPTED)
}
