//! `/openapi.json`: the document of the interfaces for programs that manage: Graph, made from the table of operations, and SCIM.

use std::sync::LazyLock;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

use super::Version;
use super::table::{Route, Verb, table};
use crate::scim::document as scim;

/// The document.
pub async fn show() -> Response {
    static DOCUMENT: LazyLock<String> = LazyLock::new(|| document().to_string());
    (
        [(header::CONTENT_TYPE, "application/json")],
        DOCUMENT.as_str(),
    )
        .into_response()
}

/// OpenAPI 3.1: every operation with its parameters, scopes and statuses.
pub fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for version in [Version::V1, Version::Beta] {
        for route in table().iter().filter(|route| route.versions.has(version)) {
            add(&mut paths, version, route.path, route);
            if let Some(rest) = route.path.strip_prefix("users/{user}")
                && route.own.is_some()
            {
                add(&mut paths, version, &format!("me{rest}"), route);
            }
        }
        let batch = json!({"post": {
            "summary": "Several requests in one",
            "operationId": format!("{}-batch", version.as_str()),
            "requestBody": body(),
            "responses": responses(StatusCode::OK),
            "security": [{"token": []}],
        }});
        paths.insert(format!("/{}/$batch", version.as_str()), batch);
    }
    paths.extend(scim::paths());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Keyward",
            "description": "The interfaces of Keyward for programs that manage it: Microsoft Graph and SCIM 2.0.",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "schemas": {"error": error(), scim::REFUSAL: scim::error()},
            "responses": {
                "error": {
                    "description": "A refusal",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/error"}}},
                },
                scim::REFUSAL: scim::refusal(),
            },
        },
    })
}

fn add(paths: &mut Map<String, Value>, version: Version, path: &str, route: &Route) {
    let address = format!("/{}/{path}", version.as_str());
    let entry = paths.entry(address.clone()).or_insert_with(|| json!({}));
    let verb = route.method.http().as_str().to_ascii_lowercase();
    let scopes: Vec<_> = route
        .operation
        .scopes()
        .iter()
        .map(|scope| scope.as_str())
        .collect();
    let names = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let places = names.map(|name| parameter("path", name, "string"));
    let parameters: Vec<_> = places.chain(options(route)).collect();
    let mut operation = json!({
        "summary": route.summary,
        "operationId": format!("{verb}{}", address.replace(['/', '{', '}', '$'], "-")),
        "parameters": parameters,
        "responses": of_route(route),
        "security": [{"token": []}],
        "x-scopes": scopes,
    });
    if matches!(route.method, Verb::Post | Verb::Patch | Verb::Put)
        && let Some(operation) = operation.as_object_mut()
    {
        operation.insert("requestBody".to_owned(), body());
    }
    if let Some(entry) = entry.as_object_mut() {
        entry.insert(verb, operation);
    }
}

/// Query options and headers. Which of the options a collection takes, and for what, its refusals say.
fn options(route: &Route) -> Vec<Value> {
    let of_lists = [
        ("$filter", "string"),
        ("$orderby", "string"),
        ("$search", "string"),
        ("$top", "integer"),
        ("$skip", "integer"),
        ("$count", "boolean"),
    ];
    let mut all = Vec::new();
    match route.method {
        Verb::Get => {
            let function = FUNCTIONS.iter().find(|(end, _)| route.path.ends_with(end));
            all.extend(function.map(|(_, name)| parameter("query", name, "string")));
            all.push(parameter("query", "$select", "string"));
            if route.is_list() {
                all.extend(of_lists.map(|(name, kind)| parameter("query", name, kind)));
            }
        }
        Verb::Patch | Verb::Put | Verb::Delete => {
            all.push(parameter("header", "If-Match", "string"));
        }
        Verb::Post => {}
    }
    all
}

/// Functions whose parameter may stand in the query.
const FUNCTIONS: [(&str, &str); 2] = [
    ("/creationOptions", "challengeTimeoutInMinutes"),
    ("/findByMethodMode", "authenticationMethodModes"),
];

fn parameter(place: &str, name: &str, kind: &str) -> Value {
    let schema = match place {
        "path" => json!({"type": kind, "minLength": 1}),
        _ => json!({"type": kind}),
    };
    json!({"name": name, "in": place, "required": place == "path", "schema": schema})
}

fn body() -> Value {
    json!({"content": {"application/json": {"schema": {"type": "object"}}}})
}

fn responses(success: StatusCode) -> Value {
    let mut all = Map::new();
    let good = match success {
        StatusCode::NO_CONTENT => json!({"description": "Done"}),
        _ => json!({
            "description": "Done",
            "content": {"application/json": {"schema": {"type": "object"}}},
        }),
    };
    all.insert(success.as_u16().to_string(), good);
    for status in [400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 429, 503] {
        let refusal = json!({"$ref": "#/components/responses/error"});
        all.insert(status.to_string(), refusal);
    }
    Value::Object(all)
}

/// Besides: what may wait for a second person is accepted then, and not done.
fn of_route(route: &Route) -> Value {
    let mut all = responses(route.success);
    if route.method != Verb::Get
        && route.operation.may_wait()
        && let Some(all) = all.as_object_mut()
    {
        let waits = json!({
            "description": "Waits for a second person",
            "content": {"application/json": {"schema": {"type": "object"}}},
        });
        all.insert(StatusCode::ACCEPTED.as_u16().to_string(), waits);
    }
    all
}

fn error() -> Value {
    let text = json!({"type": "string"});
    json!({
        "type": "object",
        "required": ["error"],
        "properties": {"error": {
            "type": "object",
            "required": ["code", "message", "innerError"],
            "properties": {
                "code": text,
                "message": text,
                "innerError": {
                    "type": "object",
                    "required": ["date", "request-id", "client-request-id"],
                    "properties": {
                        "code": text,
                        "date": text,
                        "request-id": text,
                        "client-request-id": text,
                    },
                },
            },
        }},
    })
}
