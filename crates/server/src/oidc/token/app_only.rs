//! `grant_type=client_credentials` (RFC 6749 section 4.4): an application acts as itself, with the permissions it was assigned.

use policy::lifetimes;
use policy::model::ClientKind;

use super::refused::Refused;
use super::{Asked, Tokens, capabilities};
use crate::jose::TokenType;
use crate::oidc::claims::AccessClaims;
use crate::oidc::refusal::TokenRefusal;
use crate::oidc::{metadata, scopes};

pub async fn issue(asked: &Asked<'_>) -> Result<Tokens, Refused> {
    if asked.application.kind == ClientKind::Public {
        return Err(TokenRefusal::AppOnlyForPublicClient.into());
    }
    let origin = asked.app.config.origin();
    let roles = scopes::app_only(asked.parameters.words("scope"), origin, &asked.application)
        .ok_or(TokenRefusal::ScopeMissing)?;
    let keys = asked.app.keyring.of(asked.app, asked.tenant()).await?;
    let issuer = metadata::issuer(origin, asked.tenant());
    let mut claims = AccessClaims::app_only(
        &issuer,
        origin,
        &asked.application,
        roles,
        asked.now,
        lifetimes::ACCESS_TOKEN,
        asked.app.random.bytes(),
    );
    claims.xms_cc = capabilities(&asked.parameters);
    claims.cnf = asked.confirmation();
    Ok(Tokens {
        token_type: asked.token_type(),
        scope: None,
        expires_in: lifetimes::ACCESS_TOKEN.as_seconds(),
        ext_expires_in: lifetimes::ACCESS_TOKEN.as_seconds(),
        access_token: keys.active().sign(TokenType::AccessToken, &claims)?,
        refresh_token: None,
        id_token: None,
        client_info: None,
    })
}
