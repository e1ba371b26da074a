//! Who asks: an application with a token of its own and the permission for it.

use axum::http::{HeaderMap, HeaderValue, header};
use policy::model::Application;
use serde::de::DeserializeOwned;
use store::StoreError;

use crate::app::AppState;
use crate::flow::signals::SignalsRefusal;
use crate::oidc::bearer::{self, BearerRefusal};
use crate::oidc::possession::Asking;

/// What a receiver wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// `ssf.read`: read streams, poll, ask for a test.
    Read,
    /// `ssf.manage`: everything.
    Manage,
}

impl Right {
    fn is_in(self, permissions: &[String]) -> bool {
        let has = |name: &str| permissions.iter().any(|each| each == name);
        has("ssf.manage") || (self == Self::Read && has("ssf.read"))
    }
}

/// The application behind a request. Its row is read each time: a permission that was taken away is gone at once, and not
/// when the token ends.
pub async fn receiver(
    app: &AppState,
    asking: &Asking<'_>,
    right: Right,
) -> Result<Application, SignalsRefusal> {
    let token = bearer::in_header(asking.headers);
    let (tenant, claims) = bearer::presented(app, asking, token).await?;
    if claims.idtyp != "app" {
        return Err(BearerRefusal::NotAppOnly.into());
    }
    if !right.is_in(&claims.roles) {
        return Err(BearerRefusal::ScopeMissing.into());
    }
    let id = claims.azp.parse().map_err(|_| BearerRefusal::NotAppOnly)?;
    let found = app
        .store
        .read_point(move |tx| Box::pin(store::applications::find(tx, tenant, id)));
    let found: Option<Application> = found
        .await
        .map_err(|error: StoreError| BearerRefusal::from(error))?;
    let application = found
        .filter(|application| application.enabled)
        .ok_or(BearerRefusal::ApplicationDisabled)?;
    if right.is_in(&application.app_permissions) {
        Ok(application)
    } else {
        Err(BearerRefusal::ScopeMissing.into())
    }
}

/// A body of JSON as `T`.
pub fn json<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, SignalsRefusal> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .map(HeaderValue::as_bytes)
        .unwrap_or_default()
        .to_ascii_lowercase();
    if !kind.starts_with(b"application/json") {
        return Err(SignalsRefusal::NotJson);
    }
    serde_json::from_slice(body).map_err(|_| SignalsRefusal::NotJson)
}
