//! Pages under `/admin`: users, what they sign in with, policies, and the two logs.
//!
//! Every handler takes an [`AdminSession`](crate::web::AdminSession); which role may do what to whom is decided in the
//! flows, once for these pages and every other surface.

mod approvals;
mod audit;
mod campaign;
mod campaign_edit;
mod campaign_snoozes;
mod campaigns;
mod feedback;
mod forecast;
mod group;
mod group_delete;
mod group_new;
mod groups;
mod logs;
mod notices;
mod policies;
mod question;
mod receipt;
mod reports;
mod sheet;
mod sign_in;
mod sign_ins;
mod user;
mod user_disable;
mod user_enable;
mod user_explain;
mod user_export;
mod user_new;
mod user_pass;
mod user_passkey_release;
mod user_passkey_revoke;
mod user_password;
mod user_sessions_end;
mod user_snoozes;
mod users;
mod what_if;

use axum::Router;
use axum::response::Redirect;
use axum::routing::{get, post};

use crate::app::AppState;

/// The routes of these pages.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/admin", get(async || Redirect::to("/admin/users")))
        .route("/admin/users", get(users::show))
        .route(
            "/admin/users/new",
            get(user_new::show).post(user_new::submit),
        )
        .route("/admin/users/{user}", get(user::show))
        .route("/admin/users/{user}/enable", post(user_enable::submit))
        .route("/admin/users/{user}/explain", get(user_explain::show))
        .route("/admin/what-if", get(what_if::show))
        .route("/admin/reports", get(reports::show))
        .route("/admin/feedback", get(feedback::show))
        .route(
            "/admin/users/{user}/disable",
            get(user_disable::show).post(user_disable::submit),
        )
        .route(
            "/admin/users/{user}/pass",
            get(user_pass::show).post(user_pass::submit),
        )
        .route(
            "/admin/users/{user}/password",
            get(user_password::show).post(user_password::submit),
        )
        .route(
            "/admin/users/{user}/passkeys/{passkey}/release",
            get(user_passkey_release::show).post(user_passkey_release::submit),
        )
        .route(
            "/admin/users/{user}/passkeys/{passkey}/revoke",
            get(user_passkey_revoke::show).post(user_passkey_revoke::submit),
        )
        .route(
            "/admin/users/{user}/sign-out-everywhere",
            post(user_sessions_end::submit),
        )
        .route("/admin/users/{user}/export", post(user_export::submit))
        .route(
            "/admin/users/{user}/snoozes-reset",
            post(user_snoozes::submit),
        )
        .route("/admin/campaigns", get(campaigns::show))
        .route(
            "/admin/campaigns/new",
            get(campaign_edit::show_new).post(campaign_edit::submit_new),
        )
        .route(
            "/admin/campaigns/snoozes-reset",
            get(campaign_snoozes::show).post(campaign_snoozes::submit),
        )
        .route("/admin/campaigns/{campaign}", get(campaign::show))
        .route(
            "/admin/campaigns/{campaign}/edit",
            get(campaign_edit::show).post(campaign_edit::submit),
        )
        .route(
            "/admin/campaigns/{campaign}/delete",
            post(campaign_edit::delete),
        )
        .route("/admin/sign-ins/{record}", get(sign_in::show))
        .route("/admin/sign-ins", get(sign_ins::show))
        .route("/admin/audit", get(audit::show))
        .route("/admin/receipts/{correlation}", get(receipt::show))
        .route("/admin/notices", get(notices::show).post(notices::submit))
        .merge(policies::routes())
        .merge(approvals::routes())
        .route("/admin/groups", get(groups::show))
        .route(
            "/admin/groups/new",
            get(group_new::show).post(group_new::submit),
        )
        .route(
            "/admin/groups/{group}",
            get(group::show).post(group::submit),
        )
        .route("/admin/groups/{group}/members", post(group::add_member))
        .route(
            "/admin/groups/{group}/members/remove",
            post(group::remove_member),
        )
        .route(
            "/admin/groups/{group}/delete",
            get(group_delete::show).post(group_delete::submit),
        )
}
