//! `attributes` and `excludedAttributes` (RFC 7644 section 3.9).

use serde_json::{Map, Value};

use super::refusal::ScimRefusal;
use super::request::ScimRequest;
use super::schema::{Attribute, Schema};

/// Names in one request.
const MOST: usize = 64;
/// What is always there.
const ALWAYS: [&str; 2] = ["schemas", "id"];

type Names = Vec<(&'static Attribute, Option<&'static Attribute>)>;

/// Which attributes are answered with.
#[derive(Clone, Debug)]
pub enum Selection {
    /// All.
    All,
    /// These.
    Only(Names),
    /// All but these.
    Without(Names),
}

impl Selection {
    /// What a request wants. Names that are not held select nothing.
    ///
    /// # Errors
    /// That it wants both, or too much.
    pub fn of(request: &ScimRequest, schema: &'static Schema) -> Result<Self, ScimRefusal> {
        let asked = |name| request.parameter(name).filter(|value| !value.is_empty());
        match (asked("attributes"), asked("excludedAttributes")) {
            (None, None) => Ok(Self::All),
            (Some(only), None) => Ok(Self::Only(names(only, schema)?)),
            (None, Some(without)) => Ok(Self::Without(names(without, schema)?)),
            (Some(_), Some(_)) => Err(ScimRefusal::Value(
                "attributes",
                "cannot be given together with 'excludedAttributes'",
            )),
        }
    }

    /// Whether any of an attribute is answered with.
    pub fn shows(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.iter().any(|(one, _)| one.name == name),
            Self::Without(names) => !names
                .iter()
                .any(|(one, part)| one.name == name && part.is_none()),
        }
    }

    /// What is answered with of a resource.
    pub fn of_resource(&self, resource: &Value) -> Value {
        let Value::Object(members) = resource else {
            return resource.clone();
        };
        let shown = members.iter().filter_map(|(name, value)| {
            if ALWAYS.contains(&name.as_str()) {
                return Some((name.clone(), value.clone()));
            }
            self.of_value(name, value)
                .map(|value| (name.clone(), value))
        });
        Value::Object(shown.collect())
    }

    fn of_value(&self, name: &str, value: &Value) -> Option<Value> {
        let (names, keeps) = match self {
            Self::All => return Some(value.clone()),
            Self::Only(names) => (names, true),
            Self::Without(names) => (names, false),
        };
        let meant: Vec<_> = names.iter().filter(|(one, _)| one.name == name).collect();
        if meant.is_empty() || meant.iter().any(|(_, part)| part.is_none()) {
            return (meant.is_empty() != keeps).then(|| value.clone());
        }
        let parts: Vec<_> = meant.iter().filter_map(|(_, part)| *part).collect();
        Some(parted(value, &parts, keeps))
    }
}

/// An object, or each of a list, with these parts or without them.
fn parted(value: &Value, parts: &[&'static Attribute], keeps: bool) -> Value {
    match value {
        Value::Array(elements) => {
            let elements = elements.iter();
            Value::Array(elements.map(|one| parted(one, parts, keeps)).collect())
        }
        Value::Object(members) => {
            let named = |name: &str| parts.iter().any(|part| part.name == name);
            let shown = members.iter().filter(|(name, _)| named(name) == keeps);
            let shown: Map<_, _> = shown
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            Value::Object(shown)
        }
        other => other.clone(),
    }
}

fn names(list: &str, schema: &'static Schema) -> Result<Names, ScimRefusal> {
    let mut found = Vec::new();
    for (count, name) in list.split(',').enumerate() {
        if count == MOST {
            return Err(ScimRefusal::TooMany("attributes"));
        }
        let Some(bare) = schema.bare(name.trim()) else {
            continue;
        };
        let (name, part) = match bare.split_once('.') {
            Some((name, part)) => (name, Some(part)),
            None => (bare, None),
        };
        let Some(attribute) = schema.attribute(name) else {
            continue;
        };
        match part.map(|part| attribute.part(part)) {
            None => found.push((attribute, None)),
            Some(Some(part)) => found.push((attribute, Some(part))),
            Some(None) => {}
        }
    }
    Ok(found)
}
