//! The frame around every request: a correlation id, the security headers, the drawn problem, the log line.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Response};
use policy::model::CorrelationId;

use super::headers;
use super::problem::{Problem, ProblemView};
use crate::app::AppState;
use crate::flow::answer::see_other;
use crate::pages::{Language, Text, problem_message, problem_page};
use crate::{graph, scim};

const CORRELATION: HeaderName = HeaderName::from_static("x-correlation-id");

/// The outermost layer. Nothing outside it answers a request.
pub async fn layer(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let correlation = CorrelationId::new(app.clock.now(), app.random.bytes());
    request.extensions_mut().insert(correlation);
    let seen = Seen::of(&request);
    let response = next.run(request).await;
    let mut response = draw(&app, correlation, &seen, response);
    if let Ok(value) = HeaderValue::from_str(&correlation.to_string()) {
        response.headers_mut().insert(CORRELATION, value);
    }
    // Clients retry at once when nobody says when.
    if matches!(
        response.status(),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    ) {
        response
            .headers_mut()
            .entry(header::RETRY_AFTER)
            .or_insert(HeaderValue::from_static("30"));
    }
    headers::add(&mut response, !app.config.is_local());
    metrics::counter!("keyward_http_responses_total", "status" => class(response.status()))
        .increment(1);
    response
}

/// What the drawing of a problem has to know of the request.
struct Seen {
    method: Method,
    path: String,
    wants_json: bool,
    language: Language,
}

impl Seen {
    fn of(request: &Request) -> Self {
        Self {
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            wants_json: wants_json(request.headers()),
            language: Language::of(request.headers()),
        }
    }

    /// Whether its clients read errors in the form of Graph.
    fn is_graph(&self) -> bool {
        graph::Version::of_path(&self.path).is_some()
    }

    /// Whether they read them in the form of SCIM.
    fn is_scim(&self) -> bool {
        scim::is_here(&self.path)
    }
}

fn draw(app: &AppState, correlation: CorrelationId, seen: &Seen, response: Response) -> Response {
    let decided = response.extensions().get::<Arc<Problem>>().cloned();
    let problem = match decided {
        Some(problem) => problem,
        // axum's own rejections are bare text; nobody but a developer could use them.
        None if is_bare_failure(&response) => Arc::new(Problem::rejected(response.status())),
        None => return response,
    };
    log(correlation, seen, &problem);
    let mut drawn = match &problem.leads_to {
        _ if seen.is_graph() => graph::refusal::of_problem(app, correlation, &problem),
        _ if seen.is_scim() => scim::refusal::of_problem(correlation, &problem),
        _ if seen.wants_json => as_json(&problem, seen.language, correlation),
        Some(path) => see_other(path),
        None => as_page(app, &problem, seen.language, correlation),
    };
    for (name, value) in response.headers() {
        if *name == header::SET_COOKIE || *name == header::ALLOW {
            drawn.headers_mut().append(name, value.clone());
        }
    }
    if let Some(seconds) = problem.retry_after {
        drawn
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    drawn
}

fn as_json(problem: &Problem, language: Language, correlation: CorrelationId) -> Response {
    let message = problem_message(Text(language), problem.said, &problem.message);
    let view = ProblemView {
        message: &message,
        ..problem.view(correlation)
    };
    (problem.status, axum::Json(view)).into_response()
}

fn as_page(
    app: &AppState,
    problem: &Problem,
    language: Language,
    correlation: CorrelationId,
) -> Response {
    let page = problem_page(app, language, &problem.view(correlation));
    (problem.status, Html(page)).into_response()
}

fn log(correlation: CorrelationId, seen: &Seen, problem: &Problem) {
    // The path without its query: a query may carry a sealed context or a code.
    if problem.status.is_server_error() {
        tracing::error!(%correlation, method = %seen.method, path = seen.path, code = problem.code, why = %problem.internal, "failed");
    } else {
        tracing::info!(%correlation, method = %seen.method, path = seen.path, code = problem.code, why = %problem.internal, "refused");
    }
}

fn is_bare_failure(response: &Response) -> bool {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return false;
    }
    let kind = response
        .headers()
        .get(header::CONTENT_TYPE)
        .map(HeaderValue::as_bytes);
    kind.is_none_or(|kind| kind.starts_with(b"text/plain"))
}

fn wants_json(headers: &HeaderMap) -> bool {
    let names_json = |name: HeaderName| {
        let value = headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        value.contains("application/json")
    };
    names_json(header::ACCEPT) || names_json(header::CONTENT_TYPE)
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        // A tunnel that begins is an answer, and no failure.
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}
