//! Access tokens that come back to us (RFC 6750).

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use policy::model::{GrantId, TenantId, Timestamp, User, UserId};
use serde_json::json;
use store::StoreError;

use super::claims::AccessClaims;
use super::keyring::KeyringFault;
use super::metadata;
use super::possession::{self, Asking, ProofRefusal};
use crate::app::AppState;
use crate::jose::{self, JwsRefusal, TokenType};

/// Why an access token does not open anything. One variant per rule.
#[derive(Debug)]
pub enum BearerRefusal {
    Missing,
    Token(JwsRefusal),
    OtherIssuer,
    OtherAudience,
    Expired,
    NotYetValid,
    /// The token works only with a proof, and none came with it (RFC 9449 section 7.2).
    ProofMissing,
    /// A proof came with a token that is bound to no key.
    NotBound,
    /// The proof is by another key than the token's.
    ProofByAnotherKey,
    Proof(ProofRefusal),
    NotDelegated,
    NotAppOnly,
    ApplicationDisabled,
    ScopeMissing,
    GrantEnded,
    /// The same, for a client that said it understands a claims challenge (`cp1`): this one, in base64.
    InsufficientClaims(String),
    AccountDisabled,
    Internal(String),
}

impl BearerRefusal {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "token_missing",
            Self::Token(refusal) => refusal.code(),
            Self::OtherIssuer => "token_of_another_issuer",
            Self::OtherAudience => "token_for_another_audience",
            Self::Expired => "token_expired",
            Self::NotYetValid => "token_not_yet_valid",
            Self::ProofMissing => "proof_missing",
            Self::NotBound => "token_not_bound",
            Self::ProofByAnotherKey => "proof_by_another_key",
            Self::Proof(refusal) => refusal.code(),
            Self::NotDelegated => "token_without_user",
            Self::NotAppOnly => "token_of_a_user",
            Self::ApplicationDisabled => "application_disabled",
            Self::ScopeMissing => "scope_missing",
            Self::GrantEnded | Self::InsufficientClaims(_) => "grant_revoked",
            Self::AccountDisabled => "account_disabled",
            Self::Internal(_) => "internal",
        }
    }

    /// What the challenge names: the scheme, and the error in its words (RFC 6750 section 3.1, RFC 9449 section 7.1).
    pub fn challenge(&self) -> (&'static str, &'static str) {
        match self {
            Self::Proof(_) | Self::ProofByAnotherKey => ("DPoP", "invalid_dpop_proof"),
            Self::ProofMissing => ("DPoP", "invalid_token"),
            Self::ScopeMissing => ("Bearer", "insufficient_scope"),
            Self::InsufficientClaims(_) => ("Bearer", "insufficient_claims"),
            _ => ("Bearer", "invalid_token"),
        }
    }
}

impl IntoResponse for BearerRefusal {
    fn into_response(self) -> Response {
        let code = self.code();
        let (scheme, error) = self.challenge();
        let (status, error) = match &self {
            Self::Missing => (StatusCode::UNAUTHORIZED, None),
            Self::ScopeMissing => (StatusCode::FORBIDDEN, Some(error)),
            Self::Internal(why) => {
                tracing::error!(why, "an access token could not be checked");
                (StatusCode::SERVICE_UNAVAILABLE, None)
            }
            _ => (StatusCode::UNAUTHORIZED, Some(error)),
        };
        let mut challenge = scheme.to_owned();
        if let Some(error) = error {
            challenge.push_str(&format!(" error=\"{error}\", error_description=\"{code}\""));
        }
        if let Self::InsufficientClaims(claims) = &self {
            challenge.push_str(&format!(", claims=\"{claims}\""));
        }
        if scheme == "DPoP" {
            challenge.push_str(&format!(", algs=\"{}\"", jose::algorithm_names().join(" ")));
        }
        let body = json!({"error": error.unwrap_or("invalid_request"), "error_description": code});
        let mut response = (status, Json(body)).into_response();
        if let Ok(challenge) = HeaderValue::from_str(&challenge) {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

impl From<StoreError> for BearerRefusal {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<KeyringFault> for BearerRefusal {
    fn from(fault: KeyringFault) -> Self {
        Self::Internal(fault.to_string())
    }
}

/// A delegated token and the user behind it, as they are now.
#[derive(Debug)]
pub struct Delegated {
    pub claims: AccessClaims,
    pub user: User,
}

/// An access token as a request presents it.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "a bearer value is in it")]
pub struct Presented<'a> {
    token: &'a str,
    scheme: Scheme,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Bearer,
    Dpop,
}

impl<'a> Presented<'a> {
    /// A token without a scheme: in a form, or by a program that leaves the word out.
    pub const fn bare(token: &'a str) -> Self {
        let scheme = Scheme::Bearer;
        Self { token, scheme }
    }
}

/// The token of an `Authorization` header, `Bearer` or `DPoP`. A token in the query is never looked at: addresses end up in
/// logs.
pub fn in_header(headers: &HeaderMap) -> Option<Presented<'_>> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Scheme::Bearer,
        "dpop" => Scheme::Dpop,
        _ => return None,
    };
    let token = token.trim();
    Some(Presented { token, scheme })
}

/// The claims of a token that opens one of our own interfaces, and its tenant; where it is bound to a key, this request has
/// proved that its sender holds that.
pub async fn presented(
    app: &AppState,
    asking: &Asking<'_>,
    presented: Option<Presented<'_>>,
) -> Result<(TenantId, AccessClaims), BearerRefusal> {
    let Presented { token, scheme } = presented.ok_or(BearerRefusal::Missing)?;
    let (tenant, claims) = claims(app, token).await?;
    match (&claims.cnf, scheme) {
        (None, Scheme::Bearer) => {}
        // A stolen token must not work without its key just because the thief leaves the proof out.
        (Some(_), Scheme::Bearer) => return Err(BearerRefusal::ProofMissing),
        (None, Scheme::Dpop) => return Err(BearerRefusal::NotBound),
        (Some(bound), Scheme::Dpop) => {
            let held = possession::check(app, tenant, asking, Some(token)).await?;
            let held = held.map_err(BearerRefusal::Proof)?;
            if held.ok_or(BearerRefusal::ProofMissing)?.named() != bound.jkt {
                return Err(BearerRefusal::ProofByAnotherKey);
            }
        }
    }
    Ok((tenant, claims))
}

/// Checks a delegated token: signature, issuer, audience, time, key, scope; then the grant and the user as they are now, so
/// that what was revoked is over at once and not when the token expires.
pub async fn delegated(
    app: &AppState,
    asking: &Asking<'_>,
    token: Option<Presented<'_>>,
    scope: &str,
) -> Result<Delegated, BearerRefusal> {
    let (tenant, claims) = presented(app, asking, token).await?;
    let ids = claims.oid.parse::<UserId>().ok().zip(
        claims
            .rh
            .as_deref()
            .and_then(|id| id.parse::<GrantId>().ok()),
    );
    let (user, grant) = ids
        .filter(|_| claims.idtyp == "user")
        .ok_or(BearerRefusal::NotDelegated)?;
    if !claims.has_scope(scope) {
        return Err(BearerRefusal::ScopeMissing);
    }
    let (user, grant) = app
        .store
        .read(move |tx| {
            Box::pin(async move {
                let user = store::users::find(tx, tenant, user).await?;
                Ok::<_, StoreError>((user, store::grants::find(tx, tenant, grant).await?))
            })
        })
        .await?;
    if grant.is_none_or(|grant| grant.ended.is_some()) {
        return Err(if claims.xms_cc.is_empty() {
            BearerRefusal::GrantEnded
        } else {
            BearerRefusal::InsufficientClaims(newer_than(app.clock.now()))
        });
    }
    let user = user
        .filter(|user| user.enabled)
        .ok_or(BearerRefusal::AccountDisabled)?;
    Ok(Delegated { claims, user })
}

/// The claims challenge that asks for a token made after `now`, in the form Entra's clients pass on unread.
fn newer_than(now: Timestamp) -> String {
    let since = json!({"essential": true, "value": now.as_seconds().to_string()});
    STANDARD.encode(json!({"access_token": {"nbf": since}}).to_string())
}

/// The claims of a token that one of our tenants signed for us, and the tenant.
pub async fn claims(
    app: &AppState,
    token: &str,
) -> Result<(TenantId, AccessClaims), BearerRefusal> {
    let mut refusal = JwsRefusal::UnknownKey;
    for tenant in app.tenants.all() {
        let keys = app.keyring.of(app, tenant.id).await?;
        match keys
            .published()
            .verify::<AccessClaims>(TokenType::AccessToken, token)
        {
            Ok(claims) => return fits(app, tenant.id, claims).map(|claims| (tenant.id, claims)),
            Err(JwsRefusal::UnknownKey) => {}
            Err(other) => refusal = other,
        }
    }
    Err(BearerRefusal::Token(refusal))
}

fn fits(
    app: &AppState,
    tenant: TenantId,
    claims: AccessClaims,
) -> Result<AccessClaims, BearerRefusal> {
    let now = app.clock.now().as_seconds();
    if claims.iss != metadata::issuer(app.config.origin(), tenant) {
        return Err(BearerRefusal::OtherIssuer);
    }
    if claims.aud != app.config.origin() {
        return Err(BearerRefusal::OtherAudience);
    }
    if now >= claims.exp {
        return Err(BearerRefusal::Expired);
    }
    // Several nodes sign and check; their clocks may differ a little.
    if now + 60 < claims.nbf {
        return Err(BearerRefusal::NotYetValid);
    }
    Ok(claims)
}
