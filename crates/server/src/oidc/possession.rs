//! Demonstrating proof of possession (DPoP, RFC 9449): tokens that work only in the hands of whoever holds a key.
//!
//! A proof is a token that the client signs for one request: method, address, time, an id, and for a resource the access
//! token that goes with it. Each works once, on whichever node: its id is spent in the store. That costs a write, and only
//! clients that asked for it pay.

use aws_lc_rs::digest::{SHA256, digest};
use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use policy::lifetimes::{CLOCK_SKEW, PROOF};
use policy::model::{Sha256, TenantId, Timestamp};
use serde::Deserialize;
use store::StoreError;
use url::Url;

use crate::app::AppState;
use crate::flow::challenge::token_nonce;
use crate::jose::{self, NumericDate};

/// The header of a proof.
pub const HEADER: &str = "dpop";
const LONGEST_ID: usize = 256;
/// What a proof is remembered by until it is over.
const SPENT: &str = "keyward proof of possession v1";

/// Why a proof proves nothing. One variant per rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofRefusal {
    /// More than one header: two readers could take different ones.
    Repeated,
    /// Not a signed token with a public key in it.
    Malformed,
    /// Made for another method or address.
    OtherRequest,
    /// Made for another access token.
    OtherToken,
    /// Too old, or from the future.
    OutOfTime,
    /// Seen before.
    Replayed,
}

impl ProofRefusal {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Repeated => "proof_repeated",
            Self::Malformed => "proof_malformed",
            Self::OtherRequest => "proof_for_another_request",
            Self::OtherToken => "proof_for_another_token",
            Self::OutOfTime => "proof_out_of_time",
            Self::Replayed => "proof_replayed",
        }
    }

    /// What the client reads.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Repeated => "More than one DPoP header was sent.",
            Self::Malformed => {
                "The DPoP proof is not a JWT of type dpop+jwt, signed by the public key in its own header, with 'jti'."
            }
            Self::OtherRequest => {
                "The DPoP proof was made for another method or address ('htm', 'htu')."
            }
            Self::OtherToken => "The DPoP proof was made for another access token ('ath').",
            Self::OutOfTime => {
                "The DPoP proof is too old or from the future ('iat'); a proof is good for one minute."
            }
            Self::Replayed => {
                "The DPoP proof was used before; each request needs one of its own ('jti')."
            }
        }
    }
}

/// The request that a proof has to be made for.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// How it is asked.
    pub method: &'a Method,
    /// What is asked for, without query.
    pub path: &'a str,
    /// What came with it.
    pub headers: &'a HeaderMap,
}

impl<'a> Asking<'a> {
    /// What is asked for in a request, also where a router has taken the beginning of the address off.
    pub fn of(parts: &'a Parts) -> Self {
        let whole = parts.extensions.get::<OriginalUri>();
        Self {
            method: &parts.method,
            path: whole.map_or(&parts.uri, |OriginalUri(uri)| uri).path(),
            headers: &parts.headers,
        }
    }
}

/// The same, for handlers that take a request apart.
#[derive(Clone, Debug)]
pub struct Sender(Parts);

impl Sender {
    /// The request.
    pub fn asking(&self) -> Asking<'_> {
        Asking::of(&self.0)
    }
}

impl FromRequestParts<AppState> for Sender {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.clone()))
    }
}

/// The key that the sender of a request holds. Only [`check`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held(Sha256);

impl Held {
    /// The key's JWK thumbprint.
    pub const fn key(self) -> Sha256 {
        self.0
    }

    /// As tokens name it (`jkt`).
    pub fn named(self) -> String {
        jose::encode(self.0.as_bytes())
    }
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: NumericDate,
    #[serde(default)]
    ath: Option<String>,
}

/// The key that this request proves, or nothing if it brings no proof. With `token`, the proof has to name it (`ath`).
///
/// # Errors
/// The inner one is the sender's, the outer one ours.
pub async fn check(
    app: &AppState,
    tenant: TenantId,
    asking: &Asking<'_>,
    token: Option<&str>,
) -> Result<Result<Option<Held>, ProofRefusal>, StoreError> {
    let now = app.clock.now();
    let (key, claims) = match read(app, asking, token, now) {
        Ok(Some(read)) => read,
        Ok(None) => return Ok(Ok(None)),
        Err(refusal) => return Ok(Err(refusal)),
    };
    let by = first_half(&key);
    let nonce = token_nonce(SPENT, &by, &claims.jti);
    let expires = Timestamp::from_seconds(claims.iat.0)
        .plus(PROOF)
        .plus(CLOCK_SKEW);
    let fresh = app.store.write(move |tx| {
        Box::pin(async move { store::challenges::spend(tx, tenant, &nonce, expires).await })
    });
    Ok(match fresh.await? {
        true => Ok(Some(Held(key))),
        false => Err(ProofRefusal::Replayed),
    })
}

fn read(
    app: &AppState,
    asking: &Asking<'_>,
    token: Option<&str>,
    now: Timestamp,
) -> Result<Option<(Sha256, Claims)>, ProofRefusal> {
    let mut sent = asking.headers.get_all(HEADER).into_iter();
    let Some(proof) = sent.next() else {
        return Ok(None);
    };
    if sent.next().is_some() {
        return Err(ProofRefusal::Repeated);
    }
    let proof = proof.to_str().map_err(|_| ProofRefusal::Malformed)?;
    let proved = jose::possession::<Claims>(proof).map_err(|_| ProofRefusal::Malformed)?;
    let claims = proved.claims;
    if claims.jti.is_empty() || claims.jti.len() > LONGEST_ID {
        return Err(ProofRefusal::Malformed);
    }
    if claims.htm != asking.method.as_str() || !same_address(app, asking.path, &claims.htu) {
        return Err(ProofRefusal::OtherRequest);
    }
    let wanted = token.map(|token| jose::encode(digest(&SHA256, token.as_bytes())));
    if wanted.is_some() && claims.ath != wanted {
        return Err(ProofRefusal::OtherToken);
    }
    let (now, skew) = (now.as_seconds(), CLOCK_SKEW.as_seconds());
    let begun = claims.iat.0 <= now.saturating_add(skew);
    let over = claims.iat.0 <= now.saturating_sub(PROOF.as_seconds() + skew);
    if over || !begun {
        return Err(ProofRefusal::OutOfTime);
    }
    Ok(Some((proved.key, claims)))
}

/// Compared as addresses and not as text (RFC 9449 section 4.3): host names have no case, and ports that go without saying may
/// be said. Query and fragment do not count.
fn same_address(app: &AppState, path: &str, named: &str) -> bool {
    let ours = Url::parse(&format!("{}{path}", app.config.origin()));
    let (Ok(ours), Ok(mut named)) = (ours, Url::parse(named)) else {
        return false;
    };
    named.set_query(None);
    named.set_fragment(None);
    ours == named
}

fn first_half(key: &Sha256) -> [u8; 16] {
    let mut half = [0; 16];
    for (to, from) in half.iter_mut().zip(key.as_bytes()) {
        *to = *from;
    }
    half
}
