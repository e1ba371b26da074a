//! Pages about changes that wait for a second person: the list, one request, what becomes of it, and the setting.

mod approve;
mod deny;
mod list;
mod setting;
mod show;
mod withdraw;
mod words;

use axum::Router;
use axum::routing::{get, post};
use policy::model::ApprovalId;

use super::sheet::Sheet;
use crate::app::AppState;
use crate::pages::{Language, Place};
use crate::web::AdminSession;

/// The routes of these pages.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/admin/approvals", get(list::show))
        .route(
            "/admin/approvals/setting",
            get(setting::show).post(setting::submit),
        )
        .route("/admin/approvals/{approval}", get(show::show))
        .route("/admin/approvals/{approval}/approve", post(approve::submit))
        .route("/admin/approvals/{approval}/deny", post(deny::submit))
        .route(
            "/admin/approvals/{approval}/withdraw",
            post(withdraw::submit),
        )
}

const LIST: &str = "/admin/approvals";

fn path(id: ApprovalId) -> String {
    format!("{LIST}/{id}")
}

const fn sheet<'a>(app: &'a AppState, admin: &'a AdminSession, language: Language) -> Sheet<'a> {
    Sheet {
        app,
        admin,
        language,
        place: Place::Approvals,
    }
}
