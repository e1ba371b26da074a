//! Pushed authorization requests (RFC 9126): the client says what it wants directly, authenticated, and the browser carries a
//! reference. The reference is the request itself, sealed: nothing is stored, and nobody on the way can read or change it.

use policy::lifetimes::PUSHED_REQUEST;
use policy::model::{Application, ApplicationId, Timestamp};
use serde::{Deserialize, Serialize};

use super::parameters::Parameters;
use super::possession::Held;
use super::refusal::AuthorizeRefusal;
use super::request::{AuthorizeRequest, PROOF_KEY, Refused};
use crate::app::AppState;
use crate::seal::{Broken, Purpose};

/// How a reference of ours begins.
const URN: &str = "urn:ietf:params:oauth:request_uri:";
/// Longest request, in bytes: sealed it still has to fit the address of the authorization request.
pub const LONGEST: usize = 8 * 1024;
/// What says who the client is, and not what it wants.
const AUTHENTICATION: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

#[derive(Serialize, Deserialize)]
struct Pushed {
    application: ApplicationId,
    query: String,
    expires: Timestamp,
}

/// Checks a request and gives the reference to it. What would be refused later is refused now. The key that the client proved
/// is the one that the code will be bound to (RFC 9449 section 10.1).
pub fn push(
    app: &AppState,
    application: &Application,
    body: &[u8],
    held: Option<Held>,
) -> Result<Result<String, AuthorizeRefusal>, Broken> {
    let now = app.clock.now();
    if body.len() > LONGEST {
        return Ok(Err(AuthorizeRefusal::TooLong));
    }
    let kept = url::form_urlencoded::parse(body)
        .filter(|(name, _)| !AUTHENTICATION.contains(&name.as_ref()));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(kept);
    let said = Parameters::parse(body);
    match (said.get(PROOF_KEY), held.map(Held::named)) {
        (Some(said), Some(proved)) if said != proved => {
            return Ok(Err(AuthorizeRefusal::ProofByAnotherKey));
        }
        (None, Some(proved)) => {
            query.append_pair(PROOF_KEY, &proved);
        }
        _ => {}
    }
    let query = query.finish();
    let parameters = Parameters::parse(query.as_bytes());
    if parameters.get("request_uri").is_some() {
        return Ok(Err(AuthorizeRefusal::RequestUri));
    }
    let checked = AuthorizeRequest::check(&parameters, application, app.config.origin(), now);
    if let Err(Refused::OnPage(refusal) | Refused::ToClient(_, refusal)) = checked {
        return Ok(Err(refusal));
    }
    let pushed = Pushed {
        application: application.id,
        query,
        expires: now.plus(PUSHED_REQUEST),
    };
    let tenant = application.tenant;
    let sealed = app
        .seal
        .seal_json(Purpose::PushedRequest, tenant, &pushed, &app.random)?;
    Ok(Ok(format!("{URN}{sealed}")))
}

/// The parameters that count: those that were pushed, where the request refers to them; then nothing else of the address does
/// (section 4). An address of somebody else is left for the check to refuse.
pub fn open(
    app: &AppState,
    application: &Application,
    parameters: Parameters,
) -> Result<Parameters, AuthorizeRefusal> {
    let reference = parameters
        .get("request_uri")
        .and_then(|uri| uri.strip_prefix(URN));
    let Some(sealed) = reference else {
        return Ok(parameters);
    };
    if parameters.repeated() == Some("request_uri") {
        return Err(AuthorizeRefusal::RepeatedParameter);
    }
    let pushed: Pushed = app
        .seal
        .open_json(Purpose::PushedRequest, application.tenant, sealed)
        .map_err(|_| AuthorizeRefusal::PushedInvalid)?;
    if pushed.application != application.id || app.clock.now() >= pushed.expires {
        return Err(AuthorizeRefusal::PushedInvalid);
    }
    Ok(Parameters::parse(pushed.query.as_bytes()))
}
