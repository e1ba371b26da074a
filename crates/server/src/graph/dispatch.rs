//! From an HTTP request to an operation and back.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest as _, FromRequestParts as _, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use policy::model::{User, UserId};
use policy::scopes::Need;
use store::StoreError;

use super::batch;
use super::caller::GraphCaller;
use super::path::{self, Segment};
use super::refusal::Ids;
use super::{Answer, GraphRefusal, Request, Version};
use super::{odata, table};
use crate::app::AppState;
use crate::flow::Caller;
use crate::oidc::metadata;
use crate::oidc::possession::Asking;
use crate::web::Problem;

/// Query options of one request.
const OPTIONS: usize = 64;
/// No part of a batch is one.
const BATCH: &str = "$batch";

/// What is asked, before anybody knows by whom.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: Method,
    pub version: Version,
    /// Behind the version, as written.
    pub path: String,
    /// As written.
    pub query: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// Both versions, every verb.
pub async fn entry(
    State(app): State<AppState>,
    request: axum::extract::Request,
) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, &app).await?;
    let ids = Ids::new(
        caller.correlation,
        parts.headers.get("client-request-id"),
        app.clock.now(),
    );
    let (version, rest) =
        Version::of_path(parts.uri.path()).ok_or_else(|| Problem::internal("no version"))?;
    let call = Call {
        method: parts.method.clone(),
        version,
        path: rest.to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers.clone(),
        body: Vec::new(),
    };
    let address = parts.uri.path().to_owned();
    let body = Bytes::from_request(axum::extract::Request::from_parts(parts, body), &app).await;
    let done = match body {
        Ok(body) => {
            let body = body.to_vec();
            by_token(&app, &caller, &ids, &address, Call { body, ..call }).await
        }
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(GraphRefusal::TooLarge)
        }
        Err(_) => Err(GraphRefusal::malformed("The body could not be read.")),
    };
    let mut response = match done {
        Ok(answer) => answer.respond(),
        Err(refusal) => {
            log(&caller, &refusal);
            refusal.respond(&ids, &authority(&app))
        }
    };
    let headers = response.headers_mut();
    for (name, value) in [
        ("request-id", ids.request.to_string()),
        ("client-request-id", ids.client.clone()),
        ("cache-control", "no-store".to_owned()),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    Ok(response)
}

async fn by_token(
    app: &AppState,
    caller: &Caller,
    ids: &Ids,
    address: &str,
    call: Call,
) -> Result<Answer, GraphRefusal> {
    let asking = Asking {
        method: &call.method,
        path: address,
        headers: &call.headers,
    };
    let by = Arc::new(GraphCaller::of(app, &asking).await?);
    if call.path.trim_matches('/').eq_ignore_ascii_case(BATCH) {
        return match call.method {
            Method::POST => batch::run(app, caller, &by, ids, &call).await,
            _ => Err(GraphRefusal::Verb(vec![Method::POST])),
        };
    }
    run(app, caller, &by, call).await
}

/// Does one operation for somebody whose token was checked. A batch comes here again for each of its parts.
pub async fn run(
    app: &AppState,
    caller: &Caller,
    by: &Arc<GraphCaller>,
    call: Call,
) -> Result<Answer, GraphRefusal> {
    let query = odata::pairs(&call.query)?;
    if query.len() > OPTIONS {
        return Err(GraphRefusal::malformed(
            "The query has too many parameters.",
        ));
    }
    let segments = person_first(by, path::segments(&call.path)?)?;
    let found = table::find(call.version, &segments)?;
    let mut routes = found.routes.iter();
    let Some(route) = routes.find(|route| route.method.http() == call.method) else {
        let verbs = found.routes.iter().map(|route| route.method.http());
        return Err(GraphRefusal::Verb(verbs.collect()));
    };
    let named = found.keys.iter().find(|(name, _)| *name == "user");
    let (user, own) = match named {
        Some((_, name)) => whom(app, by, name).await?,
        None => (None, false),
    };
    let operation = match route.own {
        Some(operation) if own => operation,
        _ => route.operation,
    };
    let granted = by.grant(operation)?;
    // Who may comes before what exists and what is wrong with the request.
    if let Need::Task(task) = operation.need() {
        by.governor(caller, granted).may(task)?;
    }
    // Whether somebody exists is said to those only who may ask about people at all.
    let user = match (named, user) {
        (Some(_), None) => return Err(GraphRefusal::NotFound),
        (_, user) => user,
    };
    let request = Request {
        app: app.clone(),
        version: call.version,
        method: call.method,
        caller: caller.clone(),
        by: Arc::clone(by),
        granted,
        path: call.path,
        keys: found.keys,
        parameters: found.parameters,
        query,
        raw_query: call.query,
        headers: call.headers,
        body: call.body,
        user,
        own,
    };
    (route.handler)(request).await
}

/// `me/…` is `users/{oneself}/…`.
fn person_first(
    by: &GraphCaller,
    mut segments: Vec<Segment>,
) -> Result<Vec<Segment>, GraphRefusal> {
    if segments.first().is_some_and(|first| first.is("me")) {
        let person = by.person().ok_or(GraphRefusal::NobodyIsMe)?;
        let oneself = path::segments(&format!("users/{}", person.user.id))?;
        segments.splice(..1, oneself);
    }
    Ok(segments)
}

/// The user at `{user}`: by id, or by name. And whether it is the person who asks.
async fn whom(
    app: &AppState,
    by: &GraphCaller,
    name: &str,
) -> Result<(Option<Box<User>>, bool), GraphRefusal> {
    if let Some(person) = by.person()
        && (name.parse::<UserId>().is_ok_and(|id| id == person.user.id)
            || name.eq_ignore_ascii_case(&person.user.user_principal_name))
    {
        return Ok((Some(Box::new(person.user.clone())), true));
    }
    let (tenant, name) = (by.tenant(), name.to_owned());
    let found = app
        .store
        .read_point(move |tx| {
            Box::pin(async move {
                match name.parse() {
                    Ok(id) => store::users::find(tx, tenant, id).await,
                    Err(_) => store::users::find_by_name(tx, tenant, &name).await,
                }
            })
        })
        .await;
    let found: Option<User> = found.map_err(|error: StoreError| GraphRefusal::from(error))?;
    Ok((found.map(Box::new), false))
}

/// Where tokens can be had.
fn authority(app: &AppState) -> String {
    let tenant = app.tenants.default().id;
    let issuer = metadata::issuer(app.config.origin(), tenant);
    let base = issuer.trim_end_matches("/v2.0");
    format!("{base}/oauth2/v2.0/authorize")
}

fn log(caller: &Caller, refusal: &GraphRefusal) {
    let (correlation, code, why) = (caller.correlation, refusal.code(), refusal.internal());
    if refusal.status().is_server_error() {
        tracing::error!(%correlation, code, %why, "a request of Graph failed");
    } else {
        tracing::info!(%correlation, code, %why, "a request of Graph was refused");
    }
}
