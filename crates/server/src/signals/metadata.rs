//! `GET /.well-known/ssf-configuration` (SSF section 7.1).

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use policy::model::TenantId;
use serde_json::json;

use super::streams::{POLL, PUSH};
use crate::app::AppState;
use crate::oidc::metadata::issuer;
use crate::web::{Path, Problem};

/// Of the tenant that a request without a tenant means.
pub async fn of_default(State(app): State<AppState>) -> Response {
    document(&app, app.tenants.default().id)
}

/// Of a tenant: `/.well-known/ssf-configuration` before the path of its issuer, and the same behind it, where OpenID Connect
/// has its document.
pub async fn of_tenant(
    State(app): State<AppState>,
    Path(segment): Path<String>,
) -> Result<Response, Problem> {
    let tenant = app
        .tenants
        .by_name(&segment)
        .ok_or_else(Problem::not_found)?;
    Ok(document(&app, tenant.id))
}

fn document(app: &AppState, tenant: TenantId) -> Response {
    let origin = app.config.origin();
    let document = json!({
        "spec_version": "1_0",
        "issuer": issuer(origin, tenant),
        "jwks_uri": format!("{origin}/{tenant}/discovery/v2.0/keys"),
        "delivery_methods_supported": [PUSH, POLL],
        "configuration_endpoint": format!("{origin}/ssf/streams"),
        "status_endpoint": format!("{origin}/ssf/status"),
        "add_subject_endpoint": format!("{origin}/ssf/subjects/add"),
        "remove_subject_endpoint": format!("{origin}/ssf/subjects/remove"),
        "verification_endpoint": format!("{origin}/ssf/verify"),
        "authorization_schemes": [{"spec_urn": "urn:ietf:rfc:6749"}],
        "default_subjects": "ALL",
    });
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, document.to_string()).into_response()
}
