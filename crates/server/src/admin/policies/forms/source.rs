use policy::model::{Reaction, Reactions, ReceivedKind, SignalSource, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::reader::Reader;
use super::words::Words as _;
use super::{Draw, choices_of};
use crate::jose::VerifyingKey;
use crate::pages::Text;
use crate::pages::form::{Control, Field, Section};

const LONGEST_NAME: usize = 256;
const LONGEST_ISSUER: usize = 2_048;

pub fn blank(id: Uuid) -> SignalSource {
    SignalSource {
        id: id.into(),
        name: String::new(),
        created: Timestamp::from_micros(0),
        modified: Timestamp::from_micros(0),
        enabled: true,
        issuer: String::new(),
        keys: Vec::new(),
        reactions: Reactions::default(),
    }
}

/// Where it pushes to stands above the form once it is kept.
pub fn form(draw: Draw<'_>, one: &SignalSource, is_new: bool) -> Vec<Section> {
    let text = draw.text;
    let line = |value: &str, longest| Control::Text {
        value: value.to_owned(),
        longest,
    };
    let keys = match one.keys.is_empty() {
        true => String::new(),
        false => serde_json::to_string_pretty(&json!({"keys": one.keys})).unwrap_or_default(),
    };
    let name = line(&one.name, LONGEST_NAME);
    let issuer = line(&one.issuer, LONGEST_ISSUER);
    let on = Control::Tick { on: one.enabled };
    let what = vec![
        Field::new("name", text.say("column-name"), name),
        Field::new("enabled", text.say("source-enabled"), on),
        Field::new("issuer", text.say("source-issuer"), issuer)
            .hint(text.say("source-issuer-hint")),
        Field::new(
            "keys",
            text.say("source-keys"),
            Control::Lines { value: keys },
        )
        .hint(text.say("source-keys-hint")),
    ];
    let reactions = ReceivedKind::ALL.into_iter().map(|kind| {
        let choices = choices_of(text, Some(one.reactions.to(kind)));
        Field::new(
            kind.as_str(),
            text.say(event(kind)),
            Control::Select(choices),
        )
    });
    let address = format!("{}/{}", draw.desk.receives_at, one.id);
    let main = Section::new("main", text.say("policy-what"), what);
    vec![
        match is_new {
            true => main,
            false => main.hint(text.with("source-address", "address", address)),
        },
        Section::new(
            "reactions",
            text.say("source-reactions"),
            reactions.collect(),
        )
        .hint(text.say("source-reactions-hint")),
    ]
}

/// Whose events, whether they are taken, and how many of the keys are of a kind that is known here.
pub fn facts(text: Text, one: &SignalSource) -> Vec<String> {
    let state = if one.enabled {
        "policy-on"
    } else {
        "policy-off"
    };
    let usable = one.keys.iter().filter_map(VerifyingKey::from_jwk).count();
    vec![
        text.say(state).into_owned(),
        one.issuer.clone(),
        text.count("source-keys-count", usable).into_owned(),
    ]
}

pub fn read(reader: &mut Reader<'_>, one: &mut SignalSource) {
    one.name = reader.text("name");
    one.enabled = reader.tick("enabled");
    one.issuer = reader.text("issuer");
    one.keys = reader.keys("keys");
    for kind in ReceivedKind::ALL {
        let place = one.reactions.place(kind);
        *place = reader.one(kind.as_str(), Reaction::of, *place);
    }
}

/// The keys of a JWK set, or of a single key.
pub fn keys(text: &str) -> Option<Vec<Value>> {
    let document: Value = serde_json::from_str(text).ok()?;
    match document.get("keys") {
        Some(Value::Array(keys)) => Some(keys.clone()),
        Some(_) => None,
        None if document.is_object() => Some(vec![document]),
        None => None,
    }
}

const fn event(kind: ReceivedKind) -> &'static str {
    match kind {
        ReceivedKind::SessionRevoked => "source-session-revoked",
        ReceivedKind::CredentialChange => "source-credential-change",
        ReceivedKind::AssuranceDecreased => "source-assurance-decreased",
        ReceivedKind::DeviceNotCompliant => "source-device-not-compliant",
        ReceivedKind::RiskRaised => "source-risk-raised",
        ReceivedKind::CredentialCompromised => "source-credential-compromised",
        ReceivedKind::AccountDisabled => "source-account-disabled",
    }
}
