//! `grant_type=refresh_token` (RFC 6749 section 6) with rotation and reuse detection (RFC 9700 section 4.14.2).

use policy::lifetimes;
use policy::model::{Consent, EndReason, Grant, GrantEnd};
use store::grants::{Rotated, Rotation};

use super::refused::Refused;
use super::{Asked, Ground, Tokens};
use crate::jose;
use crate::oidc::refusal::TokenRefusal;
use crate::oidc::scopes;

pub async fn exchange(asked: &Asked<'_>) -> Result<Tokens, Refused> {
    let text = asked
        .parameters
        .get("refresh_token")
        .ok_or(TokenRefusal::RefreshMissing)?;
    let token = jose::decode(text).ok_or(TokenRefusal::RefreshUnknown)?;
    let tenant = asked.tenant();
    let hash = store::hash_token(&token);
    let found = asked
        .app
        .store
        .read(move |tx| {
            Box::pin(async move {
                let Some(grant) = store::grants::find_by_refresh(tx, tenant, &hash).await? else {
                    return Ok::<_, store::StoreError>(None);
                };
                let user = store::users::find(tx, tenant, grant.user).await?;
                Ok(Some((grant, user)))
            })
        })
        .await?;
    let (grant, user) = found.ok_or(TokenRefusal::RefreshUnknown)?;
    // Before anything is written: a token in foreign hands must not be able to end the grant of its owner.
    if grant.application != asked.application.id {
        return Err(TokenRefusal::RefreshOfAnotherClient.into());
    }
    asked.holds(grant.proof_key)?;
    let own = agreed_to(asked, &grant).await?;
    let narrowed = narrowed(asked, &grant, &own)?;
    let user = user
        .filter(|user| user.enabled)
        .ok_or(TokenRefusal::AccountDisabled)?;
    if grant.authenticated < user.grants_valid_from() {
        return Err(TokenRefusal::ProofsOutdated.into());
    }
    let successor = rotate(asked, token, &grant).await?;
    let ground = Ground {
        user: &user,
        grant: grant.id,
        session: grant.session,
        methods: &grant.methods,
        assurance: &grant.assurance,
        authenticated: grant.authenticated,
        scopes: &narrowed,
        nonce: None,
    };
    asked.tokens(ground, Some(successor)).await
}

/// What the person agreed to for themselves. Few grants rest on it; the others are spared the read.
async fn agreed_to(asked: &Asked<'_>, grant: &Grant) -> Result<Vec<String>, Refused> {
    if !scopes::rests_on_person(&grant.scopes, &asked.application) {
        return Ok(Vec::new());
    }
    let (tenant, user, application) = (grant.tenant, grant.user, grant.application);
    let found = asked.app.store.read(move |tx| {
        Box::pin(async move { store::consents::find(tx, tenant, user, application).await })
    });
    let found: Option<Consent> = found.await?;
    Ok(found.map(|consent| consent.scopes).unwrap_or_default())
}

/// The scopes of this answer: those of the grant, or fewer if the request names fewer.
fn narrowed(asked: &Asked<'_>, grant: &Grant, own: &[String]) -> Result<Vec<String>, TokenRefusal> {
    let held = scopes::still(&grant.scopes, &asked.application, own);
    if asked.parameters.get("scope").is_none() {
        return Ok(held);
    }
    let origin = asked.app.config.origin();
    let named = asked.parameters.words("scope");
    let wanted = scopes::granted(named, origin, &asked.application, own);
    if wanted.iter().all(|scope| held.contains(scope)) {
        Ok(wanted)
    } else {
        Err(TokenRefusal::ScopeBeyondGrant)
    }
}

async fn rotate(asked: &Asked<'_>, token: Vec<u8>, grant: &Grant) -> Result<String, Refused> {
    let tenant = asked.tenant();
    let times = Rotation {
        now: asked.now,
        grace: lifetimes::REFRESH_GRACE,
        expires: lifetimes::refresh_end(asked.now, grant.expires),
        access_expires: asked.now.plus(lifetimes::ACCESS_TOKEN),
    };
    let outcome = asked
        .app
        .store
        .write(move |tx| {
            Box::pin(async move { store::grants::rotate(tx, tenant, &token, times).await })
        })
        .await?;
    match outcome {
        Rotated::Done { successor, .. } => Ok(jose::encode(successor.expose())),
        Rotated::Replayed { grant } => {
            tracing::warn!(correlation = %asked.caller.correlation, %grant, "a refresh token was used after its exchange; its grant is ended");
            Err(TokenRefusal::RefreshReused.into())
        }
        Rotated::Ended(why) => Err(ended(why).into()),
        Rotated::Expired => Err(TokenRefusal::RefreshExpired.into()),
        Rotated::Unknown => Err(TokenRefusal::RefreshUnknown.into()),
    }
}

fn ended(why: GrantEnd) -> TokenRefusal {
    match why {
        GrantEnd::With(EndReason::SignedOut | EndReason::Replaced) => TokenRefusal::SessionEnded,
        GrantEnd::With(EndReason::UserDisabled) => TokenRefusal::AccountDisabled,
        GrantEnd::With(_) | GrantEnd::GivenBack => TokenRefusal::GrantRevoked,
        GrantEnd::CodeReplayed => TokenRefusal::CodeSpent,
        GrantEnd::RefreshReplayed => TokenRefusal::RefreshReused,
    }
}
