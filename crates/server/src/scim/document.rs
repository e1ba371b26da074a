//! What stands in `/openapi.json` of this interface.

use serde_json::{Map, Value, json};

use super::BASE;

/// The name of the refusal among the components.
pub const REFUSAL: &str = "scimError";
const MEDIA_TYPE: &str = "application/scim+json";

/// Every operation, by path and verb.
pub fn paths() -> Map<String, Value> {
    let mut paths = Map::new();
    for (path, summary) in [
        ("ServiceProviderConfig", "What the server can do"),
        ("ResourceTypes", "List the kinds of resources"),
        ("ResourceTypes/{name}", "Get a kind of resources"),
        ("Schemas", "List the schemas"),
        ("Schemas/{id}", "Get a schema"),
    ] {
        add(&mut paths, path, vec![operation("get", path, summary)]);
    }
    for (kind, one, place) in [
        ("Users", "an account", "user"),
        ("Groups", "a group", "group"),
    ] {
        let path = format!("{kind}/{{{place}}}");
        let of = |verb: &'static str, what: &str| operation(verb, &path, &format!("{what} {one}"));
        let all = vec![
            operation(
                "get",
                kind,
                &format!("List or find {}", kind.to_lowercase()),
            ),
            operation("post", kind, &format!("Make {one}")),
        ];
        let each = vec![
            of("get", "Get"),
            of("put", "Replace"),
            of("patch", "Change"),
            of("delete", "Delete"),
        ];
        let search = format!("{kind}/.search");
        let found = format!("Find {} by a body", kind.to_lowercase());
        add(
            &mut paths,
            &search,
            vec![operation("post", &search, &found)],
        );
        add(&mut paths, kind, all);
        add(&mut paths, &path, each);
    }
    paths
}

/// What a refusal looks like (RFC 7644 section 3.12).
pub fn error() -> Value {
    let text = json!({"type": "string"});
    json!({
        "type": "object",
        "required": ["schemas", "status", "detail"],
        "properties": {
            "schemas": {"type": "array", "items": text},
            "status": text,
            "scimType": text,
            "detail": text,
        },
    })
}

/// A refusal as an answer.
pub fn refusal() -> Value {
    json!({
        "description": "A refusal",
        "content": {MEDIA_TYPE: {"schema": {"$ref": format!("#/components/schemas/{REFUSAL}")}}},
    })
}

fn add(paths: &mut Map<String, Value>, path: &str, operations: Vec<(&'static str, Value)>) {
    let operations = operations.into_iter();
    let operations: Map<_, _> = operations
        .map(|(verb, operation)| (verb.to_owned(), operation))
        .collect();
    paths.insert(format!("{BASE}/{path}"), Value::Object(operations));
}

fn operation(verb: &'static str, path: &str, summary: &str) -> (&'static str, Value) {
    let name = path.replace(['/', '{', '}'], "-");
    let mut described = Map::new();
    let mut say = |member: &str, value: Value| {
        described.insert(member.to_owned(), value);
    };
    say("summary", summary.into());
    say("operationId", format!("{verb}-scim-{name}").into());
    say("parameters", parameters(verb, path).into());
    say("responses", responses(verb, path));
    if path.starts_with("Users") || path.starts_with("Groups") {
        say("security", json!([{"token": []}]));
    }
    if matches!(verb, "post" | "put" | "patch") {
        let body = json!({"content": {MEDIA_TYPE: {"schema": {"type": "object"}}}});
        say("requestBody", body);
    }
    (verb, Value::Object(described))
}

fn parameters(verb: &str, path: &str) -> Vec<Value> {
    let one = |place: &str, name: &str, schema: Value| json!({"name": name, "in": place, "required": place == "path", "schema": schema});
    let text = || json!({"type": "string"});
    let mut all = Vec::new();
    let resources = path.starts_with("Users") || path.starts_with("Groups");
    match path
        .split_once('{')
        .map(|(_, name)| name.trim_end_matches('}'))
    {
        Some(name) => {
            all.push(one("path", name, json!({"type": "string", "minLength": 1})));
            if resources {
                let condition = match verb {
                    "get" => "If-None-Match",
                    _ => "If-Match",
                };
                all.push(one("header", condition, text()));
            }
        }
        None if verb == "get" && resources => {
            all.push(one("query", "filter", text()));
            for name in ["startIndex", "count"] {
                all.push(one("query", name, json!({"type": "integer"})));
            }
        }
        None => {}
    }
    if resources && verb != "delete" && !path.ends_with(".search") {
        for name in ["attributes", "excludedAttributes"] {
            all.push(one("query", name, text()));
        }
    }
    all
}

fn responses(verb: &str, path: &str) -> Value {
    let mut all = Map::new();
    let shown = json!({
        "description": "Done",
        "content": {MEDIA_TYPE: {"schema": {"type": "object"}}},
    });
    match verb {
        "post" if !path.ends_with(".search") => all.insert("201".to_owned(), shown),
        "delete" => all.insert("204".to_owned(), json!({"description": "Done"})),
        _ => all.insert("200".to_owned(), shown),
    };
    if verb == "get" && path.contains('{') {
        all.insert(
            "304".to_owned(),
            json!({"description": "The version at hand"}),
        );
    }
    for status in [400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 429, 503] {
        let refusal = json!({"$ref": format!("#/components/responses/{REFUSAL}")});
        all.insert(status.to_string(), refusal);
    }
    Value::Object(all)
}
