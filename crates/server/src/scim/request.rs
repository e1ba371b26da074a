//! One request: which application asks, and with what.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts as _};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use policy::scopes::Operation;
use serde_json::{Map, Value};

use super::patch;
use super::refusal::ScimRefusal;
use super::schema::Schema;
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::govern::Governor;
use crate::graph::caller::GraphCaller;
use crate::graph::odata;
use crate::oidc::possession::Asking;

/// Query parameters of one request.
const PARAMETERS: usize = 32;
/// What a search request is called.
const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// What a handler may look at. The token has been checked; what it permits is asked with [`ScimRequest::may`].
#[derive(Debug)]
pub struct ScimRequest {
    /// The server.
    pub app: AppState,
    /// Address, program and correlation.
    pub caller: Caller,
    by: GraphCaller,
    headers: HeaderMap,
    query: Vec<(String, String)>,
    body: Bytes,
}

impl FromRequest<AppState> for ScimRequest {
    type Rejection = Response;

    async fn from_request(
        request: axum::extract::Request,
        app: &AppState,
    ) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let caller = Caller::from_request_parts(&mut parts, app)
            .await
            .map_err(IntoResponse::into_response)?;
        let by = application(app, &Asking::of(&parts))
            .await
            .map_err(IntoResponse::into_response)?;
        let query = odata::pairs(parts.uri.query().unwrap_or_default()).map_err(|_| {
            ScimRefusal::Syntax("The query is too long, or not percent-encoded UTF-8.")
                .into_response()
        })?;
        if query.len() > PARAMETERS {
            let refusal = ScimRefusal::Syntax("The query has too many parameters.");
            return Err(refusal.into_response());
        }
        let headers = parts.headers.clone();
        let request = axum::extract::Request::from_parts(parts, body);
        let body = Bytes::from_request(request, app)
            .await
            .map_err(|rejection| {
                match rejection.status() {
                    StatusCode::PAYLOAD_TOO_LARGE => ScimRefusal::TooLarge,
                    _ => ScimRefusal::Syntax("The body could not be read."),
                }
                .into_response()
            })?;
        Ok(Self {
            app: app.clone(),
            caller,
            by,
            headers,
            query,
            body,
        })
    }
}

/// The application behind the token. What a person may do is not asked: nobody synchronizes a directory by hand.
async fn application(app: &AppState, asking: &Asking<'_>) -> Result<GraphCaller, ScimRefusal> {
    let by = GraphCaller::of(app, asking).await?;
    match by.person() {
        None => Ok(by),
        Some(_) => Err(ScimRefusal::Person),
    }
}

impl ScimRequest {
    /// Who acts in an operation, if a permission of the application allows it.
    ///
    /// # Errors
    /// That none does.
    pub fn may(&self, operation: Operation) -> Result<Governor, ScimRefusal> {
        let granted = self.by.grant(operation)?;
        Ok(self.by.governor(&self.caller, granted))
    }

    /// Where this interface begins.
    pub fn base(&self) -> String {
        format!("{}{}", self.app.config.origin(), super::BASE)
    }

    /// A query parameter; case does not matter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut all = self.query.iter();
        all.find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The JSON body.
    ///
    /// # Errors
    /// That it is none.
    pub fn json(&self) -> Result<Value, ScimRefusal> {
        if self.headers.contains_key(header::CONTENT_ENCODING) {
            return Err(ScimRefusal::MediaType);
        }
        let kind = self.headers.get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let known = ["application/scim+json", "application/json"];
        if !known.iter().any(|known| kind.eq_ignore_ascii_case(known)) {
            return Err(ScimRefusal::MediaType);
        }
        serde_json::from_slice(&self.body)
            .map_err(|_| ScimRefusal::Syntax("The body is not valid JSON."))
    }

    /// The same request with what a search says in its body in the place of the query (RFC 7644 section 3.4.3).
    ///
    /// # Errors
    /// A body that is no search.
    pub fn searching(self) -> Result<Self, ScimRefusal> {
        let wrong = || ScimRefusal::Syntax("The body is not a search request.");
        let Value::Object(sent) = self.json()? else {
            return Err(wrong());
        };
        let mut query = Vec::new();
        for (name, value) in sent {
            let text = match value {
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                // Attributes are a list here and a text with commas in the query.
                Value::Array(names) => {
                    let names: Option<Vec<&str>> = names.iter().map(Value::as_str).collect();
                    names.ok_or_else(wrong)?.join(",")
                }
                Value::Null => continue,
                Value::Bool(_) | Value::Object(_) => return Err(wrong()),
            };
            if name.eq_ignore_ascii_case("schemas") {
                match text.eq_ignore_ascii_case(SEARCH) {
                    true => continue,
                    false => return Err(wrong()),
                }
            }
            query.push((name, text));
        }
        Ok(Self { query, ..self })
    }

    /// The body as a resource of this type, under the proper names of what is held.
    ///
    /// # Errors
    /// What cannot be read.
    pub fn resource(&self, schema: &'static Schema) -> Result<Map<String, Value>, ScimRefusal> {
        let Value::Object(sent) = self.json()? else {
            return Err(ScimRefusal::Syntax("The body is not a JSON object."));
        };
        let said = sent
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("schemas"));
        if let Some((_, said)) = said {
            patch::names(said, schema.id)?;
        }
        schema
            .members(sent)
            .ok_or(ScimRefusal::Syntax("An attribute is written twice."))
    }

    /// Whether `If-Match` lets a change of this version pass (RFC 9110 section 13.1.1). Absent, or `*`, it does.
    ///
    /// # Errors
    /// That it does not.
    pub fn if_match(&self, version: &str) -> Result<(), ScimRefusal> {
        match self.tags(&header::IF_MATCH, version) {
            None | Some(true) => Ok(()),
            Some(false) => Err(ScimRefusal::Precondition),
        }
    }

    /// Whether a change names the version that it is of.
    pub fn names_a_version(&self) -> bool {
        self.headers.contains_key(header::IF_MATCH)
    }

    /// Whether `If-None-Match` says that the client has this version already.
    pub fn has_already(&self, version: &str) -> bool {
        self.tags(&header::IF_NONE_MATCH, version) == Some(true)
    }

    /// Whether a list of entity tags has this one; nothing if there is no list.
    fn tags(&self, name: &HeaderName, version: &str) -> Option<bool> {
        let sent = self.headers.get(name)?.to_str().unwrap_or_default();
        let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        let fits = |one: &str| one.trim() == "*" || bare(one) == bare(version);
        Some(sent.split(',').any(fits))
    }
}
