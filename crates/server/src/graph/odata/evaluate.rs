//! Whether an element of a small collection, as its JSON says, is one of those asked for.

use std::cmp::Ordering;

use serde_json::Value as Json;

use super::filter::{Expression, Function, Operator, Quantifier, Value, moment};

impl Expression {
    /// Whether it is true of `element`.
    pub fn holds(&self, element: &Json) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(element)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(element)),
            Self::Not(part) => !part.holds(element),
            Self::Compare(field, operator, value) => {
                compare(at(element, relative(field.path)), *operator, value)
            }
            Self::In(field, values) => {
                let found = at(element, relative(field.path));
                values
                    .iter()
                    .any(|value| compare(found, Operator::Equal, value))
            }
            Self::Call(function, field, text) => match at(element, relative(field.path)) {
                Json::String(found) => call(*function, &folded(found), &folded(text)),
                _ => false,
            },
            Self::Elements(path, quantifier, body) => {
                let none = Vec::new();
                let elements = at(element, path).as_array().unwrap_or(&none);
                let body = |one: &Json| body.as_ref().is_none_or(|body| body.holds(one));
                match quantifier {
                    Quantifier::Any => elements.iter().any(body),
                    Quantifier::All => elements.iter().all(body),
                }
            }
            Self::Holds(field) => at(element, relative(field.path)) == &Json::Bool(true),
        }
    }
}

/// A path as seen from the element: what stands before `[]` was left behind by the lambda.
fn relative(path: &str) -> &str {
    match path.split_once("[]") {
        Some((_, rest)) => rest.trim_start_matches('/'),
        None => path,
    }
}

/// The value at a path; the element itself for an empty one, null where there is nothing.
pub fn at<'v>(element: &'v Json, path: &str) -> &'v Json {
    let names = path.split('/').filter(|name| !name.is_empty());
    names.fold(element, |value, name| {
        value.get(name).unwrap_or(&Json::Null)
    })
}

fn compare(found: &Json, operator: Operator, value: &Value) -> bool {
    if operator == Operator::Has {
        return has(found, value);
    }
    let order = order(found, value);
    match operator {
        Operator::Equal => order == Some(Ordering::Equal),
        Operator::NotEqual => order != Some(Ordering::Equal),
        Operator::Greater => order == Some(Ordering::Greater),
        Operator::AtLeast => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        Operator::Less => order == Some(Ordering::Less),
        Operator::AtMost => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Operator::Has => false,
    }
}

/// Absent where the two cannot be compared: null is in no order with anything but itself.
fn order(found: &Json, value: &Value) -> Option<Ordering> {
    match (found, value) {
        (Json::Null, Value::Null) => Some(Ordering::Equal),
        (Json::String(found), Value::Text(value)) => Some(folded(found).cmp(&folded(value))),
        (Json::String(found), Value::Guid(value)) => Some(folded(found).cmp(&value.to_string())),
        (Json::String(found), Value::Moment(value)) => Some(moment(found)?.cmp(value)),
        (Json::Number(found), Value::Number(value)) => found.as_f64()?.partial_cmp(value),
        (Json::Bool(found), Value::Boolean(value)) => Some(found.cmp(value)),
        _ => None,
    }
}

fn has(found: &Json, value: &Value) -> bool {
    let (Json::String(found), Value::Text(value)) = (found, value) else {
        return false;
    };
    let words: Vec<String> = found.split(',').map(|word| folded(word.trim())).collect();
    value
        .split(',')
        .all(|word| words.contains(&folded(word.trim())))
}

fn call(function: Function, found: &str, text: &str) -> bool {
    match function {
        Function::StartsWith => found.starts_with(text),
        Function::EndsWith => found.ends_with(text),
        Function::Contains => found.contains(text),
    }
}

pub fn folded(text: &str) -> String {
    text.to_lowercase()
}
