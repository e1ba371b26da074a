//! `POST /{tenant}/oauth2/v2.0/introspect` (RFC 7662): whether a token of one's own still opens anything.
//!
//! Everything but a living token of the client that asks is answered `{"active": false}` and nothing more (section 2.2).

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use policy::lifetimes;
use policy::model::{ClientKind, Grant, Timestamp, User};
use serde_json::{Value, json};
use store::StoreError;

use super::refused::Refused;
use super::{Asked, authenticated, no_store};
use crate::app::AppState;
use crate::flow::Caller;
use crate::jose;
use crate::oidc::bearer::{self, BearerRefusal};
use crate::oidc::claims::{AccessClaims, pairwise};
use crate::oidc::metadata;
use crate::oidc::refusal::TokenRefusal;
use crate::web::Path;

/// A client asks about a token.
pub async fn submit(
    State(app): State<AppState>,
    Path(segment): Path<String>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let answer = async {
        let asked = authenticated(&app, &segment, &caller, &headers, &body).await?;
        look(&asked).await
    };
    no_store(match answer.await {
        Ok(Some(facts)) => Json(facts).into_response(),
        Ok(None) => Json(json!({"active": false})).into_response(),
        Err(refused) => refused.respond(&app, &caller),
    })
}

async fn look(asked: &Asked<'_>) -> Result<Option<Value>, Refused> {
    if asked.application.kind == ClientKind::Public {
        return Err(TokenRefusal::IntrospectionForPublicClient.into());
    }
    let token = asked
        .parameters
        .get("token")
        .ok_or(TokenRefusal::TokenMissing)?;
    if token.contains('.') {
        access_token(asked, token).await
    } else {
        refresh_token(asked, token).await
    }
}

async fn access_token(asked: &Asked<'_>, token: &str) -> Result<Option<Value>, Refused> {
    let claims = match bearer::claims(asked.app, token).await {
        Ok((tenant, claims)) if tenant == asked.tenant() => claims,
        Err(BearerRefusal::Internal(why)) => return Err(Refused::unavailable(why)),
        Ok(_) | Err(_) => return Ok(None),
    };
    if claims.azp != asked.application.id.to_string() {
        return Ok(None);
    }
    let Some(grant) = claims.rh.as_deref() else {
        return Ok(Some(facts_of(&claims, None)));
    };
    let Ok(id) = grant.parse() else {
        return Ok(None);
    };
    let tenant = asked.tenant();
    let found = asked.app.store.read(move |tx| {
        Box::pin(async move {
            let Some(grant) = store::grants::find(tx, tenant, id).await? else {
                return Ok::<_, StoreError>(None);
            };
            let user = store::users::find(tx, tenant, grant.user).await?;
            Ok(Some((grant, user)))
        })
    });
    Ok(living(found.await?).map(|(_, user)| facts_of(&claims, Some(&user))))
}

async fn refresh_token(asked: &Asked<'_>, token: &str) -> Result<Option<Value>, Refused> {
    let Some(token) = jose::decode(token) else {
        return Ok(None);
    };
    let (tenant, hash) = (asked.tenant(), store::hash_token(&token));
    let found = asked.app.store.read(move |tx| {
        Box::pin(async move {
            let times = store::grants::refresh_times(tx, tenant, &hash).await?;
            let grant = store::grants::find_by_refresh(tx, tenant, &hash).await?;
            let Some(grant) = grant else {
                return Ok::<_, StoreError>((times, None));
            };
            let user = store::users::find(tx, tenant, grant.user).await?;
            Ok((times, Some((grant, user))))
        })
    });
    let (times, found) = found.await?;
    let Some((expires, rotated)) = times else {
        return Ok(None);
    };
    let in_grace = |at: Timestamp| asked.now <= at.plus(lifetimes::REFRESH_GRACE);
    let usable = expires > asked.now && rotated.is_none_or(in_grace);
    let own = |(grant, _): &(Grant, User)| {
        usable && grant.application == asked.application.id && grant.expires > asked.now
    };
    Ok(living(found).filter(own).map(|(grant, user)| {
        json!({
            "active": true,
            "client_id": grant.application.to_string(),
            "iss": metadata::issuer(asked.app.config.origin(), tenant),
            "sub": pairwise(tenant, grant.application, user.id),
            "username": user.user_principal_name,
            "scope": grant.scopes.join(" "),
            "exp": expires.min(grant.expires).as_seconds(),
            "oid": user.id.to_string(),
            "tid": tenant.to_string(),
        })
    }))
}

fn living(found: Option<(Grant, Option<User>)>) -> Option<(Grant, User)> {
    let (grant, user) = found?;
    let user = user.filter(|user| user.enabled)?;
    grant.ended.is_none().then_some((grant, user))
}

fn facts_of(claims: &AccessClaims, user: Option<&User>) -> Value {
    let mut facts = serde_json::to_value(claims).unwrap_or_default();
    if let Some(members) = facts.as_object_mut() {
        // How our own APIs find the grant is nobody else's business.
        members.remove("rh");
        members.insert("active".into(), true.into());
        let kind = if claims.cnf.is_some() {
            "DPoP"
        } else {
            "Bearer"
        };
        members.insert("token_type".into(), kind.into());
        if let Some(scopes) = members.get("scp").cloned() {
            members.insert("scope".into(), scopes);
        }
        if let Some(user) = user {
            members.insert("username".into(), user.user_principal_name.clone().into());
        }
    }
    facts
}
