//! `private_key_jwt` (RFC 7523 section 3, OpenID Connect Core section 9): a client proves with a signature who it is.

use policy::lifetimes::{ASSERTION, CLOCK_SKEW};
use policy::model::{Application, Timestamp};
use serde::Deserialize;
use store::StoreError;

use super::metadata;
use super::refusal::TokenRefusal;
use crate::app::AppState;
use crate::flow::challenge::token_nonce;
use crate::jose::{self, KeySet, NumericDate};

/// The only kind of assertion that is known.
pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const LONGEST_ID: usize = 256;
/// What an assertion is remembered by until it is over.
const SPENT: &str = "keyward client assertion v1";

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: NumericDate,
    #[serde(default)]
    nbf: Option<NumericDate>,
    #[serde(default)]
    iat: Option<NumericDate>,
    jti: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn names(&self, wanted: &[String]) -> bool {
        match self {
            Self::One(one) => wanted.contains(one),
            Self::Many(many) => many.iter().any(|one| wanted.contains(one)),
        }
    }
}

/// Whom an assertion claims to be by; nothing is checked yet.
pub fn claimed_client(assertion: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Sub {
        sub: String,
    }
    jose::unchecked::<Sub>(assertion).map(|claims| claims.sub)
}

/// Checks that `application` signed this for us, that it is young, and that it was not used before.
pub async fn check(
    app: &AppState,
    application: &Application,
    segment: &str,
    assertion: &str,
) -> Result<Result<(), TokenRefusal>, StoreError> {
    let now = app.clock.now();
    let claims = match read(app, application, segment, assertion, now) {
        Ok(claims) => claims,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let tenant = application.tenant;
    let nonce = token_nonce(SPENT, application.id.as_bytes(), &claims.jti);
    let expires = Timestamp::from_seconds(claims.exp.0).plus(CLOCK_SKEW);
    let fresh = app.store.write(move |tx| {
        Box::pin(async move { store::challenges::spend(tx, tenant, &nonce, expires).await })
    });
    Ok(match fresh.await? {
        true => Ok(()),
        false => Err(TokenRefusal::AssertionReplayed),
    })
}

fn read(
    app: &AppState,
    application: &Application,
    segment: &str,
    assertion: &str,
    now: Timestamp,
) -> Result<Claims, TokenRefusal> {
    let keys = KeySet::of_client(&application.settings.assertion_keys, now.as_seconds());
    let claims: Claims = keys
        .verify_assertion(assertion)
        .map_err(|_| TokenRefusal::AssertionInvalid)?;
    let id = application.id.to_string();
    if claims.iss != id || claims.sub != id {
        return Err(TokenRefusal::AssertionOfAnotherClient);
    }
    if !claims.aud.names(&audiences(app, application, segment)) {
        return Err(TokenRefusal::AssertionForAnotherAudience);
    }
    if claims.jti.is_empty() || claims.jti.len() > LONGEST_ID {
        return Err(TokenRefusal::AssertionInvalid);
    }
    let (now, skew) = (now.as_seconds(), CLOCK_SKEW.as_seconds());
    let begins = claims.nbf.into_iter().chain(claims.iat);
    let begins = begins.map(|date| date.0).max();
    let begun = begins.is_none_or(|begins| begins <= now.saturating_add(skew));
    let over = claims.exp.0 <= now.saturating_sub(skew);
    let too_long = claims.exp.0 > now.saturating_add(ASSERTION.as_seconds() + skew);
    if over || !begun || too_long {
        return Err(TokenRefusal::AssertionOutOfTime);
    }
    Ok(claims)
}

/// Our issuer, or the token endpoint under the name of the tenant that was used or under its id. Libraries send either, to all
/// endpoints.
fn audiences(app: &AppState, application: &Application, segment: &str) -> [String; 3] {
    let origin = app.config.origin();
    let token = |segment: &str| format!("{origin}/{segment}/oauth2/v2.0/token");
    [
        metadata::issuer(origin, application.tenant),
        token(segment),
        token(&application.tenant.to_string()),
    ]
}
