//! `POST $batch`: up to twenty requests in one, done one after the other under one token. Each is asked for its own scope.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use super::caller::GraphCaller;
use super::dispatch::{self, Call};
use super::refusal::Ids;
use super::{Answer, GraphRefusal, Version};
use crate::app::AppState;
use crate::flow::Caller;

/// Requests in a batch.
const MOST: usize = 20;
/// Headers of a part.
const HEADERS: usize = 20;

#[derive(Deserialize)]
struct Batch {
    requests: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    id: String,
    method: String,
    url: String,
    #[serde(default)]
    headers: Option<BTreeMap<String, String>>,
    #[serde(default)]
    body: Option<Value>,
    /// One library writes `depends_on`.
    #[serde(default, rename = "dependsOn", alias = "depends_on")]
    depends_on: Option<Vec<String>>,
}

/// Does a batch that was posted in `call`.
pub async fn run(
    app: &AppState,
    caller: &Caller,
    by: &Arc<GraphCaller>,
    ids: &Ids,
    call: &Call,
) -> Result<Answer, GraphRefusal> {
    let batch: Batch = serde_json::from_slice(&call.body)
        .map_err(|_| GraphRefusal::malformed("The body is no batch of requests."))?;
    if batch.requests.is_empty() || batch.requests.len() > MOST {
        return Err(GraphRefusal::property(
            "requests",
            "has to hold from 1 to 20 requests",
        ));
    }
    let mut done: BTreeMap<String, StatusCode> = BTreeMap::new();
    let mut responses = Vec::new();
    for part in batch.requests {
        if part.id.is_empty() || part.id.len() > 100 || done.contains_key(&part.id) {
            return Err(GraphRefusal::property("id", "is missing or not unique"));
        }
        let before = part.depends_on.clone().unwrap_or_default();
        let failed = before
            .iter()
            .any(|id| !done.get(id).is_some_and(StatusCode::is_success));
        let id = part.id.clone();
        let answer = match failed {
            true => Err(GraphRefusal::Flow {
                status: StatusCode::FAILED_DEPENDENCY,
                code: "dependency_failed",
                message: "A request that this one depends on failed.".to_owned(),
                internal: String::new(),
                retry_after: None,
            }),
            false => match part.call(call.version) {
                Ok(call) => dispatch::run(app, caller, by, call).await,
                Err(refusal) => Err(refusal),
            },
        };
        let (status, response) = written(&id, answer, ids);
        done.insert(id, status);
        responses.push(response);
    }
    Ok(Answer::plain(json!({ "responses": responses })))
}

impl Part {
    fn call(self, version: Version) -> Result<Call, GraphRefusal> {
        let method = Method::from_bytes(self.method.to_ascii_uppercase().as_bytes())
            .map_err(|_| GraphRefusal::property("method", "is no verb"))?;
        let (version, path, query) = target(&self.url, version)?;
        let body = match &self.body {
            None | Some(Value::Null) => Vec::new(),
            Some(body) => body.to_string().into_bytes(),
        };
        let mut headers = headers(self.headers.unwrap_or_default())?;
        if !body.is_empty() {
            headers
                .entry(header::CONTENT_TYPE)
                .or_insert(HeaderValue::from_static("application/json"));
        }
        Ok(Call {
            method,
            version,
            path,
            query,
            headers,
            body,
        })
    }
}

/// Version, path and query of an address that is whole, or begins with a slash, or with neither.
fn target(url: &str, version: Version) -> Result<(Version, String, String), GraphRefusal> {
    let wrong = || GraphRefusal::property("url", "is no address of this interface");
    let rest = match url.contains("://") {
        true => {
            let url = Url::parse(url).map_err(|_| wrong())?;
            let query = url.query().map(|query| format!("?{query}"));
            format!("{}{}", url.path(), query.unwrap_or_default())
        }
        false => format!("/{}", url.trim_start_matches('/')),
    };
    let (path, query) = rest.split_once('?').unwrap_or((&rest, ""));
    let (version, path) = Version::of_path(path).unwrap_or((version, path.trim_start_matches('/')));
    Ok((version, path.to_owned(), query.to_owned()))
}

fn headers(sent: BTreeMap<String, String>) -> Result<HeaderMap, GraphRefusal> {
    let wrong = || GraphRefusal::property("headers", "holds something that is no header");
    if sent.len() > HEADERS {
        return Err(wrong());
    }
    let mut headers = HeaderMap::new();
    for (name, value) in sent {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
        let value = HeaderValue::from_str(&value).map_err(|_| wrong())?;
        headers.insert(name, value);
    }
    Ok(headers)
}

fn written(
    id: &str,
    answer: Result<Answer, GraphRefusal>,
    ids: &Ids,
) -> (StatusCode, Map<String, Value>) {
    let (status, headers, body) = match answer {
        Ok(answer) => answer.into_parts(),
        Err(refusal) => {
            let place = refusal.location().map(|place| (header::LOCATION, place));
            let headers = place.into_iter().collect();
            (refusal.status(), headers, Some(refusal.body(ids)))
        }
    };
    let mut written = Map::new();
    written.insert("id".to_owned(), id.into());
    written.insert("status".to_owned(), status.as_u16().into());
    let mut all = Map::new();
    if body.is_some() {
        all.insert("Content-Type".to_owned(), "application/json".into());
    }
    for (name, value) in headers {
        all.insert(name.to_string(), value.into());
    }
    written.insert("headers".to_owned(), Value::Object(all));
    if let Some(body) = body {
        written.insert("body".to_owned(), body);
    }
    (status, written)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    #[test]
    fn addresses_come_whole_with_a_slash_and_without() {
        for (url, version) in [
            ("https://localhost:8443/v1.0/users?$top=1", Version::V1),
            ("/users?$top=1", Version::Beta),
            ("users?$top=1", Version::Beta),
            ("/v1.0/users?$top=1", Version::V1),
        ] {
            let (found, path, query) = target(url, Version::Beta).unwrap();
            assert_eq!(found, version, "{url}");
            assert_eq!(path.trim_start_matches('/'), "users", "{url}");
            assert_eq!(query, "$top=1", "{url}");
        }
    }
}
