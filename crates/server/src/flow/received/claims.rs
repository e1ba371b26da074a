//! What a security event token says (RFC 8417, SSF section 4): its event, and whom it is about.

use policy::model::UserId;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::jose::NumericDate;

/// Identifiers of one subject that are looked at.
const ALIASES: usize = 8;

/// The claims of a token. Those that are missing are as if they said nothing.
#[derive(Debug, Deserialize)]
pub struct Claims {
    #[serde(default)]
    pub(super) iss: String,
    #[serde(default)]
    pub(super) aud: Audience,
    #[serde(default)]
    pub(super) iat: Option<NumericDate>,
    #[serde(default)]
    pub(super) jti: String,
    #[serde(default)]
    sub_id: Option<Value>,
    #[serde(default)]
    events: Map<String, Value>,
}

/// One receiver, or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Default for Audience {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl Audience {
    pub fn names(&self, wanted: &[String]) -> bool {
        match self {
            Self::One(one) => wanted.contains(one),
            Self::Many(many) => many.iter().any(|one| wanted.contains(one)),
        }
    }
}

/// A person as they are found here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// By object id.
    Id(UserId),
    /// By user principal name.
    Principal(String),
}

impl Claims {
    /// The address of the event and what it says. SSF section 4.1.8 allows one; of several it would not be clear whom each is
    /// about.
    #[must_use]
    pub fn event(&self) -> Option<(&str, &Value)> {
        let mut events = self.events.iter();
        let (uri, payload) = events.next()?;
        events.next().is_none().then_some((uri.as_str(), payload))
    }

    /// Whom it is about (RFC 9493), under every name that could be somebody's here; `issuer` is ours. Drafts of the
    /// specification had the subject inside the event.
    #[must_use]
    pub fn people(&self, issuer: &str) -> Vec<Name> {
        let inside = || self.event().and_then(|(_, payload)| payload.get("subject"));
        let Some(subject) = self.sub_id.as_ref().or_else(inside) else {
            return Vec::new();
        };
        let subject = match format(subject) {
            "complex" => subject.get("user").unwrap_or(&Value::Null),
            _ => subject,
        };
        match (format(subject), subject.get("identifiers")) {
            ("aliases", Some(Value::Array(many))) => many
                .iter()
                .take(ALIASES)
                .filter_map(|one| name(one, issuer))
                .collect(),
            _ => name(subject, issuer).into_iter().collect(),
        }
    }
}

fn format(subject: &Value) -> &str {
    let format = subject.get("format").and_then(Value::as_str);
    format.unwrap_or_default()
}

fn name(subject: &Value, issuer: &str) -> Option<Name> {
    let text = |member: &str| subject.get(member).and_then(Value::as_str);
    match format(subject) {
        "email" => text("email").map(|one| Name::Principal(one.to_owned())),
        "opaque" => text("id")?.parse().ok().map(Name::Id),
        "iss_sub" if text("iss") == Some(issuer) => text("sub")?.parse().ok().map(Name::Id),
        _ => None,
    }
}
