//! Pages under `/security-info`: a person's own passkeys, other methods, sessions and recent sign-ins.
//!
//! Whatever is named in an address belongs to the signed-in person or does not exist.

mod application_remove;
mod export;
mod overview;
mod passkey_activate;
mod passkey_add;
mod passkey_delete;
mod passkey_name;
mod password;
mod sessions;
mod sheet;
mod sign_in_not_me;
mod totp;
mod totp_remove;

use axum::Router;
use axum::response::Redirect;
use axum::routing::{get, post};

use crate::app::AppState;

/// The routes of these pages.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/security-info", get(overview::show))
        .route("/security-info/passkeys/add", get(passkey_add::show))
        .route(
            "/security-info/passkeys/options",
            post(passkey_add::options),
        )
        .route("/security-info/passkeys", post(passkey_add::submit))
        .route(
            "/security-info/passkeys/{passkey}/activate",
            get(passkey_activate::show).post(passkey_activate::submit),
        )
        .route(
            "/security-info/passkeys/{passkey}/activate/options",
            post(passkey_activate::options),
        )
        .route(
            "/security-info/passkeys/{passkey}/name",
            get(passkey_name::show).post(passkey_name::submit),
        )
        .route(
            "/security-info/passkeys/{passkey}/delete",
            get(passkey_delete::show).post(passkey_delete::submit),
        )
        .route(
            "/security-info/password",
            get(password::show).post(password::submit),
        )
        .route("/security-info/totp", get(totp::show).post(totp::submit))
        .route(
            "/security-info/totp/remove",
            get(totp_remove::show).post(totp_remove::submit),
        )
        .route(
            "/security-info/sign-ins/{sign_in}/not-me",
            get(sign_in_not_me::show).post(sign_in_not_me::submit),
        )
        .route(
            "/security-info/applications/{application}/remove",
            post(application_remove::submit),
        )
        .route("/security-info/export", post(export::submit))
        .route("/security-info/sessions/{session}/end", post(sessions::end))
        .route(
            "/security-info/sign-out-everywhere",
            post(sessions::sign_out_everywhere),
        )
        .route("/.well-known/change-password", get(change_password))
}

/// Where password managers send a person who has to change a password (W3C Change Password URL).
async fn change_password() -> Redirect {
    // 302, because the address may move and the draft forbids nothing; 301 would be kept for ever.
    Redirect::to("/security-info/password")
}
