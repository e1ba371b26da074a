//! Pages about policies: what is decided, forms to change it, and a look at the effects before anything is saved.
//!
//! ```text
//!   list ──▶ form ──post──▶ what it would do ──post──▶ saved
//!             ▲                    │
//!             └──── change it ─────┘
//! ```
//! Between the two posts the document travels with the page, together with the version it was read at. Nothing is kept
//! half-done on the server.

mod edit;
mod forms;
mod list;
mod overview;
mod passkeys;
mod radius;
mod save;
mod templates;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::app::AppState;
use crate::pages::{Language, Place, Text};
use crate::web::AdminSession;

use super::sheet::Sheet;

pub(super) use forms::{Words, choices_of, mode_word, type_word};
pub(super) use overview::title;

/// A posted document: a megabyte of JSON, which forms write with up to three letters for one.
const BODY: usize = 4 * 1024 * 1024;

/// The routes of these pages.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/admin/policies", get(overview::show))
        .route("/admin/policies/save", post(save::submit))
        .route("/admin/policies/passkeys", get(passkeys::show))
        .route(
            "/admin/policies/templates",
            get(templates::show).post(templates::import),
        )
        .route("/admin/policies/templates/export", get(templates::export))
        .route(
            "/admin/policies/{section}",
            get(list::show).post(edit::submit_only),
        )
        .route(
            "/admin/policies/{section}/{item}",
            get(edit::show).post(edit::submit),
        )
        .layer(DefaultBodyLimit::max(BODY))
}

const fn sheet<'a>(app: &'a AppState, admin: &'a AdminSession, language: Language) -> Sheet<'a> {
    Sheet {
        app,
        admin,
        language,
        place: Place::Policies,
    }
}

/// What an administrator is told about a rule.
pub(super) fn rule_message(text: Text, rule: policy::validate::Rule) -> String {
    let id = format!("refusal-{}", rule.code().replace('_', "-"));
    if text.has(&id) {
        text.with(&id, "limit", rule.limit()).into_owned()
    } else {
        rule.sentence()
    }
}
