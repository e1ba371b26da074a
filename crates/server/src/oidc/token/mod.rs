//! `POST /{tenant}/oauth2/v2.0/token` (RFC 6749 section 3.2), and what else clients ask that authenticate as they do there.

mod app_only;
mod code;
mod device;
mod introspect;
mod push;
mod refresh;
mod refused;
mod revoke;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use policy::lifetimes;
use policy::model::{
    Application, Assurance, ClientKind, GrantId, Method, RedirectKind, SessionId, Sha256, TenantId,
    Timestamp, User,
};
use serde::Serialize;
use serde_json::Value;

use super::claims::{AccessClaims, Confirmation, IdClaims, Subject, client_info, has};
use super::client::Credentials;
use super::metadata::{self, Door};
use super::parameters::Parameters;
use super::possession::{self, Asking, Held, Sender};
use super::refusal::TokenRefusal;
use super::{assertion, redirect, scopes};
use crate::app::AppState;
use crate::flow::Caller;
use crate::jose::TokenType;
use crate::web::Path;
use refused::Refused;

pub use device::submit as device_code;
pub use introspect::submit as introspect;
pub use push::submit as push;
pub use revoke::submit as revoke;

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const LONGEST_CLAIMS: usize = 4096;

/// What a client gets (RFC 6749 section 5.1, with the members Entra's clients look for).
#[derive(Serialize)]
pub struct Tokens {
    token_type: &'static str,
    /// Left out where it is what was asked for (RFC 6749 section 5.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    expires_in: i64,
    ext_expires_in: i64,
    access_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_info: Option<String>,
}

/// One request, its client authenticated.
struct Asked<'a> {
    app: &'a AppState,
    caller: &'a Caller,
    application: Application,
    parameters: Parameters,
    now: Timestamp,
    /// The key that the client proved to hold; what it is given is bound to it.
    held: Option<Held>,
}

/// A client asks for tokens.
pub async fn submit(
    State(app): State<AppState>,
    Path(segment): Path<String>,
    caller: Caller,
    sender: Sender,
    body: Bytes,
) -> Response {
    match answer(&app, &segment, &caller, &sender.asking(), &body).await {
        Ok(tokens) => no_store(Json(tokens).into_response()),
        Err(refused) => no_store(refused.respond(&app, &caller)),
    }
}

async fn answer(
    app: &AppState,
    segment: &str,
    caller: &Caller,
    asking: &Asking<'_>,
    body: &[u8],
) -> Result<Tokens, Refused> {
    let asked = authenticated(app, segment, caller, asking.headers, body).await?;
    let asked = asked.proving(asking).await?;
    if asked.application.settings.bound_tokens && asked.held.is_none() {
        return Err(TokenRefusal::ProofMissing.into());
    }
    match asked.parameters.get("grant_type") {
        Some("authorization_code") => code::redeem(&asked).await,
        Some("refresh_token") => refresh::exchange(&asked).await,
        Some("client_credentials") => app_only::issue(&asked).await,
        // MSAL.js sends the short name, others the one of RFC 8628.
        Some("device_code" | DEVICE_CODE) => device::redeem(&asked).await,
        Some(_) => Err(TokenRefusal::GrantTypeUnsupported.into()),
        None => Err(TokenRefusal::GrantTypeMissing.into()),
    }
}

/// The request, once its client is known to be who it says.
async fn authenticated<'a>(
    app: &'a AppState,
    segment: &str,
    caller: &'a Caller,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Asked<'a>, Refused> {
    let door = Door::open(app, segment).ok_or(TokenRefusal::UnknownTenant)?;
    let kind = headers
        .get(header::CONTENT_TYPE)
        .map(HeaderValue::as_bytes)
        .unwrap_or_default();
    if !kind
        .to_ascii_lowercase()
        .starts_with(b"application/x-www-form-urlencoded")
    {
        return Err(TokenRefusal::NotAForm.into());
    }
    let parameters = Parameters::parse(body);
    if parameters.repeated().is_some() {
        return Err(TokenRefusal::RepeatedParameter.into());
    }
    let credentials = Credentials::read(headers, &parameters)?;
    let application = door
        .application(app, &credentials.client_id)
        .await?
        .ok_or(TokenRefusal::ClientUnknown)?;
    match &credentials.assertion {
        Some(_) if !application.enabled => return Err(TokenRefusal::ClientDisabled.into()),
        Some(_) if application.kind == ClientKind::Public => {
            return Err(TokenRefusal::SecretForPublicClient.into());
        }
        Some(text) => assertion::check(app, &application, segment, text).await??,
        None => credentials
            .authenticate(&application, app.clock.now())
            .map_err(|refusal| Refused::from(refusal).by_header(credentials.by_header))?,
    }
    Ok(Asked {
        app,
        caller,
        application,
        parameters,
        now: app.clock.now(),
        held: None,
    })
}

/// What tokens of a grant are made from.
struct Ground<'a> {
    user: &'a User,
    grant: GrantId,
    session: SessionId,
    methods: &'a [Method],
    assurance: &'a Assurance,
    authenticated: Timestamp,
    scopes: &'a [String],
    nonce: Option<String>,
}

impl Asked<'_> {
    fn tenant(&self) -> TenantId {
        self.application.tenant
    }

    /// The same with the key that the request proves (RFC 9449 section 5).
    async fn proving(self, asking: &Asking<'_>) -> Result<Self, Refused> {
        let held = possession::check(self.app, self.tenant(), asking, None).await?;
        let held = held.map_err(TokenRefusal::Proof)?;
        Ok(Self { held, ..self })
    }

    /// That the client holds `key`, if what it presents is bound to one.
    fn holds(&self, key: Option<Sha256>) -> Result<(), TokenRefusal> {
        match (key, self.held) {
            (None, _) => Ok(()),
            (Some(_), None) => Err(TokenRefusal::ProofMissing),
            (Some(key), Some(held)) if held.key() == key => Ok(()),
            (Some(_), Some(_)) => Err(TokenRefusal::ProofByAnotherKey),
        }
    }

    /// What binds an access token to the key of the client.
    fn confirmation(&self) -> Option<Confirmation> {
        self.held.map(|held| Confirmation { jkt: held.named() })
    }

    /// How an access token that is given now is presented.
    fn token_type(&self) -> &'static str {
        match self.held {
            Some(_) => "DPoP",
            None => "Bearer",
        }
    }

    /// What waits at `redirect_uri`. An address that was taken off the list since counts as a page, which gets least.
    fn kind_of(&self, redirect_uri: &str) -> RedirectKind {
        redirect::registered(&self.application, redirect_uri)
            .map_or(RedirectKind::Spa, |entry| entry.kind)
    }

    /// Signs what `ground` gives. The refresh token was made by the caller, who wrote its hash.
    async fn tokens(
        &self,
        ground: Ground<'_>,
        refresh_token: Option<String>,
    ) -> Result<Tokens, Refused> {
        let keys = self.app.keyring.of(self.app, self.tenant()).await?;
        let issuer = metadata::issuer(self.app.config.origin(), self.tenant());
        let subject = Subject {
            issuer: &issuer,
            origin: self.app.config.origin(),
            application: self.application.id,
            user: ground.user,
            grant: ground.grant,
            session: ground.session,
            methods: ground.methods,
            assurance: ground.assurance,
            authenticated: ground.authenticated,
            scopes: ground.scopes,
        };
        let mut access = AccessClaims::delegated(
            &subject,
            self.now,
            lifetimes::ACCESS_TOKEN,
            self.app.random.bytes(),
        );
        access.xms_cc = capabilities(&self.parameters);
        access.cnf = self.confirmation();
        let id_token = if has(ground.scopes, "openid") {
            let claims = IdClaims::new(
                &subject,
                ground.nonce,
                self.now,
                lifetimes::ID_TOKEN,
                self.app.random.bytes(),
            );
            let wanted = self.application.id_token_algorithm.as_deref();
            Some(
                keys.for_id_tokens(wanted)
                    .sign(TokenType::IdToken, &claims)?,
            )
        } else {
            None
        };
        let wants_info = self.parameters.get("client_info") == Some("1");
        Ok(Tokens {
            token_type: self.token_type(),
            scope: Some(scopes::answered(
                self.parameters.words("scope"),
                ground.scopes,
                self.app.config.origin(),
                &self.application,
            )),
            expires_in: lifetimes::ACCESS_TOKEN.as_seconds(),
            ext_expires_in: lifetimes::ACCESS_TOKEN.as_seconds(),
            access_token: keys.active().sign(TokenType::AccessToken, &access)?,
            refresh_token,
            id_token,
            client_info: wants_info.then(|| client_info(self.tenant(), ground.user.id)),
        })
    }
}

/// What the client says it can do (`xms_cc` under `access_token` in `claims`): `cp1` is that it understands a claims challenge.
/// Whatever else is in `claims`, or cannot be read, says nothing.
fn capabilities(parameters: &Parameters) -> Vec<String> {
    let claims: Value = parameters
        .get("claims")
        .filter(|text| text.len() <= LONGEST_CLAIMS)
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let values = claims
        .pointer("/access_token/xms_cc/values")
        .and_then(Value::as_array);
    let known = values
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .find(|name| name.eq_ignore_ascii_case("cp1"));
    known.map(str::to_owned).into_iter().collect()
}

pub(super) fn no_store(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
