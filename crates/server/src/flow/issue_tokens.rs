//! From a session to what an application gets: first a code, written by the transaction that lets the person in.

use aws_lc_rs::digest::{SHA256, digest};
use policy::lifetimes;
use policy::model::{
    Acr, Assurance, AuthorizationCode, GrantId, Session, TenantId, Timestamp, TokenHash,
};
use serde::{Deserialize, Serialize};

use super::Next;
use crate::app::AppState;
use crate::jose;
use crate::oidc::answer::{self, Fields};
use crate::oidc::claims::client_info;
use crate::oidc::metadata::issuer;
use crate::oidc::request::{AuthorizeRequest, ForDevice, ReturnTo};
use crate::seal::{Broken, Purpose};

/// A code that is not written yet, and where the browser goes once it is.
#[derive(Clone, Debug)]
pub struct PreparedCode {
    /// To be written in the transaction that opens or uses the session.
    pub row: AuthorizationCode,
    /// The client's redirect URI with the code in it, or our page that posts it there.
    pub next: Next,
}

/// A `form_post` answer on its way to the page that delivers it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Delivery {
    /// The registered address.
    pub redirect_uri: String,
    /// What is posted there.
    pub fields: Fields,
    /// From then on it is not delivered any more.
    pub expires: Timestamp,
}

/// Makes the code that answers `request` with `scopes` in `session`. Nothing is given out before the row is written.
pub fn prepare_code(
    app: &AppState,
    request: &AuthorizeRequest,
    scopes: Vec<String>,
    session: &Session,
    contexts: &[String],
) -> Result<PreparedCode, Broken> {
    let now = app.clock.now();
    if let Some(device) = &request.device {
        return Ok(for_device(app, request, scopes, *device, session));
    }
    let code = jose::encode(app.random.bytes::<32>());
    let info = request
        .client_info
        .then(|| client_info(session.tenant, session.user));
    let issuer = issuer(app.config.origin(), session.tenant);
    let fields = answer::success(&request.to, &code, &issuer, info);
    let assurance = Assurance {
        acr: Acr::of(&session.proofs),
        acrs: contexts.to_vec(),
    };
    let ends = now.plus(lifetimes::CODE);
    let code = (bearer_hash(&code), ends);
    let row = row(app, request, scopes, session, code, assurance);
    Ok(PreparedCode {
        next: deliver(app, session.tenant, &request.to, fields)?,
        row,
    })
}

/// What a device fetches with its own code. However well the person signed in, it was not on the device that gets the tokens:
/// they say nothing of phishing resistance and of no context.
fn for_device(
    app: &AppState,
    request: &AuthorizeRequest,
    scopes: Vec<String>,
    device: ForDevice,
    session: &Session,
) -> PreparedCode {
    let code = (TokenHash::from_bytes(device.code), device.expires);
    PreparedCode {
        row: row(app, request, scopes, session, code, Assurance::default()),
        next: Next::Page(super::device::DONE.to_owned()),
    }
}

fn row(
    app: &AppState,
    request: &AuthorizeRequest,
    scopes: Vec<String>,
    session: &Session,
    (code, expires): (TokenHash, Timestamp),
    assurance: Assurance,
) -> AuthorizationCode {
    let now = app.clock.now();
    AuthorizationCode {
        tenant: session.tenant,
        code,
        grant: GrantId::new(now, app.random.bytes()),
        application: request.application,
        user: session.user,
        session: session.id,
        passkey: session.passkey,
        pass: session.pass,
        redirect_uri: request.to.redirect_uri.clone(),
        code_challenge: request.code_challenge.clone(),
        proof_key: request.proof_key,
        nonce: request.nonce.clone(),
        scopes,
        methods: session.methods(),
        assurance,
        authenticated: session.authenticated,
        created: now,
        expires,
    }
}

/// Where the browser goes with `fields` for a client of `tenant`.
pub fn deliver(
    app: &AppState,
    tenant: TenantId,
    to: &ReturnTo,
    fields: Fields,
) -> Result<Next, Broken> {
    if let Some(location) = answer::location(to, &fields) {
        return Ok(Next::Application(location));
    }
    let delivery = Delivery {
        redirect_uri: to.redirect_uri.clone(),
        fields,
        expires: app.clock.now().plus(lifetimes::CODE),
    };
    let sealed = app
        .seal
        .seal_json(Purpose::Delivery, tenant, &delivery, &app.random)?;
    Ok(Next::Deliver(format!(
        "/{tenant}/oauth2/v2.0/deliver?answer={sealed}"
    )))
}

/// What the store keeps of a bearer value that is given out as text.
pub fn bearer_hash(text: &str) -> TokenHash {
    let mut hash = [0u8; 32];
    hash.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    TokenHash::from_bytes(hash)
}
