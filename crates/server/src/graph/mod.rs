//! Microsoft Graph: the interface that existing programs manage people, groups, methods and policies with.
//!
//! Refuses to do: anything without a token of ours, anything a scope does not name, anything a flow would refuse an administrator.
//!
//! ```text
//! /v1.0/…  /beta/…  ──► path (segments) ──► table (which operation) ──► caller (token, scope) ──► handler: one flow ──► answer
//! ```
//!
//! One [`table`](table::table) lists every operation with its scope. What is not in it does not exist, and nothing in it is reached
//! without the scope: the dispatcher asks for it before the handler runs, and hands the proof on to the flow, which asks for the
//! role besides. Paths are compared without regard to case, and keys may stand in parentheses, as in OData.

pub mod answer;
mod applications;
mod batch;
pub mod caller;
mod dispatch;
pub mod document;
mod groups;
mod keyward;
mod listing;
mod logs;
mod methods;
pub mod odata;
mod organization;
pub mod path;
mod permissions;
pub(crate) mod policies;
pub mod refusal;
mod reports;
pub mod request;
mod roles;
pub mod table;
mod users;
pub mod values;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn;
use axum::routing::{any, get};

pub use answer::Answer;
pub use refusal::GraphRefusal;
pub use request::Request;

use crate::app::AppState;
use crate::oidc::cors;

/// Bytes of a body. A registration with post-quantum keys and certificates takes some 30 KiB; a batch has up to 20 of them.
pub const BODY: usize = 1024 * 1024;

/// Which of the two interfaces was asked. They share operations and differ in members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `/v1.0`
    V1,
    /// `/beta`
    Beta,
}

impl Version {
    /// As it stands in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }

    /// The version whose addresses begin like this path, and what comes behind it.
    pub fn of_path(path: &str) -> Option<(Self, &str)> {
        let rest = path.strip_prefix('/')?;
        let (first, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let all = [Self::V1, Self::Beta];
        let version = all
            .into_iter()
            .find(|one| one.as_str().eq_ignore_ascii_case(first))?;
        Some((version, rest))
    }
}

/// Routes of both versions, for pages of any origin too.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/openapi.json", get(document::show))
        .route("/v1.0", any(dispatch::entry))
        .route("/v1.0/", any(dispatch::entry))
        .route("/v1.0/{*path}", any(dispatch::entry))
        .route("/beta", any(dispatch::entry))
        .route("/beta/", any(dispatch::entry))
        .route("/beta/{*path}", any(dispatch::entry))
        .layer(DefaultBodyLimit::max(BODY))
        .layer(from_fn(cors::layer))
}
