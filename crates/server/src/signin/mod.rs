//! Pages under `/signin`: identifier first, the proofs, the interrupts, and signing out.
//!
//! Every page carries the sealed context (`ctx`) in its links and hidden fields; it alone says where the sign-in leads.
//! What a form got wrong is said on the form itself, everything else on a problem page.

mod consent;
mod first;
mod form;
mod identifier;
mod new_password;
mod not_me;
mod nudge;
mod page;
mod pass;
mod passkey;
mod password;
mod proceed;
mod register;
mod resume;
mod sign_out;
mod step_up;
mod totp;
mod upgrade;

use axum::Router;
use axum::routing::{get, post};

use crate::app::AppState;
pub(crate) use form::Form;

/// The routes of these pages.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/", get(page::root))
        .route("/signin", get(page::show))
        .route("/signin/identifier", post(identifier::submit))
        .route("/signin/passkey/options", post(passkey::options))
        .route("/signin/passkey", post(passkey::submit))
        .route("/signin/password", post(password::submit))
        .route(
            "/signin/new-password",
            get(new_password::show).post(new_password::submit),
        )
        .route("/signin/not-me", get(not_me::show).post(not_me::submit))
        .route("/signin/totp", get(totp::show).post(totp::submit))
        .route("/signin/pass", post(pass::submit))
        .route(
            "/signin/register",
            get(register::show).post(register::submit),
        )
        .route("/signin/register/options", post(register::options))
        .route("/signin/register/name", post(register::name))
        .route("/signin/nudge", get(nudge::show))
        .route("/signin/nudge/skip", post(nudge::put_off))
        .route("/signin/nudge/sign-in", post(nudge::sign_in))
        .route("/signin/nudge/after-error", post(nudge::after_error))
        .route("/signin/step-up", get(step_up::show))
        .route("/signin/continue", get(proceed::show))
        .route("/signin/consent", get(consent::show).post(consent::submit))
        .route("/signin/resume", get(resume::show))
        .route("/signin/upgrade", get(upgrade::show).post(upgrade::submit))
        .route("/signin/upgrade/options", post(upgrade::options))
        .route("/signout", post(sign_out::submit))
        .route("/signed-out", get(sign_out::show))
}
