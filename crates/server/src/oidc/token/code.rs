//! `grant_type=authorization_code` (RFC 6749 section 4.1.3, RFC 7636 section 4.6).

use policy::lifetimes;
use policy::model::{
    AuthorizationCode, ClientKind, Grant, RedirectKind, RefreshToken, Session, TokenHash, User,
};
use store::grants::Redeemed;
use store::logouts::SessionClient;

use super::refused::Refused;
use super::{Asked, Ground, Tokens};
use crate::flow::issue_tokens::bearer_hash;
use crate::jose;
use crate::oidc::claims::has;
use crate::oidc::pkce;
use crate::oidc::possession::Held;
use crate::oidc::refusal::TokenRefusal;

pub async fn redeem(asked: &Asked<'_>) -> Result<Tokens, Refused> {
    let text = asked
        .parameters
        .get("code")
        .ok_or(TokenRefusal::CodeMissing)?;
    let found = find(asked, bearer_hash(text)).await?;
    let found = found.ok_or(TokenRefusal::CodeUnknown)?;
    check(asked, &found.code)?;
    let kind = asked.kind_of(&found.code.redirect_uri);
    give(asked, found, kind).await
}

/// A code with what stands behind it.
pub struct Found {
    code: AuthorizationCode,
    user: Option<User>,
    session: Option<Session>,
}

/// The code with this hash.
pub async fn find(asked: &Asked<'_>, hash: TokenHash) -> Result<Option<Found>, Refused> {
    let tenant = asked.tenant();
    let found = asked
        .app
        .store
        .read(move |tx| {
            Box::pin(async move {
                let Some(code) = store::grants::find_code(tx, tenant, &hash).await? else {
                    return Ok::<_, store::StoreError>(None);
                };
                let user = store::users::find(tx, tenant, code.user).await?;
                let session = store::sessions::find(tx, tenant, code.user, code.session).await?;
                Ok(Some(Found {
                    code,
                    user,
                    session,
                }))
            })
        })
        .await?;
    Ok(found)
}

/// Spends a code that was checked, for a program of this kind.
pub async fn give(asked: &Asked<'_>, found: Found, kind: RedirectKind) -> Result<Tokens, Refused> {
    let Found {
        code,
        user,
        session,
    } = found;
    let user = user
        .filter(|user| user.enabled)
        .ok_or(TokenRefusal::AccountDisabled)?;
    let session = session.ok_or(TokenRefusal::SessionEnded)?;
    let refresh_token = write(asked, &code, &session, kind).await?;
    let ground = Ground {
        user: &user,
        grant: code.grant,
        session: code.session,
        methods: &code.methods,
        assurance: &code.assurance,
        authenticated: code.authenticated,
        scopes: &code.scopes,
        nonce: code.nonce.clone(),
    };
    asked.tokens(ground, refresh_token).await
}

/// All that can be said before the code is spent. Whoever holds neither the client's secret nor the verifier must not be
/// able to spend it, nor to end what it gave by presenting it.
fn check(asked: &Asked<'_>, code: &AuthorizationCode) -> Result<(), TokenRefusal> {
    if code.application != asked.application.id {
        return Err(TokenRefusal::CodeOfAnotherClient);
    }
    if asked.parameters.get("redirect_uri") != Some(&code.redirect_uri) {
        return Err(TokenRefusal::RedirectMismatch);
    }
    asked.holds(code.proof_key)?;
    match (&code.code_challenge, asked.parameters.get("code_verifier")) {
        (None, None) => Ok(()),
        // The challenge was taken out on the way here (RFC 9700 section 2.1.1).
        (None, Some(_)) => Err(TokenRefusal::VerifierUnexpected),
        (Some(_), None) => Err(TokenRefusal::VerifierMissing),
        (Some(challenge), Some(verifier)) if pkce::matches(verifier, challenge) => Ok(()),
        (Some(_), Some(_)) => Err(TokenRefusal::VerifierWrong),
    }
}

/// Spends the code and writes what it gives; the text of the refresh token, if one is given.
async fn write(
    asked: &Asked<'_>,
    code: &AuthorizationCode,
    session: &Session,
    kind: RedirectKind,
) -> Result<Option<String>, Refused> {
    let offline = has(&code.scopes, "offline_access");
    let bytes: [u8; 32] = asked.app.random.bytes();
    let grant = grant(asked, code, session, offline.then_some(kind));
    let refresh = offline.then(|| RefreshToken {
        token: store::hash_token(&bytes),
        grant: code.grant,
        generation: 0,
        created: asked.now,
        expires: lifetimes::refresh_end(asked.now, grant.expires),
        rotated: None,
    });
    let (hash, now) = (code.code, asked.now);
    let settings = &asked.application.settings;
    let wants = settings.back_channel_logout.is_some() || settings.front_channel_logout.is_some();
    let client = wants.then_some(SessionClient {
        tenant: code.tenant,
        sid: code.session,
        application: code.application,
        user: code.user,
        since: now,
    });
    let outcome = asked
        .app
        .store
        .write(move |tx| {
            Box::pin(async move {
                let redeemed =
                    store::grants::redeem(tx, &hash, &grant, refresh.as_ref(), now).await?;
                if let (Redeemed::Done, Some(client)) = (redeemed, &client) {
                    store::logouts::remember(tx, client).await?;
                }
                Ok::<_, store::StoreError>(redeemed)
            })
        })
        .await?;
    match outcome {
        Redeemed::Done => Ok(offline.then(|| jose::encode(bytes))),
        Redeemed::Replayed => {
            tracing::warn!(correlation = %asked.caller.correlation, grant = %code.grant, "an authorization code was presented twice; its grant is ended");
            Err(TokenRefusal::CodeSpent.into())
        }
        Redeemed::Ended => Err(TokenRefusal::GrantRevoked.into()),
        Redeemed::Expired => Err(TokenRefusal::CodeExpired.into()),
        Redeemed::Unknown => Err(TokenRefusal::CodeUnknown.into()),
    }
}

/// The grant; of a kind of program that may refresh, or of none.
fn grant(
    asked: &Asked<'_>,
    code: &AuthorizationCode,
    session: &Session,
    offline: Option<RedirectKind>,
) -> Grant {
    let access_expires = asked.now.plus(lifetimes::ACCESS_TOKEN);
    // What a pass opened ends with the pass, as its session does.
    let pass_ends = code.pass.map(|_| session.expires);
    let refreshing = offline.map(|kind| lifetimes::grant_end(kind, asked.now, pass_ends));
    let expires = refreshing.unwrap_or(access_expires);
    Grant {
        tenant: code.tenant,
        id: code.grant,
        application: code.application,
        user: code.user,
        session: code.session,
        passkey: code.passkey,
        pass: code.pass,
        // Whoever has a secret shows it at each refresh; of the others a stolen refresh token must be worth nothing
        // (RFC 9449 section 5).
        proof_key: asked
            .held
            .filter(|_| asked.application.kind == ClientKind::Public)
            .map(Held::key),
        scopes: code.scopes.clone(),
        methods: code.methods.clone(),
        assurance: code.assurance.clone(),
        authenticated: code.authenticated,
        created: asked.now,
        expires,
        access_expires,
        ended: None,
    }
}
