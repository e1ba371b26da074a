//! `fido2Methods/creationOptions`: what a passkey is made from, for a key that a program prepares.

use policy::model::Span;
use serde_json::Value;

use super::fido2::session;
use crate::flow::register::{self, Registrant};
use crate::graph::values::{date, members};
use crate::graph::{Answer, GraphRefusal, Request, Version};

const PARAMETER: &str = "challengeTimeoutInMinutes";
/// Minutes that a challenge lives unless more is asked.
const SHORTEST: i64 = 5;
const LONGEST: i64 = 43_200;

pub async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    let lifetime = lifetime(&request)?;
    let governor = request.governor();
    let registrant = match request.oneself() {
        Some(person) => Registrant::Program(&person.user, session(person)?),
        None => Registrant::Provisioner(request.user()?, &governor),
    };
    let (app, caller) = (&request.app, &request.caller);
    let ends = app.clock.now().plus(lifetime);
    let options = register::begin_by_program(app, caller, registrant, lifetime).await;
    let options = options.map_err(|refusal| GraphRefusal::flow(&refusal))?;
    let mut options = serde_json::to_value(&options)
        .map_err(|error| GraphRefusal::Internal(format!("creation options: {error}")))?;
    if request.version == Version::V1 {
        as_published(&mut options);
    }
    let mut view = members(Value::Object(serde_json::Map::new()));
    view.insert("challengeTimeoutDateTime".to_owned(), date(ends));
    view.insert("publicKey".to_owned(), options);
    let context = "microsoft.graph.webauthnCredentialCreationOptions";
    Ok(Answer::object(&request, context, view))
}

/// Without the members of WebAuthn that Microsoft's type of v1.0 does not have. `requireResidentKey` says the same as the one of them
/// that matters.
fn as_published(options: &mut Value) {
    if let Some(options) = options.as_object_mut() {
        options.remove("hints");
        options.remove("attestationFormats");
        let selection = options.get_mut("authenticatorSelection");
        if let Some(selection) = selection.and_then(Value::as_object_mut) {
            selection.remove("residentKey");
        }
    }
}

fn lifetime(request: &Request) -> Result<Span, GraphRefusal> {
    let Some(text) = request.parameter(PARAMETER) else {
        return Ok(Span::minutes(SHORTEST));
    };
    let minutes: Option<i64> = text.trim().parse().ok();
    let minutes = minutes.filter(|minutes| (SHORTEST..=LONGEST).contains(minutes));
    minutes.map(Span::minutes).ok_or_else(|| {
        GraphRefusal::property(PARAMETER, "has to be a whole number from 5 to 43200")
    })
}
