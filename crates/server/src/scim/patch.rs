//! Changes in parts (RFC 7644 section 3.5.2), as they are sent: read from the body, and applied to a resource as it is shown.
//!
//! Entra writes them in ways of its own (`"op": "Add"`, `"active": "False"`, paths as names of members); all of those are read.

use serde_json::{Map, Value};

use super::filter::{Filter, Literal, Operator, Path};
use super::refusal::ScimRefusal;
use super::schema::{Attribute, Kind, Mutability, Schema, proper};

/// Operations of one request.
const MOST: usize = 1000;
/// Elements of a list, except for the members of a group.
const ELEMENTS: usize = 100;
const MESSAGE: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// What is done at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Put there besides what is there.
    Add,
    /// Put there instead of what is there.
    Replace,
    /// Taken away.
    Remove,
}

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// What is done.
    pub op: Op,
    /// Where.
    pub path: Path,
    /// With what.
    pub value: Option<Value>,
}

/// The operations of a body. One without a path is one for each member of its value.
///
/// # Errors
/// What cannot be read.
pub fn operations(body: Value, schema: &'static Schema) -> Result<Vec<Operation>, ScimRefusal> {
    let Value::Object(mut body) = body else {
        return Err(ScimRefusal::Syntax("The body is not a JSON object."));
    };
    if let Some(schemas) = member(&mut body, "schemas") {
        names(&schemas, MESSAGE)?;
    }
    let Some(Value::Array(sent)) = member(&mut body, "Operations") else {
        return Err(ScimRefusal::Syntax("'Operations' is not a list."));
    };
    let mut found = Vec::new();
    for one in sent {
        read(one, schema, &mut found)?;
        if found.len() > MOST {
            return Err(ScimRefusal::TooMany("operations"));
        }
    }
    Ok(found)
}

/// Whether `schemas` is a list that names this one.
///
/// # Errors
/// That it does not.
pub fn names(schemas: &Value, wanted: &str) -> Result<(), ScimRefusal> {
    let all = schemas.as_array().map(Vec::as_slice).unwrap_or_default();
    let is_it = |one: &Value| {
        one.as_str()
            .is_some_and(|one| one.eq_ignore_ascii_case(wanted))
    };
    match all.iter().any(is_it) {
        true => Ok(()),
        false => Err(ScimRefusal::Syntax(
            "'schemas' does not name the schema of this message.",
        )),
    }
}

fn read(
    one: Value,
    schema: &'static Schema,
    found: &mut Vec<Operation>,
) -> Result<(), ScimRefusal> {
    let Value::Object(mut one) = one else {
        return Err(ScimRefusal::Syntax("An operation is not a JSON object."));
    };
    let op = member(&mut one, "op");
    let op = match op
        .as_ref()
        .and_then(Value::as_str)
        .map(str::to_ascii_lowercase)
    {
        Some(op) if op == "add" => Op::Add,
        Some(op) if op == "replace" => Op::Replace,
        Some(op) if op == "remove" => Op::Remove,
        _ => {
            return Err(ScimRefusal::Syntax(
                "'op' is neither add nor replace nor remove.",
            ));
        }
    };
    let value = member(&mut one, "value").filter(|value| !value.is_null());
    let path = match member(&mut one, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(path)) => Some(path),
        Some(_) => return Err(ScimRefusal::Syntax("'path' is not a string.")),
    };
    if let Some(path) = path {
        let path = Path::parse(&path, schema).map_err(ScimRefusal::Path)?;
        found.push(Operation { op, path, value });
        return Ok(());
    }
    let members = match (op, value) {
        (Op::Remove, _) => return Err(ScimRefusal::NoTarget),
        (_, Some(Value::Object(members))) => members,
        _ => {
            return Err(ScimRefusal::Syntax(
                "An operation without a path takes an object as its value.",
            ));
        }
    };
    for (name, value) in members {
        // What a whole resource says of itself changes nothing.
        if ["schemas", "id", "meta"].contains(&name.as_str()) {
            continue;
        }
        let path = Path::parse(&name, schema).map_err(ScimRefusal::Path)?;
        let value = Some(value).filter(|value| !value.is_null());
        found.push(Operation { op, path, value });
    }
    Ok(())
}

/// A member of a message; case does not matter.
fn member(members: &mut Map<String, Value>, name: &str) -> Option<Value> {
    let key = members
        .keys()
        .find(|key| key.eq_ignore_ascii_case(name))?
        .clone();
    members.remove(&key)
}

impl Operation {
    /// Does it to a resource.
    ///
    /// # Errors
    /// A place that is not there, or that only we may change.
    pub fn apply(self, resource: &mut Map<String, Value>) -> Result<(), ScimRefusal> {
        let Path::Held {
            attribute,
            which,
            part,
        } = self.path
        else {
            return Ok(());
        };
        let is_ours = |held: &Attribute| held.mutability == Mutability::ReadOnly;
        if is_ours(attribute) {
            return Err(ScimRefusal::ReadOnly(attribute.name));
        }
        // Entra sends `name.formatted` along with its parts; as in PUT, what is made of others is left.
        if part.is_some_and(is_ours) {
            return Ok(());
        }
        let place = Place {
            attribute,
            which,
            part,
        };
        match (self.op, self.value) {
            // Without a value nothing is left there.
            (Op::Remove, value) => place.remove(resource, value),
            (Op::Replace, None) => place.remove(resource, None),
            (Op::Add, None) => Err(ScimRefusal::Value(attribute.name, "has no value to add")),
            (op, Some(value)) => place.put(resource, op, value),
        }
    }
}

struct Place {
    attribute: &'static Attribute,
    which: Option<Filter>,
    part: Option<&'static Attribute>,
}

impl Place {
    fn put(
        self,
        resource: &mut Map<String, Value>,
        op: Op,
        value: Value,
    ) -> Result<(), ScimRefusal> {
        let name = self.attribute.name;
        if !self.attribute.many {
            match (self.part, self.attribute.kind) {
                (Some(part), _) => {
                    in_object(resource, name, |members| {
                        members.insert(part.name.to_owned(), value);
                    });
                }
                (None, Kind::Complex(_)) => {
                    let Value::Object(sent) = proper(self.attribute, value) else {
                        return Err(ScimRefusal::Value(name, "is not an object"));
                    };
                    in_object(resource, name, |members| members.extend(sent));
                }
                (None, _) => {
                    resource.insert(name.to_owned(), value);
                }
            }
            return Ok(());
        }
        let mut elements = elements(resource, name);
        match (&self.which, self.part) {
            (None, None) => {
                if op == Op::Replace {
                    elements.clear();
                }
                for one in list(proper(self.attribute, value)) {
                    add(&mut elements, one);
                }
            }
            (which, part) => {
                let meant = |one: &Value| which.as_ref().is_none_or(|which| which.holds(one));
                if !elements.iter().any(meant) {
                    // To replace takes something that is there (section 3.5.2.3); to add makes it what the brackets say.
                    if op == Op::Replace && which.is_some() {
                        return Err(ScimRefusal::NoTarget);
                    }
                    elements.push(described(which.as_ref()));
                }
                let mut first = None;
                for (at, one) in elements
                    .iter_mut()
                    .enumerate()
                    .filter(|(_, one)| meant(one))
                {
                    set(self.attribute, one, part, value.clone())?;
                    first = first.or(Some(at));
                }
                if let Some(at) = first {
                    prefer(&mut elements, at);
                }
            }
        }
        if elements.len() > ELEMENTS {
            return Err(ScimRefusal::Value(name, "has too many elements"));
        }
        resource.insert(name.to_owned(), Value::Array(elements));
        Ok(())
    }

    fn remove(
        self,
        resource: &mut Map<String, Value>,
        value: Option<Value>,
    ) -> Result<(), ScimRefusal> {
        let name = self.attribute.name;
        // An account without a word on whether it can be used would be anything.
        if self.attribute.required || name == "active" {
            return Err(ScimRefusal::ReadOnly(name));
        }
        match (&self.which, self.part) {
            (None, None) if value.is_none() || !self.attribute.many => {
                resource.remove(name);
            }
            (None, Some(part)) if !self.attribute.many => {
                in_object(resource, name, |members| {
                    members.remove(part.name);
                });
            }
            (which, part) => {
                let gone = value.map(|value| list(proper(self.attribute, value)));
                let meant = |one: &Value| match (which, &gone) {
                    (Some(which), _) => which.holds(one),
                    (None, Some(gone)) => gone.iter().any(|other| same(one, other)),
                    (None, None) => true,
                };
                let mut elements = elements(resource, name);
                match part {
                    None => elements.retain(|one| !meant(one)),
                    Some(part) => {
                        let each = elements.iter_mut().filter(|one| meant(one));
                        for one in each.filter_map(Value::as_object_mut) {
                            one.remove(part.name);
                        }
                    }
                }
                resource.insert(name.to_owned(), Value::Array(elements));
            }
        }
        Ok(())
    }
}

/// Changes the object at a name; what stands there otherwise makes way.
fn in_object(
    resource: &mut Map<String, Value>,
    name: &str,
    change: impl FnOnce(&mut Map<String, Value>),
) {
    let mut members = match resource.remove(name) {
        Some(Value::Object(members)) => members,
        _ => Map::new(),
    };
    change(&mut members);
    resource.insert(name.to_owned(), Value::Object(members));
}

fn elements(resource: &mut Map<String, Value>, name: &str) -> Vec<Value> {
    resource.remove(name).map(list).unwrap_or_default()
}

/// A list, also of one that was sent without its brackets.
pub fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(elements) => elements,
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

/// Adds an element, or takes it for one that is there.
fn add(elements: &mut Vec<Value>, one: Value) {
    // Bounded by the check that follows, so that a long list does not take the square of its length.
    if elements.len() > ELEMENTS {
        return;
    }
    let at = match elements.iter().position(|held| same(held, &one)) {
        Some(at) => at,
        None => elements.len(),
    };
    match elements.get_mut(at) {
        Some(held) => *held = one,
        None => elements.push(one),
    }
    prefer(elements, at);
}

/// If the element at this place is the primary one, no other is (RFC 7643 section 2.4).
fn prefer(elements: &mut [Value], at: usize) {
    let is_primary = |one: &Value| {
        one.get("primary")
            .is_some_and(|one| truth(one) == Some(true))
    };
    if !elements.get(at).is_some_and(is_primary) {
        return;
    }
    let others = elements
        .iter_mut()
        .enumerate()
        .filter(|(each, _)| *each != at);
    for other in others.filter_map(|(_, one)| one.as_object_mut()) {
        other.remove("primary");
    }
}

/// Whether two elements are one: they have the same value.
fn same(one: &Value, other: &Value) -> bool {
    let value = |element: &Value| element.get("value").unwrap_or(element).clone();
    value(one) == value(other)
}

/// A new element of which these brackets are true.
fn described(which: Option<&Filter>) -> Value {
    let mut made = Map::new();
    let mut parts = which.into_iter().collect::<Vec<_>>();
    while let Some(part) = parts.pop() {
        match part {
            Filter::All(all) => parts.extend(all),
            Filter::Compare(field, Operator::Equal, literal) => {
                let value = match literal {
                    Literal::Null => continue,
                    Literal::Text(text) => Value::String(text.clone()),
                    Literal::Boolean(value) => Value::Bool(*value),
                };
                made.insert(field.attribute.name.to_owned(), value);
            }
            _ => {}
        }
    }
    Value::Object(made)
}

/// Puts a value into an element, or into a part of it.
fn set(
    attribute: &Attribute,
    element: &mut Value,
    part: Option<&Attribute>,
    value: Value,
) -> Result<(), ScimRefusal> {
    let wrong = ScimRefusal::Value(attribute.name, "is not a list of objects");
    let Value::Object(members) = element else {
        return Err(wrong);
    };
    match (part, proper(attribute, value)) {
        (Some(part), value) => {
            members.insert(part.name.to_owned(), value);
        }
        (None, Value::Object(sent)) => members.extend(sent),
        (None, _) => return Err(wrong),
    }
    Ok(())
}

/// `true` or `false`, also as Entra writes them: `"True"`, `"False"`.
pub fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
