//! Whether a filter is true of a resource as it is shown.

use std::cmp::Ordering;

use serde_json::Value;

use super::{Field, Filter, Literal, Operator};
use crate::scim::schema::{Attribute, Kind};

impl Filter {
    /// Whether it is true of a resource, or of an element of one.
    pub fn holds(&self, resource: &Value) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(resource)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(resource)),
            Self::Not(part) => !part.holds(resource),
            Self::Compare(field, operator, literal) => {
                compare(resource, *field, *operator, literal)
            }
            Self::Present(field) => values(resource, *field).into_iter().any(is_something),
            Self::Element(attribute, part) => {
                let elements = resource.get(attribute.name).map(each).unwrap_or_default();
                elements.into_iter().any(|element| part.holds(element))
            }
        }
    }
}

fn compare(resource: &Value, field: Field, operator: Operator, literal: &Literal) -> bool {
    let held = field.part.unwrap_or(field.attribute);
    let found: Vec<_> = values(resource, field)
        .into_iter()
        .filter(|value| is_something(value))
        .collect();
    let equal = |value: &&Value| order(held, value, literal) == Some(Ordering::Equal);
    match (operator, literal) {
        (Operator::Equal, Literal::Null) => found.is_empty(),
        (Operator::NotEqual, Literal::Null) => !found.is_empty(),
        (Operator::NotEqual, _) => !found.iter().any(equal),
        (Operator::Equal, _) => found.iter().any(equal),
        (Operator::Contains | Operator::StartsWith | Operator::EndsWith, Literal::Text(text)) => {
            let text = folded(held, text);
            found
                .iter()
                .filter_map(|value| value.as_str())
                .any(|value| {
                    let value = folded(held, value);
                    match operator {
                        Operator::Contains => value.contains(&text),
                        Operator::StartsWith => value.starts_with(&text),
                        _ => value.ends_with(&text),
                    }
                })
        }
        _ => found.iter().any(|value| {
            let Some(order) = order(held, value, literal) else {
                return false;
            };
            match operator {
                Operator::Greater => order.is_gt(),
                Operator::AtLeast => order.is_ge(),
                Operator::Less => order.is_lt(),
                Operator::AtMost => order.is_le(),
                _ => false,
            }
        }),
    }
}

/// How a value stands to one that was asked for; nothing if they cannot be compared.
fn order(held: &Attribute, value: &Value, literal: &Literal) -> Option<Ordering> {
    match (held.kind, value, literal) {
        (Kind::Moment, Value::String(value), Literal::Text(text)) => {
            Some(moment(value)?.cmp(&moment(text)?))
        }
        (_, Value::String(value), Literal::Text(text)) => {
            Some(folded(held, value).cmp(&folded(held, text)))
        }
        (_, Value::Bool(value), Literal::Boolean(wanted)) => Some(value.cmp(wanted)),
        _ => None,
    }
}

fn folded(held: &Attribute, text: &str) -> String {
    match held.case_exact || matches!(held.kind, Kind::Reference(_)) {
        true => text.to_owned(),
        false => text.to_lowercase(),
    }
}

/// The values at a field, each of a list by itself.
fn values(resource: &Value, field: Field) -> Vec<&Value> {
    let found = resource
        .get(field.attribute.name)
        .map(each)
        .unwrap_or_default();
    match field.part {
        Some(part) => found
            .into_iter()
            .filter_map(|value| value.get(part.name))
            .collect(),
        None => found,
    }
}

fn each(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(elements) => elements.iter().collect(),
        one => vec![one],
    }
}

fn is_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(members) => members.values().any(is_something),
        Value::Array(elements) => elements.iter().any(is_something),
        _ => true,
    }
}

/// A moment with its zone.
pub fn moment(text: &str) -> Option<jiff::Timestamp> {
    text.parse().ok()
}
