//! The one route table, grouped by who calls.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;

use tower_http::catch_panic::CatchPanicLayer;

use crate::app::AppState;
use crate::web::{Problem, browser, frame, guard};
use crate::{
    admin, authenticators, cable, graph, oidc, operations, pages, scim, security_info, signals,
    signin,
};

/// A body may have this many bytes unless a route says otherwise.
const BODY: usize = 64 * 1024;

/// Everything this server answers.
pub fn router(app: AppState) -> Router {
    // People with a browser: each answer may set the pre-session cookie.
    let people = Router::new()
        .merge(signin::routes())
        .merge(security_info::routes())
        .merge(admin::routes())
        .merge(oidc::browser_routes())
        .layer(from_fn_with_state(app.clone(), browser::layer));
    // Programs: OpenID Connect clients, resource servers, what manages people over Graph, other directories, receivers of
    // security events, both ends of hybrid transport.
    let programs = oidc::routes()
        .merge(graph::routes())
        .merge(scim::routes())
        .merge(signals::routes())
        .merge(cable::routes())
        .merge(authenticators::routes())
        .route("/.well-known/webauthn", get(operations::related_origins));
    // Operators and monitors.
    let operators = Router::new()
        .route("/healthz", get(operations::healthz))
        .route("/readyz", get(operations::readyz))
        .route("/metrics", get(operations::metrics));
    Router::new()
        .merge(people)
        .merge(programs)
        .merge(operators)
        .merge(pages::assets::routes())
        .fallback(async || Problem::not_found())
        .layer(DefaultBodyLimit::max(BODY))
        .layer(from_fn(guard::in_time))
        .layer(from_fn_with_state(app.clone(), guard::not_too_often))
        .layer(CatchPanicLayer::custom(guard::panicked))
        .layer(from_fn_with_state(app.clone(), frame::layer))
        .with_state(app)
}
