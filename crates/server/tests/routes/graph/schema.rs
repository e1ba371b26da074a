//! Microsoft's published types of v1.0, as far as answers have to keep to them.

use std::sync::LazyLock;

use serde_json::Value;

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let mut types: Value =
        serde_json::from_str(include_str!("../../graph_v1.schema.json")).unwrap();
    let others: Value =
        serde_json::from_str(include_str!("../../graph_v1_directory.schema.json")).unwrap();
    let all = types["$defs"].as_object_mut().unwrap();
    for (name, other) in others["$defs"].as_object().unwrap() {
        assert!(
            all.insert(name.clone(), other.clone()).is_none(),
            "{name} twice"
        );
    }
    types
});

/// Asserts that an object is one of this type, with no member that the type does not have.
#[track_caller]
pub fn valid(name: &str, value: &Value) {
    let mut faults = Vec::new();
    check(definition(name), value, name, &mut faults);
    assert!(faults.is_empty(), "{}\n{value:#}", faults.join("\n"));
}

/// The same of each element of a list.
#[track_caller]
pub fn all_valid(name: &str, list: &Value) {
    for one in list["value"].as_array().unwrap() {
        valid(name, one);
    }
}

fn definition(name: &str) -> &'static Value {
    let found = &SCHEMA["$defs"][name];
    assert!(found.is_object(), "no type {name}");
    found
}

fn check(schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        // What says its type is judged by that type, which may be a narrower one.
        let own = value["@odata.type"]
            .as_str()
            .and_then(|kind| kind.strip_prefix("#microsoft.graph."));
        let own = own.filter(|kind| SCHEMA["$defs"][*kind].is_object());
        let name = own.unwrap_or_else(|| name.trim_start_matches("#/$defs/"));
        return check(definition(name), value, at, faults);
    }
    if let Some(some) = schema["anyOf"].as_array() {
        let fits = |one: &Value| {
            let mut wrong = Vec::new();
            check(one, value, at, &mut wrong);
            wrong
        };
        let tried: Vec<_> = some.iter().map(fits).collect();
        if tried.iter().all(|wrong| !wrong.is_empty()) {
            faults.extend(tried.into_iter().next().unwrap());
        }
        return;
    }
    if !has_type(&schema["type"], value) {
        faults.push(format!(
            "{at} is {value}, and not of type {}",
            schema["type"]
        ));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        faults.push(format!("{at} is {value}, which is none of its words"));
    }
    if let (Some(pattern), Some(text)) = (schema["pattern"].as_str(), value.as_str()) {
        flags(pattern, text, at, faults);
    }
    if let (Some("date-time"), Some(text)) = (schema["format"].as_str(), value.as_str())
        && text.parse::<jiff::Timestamp>().is_err()
    {
        faults.push(format!("{at} is no moment: {text}"));
    }
    for (one, number) in value.as_array().into_iter().flatten().enumerate() {
        check(&schema["items"], number, &format!("{at}[{one}]"), faults);
    }
    members(schema, value, at, faults);
}

fn members(schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    let (Some(known), Some(members)) = (schema["properties"].as_object(), value.as_object()) else {
        return;
    };
    let said = schema["description"].as_str().unwrap_or_default();
    if said.contains("open type") {
        return;
    }
    // The file does not hold every narrower type; members of one that it does not hold are not known.
    let kind = value["@odata.type"].as_str().unwrap_or_default();
    let narrower = !kind.is_empty()
        && !SCHEMA["$defs"][kind.trim_start_matches("#microsoft.graph.")].is_object();
    for (name, value) in members.iter().filter(|(name, _)| !name.contains('@')) {
        match known.get(name) {
            Some(schema) => check(schema, value, &format!("{at}.{name}"), faults),
            None if narrower => {}
            None => faults.push(format!("{at} has no member {name}")),
        }
    }
}

/// `^(a|b)(, ?(a|b))*$`.
fn flags(pattern: &str, text: &str, at: &str, faults: &mut Vec<String>) {
    let words = pattern
        .trim_start_matches("^(")
        .split(')')
        .next()
        .unwrap_or_default();
    let words: Vec<_> = words.split('|').collect();
    if !pattern.contains("(, ?(") || text.split(',').all(|word| words.contains(&word.trim())) {
        return;
    }
    faults.push(format!("{at} is {text}, which are none of its flags"));
}

fn has_type(kind: &Value, value: &Value) -> bool {
    let is = |kind: &str| match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other}"),
    };
    match kind {
        Value::Null => true,
        Value::String(kind) => is(kind),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).any(is),
        other => panic!("{other}"),
    }
}
