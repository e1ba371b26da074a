//! How values are written.

use aws_lc_rs::digest::{SHA256, digest};
use policy::model::{Timestamp, UserId};
use serde_json::{Map, Value};

use super::refusal::GraphRefusal;
use crate::jose;

/// `2026-12-01T12:00:00Z`. A moment beyond the calendar is written as its end.
pub fn date(at: Timestamp) -> Value {
    let moment = jiff::Timestamp::from_microsecond(at.as_micros()).unwrap_or(jiff::Timestamp::MAX);
    Value::String(moment.to_string())
}

/// The same of a moment that may be absent.
pub fn date_or_null(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, date)
}

/// A moment as a program writes it.
pub fn moment(name: &'static str, text: &str) -> Result<Timestamp, GraphRefusal> {
    let read = text.parse::<jiff::Timestamp>();
    read.map(|moment| Timestamp::from_micros(moment.as_microsecond()))
        .map_err(|_| GraphRefusal::property(name, "is not a date and time in ISO 8601 with a zone"))
}

/// Members of ours that can be written. Other names with `@` in them are annotations, which clients send back unread.
const OURS: [&str; 3] = [
    super::policies::fido2::CROSS_DEVICE,
    policy::clients::FRONT_CHANNEL,
    policy::clients::BOUND_TOKENS,
];

/// The members of an object, without annotations (`@odata.type`, `x@odata.context`), which say nothing here.
pub fn object(value: &Value) -> Result<Map<String, Value>, GraphRefusal> {
    let Value::Object(members) = value else {
        return Err(GraphRefusal::malformed("The body is not a JSON object."));
    };
    let said = |name: &str| !name.contains('@') || OURS.contains(&name);
    let members = members.iter().filter(|(name, _)| said(name));
    Ok(members
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect())
}

/// The user in `{"@odata.id": "https://…/directoryObjects/{id}"}`; `users/{id}` is taken too.
pub fn reference(sent: &Value) -> Result<UserId, GraphRefusal> {
    let reference = sent.get("@odata.id").and_then(Value::as_str);
    let reference = reference.ok_or_else(|| GraphRefusal::property("@odata.id", "is missing"))?;
    let last = reference.trim_end_matches('/').rsplit('/').next();
    let last = last.unwrap_or_default();
    let key = last
        .split_once("('")
        .map_or(last, |(_, key)| key.trim_end_matches("')"));
    key.parse()
        .map_err(|_| GraphRefusal::property("@odata.id", "does not end with the id of a user"))
}

/// An entity tag of something that has no version of its own: what it is, hashed.
pub fn etag(value: &Value) -> String {
    let digest = digest(&SHA256, value.to_string().as_bytes());
    let short = digest.as_ref().get(..16).unwrap_or_default();
    format!("W/\"{}\"", jose::encode(short))
}

/// The members of a value that was written as an object.
pub fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// A member of type `T`; `None` where it is absent or null.
pub fn member<T: serde::de::DeserializeOwned>(
    members: &Map<String, Value>,
    name: &'static str,
) -> Result<Option<T>, GraphRefusal> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => T::deserialize(value)
            .map(Some)
            .map_err(|_| GraphRefusal::property(name, "has a value of the wrong type")),
    }
}

/// A member that has to be there.
pub fn required<T: serde::de::DeserializeOwned>(
    members: &Map<String, Value>,
    name: &'static str,
) -> Result<T, GraphRefusal> {
    member(members, name)?.ok_or_else(|| GraphRefusal::property(name, "is missing"))
}
