//! SCIM 2.0 (RFC 7643, RFC 7644): the interface through which another directory keeps accounts and groups here.
//!
//! Refuses to do: anything for a person, anything that no permission of the application allows, anything that a flow would refuse
//! an administrator; set passwords; find more than it looks at.
//!
//! ```text
//! body ─► schema (names, kinds) ─► patch: applied to the resource as shown ─► read as for PUT ─► one flow ─► answer
//! filter ─► expression ─┬─► one account by name, id or external id
//!                       └─► accounts in portions, each asked
//! ```
//!
//! A change in parts is applied to the resource as it is shown and then read like a whole one, so that PATCH and PUT cannot
//! differ. Refusals become answers in [`refusal::of_problem`], called by the frame around every request.

mod answer;
mod discovery;
pub mod document;
pub mod filter;
mod groups;
mod paging;
pub mod patch;
mod person;
pub mod refusal;
mod request;
pub mod schema;
mod select;
mod users;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get, post};

use crate::app::AppState;

/// Where the interface begins.
pub const BASE: &str = "/scim/v2";
/// Bytes of a body. A group of thousands of members is some hundred KiB.
const BODY: usize = 1024 * 1024;

/// Routes that other directories call.
pub fn routes() -> Router<AppState> {
    let below = Router::new()
        .route("/ServiceProviderConfig", get(discovery::config))
        .route("/ResourceTypes", get(discovery::types))
        .route("/ResourceTypes/{name}", get(discovery::type_named))
        .route("/Schemas", get(discovery::schemas))
        .route("/Schemas/{id}", get(discovery::schema))
        .route("/Users", get(users::list).post(users::create))
        .route("/Users/.search", post(users::search))
        .route("/Groups/.search", post(groups::search))
        .route(
            "/Users/{id}",
            get(users::get)
                .put(users::replace)
                .patch(users::change)
                .delete(users::delete),
        )
        .route("/Groups", get(groups::list).post(groups::create))
        .route(
            "/Groups/{id}",
            get(groups::get)
                .put(groups::replace)
                .patch(groups::change)
                .delete(groups::delete),
        )
        .route("/Bulk", post(discovery::bulk))
        .route("/Me", any(discovery::me));
    Router::new()
        .nest(BASE, below)
        .layer(DefaultBodyLimit::max(BODY))
}

/// Whether an address belongs to this interface, and its refusals are written in its form.
pub fn is_here(path: &str) -> bool {
    path.strip_prefix("/scim")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
