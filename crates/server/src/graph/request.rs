//! One request: who asks, for what, with which parameters.

use std::sync::Arc;

use axum::http::{HeaderMap, Method, header};
use policy::model::{TenantId, User, UserId};
use policy::scopes::Granted;
use serde_json::Value;

use super::caller::{GraphCaller, Person};
use super::odata::{self, Collection, Options};
use super::refusal::GraphRefusal;
use super::{Version, values};
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::govern::Governor;

/// Everything a handler may look at. The scope has been checked; [`Request::governor`] carries the proof to the flow.
#[derive(Clone, Debug)]
pub struct Request {
    /// The server.
    pub app: AppState,
    /// Which interface.
    pub version: Version,
    /// The verb.
    pub method: Method,
    /// Address, program and correlation.
    pub caller: Caller,
    /// Who stands behind the token.
    pub by: Arc<GraphCaller>,
    /// That the scope permits the operation of the route.
    pub granted: Granted,
    /// The path as written, behind the version.
    pub path: String,
    /// What stands in the places of the route, in order.
    pub keys: Vec<(&'static str, String)>,
    /// Parameters of a function, from parentheses.
    pub parameters: Vec<(String, String)>,
    /// Query options, decoded, in order.
    pub query: Vec<(String, String)>,
    /// The query as sent.
    pub raw_query: String,
    /// Headers.
    pub headers: HeaderMap,
    /// The body as sent.
    pub body: Vec<u8>,
    /// The user whom the path names, where it names one.
    pub user: Option<Box<User>>,
    /// Whether that is the person who asks.
    pub own: bool,
}

impl Request {
    /// The tenant of the token.
    pub fn tenant(&self) -> TenantId {
        self.by.tenant()
    }

    /// Who acts, with what they were granted.
    pub fn governor(&self) -> Governor {
        self.by.governor(&self.caller, self.granted)
    }

    /// What stands at `{name}` of the route.
    pub fn key(&self, name: &str) -> &str {
        let mut keys = self.keys.iter();
        keys.find(|(held, _)| *held == name)
            .map_or("", |(_, value)| value)
    }

    /// An id that stands at `{name}`; nothing else is found there.
    pub fn id<T: std::str::FromStr>(&self, name: &str) -> Result<T, GraphRefusal> {
        self.key(name).parse().map_err(|_| GraphRefusal::NotFound)
    }

    /// The user whom the path names.
    pub fn user(&self) -> Result<&User, GraphRefusal> {
        self.user.as_deref().ok_or(GraphRefusal::NotFound)
    }

    /// Their id.
    pub fn user_id(&self) -> Result<UserId, GraphRefusal> {
        Ok(self.user()?.id)
    }

    /// The person behind the token, if the path names themselves.
    pub fn oneself(&self) -> Option<&Person> {
        self.by.person().filter(|_| self.own)
    }

    /// A parameter of a function: by name in parentheses (where it may point to the query: `=@p`), or as a query option, with or
    /// without `@`. All of these are sent by programs that exist.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let named = |(key, _): &&(String, String)| key.eq_ignore_ascii_case(name);
        let written = self.parameters.iter().find(named);
        match written.map(|(_, value)| value.as_str()) {
            Some(alias) if alias.starts_with('@') => self
                .option(alias)
                .or_else(|| self.option(alias.trim_start_matches('@'))),
            Some(value) => Some(value),
            None => self
                .option(name)
                .or_else(|| self.option(&format!("@{name}"))),
        }
    }

    /// A query option.
    pub fn option(&self, name: &str) -> Option<&str> {
        let mut all = self.query.iter();
        all.find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The JSON body.
    pub fn json(&self) -> Result<Value, GraphRefusal> {
        if self.headers.contains_key(header::CONTENT_ENCODING) {
            return Err(GraphRefusal::MediaType);
        }
        let kind = self.headers.get(header::CONTENT_TYPE);
        let kind = kind.map(|kind| kind.as_bytes().to_ascii_lowercase());
        let is_json =
            |kind: Vec<u8>| kind.starts_with(b"application/json") || kind.starts_with(b"text/json");
        if !kind.is_some_and(is_json) {
            return Err(GraphRefusal::MediaType);
        }
        serde_json::from_slice(&self.body)
            .map_err(|_| GraphRefusal::malformed("The body is not valid JSON."))
    }

    /// The members of the JSON body, without annotations.
    pub fn members(&self) -> Result<serde_json::Map<String, Value>, GraphRefusal> {
        values::object(&self.json()?)
    }

    /// The same where a body may be left out.
    pub fn members_if_any(&self) -> Result<serde_json::Map<String, Value>, GraphRefusal> {
        match self.body.is_empty() {
            true => Ok(serde_json::Map::new()),
            false => self.members(),
        }
    }

    /// Whether `Prefer` names this.
    pub fn prefers(&self, preference: &str) -> bool {
        let all = self.headers.get_all("prefer").iter();
        let mut all = all.filter_map(|value| value.to_str().ok());
        all.any(|line| {
            let mut each = line.split([',', ';']);
            each.any(|one| one.trim().eq_ignore_ascii_case(preference))
        })
    }

    /// Whether `If-Match` lets a change of the version `etag` pass (RFC 9110 section 13.1.1). Absent, or `*`, it does.
    pub fn if_match(&self, etag: &str) -> Result<(), GraphRefusal> {
        let Some(wanted) = self.headers.get(header::IF_MATCH) else {
            return Ok(());
        };
        let wanted = wanted.to_str().unwrap_or_default();
        let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        let fits = |one: &str| one.trim() == "*" || bare(one) == bare(etag);
        match wanted.split(',').any(fits) {
            true => Ok(()),
            false => Err(GraphRefusal::Precondition),
        }
    }

    /// What a change has to find: the version that was read, where `If-Match` names it.
    pub fn expected<T>(&self, etag: &str, read: T) -> Result<Option<T>, GraphRefusal> {
        self.if_match(etag)?;
        Ok(self.headers.contains_key(header::IF_MATCH).then_some(read))
    }

    /// An address of this interface.
    pub fn address(&self, path: &str) -> String {
        let origin = self.app.config.origin();
        format!("{origin}/{}/{path}", self.version.as_str())
    }

    /// What the query asks of `collection`.
    pub fn options(&self, collection: &Collection) -> Result<Options, GraphRefusal> {
        Ok(Options::of(&self.query, collection)?)
    }

    /// The address of this request with another place to go on from.
    pub fn next_link(&self, token: &str) -> String {
        let path = self.path.trim_matches('/');
        odata::next_link(&self.address(path), &self.raw_query, token)
    }
}
