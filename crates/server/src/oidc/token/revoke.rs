//! `POST /{tenant}/oauth2/v2.0/revoke` (RFC 7009): a client gives back what it was given.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use policy::model::{ApplicationId, GrantEnd, GrantId};

use super::refused::Refused;
use super::{Asked, authenticated, no_store};
use crate::app::AppState;
use crate::flow::Caller;
use crate::jose;
use crate::oidc::bearer::{self, BearerRefusal};
use crate::oidc::refusal::TokenRefusal;
use crate::web::Path;

/// A client gives a token back. An unknown or dead token is nothing to complain of (section 2.2).
pub async fn submit(
    State(app): State<AppState>,
    Path(segment): Path<String>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let given_back = async {
        let asked = authenticated(&app, &segment, &caller, &headers, &body).await?;
        give_back(&asked).await
    };
    no_store(match given_back.await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(refused) => refused.respond(&app, &caller),
    })
}

async fn give_back(asked: &Asked<'_>) -> Result<(), Refused> {
    let token = asked
        .parameters
        .get("token")
        .ok_or(TokenRefusal::TokenMissing)?;
    // The hint only says where to look first; a JWS has dots and a refresh token has none.
    let found = if token.contains('.') {
        of_access_token(asked, token).await?
    } else {
        of_refresh_token(asked, token).await?
    };
    let Some((grant, application)) = found else {
        return Ok(());
    };
    if application != asked.application.id {
        return Err(TokenRefusal::TokenOfAnotherClient.into());
    }
    let (tenant, now) = (asked.tenant(), asked.now);
    let ended = asked.app.store.write(move |tx| {
        Box::pin(
            async move { store::grants::end(tx, tenant, grant, GrantEnd::GivenBack, now).await },
        )
    });
    if ended.await? {
        tracing::info!(correlation = %asked.caller.correlation, %grant, "an application gave a grant back");
    }
    Ok(())
}

async fn of_refresh_token(
    asked: &Asked<'_>,
    token: &str,
) -> Result<Option<(GrantId, ApplicationId)>, Refused> {
    let Some(token) = jose::decode(token) else {
        return Ok(None);
    };
    let (tenant, hash) = (asked.tenant(), store::hash_token(&token));
    let grant = asked.app.store.read(move |tx| {
        Box::pin(async move { store::grants::find_by_refresh(tx, tenant, &hash).await })
    });
    Ok(grant.await?.map(|grant| (grant.id, grant.application)))
}

/// Access tokens are signed and not stored: what ends is the grant, and with it the refresh tokens (section 2.1 allows it).
async fn of_access_token(
    asked: &Asked<'_>,
    token: &str,
) -> Result<Option<(GrantId, ApplicationId)>, Refused> {
    let claims = match bearer::claims(asked.app, token).await {
        Ok((tenant, claims)) if tenant == asked.tenant() => claims,
        Err(BearerRefusal::Internal(why)) => return Err(Refused::unavailable(why)),
        Ok(_) | Err(_) => return Ok(None),
    };
    let Some(grant) = claims.rh.as_deref() else {
        return Err(TokenRefusal::TokenCannotBeRevoked.into());
    };
    Ok(grant.parse().ok().zip(claims.azp.parse().ok()))
}
